"""Whether an AVI file is as long as its RIFF chunks say."""

from __future__ import annotations

from collections.abc import Callable

Read = Callable[[int, int], bytes]  # offset, length → bytes, fewer only at the end

_CHUNKS = 1000  # of a gigabyte each in usual large files
_OPEN = {0, 0xFFFFFFFF}  # what stands there when nobody wrote the length at the end


def beyond(read: Read, size: int) -> str | None:
    """What the RIFF chunks declare and a file of that many bytes cannot hold, in words."""
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
