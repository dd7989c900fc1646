"""Opens a picture to mend it: its traits, its pixels, and its picture data without metadata."""

from __future__ import annotations

import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, cast

from motion_preflight.media.picture_headers.tiff import exif_orientation
from motion_preflight.media.picture_kinds import read_header
from motion_preflight.media.pixels import open_picture
from motion_preflight.media.source_file import open_file, open_stretches
from motion_preflight.repair.picture_pixels import (
    LARGEST_PROFILE,
    bits_of,
    differing_profile,
    encode,
    is_clear,
    repaint,
)
from motion_preflight.repair.picture_plan import PictureTraits, most_pixels

if TYPE_CHECKING:
    from PIL import Image

    from motion_preflight.media.picture_headers.jpeg import JpegHeader
    from motion_preflight.media.picture_headers.png import PngHeader
    from motion_preflight.media.picture_headers.tiff import TiffHeader
    from motion_preflight.media.source.opening import Source
    from motion_preflight.repair.picture_plan import PicturePlan, Written

_MOST_IN_RUNS = 4_000_000  # pixels of a run-length BMP, which Pillow unpacks in slow Python
_JPEG_END = b"\xff\xd9"


class PictureInput:
    """A picture before any pixel is decoded. What its decoder raises is not caught here."""

    def __init__(self, source: Source, kind: str, ending: str) -> None:
        self._source = source
        self._kind = kind
        self._header = read_header(source.read, source.size, kind)
        self._picture: Image.Image = self._opened()
        self._profile = self._colour_profile()
        self.traits = self._traits(ending)

    @property
    def metadata(self) -> bool:
        """Whether it says anything about place, time or device, or may do so."""
        read_here = self._header is not None and self._header.metadata
        return read_here or any(self._picture.info.get(name) for name in ("exif", "xmp"))

    def mended(self, plan: PicturePlan) -> tuple[bytes, Written, str | None]:
        """The mended file, its kind, and how it came below the bytes of the plan, in words; `None`
        where nothing had to be done for that. Raises `CannotFix`.
        """
        if not plan.repaint:
            data = self._bare()
            if plan.most_bytes is None or len(data) <= plan.most_bytes:
                return data, plan.kind, None
        painted = repaint(self._picture, plan, self.traits.orientation, self._profile)
        return encode(painted, plan)

    def _bare(self) -> bytes:
        """The picture data as they are, and what a decoder needs to show them."""
        read = self._source.read
        if self._kind == "png":
            return open_stretches(read, cast("PngHeader", self._header).parts).read()
        shown = cast("JpegHeader", self._header).shown
        return open_stretches(read, [*shown, _JPEG_END]).read()

    def _opened(self) -> Image.Image:
        """The picture, of which a decoder sees no metadata where they are told apart here."""
        read, size = self._source.read, self._source.size
        if self._kind == "jpeg":
            shown = cast("JpegHeader", self._header).shown
            return open_picture(open_stretches(read, [*shown, _JPEG_END]), "jpeg")
        if self._kind in {"png", "tiff"}:
            parts = cast("PngHeader | TiffHeader", self._header).parts
            return open_picture(open_stretches(read, parts), self._kind)
        return open_picture(open_file(read, size), self._kind)

    def _colour_profile(self) -> bytes | None:
        if self._kind not in {"jpeg", "png", "tiff"}:
            return self._picture.info.get("icc_profile") or None
        stretches = self._header.profile if self._header else ()
        if sum(length for _, length in stretches) > LARGEST_PROFILE:
            return None
        profile = open_stretches(self._source.read, stretches).read()
        return _inflated(profile) if self._kind == "png" else profile or None

    def _traits(self, ending: str) -> PictureTraits:
        picture, orientation = self._picture, self._orientation()
        width, height = picture.size
        if orientation >= 5:
            width, height = height, width
        return PictureTraits(
            kind=self._kind,
            size=self._source.size,
            width=width,
            height=height,
            orientation=orientation,
            mode=picture.mode,
            bits=bits_of(picture),
            alpha=is_clear(picture),
            several=self._several(),
            profile=differing_profile(self._profile, picture.mode),
            ending=ending,
            most_pixels=self._most_pixels(),
            shrinks=self._kind == "jpeg",
        )

    def _orientation(self) -> int:
        """Exif's number of how the decoded pixels stand. Those of a HEIC come upright."""
        orientation = self._header.orientation if self._header else 1
        if self._kind == "avif":
            orientation = exif_orientation(self._picture.info.get("exif", b""))
        return orientation if orientation in range(1, 9) else 1

    def _several(self) -> bool:
        read_here = self._header is not None and self._header.several
        return read_here or bool(getattr(self._picture, "is_animated", False))

    def _most_pixels(self) -> int:
        in_runs = any(tile[0] == "bmp_rle" for tile in getattr(self._picture, "tile", ()))
        return _MOST_IN_RUNS if in_runs else most_pixels(self._kind)


def _inflated(chunk: bytes) -> bytes | None:
    """The colour profile of a PNG, which stands compressed behind its name; `None` where there is
    none, or it is broken or too large.
    """
    with suppress(zlib.error):
        inflater = zlib.decompressobj()
        profile = inflater.decompress(chunk.partition(b"\0")[2][1:], LARGEST_PROFILE)
        return profile if inflater.eof else None
    return None
