"""Faces in pictures, by the detector itself: a drawn person from near and far, and upside down."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from PIL import Image
from portrait import portrait

from motion_preflight.media.faces import FacesUnseen, can_look, faces_in
from motion_preflight.media.framing import Framing, framing_of
from motion_preflight.media.programs.stills import Still
from motion_preflight.provider.profile import Profile

THRESHOLDS = Profile.load().content


def still(picture: Image.Image) -> Still:
    return Still(*picture.size, picture.convert("RGB").tobytes())


def framing(picture: Image.Image) -> Framing:
    return framing_of(faces_in([still(picture)]), THRESHOLDS)


@pytest.mark.parametrize(("head", "close"), [(0.15, 0), (0.25, 0), (0.5, 1), (0.7, 1)])
def test_a_head_and_shoulders_are_close_and_a_whole_body_is_not(
    tmp_path: Path, head: float, close: int
) -> None:
    picture = portrait(tmp_path / "person.png", head)
    with Image.open(picture) as person:
        [[face]] = faces_in([still(person)])
        assert face.score > THRESHOLDS.face_score.value
        assert face.height == pytest.approx(head, rel=0.15)
        assert framing(person).close == close


def test_a_face_that_is_upside_down_says_nothing_about_the_body(tmp_path: Path) -> None:
    with Image.open(portrait(tmp_path / "person.png", 0.6)) as person:
        turned = person.transpose(Image.Transpose.ROTATE_180)
    assert framing(turned).close == 0


def test_what_shows_nobody_has_no_face() -> None:
    assert framing(Image.linear_gradient("L")) == Framing(1, 0)


def test_without_the_package_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert can_look()
    monkeypatch.setattr(sys, "path", [place for place in sys.path if "-packages" not in place])
    assert not can_look()
    with pytest.raises(FacesUnseen, match=r"pip install 'motion-preflight\[people\]'"):
        faces_in([])
