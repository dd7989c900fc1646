"""How many frames a Theora video has, with those that an empty packet repeats."""

from __future__ import annotations

import pytest

from motion_preflight.media.containers.ogg import beyond, theora


def page(serial: int, *packets: bytes, goes_on: bool = False) -> bytes:
    table = b""
    for packet in packets:
        table += b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255])
    table = table[:-1] if goes_on else table
    head = b"OggS" + bytes(10) + serial.to_bytes(4, "little") + bytes(8) + bytes([len(table)])
    return head + table + b"".join(packets)


FIRST = b"\x80theora" + bytes(15) + bytes.fromhex("0000001e 00000001") + bytes(12)
START = page(1, FIRST) + page(1, b"\x81theora", b"\x82theora")
SOUND = page(2, b"\x01vorbis" + bytes(20))


@pytest.mark.parametrize(
    ("data", "frames"),
    [
        (START + page(1, b"frame", b"", b""), 3),
        (SOUND + START + page(2, b"sound") + page(1, b"frame", b""), 2),
        (START + page(1, bytes(510), goes_on=True) + page(1, bytes(30), b""), 2),
        (START + page(1, bytes(255), b""), 2),
        (START + page(1, b"frame") + b"OggS", 1),
        (START + page(1, b"frame") + page(1, b"frame", b"cut off")[:-1], 1),
        (START, 0),
        (START + page(3, b"\x80theora"), None),  # which of two it is cannot be told
        (SOUND, None),
        (b"", None),
    ],
)
def test_the_frames_of_a_theora_video(data: bytes, frames: int | None) -> None:
    pages = theora(lambda at, length: data[at : at + length])
    assert (pages and pages.frames) == frames
    assert pages is None or pages.rate == 30


def test_a_rate_that_is_none() -> None:
    data = page(1, b"\x80theora" + bytes(35))
    assert theora(lambda at, length: data[at : at + length]) == (0, None)


@pytest.mark.parametrize(
    ("data", "missing"),
    [
        (START, None),
        (START + page(1, b"frame")[:-1], 1),
        (START + page(1, bytes(255), b"frame")[:-8], 8),
        (START + page(1, b"frame")[:20], None),  # a part of a page's head says nothing
        (b"", None),
    ],
)
def test_a_last_page_that_is_cut(data: bytes, missing: int | None) -> None:
    result = beyond(lambda at, length: data[at : at + length], len(data))
    assert result == (missing and f"its last page declares {missing} bytes beyond the end")
