"""Picture data → whether they decode, and what is to be seen. The only importer of Pillow.

The class of one format is used, not `Image.open`: that imports every format, and warns of, or
refuses, large pictures by settings that belong to the whole process. What is decoded here is
bounded by the caller, or by `MEMORY`.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from motion_preflight.media.picture_headers.header import Pixels, too_many
from motion_preflight.media.picture_headers.tiff import exif_orientation
from motion_preflight.media.source_file import open_stretches
from motion_preflight.source import Unusable
from motion_preflight.source.location import scrubbed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import BinaryIO

    from PIL import ImageFile

    from motion_preflight.media.picture_headers.jpeg import JpegHeader
    from motion_preflight.media.source_file import Read

MEMORY = 100_000_000  # bytes of one decoded picture
_RUNS = 4_000_000  # pixels of a BMP in run lengths, which are unpacked by Python
_STRIP = 64  # rows
_CUT = ("truncated", "unexpected end", "no more data", "not enough data")
_JPEG_END = b"\xff\xd9"
# Follows the picture data of a JPEG in a second decoding. Data that are complete hide it: decoders
# pass it over. Where some are missing it is taken for them, and shows. The restart markers bring
# a decoder that waits for any of them to listen again.
_FILLER = b"".join(
    bytes((37 * index + 11 * restart) % 255 for index in range(64)) + bytes((0xFF, 0xD0 + restart))
    for restart in range(8)
)


def decoder_version() -> str:
    """The decoder's name and version, for people."""
    import PIL

    return f"Pillow {PIL.__version__}"


def decode(file: BinaryIO, kind: str) -> Pixels:
    """What a picture holds, of which every pixel is decoded. Of an animation that is the first
    frame.
    """
    return _guarded(lambda: _decoded(_opened(file, kind)))


def decode_jpeg(read: Read, header: JpegHeader) -> Pixels:
    """The same of a JPEG. Its decoder fills up what is missing and tells nobody, so it decodes
    twice, the second time with `_FILLER` behind the picture data: both are alike when none of it
    was needed. Only as many pixels are made as show a difference.
    """
    return _guarded(lambda: _decoded_twice(read, header))


def _decoded_twice(read: Read, header: JpegHeader) -> Pixels:
    checksum = _checksum(read, header, b"")
    # The end of arithmetic coding is a number that goes on as zeros: what follows would change it.
    if not header.arithmetic and _checksum(read, header, _FILLER) != checksum:
        return Pixels(missing="its picture data end before its last row")
    return Pixels()


