"""Which samples fragments bring, by every flag of tfhd and trun."""

from __future__ import annotations

import struct

import pytest

from motion_preflight.media.containers.mp4_fragments import (
    Budget,
    Defaults,
    FirstSample,
    TrackFragments,
    read_fragment,
    track_defaults,
)
from motion_preflight.media.containers.mp4_header import BoxError
from motion_preflight.media.containers.mp4_samples import Stretch

NOT_SYNC = 0x10000
NEGATIVE = 1 << 32


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def numbers(*values: int) -> bytes:
    return struct.pack(f">{len(values)}I", *values)


def tfhd(flags: int = 0x20000, *fields: int, track: int = 1) -> bytes:
    return box(b"tfhd", numbers(flags, track, *fields))


def tfdt(clock: int, *, wide: bool = False) -> bytes:
    return box(b"tfdt", struct.pack(">IQ" if wide else ">II", wide << 24, clock))


def trun(flags: int, count: int, *fields: int) -> bytes:
    return box(b"trun", numbers(flags, count, *fields))


def fragments(*trafs: bytes, defaults: Defaults | None = None, at: int = 1000) -> TrackFragments:
    tracks = {1: TrackFragments(defaults or Defaults(100, 50, 0), timescale=1000)}
    read_fragment(b"".join(trafs), at, tracks, Budget())
    return tracks[1]


def one(*boxes: bytes, defaults: Defaults | None = None) -> Stretch:
    (result,) = fragments(box(b"traf", *boxes), defaults=defaults).stretches
    return result


@pytest.mark.parametrize(
    ("boxes", "first", "end", "frames"),
    [
        ((tfhd(), trun(0, 80)), 0, 8000, 80),  # all by default
        ((tfhd(), tfdt(500), trun(0, 80)), 500, 8500, 80),
        ((tfhd(), tfdt(1 << 40, wide=True), trun(0, 1)), 1 << 40, (1 << 40) + 100, 1),
        ((tfhd(0x8, 40), trun(0, 10)), 0, 400, 10),
        ((tfhd(0x3A, 1, 40, 7, 9), trun(0, 10)), 0, 400, 10),
        ((tfhd(), trun(0x100, 3, 10, 20, 30)), 0, 60, 3),
        ((tfhd(), trun(0x101, 3, 8, 10, 20, 30)), 0, 60, 3),
        ((tfhd(), trun(0x805, 3, 8, 0, 200, 0, 100)), 100, 400, 3),
        ((tfhd(), trun(0x800, 2, NEGATIVE - 100, 0)), -100, 200, 2),
        ((tfhd(), trun(0xF00, 2, 10, 1, 0, 500, 20, 1, 0, 0)), 10, 510, 2),
        ((tfhd(), trun(0x100, 10**9, 10, 20)), 0, 30, 2),  # no more than its table has
        ((tfhd(), trun(0, 1 << 31)), 0, 100 << 31, 1 << 31),  # which costs nothing to say
    ],
)
def test_the_samples_of_a_fragment(
    boxes: tuple[bytes, ...], first: int, end: int, frames: int
) -> None:
    result = one(*boxes)
    assert (result.first, result.end, result.frames) == (first, end, frames)


def test_without_a_tfdt_the_clock_goes_on_from_run_to_run_and_from_fragment_to_fragment() -> None:
    traf = box(b"traf", tfhd(), trun(0, 10), trun(0x100, 1, 500))
    assert fragments(traf, traf).stretches == [Stretch(0, 3000, 22, 0, 3000, 500)]


def test_a_clock_that_jumps_begins_another_stretch() -> None:
    result = fragments(box(b"traf", tfhd(), trun(0, 10), tfdt(60_000), trun(0, 10)))
    assert [(stretch.first, stretch.end) for stretch in result.stretches] == [
        (0, 1000),
        (60_000, 61_000),
    ]


@pytest.mark.parametrize("truns", [15, 16, 17, 33, 100, 1000])
def test_of_many_runs_some_places_are_kept_all_over_the_track(truns: int) -> None:
    spots = fragments(box(b"traf", tfhd(), trun(0, 2) * truns)).spots
    every = [(at, 50) for at in range(1000, 1000 + 100 * truns, 50)]
    assert len(spots) <= 33
    assert spots[0] == every[0]
    assert spots[-1] == every[-1]
    assert set(spots) <= set(every)
    assert len(spots) >= min(len(every), 16)


