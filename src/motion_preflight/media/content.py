"""What the pictures of a clip show over time: its shots, and where it is black or frozen. Pure: it
reads what ffmpeg printed about each picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from motion_preflight.provider.content import ContentThresholds

_CHANGE, _JUMP = "lavfi.scd.mafd", "lavfi.scd.score"
_DARK = "lavfi.blackframe.pblack"
_MILLISECOND = Decimal("0.001")


class Stretch(NamedTuple):
    """A part of a clip, in seconds from the first picture of the judged track."""

    start: Decimal
    end: Decimal

    @property
    def seconds(self) -> Decimal:
        """How long it lasts."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Content:
    """What the pictures of the judged track show, each list in the order of time.

    shots    the parts between cuts, without what is black
    black    the parts that are black
    frozen   the parts in which nothing moves, and which are not black
    seconds  how long all of it lasts
    """

    shots: tuple[Stretch, ...]
    black: tuple[Stretch, ...]
    frozen: tuple[Stretch, ...]
    seconds: Decimal

    @property
    def longest_shot(self) -> Stretch | None:
        """The longest shot, of several the first; `None` when all is black."""
        return max(self.shots, key=lambda shot: shot.seconds, default=None)


class Picture(NamedTuple):
    """What ffmpeg printed about one picture."""

    time: Decimal  # seconds from the first picture
    change: Decimal  # percent: mean difference of brightness from the picture before it
    jump: Decimal  # percent by which the change differs from the one before it, at most the change
    dark: Decimal  # percent of its pixels that are dark


def pictures_in(text: str) -> list[Picture]:
    """The pictures in what ffmpeg's `metadata` filter printed, in their order. A picture without a
    usable time is left out.
    """
    pictures: list[Picture] = []
    for entry in text.split("frame:")[1:]:
        head, *lines = entry.splitlines()
        time = _number(head.partition("pts_time:")[2])
        values = dict(line.partition("=")[::2] for line in lines)
        change, jump, dark = (_number(values.get(key, "")) for key in (_CHANGE, _JUMP, _DARK))
        if time is not None and (not pictures or time > pictures[-1].time):
            pictures.append(
                Picture(time, change or Decimal(0), jump or Decimal(0), dark or Decimal(0))
            )
    return pictures


def content_of(
    pictures: Sequence[Picture], thresholds: ContentThresholds, seconds: Decimal | None
) -> Content:
    """The shots and the black and frozen parts of a clip. `seconds` is how long the judged track
    lasts; `None`: not known, and its last picture is shown as long as the one before it.
    """
    times = [picture.time for picture in pictures]
    times.append(_end(times, seconds))
    dark = [picture.dark >= thresholds.dark_pixels.value for picture in pictures]
    black = _long(_runs(times, dark), thresholds.black_seconds.value)
    still = [
        picture.change <= thresholds.still_change.value and not dark[index]
        for index, picture in enumerate(pictures)
    ]
    frozen = _long(_held(times, still, dark), thresholds.frozen_seconds.value)
    cuts = [picture.time for picture in pictures if picture.jump >= thresholds.cut_change.value]
    return Content(tuple(_shots(times, cuts, black)), black, frozen, _to_millisecond(times[-1]))


def _end(times: Sequence[Decimal], seconds: Decimal | None) -> Decimal:
    """When the last picture is no longer shown."""
    if not times:
        return Decimal(0)
    if seconds is not None and seconds > times[-1]:
        return seconds
    return times[-1] + (times[-1] - times[-2] if len(times) > 1 else Decimal(0))


def _runs(times: Sequence[Decimal], marked: Sequence[bool]) -> Iterator[Stretch]:
    """The parts in which every picture is marked. `times` has one entry more: the end."""
    start: Decimal | None = None
    for time, mark in zip(times, [*marked, False], strict=True):
        if mark and start is None:
            start = time
        elif not mark and start is not None:
            yield Stretch(start, time)
            start = None


def _held(
    times: Sequence[Decimal], still: Sequence[bool], dark: Sequence[bool]
) -> Iterator[Stretch]:
    """The parts in which one picture is shown: it, and all that do not differ from it."""
    if not still:
        return
    start: Decimal | None = None if dark[0] else times[0]
    for index in range(1, len(still) + 1):
        if index < len(still) and still[index] and start is not None:
            continue
        if start is not None:
            yield Stretch(start, times[index])
        start = None if index < len(still) and dark[index] else times[index]


def _long(stretches: Iterator[Stretch], least: Decimal) -> tuple[Stretch, ...]:
    return tuple(_rounded(stretch) for stretch in stretches if stretch.seconds >= least)


def _shots(
    times: Sequence[Decimal], cuts: Sequence[Decimal], black: Sequence[Stretch]
) -> Iterator[Stretch]:
    """The parts between cuts and black parts."""
    bounds = sorted({times[0], times[-1], *cuts, *(end for part in black for end in part)})
    for start, end in pairwise(bounds):
        shot = _rounded(Stretch(start, end))
        if shot.seconds and not any(part.start <= shot.start < part.end for part in black):
            yield shot


def _rounded(stretch: Stretch) -> Stretch:
    return Stretch(_to_millisecond(stretch.start), _to_millisecond(stretch.end))


def _to_millisecond(seconds: Decimal) -> Decimal:
    return seconds.quantize(_MILLISECOND)


def _number(text: str) -> Decimal | None:
    """The finite number that a text begins with, `None` when there is none."""
    words = text.split()
    try:
        number = Decimal(words[0]) if words else Decimal("NaN")
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
