"""A file that was published: where it lies, until when, and which requests name it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.locations import redacted

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

_FIELDS = ("video_url", "image_url")


class PublicationState(StrEnum):
    """How far the publication of a file has come."""

    UPLOADING = "uploading"
    PUBLISHED = "published"
    REMOVING = "removing"


@dataclass(frozen=True, slots=True)
class Publication:
    """A file that was published, as the ledger keeps it."""

    destination: str  # as the user wrote it
    address: str  # of the store, without credentials; empty where the destination says it all
    name: str  # relative to the destination
    state: PublicationState
    created: dt.datetime
    updated: dt.datetime
    source: str  # the path of the local file
    size: int  # bytes
    sha256: str  # of the file, in hexadecimal digits
    content_type: str
    run: str = ""  # the run that touched it last
    link: str | None = None  # without its query; `None`: there was none yet
    expires: dt.datetime | None = None  # of the link; `None`: no end, or its end is not known

    @property
    def is_new(self) -> bool:
        """Whether no run before had to do with this file."""
        return self.state is PublicationState.UPLOADING and self.created == self.updated

    def is_in(self, body: Mapping[str, object]) -> bool:
        """Whether a body, whose links may be redacted, names this file."""
        return self.link is not None and any(
            isinstance(body.get(field), str) and link_without_query(str(body[field])) == self.link
            for field in _FIELDS
        )


def link_without_query(link: str) -> str:
    """A link as the ledger keeps it: what is before its query, with secrets in its path masked."""
    return redacted(link.partition("#")[0].partition("?")[0])
