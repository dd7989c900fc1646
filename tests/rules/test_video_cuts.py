"""A clip of several shots is warned of, with the longest; without a look nothing is said."""

from __future__ import annotations

import pytest
from builders import case, unmeasured, video, with_content
from findings import findings_of, single

from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import run_rules, video_cuts
from motion_preflight.rules.remedies import has_usable_shot, video_remedy

RULES = {"video-cuts", "video-black", "video-frozen"}


@pytest.mark.parametrize("shots", ["", "0-8"])
def test_one_shot_or_none_is_silent(shots: str) -> None:
    assert findings_of(video_cuts, case(video=with_content(shots=shots))) == []


def test_the_longest_shot_is_named_with_every_cut() -> None:
    clip = with_content(shots="0-1.25 1.25-5.75 5.75-8")
    finding = single(findings_of(video_cuts, case(video=clip)))
    assert finding.level is Level.WARNING
    assert "2 cuts (at 1.2 s, 5.8 s); the longest shot is 4.5 s of 8;" in finding.message
    assert "from 1.2 s to 5.8 s" in finding.remedy
    assert "--best-shot" in finding.remedy
    assert "Kling" in finding.source


@pytest.mark.parametrize(
    ("shots", "usable"), [("0-3.1 3.1-6", True), ("0-3.09 3.09-6", False), ("0-8", False)]
)
def test_the_longest_shot_is_kept_where_it_is_long_enough(shots: str, *, usable: bool) -> None:
    cuts = case(video=with_content(shots=shots))
    assert has_usable_shot(cuts) is usable
    assert ("--best-shot" in video_remedy(cuts)) is usable


def test_shots_that_are_all_too_short_leave_another_clip() -> None:
    clip = with_content(shots="0-2 2-4 4-6 6-8")
    finding = single(findings_of(video_cuts, case(video=clip)))
    assert finding.remedy == "use a clip of one continuous shot"


def test_of_many_cuts_the_first_are_named() -> None:
    clip = with_content(shots=" ".join(f"{second}-{second + 1}" for second in range(8)))
    finding = single(findings_of(video_cuts, case(video=clip)))
    assert "7 cuts (at 1 s, 2 s, 3 s, 4 s, 5 s and 2 more)" in finding.message


@pytest.mark.parametrize("clip", [video(), unmeasured(Reason.TIMEOUT)])
def test_without_a_look_nothing_is_found_or_skipped(clip: object) -> None:
    findings, skipped = run_rules(case(video=clip))
    assert not RULES & {finding.rule for finding in findings}
    assert not RULES & {skip.rule for skip in skipped}


@pytest.mark.parametrize(
    ("clip", "why"),
    [
        (video(unwatched="ffmpeg took more than 360 s"), "looked at: ffmpeg took more than 360 s"),
        (video(video=None), "the video has no video stream"),
        (unmeasured(Reason.TIMEOUT), "the video was not measured"),
    ],
)
def test_a_look_that_failed_leaves_the_rules_unchecked(clip: object, why: str) -> None:
    findings, skipped = run_rules(case(video=clip, content=True))
    because = {skip.rule: skip.because for skip in skipped if skip.rule in RULES}
    assert because.keys() == RULES
    assert all(why in text for text in because.values())
    assert not RULES & {finding.rule for finding in findings}
