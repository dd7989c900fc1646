"""What the duration rules say of readings that differ: the reason, as far as the file shows it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from builders import case, duration_profile, seconds, video

from motion_preflight.media.facts import Durations, Readings, VideoStream
from motion_preflight.rules import duration

LATE = VideoStream("h264", 720, 1280, 0, Fraction(30), Decimal("1.5"))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("10", "10.000 s"),
        ("9.9", "9.900 s"),
        ("9.923456", "9.923 s"),
        ("10.01", "10.010 s"),
        ("10.000001", "10.000001 s"),
        ("9.999999", "9.999999 s"),
        ("0.0004", "0.0004 s"),
    ],
)
def test_seconds_have_three_places_and_more_only_beside_a_round_number(
    value: str, text: str
) -> None:
    assert duration.seconds(Decimal(value)) == text


@pytest.mark.parametrize(
    ("ways", "text"),
    [
        ({"video": "8"}, "8.000 s (video)"),
        ({"header": "8", "video": "8"}, "8.000 s (header, video agree)"),
        ({"header": "12.0671", "video": "12.0668"}, "12.067 s (header, video agree)"),
        (
            {"header": "10", "video": "10.0004"},
            "10.000 s to 10.0004 s, by how it is read (header 10.000 s, video 10.0004 s)",
        ),
        (
            {"header": "8", "video": "7"},
            "7.000 s to 8.000 s, by how it is read (header 8.000 s, video 7.000 s)",
        ),
    ],
)
def test_every_reading_is_named(ways: dict[str, str], text: str) -> None:
    readings = Readings({way: Decimal(value) for way, value in ways.items()})
    assert duration.measured(readings) == text


@pytest.mark.parametrize(
    ("durations", "facts", "why"),
    [
        pytest.param(seconds("8"), {}, "", id="they agree"),
        pytest.param(seconds("8", video="7.95001"), {}, "", id="they nearly agree"),
        pytest.param(
            seconds("9.9", samples="9.9", scan="4.967"), {"truncated": True},
            "Part of the file is missing.",
            id="cut short",
        ),
        pytest.param(
            seconds("10.5", video="9", samples="9", audio=None),
            {"video": LATE},
            "The video starts late, at 1.500 s.",
            id="late start",
        ),
        pytest.param(
            seconds("12", video="9.9", samples="9.9"),
            {"longer_track": "the audio ends at 12.000 s, the video at 9.900 s"},
            "Not all tracks end together: the audio ends at 12.000 s, the video at 9.900 s.",
            id="longer audio",
        ),
        pytest.param(
            seconds("9.067", samples="9.067", stored="12.267"),
            {},
            "12.267 s are stored, 9.067 s are shown: an edit list hides the rest.",
            id="edit list",
        ),
        pytest.param(
            seconds("3", samples="30", stored="3"),
            {},
            "3.000 s are stored, 30.000 s are shown: an edit list shows some of it again. "
            "The video declares 3.000 s, its samples last 30.000 s.",
            id="an edit list that repeats",
        ),
        pytest.param(
            seconds("12", header="6", samples="12"),
            {},
            "The header says 6.000 s, the video's samples last 12.000 s.",
            id="a header that is wrong",
        ),
        pytest.param(
            seconds("16.57", video="13", samples="13", audio="13"),
            {},
            "The header and the container say 16.570 s, the video's samples last 13.000 s.",
            id="a header that nothing explains",
        ),
        pytest.param(
            seconds("8", samples="30"),
            {},
            "The video declares 8.000 s, its samples last 30.000 s.",
            id="declared is not measured",
        ),
        pytest.param(
            seconds(None, container="8", samples="30"),
            {"fragmented": None},
            "The container says 8.000 s, the video's packets last 30.000 s.",
            id="a container without boxes",
        ),
        pytest.param(
            seconds("1008", samples="8", video=None, header=None),
            {"clock_jump": "its clock goes from 3.900 s to 1004.000 s", "fragmented": None},
            "The video has more than one clock: its clock goes from 3.900 s to 1004.000 s. "
            "The container says 1008.000 s, the video's packets last 8.000 s.",
            id="a clock that jumps",
        ),
        pytest.param(
            seconds("6.5", samples="5"),
            {"video": LATE},
            "The video starts at 1.500 s, and some readers count from 0.",
            id="fragments of the middle of a stream",
        ),
        pytest.param(
            seconds("10.5", video="9", samples="9", audio=None),
            {"video": replace(LATE, start=Decimal("0.05"))},
            "The header and the container say 10.500 s, the video's samples last 9.000 s.",
            id="the video is as good as on time",
        ),
        pytest.param(
            seconds("6", video="9", samples="9"),
            {"longer_track": "the audio ends at 12.000 s, the video at 9.000 s"},
            "The header and the container say 6.000 s, the video's samples last 9.000 s.",
            id="a longer track is no reason for a shorter header",
        ),
    ],
)  # fmt: skip
def test_the_reason_is_said_as_far_as_the_file_shows_it(
    durations: Durations, facts: dict[str, Any], why: str
) -> None:
    assert duration.why_they_differ(video(durations=durations, **facts)) == why


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        ({"minimum": 3, "maximum": 30}, "allows 3 to 30 s"),
        ({"minimum": 3, "maximum": {"a": 10, "b": 12}}, "allows 3 to 10 s (a) or 12 s (b)"),
        ({"maximum": 30}, "allows 30 s at most"),
        ({"minimum": 3}, "allows 3 s at least"),
    ],
    ids=["both ends", "two readings", "no minimum", "no maximum"],
)
def test_the_allowed_range_in_words(limit: dict[str, Any], text: str) -> None:
    answer = duration.allowed(case(profile=duration_profile(**limit)))
    assert answer == f'character_orientation "video" {text}'