@pytest.mark.sweep
@pytest.mark.parametrize("moofs", [1, 4])
def test_more_boxes_than_any_clip_has_are_an_error_in_one_fragment_or_in_many(moofs: int) -> None:
    budget, body = Budget(), box(b"traf", tfhd(), trun(0, 1) * (200_000 // moofs - 2))
    for _ in range(moofs):
        read_fragment(body, 0, {}, budget)
    with pytest.raises(BoxError, match="its fragments have more than 200,000 boxes"):
        read_fragment(box(b"free"), 0, {}, budget)


def test_more_samples_than_any_clip_has_are_an_error_in_many_fragments_together() -> None:
    budget, body = Budget(), box(b"traf", tfhd(), trun(0x100, 1_000_000, *[1] * 1_000_000))
    read_fragment(body, 0, {}, budget)
    read_fragment(body, 0, {}, budget)
    with pytest.raises(BoxError, match="its fragments list more than 2,000,000 samples"):
        read_fragment(box(b"traf", tfhd(), trun(0x100, 1, 1)), 0, {}, budget)


@pytest.mark.parametrize(
    ("boxes", "first"),
    [
        ((tfhd(), trun(0x1, 2, 300)), FirstSample(1300, 50, is_keyframe=True)),
        ((tfhd(0x1, 0, 7000), trun(0x1, 2, 300)), FirstSample(7300, 50, is_keyframe=True)),
        ((tfhd(), trun(0, 2)), FirstSample(1000, 50, is_keyframe=True)),
        ((tfhd(), trun(0x201, 2, 300, 9, 9)), FirstSample(1300, 9, is_keyframe=True)),
        ((tfhd(), trun(0x5, 2, 300, NOT_SYNC)), FirstSample(1300, 50, is_keyframe=False)),
        ((tfhd(), trun(0x401, 2, 300, NOT_SYNC, 0)), FirstSample(1300, 50, is_keyframe=False)),
        ((tfhd(0x20020, NOT_SYNC), trun(0x1, 2, 300)), FirstSample(1300, 50, is_keyframe=False)),
        ((tfhd(0x20020, NOT_SYNC), trun(0x5, 2, 300, 0)), FirstSample(1300, 50, is_keyframe=True)),
        ((tfhd(), trun(0, 0)), None),
        ((tfhd(),), None),
    ],
)
def test_the_first_sample(boxes: tuple[bytes, ...], first: FirstSample | None) -> None:
    assert fragments(box(b"traf", *boxes)).first == first


def test_every_run_of_a_traf_counts_from_the_traf_s_base() -> None:
    result = fragments(box(b"traf", tfhd(), trun(0x201, 2, 300, 9, 9), trun(0x201, 2, 700, 8, 6)))
    assert result.spots == [(1300, 9), (1309, 9), (1700, 8), (1708, 6)]


def test_a_run_without_an_offset_lies_behind_the_one_before() -> None:
    result = fragments(box(b"traf", tfhd(), trun(0x1, 2, 300), trun(0, 3)))
    assert result.spots == [(1300, 50), (1350, 50), (1400, 50), (1500, 50)]


def test_a_track_s_own_defaults_come_from_its_trex() -> None:
    assert track_defaults(numbers(0, 7, 1, 100, 50, NOT_SYNC)) == (7, Defaults(100, 50, NOT_SYNC))
    assert track_defaults(b"") == (None, Defaults(0, 0, 0))


def test_tracks_do_not_mix_and_one_without_a_trex_is_read_all_the_same() -> None:
    tracks = {1: TrackFragments(Defaults(100, 50, 0))}
    other = box(b"traf", tfhd(0x8, 10, track=2), trun(0, 5))
    read_fragment(box(b"traf", tfhd(), trun(0, 80)) + other, 0, tracks, Budget())
    assert tracks[1].stretches[0].end == 8000
    assert tracks[2].stretches[0].end == 50


@pytest.mark.parametrize("length", range(0, 120, 7))
def test_a_fragment_that_is_cut_short_brings_what_is_there(length: int) -> None:
    traf = box(b"traf", tfhd(0x3A, 1, 40, 7, 9), tfdt(5), trun(0xF05, 2, 8, 0, *range(8)))
    read_fragment(traf[:length], 0, {}, Budget())
