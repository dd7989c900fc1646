"""Whether packets are there, or zeros in their place."""

from __future__ import annotations

import random
import zlib

import pytest

from motion_preflight.media.containers.holes import zero_run
from motion_preflight.media.containers.payloads import payload_problem
from motion_preflight.media.programs.packets import Packet

FRAME = random.Random(7).randbytes(700)
FIRST, LATER = "its first frame", "a later frame of it"
ZEROS = "the bytes of {} are zeros, as a download leaves that stopped"


def problem(*frames: bytes, codec: str = "h264") -> str | None:
    data = b"".join(b"HEADER" + frame for frame in frames)
    packets, at = [], 0
    for frame in frames:
        crc = f"{zlib.crc32(frame):08x}"
        packets.append(Packet(None, None, None, len(frame), "K__", 0, at, crc))
        at += 6 + len(frame)

    def read(packet: Packet, length: int) -> bytes:
        at = packet.position or 0
        return data[at : at + min(length, (packet.size or 0) + 6)]

    return payload_problem(packets, codec, read)


@pytest.mark.parametrize(
    ("frames", "which"),
    [
        ([FRAME] * 40, None),
        ([bytes(700)] + [FRAME] * 39, FIRST),
        ([FRAME] * 39 + [bytes(700)], LATER),
        ([FRAME] * 17 + [bytes(700)] + [FRAME] * 80, LATER),  # each of them has a hash
        ([FRAME[:150] + bytes(550)] * 40, FIRST),  # the rest is zero
        ([FRAME] * 20 + [FRAME[:9] + bytes(691)] * 20, LATER),
        ([FRAME + bytes(300)] * 40, None),
        ([FRAME, bytes(63)], None),  # too short to tell
        ([], None),
    ],
    ids=["there", "first", "last", "one", "beginnings", "half", "filled", "short", "none"],
)
def test_frames_that_are_zero(frames: list[bytes], which: str | None) -> None:
    assert problem(*frames) == (ZEROS.format(which) if which else None)


@pytest.mark.parametrize("codec", ["rawvideo", "v210", "huffyuv", "qtrle", None])
def test_a_black_picture_that_is_not_compressed_is_one(codec: str) -> None:
    assert problem(bytes(700), bytes(700), codec=codec) is None


def test_a_constant_bit_rate_is_kept_by_zeros_behind_a_frame() -> None:
    assert problem(*[FRAME[:90] + bytes(610)] * 40, codec="mpeg2video") is None
    assert problem(FRAME, bytes(700), codec="mpeg2video") == ZEROS.format(LATER)


def run_of(data: bytes, name: str = "mpeg", *sounds: str) -> int | None:
    return zero_run(
        lambda at, length: data[at : at + length], len(data), name, start=512, sounds=set(sounds)
    )


PART = FRAME * 60  # 42,000 bytes


@pytest.mark.parametrize(
    ("data", "run"),
    [
        (PART * 2, False),
        (PART + bytes(2048) + PART, False),  # padding to a sector
        (PART + bytes(20_000) + PART, True),
        (PART + bytes(20_000), True),
        (PART * 30 + bytes(20_000), False),  # too small a part
        (PART * 24 + bytes(500_000) + PART, True),  # in the second piece that is read
        (bytes(512) + PART, False),  # before the first frame
    ],
)
def test_zeros_that_demuxers_step_over(data: bytes, *, run: bool) -> None:
    assert (run_of(data) is not None) is run


VOID = b"\xec" + (1 << 56 | 40_000).to_bytes(8, "big")
JUNK = b"JUNK" + (40_000).to_bytes(4, "little")


@pytest.mark.parametrize("name", ["mpeg", "matroska,webm", "avi", "flv", "rm"])
def test_zeros_are_a_hole_in_every_container(name: str) -> None:
    assert run_of(PART + bytes(40_000) + PART, name) is not None


@pytest.mark.parametrize("shift", range(0, 512, 37))
@pytest.mark.parametrize(
    ("name", "header", "other"), [("matroska,webm", VOID, JUNK), ("avi", JUNK, VOID)]
)
def test_room_that_is_reserved_is_no_hole(
    name: str, header: bytes, other: bytes, shift: int
) -> None:
    start = PART + FRAME[:shift]
    assert run_of(start + header + bytes(40_000) + PART, name) is None
    assert run_of(start + header + bytes(40_000) + bytes(40_000) + PART, name) is not None
    assert run_of(start + other + bytes(40_000) + PART, name) is not None


@pytest.mark.parametrize(
    ("name", "sounds"), [("mpeg", ["pcm_dvd"]), ("mxf", ["pcm_s24le"]), ("avi", ["adpcm_ms"])]
)
def test_silence_is_no_hole(name: str, sounds: list[str]) -> None:
    assert run_of(PART + bytes(40_000) + PART, name, *sounds) is None
