"""Black parts are warned of, with their times."""

from __future__ import annotations

from builders import case, with_content
from findings import findings_of, single

from motion_preflight.report.findings import Level
from motion_preflight.rules import video_black


def test_a_clip_without_a_black_part_is_silent() -> None:
    assert findings_of(video_black, case(video=with_content())) == []


def test_what_is_all_black_leaves_another_clip() -> None:
    finding = single(findings_of(video_black, case(video=with_content(shots="", black="0-8"))))
    assert finding.remedy.startswith("use a clip in which the person can be seen")


def test_black_parts_are_named_and_added_up() -> None:
    clip = with_content(shots="1.5-7", black="0-1.5 7-8")
    finding = single(findings_of(video_black, case(video=clip)))
    assert (finding.level, finding.field) == (Level.WARNING, "video_url")
    assert "is black for 2.5 s of 8 (from 0 s to 1.5 s, from 7 s to 8 s)" in finding.message
