"""What the sample entries of a video track say of its codec and its locks."""

from __future__ import annotations

import struct

import pytest

from motion_preflight.media.containers.mp4_entries import read_entries


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def stsd(*entries: bytes, declared: int | None = None) -> bytes:
    count = len(entries) if declared is None else declared
    return struct.pack(">II", 0, count) + b"".join(entries)


def entry(kind: bytes, *boxes: bytes) -> bytes:
    return box(kind, bytes(78), *boxes)


AVCC = box(b"avcC", b"\1\x64\0\x1f\xff\xe1")
HVCC = box(b"hvcC", bytes(21) + b"\x0f")
SINF = box(b"sinf", box(b"frma", b"avc1"))


@pytest.mark.parametrize(
    ("table", "kind", "encrypted", "nal_length"),
    [
        (stsd(entry(b"avc1", AVCC)), "avc1", False, 4),
        (stsd(entry(b"hvc1", HVCC)), "hvc1", False, 4),
        (stsd(entry(b"encv", AVCC, SINF)), "encv", True, 4),
        (stsd(entry(b"avc1", AVCC, SINF)), "avc1", True, 4),
        (stsd(entry(b"drmi")), "drmi", True, None),
        (stsd(entry(b"avc1"), entry(b"encv")), "avc1", True, None),  # one of them is enough
        (stsd(entry(b"avc1"), entry(b"encv"), declared=1), "avc1", False, None),
        (stsd(entry(b"avc1", box(b"avcC"))), "avc1", False, None),
        (stsd(entry(b"\0\0\0\1")), None, False, None),
        (stsd(), None, False, None),
        (b"", None, False, None),
        (b"\0\0\0\0\0\0\0\2\0\0\0\7avc1", None, False, None),
    ],
)
def test_what_an_stsd_says(
    table: bytes, kind: str | None, nal_length: int | None, *, encrypted: bool
) -> None:
    result = read_entries(table)
    assert (result.kind, result.encrypted, result.nal_length) == (kind, encrypted, nal_length)


def test_a_codec_that_an_older_ffprobe_does_not_name_has_its_name() -> None:
    assert read_entries(stsd(entry(b"vvc1"))).codec == "vvc"
    assert read_entries(stsd(entry(b"bvc2"))).codec is None
