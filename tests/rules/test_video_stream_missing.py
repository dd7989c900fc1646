"""A file without a video stream is an error."""

from __future__ import annotations

import pytest
from builders import case, unmeasured, video
from findings import findings_of, single

from motion_preflight.media.facts import AudioStream
from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import video_stream_missing


def test_a_video_is_silent() -> None:
    assert findings_of(video_stream_missing, case()) == []


def test_what_was_not_measured_is_silent() -> None:
    assert findings_of(video_stream_missing, case(video=unmeasured(Reason.UNREADABLE))) == []


@pytest.mark.parametrize(
    ("audio", "description"),
    [
        (AudioStream("aac", 44100, 2), "sound only (cover art does not count)"),
        (None, "no stream that is a video"),
    ],
)
def test_what_is_there_instead_is_said(audio: AudioStream | None, description: str) -> None:
    finding = single(findings_of(video_stream_missing, case(video=video(video=None, audio=audio))))
    assert (finding.level, finding.field) == (Level.ERROR, "video_url")
    assert finding.message == f"the reference video holds {description}"
    assert "the file that has the picture" in finding.remedy


def test_a_stream_that_nobody_knows_is_a_doubt() -> None:
    unknown = "this ffprobe does not know what one of its streams is (3[0][0][0])"
    facts = video(video=None, audio=None, undecodable=unknown)
    finding = single(findings_of(video_stream_missing, case(video=facts)))
    assert finding.level is Level.UNSURE
    assert unknown in finding.message
