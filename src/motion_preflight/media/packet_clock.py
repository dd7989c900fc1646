"""How long a video track is by its own packets, for containers without sample tables.

What such a container declares is a number that somebody wrote once; players follow the time stamps
of the packets. Where a clock starts again or jumps, as in transport streams joined end to end,
neither the last time stamp nor the largest is the length: it is the sum of the stretches.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from motion_preflight.media.programs.packets import Packet

_AHEAD = 10  # seconds; ffmpeg too takes a longer gap for a new clock (dts_delta_threshold)
_BACK = Decimal("0.5")  # seconds; decode times never go back within one stretch
_BACK_SHOWN = 2  # seconds; presentation times do, by the depth of reordering
_DAY = 86_400  # seconds; what lasts longer is a broken number, not a clip
_EXACT = Decimal("0.00001")  # seconds; ffprobe rounds each of the times to a microsecond


class PacketClock(NamedTuple):
    """What the packets of a video track say."""

    samples: Decimal | None  # seconds; None when they carry no usable time
    frames: int
    starts_with_keyframe: bool | None  # None without packets
    clock_jump: str | None  # where the clock starts again or jumps ahead, in words
    longest: Decimal | None = None  # seconds that one packet lasts at most


@dataclass(slots=True)
class _Stretch:
    first: Decimal
    end: Decimal
    last: Decimal  # on the clock that is compared
    step: Decimal  # of the latest packet
    longest: Decimal = Decimal(0)


def packet_clock(packets: Sequence[Packet]) -> PacketClock:
    """What the packets of a video track say, in the order in which they are stored. Those that an
    edit list discards do not count.
    """
    shown = [packet for packet in packets if not packet.hidden]
    stretches, jump = _stretches(shown)
    length = sum((each.end - each.first for each in stretches), Decimal(0))
    samples = length.quantize(_EXACT) if 0 < length <= _DAY else None
    return PacketClock(
        samples=samples or None,  # what is less is no length
        frames=len(shown),
        starts_with_keyframe=shown[0].keyframe if shown else None,
        clock_jump=jump,
        longest=max((each.longest for each in stretches), default=None),
    )


def _stretches(packets: Iterable[Packet]) -> tuple[list[_Stretch], str | None]:
    """The stretches that share one clock, and the first jump between two of them in words."""
    stretches: list[_Stretch] = []
    jump = None
    for packet in packets:
        time = packet.dts if packet.dts is not None else packet.pts
        at = packet.pts if packet.pts is not None else packet.dts
        current = stretches[-1] if stretches else None
        if time is None or at is None:
            if current is None:
                continue
            time = at = current.last + current.step  # it follows the one before
        if current is None or _jumps(current, time, packet):
            if current is not None and jump is None:
                jump = f"its clock goes from {current.last:.3f} s to {time:.3f} s"
            step = packet.duration or Decimal(0)
            stretches.append(_Stretch(at, at + step, time, step))
            continue
        step = packet.duration or max(time - current.last, Decimal(0)) or current.step
        current.first = min(current.first, at)
        current.end = max(current.end, at + step)
        current.longest = max(current.longest, step, time - current.last)
        current.last, current.step = time, step
    return stretches, jump


def _jumps(stretch: _Stretch, time: Decimal, packet: Packet) -> bool:
    back = _BACK if packet.dts is not None else _BACK_SHOWN
    return time < stretch.last - back or time > max(stretch.end, stretch.last) + _AHEAD
