"""How long samples are stored and shown, by stts, ctts and every kind of edit."""

from __future__ import annotations

import struct
from fractions import Fraction

import pytest

from motion_preflight.media.containers.mp4_header import BoxError
from motion_preflight.media.containers.mp4_samples import (
    Edit,
    Stretch,
    add_stretch,
    check_edits,
    edits_of,
    shown_seconds,
    stored_seconds,
    table_stretch,
)

RATE_1 = 1 << 16
EMPTY = -1
NEGATIVE = 1 << 32  # what a negative number of 32 bits is stored as, less the number


def runs(*pairs: tuple[int, int], declared: int | None = None) -> bytes:
    """An stts or ctts box: so many samples of so many ticks each."""
    count = len(pairs) if declared is None else declared
    return struct.pack(">II", 0, count) + b"".join(struct.pack(">II", *pair) for pair in pairs)


def stretch(first: int, end: int) -> Stretch:
    return Stretch(first, end, 10, first, end)


@pytest.mark.parametrize(
    ("stts", "ctts", "samples", "first", "end"),
    [
        (runs((80, 100)), b"", 80, 0, 8000),
        (runs((79, 100), (1, 2100)), b"", 80, 0, 10_000),  # a picture that is held
        (runs((80, 100)), runs((80, 200)), 80, 200, 8200),
        (runs((3, 100)), runs((1, 100), (1, 300), (1, 0)), 3, 100, 500),  # reordered
        (runs((80, 100)), runs((79, 0), (1, 20_000)), 80, 0, 28_000),
        (runs((4, 100)), runs((4, NEGATIVE - 100)), 4, -100, 300),
        (runs((2, 100)), b"", 4, 0, 400),  # the last step goes on
        (runs((80, 100)), b"", 40, 0, 4000),  # more steps than samples
        (runs((4, 100)), runs((2, 50)), 4, 50, 400),  # offsets that end early
        (runs((2, 100), (2, NEGATIVE - 100)), b"", 4, 0, 200),  # a negative step is none
        (runs((0, 7), (4, 100), (0, 9)), runs((0, 5)), 4, 0, 400),
        (runs((80, 0)), b"", 80, 0, 0),
        (b"", b"", 4, 0, 0),
        (runs((4, 100), declared=10**9), b"", 4, 0, 400),
        (runs((1 << 31, 1), (1 << 31, 1)), b"", 1 << 32, 0, 1 << 32),
    ],
)
def test_the_extent_of_samples(
    stts: bytes, ctts: bytes, samples: int, first: int, end: int
) -> None:
    result = table_stretch(stts, ctts, samples)
    assert result is not None
    assert (result.first, result.end, result.frames) == (first, end, samples)


def test_no_samples_have_no_extent() -> None:
    assert table_stretch(runs((80, 100)), b"", 0) is None


def test_a_table_of_more_entries_than_any_clip_has_is_not_read() -> None:
    table = struct.pack(">II", 0, 1_000_001) + bytes(8 * 1_000_001)
    with pytest.raises(BoxError, match="its stts box has 1,000,001 entries"):
        table_stretch(table, b"", 1)


