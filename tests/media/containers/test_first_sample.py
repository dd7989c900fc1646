"""Why a decoder may not begin with the first sample of a track."""

from __future__ import annotations

import pytest

from motion_preflight.media.containers.first_sample import (
    NO_KEYFRAME,
    first_sample_problem,
    sample_problem,
)
from motion_preflight.media.containers.keyframes import KEYFRAME_TESTS

IDR, SEI_OTHER = b"\x65\x88\x80", b"\x06\x05\xff"
SEI_RECOVERY, SEI_REFRESH = b"\x06\x06\x01\xc4", b"\x06\x06\x02\x0c\xe0"  # 0 and 24 frames
# Slice headers of type 1: first_mb_in_slice 0 (bit 1), then slice_type as an Exp-Golomb number.
P_SLICE, B_SLICE, I_SLICE = b"\x41\xe0", b"\x01\xa0", b"\x41\xb0"
I_ONLY = b"\x41\x88\x80"  # slice_type 7: I, and all slices of the picture are


def units(*parts: bytes, width: int = 4) -> bytes:
    return b"".join(len(part).to_bytes(width, "big") + part for part in parts)


def hevc(kind: int) -> bytes:
    return bytes([kind << 1, 1, 0x80])


@pytest.mark.parametrize(
    ("codec", "data", "is_keyframe", "problem"),
    [
        ("h264", units(b"\x67", b"\x68", IDR), True, None),
        ("h264", units(SEI_OTHER, IDR), True, None),
        ("h264", units(IDR), False, None),  # its bytes are believed before its table
        ("h264", units(SEI_RECOVERY, P_SLICE), False, None),
        ("h264", units(SEI_REFRESH, P_SLICE), True, NO_KEYFRAME),  # rebuilt row by row
        ("h264", units(I_SLICE), False, None),
        ("h264", units(I_ONLY), None, None),
        ("h264", units(P_SLICE), True, NO_KEYFRAME),
        ("h264", units(SEI_OTHER, B_SLICE), None, NO_KEYFRAME),
        ("h264", units(b"\x67", b"\x68"), True, None),
        ("h264", units(b"\x67", b"\x68"), False, NO_KEYFRAME),
        ("h264", b"", False, NO_KEYFRAME),
        ("h264", b"", None, None),
        ("hevc", units(hevc(32), hevc(33), hevc(19)), True, None),
        ("hevc", units(hevc(21)), True, None),  # CRA
        ("hevc", units(hevc(1)), True, NO_KEYFRAME),
        ("hevc", units(hevc(35)), None, None),
        ("vp9", b"\x82\x49\x83", False, None),
        ("vp9", b"\x86\x49\x83", True, NO_KEYFRAME),
        ("vp9", b"\xb0\x49\x83", False, None),  # profile 3
        ("vp9", b"\xb2\x49\x83", True, NO_KEYFRAME),
        ("vp9", b"\x88", True, None),  # it shows one that exists
        ("vp8", b"\x10\x02\0\x9d\x01\x2a", False, None),
        ("vp8", b"\x11", True, NO_KEYFRAME),
        ("mpeg4", b"\0\0\1\xb0\0\0\1\xb6\x10", False, None),
        ("mpeg4", b"\0\0\1\xb6\x56", True, NO_KEYFRAME),
        ("mpeg4", b"\0\0\1\xb6", None, None),
        ("av1", b"\x12\0\x0a\1\0\x32\2\x10\0", False, None),  # delimiter, header, frame
        ("av1", b"\x12\0\x32\2\x30\0", True, NO_KEYFRAME),
        ("av1", b"\x12\0\x32\2\x90\0", True, None),
        ("av1", b"\x36\0\2\x30\0", True, NO_KEYFRAME),  # with an extension
        ("av1", b"\x30\x10", None, None),  # without a size
        ("prores", b"\0\0\0\x10icpf", False, NO_KEYFRAME),
        ("vp9", b"\x12", False, "what lies where its first frame should be is no frame of vp9"),
        (None, b"whatever", None, None),
    ],
)
def test_whether_a_decoder_can_begin(
    codec: str | None, data: bytes, *, is_keyframe: bool | None, problem: str | None
) -> None:
    result = first_sample_problem(
        data, len(data), codec=codec, nal_length=4, is_keyframe=is_keyframe
    )
    assert result == problem


def test_lengths_of_units_have_the_width_that_the_codec_s_box_says() -> None:
    data = units(P_SLICE, width=2)
    for width, problem in ((2, NO_KEYFRAME), (None, None)):
        result = first_sample_problem(
            data, len(data), codec="h264", nal_length=width, is_keyframe=True
        )
        assert result == problem


ZEROS = "the bytes of its first frame are zeros, as a download leaves that stopped"
ELSEWHERE = "what lies where its first frame should be is no frame of {}"


@pytest.mark.parametrize(
    ("data", "size", "codec", "problem"),
    [
        (bytes(64), 64, "mpeg2video", ZEROS),
        (bytes(16 << 10), 1 << 20, "prores", ZEROS),
        (bytes(63), 63, "mpeg2video", None),  # a few zeros are no proof
        (bytes(5), 5, "h264", ZEROS),  # … but where a length must stand
        (bytes(63) + b"\1", 64, "mpeg2video", None),
        (bytes(4096), 4096, "rawvideo", None),  # a black picture
        (b"", 9, "h264", None),
        (units(b"\x67", IDR), 12, "h264", None),
        (b"\0\0\0\x20\x67\x42", 6, "h264", ELSEWHERE),  # longer than its sample
        (units(b"\x67", IDR)[:9], 12, "h264", None),  # cut by who reads it
        (units(b"\xe7\1", IDR), 13, "h264", ELSEWHERE),  # a bit that no unit has
        (units(b"\x67", IDR), 99, "h264", None),  # padding
        (b"\0\0\0\1\x67\0\0\0\1\x65", 10, "h264", None),  # start codes in place of lengths
        (b"any text at all", 15, "hevc", ELSEWHERE),
        (b"any text at all", 15, "mjpeg", ELSEWHERE),
        (b"any text at all", 15, "prores", ELSEWHERE),
        (b"any text at all", 15, "av1", ELSEWHERE),
        (b"any text at all", 15, "mpeg2video", None),
    ],
)
def test_what_is_no_sample(data: bytes, size: int, codec: str, problem: str | None) -> None:
    expected = None if problem is None else problem.format(codec)
    result = sample_problem(data, size, codec=codec, nal_length=4, which="its first frame")
    assert result == expected
    assert first_sample_problem(data, size, codec=codec, nal_length=4, is_keyframe=True) == expected


@pytest.mark.parametrize("width", [1, 2, 4])
def test_any_bytes_give_an_answer(width: int) -> None:
    odd = (b"\0\0\0\0\x41", b"\xff" * 9, units(b"\x41"), units(b"\x01" + bytes(20)), b"\1")
    for data in odd:
        for codec in KEYFRAME_TESTS:
            first_sample_problem(data, 0, codec=codec, nal_length=width, is_keyframe=None)
