"""The length of a video by its packets: gaps, orders, and clocks that start again or jump."""

from __future__ import annotations

from decimal import Decimal

import pytest

from motion_preflight.media.packet_clock import packet_clock
from motion_preflight.media.programs.packets import Packet


def packet(
    pts: str | None, dts: str | None = None, lasts: str | None = "0.1", flags: str = "___"
) -> Packet:
    times = [None if each is None else Decimal(each) for each in (pts, dts, lasts)]
    return Packet(times[0], times[1], times[2], 100, flags)


def steady(start: str, count: int, *, step: str = "0.1", lasts: str | None = "0.1") -> list[Packet]:
    times = [str(Decimal(start) + index * Decimal(step)) for index in range(count)]
    return [packet(each, each, lasts) for each in times]


@pytest.mark.parametrize(
    ("packets", "samples", "jumps"),
    [
        (steady("0", 80), "8", False),
        (steady("1.4", 80), "8", False),  # a transport stream starts where it likes
        (steady("0", 80, lasts=None), "8", False),  # steps stand in for lengths
        ([packet(None, "0"), packet(None, "0.1")], "0.2", False),
        ([packet("0.2", "0"), packet("0.4", "0.1"), packet("0.3", "0.2")], "0.3", False),
        ([packet("0"), packet("0.4"), packet("0.2"), packet("0.6")], "0.7", False),
        ([packet("0"), packet(None), packet(None)], "0.3", False),  # they follow each other
        ([packet("0", "0", "6"), packet("6", "6")], "6.1", False),  # a picture that is held
        (steady("0", 40) + steady("13.9", 40), "17.9", False),  # a gap of less than 10 s
        (steady("0", 40) + steady("14.1", 40), "8", True),
        (steady("0", 40) + steady("1004", 40), "8", True),
        (steady("0", 80) + steady("0", 80), "16", True),  # joined end to end
        (steady("0", 80) * 3, "24", True),
        (steady("0", 40) + steady("3.5", 40), "7.5", False),  # back by half a second
        (steady("0", 40) + steady("3.3", 40), "8", True),
        ([packet("0", lasts=None)], None, False),
        ([packet(None), packet(None)], None, False),
        ([packet("0", lasts="90000")], None, False),  # longer than a day
        ([packet("0", lasts="0.0000001")], None, False),
        ([], None, False),
    ],
    ids=["plain", "late", "without lengths", "dts alone", "reordered", "reordered, pts alone",
         "without times", "held", "a gap", "a wider gap", "a jump", "again", "three times",
         "a bit back", "further back", "one of no length", "no times", "a day",
         "nearly nothing", "none"],
)  # fmt: skip
def test_the_length(packets: list[Packet], samples: str | None, *, jumps: bool) -> None:
    clock = packet_clock(packets)
    assert clock.samples == (None if samples is None else Decimal(samples))
    assert clock.frames == len(packets)
    assert (clock.clock_jump is not None) is jumps


def test_a_jump_is_named_by_its_two_sides() -> None:
    clock = packet_clock(steady("0", 40) + steady("1004", 40))
    assert clock.clock_jump == "its clock goes from 3.900 s to 1004.000 s"


def test_what_an_edit_list_hides_does_not_count() -> None:
    hidden = [packet("0", flags="_D_"), packet("0.1", flags="_D_")]
    clock = packet_clock([*hidden, *steady("0.2", 10)])
    assert clock.samples == 1
    assert clock.frames == 10


@pytest.mark.parametrize(("flags", "starts"), [("K__", True), ("___", False)])
def test_the_first_packet_is_a_keyframe_or_not(flags: str, *, starts: bool) -> None:
    assert packet_clock([packet("0", flags=flags)]).starts_with_keyframe is starts
    assert packet_clock([]).starts_with_keyframe is None
