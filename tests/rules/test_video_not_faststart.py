"""A moov box behind the media is a note."""

from __future__ import annotations

from typing import Any

import pytest
from builders import body, case, seconds, unmeasured, video
from findings import command, findings_of, mending, single

from motion_preflight.media.facts import Durations, VideoStream
from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import run_rules, video_not_faststart


@pytest.mark.parametrize("faststart", [True, None])
def test_an_index_in_front_and_a_file_without_one_are_silent(faststart: bool | None) -> None:  # noqa: FBT001
    assert findings_of(video_not_faststart, case(video=video(faststart=faststart))) == []


def test_an_index_at_the_end_is_a_note() -> None:
    finding = single(findings_of(video_not_faststart, case(video=video(faststart=False))))
    assert (finding.level, finding.field) == (Level.NOTE, "video_url")
    assert "moov box" in finding.message
    assert finding.remedy.startswith(
        "that is allowed; to move it to the front, download it, run `motion-preflight fix "
    )


def test_the_command_moves_the_index_of_the_users_own_file() -> None:
    own = case(body(video_url="my clip.mp4"), video=video(faststart=False))
    words = command(single(findings_of(video_not_faststart, own)).remedy)
    assert words == ["motion-preflight", "fix", "my clip.mp4", "--for", "video"]


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"durations": seconds("31")}, id="too long"),
        pytest.param({"durations": seconds("2.9")}, id="a little short"),
        pytest.param({"video": VideoStream("h264", 300, 300, 0, None)}, id="small sides"),
        pytest.param({"size": 110_000_000}, id="too large"),
        pytest.param({"container": "3gp"}, id="another container"),
        pytest.param({"durations": Durations()}, id="no duration"),
        pytest.param({"contradiction": "its header says 90,000 seconds"}, id="a contradiction"),
        pytest.param({"durations": seconds("2", video="8", scan="8")}, id="a header that lies"),
    ],
)
def test_a_clip_that_another_rule_mends_gets_the_same_command(facts: dict[str, Any]) -> None:
    other = case(video=video(faststart=False, **facts))
    own = findings_of(video_not_faststart, other)
    findings = run_rules(other)[0]
    assert len([finding for finding in findings if "`" in finding.remedy]) > len(own)
    assert len(mending(findings, "video_url")) == len(mending(own, "video_url")) == 1


@pytest.mark.parametrize(
    "durations", [seconds("8"), seconds("31")], ids=["otherwise good", "too long"]
)
def test_a_clip_that_is_cut_short_gets_no_command(durations: Durations) -> None:
    cut = video(faststart=False, truncated=True, truncation="…", durations=durations)
    remedy = single(findings_of(video_not_faststart, case(video=cut))).remedy
    assert "`" not in remedy


def test_what_was_not_measured_is_silent() -> None:
    assert findings_of(video_not_faststart, case(video=unmeasured(Reason.MISSING))) == []
