"""The elements of a Matroska or WebM file: is it as long as it says, is its video encrypted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_HEADER, _DOC_TYPE = 0x1A45DFA3, 0x4282
_SEGMENT, _TRACKS, _ENTRY, _TYPE = 0x18538067, 0x1654AE6B, 0xAE, 0x83
_ENCODINGS, _ENCODING, _ENCODING_TYPE, _ENCRYPTION = 0x6D80, 0x6240, 0x5033, 0x5035
_VIDEO, _ENCRYPTED = b"\x01", b"\x01"
_ELEMENTS = 10_000  # looked at on one level: clusters may stand before the tracks
_LONGEST = 4 << 20  # bytes of the Tracks element; usual ones have less than 1,000
_UNKNOWN = -1  # the length of an element that says that it does not know it


def doc_type(head: bytes) -> bytes | None:
    """What the header of a file calls itself: `b"matroska"` or `b"webm"`; `None` without one."""
    header = next(_parts(head, _HEADER), b"")
    return next(_parts(header, _DOC_TYPE), None)


def beyond(head: bytes, size: int) -> str | None:
    """What the segment declares and a file of that many bytes cannot hold, in words; `None` when it
    holds it, or does not say (as live streams do). `head` is the start of the file.
    """
    at = 0
    for element in (_HEADER, _SEGMENT):
        kind, width = _number(head, at, marked=True)
        length, length_width = _number(head, at + width, marked=False)
        if kind != element or not length_width or length == _UNKNOWN:
            return None
        start = at + width + length_width
        at = start + length
    missing = at - size
    return f"the segment declares {missing:,} bytes beyond the end" if missing > 0 else None


def video_is_encrypted(read: Callable[[int, int], bytes], size: int) -> bool:
    """Whether a video track has a ContentEncryption. `read` gives the bytes from an offset on; what
    is cut short or makes no sense is passed over.
    """
    for kind, start, end in _elements(read, 0, size):
        if kind == _SEGMENT:
            for inner, at, stop in _elements(read, start, end):
                if inner == _TRACKS and stop - at <= _LONGEST:
                    return any(map(_encrypted_video, _parts(read(at, stop - at), _ENTRY)))
    return False


def _encrypted_video(entry: bytes) -> bool:
    if next(_parts(entry, _TYPE), b"") != _VIDEO:
        return False
    return any(
        next(_parts(encoding, _ENCODING_TYPE), b"") == _ENCRYPTED
        or any(True for _ in _parts(encoding, _ENCRYPTION))
        for encodings in _parts(entry, _ENCODINGS)
        for encoding in _parts(encodings, _ENCODING)
    )


def _parts(data: bytes, wanted: int) -> Iterator[bytes]:
    """The contents of the elements of one kind in an element's content."""

    def read(at: int, length: int) -> bytes:
        return data[at : at + length]

    for kind, start, end in _elements(read, 0, len(data)):
        if kind == wanted:
            yield data[start:end]


def _elements(
    read: Callable[[int, int], bytes], at: int, end: int
) -> Iterator[tuple[int, int, int]]:
    """The elements between two offsets: kind, and where the content of each begins and ends."""
    for _ in range(_ELEMENTS):
        header = read(at, min(12, max(end - at, 0)))
        kind, width = _number(header, 0, marked=True)
        length, length_width = _number(header, width, marked=False)
        if not width or not length_width:
            return
        start = at + width + length_width
        stop = end if length == _UNKNOWN else min(start + length, end)
        yield kind, start, stop
        at = stop


def _number(data: bytes, at: int, *, marked: bool) -> tuple[int, int]:
    """A variable-size number and its width; a width of 0 where there is none. Ids keep the bit that
    marks their width.
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
