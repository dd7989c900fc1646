"""A moov box behind the media is a note."""

from __future__ import annotations

import pytest
from build import body, case, command, only, said, unmeasured, video

from motion_preflight.facts import Reason
from motion_preflight.report import Level
from motion_preflight.rules import video_not_faststart


@pytest.mark.parametrize("faststart", [True, None])
def test_an_index_in_front_and_a_file_without_one_are_silent(faststart: bool | None) -> None:  # noqa: FBT001
    assert said(video_not_faststart, case(video=video(faststart=faststart))) == []


def test_an_index_at_the_end_is_a_note() -> None:
    finding = only(said(video_not_faststart, case(video=video(faststart=False))))
    assert (finding.level, finding.field) == (Level.NOTE, "video_url")
    assert "moov box" in finding.message
    assert "optional" in finding.remedy


def test_the_command_moves_the_index_of_the_users_own_file() -> None:
    own = case(body(video_url="my clip.mp4"), video=video(faststart=False))
    words = command(only(said(video_not_faststart, own)).remedy)
    assert words[:3] == ["ffmpeg", "-i", "my clip.mp4"]
    assert "+faststart" in words
    assert words[-1] == "my clip-mended.mp4"


def test_what_was_not_measured_is_silent() -> None:
    assert said(video_not_faststart, case(video=unmeasured(Reason.MISSING))) == []
