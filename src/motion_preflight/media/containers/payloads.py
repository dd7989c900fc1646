"""Whether the packets of a video are there, or zeros in their place.

A download that reserves its space and stops leaves a file whose headers are right and whose end is
zero. The hash that ffprobe computes of every packet proves that a packet is all zeros. A packet
that is zero except for its beginning shows only in the file itself, where some packets that stand
well apart are looked at.
"""

from __future__ import annotations

import re
import zlib
from functools import lru_cache
from typing import TYPE_CHECKING

from motion_preflight.media.containers.first_sample import ZEROS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from motion_preflight.media.programs.packets import Packet

# Codecs whose frames are compressed, so that none has more than some zeros in a row.
_DENSE = {
    "h264", "hevc", "vvc", "vp8", "vp9", "av1", "mpeg4", "msmpeg4v1", "msmpeg4v2", "msmpeg4v3",
    "wmv1", "wmv2", "wmv3", "vc1", "theora", "flv1", "h263", "mjpeg", "vp6", "vp6f", "rv10", "rv20",
    "rv30", "rv40",
}  # fmt: skip
_FILLED = {"mpeg1video", "mpeg2video"}  # zeros after a frame keep their bit rate constant
COMPRESSED = _DENSE | _FILLED
_ENOUGH = 64  # bytes; a shorter packet may be anything
_LARGEST = 16 << 20  # bytes of a packet
_SAMPLES = 16  # packets that are looked at
_BYTES = 16 << 10  # bytes of a packet that are looked at
_HEADER = 64  # bytes at most that a container puts before a frame
_RUN = re.compile(rb"\0{64,}")
_HALF = 0.5  # a packet with fewer zeros may hold the real start of a frame


def payload_problem(
    packets: Sequence[Packet], codec: str | None, read: Callable[[Packet, int], bytes]
) -> str | None:
    """Why packets cannot be frames of the codec, in words; `None` when nothing speaks against it.

    packets   those of one video, in the file's order
    codec     ffprobe's name of it
    read      gives at most so many bytes of a packet, with the container's header in front of them
    """
    if codec not in COMPRESSED:
        return None
    for index, packet in enumerate(packets):
        if _is_zero(packet):
            return ZEROS.format("a later frame of it" if index else "its first frame")
    if codec in _FILLED:
        return None
    large = [index for index, packet in enumerate(packets) if (packet.size or 0) >= _ENOUGH]
    apart = {large[at * (len(large) - 1) // (_SAMPLES - 1)] for at in range(_SAMPLES) if large}
    for index in sorted(apart):
        packet = packets[index]
        length = min((packet.size or 0) + _HEADER, _BYTES)
        if packet.position is not None and _is_hollow(read(packet, length)):
            return ZEROS.format("a later frame of it" if index else "its first frame")
    return None


def _is_zero(packet: Packet) -> bool:
    """Whether every byte of a packet is zero, by its hash."""
    size = packet.size or 0
    return _ENOUGH <= size <= _LARGEST and packet.crc.lower() == _zero_crc(size)


@lru_cache(maxsize=1024)
def _zero_crc(size: int) -> str:
    return f"{zlib.crc32(bytes(size)):08x}"


def _is_hollow(data: bytes) -> bool:
    """Whether bytes are one long run of zeros, except for a header."""
    zeros = max((len(run) for run in _RUN.findall(data)), default=0)
    return zeros > max(0, len(data) - _HEADER) * _HALF
