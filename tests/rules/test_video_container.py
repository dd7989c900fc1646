"""Another container than MP4 and MOV is a warning with the command that makes an MP4."""

from __future__ import annotations

import pytest
from builders import body, case, unmeasured, video
from findings import command, findings_of, single

from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import video_container


@pytest.mark.parametrize("container", ["mp4", "mov"])
def test_the_recommended_ones_are_silent(container: str) -> None:
    assert findings_of(video_container, case(video=video(container=container))) == []


@pytest.mark.parametrize("container", ["webm", "matroska", "avi", "3gp", "MP4", "mpegts"])
def test_another_one_is_a_warning(container: str) -> None:
    other = case(body(video_url="clip.mkv"), video=video(container=container))
    finding = single(findings_of(video_container, other))
    assert (finding.level, finding.field) == (Level.WARNING, "video_url")
    assert finding.message == f"the reference video is {container}; recommended are mp4 and mov"
    assert command(finding.remedy) == ["motion-preflight", "fix", "clip.mkv", "--for", "video"]


def test_an_unknown_one_is_a_warning() -> None:
    finding = single(findings_of(video_container, case(video=video(container=None))))
    assert "of an unknown container" in finding.message


@pytest.mark.parametrize("medium", [unmeasured(Reason.MISSING), video(video=None, container="avi")])
def test_without_a_video_it_is_silent(medium: object) -> None:
    assert findings_of(video_container, case(video=medium)) == []
