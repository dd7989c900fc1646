"""Where things lie on the two drawings of a card, in percent of its width: the readings of a
duration around the allowed range, and the pictures of a clip over its time.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.media.filmstrip import MOST_FRAMES
from motion_preflight.rules.duration import seconds
from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.numbers import format_decimal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from motion_preflight.media.content import Content, Stretch
    from motion_preflight.media.facts import Durations
    from motion_preflight.media.filmstrip import Filmstrip
    from motion_preflight.provider.limits import Limit

_BEYOND, _FARTHEST = Decimal("1.3"), Decimal(2)  # as in the gauge of the terminal
_MORE = Decimal("1.05")  # of what lies outermost: a scale goes on behind it
_APART = Decimal("1.2")  # percent by which a dot stays on its side of a limit
_CROWDED = 12  # percent: labels that lie nearer would touch
_EDGE = 8  # percent from the side at which a label begins or ends instead of standing in the middle
_ALL = Decimal(100)


@dataclass(frozen=True, slots=True)
class Window:
    """The seconds that are allowed, both ends included."""

    low: Decimal
    high: Decimal

    @property
    def text(self) -> str:
        """In words: `3 to 30 s`."""
        return f"{format_decimal(self.low)} to {format_decimal(self.high)} s"


@dataclass(frozen=True, slots=True)
class Mark:
    """A label at a place of a scale."""

    x: str  # percent
    text: str
    anchor: str = "middle"  # of SVG: start, middle or end


@dataclass(frozen=True, slots=True)
class Band:
    """A part of a scale."""

    x: str  # percent
    width: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a duration, and everywhere where it was read."""

    text: str
    ways: str
    side: str  # inside, outside, or `unjudged` without limits and of the sound
    x: str | None = None  # percent; `None` without limits
    beyond: bool = False  # it lies off the scale


