"""Why a decoder may not begin with the first sample of a track."""

from __future__ import annotations

import pytest

from motion_preflight.media.containers.first_sample import (
    NO_KEYFRAME,
    ZEROS,
    all_zero,
    first_sample_problem,
)

IDR, SEI_RECOVERY, SEI_OTHER = b"\x65\x88\x80", b"\x06\x06\x01", b"\x06\x05\xff"
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
        ("vp9", b"\x82\x49\x83", True, None),
        ("vp9", b"\x86\x49\x83", False, NO_KEYFRAME),
        (None, b"whatever", None, None),
    ],
)
def test_whether_a_decoder_can_begin(
    codec: str | None, data: bytes, *, is_keyframe: bool | None, problem: str | None
) -> None:
    found = first_sample_problem(data, codec=codec, nal_length=4, is_keyframe=is_keyframe)
    assert found == problem


def test_lengths_of_units_have_the_width_that_the_codec_s_box_says() -> None:
    data = units(P_SLICE, width=2)
    for width, problem in ((2, NO_KEYFRAME), (4, None), (None, None)):
        assert (
            first_sample_problem(data, codec="h264", nal_length=width, is_keyframe=True) == problem
        )


@pytest.mark.parametrize(
    ("data", "codec", "zero"),
    [
        (bytes(64), "h264", True),
        (bytes(16 << 10), "vp9", True),
        (bytes(63), "h264", False),  # a few zeros are no proof
        (bytes(63) + b"\1", "h264", False),
        (bytes(4096), "rawvideo", False),  # a black picture
        (b"", "h264", False),
    ],
)
def test_zeros_are_no_frame(data: bytes, codec: str, *, zero: bool) -> None:
    assert all_zero(data, codec) is zero


def test_a_first_frame_of_zeros_says_so() -> None:
    found = first_sample_problem(bytes(64), codec="h264", nal_length=4, is_keyframe=True)
    assert found == ZEROS.format("first")


@pytest.mark.parametrize("width", [1, 2, 4])
def test_any_bytes_give_an_answer(width: int) -> None:
    for data in (b"\0\0\0\0\x41", b"\xff" * 9, units(b"\x41"), units(b"\x01" + bytes(20)), b"\1"):
        for codec in ("h264", "hevc"):
            first_sample_problem(data, codec=codec, nal_length=width, is_keyframe=None)
