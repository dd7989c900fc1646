"""The chunks of a PNG."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from motion_preflight.media.picture_headers.header import PictureHeader, SidesUnknown
from motion_preflight.media.picture_headers.tiff import exif_orientation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.media.source_file import Read

_CHUNKS = 200_000  # of a file; encoders write 8 KiB of picture data into one, or more
_EXIF = 1 << 20  # bytes of an eXIf chunk that are looked at
_PIECE = 256 << 10  # bytes inflated at a time
_NEEDED = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # colour type → samples a pixel
# First column and row of each pass of an interlaced picture, and the steps between them.
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
           (0, 1, 1, 2))  # fmt: skip


@dataclass(frozen=True, slots=True)
class PngHeader(PictureHeader):
    """The header, where the picture data stand, and how many bytes they are when inflated."""

    data: tuple[tuple[int, int], ...] = field(default=(), repr=False)  # offset, length
    # The chunks that a decoder needs, without metadata: they may inflate to more than the picture.
    parts: tuple[tuple[int, int], ...] = field(default=(), repr=False)
    inflated: int = 0


def read_png(read: Read, size: int) -> PngHeader:
    """The header of a PNG. Raises `SidesUnknown`."""
    orientation, data, parts, ended, apple = 1, [], [(0, 8)], False, False
    sides: tuple[int, int, int, int, int] | None = None
    for name, at, length in _chunks(read, size):
        if name == b"IHDR" and sides is None and length >= 13:
            width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", read(at, 13))
            sides = width, height, depth, colour, interlace
        elif name == b"IDAT":
            data.append((at, length))
        elif name == b"eXIf":
            orientation = exif_orientation(read(at, min(length, _EXIF)))
        if name in _NEEDED:
            parts.append((at - 8, length + 12))
        apple = apple or name == b"CgBI"
        ended = name == b"IEND"
    if not sides or not sides[0] or not sides[1]:
        raise SidesUnknown("it has no header")
    missing = None if ended else "it has no end (IEND)"
    damage = None if data else "it has no picture data (IDAT)"
    if apple:
        damage = "it is in Apple's own form (CgBI), which other programs cannot show"
    inflated = _inflated_size(*sides)
    width, height = sides[:2]
    return PngHeader(
        "png", width, height, orientation, missing, damage, tuple(data), tuple(parts), inflated
    )


def _chunks(read: Read, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, offset and length of the content of every chunk that is there as a whole."""
    at = 8
    for _ in range(_CHUNKS):
        head = read(at, 8)
        if len(head) < 8:
            return
        length, name = int.from_bytes(head[:4], "big"), head[4:]
        if at + 12 + length > size:
            return
        yield name, at + 8, length
        if name == b"IEND":
            return
        at += 12 + length


def _inflated_size(width: int, height: int, depth: int, colour: int, interlace: int) -> int:
    """The bytes of all rows, each with the byte that names its filter."""
    bits = depth * _SAMPLES.get(colour, 4)
    if not interlace:
        return height * (1 + (width * bits + 7) // 8)
    total = 0
    for left, top, right, down in _PASSES:
        columns, rows = -(-(width - left) // right), -(-(height - top) // down)
        total += rows * (1 + (columns * bits + 7) // 8) if columns > 0 and rows > 0 else 0
    return total


def inflate_problem(read: Read, header: PngHeader) -> tuple[str | None, str | None]:
    """What is missing and what is damaged, of a picture that is too large to be decoded: its data
    are inflated in pieces and counted, and nothing of them is kept.
    """
    inflater, count = zlib.decompressobj(), 0
    try:
        for at, length in header.data:
            for start in range(at, at + length, _PIECE):
                piece = read(start, min(_PIECE, at + length - start))
                while piece and not inflater.eof and count < header.inflated:
                    count += len(inflater.decompress(piece, _PIECE))
                    piece = inflater.unconsumed_tail
    except zlib.error:
        return None, f"its picture data are broken after {count:,} bytes"
    if count < header.inflated:
        return f"its picture data end after {count:,} of {header.inflated:,} bytes", None
    return None, None
