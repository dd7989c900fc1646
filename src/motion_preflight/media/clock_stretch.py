"""A stretch of packets that share one clock, and whether the next packet still belongs to it."""

from __future__ import annotations

from bisect import bisect_left, insort
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.text.lazy_dataclass import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Sequence

ROW = 3  # so many packets in a row at times already covered by others begin another clock
DEPTH = 17  # frames at most between storing and showing a frame: a decoder keeps 16
_LEAST_DEPTH = 2  # seconds that a packet may always be away from its place in the shown order
_FRAMES_BACK = 2  # frames by which decode times may go back altogether: they are rounded
_LEAST_BACK = Decimal("0.05")  # seconds by which they may always go back, however short a frame
_ROUNDED = Decimal("0.001")  # seconds, the accuracy of Matroska's clock


class Time(NamedTuple):
    """The times of a packet, in seconds."""

    order: Decimal  # on the clock that orders the packets
    shown: Decimal
    decoded: bool  # whether `order` is the decode time
    lasts: Decimal | None
    own: bool = True  # False: the packet has no time of its own, and follows the one before it


@dataclass(slots=True)
class Stretch:
    """Packets that share one clock. Times are in seconds."""

    first: Decimal
    end: Decimal
    last: Time
    step: Decimal  # how long the latest packet lasts
    longest: Decimal = Decimal(0)  # how long one packet lasts at most
    back: Decimal = Decimal(0)  # the sum by which decode times went back
    shown: list[Decimal] = field(default_factory=list)  # when packets are shown, sorted

    @classmethod
    def begin(cls, time: Time) -> Stretch:
        """A new stretch that begins with this packet."""
        step = time.lasts or Decimal(0)
        return cls(time.shown, time.shown + step, time, step, step, shown=[time.shown])

    def add(self, time: Time) -> None:
        """Adds a packet to the end of the stretch."""
        passed = time.order - self.last.order
        # A packet probably lasts as long as the time before it, unless a picture was held there.
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
        """The time of a packet that has none of its own: directly behind the packet before it."""
        at = self.last.order + self.step
        return Time(at, at, self.last.decoded, lasts, own=False)

    def depth(self, time: Time) -> Decimal:
        """The seconds by which packets may be away from the order in which they are shown."""
        if time.decoded and self.last.decoded:
            return max(_LEAST_BACK, _FRAMES_BACK * self.step)
        return max(Decimal(_LEAST_DEPTH), DEPTH * self.step)

    def covers(self, time: Time) -> bool:
        """Whether another packet is already shown at the time of this one."""
        at = bisect_left(self.shown, time.shown)
        near = self.shown[max(0, at - 1) : at + 1]
        return time.shown < self.shown[-1] and any(
            abs(time.shown - other) <= self.step / 2 + _ROUNDED for other in near
        )

    def is_noise(self, time: Time, rest: Sequence[Time]) -> bool:
        """Whether this time alone is wrong: it is far from those before it, and the next one is
        near them again.
        """
        last, depth = self.last.order, self.depth(time)
        if not rest or abs(time.order - last) <= depth + self.step:
            return False
        returned = last < rest[0].order <= last + depth + self.step
        return returned and (time.order < last or rest[0].order < time.order)

    def is_left_by(self, time: Time, rest: Sequence[Time], ahead: Decimal | None) -> bool:
        """Whether another clock begins with this packet. `rest` are the packets that follow it,
        `ahead` the seconds by which its time may jump ahead; `None` allows any jump.
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
