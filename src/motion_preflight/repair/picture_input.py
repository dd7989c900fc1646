"""Opens a picture to mend it: its traits, its pixels, and its picture data without metadata."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast

from motion_preflight.media.picture_headers.tiff import exif_orientation
from motion_preflight.media.picture_kinds import read_header
from motion_preflight.media.pixels import open_picture
from motion_preflight.media.source_file import open_file, open_stretches
from motion_preflight.repair.picture_pixels import (
    bits_of,
    differing_profile,
    encode,
    is_clear,
    repaint,
)
from motion_preflight.repair.picture_plan import PictureTraits, most_pixels

if TYPE_CHECKING:
    from PIL import Image

    from motion_preflight.media.picture_headers.header import PictureHeader
    from motion_preflight.media.picture_headers.jpeg import JpegHeader
    from motion_preflight.media.picture_headers.png import PngHeader
    from motion_preflight.media.picture_headers.tiff import TiffHeader
    from motion_preflight.media.source.opening import Source
    from motion_preflight.repair.picture_plan import PicturePlan, Written

_LARGEST_PROFILE = 8 << 20  # bytes
_JPEG_END = b"\xff\xd9"


class PictureInput:
    """A picture before any pixel is decoded. What its decoder raises is not caught here."""

    def __init__(self, source: Source, kind: str, ending: str) -> None:
        self._source = source
        self._kind = kind
        self._header = read_header(source.read, source.size, kind)
        self._picture: Image.Image = self._opened()
        self._info = self._all_metadata()
        self._profile = self._colour_profile()
        self.traits = self._traits(ending)

    @property
    def metadata(self) -> bool:
        """Whether it carries data about where, when and by what it was taken."""
        return any(self._info.get(name) for name in ("exif", "xmp", "photoshop"))

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
        read, size = self._source.read, self._source.size
        if self._kind in {"png", "tiff"}:  # metadata may inflate to more than the picture
            parts = cast("PngHeader | TiffHeader", self._header).parts
            return open_picture(open_stretches(read, parts), self._kind)
        return open_picture(open_file(read, size), self._kind)

    def _all_metadata(self) -> dict[Any, Any]:
        """What the file says beside its picture data."""
        if self._kind != "png":
            return self._picture.info
        read, size = self._source.read, self._source.size
        with suppress(Exception):  # broken metadata does not matter: it is left out
            whole = open_picture(open_file(read, size), self._kind)
            return {**whole.info, "animated": getattr(whole, "is_animated", False)}
        return {}

    def _colour_profile(self) -> bytes | None:
        if self._kind == "tiff":
            place = cast("TiffHeader", self._header).profile
            return self._source.read(*place) if place and place[1] <= _LARGEST_PROFILE else None
        return self._info.get("icc_profile") or None

    def _traits(self, ending: str) -> PictureTraits:
        picture, orientation = self._picture, _orientation(self._kind, self._header, self._info)
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
            most_pixels=most_pixels(self._kind),
            shrinks=self._kind == "jpeg",
        )

    def _several(self) -> bool:
        if self._kind == "tiff":
            return cast("TiffHeader", self._header).several
        if self._kind == "png":
            return bool(self._info.get("animated"))
        return bool(getattr(self._picture, "is_animated", False))


def _orientation(kind: str, header: PictureHeader | None, info: dict[Any, Any]) -> int:
    """Exif's number of how the decoded pixels stand. Those of a HEIC come upright."""
    if kind == "avif":
        orientation = exif_orientation(info.get("exif", b""))
    else:
        orientation = header.orientation if header else 1
    return orientation if orientation in range(1, 9) else 1
