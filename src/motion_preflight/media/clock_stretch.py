"""A stretch of packets that share one clock, and whether the next packet belongs to it."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

ROW = 3  # frames in a row that are shown where others are shown already
DEPTH = 17  # frames at most that a frame is stored before it is shown: 16 are kept by a decoder
_LEAST_DEPTH = 2  # seconds
_FRAMES_BACK = 2  # that decode times may go back by, all in all: they are rounded
_LEAST_BACK = Decimal("0.05")  # seconds; the same where frames are shorter
_ROUNDED = Decimal("0.001")  # seconds; the clock of Matroska


class Time(NamedTuple):
    """When a packet is. Seconds."""

    order: Decimal  # on the clock that orders the packets
    shown: Decimal
    decoded: bool  # whether that clock is the one of decoding
    lasts: Decimal | None
    own: bool = True  # False when it is only that of a packet that follows another one


@dataclass(slots=True)
class Stretch:
    """Packets that share one clock. Seconds."""

    first: Decimal
    end: Decimal
    last: Time
    step: Decimal  # of the latest packet
    longest: Decimal = Decimal(0)
    back: Decimal = Decimal(0)  # that decode times went back by, all in all
    shown: list[Decimal] = field(default_factory=list)  # sorted

    @classmethod
    def begin(cls, time: Time) -> Stretch:
        step = time.lasts or Decimal(0)
        return cls(time.shown, time.shown + step, time, step, step, shown=[time.shown])

    def add(self, time: Time) -> None:
        passed = time.order - self.last.order
        # What passed before a packet tells how long it lasts, unless a picture was held there.
        usual = min(passed, 2 * self.step) if self.step else passed
        step = time.lasts or max(usual, Decimal(0)) or self.step
        self.first = min(self.first, time.shown)
        self.end = max(self.end, time.shown + step)
        alike = time.decoded == self.last.decoded
        self.longest = max(self.longest, step, passed if alike else step)
        self.last, self.step = time, step
        if time.own:
            insort(self.shown, time.shown)

    def following(self, lasts: Decimal | None) -> Time:
        """The time of a packet that has none of its own: it follows the one before."""
        at = self.last.order + self.step
        return Time(at, at, self.last.decoded, lasts, own=False)

    def depth(self, time: Time) -> Decimal:
        """How far packets may be from the order in which they are shown."""
        if time.decoded and self.last.decoded:
            return max(_LEAST_BACK, _FRAMES_BACK * self.step)
        return max(Decimal(_LEAST_DEPTH), DEPTH * self.step)

    def covers(self, time: Time) -> bool:
        """Whether something is shown already at the time of a packet."""
        at = bisect_left(self.shown, time.shown)
        near = self.shown[max(0, at - 1) : at + 1]
        return time.shown < self.shown[-1] and any(
            abs(time.shown - other) <= self.step / 2 + _ROUNDED for other in near
        )

    def is_noise(self, time: Time, rest: Sequence[Time]) -> bool:
        """Whether a time is far from those before it, and the next one is near them again."""
        last, depth = self.last.order, self.depth(time)
        if not rest or abs(time.order - last) <= depth + self.step:
            return False
        returned = last < rest[0].order <= last + depth + self.step
        return returned and (time.order < last or rest[0].order < time.order)

    def is_left_by(self, time: Time, rest: Sequence[Time], ahead: Decimal | None) -> bool:
        """Whether another clock begins with a packet. `rest` are those that follow it, `ahead` how
        many seconds it may be ahead; `None`: as many as it likes.
        """
        back, depth = self.last.order - time.order, self.depth(time)
        if back < 0:
            return ahead is not None and time.order > max(self.end, self.last.order) + ahead
        if time.decoded and self.last.decoded:
            self.back += back
            return self.back > depth
        if back > depth:
            return True
        again = back > _FRAMES_BACK * self.step and len(rest) == ROW - 1
        return again and all(self.covers(other) for other in (time, *rest))
