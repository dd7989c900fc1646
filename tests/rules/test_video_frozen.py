"""Parts that show one picture are warned of, with their times."""

from __future__ import annotations

from builders import case, with_content
from findings import findings_of, single

from motion_preflight.report.findings import Level
from motion_preflight.rules import video_frozen


def test_a_clip_that_moves_is_silent() -> None:
    assert findings_of(video_frozen, case(video=with_content())) == []


def test_a_held_last_frame_is_named() -> None:
    clip = with_content(frozen="6.04-8")
    finding = single(findings_of(video_frozen, case(video=clip)))
    assert (finding.level, finding.field) == (Level.WARNING, "video_url")
    assert "stands still for 2 s of 8 (from 6 s to 8 s)" in finding.message
