"""How much of a person a clip shows, by the faces in some pictures. Pure: it takes boxes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.text.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from motion_preflight.provider.content import ContentThresholds

# The mouth lies a third of a face below the eyes. In a face that lies on its side, or is upside
# down, it does not, and what is below such a face says nothing about the body.
_LEAST_UPRIGHT = 0.2
_TENTH, _PERCENT = Decimal("0.1"), Decimal(1)


class Face(NamedTuple):
    """A face in one picture. The picture's height is 1."""

    area: float  # of its box
    height: float  # of its box, from the forehead to the chin
    chin: float  # how far below the upper edge of the picture
    upright: float  # how far its mouth lies below its eyes, in heights of the face
    score: float  # how sure the detector is, from 0 to 1

    @property
    def room(self) -> float:
        """How much of the picture is left below the chin, in heights of the face."""
        return (1 - self.chin) / self.height


@dataclass(frozen=True, slots=True)
class Framing:
    """What the pictures that were looked at show of a person.

    pictures  how many were looked at
    close     in how many the lower edge cuts off what is below the chest of the largest face
    face      the height of that face in these, in percent of the picture's; `None`: in none
    room      what these show below the chin, in heights of the face; `None`: in none
    """

    pictures: int
    close: int
    face: Decimal | None = None
    room: Decimal | None = None


def framing_of(pictures: Sequence[Iterable[Face]], thresholds: ContentThresholds) -> Framing:
    """The framing in pictures, each with the faces in it. The largest face counts, as the service
    follows the person who takes most of the picture; of several figures the middle one is taken.
    """
    from statistics import median  # noqa: PLC0415  slow to import; no plain check needs it

    close: list[Face] = []
    for faces in pictures:
        seen = (face for face in faces if Decimal(face.score) >= thresholds.face_score.value)
        largest = max(seen, key=lambda face: face.area, default=None)
        if largest is not None and _is_close(largest, thresholds):
            close.append(largest)
    if not close:
        return Framing(len(pictures), 0)
    height = Decimal(median(face.height for face in close)) * 100
    room = Decimal(median(max(face.room, 0) for face in close))
    return Framing(len(pictures), len(close), height.quantize(_PERCENT), room.quantize(_TENTH))


def _is_close(face: Face, thresholds: ContentThresholds) -> bool:
    return Decimal(face.room) < thresholds.face_room.value and face.upright >= _LEAST_UPRIGHT
