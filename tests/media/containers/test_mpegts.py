"""The packets of a transport stream: which are scrambled, and what a frame's bytes are."""

from __future__ import annotations

import pytest

from motion_preflight.media.containers.mpegts import is_scrambled, payload

VIDEO, OTHER = 0x100, 0x101


def packet(pid: int, content: bytes, *, scrambled: int = 0, begins: bool = False) -> bytes:
    head = bytes([0x47, begins << 6 | pid >> 8, pid & 0xFF])
    room = 184 - len(content)
    if not room:
        return head + bytes([scrambled << 6 | 0x10]) + content
    filled = bytes([room - 1]) + (b"\0" + b"\xff" * (room - 2) if room > 1 else b"")
    return head + bytes([scrambled << 6 | 0x30]) + filled + content


CLEAR, LOCKED = packet(VIDEO, bytes(184)), packet(VIDEO, bytes(184), scrambled=2)
SOUND = packet(OTHER, bytes(184))


@pytest.mark.parametrize(
    ("data", "scrambled"),
    [
        (CLEAR * 40, False),
        (LOCKED * 40, True),
        ((LOCKED + SOUND) * 4000, True),
        ((CLEAR + packet(OTHER, bytes(184), scrambled=3)) * 40, False),  # the sound alone
        (CLEAR * 30 + LOCKED * 10, False),
        (b"rest of a packet" + LOCKED * 40, True),
        (b"".join(bytes(4) + LOCKED for _ in range(40)), True),  # M2TS
        (b"", None),
        (bytes(5000), None),
        (SOUND * 40, None),
    ],
)
def test_whether_a_stream_is_scrambled(data: bytes, *, scrambled: bool | None) -> None:
    assert is_scrambled(lambda at, length: data[at : at + length], len(data), VIDEO) is scrambled


def test_the_payload_of_a_frame_is_joined_from_its_packets() -> None:
    head = b"\0\0\1\xe0\0\0\x80\x80\x05" + bytes(5)  # a PES header with a time
    frame = bytes(range(1, 171)) + bytes(184) + b"end"
    data = (
        packet(OTHER, b"before", begins=True)
        + packet(VIDEO, head + frame[:170], begins=True)
        + SOUND
        + packet(VIDEO, frame[170:354])
        + packet(VIDEO, frame[354:])
        + packet(VIDEO, head + b"next", begins=True)
    )
    assert payload(lambda at, length: data[at : at + length], 188, 1000) == frame
    assert payload(lambda at, length: data[at : at + length], 188, 9) == frame[:9]
    assert payload(lambda at, length: data[at : at + length], len(data), 9) == b""
