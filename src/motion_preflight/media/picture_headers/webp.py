"""Reads the chunks of a WebP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.media.picture_headers.header import (
    PictureHeader,
    SidesUnknown,
    zeros_at_end,
)
from motion_preflight.media.picture_headers.tiff import exif_orientation

if TYPE_CHECKING:
    from motion_preflight.media.source_file import Read

_CHUNKS = 100_000  # of a file; an animation has one for each frame
_EXIF = 1 << 20  # bytes of an EXIF chunk that are looked at


def read_webp(read: Read, size: int) -> PictureHeader:
    """Reads the header of a WebP; its sides are those of the canvas where it has one. Raises
    `SidesUnknown`.
    """
    announced = int.from_bytes(read(4, 4), "little") + 8
    sides: tuple[int, int] | None = None
    orientation, at = 1, 12
    for _ in range(_CHUNKS):
        head = read(at, 8)
        if len(head) < 8:
            break
        name, length = head[:4], int.from_bytes(head[4:], "little")
        if name == b"EXIF":
            orientation = exif_orientation(read(at + 8, min(length, _EXIF)))
        sides = sides or _sides(name, read(at + 8, 10))
        at += 8 + length + length % 2
    if not sides:
        raise SidesUnknown("no chunk of it names the sides")
    if announced > size:
        missing: str | None = f"it has {size:,} of {announced:,} bytes"
    else:
        missing = zeros_at_end(read, announced)
    return PictureHeader("webp", *sides, orientation, missing)


def _sides(name: bytes, content: bytes) -> tuple[int, int] | None:
    """The sides in pixels that a chunk names; `None` when it names none."""
    if len(content) < 10:
        return None
    if name == b"VP8X":
        return _number(content[4:7]) + 1, _number(content[7:10]) + 1
    if name == b"VP8 " and content[3:6] == b"\x9d\x01\x2a":
        return _number(content[6:8]) & 0x3FFF, _number(content[8:10]) & 0x3FFF
    if name == b"VP8L" and content[:1] == b"\x2f":
        bits = _number(content[1:5])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None


def _number(data: bytes) -> int:
    return int.from_bytes(data, "little")
