"""The picture data of a PNG, inflated in pieces and looked at row by row; nothing of them is kept.

Pillow could do that for the small ones. It would cost every check of an ordinary PNG a tenth more,
and the memory of the whole picture.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.media.picture_headers.png import PngHeader
    from motion_preflight.media.source_file import Read

_PIECE = 256 << 10  # bytes inflated at a time
_LONGEST_ROW = 4 << 20  # bytes; the largest pictures that are in use have rows of 512 KiB
_FILTERS = 5


class PngProblem(Exception):  # noqa: N818  an outcome that becomes a fact, not an error of ours
    """The data are broken; the text says why, in words for people."""


class PngData:
    """What the rows show: how many there are, and whether a pixel of them can be seen."""

    def __init__(self, read: Read, header: PngHeader) -> None:
        self._read = read
        self._header = header
        self.bytes = 0
        self.visible = not header.alpha

    def look(self) -> None:
        """Goes through all rows. Raises `PngProblem`."""
        longest = max((length for _, length in self._header.passes), default=0)
        if longest > _LONGEST_ROW:
            raise PngProblem(f"a row of it has {longest:,} bytes, more than are looked at here")
        pieces, held = self._pieces(), b""
        for rows, length in self._header.passes:
            left = rows
            while left:
                held = _filled(held, pieces, length)
                if len(held) < length:
                    return
                count = min(left, len(held) // length)
                self._look_at(held[: count * length], length)
                held, left = held[count * length :], left - count

    @property
    def missing(self) -> str | None:
        """Evidence that bytes are missing, in words."""
        whole = self._header.inflated
        if self.bytes >= whole:
            return None
        return f"its picture data end after {self.bytes:,} of {whole:,} bytes"

    def _look_at(self, rows: bytes, length: int) -> None:
        if max(rows[::length]) >= _FILTERS:
            raise PngProblem("a row of it has a filter that does not exist")
        # A filter takes neighbours' alpha off alpha: all of it is 0 where all filtered bytes are.
        for start in range(0, len(rows), length):
            if self.visible:
                return
            row = rows[start : start + length]
            self.visible = any(row[part].strip(b"\0") for part in self._header.alpha)

    def _pieces(self) -> Iterator[bytes]:
        """The inflated data, up to the end of the last row."""
        inflater = zlib.decompressobj()
        whole = self._header.inflated
        try:
            for stored in self._stored():
                left = stored
                while left and not inflater.eof and self.bytes < whole:
                    piece = inflater.decompress(left, _PIECE)
                    left = inflater.unconsumed_tail
                    self.bytes += len(piece)
                    if not piece:  # it needs more of what is stored
                        break
                    yield piece
        except zlib.error:
            raise PngProblem(f"its picture data are broken after {self.bytes:,} bytes") from None

    def _stored(self) -> Iterator[bytes]:
        """The data as they stand in the file. Raises `PngProblem` where a checksum differs."""
        for at, length in self._header.data:
            checksum = zlib.crc32(b"IDAT")
            for start in range(at, at + length, _PIECE):
                piece = self._read(start, min(_PIECE, at + length - start))
                checksum = zlib.crc32(piece, checksum)
                yield piece
            if int.from_bytes(self._read(at + length, 4), "big") != checksum:
                raise PngProblem("the checksum of its picture data differs")


def _filled(held: bytes, pieces: Iterator[bytes], length: int) -> bytes:
    """What is held and as many pieces as make that many bytes of it, or all that there are."""
    parts, total = [held], len(held)
    while total < length:
        piece = next(pieces, b"")
        if not piece:
            break
        parts.append(piece)
        total += len(piece)
    return b"".join(parts)
