"""Whether a Matroska or WebM file is as long as it says, and whether its video is encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from paths import MEDIA

from motion_preflight.media.containers.matroska import beyond, doc_type, video_tracks

if TYPE_CHECKING:
    from collections.abc import Callable

EBML, SEGMENT, TRACKS, ENTRY, TYPE, CLUSTER = (
    "1a45dfa3", "18538067", "1654ae6b", "ae", "83", "1f43b675",
)  # fmt: skip
ENCODINGS, ENCODING, ENCODING_TYPE, ENCRYPTION, COMPRESSION = (
    "6d80", "6240", "5033", "5035", "5034",
)  # fmt: skip
VIDEO, SOUND = b"\x01", b"\x02"
LONG = b"\x10\0\x01\0"  # the length of an element that reaches over what follows
UNKNOWN = b"\x01\xff\xff\xff\xff\xff\xff\xff"


def element(name: str, *content: bytes, length: bytes | None = None) -> bytes:
    body = b"".join(content)
    return bytes.fromhex(name) + (length or (len(body) | 1 << 56).to_bytes(8, "big")) + body


def encrypted(*inside: bytes) -> bytes:
    return element(ENCODINGS, element(ENCODING, *inside))


BY_TYPE = encrypted(element(ENCODING_TYPE, b"\x01"))
BY_KEY = encrypted(element(ENCRYPTION, element("47e1", b"\x05")))
COMPRESSED = encrypted(element(ENCODING_TYPE, b"\x00"), element(COMPRESSION))


def track(kind: bytes, *inside: bytes) -> bytes:
    return element(ENTRY, element("d7", b"\x01"), element(TYPE, kind), *inside)


def file(*entries: bytes, before: bytes = b"", length: bytes | None = None) -> bytes:
    return element(EBML, bytes(9)) + element(
        SEGMENT, before, element(TRACKS, *entries), length=length
    )


SOME_FRAME = element("a3", bytes(40))
LOCKED_TRACKS = element(TRACKS, track(VIDEO, BY_TYPE))


def reader(data: bytes) -> Callable[[int, int], bytes]:
    return lambda at, length: data[at : at + length]


def is_encrypted(data: bytes) -> bool | None:
    tracks = video_tracks(reader(data), len(data))
    return tracks and tracks.encrypted


@pytest.mark.parametrize(
    ("data", "locked"),
    [
        (file(track(VIDEO)), False),
        (file(track(VIDEO, BY_TYPE)), True),
        (file(track(VIDEO, BY_KEY)), True),
        (file(track(VIDEO, COMPRESSED)), False),
        (file(track(VIDEO), track(SOUND, BY_TYPE)), False),
        (file(track(SOUND), track(VIDEO, BY_TYPE)), True),
        (file(track(b"\x00\x01", BY_TYPE)), True),  # a number may have any width
        (file(track(VIDEO, encrypted(element(ENCODING_TYPE, b"\x00\x01")))), True),
        (file(element(ENTRY, BY_TYPE, element(TYPE, VIDEO))), True),  # and stand anywhere
        (file(track(VIDEO, COMPRESSED, BY_TYPE)), True),
        (file(track(VIDEO, BY_TYPE), before=element(TRACKS)), True),
        (file(track(VIDEO, BY_TYPE), before=element(TRACKS, track(VIDEO))), True),
        (file(track(VIDEO, BY_TYPE), before=element("114d9b74", bytes(40))), True),
        (file(track(VIDEO, BY_TYPE), before=element("ec") * 20_000), True),
        (file(element("ec", bytes(5 << 20)), track(VIDEO, BY_TYPE)), True),
        (file(track(VIDEO, BY_TYPE), length=UNKNOWN), True),
        (file(track(VIDEO), before=element("ec", bytes(5 << 20))), False),
        (file(track(VIDEO)) + file(track(VIDEO, BY_TYPE)), True),
        (file(track(VIDEO), length=UNKNOWN) + file(track(VIDEO, BY_TYPE)), True),
        (file(before=element(CLUSTER, SOME_FRAME, length=UNKNOWN) + LOCKED_TRACKS), True),
        (file(track(VIDEO), before=element(CLUSTER, SOME_FRAME, length=UNKNOWN)), False),
        (file(track(VIDEO)) + bytes(16), False),
        (file(track(VIDEO, BY_TYPE))[:-9], False),  # what is cut off says nothing
    ],
)
def test_whether_the_video_is_locked(data: bytes, *, locked: bool) -> None:
    assert is_encrypted(data) is locked


@pytest.mark.parametrize(
    "data",
    [
        file(before=element(CLUSTER, bytes(99))),
        file(track(SOUND, BY_TYPE)),
        file(track(VIDEO), before=element("ec") * 200_000),  # more than are looked at
        file(track(VIDEO, *[element("ec")] * 200_000, BY_TYPE)),
        file(track(VIDEO, encrypted(*[element("ec")] * 200_000, element(ENCODING_TYPE, b"\x01")))),
        file(track(VIDEO), *[element(ENTRY, *[element("ec")] * 400) for _ in range(400)]),
        file(track(VIDEO), bytes(17), track(VIDEO, BY_TYPE)),
        file(before=element(TRACKS, track(VIDEO), length=UNKNOWN) + LOCKED_TRACKS),
        file(track(VIDEO)) + b"\0" * 17,  # what follows is no element, and may hide some
        file(track(VIDEO)) + b"\0" + file(track(VIDEO, BY_TYPE)),
        element(EBML)
        + element(SEGMENT, element(TRACKS, track(VIDEO)), element("ec", length=LONG))
        + file(track(VIDEO, BY_TYPE)),
        b"",
        b"\x1a\x45\xdf\xa3",
        bytes(99),
    ],
)
def test_without_tracks_it_is_not_known(data: bytes) -> None:
    assert is_encrypted(data) is None


@pytest.mark.parametrize("name", ["clip-8s.mkv", "clip-8s.webm", "live.webm", "piped.mkv"])
def test_no_fixture_is_locked(name: str) -> None:
    assert is_encrypted((MEDIA / name).read_bytes()) is False


@pytest.mark.parametrize(
    ("names", "codec"),
    [
        ([b"V_MPEGI/ISO/VVC"], "vvc"),
        ([b"V_AV1\0\0"], "av1"),
        ([b"V_MPEG4/ISO/AVC"], None),
        ([b"V_AV1", b"V_VP9"], None),
        ([], None),
    ],
)
def test_a_codec_that_an_older_ffprobe_does_not_name(names: list[bytes], codec: str | None) -> None:
    data = file(*[track(VIDEO, element("86", name)) for name in names] or [track(VIDEO)])
    tracks = video_tracks(reader(data), len(data))
    assert tracks is not None
    assert tracks.codec == codec


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (element(EBML, element("4282", b"webm")), b"webm"),
        (element(EBML, element("ec", bytes(90)), element("4282", b"matroska")), b"matroska"),
        (element(EBML, element("ec", b"webm")), None),
        (b"", None),
    ],
)
def test_what_a_file_calls_itself(head: bytes, name: bytes | None) -> None:
    assert doc_type(head) == name


# --- as long as it says

EMPTY_HEADER = bytes.fromhex("1a45dfa3 80")
SEGMENT_ID = bytes.fromhex("18538067")


@pytest.mark.parametrize("name", ["clip-8s.mkv", "clip-8s.webm", "live.webm", "piped.mkv"])
def test_whole_files_hold_what_they_declare(name: str) -> None:
    data = (MEDIA / name).read_bytes()
    assert beyond(reader(data), len(data)) is None


@pytest.mark.parametrize("name", ["clip-8s.mkv", "clip-8s.webm"])
def test_files_that_are_cut_do_not(name: str) -> None:
    data = (MEDIA / name).read_bytes()
    expected = f"the segment declares {len(data) - len(data) // 8:,} bytes beyond the end"
    assert beyond(reader(data), len(data) // 8) == expected


@pytest.mark.parametrize(
    ("head", "size", "missing"),
    [
        (EMPTY_HEADER + SEGMENT_ID + b"\x8a", 20, None),
        (EMPTY_HEADER + SEGMENT_ID + b"\x8a", 19, 1),
        (EMPTY_HEADER + SEGMENT_ID + b"\x40\x0a", 20, 1),
        (EMPTY_HEADER + SEGMENT_ID + b"\x01" + (10).to_bytes(7, "big"), 27, None),
        (EMPTY_HEADER + SEGMENT_ID + b"\x01" + (10).to_bytes(7, "big"), 26, 1),
        (EMPTY_HEADER + SEGMENT_ID + b"\xff", 10, None),
        (EMPTY_HEADER + SEGMENT_ID + b"\x01" + b"\xff" * 7, 10, None),
        (EMPTY_HEADER + SEGMENT_ID + b"\x00", 10, None),
        (EMPTY_HEADER + SEGMENT_ID + b"\x40", 10, None),
        (EMPTY_HEADER + SEGMENT_ID, 9, None),
        (EMPTY_HEADER, 5, None),
        (EMPTY_HEADER + b"\xec\x80" + SEGMENT_ID + b"\x8a", 8, None),
        (b"", 0, None),
    ],
)  # fmt: skip
def test_the_length_of_the_segment(head: bytes, size: int, missing: int | None) -> None:
    expected = f"the segment declares {missing} bytes beyond the end" if missing else None
    assert beyond(reader(head), size) == expected
