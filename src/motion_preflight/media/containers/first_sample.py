"""The bytes of a video track's first sample, and why a decoder may not begin with them.

Tables may be right over bytes that are not there (a download that reserved its space and stopped),
or over a clip whose first keyframe was cut away: to whoever reads metadata it is a good file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENOUGH = 64  # bytes; a frame with so many zeros in a row at its start is no frame
_UNPACKED = {"rawvideo", "v210", "v308", "v408", "v410", "r210", "r10k", "yuv4", "ayuv"}
ZEROS = "the bytes of its {} frame are all zero: a download that stopped leaves such a file"
NO_KEYFRAME = "its first frame is no keyframe, and what hangs on the missing one does not decode"


def first_sample_problem(
    data: bytes, *, codec: str | None, nal_length: int | None, is_keyframe: bool | None
) -> str | None:
    """Why a decoder cannot begin with these bytes, in words; `None` when nothing speaks against it.

    data         the first sample, or its beginning; empty: not known
    codec        ffprobe's name of it
    nal_length   bytes of the length before each NAL unit, `None` where there are none
    is_keyframe  what the container says; the bytes of H.264 and HEVC are believed before it
    """
    if all_zero(data, codec):
        return ZEROS.format("first")
    begins = _begins(data, codec, nal_length) if nal_length and data else None
    begins = is_keyframe if begins is None else begins
    return NO_KEYFRAME if begins is False else None


def all_zero(data: bytes, codec: str | None) -> bool:
    """Whether the bytes of a sample cannot be one, because they are zeros throughout."""
    return len(data) >= _ENOUGH and codec not in _UNPACKED and not any(data)


def _begins(data: bytes, codec: str | None, nal_length: int) -> bool | None:
    """Whether a decoder can begin with this sample; `None` when its NAL units do not tell."""
    if codec == "h264":
        return _h264_begins(data, nal_length)
    if codec == "hevc":
        kinds = [unit[0] >> 1 & 0x3F for unit in _units(data, nal_length)]
        pictures = [kind for kind in kinds if kind < 32]
        return 16 <= pictures[0] <= 23 if pictures else None  # IDR, CRA or BLA
    return None


def _h264_begins(data: bytes, nal_length: int) -> bool | None:
    for unit in _units(data, nal_length):
        kind = unit[0] & 0x1F
        if kind == 5 or (kind == 6 and unit[1:2] == b"\x06"):  # IDR; a point of recovery
            return True
        if kind == 1:
            return _slice_type(unit[1:17]) % 5 in {2, 4}  # I, SI
    return None


def _units(data: bytes, nal_length: int) -> Iterator[bytes]:
    """The NAL units of a sample; the last one may be cut."""
    at = 0
    while at + nal_length < len(data):
        size = int.from_bytes(data[at : at + nal_length], "big")
        at += nal_length
        if size:
            yield data[at : at + size]
        at += size


def _slice_type(data: bytes) -> int:
    """The second Exp-Golomb number of a slice header, `first_mb_in_slice` before it."""
    bits = int.from_bytes(data, "big")
    left = 8 * len(data)
    value = 0
    for _ in range(2):
        zeros = left - bits.bit_length()
        left -= 2 * zeros + 1
        if left < 0:
            return 0
        value = (bits >> left) - 1
        bits &= (1 << left) - 1
    return value