@pytest.mark.parametrize(
    ("edits", "shown"),
    [
        ([], "8"),
        ([Edit(8000, 0, RATE_1)], "8"),
        ([Edit(4000, 4000, RATE_1)], "4"),
        ([Edit(5000, 0, RATE_1)], "5"),  # cut at the tail
        ([Edit(9000, 0, RATE_1)], "8"),  # nothing more is stored
        ([Edit(0, 1000, RATE_1)], "7"),  # to the end of the media
        ([Edit(1500, EMPTY, RATE_1), Edit(8000, 0, RATE_1)], "8"),  # late, not longer
        ([Edit(3000, 0, RATE_1), Edit(2000, EMPTY, RATE_1), Edit(3000, 5000, RATE_1)], "8"),
        ([Edit(3000, 0, RATE_1)] * 10, "30"),
        ([Edit(3000, 0, RATE_1), Edit(7000, 3000, 0)], "10"),  # one picture is held
        ([Edit(7000, 9000, 0)], "0"),  # … that is not there
        ([Edit(4000, 0, 2 * RATE_1)], "4"),  # twice as fast
        ([Edit(16_000, 0, RATE_1 // 2)], "16"),  # half as fast
        ([Edit(8000, 0, -RATE_1)], "8"),
        ([Edit(4000, 9000, RATE_1)], "0"),
        ([Edit(1500, EMPTY, RATE_1)], "0"),
        ([Edit(41, 0, RATE_1)], "0.041"),
    ],
)
def test_what_edits_show(edits: list[Edit], shown: str) -> None:
    assert shown_seconds(stretch(0, 8000), edits, 1000, 1000) == Fraction(shown)


@pytest.mark.parametrize(
    ("first", "end", "edit", "shown"),
    [
        (200, 8200, Edit(8000, 200, RATE_1), "8"),  # the reordering that an edit takes away
        (200, 8200, Edit(8000, 0, RATE_1), "7.8"),
        (10_000, 15_000, Edit(0, 0, RATE_1), "5"),  # fragments that start late
        (-100, 300, Edit(400, 0, RATE_1), "0.3"),
    ],
)
def test_what_edits_show_of_media_that_do_not_start_at_zero(
    first: int, end: int, edit: Edit, shown: str
) -> None:
    assert shown_seconds(stretch(first, end), [edit], 1000, 1000) == Fraction(shown)


def test_an_edit_s_length_is_on_the_movie_s_clock_and_its_start_on_the_track_s() -> None:
    edit = Edit(2400, 45_000, RATE_1)
    assert shown_seconds(stretch(0, 720_000), [edit], 90_000, 600) == 4


def test_edits_of_a_movie_without_a_clock_do_not_count() -> None:
    assert shown_seconds(stretch(0, 8000), [Edit(1, 0, RATE_1)], 1000, 0) == 8


@pytest.mark.parametrize("wide", [False, True])
def test_the_entries_of_an_edit_list(*, wide: bool) -> None:
    form = ">Qqi" if wide else ">Iii"
    rows = struct.pack(form, 1500, -1, RATE_1) + struct.pack(form, 8000, 250, 0)
    elst = struct.pack(">II", wide << 24, 9) + rows  # it declares more than there are
    assert edits_of(elst) == [Edit(1500, EMPTY, RATE_1), Edit(8000, 250, 0)]


def elst(*edits: Edit) -> bytes:
    return struct.pack(">II", 0, len(edits)) + b"".join(
        struct.pack(">Iii", *edit) for edit in edits
    )


@pytest.mark.parametrize("tracks", [1, 2, 50])
def test_more_edits_than_any_clip_has_are_an_error_however_many_tracks_have_them(
    tracks: int,
) -> None:
    item = 1_000 // tracks
    full = [elst(*[Edit(0, 0, RATE_1)] * item)] * tracks
    check_edits(full)
    with pytest.raises(BoxError, match="its edit lists have more than 1,000 entries"):
        check_edits([*full, elst(Edit(0, 0, RATE_1))])


def test_edits_of_more_rates_than_any_clip_has_are_an_error() -> None:
    rates = [elst(Edit(0, 0, RATE_1 + number)) for number in range(16)]
    check_edits(rates * 2)
    with pytest.raises(BoxError, match="its edit lists play it at 17 rates"):
        check_edits([*rates, elst(Edit(0, 0, -RATE_1))])


@pytest.mark.parametrize(
    ("start", "stretches"),
    [(8000, 1), (7750, 1), (18_000, 1), (18_001, 2), (7749, 2), (0, 2)],
    ids=["behind", "a bit early", "late", "far ahead", "back", "again"],
)
def test_a_clock_that_starts_again_or_jumps_begins_another_stretch(
    start: int, stretches: int
) -> None:
    results: list[Stretch] = []
    for item in (stretch(0, 8000), stretch(start, start + 4000)):
        add_stretch(results, item, 1000)
    assert len(results) == stretches
    if stretches > 1:
        assert stored_seconds(results, 1000) == 12


def test_small_overlaps_add_up() -> None:
    results: list[Stretch] = []
    for start in range(0, 8000, 1000):
        add_stretch(results, stretch(start, start + 1100), 1000)
    assert len(results) > 1
    assert stored_seconds(results, 1000) > 8
