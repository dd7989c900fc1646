"""Whether an AVI file is as long as its RIFF chunks declare."""

from __future__ import annotations

from collections.abc import Callable

Read = Callable[[int, int], bytes]  # offset, length → bytes, fewer only at the end

_CHUNKS = 1000  # at most; large files usually have one for every gigabyte
_OPEN = {0, 0xFFFFFFFF}  # lengths of a file whose recording ended before the length was written


def beyond(read: Read, size: int) -> str | None:
    """By how many bytes the RIFF chunks exceed a file of `size` bytes, in words; `None` if they do
    not.
    """
    at = 0
    for _ in range(_CHUNKS):
        header = read(at, 8)
        length = int.from_bytes(header[4:8], "little")
        if len(header) < 8 or header[:4] != b"RIFF" or length in _OPEN:
            return None
        at += 8 + length + length % 2
        if at - length % 2 > size:
            return f"its RIFF chunk declares {at - length % 2 - size:,} bytes beyond the end"
    return None
