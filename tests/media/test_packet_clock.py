"""The length of a video by its packets: gaps, orders, and clocks that start again or jump."""

from __future__ import annotations

from decimal import Decimal

import pytest

from motion_preflight.media.packet_clock import packet_clock
from motion_preflight.media.programs.packets import Packet


def packet(
    pts: str | None, dts: str | None = None, lasts: str | None = "0.1", flags: str = "___"
) -> Packet:
    times = [None if item is None else Decimal(item) for item in (pts, dts, lasts)]
    return Packet(times[0], times[1], times[2], 100, flags)


def steady(start: str, count: int, *, step: str = "0.1", lasts: str | None = "0.1") -> list[Packet]:
    times = [str(Decimal(start) + index * Decimal(step)) for index in range(count)]
    return [packet(time_, time_, lasts) for time_ in times]


def shown(*times: str, lasts: str = "0.1") -> list[Packet]:
    """Packets of a container that stores when they are shown, in the order of the file."""
    return [packet(time, lasts=lasts) for time in times]


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
        (steady("0", 5) * 60, "30", True),  # and in pieces
        (steady("0", 5) + steady("0.13", 5), "1", True),
        (steady("0", 40) + steady("3.8", 40), "7.8", False),  # back by a frame
        (steady("0", 40) + steady("3.8", 4) + steady("4.0", 4) + steady("4.2", 4), "4.8", True),
        (steady("0", 40) + steady("3.3", 40), "8", True),
        ([*steady("0", 40), packet("900", "900"), *steady("4.1", 39)], "8", False),  # damaged
        ([*steady("5", 40), packet("1", "1"), *steady("9.1", 39)], "8", False),
        ([*steady("0", 79), packet("999", "7.9")], "8", False),  # when it is shown, damaged
        ([packet("0", lasts=None)], None, False),
        ([packet(None), packet(None)], None, False),
        ([packet("0", lasts="90000")], None, False),  # longer than a day
        ([packet("0", lasts="0.0000001")], None, False),
        ([], None, False),
    ],
    ids=["plain", "late", "without lengths", "dts alone", "reordered", "reordered, pts alone",
         "without times", "held", "a gap", "a wider gap", "a jump", "again", "three times",
         "pieces", "overlaps", "a frame back", "a frame back again and again", "further back",
         "noise ahead", "noise behind", "noise of one clock", "one of no length", "no times",
         "a day", "nearly nothing", "none"],
)  # fmt: skip
def test_the_length(packets: list[Packet], samples: str | None, *, jumps: bool) -> None:
    clock = packet_clock(packets, format_name="mpegts")
    assert clock.samples == (None if samples is None else Decimal(samples))
    assert clock.frames == len(packets)
    assert (clock.clock_jump is not None) is jumps


@pytest.mark.parametrize("lasts", ["0.1", None])
@pytest.mark.parametrize("name", ["matroska,webm", "flv", "avi", "ogg", "asf", ""])
def test_a_gap_is_time_where_a_clock_cannot_jump(name: str, lasts: str | None) -> None:
    items = steady("0", 40, lasts=lasts) + steady("24", 40, lasts=lasts)
    clock = packet_clock(items, format_name=name)
    assert clock.samples == 28
    assert clock.clock_jump is None
    assert clock.longest == Decimal("20.1")


FIVE_A_SECOND = ("0", "0.8", "0.4", "0.2", "0.6", "1.6", "1.2", "1.0", "1.4", "2.4", "2.0", "1.8")
PIECE = ("0", "0.06", "0.12", "0.18", "0.24", "0.3", "0.36", "0.42", "0.48", "0.54")


@pytest.mark.parametrize(
    ("packets", "samples", "jumps"),
    [
        (shown(*FIVE_A_SECOND, lasts="0.2"), "2.6", False),
        (shown("0", "0.68", *(f"{at / 25}" for at in range(1, 17)), "1.36"), "1.46", False),
        (shown("0", "6.8", "3.4", lasts="0.4"), "7.2", False),
        (shown("0", "0", "0", "7.9"), "8", False),  # held, which is measured as that
        (shown(*PIECE, *(str(Decimal(time) + Decimal("0.267")) for time in PIECE)), "1.28", True),
        (steady("0", 80) + steady("0", 80), "16", True),
        (steady("0", 80) + steady("6.5", 80), "16", True),  # 1.5 s twice
    ],
    ids=["deep", "sixteen frames", "slow", "at once", "overlaps", "again", "a part again"],
)
def test_what_is_stored_by_when_it_is_shown(
    packets: list[Packet], samples: str, *, jumps: bool
) -> None:
    """The decode times that ffprobe computes beside, each version in its own way, do not count."""
    odd = [one._replace(dts=None if at % 3 else one.pts) for at, one in enumerate(packets)]
    for items in (packets, odd):
        clock = packet_clock(items, format_name="matroska,webm")
        assert clock.samples == Decimal(samples)
        assert (clock.clock_jump is not None) is jumps


def test_the_first_packets_may_have_no_decode_time() -> None:
    first = [packet("0.2"), packet("1.0")]
    rest = [packet(f"{at / 10 + 0.2:.1f}", f"{at / 10:.1f}") for at in range(1, 78)]
    clock = packet_clock([*first, *rest], format_name="flv")
    assert clock.samples == Decimal("7.8")
    assert clock.clock_jump is None


@pytest.mark.parametrize("last", [None, "1.0"])
@pytest.mark.parametrize("opening", [(), (packet("0.1", "0.1"),)], ids=["closed", "open"])
def test_a_frame_without_a_time_of_its_own_is_shown_later_than_decoded(
    last: str | None, opening: tuple[Packet, ...]
) -> None:
    """As in a program stream, where a later frame is shown first and the last one has no time."""
    first = packet("0.2" if opening else "0.1", "0")
    between = [packet(f"{at / 10}", f"{at / 10}") for at in range(1 + len(opening), 9)]
    clock = packet_clock([first, *opening, *between, packet(last, "0.9")], format_name="mpeg")
    assert clock.samples == 1
    early = [packet(last, "0.8"), packet("0.9", "0.9")]
    assert packet_clock([first, *opening, *between[:-1], *early], format_name="mpeg").samples == 1


def test_a_jump_is_named_by_its_two_sides() -> None:
    clock = packet_clock(steady("0", 40) + steady("1004", 40), format_name="mpegts")
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
