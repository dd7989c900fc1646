"""The thresholds by which the pictures of a clip are judged."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Self

from motion_preflight.provider.limits import LEAST, MOST, STRICT
from motion_preflight.text.lazy_dataclass import dataclass


@dataclass(frozen=True)
class Threshold:
    """A figure in the unit that its key implies, and the key of its source."""

    __pydantic_config__: ClassVar = STRICT

    value: Decimal
    source: str

    def __post_init__(self) -> None:
        if not LEAST <= self.value < MOST:
            raise ValueError("a threshold must be above 0, and a number that one can mean")


@dataclass(frozen=True)
class ContentThresholds:
    """From which figures on pictures count as a cut, as black, as frozen, and as a close-up.

    A change is the mean difference of brightness between a picture and the one before it, in
    percent of the whole range.
    """

    __pydantic_config__: ClassVar = STRICT

    cut_change: Threshold  # percent
    cut_prominence: Threshold  # times the largest of the other changes around it
    cut_seconds: Threshold  # how far before and after it these are looked for
    cut_edges: Threshold  # percent of the edges that differ, of the stronger of the two pictures
    shot_seconds: Threshold  # a cut closer to an end of the clip is none
    dark_level: Threshold  # brightness of a dark pixel at most, of 255
    dark_pixels: Threshold  # percent of the pixels that are dark in a black picture
    black_seconds: Threshold
    still_change: Threshold  # percent, of a picture that does not differ from the one before it
    frozen_seconds: Threshold
    face_score: Threshold  # from which the detector's score, of 1, counts
    face_room: Threshold  # heights of a face below its chin that a whole upper body takes at least
    face_pictures: Threshold  # percent of the pictures in which less is shown

    @classmethod
    def built(cls, data: Mapping[str, Mapping[str, Any]]) -> Self:
        """The thresholds of the built-in profile, which is not validated."""
        return cls(
            **{
                name: Threshold(Decimal(entry["value"]), entry["source"])
                for name, entry in data.items()
            }
        )
