"""Why a decoder may not begin with the first sample of a video track, judged by the sample's bytes.

Tables may be right over bytes that are not there (a download that reserved its space and stopped),
may point at something else, or may begin behind the first keyframe. Readers of metadata take such a
file for a good one, so the bytes themselves are believed before the container.
"""

from __future__ import annotations

from motion_preflight.media.containers.keyframes import KEYFRAME_TESTS, MARKS, nal_units

_ENOUGH = 64  # bytes; no frame begins with so many zeros
_UNPACKED = {"rawvideo", "v210", "v308", "v408", "v410", "r210", "r10k", "yuv4", "ayuv"}
_START_CODES = (b"\0\0\0\1", b"\0\0\1")
ZEROS = "the bytes of {} are zeros, as a download leaves that stopped"
NO_KEYFRAME = "its first frame is no keyframe, and what hangs on the missing one does not decode"


def first_sample_problem(
    data: bytes,
    size: int,
    *,
    codec: str | None,
    nal_length: int | None,
    is_keyframe: bool | None,
) -> str | None:
    """Why a decoder cannot begin with these bytes, in words; `None` when nothing speaks against it.

    data         the first sample, or its beginning; empty: not known
    size         bytes of the whole sample, 0: not known
    codec        ffprobe's name of it
    nal_length   bytes of the length in front of each NAL unit, `None` where there are none
    is_keyframe  what the container says; for usual codecs the bytes are believed instead
    """
    problem = sample_problem(
        data, size, codec=codec, nal_length=nal_length, which="its first frame"
    )
    if problem:
        return problem
    test = KEYFRAME_TESTS.get(codec or "")
    begins = test(data, nal_length) if test and data else None
    begins = is_keyframe if begins is None else begins
    return NO_KEYFRAME if begins is False else None


def sample_problem(
    data: bytes, size: int, *, codec: str | None, nal_length: int | None, which: str
) -> str | None:
    """Why these bytes cannot be a sample of the codec, in words; `None` when nothing speaks against
    it. `which` says which sample of the clip it is, as part of the message.
    """
    framed = nal_length if codec in {"h264", "hevc"} else None
    if _all_zero(data, codec, least=framed + 1 if framed else _ENOUGH):
        return ZEROS.format(which)
    mark = MARKS.get(codec or "")
    if mark and data and not mark(data):
        return f"what lies where {which} should be is no frame of {codec}"
    if framed and not data.startswith(_START_CODES) and not _fits(data, size, framed):
        return f"what lies where {which} should be is no frame of {codec}"
    return None


def _all_zero(data: bytes, codec: str | None, *, least: int) -> bool:
    """Whether every byte is zero where a sample should be. Codecs that do not compress are
    excepted: a black picture has such bytes.
    """
    return len(data) >= least and codec not in _UNPACKED and not any(data)


def _fits(data: bytes, size: int, nal_length: int) -> bool:
    """Whether the NAL units end within the sample, as far as its bytes are here, and none of them
    has its first bit set, which no unit has.
    """
    return all(
        start + length <= max(size, len(data)) and not (length and data[start] & 0x80)
        for start, length in nal_units(data, nal_length)
    )
