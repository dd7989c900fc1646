"""The header of an MP4/MOV box, and the numbers of which boxes are made."""

from __future__ import annotations

import struct

_HEADER = struct.Struct(">I4s")
_IN_A_NAME = bytes([*range(0x20, 0x7F), 0xA9])


class BoxError(ValueError):
    """The boxes cannot be followed; the message says where and why."""


def u32(data: bytes, at: int) -> int | None:
    """The 32-bit number at an offset; `None` beyond the end of the data."""
    return int.from_bytes(data[at : at + 4], "big") if 0 <= at <= len(data) - 4 else None


def u64(data: bytes, at: int) -> int | None:
    """The 64-bit number at an offset; `None` beyond the end of the data."""
    return int.from_bytes(data[at : at + 8], "big") if 0 <= at <= len(data) - 8 else None


def box_header(data: bytes, at: int, room: int) -> tuple[bytes, int, int] | None:
    """Kind, size and header length, in bytes, of the box at an offset; `None` if there is none.
    `room` is what is left of its parent: a box of size 0 fills all of it.
    """
    if room < 8 or len(data) - at < 8:
        return None
    size, kind = _HEADER.unpack_from(data, at)
    if not kind.isalnum() and kind.translate(None, _IN_A_NAME):  # the quick test settles nearly all
        return None
    if size >= 8:
        return kind, size, 8
    if size == 0:
        return kind, room, 8
    wide = u64(data, at + 8) if size == 1 and room >= 16 else None
    return (kind, wide, 16) if wide is not None and wide >= 16 else None
