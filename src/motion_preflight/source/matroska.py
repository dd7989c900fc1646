"""The first elements of a Matroska or WebM file: whether it is as long as it says."""

from __future__ import annotations

_HEADER, _SEGMENT = b"\x1a\x45\xdf\xa3", b"\x18\x53\x80\x67"


def beyond(head: bytes, size: int) -> str | None:
    """What the segment declares and a file of that many bytes cannot hold, in words; `None` when it
    holds it, or does not say (as live streams do). `head` is the start of the file.
    """
    at = 0
    for element in (_HEADER, _SEGMENT):
        if head[at : at + 4] != element:
            return None
        length, at = _length(head, at + 4)
        if length is None:
            return None
        end = at + length
        at = end if element == _HEADER else at
    missing = end - size
    return f"the segment declares {missing:,} bytes beyond the end" if missing > 0 else None


def _length(data: bytes, at: int) -> tuple[int | None, int]:
    """The length that an element gives for its content, and where that begins; `None` for one that
    says that it is not known, or is cut off.
    """
    first = data[at] if at < len(data) else 0
    width = 9 - first.bit_length()  # leading zeros count the bytes that follow
    if width > 8 or at + width > len(data):
        return None, at
    value = int.from_bytes(data[at : at + width], "big") & ((1 << 7 * width) - 1)
    return (None if value == (1 << 7 * width) - 1 else value), at + width
