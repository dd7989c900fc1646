"""Reads the blocks of a GIF."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from motion_preflight.media.picture_headers.header import PictureHeader, SidesUnknown

if TYPE_CHECKING:
    from motion_preflight.media.source_file import Read

_BLOCKS = 2_000_000  # of 256 bytes at most
_REACH = 1 << 26  # pixels that the frames may cover when they reach beyond the screen
_EXTENSION, _FRAME, _END = b"!", b",", b";"


def read_gif(read: Read, size: int) -> PictureHeader:
    """Reads the header of a GIF: its sides are those of the screen, or of a larger first frame.
    Bytes are missing only where the file ends within a block. Raises `SidesUnknown`.
    """
    screen = read(6, 7)
    if len(screen) < 7:
        raise SidesUnknown("it ends within its header")
    width, height, flags = struct.unpack("<HHB", screen[:5])
    at, frames, cut, right, bottom = 13 + _colours(flags), 0, False, width, height
    for _ in range(_BLOCKS):
        block = read(at, 1)
        if block == _EXTENSION:
            at, whole = _past_blocks(read, at + 2)
        elif block == _FRAME:
            frame = read(at, 10)
            if len(frame) == 10:
                left, top, columns, rows, flags = struct.unpack("<4HB", frame[1:])
                right, bottom = max(right, left + columns), max(bottom, top + rows)
                width, height = (width, height) if frames else (right, bottom)
            at, whole = _past_blocks(read, at + 11 + _colours(flags))
            frames += whole
        else:
            break
        if not whole:
            cut = True
            break
    if not width or not height:
        raise SidesUnknown("its header names no sides")
    missing = f"it ends within a block, at byte {size:,}" if cut or at > size else None
    damage = None if frames or missing else "it has no picture"
    if right * bottom > max(width * height, _REACH):
        damage = f"a frame of it reaches to {right}x{bottom} pixels"
    return PictureHeader("gif", width, height, missing=missing, damage=damage)


def _colours(flags: int) -> int:
    """The bytes of the colour table that these flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _past_blocks(read: Read, at: int) -> tuple[int, bool]:
    """Where the sub-blocks that begin there end, and whether they are complete."""
    for _ in range(_BLOCKS):
        length = read(at, 1)
        if not length:
            return at, False
        at += 1 + length[0]
        if length == b"\0":
            return at, True
    return at, False
