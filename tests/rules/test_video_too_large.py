"""100MB has two readings: below both is met, beyond both broken, between them unsure."""

from __future__ import annotations

import pytest
from builders import body, case, duration_profile, profile, seconds, unmeasured, video
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


@pytest.mark.parametrize(
    ("durations", "kilobits"),
    [
        pytest.param(seconds("8"), 20_000, id="short: no more than anyone needs"),
        pytest.param(seconds("30"), 20_000, id="the longest that is allowed"),
        pytest.param(seconds("60"), 11_800, id="longer: what fits, less the sound"),
        pytest.param(seconds("8", header="60"), 11_800, id="by the longest reading"),
        pytest.param(seconds("86400"), 100, id="a day: no less than anything shows"),
    ],
)
def test_the_remedy_has_a_bit_rate_that_fits(durations: Durations, kilobits: int) -> None:
    """Of a clip that is not cut, here because any length is allowed."""
    large = case(
        body(video_url="clip.mp4"),
        video=video(size=MIB, durations=durations),
        profile=duration_profile(minimum=3),
    )
    words = command(single(findings_of(video_too_large, large)).remedy)
    assert "-t" not in words
    assert words[words.index("-maxrate") + 1] == f"{kilobits}k"
    assert words[words.index("-bufsize") + 1] == f"{2 * kilobits}k"
    assert words[-1] == "clip-for-video.mp4"


@pytest.mark.parametrize(
    ("orientation", "cut", "kilobits"), [("image", "9.9", 7_072), ("video", "29.9", 2_208)]
)
def test_the_bit_rate_is_that_of_the_clip_once_it_is_cut(
    orientation: str, cut: str, kilobits: int
) -> None:
    large = case(
        body(video_url="clip.mp4", character_orientation=orientation),
        video=video(size=MIB, durations=seconds("60")),
        profile=profile(video_size={"below": 10_000_000}),
    )
    words = command(single(findings_of(video_too_large, large)).remedy)
    assert words[words.index("-t") + 1] == cut
    assert words[words.index("-maxrate") + 1] == f"{kilobits}k"
    assert words[-1] == f"clip-for-{orientation}.mp4"


def test_a_clip_that_is_cut_short_gets_no_command() -> None:
    cut = video(size=MIB, truncated=True, truncation="…")
    remedy = single(findings_of(video_too_large, case(video=cut))).remedy
    assert "first get the whole file: it is cut short" in remedy
    assert "`" not in remedy


def test_without_a_duration_there_is_no_bit_rate_to_say() -> None:
    finding = single(
        findings_of(video_too_large, case(video=video(size=MIB, durations=Durations())))
    )
    assert finding.remedy == "cut it, or export it with a lower bit rate"
