"""Small operations on the bytes of MP4 boxes and JPEG segments, which make odd media of good ones.

They know ffmpeg's own output and nothing more: 32-bit sizes, version 0 boxes, and the video
track before the others.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DURATION = 24  # in a version 0 mvhd or mdhd, where its duration is
MATRIX = 48  # in a version 0 tkhd, where its matrix is
ALL_ONES = 0xFFFFFFFF
QUARTER_TURN = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 360 << 16, 0, 1 << 30)
# Big-endian TIFF with one entry: tag 0x0112 (orientation), one short, 6 = turn it clockwise.
EXIF_TURNED = b"Exif\0\0" + struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x0112, 3, 1, 6, 0, 0)


def boxes(data: bytes, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Give the kind, the start and the end of each box in a stretch of bytes."""
    while start < end:
        size, kind = struct.unpack_from(">I4s", data, start)
        yield kind.decode("latin-1"), start, start + size
        start += size


def find(data: bytes, path: str) -> list[tuple[int, int]]:
    """Give the span of every box from the outermost to the last of a path such as moov/trak."""
    start, end, spans = 0, len(data), list[tuple[int, int]]()
    for kind in path.split("/"):
        start, end = next((s, e) for result, s, e in boxes(data, start, end) if result == kind)
        spans.append((start, end))
        start += 8
    return spans


def put(data: bytes, at: int, new: bytes) -> bytes:
    """Write over some bytes without moving the others."""
    return data[:at] + new + data[at + len(new) :]


def put_number(data: bytes, at: int, number: int) -> bytes:
    """Write over one 32-bit number."""
    return put(data, at, struct.pack(">I", number))


def halve_header(data: bytes) -> bytes:
    """Make mvhd say half of what the tracks say."""
    at = find(data, "moov/mvhd")[-1][0] + DURATION
    return put_number(data, at, int.from_bytes(data[at : at + 4], "big") // 2)


def unset_media_duration(data: bytes) -> bytes:
    """Make the video track's mdhd all ones, which some muxers write for "not known"."""
    return put_number(data, find(data, "moov/trak/mdia/mdhd")[-1][0] + DURATION, ALL_ONES)


def turn(data: bytes) -> bytes:
    """Put a quarter turn into the video track's matrix."""
    return put(data, find(data, "moov/trak/tkhd")[-1][0] + MATRIX, QUARTER_TURN)


def point_elsewhere(data: bytes) -> bytes:
    """Make the video track's data reference name another file.

    The entry grows, and so does each box around it. No chunk offset needs to change because
    the moov is behind the media.
    """
    *around, (start, end) = find(data, "moov/trak/mdia/minf/dinf/dref")
    entry = struct.pack(">I4sI", 12, b"url ", 0) + b"elsewhere.mov\0"
    entry = put_number(entry, 0, len(entry))
    dref = struct.pack(">I4sII", 16 + len(entry), b"dref", 0, 1) + entry
    for outer, outer_end in around:
        data = put_number(data, outer, outer_end - outer + len(dref) - (end - start))
    return data[:start] + dref + data[end:]


def use_large_size(data: bytes) -> bytes:
    """Give mdat a 64-bit size: the empty box that ffmpeg leaves before it is the room for it."""
    (free, start), (mdat, end) = find(data, "free")[-1], find(data, "mdat")[-1]
    if (free + 8, start) != (mdat, mdat):
        raise ValueError("no empty box of 8 bytes before mdat")
    return put(data, free, struct.pack(">I4sQ", 1, b"mdat", end - free))


def open_mdat(data: bytes) -> bytes:
    """Let mdat, the last box, go on to the end of the file."""
    return put_number(data, find(data, "mdat")[-1][0], 0)


def tell_orientation(data: bytes) -> bytes:
    """Insert an EXIF segment behind a JPEG's first marker."""
    return data[:2] + struct.pack(">HH", 0xFFE1, 2 + len(EXIF_TURNED)) + EXIF_TURNED + data[2:]


def half(data: bytes) -> bytes:
    """Keep the first half, as a broken download does."""
    return data[: len(data) // 2]
