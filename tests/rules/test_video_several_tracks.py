"""Several video tracks are a warning that says which one is judged, and how to keep it alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import body, case, unmeasured, video, with_stream
from findings import command, findings_of, single

from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import video_several_tracks


@pytest.mark.parametrize("tracks", [None, 1])
def test_one_track_is_silent(tracks: int | None) -> None:
    assert findings_of(video_several_tracks, case(video=with_stream(tracks=tracks))) == []


def test_several_are_a_warning_that_keeps_the_judged_one() -> None:
    several = case(body(video_url="clip.mp4"), video=with_stream(tracks=2, index=1))
    finding = single(findings_of(video_several_tracks, several))
    assert (finding.level, finding.field) == (Level.WARNING, "video_url")
    assert "has 2 video tracks; judged is the one of 720x1280 pixels, stream 1" in finding.message
    assert finding.remedy.startswith("to keep that one alone, run `")
    assert command(finding.remedy) == ["motion-preflight", "fix", "clip.mp4", "--for", "video"]


def test_of_a_judged_track_without_a_number_none_is_named() -> None:
    several = case(body(video_url="clip.mp4"), video=with_stream(tracks=2))
    finding = single(findings_of(video_several_tracks, several))
    assert "stream" not in finding.message


def test_sides_that_are_not_known_are_question_marks() -> None:
    finding = single(
        findings_of(video_several_tracks, case(video=with_stream(tracks=2, width=None)))
    )
    assert "the one of ?x1280 pixels" in finding.message


def test_a_file_that_is_cut_short_gets_no_command() -> None:
    cut = replace(with_stream(tracks=2), truncated=True, truncation="…")
    assert "`" not in single(findings_of(video_several_tracks, case(video=cut))).remedy


def test_no_video_is_another_rules() -> None:
    assert findings_of(video_several_tracks, case(video=video(video=None))) == []
    assert findings_of(video_several_tracks, case(video=unmeasured(Reason.TIMEOUT))) == []
