"""How long a video track is by its own packets, for containers without sample tables.

What such a container declares is a number that somebody wrote once; players follow the time stamps
of the packets. Where a clock starts again or jumps, as in transport streams joined end to end,
neither the last time stamp nor the largest is the length: it is the sum of the stretches.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from motion_preflight.media.programs.packets import Packet

# ffmpeg lets the clock of these formats jump (AVFMT_TS_DISCONT); in all others a gap is time.
_JUMPING = {"mpegts", "mpeg"}
# These store when a frame is shown. Its decode time is computed by ffprobe, and by each version in
# its own way.
_SHOWN_ONLY = {"matroska", "ogg", "asf", "rm", "ivf"}
_AHEAD = 10  # seconds; ffmpeg too takes a longer gap for a new clock (dts_delta_threshold)
_FRAMES_BACK = 2  # that decode times may go back by, all in all: they are rounded
_LEAST_BACK = Decimal("0.05")  # seconds; the same where frames are shorter
_DEPTH = 17  # frames at most that a frame is stored before it is shown: 16 are kept by a decoder
_LEAST_DEPTH = 2  # seconds
_ROW = 3  # frames in a row that are shown where others are shown already
_NOISE = 50  # packets, of which one may have a damaged time
_ROUNDED = Decimal("0.001")  # seconds; the clock of Matroska
_DAY = 86_400  # seconds; what lasts longer is a broken number, not a clip
_EXACT = Decimal("0.00001")  # seconds; ffprobe rounds each of the times to a microsecond


@dataclass(frozen=True, slots=True)
class PacketClock:
    """What the packets of a video track say."""

    samples: Decimal | None  # seconds; None when they carry no usable time
    frames: int
    starts_with_keyframe: bool | None  # None without packets
    clock_jump: str | None  # where the clock starts again or jumps ahead, in words
    longest: Decimal | None = None  # seconds that one packet lasts at most


class _Time(NamedTuple):
    """When a packet is. Seconds."""

    order: Decimal  # on the clock that orders the packets
    shown: Decimal
    decoded: bool  # whether that clock is the one of decoding
    lasts: Decimal | None
    own: bool = True  # False when it is only that of a packet that follows another one


@dataclass(slots=True)
class _Stretch:
    """Packets that share one clock. Seconds."""

    first: Decimal
    end: Decimal
    last: _Time
    step: Decimal  # of the latest packet
    longest: Decimal = Decimal(0)
    back: Decimal = Decimal(0)  # that decode times went back by, all in all
    shown: list[Decimal] = field(default_factory=list)  # sorted

    @classmethod
    def begin(cls, time: _Time) -> _Stretch:
        step = time.lasts or Decimal(0)
        return cls(time.shown, time.shown + step, time, step, step, shown=[time.shown])

    def add(self, time: _Time) -> None:
        passed = time.order - self.last.order
        step = time.lasts or max(passed, Decimal(0)) or self.step
        self.first = min(self.first, time.shown)
        self.end = max(self.end, time.shown + step)
        alike = time.decoded == self.last.decoded
        self.longest = max(self.longest, step, passed if alike else step)
        self.last, self.step = time, step
        if time.own:
            insort(self.shown, time.shown)

    def following(self, lasts: Decimal | None) -> _Time:
        """The time of a packet that has none of its own: it follows the one before."""
        at = self.last.order + self.step
        return _Time(at, at, self.last.decoded, lasts, own=False)

    def depth(self, time: _Time) -> Decimal:
        """How far packets may be from the order in which they are shown."""
        if time.decoded and self.last.decoded:
            return max(_LEAST_BACK, _FRAMES_BACK * self.step)
        return max(Decimal(_LEAST_DEPTH), _DEPTH * self.step)

    def covers(self, time: _Time) -> bool:
        """Whether something is shown already at the time of a packet."""
        at = bisect_left(self.shown, time.shown)
        near = self.shown[max(0, at - 1) : at + 1]
        return time.shown < self.shown[-1] and any(
            abs(time.shown - other) <= self.step / 2 + _ROUNDED for other in near
        )


def packet_clock(packets: Sequence[Packet], *, format_name: str = "") -> PacketClock:
    """What the packets of a video track say, in the order in which they are stored. Those that an
    edit list discards do not count. `format_name` is ffprobe's name of the container.
    """
    shown = [packet for packet in packets if not packet.hidden]
    stretches, jump = _stretches(_times(shown, format_name), format_name)
    length = sum((stretch.end - stretch.first for stretch in stretches), Decimal(0))
    samples = length.quantize(_EXACT) if 0 < length <= _DAY else None
    return PacketClock(
        samples=samples or None,  # what is less is no length
        frames=len(shown),
        starts_with_keyframe=shown[0].keyframe if shown else None,
        clock_jump=jump,
        longest=max((stretch.longest for stretch in stretches), default=None),
    )


def _times(packets: Iterable[Packet], format_name: str) -> list[_Time | Decimal | None]:
    """When each packet is; where it has no time, how long it lasts."""
    shown_only = not _SHOWN_ONLY.isdisjoint(format_name.split(","))
    times: list[_Time | Decimal | None] = []
    for packet in packets:
        pts, dts, lasts = packet.pts, packet.dts, packet.duration
        shown = pts if pts is not None else dts
        if shown is None:
            times.append(lasts)
            continue
        if shown_only or dts is None:
            times.append(_Time(shown, shown, pts is None, lasts))
            continue
        if abs(shown - dts) > max(_AHEAD, _DEPTH * (lasts or 0)):  # one of them is damaged
            shown = dts
        times.append(_Time(dts, shown, decoded=True, lasts=lasts))
    return times


def _stretches(
    times: Sequence[_Time | Decimal | None], format_name: str
) -> tuple[list[_Stretch], str | None]:
    """The stretches that share one clock, and the first jump between two of them in words."""
    ahead = Decimal(_AHEAD) if format_name in _JUMPING else None
    stretches: list[_Stretch] = []
    jump, noise = None, 0
    for index, time in enumerate(times):
        current = stretches[-1] if stretches else None
        if current is None:
            stretches += [_Stretch.begin(time)] if isinstance(time, _Time) else []
            continue
        if not isinstance(time, _Time):
            current.add(current.following(time))
            continue
        rest = [other for other in times[index + 1 : index + _ROW] if isinstance(other, _Time)]
        if noise <= index // _NOISE and _is_noise(current, time, rest):
            noise += 1
            current.add(current.following(time.lasts))
        elif _jumps(current, time, rest, ahead):
            jump = jump or f"its clock goes from {current.last.order:.3f} s to {time.order:.3f} s"
            stretches.append(_Stretch.begin(time))
        else:
            current.add(time)
    return stretches, jump


def _is_noise(stretch: _Stretch, time: _Time, rest: Sequence[_Time]) -> bool:
    """Whether a time is far from those before it, and the next one is near them again."""
    last, depth = stretch.last.order, stretch.depth(time)
    if not rest or abs(time.order - last) <= depth + stretch.step:
        return False
    returned = last < rest[0].order <= last + depth + stretch.step
    return returned and (time.order < last or rest[0].order < time.order)


def _jumps(stretch: _Stretch, time: _Time, rest: Sequence[_Time], ahead: Decimal | None) -> bool:
    """Whether another clock begins with a packet."""
    back, depth = stretch.last.order - time.order, stretch.depth(time)
    if back < 0:
        return ahead is not None and time.order > max(stretch.end, stretch.last.order) + ahead
    if time.decoded and stretch.last.decoded:
        stretch.back += back
        return stretch.back > depth
    if back > depth:
        return True
    again = back > _FRAMES_BACK * stretch.step and len(rest) == _ROW - 1
    return again and all(stretch.covers(other) for other in (time, *rest))
