"""One frame is unsure, fewer than five a second are a warning."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from builders import case, profile, seconds, unmeasured, with_stream
from findings import findings_of, single

from motion_preflight.media.facts import Durations
from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import video_motionless


@pytest.mark.parametrize("frames", [None, 0, 40, 240])
def test_five_frames_a_second_or_an_unknown_number_are_silent(frames: int | None) -> None:
    assert findings_of(video_motionless, case(video=with_stream(frames=frames))) == []


def test_a_single_frame_is_unsure() -> None:
    finding = single(findings_of(video_motionless, case(video=with_stream(frames=1))))
    assert (finding.level, finding.field) == (Level.UNSURE, "video_url")


@pytest.mark.parametrize("frames", [2, 39])
def test_fewer_than_five_frames_a_second_are_a_warning(frames: int) -> None:
    finding = single(findings_of(video_motionless, case(video=with_stream(frames=frames))))
    assert finding.level is Level.WARNING
    assert f"{frames} frames in 8 s" in finding.message
    assert "our own judgement" in finding.source


@pytest.mark.parametrize(
    ("longest_text", "level"), [("7.6", Level.UNSURE), ("7.59", None), (None, None)]
)
def test_one_frame_that_is_held_nearly_all_the_time_is_unsure(
    longest_text: str | None, level: Level | None
) -> None:
    longest = None if longest_text is None else Decimal(longest_text)
    clip = replace(
        with_stream(frames=80, longest_frame=longest), durations=seconds("8", samples="8")
    )
    findings = findings_of(video_motionless, case(video=clip))
    assert [finding.level for finding in findings] == ([] if level is None else [level])


@pytest.mark.parametrize(("frames", "number"), [(49, 1), (50, 0)])
def test_frames_are_counted_over_the_seconds_in_which_they_are_shown(
    frames: int, number: int
) -> None:
    """What an edit list hides counts neither here nor there."""
    clip = replace(with_stream(frames=frames), durations=seconds("10", samples="10", stored="30"))
    findings = findings_of(video_motionless, case(video=clip))
    assert ["49 frames in 10 s" in finding.message for finding in findings] == [True] * number


def test_frames_without_a_duration_say_nothing() -> None:
    clip = replace(with_stream(frames=2), durations=Durations())
    assert findings_of(video_motionless, case(video=clip)) == []


def test_a_profile_may_ask_for_more_or_for_nothing() -> None:
    clip = with_stream(frames=160)
    strict = profile(video_frame_rate={"minimum": 24})
    assert (
        "below 24"
        in single(findings_of(video_motionless, case(video=clip, profile=strict))).message
    )
    silent = profile(video_frame_rate={"minimum": "0.001"})
    assert findings_of(video_motionless, case(video=with_stream(frames=2), profile=silent)) == []


def test_an_unmeasured_video_is_another_rules() -> None:
    assert findings_of(video_motionless, case(video=unmeasured(Reason.TIMEOUT))) == []
