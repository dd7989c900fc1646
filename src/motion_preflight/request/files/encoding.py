"""Reads UTF-16 files, as spreadsheets and PowerShell write them, as if they were UTF-8."""

from __future__ import annotations

import codecs
import io
from typing import IO, Any

_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_BLOCK = 1 << 16  # bytes that are converted at a time
_BROKEN = b"\xff"  # invalid UTF-8, so that the reader of the text names the place


def encoding_of(head: bytes) -> str | None:
    """The UTF-16 variant that a byte order mark announces; `None` means UTF-8."""
    return None if head[:4] == codecs.BOM_UTF32_LE else _MARKS.get(head[:2])


def utf8_stream(file: IO[bytes]) -> IO[bytes]:
    """The stream itself, or the text of a UTF-16 stream in UTF-8 without its byte order mark."""
    head = _head(file)
    encoding = encoding_of(head)
    if encoding is None:
        return file
    file.read(2)
    return io.BufferedReader(_Recoded(file, encoding))


def _head(file: IO[bytes]) -> bytes:
    """The first bytes of a stream, which can still be read from it."""
    if hasattr(file, "peek"):
        head: bytes = file.peek(4)[:4]
        return head
    if not file.seekable():
        return b""
    head = file.read(4)
    file.seek(-len(head), io.SEEK_CUR)
    return head


class _Recoded(io.RawIOBase):
    """A UTF-16 stream as UTF-8, one block at a time. Invalid UTF-16 becomes a byte that is invalid
    UTF-8.
    """

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._left = b""
        self._ended = False

    def readable(self) -> bool:
        """Always true, as `io` requires."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  any writable buffer
        """Fills the buffer with UTF-8 and gives the number of bytes; 0 means the end."""
        while not self._left and not self._ended:
            block = self._file.read(_BLOCK)
            self._ended = not block
            try:
                text = self._decoder.decode(block, final=self._ended)
            except UnicodeDecodeError:
                self._decoder.reset()
                self._left = _BROKEN
            else:
                self._left = text.encode("utf-8", "surrogatepass")
        size = min(len(buffer), len(self._left))
        buffer[:size], self._left = self._left[:size], self._left[size:]
        return size


def stream_with(start: bytes, rest: IO[bytes]) -> IO[bytes]:
    """A stream of the bytes that were already read and of the rest. Closing it leaves
    `rest` open.
    """
    return io.BufferedReader(_Joined(start, rest))


class _Joined(io.RawIOBase):
    def __init__(self, start: bytes, rest: IO[bytes]) -> None:
        self._start = start
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  any writable buffer
        size = len(buffer)
        piece, self._start = self._start[:size], self._start[size:]
        if not piece:  # only what is available, without waiting for a full block
            piece = getattr(self._rest, "read1", self._rest.read)(size)
        buffer[: len(piece)] = piece
        return len(piece)
