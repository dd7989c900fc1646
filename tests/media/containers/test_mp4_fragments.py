"""Which samples fragments bring, by every flag of tfhd and trun."""

from __future__ import annotations

import struct

import pytest

from motion_preflight.media.containers.mp4_fragments import (
    Defaults,
    FirstSample,
    TrackFragments,
    read_fragment,
    track_defaults,
)
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
    tracks = {1: TrackFragments(defaults or Defaults(100, 50, 0))}
    read_fragment(b"".join(trafs), at, tracks)
    return tracks[1]


def one(*boxes: bytes, defaults: Defaults | None = None) -> Stretch:
    (found,) = fragments(box(b"traf", *boxes), defaults=defaults).stretches
    return found


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
    found = one(*boxes)
    assert (found.first, found.end, found.frames) == (first, end, frames)


def test_without_a_tfdt_the_clock_goes_on_from_run_to_run_and_from_fragment_to_fragment() -> None:
    traf = box(b"traf", tfhd(), trun(0, 10), trun(0x100, 1, 500))
    found = fragments(traf, traf)
    assert [(each.first, each.end) for each in found.stretches] == [
        (0, 1000), (1000, 1500), (1500, 2500), (2500, 3000),
    ]  # fmt: skip


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
    found = fragments(box(b"traf", tfhd(), trun(0x201, 2, 300, 9, 9), trun(0x201, 2, 700, 8, 6)))
    assert found.spots == [(1300, 9), (1309, 9), (1700, 8), (1708, 6)]


def test_a_run_without_an_offset_lies_behind_the_one_before() -> None:
    found = fragments(box(b"traf", tfhd(), trun(0x1, 2, 300), trun(0, 3)))
    assert found.spots == [(1300, 50), (1350, 50), (1400, 50), (1500, 50)]


def test_a_track_s_own_defaults_come_from_its_trex() -> None:
    assert track_defaults(numbers(0, 7, 1, 100, 50, NOT_SYNC)) == (7, Defaults(100, 50, NOT_SYNC))
    assert track_defaults(b"") == (None, Defaults(0, 0, 0))


def test_tracks_do_not_mix_and_one_without_a_trex_is_read_all_the_same() -> None:
    tracks = {1: TrackFragments(Defaults(100, 50, 0))}
    other = box(b"traf", tfhd(0x8, 10, track=2), trun(0, 5))
    read_fragment(box(b"traf", tfhd(), trun(0, 80)) + other, 0, tracks)
    assert tracks[1].stretches[0].end == 8000
    assert tracks[2].stretches[0].end == 50


@pytest.mark.parametrize("length", range(0, 120, 7))
def test_a_fragment_that_is_cut_short_brings_what_is_there(length: int) -> None:
    traf = box(b"traf", tfhd(0x3A, 1, 40, 7, 9), tfdt(5), trun(0xF05, 2, 8, 0, *range(8)))
    read_fragment(traf[:length], 0, {})