def _checksum(read: Read, header: JpegHeader, behind: bytes) -> int:
    """A number that stands for the decoded pixels; `behind` follows the picture data."""
    picture = _opened(open_stretches(read, [*header.parts, behind + _JPEG_END]), "jpeg")
    # An eighth shows the brightness of each block; progressive ones hold it in their first passes,
    # and their last ones show only in full.
    part = 8
    if header.progressive:
        part = 1 if header.pixels * 4 <= MEMORY // 2 else 2
    picture.draft(None, (max(picture.width // part, 1), max(picture.height // part, 1)))
    picture.load()
    total = 0
    for top in range(0, picture.height, _STRIP):
        strip = picture.crop((0, top, picture.width, min(top + _STRIP, picture.height)))
        total = zlib.crc32(strip.tobytes(), total)
    return total


def _opened(file: BinaryIO, kind: str) -> ImageFile.ImageFile:  # one import for each kind
    """A picture of that kind, of which no pixel is decoded yet."""
    if kind == "png":
        from PIL.PngImagePlugin import PngImageFile

        return PngImageFile(file)
    if kind == "jpeg":
        from PIL.JpegImagePlugin import JpegImageFile

        return JpegImageFile(file)
    if kind == "gif":
        from PIL.GifImagePlugin import GifImageFile

        return GifImageFile(file)
    if kind == "webp":
        from PIL.WebPImagePlugin import WebPImageFile

        return WebPImageFile(file)
    if kind == "bmp":
        from PIL.BmpImagePlugin import BmpImageFile

        return BmpImageFile(file)
    if kind == "tiff":
        from PIL.TiffImagePlugin import TiffImageFile

        return TiffImageFile(file)
    return _opened_heif(file, kind)


def _opened_heif(file: BinaryIO, kind: str) -> ImageFile.ImageFile:
    """The same of a kind that is read only where the extra `heif` is installed."""
    if kind == "avif":
        from PIL.AvifImagePlugin import AvifImageFile

        return AvifImageFile(file)
    from pillow_heif import HeifImageFile

    return HeifImageFile(file)  # type: ignore[no-untyped-call]


def _decoded(picture: ImageFile.ImageFile) -> Pixels:
    width, height, colour = picture.width, picture.height, picture.mode
    turned = _orientation(picture)
    if picture.format == "HEIF" and turned >= 5:  # its sides are those of the turned picture
        width, height = height, width
    pixels = width * height
    in_runs = any(tile[0] == "bmp_rle" for tile in picture.tile)
    if pixels * (1 if colour in {"1", "L", "P"} else 4) > MEMORY or (in_runs and pixels > _RUNS):
        return Pixels(width, height, turned, colour, damage=too_many(pixels))
    try:
        picture.load()
    except Unusable:
        raise
    except Exception as error:  # noqa: BLE001  decoders of attackers' files raise all there is
        missing, damage = _problem(error)
        return Pixels(width, height, turned, colour, missing=missing, damage=damage)
    return Pixels(width, height, turned, colour, _is_transparent(picture))


def _orientation(picture: ImageFile.ImageFile) -> int:
    """Exif's number, of a format whose header only its decoder reads."""
    if picture.format == "AVIF":
        return exif_orientation(picture.info.get("exif", b""))
    return picture.info.get("original_orientation") or 1


def _guarded(decoded: Callable[[], Pixels]) -> Pixels:
    """What decoding gives; whatever it raises is a damage of the picture."""
    try:
        from PIL import ImageFile

        if ImageFile.LOAD_TRUNCATED_IMAGES:  # of another program: not ours to change
            return Pixels(damage="this program lets Pillow fill up what is missing")
        return replace(decoded(), by=decoder_version())
    except Unusable:
        raise
    except Exception as error:  # noqa: BLE001  decoders of attackers' files raise all there is
        missing, damage = _problem(error)
        return Pixels(missing=missing, damage=damage)


def _problem(error: Exception) -> tuple[str | None, str | None]:
    """What is missing or damaged, by what the decoder says."""
    text = scrubbed(str(error))[:200] or type(error).__name__
    if any(words in text.lower() for words in _CUT):
        return f"its picture data end too early ({text})", None
    return None, f"it cannot be decoded ({text})"


def _is_transparent(picture: ImageFile.ImageFile) -> bool:
    """Whether no pixel of it can be seen."""
    if picture.mode[-1:] in {"A", "a"}:
        return _extrema(picture)[-1][1] == 0
    key = picture.info.get("transparency")
    if key is None:
        return False
    if picture.mode == "P":
        used = [index for index, count in enumerate(picture.histogram()) if count]
        alpha = {key: 0} if isinstance(key, int) else dict(enumerate(key))
        return all(alpha.get(index, 255) == 0 for index in used)
    ranges = _extrema(picture)
    keys = key if isinstance(key, tuple) else (key,)
    return all(low == high == wanted for (low, high), wanted in zip(ranges, keys, strict=False))


def _extrema(picture: ImageFile.ImageFile) -> Sequence[tuple[float, float]]:
    """The least and the greatest value of each band."""
    extrema: Any = picture.getextrema()  # of a single band without a sequence around it
    return (extrema,) if len(picture.getbands()) == 1 else extrema
