"""Pictures that are taken out of a clip, by the ffmpeg that is found here and by others."""

from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest
from encoded import encoded
from paths import MEDIA

import motion_preflight
from motion_preflight.media.errors import FfmpegFailed
from motion_preflight.media.programs.ffmpeg import find_ffmpeg, from_fix_extra
from motion_preflight.media.programs.ffprobe import bundled
from motion_preflight.media.programs.stills import COUNT, Still, stills

FOUND = (from_fix_extra(), shutil.which("ffmpeg"), bundled("ffmpeg"))
PROGRAMS = sorted({ffmpeg for ffmpeg in FOUND if ffmpeg})


def taken(path: Path, seconds: str, *, ffmpeg: str | None = None) -> list[Still]:
    return stills(path, ffmpeg=ffmpeg or find_ffmpeg(), stream=0, seconds=Decimal(seconds))


def brightness(picture: Still) -> float:
    return sum(picture.pixels) / len(picture.pixels)


@pytest.mark.parametrize("ffmpeg", PROGRAMS)
def test_they_are_spread_evenly_from_the_first_on(tmp_path: Path, ffmpeg: str) -> None:
    """The grey of the clip grows by 24 every half second."""
    grey = "color=black:s=320x180:r=20:d=4,format=gray,geq=lum='24*floor(T*2)',format=yuvj420p"
    clip = encoded(tmp_path, "-f", "lavfi", "-i", grey, "-c:v", "libx264", name="c.mp4")
    pictures = taken(clip, "4", ffmpeg=ffmpeg)
    assert [(picture.width, picture.height) for picture in pictures] == [(640, 360)] * COUNT
    levels = [brightness(picture) for picture in pictures]
    assert levels == pytest.approx([24 * index for index in range(COUNT)], abs=8)


def test_a_turned_clip_is_taken_upright() -> None:
    facts = motion_preflight.probe(MEDIA / "rotated-8s.mp4").video
    assert facts is not None
    assert (facts.rotation, facts.width, facts.height) == (90, 480, 360)
    [first, *_] = taken(MEDIA / "rotated-8s.mp4", "8")
    assert (first.width, first.height) == (640, 480)


def test_a_clip_of_few_pictures_gives_what_it_has(tmp_path: Path) -> None:
    graph = "testsrc2=s=320x180:r=25:d=0.04"
    clip = encoded(tmp_path, "-f", "lavfi", "-i", graph, "-c:v", "libx264", name="c.mp4")
    assert 1 <= len(taken(clip, "0.04")) <= COUNT


def test_what_is_no_clip_has_none() -> None:
    with pytest.raises(FfmpegFailed):
        taken(MEDIA / "image.png", "1")
