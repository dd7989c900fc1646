"""A clip over what its orientation allows: broken by every reading it fails, by some unsure."""

from __future__ import annotations

from decimal import Decimal
from itertools import product

import pytest
from builders import body, case, duration_profile, seconds, unmeasured, video
from findings import command, findings_of, single

from motion_preflight.media.facts import Durations
from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Finding, Level
from motion_preflight.rules import video_duration_above_maximum as rule
from motion_preflight.rules.rule import RuleContext

WAYS = ("header", "container", "video", "scan")


def clip(durations: Durations, orientation: str = "image", tolerance: str = "0") -> RuleContext:
    return case(
        body(video_url="clip.mp4", character_orientation=orientation),
        video=video(durations=durations),
        tolerance=Decimal(tolerance),
    )


def findings_with(
    durations: Durations, orientation: str = "image", tolerance: str = "0"
) -> list[Finding]:
    return findings_of(rule, clip(durations, orientation, tolerance))


@pytest.mark.parametrize(
    ("orientation", "length", "level"),
    [
        ("image", "9.999999", None),
        ("image", "10", None),
        ("image", "10.000001", Level.ERROR),
        ("image", "30", Level.ERROR),
        ("video", "10.000001", None),
        ("video", "29.999999", None),
        ("video", "30", None),
        ("video", "30.000001", Level.ERROR),
        ("image", "0.1", None),
    ],
)
def test_the_limits_to_the_microsecond(orientation: str, length: str, level: Level | None) -> None:
    findings = findings_with(seconds(length), orientation)
    assert [finding.level for finding in findings] == ([level] if level else [])


@pytest.mark.parametrize("broken", list(product([False, True], repeat=4)), ids=str)
def test_every_combination_of_readings(broken: tuple[bool, ...]) -> None:
    item = {way: "10.1" if long else "9.9" for way, long in zip(WAYS, broken, strict=True)}
    expected = [Level.ERROR] if all(broken) else [Level.UNSURE] if any(broken) else []
    assert [finding.level for finding in findings_with(seconds(None, **item))] == expected


@pytest.mark.parametrize("way", WAYS)
def test_a_single_reading_decides_alone(way: str) -> None:
    assert single(findings_with(seconds(None, **{way: "10.1"}))).level is Level.ERROR
    assert findings_with(seconds(None, **{way: "10"})) == []


def test_the_audio_is_never_judged() -> None:
    assert findings_with(seconds("8", audio="99")) == []


@pytest.mark.parametrize(
    ("durations", "tolerance", "level"),
    [
        pytest.param(seconds("10.05"), "0.05", Level.NOTE, id="just let through"),
        pytest.param(seconds("10.050001"), "0.05", Level.ERROR, id="just not let through"),
        pytest.param(seconds("10"), "0.05", None, id="not needed"),
        pytest.param(seconds("10", header="10.01"), "0.05", Level.NOTE, id="one let through"),
        pytest.param(seconds("10", header="12"), "0.05", Level.UNSURE, id="one not let through"),
        pytest.param(seconds("10.04", header="12"), "0.05", Level.UNSURE, id="one of two"),
        pytest.param(seconds("10.01"), "0", Level.ERROR, id="no tolerance"),
    ],
)
def test_the_tolerance_makes_a_note_of_what_lies_just_beyond(
    durations: Durations, tolerance: str, level: Level | None
) -> None:
    findings = findings_with(durations, tolerance=tolerance)
    assert [finding.level for finding in findings] == ([level] if level else [])
    if level is Level.NOTE:
        assert "Let through by the tolerance of 0.05 s." in findings[0].message
        assert "tolerance" in findings[0].remedy


def test_the_message_names_the_measured_length_and_the_allowed_range() -> None:
    finding = single(findings_with(seconds("12")))
    assert finding.field == "video_url"
    assert "the video is 12.000 s (header, container, video agree)" in finding.message
    assert 'character_orientation "image" allows 3 to 10 s' in finding.message
    assert (
        'character_orientation "video" allows 3 to 30 s'
        in single(findings_with(seconds("31"), "video")).message
    )


