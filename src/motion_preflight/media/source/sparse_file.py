"""A temporary file that holds parts of a remote file, each at its true offset."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight.errors import PreflightError
from motion_preflight.network.errors import MediaUnavailable, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

_HASHED = 1 << 20  # bytes that are read at a time for a digest


class Spans:
    """Spans of bytes from a start to an end (exclusive), sorted and apart from each other."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    @property
    def pieces(self) -> int:
        """The number of separate spans."""
        return len(self._spans)

    def add(self, start: int, end: int) -> None:
        """Adds a span, and joins it with those that it touches."""
        spans = sorted([*self._spans, (start, end)])
        self._spans = [spans[0]]
        for start, end in spans[1:]:  # noqa: PLR1704  the added span is one of them
            if start <= self._spans[-1][1]:
                self._spans[-1] = self._spans[-1][0], max(end, self._spans[-1][1])
            else:
                self._spans.append((start, end))

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The start and end of every span, from the first to the last."""
        return tuple(self._spans)

    def overlaps(self, start: int, end: int) -> list[tuple[int, int]]:
        """The parts of the spans that lie between two offsets."""
        return [
            (max(start, first), min(end, last))
            for first, last in self._spans
            if first < end and start < last
        ]

    def gap(self, start: int, end: int) -> tuple[int, int] | None:
        """The first stretch between two offsets that no span covers; `None` when none is
        missing.
        """
        for span_start, span_end in self._spans:
            if start >= end:
                return None
            if span_start > start:
                return start, min(span_start, end)
            start = max(start, span_end)
        return (start, end) if start < end else None

    def next_from(self, start: int, end: int) -> int:
        """Where the next span begins, at `end` at the latest."""
        return min((first for first, _ in self._spans if first >= start), default=end)


class SparseFile(Spans):
    """The temporary file, and the spans of it that were written."""

    def __init__(self, path: Path, descriptor: int) -> None:
        super().__init__()
        self.path = path
        self._descriptor = descriptor

    def set_size(self, size: int) -> None:
        """Gives the temporary file the size of the remote one, in bytes. Its holes read as
        zeros.
        """
        os.ftruncate(self._descriptor, size)

    def write(self, offset: int, data: bytes) -> None:
        """Writes bytes at an offset. Raises `MediaUnavailable` where other bytes were written
        before.
        """
        for start, end in self.overlaps(offset, offset + len(data)):
            if self.read(start, end) != data[start - offset : end - offset]:
                raise changed()
        os.lseek(self._descriptor, offset, os.SEEK_SET)
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]
        self.add(offset, offset + len(data))

    def read(self, start: int, end: int) -> bytes:
        """Reads the bytes from one offset to another; holes read as zeros."""
        os.lseek(self._descriptor, start, os.SEEK_SET)
        length = max(end - start, 0)
        pieces = []
        while length > 0 and (piece := os.read(self._descriptor, length)):
            pieces.append(piece)
            length -= len(piece)
        return b"".join(pieces)

    def digest(self, spans: tuple[tuple[int, int], ...]) -> str:
        """The SHA-256 of these spans of the file, one after the other, in hexadecimal digits."""
        digest = hashlib.sha256()
        for start, end in spans:
            for place in range(start, end, _HASHED):
                digest.update(self.read(place, min(place + _HASHED, end)))
        return digest.hexdigest()


@contextmanager
def open_sparse_file() -> Iterator[SparseFile]:
    """Opens an empty temporary file, which is removed afterwards. Raises `MediaUnavailable` when
    there is no room for it, at first or while it is used.
    """
    try:
        descriptor, name = tempfile.mkstemp(prefix="motion-preflight-")
    except OSError as error:
        raise _no_room(error) from None
    path = Path(name)
    try:
        yield SparseFile(path, descriptor)
    except (MediaUnavailable, PreflightError):  # some are OSErrors
        raise
    except OSError as error:
        raise _no_room(error) from None
    finally:
        os.close(descriptor)
        path.unlink(missing_ok=True)


def changed() -> MediaUnavailable:
    """The error for a remote file that was replaced by another one while it was read."""
    return MediaUnavailable(Reason.CHANGED, "the file changed while it was read")


def _no_room(error: OSError) -> MediaUnavailable:
    cause = error.strerror or type(error).__name__
    message = (
        f"there is no room for a temporary file ({cause}); set TMPDIR to a folder that has some"
    )
    return MediaUnavailable(Reason.UNSUPPORTED, message)
