"""What a picture's header says by itself: sides, orientation, and whether its end is there.

Some builds of ffprobe carry no PNG decoder and answer 0x0, and none of them says how a photo is
turned or that half of a PNG is missing: the facts must not depend on which one is installed.
"""

from __future__ import annotations

import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_TURNED = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}  # Exif orientation → degrees clockwise
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # JPEG markers that carry the sides
_ALONE = {0x01, *range(0xD0, 0xD9)}  # JPEG markers without a length


@dataclass(frozen=True, slots=True)
class Picture:
    """Sides in pixels as stored, degrees clockwise for display. `None`: the header says none."""

    width: int | None = None
    height: int | None = None
    rotation: int | None = None
    cut_short: bool = False


def read_picture(data: bytes, kind: str) -> Picture:
    """What the bytes of a whole picture say; an empty `Picture` for kinds that ffprobe reads."""
    try:
        return _READERS[kind](data) if kind in _READERS else Picture()
    except (struct.error, IndexError):
        return Picture(cut_short=True)


def _png(data: bytes) -> Picture:
    width, height = struct.unpack_from(">II", data, 16)
    return Picture(width, height, 0, cut_short=b"IEND" not in data[-4096:])


def _jpeg(data: bytes) -> Picture:
    rotation = 0
    for marker, at, body in _segments(data):
        if marker == 0xE1 and body[:6] == b"Exif\0\0":
            rotation = _TURNED.get(_orientation(body[6:]), 0)
        elif marker in _FRAMES:
            height, width = struct.unpack_from(">HH", body, 1)
            ended = data.rfind(b"\xff\xd9") > at  # a thumbnail before it has an end of its own
            return Picture(width, height, rotation, cut_short=not ended)
    return Picture(cut_short=True)


def _segments(data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Marker, offset and content of the segments of a JPEG up to its first scan."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF or marker in _ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xDA or length < 2:
            return
        yield marker, at, data[at + 4 : at + 2 + length]
        at += 2 + length


def _orientation(tiff: bytes) -> int:
    """The orientation tag of an Exif block, 0 when it has none or is broken."""
    order = "<" if tiff[:2] == b"II" else ">"
    with suppress(struct.error):
        (at,) = struct.unpack_from(order + "I", tiff, 4)
        (count,) = struct.unpack_from(order + "H", tiff, at)
        for index in range(min(count, 512)):
            tag, _, _, value = struct.unpack_from(order + "HHIH", tiff, at + 2 + 12 * index)
            if tag == 0x0112:
                return int(value)
    return 0


_READERS = {"png": _png, "jpeg": _jpeg}
