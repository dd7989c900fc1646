"""A clip under 3 seconds: broken by every reading it fails, by some it is unsure."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from builders import body, case, duration_profile, seconds, unmeasured, video
from findings import command, findings_of, single

from motion_preflight.media.facts import Durations
from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Finding, Level
from motion_preflight.rules import video_duration_below_minimum as rule
from motion_preflight.rules.rule import RuleContext

WAYS = ("header", "container", "video", "scan")


def clip(durations: Durations, tolerance: str = "0", orientation: str = "video") -> RuleContext:
    return case(
        body(video_url="clip.mp4", character_orientation=orientation),
        video=video(durations=durations),
        tolerance=Decimal(tolerance),
    )


def findings_with(durations: Durations, tolerance: str = "0") -> list[Finding]:
    return findings_of(rule, clip(durations, tolerance))


@pytest.mark.parametrize("orientation", ["image", "video"])
@pytest.mark.parametrize(
    ("length", "level"),
    [
        ("3", None),
        ("3.000001", None),
        ("300", None),
        ("2.999999", Level.ERROR),
        ("2.9", Level.ERROR),
        ("0.000001", Level.ERROR),
    ],
)
def test_the_limit_to_the_microsecond(orientation: str, length: str, level: Level | None) -> None:
    findings = findings_of(rule, clip(seconds(length), orientation=orientation))
    assert [finding.level for finding in findings] == ([level] if level else [])


@pytest.mark.parametrize("broken", list(product([False, True], repeat=4)), ids=str)
def test_every_combination_of_readings(broken: tuple[bool, ...]) -> None:
    item = {way: "2.9" if short else "3.1" for way, short in zip(WAYS, broken, strict=True)}
    expected = [Level.ERROR] if all(broken) else [Level.UNSURE] if any(broken) else []
    assert [finding.level for finding in findings_with(seconds(None, **item))] == expected


@pytest.mark.parametrize("way", WAYS)
def test_a_single_reading_decides_alone(way: str) -> None:
    assert single(findings_with(seconds(None, **{way: "2.9"}))).level is Level.ERROR
    assert findings_with(seconds(None, **{way: "3"})) == []


def test_the_audio_is_never_judged() -> None:
    assert findings_with(seconds("8", audio="1")) == []


@pytest.mark.parametrize(
    ("durations", "tolerance", "level"),
    [
        pytest.param(seconds("2.95"), "0.05", Level.NOTE, id="just let through"),
        pytest.param(seconds("2.949999"), "0.05", Level.ERROR, id="just not let through"),
        pytest.param(seconds("3"), "0.05", None, id="not needed"),
        pytest.param(seconds("3", video="2.96"), "0.05", Level.NOTE, id="one let through"),
        pytest.param(seconds("3", video="2.9"), "0.05", Level.UNSURE, id="one not let through"),
        pytest.param(seconds("2.96", video="2.9"), "0.05", Level.UNSURE, id="one of two"),
    ],
)
def test_the_tolerance_makes_a_note_of_what_lies_just_beyond(
    durations: Durations, tolerance: str, level: Level | None
) -> None:
    findings = findings_with(durations, tolerance)
    assert [finding.level for finding in findings] == ([level] if level else [])
    if level is Level.NOTE:
        assert "Let through by the tolerance of 0.05 s." in findings[0].message
        assert "tolerance" in findings[0].remedy


def test_the_message_names_the_measured_length_and_the_allowed_range() -> None:
    finding = single(findings_with(seconds("2.9")))
    assert finding.field == "video_url"
    assert "the video is 2.900 s (header, container, video agree)" in finding.message
    assert 'character_orientation "video" allows 3 to 30 s' in finding.message


def test_a_length_just_below_is_not_rounded_up_to_the_limit() -> None:
    assert "2.999999 s" in single(findings_with(seconds("2.999999"))).message


def test_readings_that_differ_are_all_named_with_the_reason() -> None:
    message = single(findings_with(seconds("3.5", video="2.5", audio="3.5"))).message
    assert "2.500 s to 3.500 s" in message
    assert "header 3.500 s" in message
    assert "video 2.500 s" in message
    assert "The header and the container say 3.500 s" in message


@pytest.mark.parametrize(
    ("length", "slowed"),
    [
        pytest.param("2.9", True, id="a little short"),
        pytest.param("2.325", True, id="three quarters of what is wanted"),
        pytest.param("2.32", False, id="slower would be another motion"),
        pytest.param("1", False, id="much too short"),
    ],
)
def test_a_clip_that_is_a_little_short_can_be_slowed_down(length: str, slowed: bool) -> None:  # noqa: FBT001
    remedy = single(findings_with(seconds(length))).remedy
    assert remedy.startswith("use a longer clip")
    assert ("`" in remedy) is slowed
    if slowed:
        words = ["motion-preflight", "fix", "clip.mp4", "--for", "video", "--slow"]
        assert command(remedy) == words


def test_a_clip_whose_header_lies_is_written_anew_at_its_own_speed() -> None:
    remedy = single(findings_with(seconds("2", video="8", scan="8"))).remedy
    assert remedy.startswith("to make the readings agree")
    assert command(remedy) == ["motion-preflight", "fix", "clip.mp4", "--for", "video"]


def test_a_clip_that_is_cut_short_gets_no_command() -> None:
    cut = video(durations=seconds("2.9"), truncated=True, truncation="…")
    remedy = single(findings_of(rule, case(video=cut))).remedy
    assert "first get the whole file: it is cut short" in remedy
    assert "`" not in remedy


def test_what_was_scanned_is_believed_more_than_the_header() -> None:
    assert single(findings_with(seconds("8", scan="1"))).remedy == "use a longer clip"


@pytest.mark.parametrize(
    "lacking",
    [
        pytest.param(case(video=unmeasured(Reason.MISSING)), id="not measured"),
        pytest.param(case(video=video(video=None)), id="no video stream"),
        pytest.param(case(video=video(durations=Durations())), id="no duration"),
        pytest.param(
            case(body(character_orientation="x"), video=video(durations=seconds("1"))),
            id="no orientation",
        ),
    ],
)
def test_without_what_it_needs_it_is_silent(lacking: RuleContext) -> None:
    assert findings_of(rule, lacking) == []


def test_a_profile_without_a_minimum_allows_every_length() -> None:
    free = duration_profile(maximum=30)
    assert findings_of(rule, case(video=video(durations=seconds("0.1")), profile=free)) == []


@pytest.mark.parametrize(
    ("length", "level"),
    [("3", None), ("2.95", Level.UNSURE), ("2.9", Level.UNSURE), ("2.8", Level.ERROR)],
)
def test_a_limit_with_two_readings_is_unsure_between_them(length: str, level: Level | None) -> None:
    two = duration_profile(minimum={"one page": 3, "another": Decimal("2.9")})
    findings = findings_of(rule, case(video=video(durations=seconds(length)), profile=two))
    assert [finding.level for finding in findings] == ([level] if level else [])
