"""Faces in pictures, by the detector itself: a drawn person from near and far, and upside down."""

from __future__ import annotations

import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from paths import MEDIA
from PIL import Image
from portrait import portrait

from motion_preflight.media.faces import FacesUnseen, can_look, faces_in
from motion_preflight.media.framing import Face, Framing, framing_of
from motion_preflight.media.programs.ffmpeg import find_ffmpeg
from motion_preflight.media.programs.search_faces import search_faces
from motion_preflight.provider.profile import Profile

THRESHOLDS = Profile.load().content


def faces(picture: Image.Image, folder: Path) -> list[Face]:
    """Those in a clip of one picture. The detector never runs in the process of the tests, whose
    environment it would change.
    """
    picture.save(folder / "still.png")
    words = ["-i", str(folder / "still.png"), "-c:v", "libx264", "-pix_fmt", "yuv420p"]
    clip = folder / "clip.mp4"
    subprocess.run([find_ffmpeg(), "-v", "error", "-y", *words, str(clip)], check=True)
    first, *_ = search_faces(clip, ffmpeg=find_ffmpeg(), stream=0, seconds=Decimal("0.04"))
    return first


def framing(picture: Image.Image, folder: Path) -> Framing:
    return framing_of([faces(picture, folder)], THRESHOLDS)


@pytest.mark.parametrize(("head", "close"), [(0.15, 0), (0.25, 0), (0.5, 1), (0.7, 1)])
def test_a_head_and_shoulders_are_close_and_a_whole_body_is_not(
    tmp_path: Path, head: float, close: int
) -> None:
    picture = portrait(tmp_path / "person.png", head)
    with Image.open(picture) as person:
        [face] = faces(person, tmp_path)
        assert face.score > THRESHOLDS.face_score.value
        assert face.height == pytest.approx(head, rel=0.15)
        assert framing_of([[face]], THRESHOLDS).close == close


def test_a_face_that_is_upside_down_says_nothing_about_the_body(tmp_path: Path) -> None:
    with Image.open(portrait(tmp_path / "person.png", 0.6)) as person:
        turned = person.transpose(Image.Transpose.ROTATE_180)
    assert framing(turned, tmp_path).close == 0


def test_what_shows_nobody_has_no_face(tmp_path: Path) -> None:
    assert framing(Image.linear_gradient("L"), tmp_path) == Framing(1, 0)


def test_the_environment_of_this_process_stays_as_it_is(tmp_path: Path) -> None:
    """OpenCV would name the current folder as one that libraries are loaded from."""
    before, places = dict(os.environ), list(sys.path)
    with Image.open(portrait(tmp_path / "person.png", 0.6)) as person:
        assert faces(person, tmp_path)
    assert (dict(os.environ), sys.path) == (before, places)
    assert "cv2" not in sys.modules


def test_what_is_no_clip_leaves_the_reason() -> None:
    with pytest.raises(FacesUnseen, match="ffmpeg failed"):
        search_faces(MEDIA / "image.png", ffmpeg=find_ffmpeg(), stream=0, seconds=Decimal(1))


def test_without_the_package_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert can_look()
    monkeypatch.setattr(sys, "path", [place for place in sys.path if "-packages" not in place])
    assert not can_look()
    with pytest.raises(FacesUnseen, match=r"pip install 'motion-preflight\[people\]'"):
        faces_in([])
