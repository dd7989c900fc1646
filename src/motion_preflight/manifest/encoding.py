"""Files in UTF-16, as spreadsheets and PowerShell write them, read as if they were UTF-8."""

from __future__ import annotations

import codecs
import io
from typing import IO, Any

_MARKS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_BLOCK = 1 << 16  # bytes that are recoded at a time
_BROKEN = b"\xff"  # no UTF-8, so that whoever reads on names the place


def encoding_of(head: bytes) -> str | None:
    """The UTF-16 that a byte order mark announces; `None`: it is to be read as UTF-8."""
    return None if head[:4] == codecs.BOM_UTF32_LE else _MARKS.get(head[:2])


def utf8_stream(file: IO[bytes]) -> IO[bytes]:
    """The same bytes, or the text of a UTF-16 file in UTF-8 and without its mark."""
    head = _head(file)
    encoding = encoding_of(head)
    if encoding is None:
        return file
    file.read(2)
    return io.BufferedReader(_Recoded(file, encoding))


def _head(file: IO[bytes]) -> bytes:
    """The first bytes of a stream, which stay in it."""
    if hasattr(file, "peek"):
        head: bytes = file.peek(4)[:4]
        return head
    if not file.seekable():
        return b""
    head = file.read(4)
    file.seek(-len(head), io.SEEK_CUR)
    return head


class _Recoded(io.RawIOBase):
    """UTF-16 as UTF-8, a block at a time; what is no UTF-16 becomes a byte that is no UTF-8."""

    def __init__(self, file: IO[bytes], encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
        self._left = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  whatever is written into like bytes
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
    """A stream of what was read already and of the rest, which stays open when this is closed."""
    return io.BufferedReader(_Joined(start, rest))


class _Joined(io.RawIOBase):
    def __init__(self, start: bytes, rest: IO[bytes]) -> None:
        self._start = start
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  whatever is written into like bytes
        size = len(buffer)
        piece, self._start = self._start[:size], self._start[size:]
        if not piece:  # what is there, without waiting for a full block
            piece = getattr(self._rest, "read1", self._rest.read)(size)
        buffer[: len(piece)] = piece
        return len(piece)
