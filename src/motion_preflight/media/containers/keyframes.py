"""Whether a decoder can begin with a sample, judged by the sample's own bytes.

Each test gives `None` when the bytes do not tell. The layouts are those of ITU-T H.264 and H.265,
RFC 6386 (VP8), the VP9 and AV1 bitstream specifications and ISO/IEC 14496-2 (MPEG-4 Visual).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_H264_SLICE, _H264_IDR, _H264_SEI = 1, 5, 6
_RECOVERY_POINT = 6  # the SEI payload that says that decoding may begin here
_H264_INTRA = {2, 4}  # slice types I and SI, modulo 5
_HEVC_PICTURES, _HEVC_RANDOM_ACCESS = range(32), range(16, 24)  # VCL units; IDR, CRA and BLA
_VP9_MARKER = 2  # the first two bits of every frame
_MPEG4_PICTURE = b"\0\0\1\xb6"
_AV1_FRAME_HEADERS = {3, 6}
_AV1_UNITS = {*range(1, 9), 15}  # kinds of open bitstream units that are not reserved


def nal_units(data: bytes, nal_length: int) -> Iterator[tuple[int, int]]:
    """The offset and the declared length in bytes of each NAL unit that begins within the data."""
    at = 0
    while at + nal_length < len(data):
        length = int.from_bytes(data[at : at + nal_length], "big")
        yield at + nal_length, length
        at += nal_length + length


def _h264(data: bytes, nal_length: int | None) -> bool | None:
    for start, length in nal_units(data, nal_length) if nal_length else ():
        kind = data[start] & 0x1F if length else 0
        if kind == _H264_IDR:
            return True
        if kind == _H264_SEI and data[start + 1 : start + 2] == bytes([_RECOVERY_POINT]):
            # The payload begins with the number of frames until the whole picture is there; a first
            # bit of 1 means 0. Otherwise the picture is rebuilt row by row, and lost until then.
            return bool(data[start + 3 : start + 4] and data[start + 3] & 0x80)
        if kind == _H264_SLICE:
            return _slice_type(data[start + 1 : start + 17]) % 5 in _H264_INTRA
    return None


def _slice_type(data: bytes) -> int:
    """The second Exp-Golomb number of a slice header; the first is `first_mb_in_slice`."""
    bits, left, value = int.from_bytes(data, "big"), 8 * len(data), 0
    for _ in range(2):
        zeros = left - bits.bit_length()
        left -= 2 * zeros + 1
        if left < 0:
            return 0
        value = (bits >> left) - 1
        bits &= (1 << left) - 1
    return value


def _hevc(data: bytes, nal_length: int | None) -> bool | None:
    for start, length in nal_units(data, nal_length) if nal_length else ():
        kind = data[start] >> 1 & 0x3F if length else len(_HEVC_PICTURES)
        if kind in _HEVC_PICTURES:
            return kind in _HEVC_RANDOM_ACCESS
    return None


def _vp8(data: bytes, _: int | None) -> bool | None:
    return not data[0] & 1


def _vp9(data: bytes, _: int | None) -> bool | None:
    first = data[0]
    if first >> 6 != _VP9_MARKER:
        return None
    shift = 2 if first & 0x30 == 0x30 else 3  # profile 3 has one bit more
    shows_existing, is_inter = first >> shift & 1, first >> (shift - 1) & 1
    return None if shows_existing else not is_inter


def _mpeg4(data: bytes, _: int | None) -> bool | None:
    at = data.find(_MPEG4_PICTURE)
    if at < 0 or at + 4 >= len(data):
        return None
    return data[at + 4] >> 6 == 0


def _av1(data: bytes, _: int | None) -> bool | None:
    at = 0
    while at < len(data):
        header, at = data[at], at + 1
        at += header >> 2 & 1  # the extension
        size, width = _leb128(data, at) if header & 2 else (len(data) - at, 0)
        if header >> 3 & 15 in _AV1_FRAME_HEADERS and at + width < len(data):
            first = data[at + width]
            return None if first & 0x80 else not first & 0x60
        at += width + size
    return None


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    """A number in LEB128 and its width in bytes; a width of 0 when it does not end."""
    value = 0
    for width, byte in enumerate(data[at : at + 8]):
        value |= (byte & 0x7F) << 7 * width
        if not byte & 0x80:
            return value, width + 1
    return len(data), 0


def _is_av1(data: bytes) -> bool:
    return not data[0] & 0x81 and data[0] >> 3 & 15 in _AV1_UNITS


MARKS: dict[str, Callable[[bytes], bool]] = {
    "av1": _is_av1,
    "vp9": lambda data: data[0] >> 6 == _VP9_MARKER,
    "mjpeg": lambda data: data.startswith(b"\xff\xd8"),
    "prores": lambda data: data[4:8] == b"icpf",
}
"""ffprobe's name of a codec → whether bytes can be the beginning of one of its samples."""

KEYFRAME_TESTS: dict[str, Callable[[bytes, int | None], bool | None]] = {
    "h264": _h264, "hevc": _hevc, "vp8": _vp8, "vp9": _vp9, "mpeg4": _mpeg4, "av1": _av1,
}  # fmt: skip
"""ffprobe's name of a codec → whether decoding can begin with a sample; the second argument is the
bytes of the length in front of each NAL unit.
"""
