"""A lock that lives exactly as long as its process: if it can be taken, the run is over.

Each run has a file that is locked by the operating system. No crash leaves such a lock behind.
"""

from __future__ import annotations

import contextlib
import os
import sys
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock_file(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock_file(descriptor: int) -> None:
        # flock, not lockf: two locks of one process must exclude each other too.
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class RunLock:
    """The lock of this run, which is taken at once. Raises `OSError` when that fails."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        while True:
            self.run = uuid.uuid4().hex
            self._path = _file(folder, self.run)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            try:
                with contextlib.suppress(BlockingIOError):
                    _lock_file(self._descriptor)
                    if self._path.exists():
                        return
            except BaseException:
                self.release()
                raise
            os.close(self._descriptor)  # another run removed the file before it was locked

    def release(self) -> None:
        """Ends the run and removes its file, which nobody needs any more."""
        with contextlib.suppress(OSError):
            self._path.unlink()  # Windows keeps an open file; a later run sweeps it
        os.close(self._descriptor)


@contextlib.contextmanager
def ended(folder: Path, run: str) -> Iterator[bool]:
    """Whether a run is over: its lock can be taken, or its file is gone. The file is removed after
    the block that handles this.
    """
    path = _file(folder, run)
    try:
        descriptor = os.open(path, os.O_RDWR)
    except (FileNotFoundError, ValueError):  # ValueError: a name that no file can have
        yield True
        return
    try:
        try:
            _lock_file(descriptor)
        except OSError:
            yield False
            return
        yield True
        with contextlib.suppress(OSError):
            path.unlink()
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Removes the files of runs that are over; a run that was killed leaves its own behind."""
    for file in folder.glob("*.lock"):
        with contextlib.suppress(OSError), ended(folder, file.stem):
            pass


def _file(folder: Path, run: str) -> Path:
    return folder / f"{run}.lock"
