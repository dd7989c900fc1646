"""A video that cannot be measured: an error when the file is at fault, else unsure."""

from __future__ import annotations

import pytest
from build import body, case, command, only, said, seconds, unmeasured, video

from motion_preflight.facts import Durations, Reason
from motion_preflight.report import Level
from motion_preflight.rules import video_unreadable

OWN = (Reason.UNREADABLE, Reason.UNSUPPORTED)


def test_a_measured_video_is_silent() -> None:
    assert said(video_unreadable, case()) == []


@pytest.mark.parametrize("reason", [each for each in Reason if each not in OWN])
def test_other_reasons_are_other_rules(reason: Reason) -> None:
    assert said(video_unreadable, case(video=unmeasured(reason))) == []


def test_an_image_is_another_rules() -> None:
    assert said(video_unreadable, case(image=unmeasured(Reason.UNREADABLE))) == []


def test_a_file_that_is_at_fault_is_an_error() -> None:
    failed = unmeasured(Reason.UNREADABLE, "it has no moov box (the index)")
    finding = only(said(video_unreadable, case(video=failed)))
    assert (finding.level, finding.field) == (Level.ERROR, "video_url")
    assert finding.message == ("the reference video is not usable: it has no moov box (the index)")
    assert "mp4" in finding.remedy


def test_a_measurement_that_failed_is_unsure() -> None:
    failed = unmeasured(Reason.UNSUPPORTED, "ffprobe ran out of its time")
    finding = only(said(video_unreadable, case(video=failed)))
    assert (finding.level, finding.field) == (Level.UNSURE, "video_url")
    assert "was not measured: ffprobe ran out of its time" in finding.message
    assert "motion-preflight doctor" in finding.remedy


@pytest.mark.parametrize("way", ["header", "container", "video", "scan"])
def test_one_reading_is_enough(way: str) -> None:
    assert said(video_unreadable, case(video=video(durations=seconds(None, **{way: "8"})))) == []


@pytest.mark.parametrize(
    "durations",
    [
        pytest.param(Durations(), id="none at all"),
        pytest.param(seconds(None, audio="8"), id="the audio's alone is not one"),
    ],
)
def test_a_video_without_a_duration_is_unsure_and_can_be_scanned_or_mended(
    durations: Durations,
) -> None:
    broken = case(
        body(video_url="live clip.webm"), video=video(durations=durations, container="webm")
    )
    finding = only(said(video_unreadable, broken))
    assert (finding.level, finding.field) == (Level.UNSURE, "video_url")
    assert "says nowhere how long it is" in finding.message
    assert "--scan" in finding.remedy
    words = command(finding.remedy)
    assert words[:3] == ["ffmpeg", "-i", "live clip.webm"]
    assert words[-1] == "live clip-mended.mp4"


def test_a_file_without_a_video_stream_is_another_rules() -> None:
    assert said(video_unreadable, case(video=video(durations=Durations(), video=None))) == []
