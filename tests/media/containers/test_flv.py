"""The tags of an FLV file: its codec, and a second file behind it."""

from __future__ import annotations

import pytest

from motion_preflight.media.containers.flv import new_codec, second_file

HEADER = b"FLV\x01\x05" + (9).to_bytes(4, "big") + bytes(4)


def tag(kind: int, content: bytes) -> bytes:
    length = len(content).to_bytes(3, "big")
    return bytes([kind]) + length + bytes(7) + content + (11 + len(content)).to_bytes(4, "big")


SOUND, AVC = tag(8, b"\xaf" + bytes(20)), tag(9, b"\x17\x00" + bytes(20))


@pytest.mark.parametrize(
    ("data", "codec"),
    [
        (HEADER + SOUND + AVC, None),
        (HEADER + SOUND + tag(9, b"\x1c\x00"), "hevc"),
        (HEADER + tag(9, b"\x90hvc1"), "hevc"),
        (HEADER + tag(9, b"\x90vp09"), "vp9"),
        (HEADER + tag(9, b"\x90av01"), "av1"),
        (HEADER + tag(9, b"\x90what"), None),
        (HEADER + tag(9, b"") + tag(9, b"\x1c\x00"), "hevc"),
        (HEADER + SOUND, None),
        (HEADER[:7], None),
        (b"", None),
    ],
)
def test_the_codecs_that_older_readers_do_not_know(data: bytes, codec: str | None) -> None:
    assert new_codec(lambda at, length: data[at : at + length]) == codec


@pytest.mark.parametrize(
    ("data", "at"),
    [
        (HEADER + SOUND + AVC, None),
        (HEADER + AVC + HEADER + AVC, len(HEADER + AVC)),
        (HEADER + tag(9, b"\x17FLV\x01") + SOUND, None),  # inside a tag it is none
        (HEADER + AVC[:9], None),
        (b"", None),
    ],
)
def test_where_a_second_file_begins(data: bytes, at: int | None) -> None:
    assert second_file(lambda start, length: data[start : start + length]) == at
