"""Declared bytes that are missing make a video unsure."""

from __future__ import annotations

import pytest
from builders import case, unmeasured, video
from findings import findings_of, single

from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import video_truncated

EVIDENCE = "its sample table points to byte 9,000,000"


@pytest.mark.parametrize("truncated", [False, None])
def test_a_whole_file_and_one_that_cannot_tell_are_silent(truncated: bool | None) -> None:  # noqa: FBT001
    assert findings_of(video_truncated, case(video=video(truncated=truncated))) == []


def test_what_was_not_measured_is_silent() -> None:
    assert findings_of(video_truncated, case(video=unmeasured(Reason.UNREADABLE))) == []


def test_a_cut_file_is_unsure_with_the_evidence_and_its_size() -> None:
    finding = single(
        findings_of(video_truncated, case(video=video(truncated=True, truncation=EVIDENCE)))
    )
    assert (finding.level, finding.field) == (Level.UNSURE, "video_url")
    assert f"looks cut short: {EVIDENCE}" in finding.message
    assert "5,000,000 bytes" in finding.message
    assert "compare its size with the original" in finding.remedy


def test_a_cut_file_of_unknown_size_is_said_without_it() -> None:
    cut = video(truncated=True, truncation=EVIDENCE, size=None)
    assert EVIDENCE in single(findings_of(video_truncated, case(video=cut))).message
