"""Which packets of a VP8 or VP9 video hold a frame that nobody sees.

An encoder writes such a frame for others to refer to. In VP8 it has a packet of its own. In VP9 it
shares one with a frame that is seen, unless a program took the two apart.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from motion_preflight.media.programs.packets import Packet

    Read = Callable[[Packet, int], bytes]  # packet, length → bytes, the container's header first

_HEADER = 64  # bytes at most that a container puts before a frame
_LARGEST = 16 << 20  # bytes of a packet


def visible_packets(
    packets: Sequence[Packet], codec: str | None, read: Read
) -> list[Packet] | None:
    """The packets that show a picture; `None` when that cannot be told without decoding.

    packets   those of one video
    codec     ffprobe's name of it
    read      gives at most so many bytes of a packet, with the container's header in front of them
    """
    is_visible = _TESTS.get(codec or "")
    if is_visible is None:
        return list(packets)
    shown, header = [], 0
    for packet in packets:
        size = packet.size or 0
        if packet.position is None or not 0 < size <= _LARGEST:
            return None
        data = read(packet, size + _HEADER)
        begins = _begin(data, packet, header)
        if begins is None:
            return None
        header = begins
        if is_visible(data[begins : begins + size]):
            shown.append(packet)
    return shown or None


def _begin(data: bytes, packet: Packet, likely: int) -> int | None:
    """Where the packet begins in the bytes: there they have the hash that ffprobe computed. `None`
    when they have it nowhere: they were packed, or lie apart.
    """
    size, view, digest = packet.size or 0, memoryview(data), packet.crc.lower()
    places: list[int] = [likely, *range(_HEADER + 1)]
    return next((at for at in places if f"{zlib.crc32(view[at : at + size]):08x}" == digest), None)


def _vp8_is_visible(frame: bytes) -> bool:
    """The flag show_frame of RFC 6386, section 9.1."""
    return bool(frame[0] & 0x10)


def _vp9_is_visible(frame: bytes) -> bool:
    """Whether a packet shows a frame: it is a superframe, shows an earlier frame, or has the flag
    show_frame.
    """
    if frame[-1] & 0xE0 == 0xC0:
        return True
    shift = 1 if frame[0] & 0x30 == 0x30 else 0  # profile 3 has a bit more
    bits = frame[0] << shift
    return bool(bits & 0x08 or bits & 0x02)


_TESTS = {"vp8": _vp8_is_visible, "vp9": _vp9_is_visible}
