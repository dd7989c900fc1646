"""A request whose local media are mended names the new ones, and can be checked in its place."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from builders import body
from paths import MEDIA

from motion_preflight.pipeline import preflight
from motion_preflight.repair.request import fix_request
from motion_preflight.report.findings import Verdict

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.process


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("clip-12s.mp4", "image.webp"):
        shutil.copy(MEDIA / name, tmp_path / name)
    return tmp_path


def test_the_new_media_take_the_place_of_the_old_ones(folder: Path) -> None:
    request = body(video_url="clip-12s.mp4", image_url="image.webp", character_orientation="image")
    done = fix_request(request, folder=folder)
    assert done.is_whole
    changed = {"video_url": "clip-12s-for-image.mp4", "image_url": "image-for-image.jpg"}
    assert done.request == request | changed
    assert preflight(request, folder=folder).verdict is Verdict.FAIL
    assert preflight(done.request, folder=folder).verdict is Verdict.PASS


def test_the_orientation_of_the_request_decides(folder: Path) -> None:
    """As the motion of a video 12 seconds are allowed, so nothing has to be made."""
    request = body(video_url="clip-12s.mp4", character_orientation="video")
    done = fix_request(request, folder=folder)
    assert done.request == request
    assert [(fix.changes, fix.error) for fix in done.fixes] == [((), None)]
    assert done.links == ("image_url",)


def test_what_cannot_be_mended_stays_and_says_why(folder: Path) -> None:
    request = body(video_url="no such file.mp4", image_url="image.webp")
    done = fix_request(request, folder=folder)
    assert not done.is_whole
    assert done.request["video_url"] == "no such file.mp4"
    assert [fix.error for fix in done.fixes] == ["there is no such file", None]


def test_a_plan_alone_changes_nothing(folder: Path) -> None:
    request = body(video_url="clip-12s.mp4", image_url=5, character_orientation="image")
    before = sorted(folder.iterdir())
    done = fix_request(request, folder=folder, dry_run=True)
    assert done.request == request
    assert done.fixes[0].argv
    assert sorted(folder.iterdir()) == before
