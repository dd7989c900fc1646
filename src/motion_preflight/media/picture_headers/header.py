"""What every reader of a header returns."""

from __future__ import annotations

from dataclasses import dataclass

_ROTATIONS = {3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}  # Exif orientation → degrees clockwise


@dataclass(frozen=True, slots=True)
class PictureHeader:
    """Sides in pixels as stored; how to show them; why the picture cannot be whole."""

    kind: str  # as in `MediaFacts.container`: "png", "dng", …
    width: int | None
    height: int | None
    orientation: int = 1  # Exif's number
    missing: str | None = None  # evidence that bytes are missing, in words
    damage: str | None = None  # evidence that it cannot be shown, in words

    @property
    def rotation(self) -> int:
        """Degrees clockwise for display."""
        return _ROTATIONS.get(self.orientation, 0)

    @property
    def pixels(self) -> int:
        return (self.width or 0) * (self.height or 0)


class SidesUnknown(Exception):  # noqa: N818  an outcome that becomes `Unmeasured`, not an error of ours
    """The sides cannot be found; the text says why, in words for people. `kind` is what the picture
    is where it is something else than its first bytes say.
    """

    def __init__(self, message: str, *, kind: str | None = None) -> None:
        super().__init__(message)
        self.kind = kind
