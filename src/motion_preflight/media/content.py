"""What the pictures of a clip show over time: its shots, and where it is black or frozen. Pure: it
reads what ffmpeg printed about each picture.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.media.framing import Framing
from motion_preflight.text.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from motion_preflight.provider.content import ContentThresholds

_CHANGE, _DARK = "lavfi.scd.mafd", "lavfi.blackframe.pblack"
_LEVEL = "lavfi.signalstats.YAVG"
_PERCENT = Decimal("2.55")  # of a brightness from 0 to 255
_MILLISECOND = Decimal("0.001")
_LEAST = Decimal("0.3")  # percent of change that noise alone may make
_LEAST_NEIGHBOURS = 2  # pictures on each side that a change is compared to, however far apart
_PIECE = Decimal("0.4")  # part of a frozen stretch after which a keyframe may make a small change
_ZERO, _MOST = Decimal(0), Decimal(10**9)


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
    framing  how much of a person a few of the pictures show; `None`: nobody looked for faces
    unframed why nobody did, in words
    """

    shots: tuple[Stretch, ...]
    black: tuple[Stretch, ...]
    frozen: tuple[Stretch, ...]
    seconds: Decimal
    framing: Framing | None = None
    unframed: str | None = None

    @property
    def longest_shot(self) -> Stretch | None:
        """The longest shot, of several the first; `None` when all is black."""
        return max(self.shots, key=lambda shot: shot.seconds, default=None)


class Picture(NamedTuple):
    """What ffmpeg printed about one picture. Figures in percent, but for the time."""

    time: Decimal  # seconds from the first picture
    change: Decimal  # mean difference of brightness from the picture before it
    dark: Decimal  # of its pixels that are dark
    edges: Decimal = _ZERO  # mean strength of its edges
    edge_change: Decimal = _ZERO  # mean difference of these from those of the picture before it


def pictures_in(text: str) -> list[Picture]:
    """The pictures in what the two `metadata` filters of ffmpeg printed, in their order: an entry
    about the picture, then one about its edges. A picture without a usable time is left out.
    """
    pictures: list[Picture] = []
    for entry in text.split("frame:")[1:]:
        head, _, lines = entry.partition("\n")
        time = _number(head.partition("pts_time:")[2])
        values = dict(line.partition("=")[::2] for line in lines.splitlines())
        change = _value(values, _CHANGE)
        if time is None:
            continue
        if _LEVEL in values:
            if pictures and pictures[-1].time == time:
                edges = _value(values, _LEVEL) / _PERCENT
                pictures[-1] = pictures[-1]._replace(edges=edges, edge_change=change)
        elif not pictures or time > pictures[-1].time:
            pictures.append(Picture(time, change, _value(values, _DARK)))
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
    still = [picture.change <= thresholds.still_change.value for picture in pictures]
    least = thresholds.frozen_seconds.value
    frozen = _long(_joined(_long(_held(times, still, dark), least * _PIECE)), least)
    shots = tuple(_shots(times, _cuts(pictures, times[-1], thresholds), black))
    return Content(shots, black, frozen, _to_millisecond(times[-1]))


def _cuts(
    pictures: Sequence[Picture], end: Decimal, thresholds: ContentThresholds
) -> Iterator[Decimal]:
    """When a picture shows something else than the one before it.

    The change has to stand out from those around it, which a fast motion, a flash or a stroboscope
    does not. The edges have to be other ones, too, which light that is switched on leaves alone.
    Neither picture may be black: a black part is not named as a shot.
    """
    ends = thresholds.shot_seconds.value
    for index, (before, picture) in enumerate(pairwise(pictures), 1):
        dark = max(before.dark, picture.dark) >= thresholds.dark_pixels.value
        if dark or picture.change < thresholds.cut_change.value:
            continue
        around = max(_around(pictures, index, thresholds.cut_seconds.value), default=_ZERO)
        edges = max(before.edges, picture.edges, _LEAST)
        if (
            picture.change >= thresholds.cut_prominence.value * max(around, _LEAST)
            and picture.edge_change >= thresholds.cut_edges.value / 100 * edges
            and pictures[0].time + ends <= picture.time <= end - ends
        ):
            yield picture.time


def _around(pictures: Sequence[Picture], index: int, seconds: Decimal) -> Iterator[Decimal]:
    """The changes of the pictures before and after one, up to so many seconds away. The first
    picture has none.
    """
    time = pictures[index].time
    for step in (-1, 1):
        other = index + step
        while 0 < other < len(pictures) and (
            abs(pictures[other].time - time) <= seconds or abs(other - index) <= _LEAST_NEIGHBOURS
        ):
            yield pictures[other].change
            other += step


def _end(times: Sequence[Decimal], seconds: Decimal | None) -> Decimal:
    """When the last picture is no longer shown."""
    if not times:
        return _ZERO
    if seconds is not None and seconds > times[-1]:
        return seconds
    return times[-1] + (times[-1] - times[-2] if len(times) > 1 else _ZERO)


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
    """The parts in which one picture is shown: it, and all that do not differ from it, up to a dark
    one.
    """
    first = 0
    for index in range(1, len(still) + 1):
        if index < len(still) and still[index] and dark[index] == dark[first]:
            continue
        if not dark[first]:
            yield Stretch(times[first], times[index])
        first = index


def _long(stretches: Iterable[Stretch], least: Decimal) -> tuple[Stretch, ...]:
    return tuple(_rounded(stretch) for stretch in stretches if stretch.seconds >= least)


def _joined(stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """The same parts, one for those that follow each other at once."""
    joined: list[Stretch] = []
    for stretch in stretches:
        if joined and joined[-1].end == stretch.start:
            joined[-1] = Stretch(joined[-1].start, stretch.end)
        else:
            joined.append(stretch)
    return tuple(joined)


def _shots(
    times: Sequence[Decimal], cuts: Iterator[Decimal], black: Sequence[Stretch]
) -> Iterator[Stretch]:
    """The parts between cuts and black parts."""
    bounds = {times[0], times[-1], *cuts}
    between = sorted(
        {_to_millisecond(time) for time in bounds} | {end for part in black for end in part}
    )
    for start, end in pairwise(between):
        if not any(part.start <= start < part.end for part in black):
            yield Stretch(start, end)


def _rounded(stretch: Stretch) -> Stretch:
    return Stretch(_to_millisecond(stretch.start), _to_millisecond(stretch.end))


def _to_millisecond(seconds: Decimal) -> Decimal:
    return seconds.quantize(_MILLISECOND)


def _value(values: Mapping[str, str], key: str) -> Decimal:
    return _number(values.get(key, "")) or _ZERO


def _number(text: str) -> Decimal | None:
    """The finite number that a text begins with, `None` when there is none."""
    words = text.split()
    try:
        number = Decimal(words[0]) if words else Decimal("NaN")
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < _MOST else None
