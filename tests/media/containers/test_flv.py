"""The tags of an FLV file: its codec, its end, and a second file behind it."""

from __future__ import annotations

import math
import struct

import pytest

from motion_preflight.media.containers.flv import beyond, new_codec, second_file

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


def header(size: float) -> bytes:
    """A file header and the tag that says how many bytes the file has."""
    content = b"\x02\x00\x0aonMetaData\x08\0\0\0\x01\x00\x08filesize\x00" + struct.pack(">d", size)
    return HEADER + tag(18, content + b"\0\0\x09")


LENGTH = len(header(0) + SOUND + AVC)


@pytest.mark.parametrize(
    ("data", "missing"),
    [
        (HEADER + SOUND + AVC, None),
        (HEADER + SOUND + AVC[:-4], None),  # the length behind the last tag is no loss
        (HEADER + SOUND + AVC[:-5], "its last tag declares 1 bytes"),
        (HEADER + SOUND + AVC[:5], None),  # what is shorter than the head of a tag says nothing
        (header(LENGTH) + SOUND + AVC, None),
        (header(LENGTH) + SOUND, f"its header declares {len(AVC)} bytes"),  # cut between tags
        (header(0) + SOUND, None),  # as a stream that was recorded
        (header(math.nan) + SOUND, None),
        (header(math.inf) + SOUND, None),
        (HEADER[:7], None),
        (b"", None),
    ],
)
def test_what_is_missing_at_the_end(data: bytes, missing: str | None) -> None:
    result = beyond(lambda at, length: data[at : at + length], len(data))
    assert result == (missing and f"{missing} beyond the end")
