"""A source, or parts of it, as the open file that libraries expect."""

from __future__ import annotations

import io
from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Read = Callable[[int, int], bytes]  # offset, length → bytes, fewer only at the end
    Stretch = tuple[int, int] | bytes  # offset and length in the source, or bytes in their place

_BUFFER = 64 << 10


class _Raw(io.RawIOBase):
    """A file without a name and without a descriptor, so that libraries can neither open it again
    nor map it into memory. A mapped file that is cut meanwhile would end the process.
    """

    def __init__(self, read: Read, size: int) -> None:
        self._read, self._size, self._at = read, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError("a negative offset")
        self._at = start + offset
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # as io calls it
        data = self._read(self._at, len(buffer))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


def open_file(read: Read, size: int) -> io.BufferedReader:
    """A binary file over a function of offset and length, which may return fewer bytes at the end
    only.
    """
    return io.BufferedReader(_Raw(read, size), _BUFFER)


def open_stretches(read: Read, stretches: Sequence[Stretch]) -> io.BufferedReader:
    """A binary file of these stretches, one after the other; none is copied before it is read."""
    starts, size = [], 0
    for stretch in stretches:
        starts.append(size)
        size += len(stretch) if isinstance(stretch, bytes) else stretch[1]

    def read_joined(at: int, length: int) -> bytes:
        if at >= size:
            return b""
        number = bisect_right(starts, at) - 1
        stretch, within = stretches[number], at - starts[number]
        if isinstance(stretch, bytes):
            return stretch[within : within + length]
        return read(stretch[0] + within, min(length, stretch[1] - within))

    return open_file(read_joined, size)