@pytest.mark.parametrize("length", ["10.000001", "10.0004", "10.0005"])
def test_a_length_just_above_is_not_rounded_down_to_the_limit(length: str) -> None:
    measured = single(findings_with(seconds(length))).message.split(";")[0]
    assert "10.000 s" not in measured
    assert "10.00" in measured


def test_readings_that_differ_are_all_named_with_the_reason() -> None:
    message = single(findings_with(seconds("12", video="9.9", audio="12"))).message
    assert "9.900 s to 12.000 s, by how it is read" in message
    assert "container 12.000 s" in message
    assert "The header and the container say 12.000 s" in message


@pytest.mark.parametrize(
    ("durations", "orientation"),
    [
        pytest.param(seconds("12"), "image", id="for image"),
        pytest.param(seconds("31"), "video", id="for video"),
        pytest.param(seconds(None, container="12"), "image", id="no stream duration"),
    ],
)
def test_the_remedy_cuts_the_clip_inside_the_limit(durations: Durations, orientation: str) -> None:
    remedy = single(findings_with(durations, orientation)).remedy
    assert remedy.startswith("to cut it, run `")
    assert command(remedy) == ["motion-preflight", "fix", "clip.mp4", "--for", orientation]


def test_a_video_that_is_short_enough_itself_keeps_its_length() -> None:
    remedy = single(findings_with(seconds("12", video="9.5"), "image")).remedy
    assert remedy.startswith("to make the readings agree, ")
    assert command(remedy) == ["motion-preflight", "fix", "clip.mp4", "--for", "image"]


def test_a_clip_that_is_cut_short_gets_no_command() -> None:
    cut = video(durations=seconds("12", scan="11"), truncated=True, truncation="…")
    long = case(body(character_orientation="image"), video=cut)
    remedy = single(findings_of(rule, long)).remedy
    assert "first get the whole file: it is cut short" in remedy
    assert "`" not in remedy


@pytest.mark.parametrize(
    ("durations", "orientation", "offered"),
    [
        pytest.param(seconds("12"), "image", True, id="it would fit"),
        pytest.param(seconds("30"), "image", True, id="it would just fit"),
        pytest.param(seconds("30.000001"), "image", False, id="it would just not fit"),
        pytest.param(seconds("12", header="31"), "image", False, id="by one reading it would not"),
        pytest.param(seconds("31"), "video", False, id="it is that orientation"),
    ],
)
def test_the_other_orientation_is_offered_when_the_clip_fits_it(
    durations: Durations,
    orientation: str,
    offered: bool,  # noqa: FBT001
) -> None:
    remedy = single(findings_with(durations, orientation)).remedy
    assert ('set character_orientation to "video"' in remedy) is offered


@pytest.mark.parametrize(
    "lacking",
    [
        pytest.param(case(video=unmeasured(Reason.MISSING)), id="not measured"),
        pytest.param(case(video=video(video=None, durations=seconds("99"))), id="no stream"),
        pytest.param(case(video=video(durations=Durations())), id="no duration"),
        pytest.param(
            case(body(character_orientation="x"), video=video(durations=seconds("99"))),
            id="no orientation",
        ),
    ],
)
def test_without_what_it_needs_it_is_silent(lacking: RuleContext) -> None:
    assert findings_of(rule, lacking) == []


def test_a_near_miss_of_an_orientation_is_judged_as_what_was_meant() -> None:
    assert single(findings_with(seconds("12"), "Image")).level is Level.ERROR
    assert findings_with(seconds("12"), "Video") == []


def test_a_profile_without_a_maximum_allows_every_length() -> None:
    free = duration_profile(minimum=3)
    assert findings_of(rule, case(video=video(durations=seconds("999")), profile=free)) == []


@pytest.mark.parametrize(
    ("length", "level"),
    [("10", None), ("10.2", Level.UNSURE), ("10.5", Level.UNSURE), ("10.6", Level.ERROR)],
)
def test_a_limit_with_two_readings_is_unsure_between_them(length: str, level: Level | None) -> None:
    two = duration_profile(maximum={"one page": 10, "another": Decimal("10.5")})
    findings = findings_of(rule, case(video=video(durations=seconds(length)), profile=two))
    assert [finding.level for finding in findings] == ([level] if level else [])
