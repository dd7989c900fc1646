"""How long a video track is by its own packets, for containers without sample tables.

What such a container declares is a number that somebody wrote once; players follow the time stamps
of the packets. A clock may start again or jump, as in transport streams joined end to end. Then
neither the last time stamp nor the largest one is the length, but the sum of the stretches.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.media.clock_stretch import DEPTH, ROW, Stretch, Time

if TYPE_CHECKING:
    from collections.abc import Sequence

    from motion_preflight.media.programs.packets import Packet

# ffmpeg allows jumps of the clock in these formats (AVFMT_TS_DISCONT); in others a gap is time.
_JUMPING = {"mpegts", "mpeg"}
# These formats store only when a frame is shown. ffprobe computes the decode times, and each
# version does so in its own way.
_SHOWN_ONLY = {"matroska", "ogg", "asf", "rm", "ivf"}
_AHEAD = 10  # seconds; a longer gap is a new clock, for ffmpeg too (dts_delta_threshold)
_NOISE = 50  # one packet in so many may have a damaged time
_DAY = 86_400  # seconds; what lasts longer is a broken number, not a clip
_EXACT = Decimal("0.00001")  # seconds; ffprobe rounds each of the times to a microsecond


class PacketClock(NamedTuple):
    """What the packets of a video track say of its length."""

    samples: Decimal | None  # seconds; None when they carry no usable time
    frames: int
    starts_with_keyframe: bool | None  # None without packets
    clock_jump: str | None  # where the clock starts again or jumps ahead, in words
    longest: Decimal | None = None  # seconds that one packet lasts at most


def packet_clock(packets: Sequence[Packet], *, format_name: str = "") -> PacketClock:
    """Measures a video track by its packets, in the order in which they are stored. Packets that an
    edit list hides do not count. `format_name` is ffprobe's name of the container.
    """
    shown = [packet for packet in packets if not packet.hidden]
    stretches, jump = _stretches(_times(shown, format_name), format_name)
    length = sum((stretch.end - stretch.first for stretch in stretches), Decimal(0))
    samples = length.quantize(_EXACT) if 0 < length <= _DAY else None
    return PacketClock(
        samples=samples or None,  # a length that rounds to 0 is not one
        frames=len(shown),
        starts_with_keyframe=shown[0].keyframe if shown else None,
        clock_jump=jump,
        longest=max((stretch.longest for stretch in stretches), default=None),
    )


def _times(packets: Sequence[Packet], format_name: str) -> list[Time | Decimal | None]:
    """When each packet is shown and decoded; for a packet without a time, how long it lasts."""
    shown_only = not _SHOWN_ONLY.isdisjoint(format_name.split(","))
    delay = _delay(packets)
    times: list[Time | Decimal | None] = []
    for index, packet in enumerate(packets):
        pts, dts, lasts = packet.pts, packet.dts, packet.duration
        shown = pts if pts is not None or dts is None else _shown(packets, index, dts) + delay
        if shown is None:
            times.append(lasts)
            continue
        if shown_only or dts is None:
            times.append(Time(shown, shown, pts is None, lasts))
            continue
        if abs(shown - dts) > max(_AHEAD, DEPTH * (lasts or 0)):  # one of them is damaged
            shown = dts
        times.append(Time(dts, shown, decoded=True, lasts=lasts))
    return times


def _shown(packets: Sequence[Packet], index: int, dts: Decimal) -> Decimal:
    """The decode time after which the packet at this place is shown: that of the last of the
    packets behind it that are shown as soon as they are decoded.
    """
    for packet in packets[index + 1 : index + DEPTH]:
        if packet.pts is None or packet.pts != packet.dts:
            break
        dts = packet.pts
    return dts


def _delay(packets: Sequence[Packet]) -> Decimal:
    """The seconds by which frames are shown later than they are decoded, all in all: one that is
    needed early is decoded before those that are shown before it.
    """
    both = [
        (packet.pts, packet.dts)
        for packet in packets[:DEPTH]
        if packet.pts is not None and packet.dts is not None
    ]
    if not both:
        return Decimal(0)
    delay = min(pts for pts, _ in both) - both[0][1]
    return delay if 0 < delay <= _AHEAD else Decimal(0)


def _stretches(
    times: Sequence[Time | Decimal | None], format_name: str
) -> tuple[list[Stretch], str | None]:
    """The stretches that share one clock, and the first jump between two of them, in words."""
    ahead = Decimal(_AHEAD) if format_name in _JUMPING else None
    stretches: list[Stretch] = []
    jump, noise = None, 0
    for index, time in enumerate(times):
        current = stretches[-1] if stretches else None
        if current is None:
            stretches += [Stretch.begin(time)] if isinstance(time, Time) else []
            continue
        if not isinstance(time, Time):
            current.add(current.following(time))
            continue
        rest = [other for other in times[index + 1 : index + ROW] if isinstance(other, Time)]
        if noise <= index // _NOISE and current.is_noise(time, rest):
            noise += 1
            current.add(current.following(time.lasts))
        elif current.is_left_by(time, rest, ahead):
            jump = jump or f"its clock goes from {current.last.order:.3f} s to {time.order:.3f} s"
            stretches.append(Stretch.begin(time))
        else:
            current.add(time)
    return stretches, jump
