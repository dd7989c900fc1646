"""What every reader of a header returns."""

from __future__ import annotations

from dataclasses import dataclass

_ROTATIONS = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}  # Exif orientation → degrees clockwise


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PictureHeader:
    """Sides in pixels as stored; how to show them; why the picture cannot be whole."""

    kind: str  # as in `MediaFacts.container`: "png", "dng", …
    width: int | None
    height: int | None
    orientation: int = 1  # Exif's number
    missing: str | None = None  # evidence that bytes are missing, in words
    damage: str | None = None  # evidence that it cannot be shown, in words
    colour: str | None = None  # as in `MediaFacts.colour`, where the header says it

    @property
    def rotation(self) -> int:
        """Degrees clockwise for display."""
        return _ROTATIONS.get(self.orientation, 0)

    @property
    def pixels(self) -> int:
        return (self.width or 0) * (self.height or 0)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pixels:
    """What the picture data showed. `None` is not known."""

    width: int | None = None
    height: int | None = None
    orientation: int = 1  # Exif's number
    colour: str | None = None  # Pillow's mode: "RGB", "RGBA", "P", "CMYK", …
    transparent: bool | None = None  # no pixel of it can be seen
    missing: str | None = None  # evidence that bytes are missing, in words
    damage: str | None = None  # evidence that it cannot be shown, in words
    by: str | None = None  # what looked at them, and its version


def too_many(pixels: int) -> str:
    """What is said of a picture that is not decoded."""
    return f"its {pixels:,} pixels are more than are decoded here: whether all are there is open"


class SidesUnknown(Exception):  # noqa: N818  an outcome that becomes `Unmeasured`, not an error of ours
    """The sides cannot be found; the text says why, in words for people. `kind` is what the picture
    is where it is something else than its first bytes say.
    """

    def __init__(self, message: str, *, kind: str | None = None) -> None:
        super().__init__(message)
        self.kind = kind
