"""What the duration rules say of readings that differ: the reason, as far as the file shows it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from build import case, duration_profile, seconds, video

from motion_preflight.facts import Durations, Readings, VideoStream
from motion_preflight.rules import duration

DISAGREES = "The file's header disagrees with its streams."
AUDIO = "The audio (12.000 s) is longer than the video (9.000 s)."
LONGER = "The header says more than the video holds: another track is longer, or it is wrong."
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
            seconds("8", video="7.949", audio=None),
            {},
            LONGER,
            id="they just do not",
        ),
        pytest.param(
            seconds("9.9", scan="4.967"), {"truncated": True}, "Part of the file is missing.",
            id="cut short",
        ),
        pytest.param(
            seconds("10.5", video="9", audio=None),
            {"video": LATE},
            "The video starts late, at 1.500 s.",
            id="late start",
        ),
        pytest.param(
            seconds("12", video="9.9"),
            {},
            "The audio (12.000 s) is longer than the video (9.900 s).",
            id="longer audio",
        ),
        pytest.param(
            seconds("9", scan="13"),
            {"edit_list_hides": Decimal(4)},
            "An edit list hides 4.000 s of the video.",
            id="edit list",
        ),
        pytest.param(
            seconds("16.57", video="13", audio="13"),
            {},
            LONGER,
            id="a longer track",
        ),
        pytest.param(seconds("12", header="6"), {}, DISAGREES, id="a header that is wrong"),
        pytest.param(seconds("8", header="8.05"), {}, DISAGREES, id="what a person begins to see"),
        pytest.param(
            seconds("10.05", video="10"), {}, DISAGREES, id="the audio is as good as as long"
        ),
        pytest.param(
            seconds("10.5", video="9", audio=None),
            {"video": replace(LATE, start=Decimal("0.05"))},
            LONGER,
            id="the video is as good as on time",
        ),
        pytest.param(
            seconds(None, header="12", video="9", audio="12"), {}, AUDIO, id="the header alone"
        ),
        pytest.param(
            seconds(None, container="12", video="9", audio="12"), {}, AUDIO, id="ffprobe's alone"
        ),
        pytest.param(
            seconds("12", video="9", audio="11.500001"),
            {},
            "The audio (11.500 s) is longer than the video (9.000 s).",
            id="the audio is nearly what the header says",
        ),
        pytest.param(
            seconds("12", video="9", audio="11.5"), {}, LONGER, id="the audio is not the reason"
        ),
        pytest.param(
            seconds(None, video="0.5", scan="3"), {}, DISAGREES, id="neither header nor container"
        ),
        pytest.param(
            seconds("9", scan="13"),
            {"edit_list_hides": Decimal("0.200001")},
            "An edit list hides 0.200 s of the video.",
            id="an edit list that is a reason",
        ),
        pytest.param(
            seconds("9", scan="13"),
            {"edit_list_hides": Decimal("0.2")},
            DISAGREES,
            id="an edit list that is none",
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
    said = duration.allowed(case(profile=duration_profile(**limit)))
    assert said == f'character_orientation "video" {text}'
