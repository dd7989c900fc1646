"""The limits of a provider: which there are, and which bounds of each a rule checks."""

from __future__ import annotations

from collections.abc import Iterator  # noqa: TC003  pydantic reads the annotations
from decimal import Decimal
from typing import ClassVar, Literal

from motion_preflight.text.lazy_dataclass import dataclass, field, fields

# A limit may have several readings (MB or MiB): the name of each, and its figure.
Bound = dict[str, Decimal]
LEAST, MOST = Decimal("1e-9"), 10**15  # the bounds of a plausible limit or price
BOUNDS = ("minimum", "maximum", "below")
STRICT = {"extra": "forbid"}  # for pydantic, which validates the profiles of users


@dataclass(frozen=True)
class Limit:
    """A range in the unit that its key implies. Both ends are included, except `below`; `None`
    means that there is no such end.
    """

    __pydantic_config__: ClassVar = STRICT

    source: str
    minimum: Bound | None = None
    maximum: Bound | None = None
    below: Bound | None = None

    __hash__ = None  # type: ignore[assignment]  # its mappings can be changed

    def __post_init__(self) -> None:
        for bound in (self.minimum, self.maximum, self.below):
            if bound is not None and not (
                bound and all(LEAST <= figure < MOST for figure in bound.values())
            ):
                raise ValueError("a limit must be above 0, and a number that one can mean")
        if (
            self.minimum
            and self.maximum
            and min(self.maximum.values()) < max(self.minimum.values())
        ):
            raise ValueError("the maximum is below the minimum")


@dataclass(frozen=True)
class Allowed:
    """The only values that are allowed."""

    __pydantic_config__: ClassVar = STRICT

    allowed: tuple[str, ...]
    source: str

    def __post_init__(self) -> None:
        if not self.allowed:
            raise ValueError("at least one value must be allowed")


# The bounds of a limit that a rule checks; any other one would only seem to hold.
_RANGE = {"bounds": ("minimum", "maximum")}
_MINIMUM = {"bounds": ("minimum",)}
_MAXIMUM = {"bounds": ("maximum",)}
_BELOW = {"bounds": ("below",)}


@dataclass(frozen=True)
class DurationLimits:
    """Seconds of reference video, by `character_orientation`."""

    __pydantic_config__: ClassVar = STRICT

    image: Limit = field(metadata=_RANGE)
    video: Limit = field(metadata=_RANGE)

    __hash__ = None  # type: ignore[assignment]  # its mappings can be changed

    def of(self, orientation: Literal["image", "video"]) -> Limit:
        """The seconds that an orientation allows."""
        return self.image if orientation == "image" else self.video


@dataclass(frozen=True)
class Limits:
    """Every limit that a rule checks. A new one is a line here and a table in the profile."""

    __pydantic_config__: ClassVar = STRICT

    video_duration: DurationLimits
    video_size: Limit = field(metadata=_BELOW)  # bytes
    video_container: Allowed
    video_side: Limit = field(metadata=_RANGE)  # pixels
    video_frame_rate: Limit = field(metadata=_MINIMUM)  # frames a second
    image_side: Limit = field(metadata=_RANGE)  # pixels
    image_aspect_ratio: Limit = field(metadata=_RANGE)  # width divided by height
    image_size: Limit = field(metadata=_MAXIMUM)  # bytes
    image_container: Allowed
    upload_size: Limit = field(metadata=_MAXIMUM)  # bytes of a local picture
    upload_container: Allowed
    prompt_length: Limit = field(metadata=_MAXIMUM)  # characters

    __hash__ = None  # type: ignore[assignment]  # its mappings can be changed

    def ensure_checked(self, place: str) -> None:
        """Raises `ValueError` with the key of a bound that no rule checks, since it would only seem
        to hold. `place` is where these limits stand in the profile, such as `limits`.
        """
        for key, limit, checked in _limits_in(self, f"{place}."):
            for bound in BOUNDS:
                if bound not in checked and getattr(limit, bound) is not None:
                    raise ValueError(
                        f'{key}: a "{bound}" is not checked there, only {" and ".join(checked)}'
                    )


def _limits_in(
    limits: Limits | DurationLimits, place: str
) -> Iterator[tuple[str, Limit, tuple[str, ...]]]:
    """Each limit with its key and the bounds that rules check."""
    for declared in fields(limits):
        key, limit = f"{place}{declared.name}", getattr(limits, declared.name)
        if isinstance(limit, DurationLimits):
            yield from _limits_in(limit, f"{key}.")
        elif isinstance(limit, Limit):
            yield key, limit, declared.metadata["bounds"]
