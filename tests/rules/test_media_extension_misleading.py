"""A name that says another kind of file is a warning; a name that says nothing is not judged."""

from __future__ import annotations

from typing import Any

import pytest
from builders import case, image, unmeasured, video
from findings import findings_of, single

from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import media_extension_misleading as rule

HOST = "https://apimart-user.com/"


@pytest.mark.parametrize(
    ("location", "container"),
    [
        ("clip.mp4", "mp4"),
        ("clip.MP4", "mp4"),
        ("clip.m4v", "mp4"),
        ("clip.mov", "mov"),
        ("clip.qt", "mov"),
        ("clip.webm", "webm"),
        ("clip.mkv", "matroska"),
        ("clip.avi", "avi"),
        ("clip.3gp", "3gp"),
        (f"{HOST}clip.mp4?name=clip.mov#x.webm", "mp4"),
        pytest.param("clip", "mov", id="no ending"),
        pytest.param(".mp4", "mov", id="a hidden name has no ending"),
        pytest.param("clip.php", "mov", id="an ending of no medium"),
        pytest.param("folder.mp4/clip", "mov", id="the folder's ending"),
        pytest.param(f"{HOST}?file=clip.mp4", "mov", id="a name in the query"),
        pytest.param("https://clips.avi/", "mov", id="the host's ending"),
        pytest.param("clip.mp4", "nut", id="a container without names here"),
        pytest.param("clip.mp4", None, id="an unknown container"),
    ],
)
def test_a_name_that_says_the_kind_or_nothing_is_silent(
    location: str, container: str | None
) -> None:
    assert findings_of(rule, case(video=video(location=location, container=container))) == []


@pytest.mark.parametrize(
    ("location", "container", "ending", "better"),
    [
        ("clip.mp4", "mov", "mp4", "mov"),
        ("clip.mov", "mp4", "mov", "mp4"),
        ("clip.webm", "mp4", "webm", "mp4"),
        ("clip.mp4", "webm", "mp4", "webm"),
        ("clip.MP4", "matroska", "mp4", "mkv"),
        ("clip.jpg", "mp4", "jpg", "mp4"),
        ("clip.mp4", "3gp", "mp4", "3gp"),
        ("my.clip.mp4", "avi", "mp4", "avi"),
        (f"{HOST}clip.mov?x=a.mp4", "mp4", "mov", "mp4"),
    ],
)
def test_a_name_that_says_another_kind_is_a_warning(
    location: str, container: str, ending: str, better: str
) -> None:
    named = case(video=video(location=location, container=container))
    finding = single(findings_of(rule, named))
    assert (finding.level, finding.field) == (Level.WARNING, "video_url")
    assert finding.message == f"the reference video is named .{ending} and is {container}"
    remedy = finding.remedy.partition("`")[0]
    if container not in {"mp4", "mov"}:  # another name would not mend it
        assert remedy == "to convert it, download it, run "
    elif location.startswith(HOST):
        assert remedy == f"publish it under a name that ends in .{better}"
    else:
        assert remedy == f"publish it under a name that ends in .{better}; or download it, run "


def test_a_clip_that_is_cut_short_is_renamed_by_no_command() -> None:
    named = case(video=video(location="clip.mp4", container="matroska", truncated=True))
    assert single(findings_of(rule, named)).remedy == "publish it under a name that ends in .mkv"


@pytest.mark.parametrize(
    ("location", "container", "better"),
    [("a.png", "jpeg", "jpg"), ("a.jpg", "png", "png"), ("a.jpeg", "webp", "webp")],
)
def test_images_are_judged_too(location: str, container: str, better: str) -> None:
    finding = single(findings_of(rule, case(image=image(location=location, container=container))))
    assert finding.field == "image_url"
    assert "the reference image" in finding.message
    rename = f"publish it under a name that ends in .{better}; or "
    beginning = "to convert it, " if container == "webp" else rename
    assert finding.remedy.startswith(f"{beginning}download it, run `motion-preflight fix ")


@pytest.mark.parametrize(
    "facts", [{"undecodable": "why"}, {"video": None}], ids=["undecodable", "without sides"]
)
def test_a_broken_picture_gets_no_command(facts: dict[str, Any]) -> None:
    broken = case(image=image(location="a.jpg", container="webp", **facts))
    assert single(findings_of(rule, broken)).remedy == "publish it under a name that ends in .webp"


@pytest.mark.parametrize("location", ["a.jpg", "a.jpeg", "a.jpe", "a.JFIF"])
def test_every_name_of_a_jpeg_is_one(location: str) -> None:
    assert findings_of(rule, case(image=image(location=location, container="jpeg"))) == []


def test_what_was_not_measured_is_silent() -> None:
    unknown = unmeasured(Reason.UNREADABLE, location="clip.mov", container="mp4")
    assert findings_of(rule, case(video=unknown)) == []


def test_a_video_that_was_not_measured_does_not_hide_the_image() -> None:
    mixed = case(video=unmeasured(Reason.MISSING), image=image(location="a.png", container="jpeg"))
    assert single(findings_of(rule, mixed)).field == "image_url"
