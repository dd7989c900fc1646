"""What ffmpeg printed about pictures → shots, black and frozen parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from builders import PROFILE
from hypothesis import given
from hypothesis import strategies as st

from motion_preflight.media.content import Content, Picture, Stretch, content_of, pictures_in

Figures = Mapping[int, Mapping[str, float]]  # of the pictures that are otherwise, by number
CALM = Decimal(1)  # percent of change


def picture(number: int, **figures: float) -> Picture:
    """A picture of 25 a second that differs a little from the one before it."""
    usual = {"change": CALM, "dark": Decimal(0), "edges": Decimal(10), "edge_change": Decimal(1)}
    values = usual | {name: Decimal(str(figure)) for name, figure in figures.items()}
    return Picture(Decimal(number) / 25, **values)


def shown(changes: Figures, count: int = 100, **thresholds: str) -> Content:
    """The content of a clip in which these pictures are otherwise."""
    given_ = PROFILE.content
    for name, figure in thresholds.items():
        given_ = replace(given_, **{name: replace(getattr(given_, name), value=Decimal(figure))})
    pictures = [picture(number, **changes.get(number, {})) for number in range(count)]
    return content_of(pictures, given_, None)


def each(numbers: range, **figures: float) -> Figures:
    """The same figures for each of these pictures."""
    return {number: dict(figures) for number in numbers}


def starts(content: Content) -> list[float]:
    return [float(shot.start) for shot in content.shots]


@pytest.mark.parametrize(
    ("figures", "cut"),
    [
        ({"change": 20, "edge_change": 9}, True),
        ({"change": 4, "edge_change": 6.8}, True),
        ({"change": 3.9, "edge_change": 9}, False),
        ({"change": 20, "edge_change": 6.7}, False),
        ({"change": 20, "edge_change": 9, "edges": 20}, False),
    ],
)
def test_a_cut_is_a_large_change_to_other_edges(figures: Mapping[str, float], *, cut: bool) -> None:
    assert starts(shown({50: figures})) == ([0, 2] if cut else [0])


@pytest.mark.parametrize(("other", "cut"), [(8, True), (8.1, False)])
@pytest.mark.parametrize("away", [-12, -1, 1, 12])
def test_a_cut_stands_out_from_the_changes_around_it(away: int, other: float, *, cut: bool) -> None:
    around: Figures = {50: {"change": 20, "edge_change": 9}, 50 + away: {"change": other}}
    assert starts(shown(around)) == ([0, 2] if cut else [0])


def test_a_change_half_a_second_away_is_another_matter() -> None:
    cut = {"change": 20, "edge_change": 9}
    assert starts(shown({30: cut, 43: cut, 56: cut})) == [0, 1.2, 1.72, 2.24]


@pytest.mark.parametrize(("number", "cut"), [(2, False), (3, True), (97, True), (98, False)])
def test_a_cut_next_to_an_end_takes_nothing_away(number: int, *, cut: bool) -> None:
    content = shown({number: {"change": 20, "edge_change": 9}})
    assert (len(content.shots) == 2) is cut


def test_the_first_picture_has_no_change() -> None:
    assert starts(shown({0: {"change": 99, "edge_change": 99}})) == [0]


def test_black_parts_divide_shots_and_are_not_frozen() -> None:
    dark = {"dark": 100, "change": 0}
    content = shown(each(range(40, 60), **dark), frozen_seconds="0.4")
    assert [tuple(map(float, part)) for part in content.black] == [(1.6, 2.4)]
    assert [tuple(map(float, part)) for part in content.shots] == [(0, 1.6), (2.4, 4)]
    assert content.frozen == ()


@pytest.mark.parametrize(("first", "found"), [(40, True), (41, False)])
def test_black_is_named_from_half_a_second_on(first: int, *, found: bool) -> None:
    pictures = each(range(first, 53), dark=99.5)
    assert bool(shown(pictures).black) is found


def test_a_moment_of_black_is_no_cut() -> None:
    """A beginning of 0.3 s is black, and the picture after it differs from it everywhere."""
    pictures = {**each(range(8), dark=100), 8: {"change": 40, "edge_change": 10}}
    assert starts(shown(pictures)) == [0]


def test_a_small_change_of_a_keyframe_does_not_end_a_frozen_part() -> None:
    still = each(range(40, 90), change=0.02)
    content = shown({**still, 60: {"change": 0.3}})
    assert [tuple(map(float, part)) for part in content.frozen] == [(1.56, 3.6)]


def test_slow_motion_is_not_frozen() -> None:
    assert shown(each(range(100), change=0.03)).frozen == ()


@pytest.mark.parametrize(("seconds", "end"), [("9", 9), ("3.9", 4), (None, 4)])
def test_the_last_picture_is_shown_to_the_end_of_the_track(seconds: str | None, end: int) -> None:
    pictures = [picture(number) for number in range(100)]
    content = content_of(pictures, PROFILE.content, Decimal(seconds) if seconds else None)
    assert content.seconds == end
    assert content.longest_shot == content.shots[-1]


def test_a_single_picture_is_a_shot_of_the_length_of_the_track() -> None:
    content = content_of([picture(0)], PROFILE.content, Decimal(5))
    whole = Stretch(Decimal(0), Decimal(5))
    assert (content.shots, content.frozen) == ((whole,), (whole,))
    assert content_of([picture(0)], PROFILE.content, None).shots == ()


def test_two_entries_are_one_picture() -> None:
    text = (
        "frame:0    pts:0       pts_time:0\nlavfi.scd.mafd=0.000\nlavfi.blackframe.pblack=7\n"
        "frame:0    pts:0       pts_time:0\nlavfi.scd.mafd=0.000\nlavfi.signalstats.YAVG=25.5\n"
        "frame:1    pts:512     pts_time:0.04\nlavfi.scd.mafd=1.5\nlavfi.blackframe.pblack=8\n"
        "frame:1    pts:512     pts_time:0.04\nlavfi.scd.mafd=2.5\nlavfi.signalstats.YAVG=51\n"
    )
    assert pictures_in(text) == [
        Picture(Decimal(0), Decimal(0), Decimal(7), Decimal(10), Decimal(0)),
        Picture(Decimal("0.04"), Decimal("1.5"), Decimal(8), Decimal(20), Decimal("2.5")),
    ]


@pytest.mark.parametrize("time", ["NOPTS", "nan", "inf", "1e99", "", "-1", "0.04"])
def test_a_picture_without_a_later_time_is_left_out(time: str) -> None:
    earlier = "frame:0 pts:0 pts_time:0.04\nlavfi.scd.mafd=0\n"
    assert len(pictures_in(f"{earlier}frame:1 pts:1 pts_time:{time}\nlavfi.scd.mafd=1\n")) == 1


@given(st.lists(st.sampled_from(
    ["frame:", "pts_time:", "0.04", "1", "\n", "lavfi.scd.mafd=", "lavfi.signalstats.YAVG=", "=",
     "lavfi.blackframe.pblack=", "NaN", "1e999999999", "-5", "\x00"]
)))  # fmt: skip
def test_whatever_was_printed_gives_stretches_inside_of_the_clip(words: list[str]) -> None:
    pictures = pictures_in(" ".join(words))
    if pictures:
        content = content_of(pictures, PROFILE.content, Decimal(2))
        parts = [*content.shots, *content.black, *content.frozen]
        assert all(part.start <= part.end for part in parts)
