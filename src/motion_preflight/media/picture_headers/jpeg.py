"""Reads the segments of a JPEG, and whether its scans hold all that its header announces."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING

from motion_preflight.media.picture_headers.header import PictureHeader, SidesUnknown
from motion_preflight.media.picture_headers.tiff import exif_orientation
from motion_preflight.text.lazy_dataclass import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Finds the next marker, in picture data too: there a real 0xFF is followed by 0, and the restart
# markers 0xD0 to 0xD7 stand between two parts of the data. Bytes before a marker are passed over,
# as decoders do.
_MARKER = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")
_SEGMENTS = 20_000
_ALONE = {0x01, 0xD8}  # markers without a length
_END, _SCAN, _EXIF, _PROFILE = 0xD9, 0xDA, 0xE1, 0xE2
_ICC = b"ICC_PROFILE\0"  # before a part of a colour profile, with its number and their number
_TABLES = {0xC4, 0xCC, 0xDB, 0xDC, 0xDD}  # segments that a decoder needs beside frame and scans
# The segments that say which colours the components are: JFIF and Adobe.
_COLOURS = {0xE0, 0xEE}
_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_LOSSLESS = {0xC3, 0xC7, 0xCB, 0xCF}
# Markers with which decoders give up: reserved ones, a second start, those of hierarchical JPEG.
_UNKNOWN = {*range(0x02, 0xC0), 0xC8, 0xD8, 0xDE, 0xDF, *range(0xF0, 0xFE)}
_ARITHMETIC = 0xC9  # frame markers from here on mean arithmetic coding


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class JpegHeader(PictureHeader):
    """The header, and the parts of the file that a decoder needs."""

    scans: int = 0
    progressive: bool = False
    arithmetic: bool = False
    # Offset and length of each part that a decoder needs: no metadata, and not the end marker.
    parts: tuple[tuple[int, int], ...] = field(default=(), repr=False)
    # The same with the segments that say which colours the components are: enough to show it.
    shown: tuple[tuple[int, int], ...] = field(default=(), repr=False)


class _Frame:
    """What a frame header announces, and how much of it the scans have brought so far."""

    def __init__(self, marker: int, content: bytes) -> None:
        _, self.height, self.width, count = struct.unpack_from(">BHHB", content)
        self.progressive = marker in _PROGRESSIVE
        self.arithmetic = marker >= _ARITHMETIC
        self.lossless = marker in _LOSSLESS
        self.scans = 0
        # For every component and coefficient: how many of its low bits are still to come.
        coefficients = 64 if self.progressive else 1
        self._left: dict[int, list[int | None]] = {
            content[6 + 3 * number]: [None] * coefficients for number in range(count)
        }

    @property
    def components(self) -> int:
        return len(self._left)

    def scan(self, content: bytes) -> None:
        """Notes what the header of a scan announces."""
        self.scans += 1
        names = content[1 : 1 + 2 * content[0] : 2]
        first, last, bits = content[1 + 2 * content[0] :][:3]
        if self.lossless:  # it has no coefficients: the first number names a predictor
            first = last = bits = 0
        for name in names:
            left = self._left.get(name, [])
            for coefficient in range(first, min(last + 1, len(left))):
                left[coefficient] = bits & 15

    @property
    def incomplete(self) -> str | None:
        """The picture data that no scan brought, in words; `None` when nothing is missing."""
        if not self.scans:
            return "it has no picture data (scan)"
        if any(left[0] is None for left in self._left.values()):
            return "the picture data of a colour are missing"
        if any(bits != 0 for left in self._left.values() for bits in left):
            return "its last passes are missing"
        return None


def read_jpeg(data: bytes) -> JpegHeader:
    """Reads the header of a JPEG. Raises `SidesUnknown`."""
    frame: _Frame | None = None
    orientation, ended, parts, shown = 1, False, [(0, 2)], [(0, 2)]
    profile, metadata = dict[int, tuple[int, int]](), False
    markers: list[int] = []
    try:
        for marker, content, start, end in _segments(data):
            ended = marker == _END
            markers.append(marker)
            metadata = metadata or marker == _EXIF
            if marker == _PROFILE and content.startswith(_ICC) and len(content) > 14:
                profile[content[12]] = (end - len(content) + 14, len(content) - 14)
            if marker == _EXIF and content.startswith(b"Exif\0\0"):
                orientation = exif_orientation(content)
            elif marker in _FRAMES and frame is None:
                frame = _Frame(marker, content)
            elif marker == _SCAN and frame is not None:
                frame.scan(content)
            if marker in _FRAMES | _TABLES | {_SCAN}:
                parts.append((start, end - start))
            if marker in _FRAMES | _TABLES | _COLOURS | {_SCAN}:
                shown.append((start, end - start))
    except (struct.error, IndexError, ValueError):
        ended = False
    if frame is None or not frame.width or not frame.height:
        raise SidesUnknown("it has no frame header")
    missing = frame.incomplete if ended else "it has no end marker"
    damage = "it is a lossless JPEG, which few programs show" if frame.lossless else None
    damage = damage or _unknown_marker(markers)
    return JpegHeader(
        "jpeg", frame.width, frame.height, orientation, missing, damage,
        colour="CMYK" if frame.components == 4 else None, scans=frame.scans,
        progressive=frame.progressive, arithmetic=frame.arithmetic, parts=tuple(parts),
        shown=tuple(shown), profile=tuple(part for _, part in sorted(profile.items())),
        metadata=metadata,
    )  # fmt: skip


def _unknown_marker(markers: Sequence[int]) -> str | None:
    """Which marker makes decoders give up before they have seen all scans, in words; else
    `None`.
    """
    scans = markers.count(_SCAN)
    for marker in markers:
        scans -= marker == _SCAN
        if marker in _UNKNOWN and scans:
            return f"it has a marker that no decoder knows (FF {marker:02X})"
    return None


def _segments(data: bytes) -> Iterator[tuple[int, bytes, int, int]]:
    """Marker, content, start and end of every segment, up to the end marker. The content of a scan
    is that of its header, and its end is the end of its picture data.
    """
    match = _MARKER.search(data, 2)
    for _ in range(_SEGMENTS):
        if match is None:
            return
        marker, start, at = match[1][0], match.start(), match.end()
        length = 0
        if marker == _END:
            yield marker, b"", start, at
            return
        if marker not in _ALONE:
            length = max(int.from_bytes(data[at : at + 2], "big"), 2)
            match = _MARKER.search(data, at + length)
            end = at + length if marker != _SCAN else match.start() if match else len(data)
            yield marker, data[at + 2 : at + length], start, end
        else:
            yield marker, b"", start, at
            match = _MARKER.search(data, at)
