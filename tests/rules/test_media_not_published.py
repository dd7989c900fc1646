"""A local path is a note: it can be checked, and the request needs a link."""

from __future__ import annotations

import pytest
from builders import case, image, unmeasured, video
from findings import findings_of, single

from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import media_not_published


def test_urls_are_silent() -> None:
    assert findings_of(media_not_published, case()) == []


def test_a_medium_that_was_not_given_is_silent() -> None:
    missing = unmeasured(Reason.NOT_GIVEN, location=None)
    assert findings_of(media_not_published, case(video=missing, image=missing)) == []


@pytest.mark.parametrize(
    "path", ["clip.mp4", "/media/clip.mp4", "../a b.mp4", "C:\\clips\\clip.mp4", "www.a.com/b.mp4"]
)
def test_a_path_is_a_note_that_says_what_to_publish(path: str) -> None:
    result = findings_of(
        media_not_published, case(video=video(location=path), image=image(location=path))
    )
    assert [(item.level, item.field) for item in result] == [
        (Level.NOTE, "video_url"),
        (Level.NOTE, "image_url"),
    ]
    assert "the reference video is a local file" in result[0].message
    assert "the reference image is a local file" in result[1].message
    assert "public direct link" in result[0].message
    assert "publish" in result[0].remedy
    assert "its link" in result[0].remedy


@pytest.mark.parametrize("reason", [item for item in Reason if item is not Reason.NOT_GIVEN])
def test_a_path_that_could_not_be_measured_is_another_rules(reason: Reason) -> None:
    failed = unmeasured(reason, location="clip.mp4")
    assert findings_of(media_not_published, case(video=failed, image=failed)) == []


def test_each_medium_is_judged_for_itself() -> None:
    missing = unmeasured(Reason.MISSING, location="clip.mp4")
    half = case(video=missing, image=image(location="face.png"))
    assert single(findings_of(media_not_published, half)).field == "image_url"
