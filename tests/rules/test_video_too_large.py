"""100MB has two readings: below both is met, beyond both broken, between them unsure."""

from __future__ import annotations

import pytest
from builders import body, case, seconds, unmeasured, video
from findings import command, findings_of, single

from motion_preflight.media.facts import Durations
from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import video_too_large

MB, MIB = 100_000_000, 104_857_600
LIMIT = "it must be under 100,000,000 bytes (MB) or 104,857,600 bytes (MiB)"


@pytest.mark.parametrize(
    ("size", "level"),
    [
        (None, None),
        (0, None),
        (MB - 1, None),
        (MB, Level.UNSURE),
        (MB + 1, Level.UNSURE),
        (MIB - 1, Level.UNSURE),
        (MIB, Level.ERROR),
        (MIB + 1, Level.ERROR),
        (10**12, Level.ERROR),
    ],
)
def test_the_limits_to_the_byte(size: int | None, level: Level | None) -> None:
    findings = findings_of(video_too_large, case(video=video(size=size)))
    assert [finding.level for finding in findings] == ([level] if level else [])
    for finding in findings:
        assert finding.field == "video_url"
        assert finding.message == f"the reference video has {size:,} bytes; {LIMIT}"


@pytest.mark.parametrize(
    ("reason", "size", "level"),
    [
        (Reason.TOO_LARGE, MIB, Level.ERROR),
        (Reason.TOO_LARGE, None, Level.ERROR),
        (Reason.UNREADABLE, MB, Level.UNSURE),
        (Reason.UNREADABLE, MIB, Level.ERROR),
        (Reason.UNREADABLE, MB - 1, None),
        (Reason.TIMEOUT, None, None),
    ],
)
def test_a_size_is_judged_though_nothing_else_was_measured(
    reason: Reason, size: int | None, level: Level | None
) -> None:
    findings = findings_of(video_too_large, case(video=unmeasured(reason, size=size)))
    assert [finding.level for finding in findings] == ([level] if level else [])
    assert all("bit rate" in finding.remedy for finding in findings)


def test_a_url_that_was_read_up_to_the_cap_has_at_least_that() -> None:
    finding = single(findings_of(video_too_large, case(video=unmeasured(Reason.TOO_LARGE))))
    assert "at least 104,857,600 bytes" in finding.message
    assert LIMIT in finding.message


@pytest.mark.parametrize("orientation", ["image", "video"])
def test_the_command_is_that_of_the_orientation(orientation: str) -> None:
    large = case(
        body(video_url="clip.mp4", character_orientation=orientation),
        video=video(size=MIB, durations=seconds("60")),
    )
    remedy = single(findings_of(video_too_large, large)).remedy
    assert remedy.startswith("to make it smaller, run `")
    assert command(remedy) == ["motion-preflight", "fix", "clip.mp4", "--for", orientation]


def test_a_clip_that_is_cut_short_gets_no_command() -> None:
    cut = video(size=MIB, truncated=True, truncation="…")
    remedy = single(findings_of(video_too_large, case(video=cut))).remedy
    assert "first get the whole file: it is cut short" in remedy
    assert "`" not in remedy


def test_without_a_duration_there_is_no_command() -> None:
    finding = single(
        findings_of(video_too_large, case(video=video(size=MIB, durations=Durations())))
    )
    assert finding.remedy == "cut it, or export it with a lower bit rate"
