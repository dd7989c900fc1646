"""Decodes pictures: whether they are whole, and whether anything can be seen.

The class of one format is used, not `Image.open`. That one imports every format, and it warns of
large pictures, or refuses them, by settings that belong to the whole process. The size of what is
decoded here is bounded by the caller, or by `MEMORY`.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

from motion_preflight.media.picture_headers.header import Pixels, too_many
from motion_preflight.media.picture_headers.tiff import exif_orientation
from motion_preflight.media.source_file import open_stretches
from motion_preflight.network.errors import MediaUnavailable
from motion_preflight.text.lazy_dataclass import replace
from motion_preflight.text.locations import sanitize_external_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import BinaryIO

    from PIL import ImageFile

    from motion_preflight.media.picture_headers.jpeg import JpegHeader
    from motion_preflight.media.source_file import Read

MEMORY = 100_000_000  # bytes of one decoded picture
_RUNS = 4_000_000  # pixels of a run-length BMP, which Pillow unpacks in slow Python
_STRIP = 64  # rows
_CUT = ("truncated", "unexpected end", "no more data", "not enough data")
_JPEG_END = b"\xff\xd9"
# These bytes follow the picture data of a JPEG in a second decoding. When the data are complete,
# decoders pass them over. When some data are missing, decoders read these bytes in their place, and
# the picture changes. The restart markers wake up a decoder that waits for one of them.
_FILLER = b"".join(
    bytes((37 * index + 11 * restart) % 255 for index in range(64)) + bytes((0xFF, 0xD0 + restart))
    for restart in range(8)
)


def decoder_version() -> str:
    """The decoder's name and version, for people."""
    import PIL

    return f"Pillow {PIL.__version__}"


def decode(file: BinaryIO, kind: str) -> Pixels:
    """Decodes every pixel of a picture, of an animation those of the first frame, and says what is
    there.
    """
    return _guarded(lambda: _decoded(open_picture(file, kind)))


def decode_jpeg(read: Read, header: JpegHeader) -> Pixels:
    """Decodes a JPEG and says whether picture data are missing.

    Its decoder fills up missing data silently, so the picture is decoded twice, the second time
    with `_FILLER` behind the data: the results are equal when no data are missing. Only as many
    pixels are decoded as are needed to show a difference.
    """
    return _guarded(lambda: _decoded_twice(read, header))


def _decoded_twice(read: Read, header: JpegHeader) -> Pixels:
    checksum = _checksum(read, header, b"")
    # Arithmetic coding ends in a number that goes on as zeros: bytes behind it would change it.
    if not header.arithmetic and _checksum(read, header, _FILLER) != checksum:
        return Pixels(missing="its picture data end before its last row")
    return Pixels()


def _checksum(read: Read, header: JpegHeader, behind: bytes) -> int:
    """A number that stands for the decoded pixels; the bytes `behind` follow the picture data."""
    picture = open_picture(open_stretches(read, [*header.parts, behind + _JPEG_END]), "jpeg")
    # An eighth of the size shows the brightness of each block. That is not enough for progressive
    # pictures: they hold it in their first passes, and the last passes show only at full size.
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


def open_picture(file: BinaryIO, kind: str) -> ImageFile.ImageFile:  # one import for each kind
    """Opens a picture of that kind, before any pixel is decoded. Raises whatever Pillow raises."""
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
    """A picture of a kind that is read only where the extra `heif` is installed."""
    if kind == "avif":
        from PIL.AvifImagePlugin import AvifImageFile

        return AvifImageFile(file)
    from pillow_heif import HeifImageFile

    return HeifImageFile(file)  # type: ignore[no-untyped-call]


def _decoded(picture: ImageFile.ImageFile) -> Pixels:
    width, height, colour = picture.width, picture.height, picture.mode
    orientation = _orientation(picture)
    if picture.format == "HEIF" and orientation >= 5:  # its sides are named after rotating it
        width, height = height, width
    pixels = width * height
    in_runs = any(tile[0] == "bmp_rle" for tile in picture.tile)
    if pixels * (1 if colour in {"1", "L", "P"} else 4) > MEMORY or (in_runs and pixels > _RUNS):
        return Pixels(width, height, orientation, colour, damage=too_many(pixels))
    try:
        picture.load()
    except MediaUnavailable:
        raise
    except Exception as error:  # noqa: BLE001  decoders of attackers' files raise anything
        missing, damage = _problem(error)
        return Pixels(width, height, orientation, colour, missing=missing, damage=damage)
    return Pixels(width, height, orientation, colour, _is_transparent(picture))


def _orientation(picture: ImageFile.ImageFile) -> int:
    """Exif's number of the orientation, for a format whose header only its decoder reads."""
    if picture.format == "AVIF":
        return exif_orientation(picture.info.get("exif", b""))
    return picture.info.get("original_orientation") or 1


def _guarded(decoded: Callable[[], Pixels]) -> Pixels:
    """Runs a decoder; whatever it raises becomes a damage of the picture."""
    try:
        from PIL import ImageFile

        if ImageFile.LOAD_TRUNCATED_IMAGES:  # set by the program that uses us, and left alone
            return Pixels(damage="this program lets Pillow fill up what is missing")
        return replace(decoded(), by=decoder_version())
    except MediaUnavailable:
        raise
    except Exception as error:  # noqa: BLE001  decoders of attackers' files raise anything
        missing, damage = _problem(error)
        return Pixels(missing=missing, damage=damage)


def _problem(error: Exception) -> tuple[str | None, str | None]:
    """What is missing, or else what is damaged, in words, by the decoder's error."""
    text = sanitize_external_text(str(error))[:200] or type(error).__name__
    if any(words in text.lower() for words in _CUT):
        return f"its picture data end too early ({text})", None
    return None, f"it cannot be decoded ({text})"


def _is_transparent(picture: ImageFile.ImageFile) -> bool:
    """Whether no pixel of the picture can be seen."""
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
    return all(low == high == expected for (low, high), expected in zip(ranges, keys, strict=False))


def _extrema(picture: ImageFile.ImageFile) -> Sequence[tuple[float, float]]:
    """The lowest and the highest value of each band."""
    extrema: Any = picture.getextrema()  # a single band comes without a sequence around it
    return (extrema,) if len(picture.getbands()) == 1 else extrema
