"""The bytes of a file at a path. Only regular files are opened, and opening never blocks."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight.network.errors import MediaUnavailable, Reason
from motion_preflight.text.exhaustion import EXHAUSTED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_NOT_REGULAR = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}
# O_NONBLOCK: opening does not block even if the file became a pipe after it was looked at.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_BUFFER = 64 << 10  # bytes: one read brings all boxes of a small clip


class LocalBytes:
    """The bytes of an open regular file."""

    transfer = None
    end_doubt = None

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        status = os.fstat(file.fileno())
        self.size = status.st_size
        self.version = f"{status.st_ino} {status.st_mtime_ns} {status.st_size}"
        self._file = file

    def is_version(self, earlier: str) -> bool:
        """Whether the file still has the version `earlier`."""
        return self.version == earlier

    def read(self, offset: int, length: int) -> bytes:
        """Reads bytes from `offset` on; fewer than `length` only at the end of the file.

        Raises `MediaUnavailable` when the disk fails, or the file is one that cannot be read.
        """
        # Files under /proc report size 0 but have content: never read past the reported size.
        length = min(length, self.size - offset)
        if length <= 0:
            return b""
        try:
            self._file.seek(offset)
            return self._file.read(length)
        except OSError as error:  # a failing disk or network drive, or a file of the kernel
            raise MediaUnavailable(Reason.DENIED, f"it cannot be read ({error.strerror})") from None

    def has(self, offset: int, length: int) -> bool:  # noqa: ARG002  as in Source
        """Whether reading costs no request: never, for a local file."""
        return True

    def fetch(self, offset: int, length: int) -> None:
        """Does nothing, since every byte is here already."""

    def fetch_all(self) -> None:
        """Does nothing, since every byte is here already."""

    def release(self) -> None:
        """Does nothing, since a path keeps no connection."""


def path_of(location: str, folder: Path | None) -> Path:
    """The path that a location means; relative ones start at `folder`, `~/` at the user's home."""
    return (folder or Path()) / _expanded(location)


def is_relative(location: str) -> bool:
    """Whether a location means another path in another folder."""
    return not os.path.isabs(_expanded(location))  # noqa: PTH117  called often, and a Path is slower


def _expanded(location: str) -> str:
    home = location.startswith("~/")  # expanduser leaves it alone for a user without a home
    return os.path.expanduser(location) if home else location  # noqa: PTH111


@contextmanager
def open_path(path: Path) -> Iterator[LocalBytes]:
    """Opens a regular file for probing. Raises `MediaUnavailable` for anything else."""
    try:
        _only_regular(path.stat())  # before opening it: opening a device can have effects
        descriptor = os.open(path, _FLAGS)
    except (FileNotFoundError, NotADirectoryError):
        raise MediaUnavailable(Reason.MISSING, "there is no such file") from None
    except PermissionError:
        raise MediaUnavailable(Reason.DENIED, "this user may not read it") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        cause = getattr(error, "strerror", None) or str(error)
        if getattr(error, "errno", None) in EXHAUSTED:
            raise MediaUnavailable(
                Reason.UNSUPPORTED, f"it cannot be opened now ({cause})"
            ) from None
        raise MediaUnavailable(Reason.MISSING, f"it cannot be opened ({cause})") from None
    with open(descriptor, "rb", buffering=_BUFFER) as file:  # noqa: PTH123  it is open already
        _only_regular(os.fstat(descriptor))
        yield LocalBytes(Path(os.path.abspath(path)), file)  # noqa: PTH100  keeps symlinks


def _only_regular(status: os.stat_result) -> None:
    kind = stat.S_IFMT(status.st_mode)
    if kind != stat.S_IFREG:
        raise MediaUnavailable(
            Reason.NOT_REGULAR, f"it is {_NOT_REGULAR.get(kind, 'no regular file')}"
        )
