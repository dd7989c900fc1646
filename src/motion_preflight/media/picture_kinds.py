"""Reads one picture of each kind: what its header says, and what its pixels show.

The reader of a kind, and Pillow, are imported with the first picture of that kind.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, cast

from motion_preflight.media.picture_headers.header import (
    PictureHeader,
    Pixels,
    SidesUnknown,
    too_many,
    zeros_at_end,
)
from motion_preflight.media.source_file import open_file, open_stretches

if TYPE_CHECKING:
    from motion_preflight.media.picture_headers.jpeg import JpegHeader
    from motion_preflight.media.picture_headers.png import PngHeader
    from motion_preflight.media.picture_headers.tiff import TiffHeader
    from motion_preflight.media.source_file import Read

    Seen = tuple[PictureHeader, Pixels]

_INFLATED = 800_000_000  # bytes of inflated picture data: some 2 s of work
_ROWS = 1_000_000
_WEBP = 12_500_000  # pixels: its decoder needs memory for four times the picture
_JPEG_BYTES = 64 << 20
_JPEG = 150_000_000  # pixels: some 2 s of work
_BUFFERED = 60_000_000  # pixels of a JPEG in several scans, which is decoded in memory as a whole
_SCANNED = 1_000_000_000  # pixels times scans: a few bytes can ask for many passes
_OTHERS = 100_000_000  # pixels


def read_picture(read: Read, size: int, kind: str) -> Seen:
    """Reads the header and looks at the pixels. Raises `SidesUnknown`, or `MediaUnavailable` when
    the source cannot be read.
    """
    header = read_header(read, size, kind)
    if header is None:
        return _without_reader(read, size, kind)
    if header.missing or header.damage:
        return header, Pixels()
    return header, _pixels(read, size, header)


def read_header(read: Read, size: int, kind: str) -> PictureHeader | None:
    """Reads the header alone; `None` for a kind whose header only its decoder reads. Raises as
    `read_picture` does.
    """
    if kind == "png":
        from motion_preflight.media.picture_headers.png import read_png

        return read_png(read, size)
    if kind == "jpeg":
        from motion_preflight.media.picture_headers.jpeg import read_jpeg

        if size > _JPEG_BYTES:
            raise SidesUnknown(f"it has {size:,} bytes")
        return read_jpeg(read(0, size))
    if kind == "tiff":
        from motion_preflight.media.picture_headers.tiff import read_tiff

        return read_tiff(read, size)
    if kind == "gif":
        from motion_preflight.media.picture_headers.gif import read_gif

        return read_gif(read, size)
    if kind == "webp":
        from motion_preflight.media.picture_headers.webp import read_webp

        return read_webp(read, size)
    return None


def _pixels(read: Read, size: int, header: PictureHeader) -> Pixels:
    """What the pixels of a picture show whose header finds no fault with it."""
    if header.kind == "png":
        return _png_pixels(read, cast("PngHeader", header))
    if header.kind == "jpeg":
        return _jpeg_pixels(read, cast("JpegHeader", header))
    if header.pixels > (_WEBP if header.kind == "webp" else _OTHERS):
        return _too_many(header.pixels)
    from motion_preflight.media.pixels import decode

    if header.kind == "tiff":
        return decode(open_stretches(read, cast("TiffHeader", header).parts), "tiff")
    return decode(open_file(read, size), header.kind)


def _png_pixels(read: Read, header: PngHeader) -> Pixels:
    from motion_preflight.media.png_data import PngData, PngProblem

    by = f"zlib {zlib.ZLIB_RUNTIME_VERSION}"
    if header.inflated > _INFLATED or header.rows > _ROWS:
        return _too_many(header.pixels)
    data = PngData(read, header)
    try:
        data.look()
    except PngProblem as problem:
        return Pixels(damage=str(problem), by=by)
    if data.missing:
        return Pixels(missing=data.missing, by=by)
    if header.keyed and header.pixels * 4 <= _OTHERS:
        from motion_preflight.media.pixels import decode

        return decode(open_stretches(read, header.parts), "png")
    return Pixels(transparent=None if header.keyed else not data.visible, by=by)


def _jpeg_pixels(read: Read, header: JpegHeader) -> Pixels:
    buffered = header.progressive or header.scans > 1
    too_large = header.pixels > (_BUFFERED if buffered else _JPEG)
    if too_large or header.pixels * header.scans > _SCANNED:
        return _too_many(header.pixels)
    from motion_preflight.media.pixels import decode_jpeg

    return decode_jpeg(read, header)


def _without_reader(read: Read, size: int, kind: str) -> Seen:
    """Reads a picture whose header only its decoder can read."""
    from motion_preflight.media.pixels import decode

    seen = decode(open_file(read, size), kind)
    if not seen.width:
        raise SidesUnknown(seen.damage or seen.missing or "its header names none")
    missing = zeros_at_end(read, size)
    return PictureHeader(kind, seen.width, seen.height, seen.orientation, missing), seen


def _too_many(pixels: int) -> Pixels:
    return Pixels(damage=too_many(pixels))
