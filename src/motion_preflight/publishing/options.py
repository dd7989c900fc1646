"""How files are published, as the caller and the settings want it."""

from __future__ import annotations

import datetime as dt
from typing import Literal, Self

from motion_preflight.errors import SettingsInvalid
from motion_preflight.media.options import TIMEOUT
from motion_preflight.publishing.destination import parse_destination
from motion_preflight.publishing.opening import open_store
from motion_preflight.publishing.store import Store
from motion_preflight.settings import Settings
from motion_preflight.text.lazy_dataclass import dataclass, replace
from motion_preflight.text.option_values import (
    ensure_choice,
    ensure_flag,
    ensure_seconds,
    ensure_text,
    ensure_timedelta,
)

LIFE, LONGEST_LIFE = dt.timedelta(hours=24), dt.timedelta(days=7)  # of a link
_COMMAND = "command"  # the destination that the settings describe by publish_command
_NOWHERE = (
    "no destination: name one (s3://BUCKET/PREFIX, gs://…, az://…, rclone:REMOTE:PATH), "
    "or set `publish` in config.toml"
)


@dataclass(frozen=True, slots=True)
class PublishOptions:
    """How files are published.

    to             the destination; `None`: the setting's
    expires        how long a link shall last; at most 7 days, the longest that S3 signs
    orientation    `character_orientation` that a clip must pass for; `None`: at least one of them
    accept_unsure  publish what the check is unsure about, too
    public         the destination can be read by everybody: links carry no signature
    public_url     where its files are served from, for links without a signature; `None`: the
                   store's own address
    timeout        seconds to connect, and of any silence, when media are measured and links proved
    allow_private  prove links of private networks, too
    """

    to: str | None = None
    expires: dt.timedelta = LIFE
    orientation: Literal["image", "video"] | None = None
    accept_unsure: bool = False
    public: bool = False
    public_url: str | None = None
    timeout: float = TIMEOUT
    allow_private: bool = False

    def __post_init__(self) -> None:
        """Raises `ValueError` for a life that no link can have, and with `TypeError` for values
        that cannot be meant: `public="no"` would count as true.
        """
        for name in ("to", "public_url"):
            ensure_text(name, getattr(self, name))
        for name in ("accept_unsure", "public", "allow_private"):
            ensure_flag(name, getattr(self, name))
        ensure_choice("orientation", self.orientation, ("image", "video"))
        ensure_seconds("timeout", self.timeout)
        ensure_timedelta("expires", self.expires)
        if not dt.timedelta(0) < self.expires <= LONGEST_LIFE:
            raise ValueError("expires must be above 0 and at most 7 days")

    def with_settings(self, settings: Settings) -> Self:
        """The options with what the settings say where the caller said nothing. Raises
        `SettingsInvalid` when there is no destination.
        """
        to = destination_of(self.to, settings)
        if to is None:
            raise SettingsInvalid(_NOWHERE)
        # A setting speaks of the destination that stands beside it, and of no other.
        is_set = to.rstrip("/") in {(settings.publish or "").rstrip("/"), _COMMAND}
        return replace(
            self,
            to=to,
            public=self.public or (is_set and settings.publish_public),
            public_url=self.public_url or (settings.publish_url if is_set else None),
        )


def destination_of(to: str | None, settings: Settings) -> str | None:
    """The destination of a call: what it names, else the setting; `None` where there is none."""
    return to or settings.publish or (_COMMAND if settings.publish_command else None)


def store_of(options: PublishOptions, settings: Settings) -> Store:
    """The store of options that have their settings. It contacts nobody yet. Raises
    `DestinationInvalid`, `CredentialsMissing` and `StoreProgramMissing`.
    """
    return open_store(
        parse_destination(str(options.to)),
        public=options.public or options.public_url is not None,
        public_url=options.public_url,
        publish_command=settings.publish_command,
        unpublish_command=settings.unpublish_command,
    )
