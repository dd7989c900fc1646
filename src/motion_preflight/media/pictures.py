"""A picture → its facts: sides as displayed, whether it is whole, what is to be seen of it.

Headers and metadata are read here, pixels by Pillow, the rows of a PNG by zlib. What is too large
for that is said to be open.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field, replace
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING

from motion_preflight.facts import MediaFacts, Reason, Unmeasured, VideoStream
from motion_preflight.media import pixels
from motion_preflight.media.picture_headers.gif import read_gif
from motion_preflight.media.picture_headers.header import PictureHeader, SidesUnknown
from motion_preflight.media.picture_headers.jpeg import JpegHeader, read_jpeg
from motion_preflight.media.picture_headers.png import PngHeader, read_png
from motion_preflight.media.picture_headers.tiff import TiffHeader, read_tiff
from motion_preflight.media.picture_headers.webp import read_webp
from motion_preflight.media.pixels import Pixels
from motion_preflight.media.png_data import PngData, PngProblem
from motion_preflight.media.source_file import open_file, open_stretches

if TYPE_CHECKING:
    from motion_preflight.media.source_file import Read
    from motion_preflight.source import Source

_CODECS = {"jpeg": "mjpeg", "heic": "hevc", "avif": "av1"}  # as ffprobe names them
_INFLATED = 800_000_000  # bytes of picture data that are counted: some 2 s
_ROWS = 1_000_000
_WEBP = 12_500_000  # pixels: its decoder holds four times the picture
_JPEG_BYTES = 64 << 20
_JPEG = 150_000_000  # pixels: some 2 s
_BUFFERED = 60_000_000  # pixels of a JPEG in several scans, which is held as a whole
_SCANNED = 1_000_000_000  # pixels times scans: a few bytes can ask for many passes


@dataclass(frozen=True, slots=True)
class DecodedHeader(PictureHeader):
    """The header of a picture that only its decoder reads, with what that saw."""

    seen: Pixels = field(default_factory=Pixels)


def measure_picture(source: Source, location: str, kind: str) -> MediaFacts | Unmeasured:
    """The facts of a picture whose bytes are there; `kind` is what its first bytes say it is.
    Raises `Unusable` where they cannot be read.
    """
    try:
        header = _header(source, kind)
        seen = _pixels(source, header)
    except SidesUnknown as unknown:
        named = unknown.kind or kind
        return Unmeasured(
            location,
            Reason.UNSUPPORTED,
            f"the sides of this {named.upper()} picture cannot be found: {unknown}",
            size=source.size,
            container=named,
            transfer=source.transfer,
        )
    missing = header.missing or seen.missing
    width, height = header.width or seen.width, header.height or seen.height
    if header.rotation in {90, 270}:
        width, height = height, width
    return MediaFacts(
        location=location,
        size=source.size,
        container=header.kind,
        format_name=None,
        brand=None,
        probed_by=_reader(header),
        truncated=missing is not None,
        truncation=missing,
        undecodable=header.damage or seen.damage,
        video=VideoStream(_CODECS.get(kind, kind), width, height, header.rotation, None),
        transfer=source.transfer,
        version=source.version,
        colour=seen.colour,
        transparent=seen.transparent,
    )


def _reader(header: PictureHeader) -> str:
    """What read the picture data, and its version."""
    if header.kind == "png":
        return f"zlib {zlib.ZLIB_RUNTIME_VERSION}"
    return pixels.decoder_version()


def measurable(kind: str) -> bool:
    """Whether pictures of a kind that Pillow does not read can be measured all the same."""
    return kind in {"heic", "avif"} and PathFinder.find_spec("pillow_heif") is not None


def _header(source: Source, kind: str) -> PictureHeader:
    """What its own bytes say. Raises `SidesUnknown`."""
    if kind == "png":
        return read_png(source.read, source.size)
    if kind == "jpeg":
        if source.size > _JPEG_BYTES:
            raise SidesUnknown(f"it has {source.size:,} bytes")
        return read_jpeg(source.read(0, source.size))
    if kind == "gif":
        return read_gif(source.read, source.size)
    if kind == "webp":
        return read_webp(source.read, source.size)
    if kind == "tiff":
        return read_tiff(source.read, source.size)
    seen = pixels.decode(open_file(source.read, source.size), kind)
    if not seen.width:
        raise SidesUnknown(seen.damage or seen.missing or "its header names none")
    return DecodedHeader(
        kind, seen.width, seen.height, seen.orientation, seen.missing, seen.damage, seen
    )


def _pixels(source: Source, header: PictureHeader) -> Pixels:
    """What decoding shows, as far as the picture is whole and not too large."""
    if isinstance(header, DecodedHeader):
        return header.seen
    if header.missing or header.damage:
        return Pixels(colour=_colour(header))
    if isinstance(header, JpegHeader):
        return replace(_jpeg_pixels(source.read, header), colour=_colour(header))
    if isinstance(header, PngHeader):
        return _png_pixels(source.read, header)
    if header.kind == "webp" and header.pixels > _WEBP:
        return Pixels(damage=pixels.too_many(header.pixels))
    if header.pixels > pixels.MEMORY:
        return Pixels(damage=pixels.too_many(header.pixels))
    if isinstance(header, TiffHeader):
        return pixels.decode(open_stretches(source.read, header.parts), "tiff")
    return pixels.decode(open_file(source.read, source.size), header.kind)


def _png_pixels(read: Read, header: PngHeader) -> Pixels:
    if header.inflated > _INFLATED or header.rows > _ROWS:
        return Pixels(damage=pixels.too_many(header.pixels))
    data = PngData(read, header)
    try:
        data.look()
    except PngProblem as problem:
        return Pixels(damage=str(problem))
    if data.missing:
        return Pixels(missing=data.missing)
    if header.keyed and header.pixels * 4 <= pixels.MEMORY:
        return pixels.decode(open_stretches(read, header.parts), "png")
    return Pixels(transparent=not data.visible)


def _jpeg_pixels(read: Read, header: JpegHeader) -> Pixels:
    buffered = header.progressive or header.scans > 1
    too_large = header.pixels > (_BUFFERED if buffered else _JPEG)
    if too_large or header.pixels * header.scans > _SCANNED:
        return Pixels(damage=pixels.too_many(header.pixels))
    return pixels.decode_jpeg(read, header)


def _colour(header: PictureHeader) -> str | None:
    return "CMYK" if isinstance(header, JpegHeader) and header.components == 4 else None
