"""The elements of a Matroska or WebM file: whether the file is as long as they declare, whether its
video is encrypted, and the codec of the video.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Read = Callable[[int, int], bytes]  # offset, length → bytes, fewer only at the end

_HEADER, _DOC_TYPE = 0x1A45DFA3, 0x4282
_SEGMENT, _CLUSTER = 0x18538067, 0x1F43B675
_TRACKS, _ENTRY, _TYPE = 0x1654AE6B, 0xAE, 0x83
_ENCODINGS, _ENCODING, _ENCODING_TYPE, _ENCRYPTION = 0x6D80, 0x6240, 0x5033, 0x5035
_CODEC = 0x86
_VIDEO = _ENCRYPTED = 1
_ELEMENTS = 100_000  # of one file at most, at every depth: clusters may stand before the tracks
_REMAINS = 16  # bytes at the end of a file that are too few for a track
_HEAD = 512  # bytes in which the segment begins
_INTEGER, _NAME = 8, 64  # bytes at most of a number, and of a codec's name
# Codecs that some versions of ffprobe do not name.
_CODECS = {"V_MPEGI/ISO/VVC": "vvc", "V_AV1": "av1", "V_AVS2": "avs2", "V_AVS3": "avs3"}
_UNKNOWN = -1  # stands for the length of an element that declares it as unknown


def doc_type(head: bytes) -> bytes | None:
    """The type that the header of a file names: `b"matroska"` or `b"webm"`; `None` without a
    header.
    """
    elements = _Elements(lambda at, length: head[at : at + length])
    names = elements.inside(0, len(head), _HEADER, _DOC_TYPE)
    return next((head[start:end] for start, end in names), None)


def beyond(read: Read, size: int) -> str | None:
    """By how many bytes the segment exceeds a file of `size` bytes, in words; `None` when it does
    not, or does not declare its length (as live streams do not).
    """
    head, at = read(0, _HEAD), 0
    for element in (_HEADER, _SEGMENT):
        kind, width = _number(head, at, marked=True)
        length, length_width = _number(head, at + width, marked=False)
        if kind != element or not length_width or length == _UNKNOWN:
            return None
        start = at + width + length_width
        at = start + length
    missing = at - size
    return f"the segment declares {missing:,} bytes beyond the end" if missing > 0 else None


class VideoTracks(NamedTuple):
    """What the video tracks of a file have in common."""

    encrypted: bool  # at least one of them has a ContentEncryption
    codec: str | None  # ffprobe's name of a codec that some versions of it do not know


def video_tracks(read: Read, size: int) -> VideoTracks | None:
    """Reads the video tracks in every Tracks element. `read` gives the bytes from an offset on.

    `None` when there is none, or when a part of the file could not be searched for further ones:
    then nobody knows whether the video is encrypted.
    """
    elements = _Elements(read)
    encrypted, names = False, []
    for start, end in elements.tracks(size):
        if elements.number(start, end, _TYPE) != _VIDEO:
            continue
        names.append(elements.text(start, end, _CODEC))
        encrypted = encrypted or any(
            elements.number(*encoding, _ENCODING_TYPE) == _ENCRYPTED
            or any(True for _ in elements.inside(*encoding, _ENCRYPTION))
            for encoding in elements.inside(start, end, _ENCODINGS, _ENCODING)
        )
    if not names or not (encrypted or elements.all_seen):
        return None
    return VideoTracks(encrypted, _CODECS.get(names[0]) if len(set(names)) == 1 else None)


class _Elements:
    """The elements of a file, read up to a bound."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._left = _ELEMENTS
        self._lost = False  # True: somewhere the next element could not be found

    @property
    def all_seen(self) -> bool:
        """Whether every element so far could be read: no bound was reached, and nothing else was
        met.
        """
        return self._left > 0 and not self._lost

    def tracks(self, size: int) -> Iterator[tuple[int, int]]:
        """Start and end of the content of every track entry of a file. Segments are entered and not
        passed over, and so are clusters of unknown length: a further Tracks element may follow
        inside.
        """
        at, segment_end = 0, size
        while element := self._element(at, size):
            kind, start, stop, has_length = element
            if kind == _SEGMENT:
                at, segment_end = start, stop
            elif kind == _CLUSTER and not has_length:
                at = start
            else:
                # An element that reaches beyond its segment, or has no length, may hide a second
                # Tracks element.
                self._lost = self._lost or not has_length or at < segment_end < stop
                at = stop
            if kind == _TRACKS:
                yield from self.inside(start, stop, _ENTRY)
        self._lost = self._lost or size - at > _REMAINS

    def inside(self, at: int, end: int, *path: int) -> Iterator[tuple[int, int]]:
        """Start and end of the content of the elements on a path, between two offsets."""
        for kind, start, stop in self._between(at, end):
            if kind == path[0] and path[1:]:
                yield from self.inside(start, stop, *path[1:])
            elif kind == path[0]:
                yield start, stop

    def number(self, at: int, end: int, kind: int) -> int | None:
        """The last number of this kind between two offsets, of any width; `None` without one."""
        value = None
        for start, stop in self.inside(at, end, kind):
            value = int.from_bytes(self._read(start, min(stop - start, _INTEGER)), "big")
        return value

    def text(self, at: int, end: int, kind: int) -> str:
        """The last text of this kind between two offsets; empty without one."""
        data = b""
        for start, stop in self.inside(at, end, kind):
            data = self._read(start, min(stop - start, _NAME))
        return data.rstrip(b"\0").decode("latin-1")

    def _between(self, at: int, end: int) -> Iterator[tuple[int, int, int]]:
        """The elements between two offsets: kind, and start and end of the content."""
        while element := self._element(at, end):
            kind, start, at, _ = element
            yield kind, start, at
        self._lost = self._lost or end - at > _REMAINS

    def _element(self, at: int, end: int) -> tuple[int, int, int, bool] | None:
        """The element at an offset: its kind, the start and end of its content, and whether it
        declares a length. `None` when there is none, or when the bound is reached.
        """
        if at >= end or self._left <= 0:
            return None
        self._left -= 1
        header = self._read(at, min(12, end - at))
        kind, width = _number(header, 0, marked=True)
        length, length_width = _number(header, width, marked=False)
        if not width or not length_width:
            return None
        start = at + width + length_width
        has_length = length != _UNKNOWN
        return kind, start, min(start + length, end) if has_length else end, has_length


def _number(data: bytes, at: int, *, marked: bool) -> tuple[int, int]:
    """A variable-size number and its width in bytes; a width of 0 where there is none. Ids keep the
    bit that marks their width (`marked`).
    """
    first = data[at] if at < len(data) else 0
    width = 9 - first.bit_length()
    if width > 8 or at + width > len(data):
        return 0, 0
    value = int.from_bytes(data[at : at + width], "big")
    if marked:
        return value, width
    mask = (1 << 7 * width) - 1
    return (_UNKNOWN if value & mask == mask else value & mask), width
