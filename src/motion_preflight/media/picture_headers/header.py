"""The result of every reader of picture headers, and that of looking at the pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.text.lazy_dataclass import dataclass, field

if TYPE_CHECKING:
    from motion_preflight.media.source_file import Read

# Compressed picture data do not end with so many zeros: bytes, and a part of the file.
_ZEROS, _ZEROS_PART = 4 << 10, 10
_ROTATIONS = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}  # Exif orientation → degrees clockwise


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PictureHeader:
    """The sides in pixels as stored, how to turn them for display, and why the picture cannot be
    whole.
    """

    kind: str  # as in `MediaFacts.container`: "png", "dng", …
    width: int | None
    height: int | None
    orientation: int = 1  # Exif's number
    missing: str | None = None  # evidence that bytes are missing, in words
    damage: str | None = None  # evidence that it cannot be shown, in words
    colour: str | None = None  # as in `MediaFacts.colour`, where the header says it
    # What a decoder is not shown, as far as the reader of the kind looks for it.
    # Offset and length of each part of the colour profile; of a PNG it is compressed.
    profile: tuple[tuple[int, int], ...] = field(default=(), kw_only=True)
    several: bool = field(default=False, kw_only=True)  # frames or pages
    # It says something about the place, the time or the camera, or may do so.
    metadata: bool = field(default=False, kw_only=True)

    @property
    def rotation(self) -> int:
        """The degrees clockwise by which the picture is turned for display."""
        return _ROTATIONS.get(self.orientation, 0)

    @property
    def pixels(self) -> int:
        """The number of pixels; 0 where a side is not known."""
        return (self.width or 0) * (self.height or 0)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pixels:
    """What looking at the picture data showed. `None` means not known."""

    width: int | None = None
    height: int | None = None
    orientation: int = 1  # Exif's number
    colour: str | None = None  # Pillow's mode: "RGB", "RGBA", "P", "CMYK", …
    transparent: bool | None = None  # True: no pixel of it can be seen
    missing: str | None = None  # evidence that bytes are missing, in words
    damage: str | None = None  # evidence that it cannot be shown, in words
    by: str | None = None  # the library that looked at them, and its version


def too_many(pixels: int) -> str:
    """The words for a picture that has too many pixels to be decoded here."""
    return f"its {pixels:,} pixels are more than are decoded here: whether all are there is open"


def zeros_at_end(read: Read, end: int) -> str | None:
    """That a compressed picture, which ends at this offset, ends with zeros, in words; else `None`.
    Its decoder takes them for picture data.
    """
    length = max(_ZEROS, end // _ZEROS_PART)
    if length >= end or any(read(end - length, length)):
        return None
    return f"its last {length:,} bytes are zeros, as a download leaves that stopped"


class SidesUnknown(Exception):  # noqa: N818  an outcome that becomes `Unmeasured`, not an error of ours
    """The sides of a picture cannot be found; the text says why, in words for people. `kind` is set
    where the picture is of another kind than its first bytes say.
    """

    def __init__(self, message: str, *, kind: str | None = None) -> None:
        super().__init__(message)
        self.kind = kind
