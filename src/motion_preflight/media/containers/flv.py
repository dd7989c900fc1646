"""The tags of an FLV file: which codec its video has, and whether a second file follows.

Adobe's FLV specification and Enhanced RTMP: 11 bytes before each tag say its kind and length, 4
behind it the length again. A video tag begins with the number of its codec, or with a bit that says
that a FourCC follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

Read = Callable[[int, int], bytes]  # offset, length → bytes, fewer only at the end

_MAGIC = b"FLV"
_TAG, _BEHIND = 11, 4
_VIDEO = 9
_EXTENDED = 0x80  # the bit of Enhanced RTMP
_HEVC = 12  # as some services in China number it; no version of the specification does
_FOURCCS = {b"hvc1": "hevc", b"vvc1": "vvc", b"av01": "av1", b"vp09": "vp9", b"avc1": "h264"}
_TAGS = 1_000_000  # three hours of sound and video


def new_codec(read: Read) -> str | None:
    """Ffprobe's name of the video's codec where it is one that older versions do not know."""
    for kind, _, content in _tags(read):
        if kind == _VIDEO and content:
            if content[0] & _EXTENDED:
                return _FOURCCS.get(content[1:5])
            return "hevc" if content[0] & 15 == _HEVC else None
    return None


def second_file(read: Read) -> int | None:
    """Where another FLV file begins behind the tags of the first; `None` when none does."""
    for _, at, _ in _tags(read):
        if read(at, len(_MAGIC)) == _MAGIC:
            return at
    return None


def _tags(read: Read) -> Iterator[tuple[int, int, bytes]]:
    """The tags: kind, where each ends, and the start of its content."""
    header = read(0, 9)
    at = int.from_bytes(header[5:9], "big") + _BEHIND
    for _ in range(_TAGS):
        tag = read(at, _TAG + 5)
        if len(tag) < _TAG or tag[:3] == _MAGIC:
            return
        length = int.from_bytes(tag[1:4], "big")
        at += _TAG + length + _BEHIND
        yield tag[0] & 0x1F, at, tag[_TAG : _TAG + length]
