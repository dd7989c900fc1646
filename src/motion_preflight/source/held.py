"""A temporary file that holds stretches of a remote one, each at its true offset."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight.errors import PreflightError
from motion_preflight.facts import Reason
from motion_preflight.source import Unusable

if TYPE_CHECKING:
    from collections.abc import Iterator

_HASHED = 1 << 20  # bytes that a digest reads at a time


class Held:
    """Stretches from a start to an end (exclusive), sorted and apart from each other."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    @property
    def pieces(self) -> int:
        return len(self._spans)

    def add(self, start: int, end: int) -> None:
        spans = sorted([*self._spans, (start, end)])
        self._spans = [spans[0]]
        for start, end in spans[1:]:  # noqa: PLR1704  the added stretch is one of them
            if start <= self._spans[-1][1]:
                self._spans[-1] = self._spans[-1][0], max(end, self._spans[-1][1])
            else:
                self._spans.append((start, end))

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The stretches, from the first to the last."""
        return tuple(self._spans)

    def overlaps(self, start: int, end: int) -> list[tuple[int, int]]:
        """What is held of the bytes between two offsets."""
        return [
            (max(start, first), min(end, last))
            for first, last in self._spans
            if first < end and start < last
        ]

    def gap(self, start: int, end: int) -> tuple[int, int] | None:
        """The first stretch between two offsets that is not held; `None` when there is none."""
        for held_start, held_end in self._spans:
            if start >= end:
                return None
            if held_start > start:
                return start, min(held_start, end)
            start = max(start, held_end)
        return (start, end) if start < end else None

    def next_from(self, start: int, end: int) -> int:
        """Where the next held stretch begins, at `end` at the latest."""
        return min((held for held, _ in self._spans if held >= start), default=end)


class HeldFile(Held):
    """The stretches that are held, and their bytes."""

    def __init__(self, path: Path, descriptor: int) -> None:
        super().__init__()
        self.path = path
        self._descriptor = descriptor

    def set_size(self, size: int) -> None:
        """Gives the temporary file the size of the remote one; what is not held reads as zeros."""
        os.ftruncate(self._descriptor, size)

    def write(self, offset: int, data: bytes) -> None:
        """Holds bytes at an offset. Raises `Unusable` when some were held before and are others."""
        for start, end in self.overlaps(offset, offset + len(data)):
            if self.read(start, end) != data[start - offset : end - offset]:
                raise changed()
        os.lseek(self._descriptor, offset, os.SEEK_SET)
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]
        self.add(offset, offset + len(data))

    def read(self, start: int, end: int) -> bytes:
        """The bytes from one offset to another; what is not held reads as zeros."""
        os.lseek(self._descriptor, start, os.SEEK_SET)
        length = max(end - start, 0)
        pieces = []
        while length > 0 and (piece := os.read(self._descriptor, length)):
            pieces.append(piece)
            length -= len(piece)
        return b"".join(pieces)

    def digest(self, spans: tuple[tuple[int, int], ...]) -> str:
        """The SHA-256 of stretches that are held, in hexadecimal digits."""
        digest = hashlib.sha256()
        for start, end in spans:
            for place in range(start, end, _HASHED):
                digest.update(self.read(place, min(place + _HASHED, end)))
        return digest.hexdigest()


@contextmanager
def held_file() -> Iterator[HeldFile]:
    """An empty temporary file, gone afterwards. Raises `Unusable` when there is no room for it, now
    or while it is used.
    """
    try:
        descriptor, name = tempfile.mkstemp(prefix="motion-preflight-")
    except OSError as error:
        raise _no_room(error) from None
    path = Path(name)
    try:
        yield HeldFile(path, descriptor)
    except (Unusable, PreflightError):  # some of them are an OSError too
        raise
    except OSError as error:
        raise _no_room(error) from None
    finally:
        os.close(descriptor)
        path.unlink(missing_ok=True)


def changed() -> Unusable:
    """What is raised when the remote file was replaced by another one."""
    return Unusable(Reason.CHANGED, "the file changed while it was read")


def _no_room(error: OSError) -> Unusable:
    cause = error.strerror or type(error).__name__
    message = (
        f"there is no room for a temporary file ({cause}); set TMPDIR to a folder that has some"
    )
    return Unusable(Reason.UNSUPPORTED, message)
