"""The framing of a clip from the faces in its pictures: which face counts, and what is close."""

from __future__ import annotations

from decimal import Decimal

import pytest

from motion_preflight.media.framing import Face, Framing, framing_of
from motion_preflight.provider.profile import Profile

THRESHOLDS = Profile.load().content


def face(
    *, area: float = 0.2, height: float = 0.5, chin: float = 0.8, upright: float = 0.4,
    score: float = 0.9,
) -> Face:  # fmt: skip
    return Face(area, height, chin, upright, score)


def test_nobody_is_not_close() -> None:
    assert framing_of([[], []], THRESHOLDS) == Framing(2, 0)


def test_the_middle_of_the_close_pictures_is_told() -> None:
    pictures = [[face(height=height)] for height in (0.3, 0.5, 0.4)] + [[]]
    assert framing_of(pictures, THRESHOLDS) == Framing(4, 3, Decimal(40), Decimal("0.5"))


def test_a_chin_below_the_picture_leaves_no_room() -> None:
    assert framing_of([[face(chin=1.2)]], THRESHOLDS).room == 0


@pytest.mark.parametrize(
    ("seen", "close"),
    [
        (face(height=0.2, chin=0.801), True),  # 0.995 heights of the face are left below
        (face(height=0.2, chin=0.799), False),
        (face(score=0.89), True),
        (face(score=0.87), False),
        (face(upright=0.21), True),
        (face(upright=0.19), False),  # the head lies on its side
        (face(upright=-0.4), False),
    ],
)
def test_a_close_face_is_sure_upright_and_near_the_lower_edge(seen: Face, *, close: bool) -> None:
    assert framing_of([[seen]], THRESHOLDS).close == close


def test_the_largest_face_counts() -> None:
    near, far = face(area=0.1), face(area=0.01, height=0.1, chin=0.3)
    assert framing_of([[far, near]], THRESHOLDS).close == 1
    whole = face(area=0.2, height=0.1, chin=0.3)
    assert framing_of([[near, whole]], THRESHOLDS).close == 0
    unsure = face(area=0.5, height=0.1, chin=0.3, score=0.6)
    assert framing_of([[near, unsure]], THRESHOLDS).close == 1
