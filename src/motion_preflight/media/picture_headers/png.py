"""Reads the chunks of a PNG."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from motion_preflight.media.picture_headers.header import PictureHeader, SidesUnknown
from motion_preflight.text.lazy_dataclass import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.media.source_file import Read

    Passes = tuple[tuple[int, int], ...]

_CHUNKS = 200_000  # of a file; encoders write 8 KiB of picture data or more into one chunk
_EXIF = 1 << 20  # bytes of an eXIf chunk that are looked at
_METADATA = {b"eXIf", b"iTXt", b"tEXt", b"zTXt", b"tIME"}
_NEEDED = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # colour type → samples a pixel
# Colour type and depth → where the alpha bytes stand in a row, whose first byte names its filter.
_ALPHA = {
    (4, 8): (slice(2, None, 2),), (4, 16): (slice(3, None, 4), slice(4, None, 4)),
    (6, 8): (slice(4, None, 4),), (6, 16): (slice(7, None, 8), slice(8, None, 8)),
}  # fmt: skip
# First column and row of each pass of an interlaced picture, and the steps between them.
_INTERLACED = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
               (0, 1, 1, 2))  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PngHeader(PictureHeader):
    """The header, where the picture data stand in the file, and their shape when inflated."""

    data: tuple[tuple[int, int], ...] = field(default=(), repr=False)  # offset, length
    # The chunks that a decoder needs. Metadata is left out: it may inflate to more than the data.
    parts: tuple[tuple[int, int], ...] = field(default=(), repr=False)
    passes: Passes = ()
    # Where the samples of alpha stand in a row, as slices of its bytes.
    alpha: tuple[slice, ...] = ()
    # Colours of the palette, or one colour, are transparent: only decoding shows whether all are.
    keyed: bool = False

    @property
    def inflated(self) -> int:
        """The number of bytes of the picture data when they are inflated."""
        return sum(rows * length for rows, length in self.passes)

    @property
    def rows(self) -> int:
        """The number of rows in all passes together."""
        return sum(rows for rows, _ in self.passes)


def read_png(read: Read, size: int) -> PngHeader:
    """Reads the header of a PNG. Raises `SidesUnknown`."""
    orientation, data, parts, ended, apple, keyed = 1, [], [(0, 8)], False, False, False
    sides: tuple[int, int, int, int, int] | None = None
    intact, several, metadata = True, False, False
    profile: tuple[tuple[int, int], ...] = ()
    for name, at, length in _chunks(read, size):
        if name == b"IHDR" and sides is None and length == 13:
            width, height, depth, colour, _, _, interlace = struct.unpack(">IIBBBBB", read(at, 13))
            sides = width, height, depth, colour, interlace
            intact = read(at + length, 4) == zlib.crc32(read(at - 4, length + 4)).to_bytes(4, "big")
        elif name == b"IDAT":
            data.append((at, length))
        elif name == b"eXIf":
            from motion_preflight.media.picture_headers.tiff import (  # noqa: PLC0415  few PNGs have it
                exif_orientation,
            )

            orientation = exif_orientation(read(at, min(length, _EXIF)))
        if name in _NEEDED:
            parts.append((at - 8, length + 12))
        keyed = keyed or (name == b"tRNS" and 0 in read(at, min(length, 256)))
        if name == b"iCCP":
            profile = ((at, length),)
        several = several or (name == b"acTL" and read(at, 4) > b"\0\0\0\1")
        metadata = metadata or name in _METADATA
        apple = apple or name == b"CgBI"
        ended = name == b"IEND"
    if not sides or not sides[0] or not sides[1]:
        raise SidesUnknown("it has no header")
    missing = None if ended else "it has no end (IEND)"
    damage = None if data else "it has no picture data (IDAT)"
    if not intact:
        damage = "the checksum of its header differs"
    if apple:
        damage = "it is in Apple's own form (CgBI), which other programs cannot show"
    width, height, depth, colour, _ = sides
    return PngHeader(
        "png", width, height, orientation, missing, damage, None, tuple(data), tuple(parts),
        _passes(*sides), _ALPHA.get((colour, depth), ()), keyed,
        profile=profile, several=several, metadata=metadata,
    )  # fmt: skip


def _chunks(read: Read, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, offset and length of the content of every chunk that is complete."""
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


def _passes(width: int, height: int, depth: int, colour: int, interlace: int) -> Passes:
    """The number of rows and the bytes of a row of the inflated data, pass by pass. Each row begins
    with the byte that names its filter.
    """
    bits = depth * _SAMPLES.get(colour, 4)
    if not interlace:
        return ((height, 1 + (width * bits + 7) // 8),)
    sides = [
        (-(-(width - left) // right), -(-(height - top) // down))
        for left, top, right, down in _INTERLACED
    ]
    return tuple(
        (rows, 1 + (columns * bits + 7) // 8) for columns, rows in sides if columns > 0 and rows > 0
    )
