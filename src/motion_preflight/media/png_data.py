"""Inflates the picture data of a PNG in pieces and looks at them row by row, keeping none of them.

Pillow could do that for small pictures. It would make every check of an ordinary PNG a tenth
slower, and need memory for the whole picture.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.media.picture_headers.png import PngHeader
    from motion_preflight.media.source_file import Read

_PIECE = 256 << 10  # bytes inflated at a time
_LONGEST_ROW = 4 << 20  # bytes; the largest pictures in use have rows of 512 KiB
_FILTERS = 5


class PngProblem(Exception):  # noqa: N818  an outcome that becomes a fact, not an error of ours
    """The picture data are broken; the text says why, in words for people."""


class PngData:
    """What the rows show: how many bytes there are, and whether a pixel can be seen."""

    def __init__(self, read: Read, header: PngHeader) -> None:
        self._read = read
        self._header = header
        self.bytes = 0
        self.visible = not header.alpha

    def look(self) -> None:
        """Inflates and looks at all rows. Raises `PngProblem` when the data are broken."""
        longest = max((length for _, length in self._header.passes), default=0)
        if longest > _LONGEST_ROW:
            raise PngProblem(f"a row of it has {longest:,} bytes, more than are looked at here")
        pieces, buffered = self._pieces(), b""
        for rows, length in self._header.passes:
            left = rows
            while left:
                buffered = _filled(buffered, pieces, length)
                if len(buffered) < length:
                    return
                count = min(left, len(buffered) // length)
                self._look_at(buffered[: count * length], length)
                buffered, left = buffered[count * length :], left - count

    @property
    def missing(self) -> str | None:
        """Evidence that bytes are missing, in words; `None` when all are there."""
        whole = self._header.inflated
        if self.bytes >= whole:
            return None
        return f"its picture data end after {self.bytes:,} of {whole:,} bytes"

    def _look_at(self, rows: bytes, length: int) -> None:
        if max(rows[::length]) >= _FILTERS:
            raise PngProblem("a row of it has a filter that does not exist")
        # Filters subtract the alpha of neighbours: alpha is 0 throughout if its filtered bytes are.
        for start in range(0, len(rows), length):
            if self.visible:
                return
            row = rows[start : start + length]
            self.visible = any(row[part].strip(b"\0") for part in self._header.alpha)

    def _pieces(self) -> Iterator[bytes]:
        """The inflated data, piece by piece, up to the end of the last row."""
        inflater = zlib.decompressobj()
        whole = self._header.inflated
        try:
            for stored in self._stored():
                left = stored
                while left and not inflater.eof and self.bytes < whole:
                    piece = inflater.decompress(left, _PIECE)
                    left = inflater.unconsumed_tail
                    self.bytes += len(piece)
                    if not piece:  # the next stored data are needed first
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


def _filled(buffered: bytes, pieces: Iterator[bytes], length: int) -> bytes:
    """The buffered bytes, filled up with pieces to at least `length` bytes, or with all that are
    left.
    """
    parts, total = [buffered], len(buffered)
    while total < length:
        piece = next(pieces, b"")
        if not piece:
            break
        parts.append(piece)
        total += len(piece)
    return b"".join(parts)
