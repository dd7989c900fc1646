"""The tags of an FLV file: the codec of its video, whether it is whole, and whether a second file
follows.

By Adobe's FLV specification and Enhanced RTMP, 11 bytes before each tag hold its kind and length,
and 4 bytes behind it hold the length again. A video tag begins with the number of its codec, or
with a bit that says that a FourCC follows.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterator

Read = Callable[[int, int], bytes]  # offset, length → bytes, fewer only at the end

_MAGIC = b"FLV"
_TAG, _BEHIND = 11, 4
_VIDEO, _SCRIPT = 9, 18
_SIZE = b"\x00\x08filesize\x00"  # in front of a number of 8 bytes, within the script tag
_SCRIPT_BYTES = 64 << 10
_EXTENDED = 0x80  # the bit of Enhanced RTMP
_HEVC = 12  # the number that some services in China use; no version of the specification has it
_FOURCCS = {b"hvc1": "hevc", b"vvc1": "vvc", b"av01": "av1", b"vp09": "vp9", b"avc1": "h264"}
_TAGS = 1_000_000  # three hours of sound and video


def new_codec(read: Read) -> str | None:
    """The video's codec under ffprobe's name, where older versions of ffprobe do not know it, else
    `None`.
    """
    for kind, _, content in _tags(read):
        if kind == _VIDEO and content:
            if content[0] & _EXTENDED:
                return _FOURCCS.get(content[1:5])
            return "hevc" if content[0] & 15 == _HEVC else None
    return None


def second_file(read: Read) -> int | None:
    """The offset at which another FLV file begins behind the tags of the first; `None`
    without one.
    """
    for _, at, _ in _tags(read):
        if read(at, len(_MAGIC)) == _MAGIC:
            return at
    return None


def beyond(read: Read, size: int) -> str | None:
    """By how many bytes what the file declares exceeds its `size`, in words; `None` if nothing
    does.
    """
    end = 0
    for kind, behind, _ in _tags(read):
        if kind == _SCRIPT and not end:
            declared = _declared_size(read(0, min(behind, _SCRIPT_BYTES)))
            if declared > size:
                return f"its header declares {declared - size:,} bytes beyond the end"
        end = behind - _BEHIND
    return f"its last tag declares {end - size:,} bytes beyond the end" if end > size else None


def _declared_size(data: bytes) -> int:
    """The size that the script tag names; 0 where it names none, as a live stream."""
    number = data.partition(_SIZE)[2][:8]
    size = struct.unpack(">d", number)[0] if len(number) == 8 else 0.0
    return int(size) if math.isfinite(size) else 0


def _tags(read: Read) -> Iterator[tuple[int, int, bytes]]:
    """The kind of each tag, the offset at which it ends, and the start of its content."""
    header = read(0, 9)
    at = int.from_bytes(header[5:9], "big") + _BEHIND
    for _ in range(_TAGS):
        tag = read(at, _TAG + 5)
        if len(tag) < _TAG or tag[:3] == _MAGIC:
            return
        length = int.from_bytes(tag[1:4], "big")
        at += _TAG + length + _BEHIND
        yield tag[0] & 0x1F, at, tag[_TAG : _TAG + length]