@dataclass(frozen=True, slots=True)
class Gauge:
    """The readings of a duration; without limits they are only listed."""

    readings: tuple[Reading, ...]
    window: Band | None = None
    ends: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture on the strip: its number, and where it lies."""

    number: int
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Film:
    """The pictures of a clip in a row, and what is drawn over them."""

    frames: tuple[Frame, ...]
    few: tuple[Frame, ...]  # every second one, twice as wide, where there is little room
    window: Band | None
    label: Mark | None  # of the window
    missing: Band | None  # what the clip is too short by
    excess: Band | None  # what it is too long by
    cuts: tuple[Mark, ...]
    black: tuple[Band, ...]
    frozen: tuple[Band, ...]
    ticks: tuple[Mark, ...]


def window_of(limit: Limit | None) -> Window | None:
    """The range of a limit that has both ends, where its readings differ the narrower one."""
    if limit is None or not limit.minimum or not limit.maximum:
        return None
    return Window(max(limit.minimum.values()), min(limit.maximum.values()))


def gauge_of(durations: Durations, window: Window | None) -> Gauge | None:
    """The gauge of a clip; `None` when no duration was read."""
    judged = durations.judged
    if not judged:
        return None
    end = Decimal(0)
    if window:
        nearest = max(window.high * _BEYOND, judged.high * _MORE)
        end = min(nearest, window.high * _FARTHEST)
    # What looks the same is shown once, unless a limit lies between.
    ways: dict[tuple[str, str], list[str]] = {}
    values: dict[tuple[str, str], Decimal] = {}
    for way, value in sorted(judged.ways.items(), key=lambda reading: reading[1]):
        key = seconds(value), _side(value, window)
        ways.setdefault(key, []).append(way)
        values.setdefault(key, value)
    readings = [_reading(values[key], ", ".join(names), window, end) for key, names in ways.items()]
    if durations.audio is not None and durations.audio not in judged.ways.values():
        readings.append(Reading(seconds(durations.audio), "audio, not judged", "unjudged"))
    if window is None:
        return Gauge(tuple(readings))
    left, right = window.low / end * 100, window.high / end * 100
    apart = right - left >= 2 * _CROWDED
    ends = (
        Mark(_percent(left), f"{format_decimal(window.low)} s", "middle" if apart else "end"),
        Mark(_percent(right), f"{format_decimal(window.high)} s", "middle" if apart else "start"),
    )
    return Gauge(tuple(readings), Band(_percent(left), _percent(right - left), window.text), ends)


def _side(value: Decimal, window: Window | None) -> str:
    if window is None:
        return "unjudged"
    return "inside" if window.low <= value <= window.high else "outside"


def _reading(value: Decimal, ways: str, window: Window | None, end: Decimal) -> Reading:
    side = _side(value, window)
    if window is None:
        return Reading(seconds(value), ways, side)
    at = value / end * 100
    left, right = window.low / end * 100, window.high / end * 100
    if side == "inside":
        at = min(max(at, left + _APART), right - _APART)
    elif value < window.low:
        at = max(min(at, left - _APART), _APART)
    else:
        at = max(at, right + _APART)
    return Reading(seconds(value), ways, side, _percent(min(at, _ALL - _APART)), value > end)


def film_of(strip: Filmstrip | None, window: Window | None, content: Content | None) -> Film | None:
    """The filmstrip of a clip; `None` without pictures, or with the first one alone."""
    if strip is None or strip.step is None or not strip.frames:
        return None
    step = strip.step
    length = step * MOST_FRAMES  # also where pictures are missing at its end
    end = length
    if window:  # so that the limit that is nearest can be seen
        end = max(length, min(window.high, length * _BEYOND), window.low * _MORE)
    times = [(number, step * number, step) for number in range(len(strip.frames))]
    frames = tuple(Frame(number, *_place(at, wide, end)) for number, at, wide in times)
    few = tuple(
        Frame(number, *_place(at, min(2 * wide, step * len(times) - at), end))
        for number, at, wide in times[::2]
    )
    low, high = (window.low, window.high) if window else (Decimal(0), end)
    # The right side of a window that goes on lies off the drawing.
    seen = high if high <= end else end * _MORE
    return Film(
        frames,
        few,
        _band(low, seen, end, window.text) if window else None,
        _window_label(low, min(high, end), end, window.text) if window else None,
        _band(length, low, end) if length < low else None,
        _band(high, length, end) if length > high else None,
        tuple(_cuts(content, end)) if content else (),
        tuple(_stretches(content.black, end)) if content else (),
        tuple(_stretches(content.frozen, end)) if content else (),
        tuple(_ticks(length, window, end)),
    )


def _window_label(low: Decimal, high: Decimal, end: Decimal, text: str) -> Mark:
    """Begins with the window, and ends with one that lies on the right."""
    on_the_left = low / end < Decimal("0.5")
    at, anchor = (low, "start") if on_the_left else (high, "end")
    return Mark(_percent(at / end * 100), f"may end within {text}", anchor)


def _cuts(content: Content, end: Decimal) -> Iterator[Mark]:
    """Where every shot but the first begins, as the rule about cuts counts them."""
    for shot in content.shots[1:]:
        if shot.start < end:
            yield Mark(_percent(shot.start / end * 100), f"cut at {seconds(shot.start)}")


def _stretches(stretches: Iterable[Stretch], end: Decimal) -> Iterator[Band]:
    for part in stretches:
        if part.start < end:
            text = f"{format_decimal(part.start)} to {format_decimal(part.end)} s"
            yield _band(part.start, min(part.end, end), end, text)


def _ticks(length: Decimal, window: Window | None, end: Decimal) -> Iterator[Mark]:
    """The beginning, the end of the clip, and the limits that lie on the scale and not too near."""
    times = [Decimal(0), length]
    times += [limit for limit in (window.low, window.high) if limit <= end] if window else []
    taken: list[Decimal] = []
    if window and window.high > end:
        taken.append(_ALL)
        yield Mark("100%", f"to {format_decimal(window.high)} s →", "end")
    for time in times:
        at = time / end * 100
        if all(abs(at - other) >= _CROWDED for other in taken):
            taken.append(at)
            anchor = "start" if at < _EDGE else "end" if at > _ALL - _EDGE else "middle"
            shown = format_decimal(time.quantize(Decimal("0.1")))
            yield Mark(_percent(at), f"{shown} s", anchor)


def _place(start: Decimal, length: Decimal, end: Decimal) -> tuple[str, str]:
    return _percent(start / end * 100), _percent(length / end * 100)


def _band(start: Decimal, stop: Decimal, end: Decimal, text: str = "") -> Band:
    return Band(*_place(start, max(stop - start, Decimal(0)), end), text)


def _percent(value: Decimal) -> str:
    return f"{format_decimal(value.quantize(Decimal('0.01')))}%"
