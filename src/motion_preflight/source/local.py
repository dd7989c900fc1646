"""A path's bytes: a regular file only, and nothing blocks."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight.facts import Reason
from motion_preflight.source import Unusable

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
# A file that becomes a pipe between look and opening does not block either.
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_BUFFER = 64 << 10  # bytes: the boxes of a small clip and what stands between them

SCARCE = {errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN}  # nothing is wrong with the file


class LocalBytes:
    """An open regular file."""

    transfer = None
    end_doubt = None

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path = path
        status = os.fstat(file.fileno())
        self.size = status.st_size
        self.version = f"{status.st_ino} {status.st_mtime_ns} {status.st_size}"
        self._file = file

    def is_version(self, known: str) -> bool:
        """Whether the file is the one that had the version `known`."""
        return self.version == known

    def read(self, offset: int, length: int) -> bytes:
        length = min(length, self.size - offset)  # some of the kernel's have none, and much to tell
        if length <= 0:
            return b""
        try:
            self._file.seek(offset)
            return self._file.read(length)
        except OSError as error:  # a disk or a network that fails, a file of the kernel
            raise Unusable(Reason.DENIED, f"it cannot be read ({error.strerror})") from None

    def holds(self, offset: int, length: int) -> bool:  # noqa: ARG002  it holds everything
        return True

    def bring(self, offset: int, length: int) -> None:
        """Everything is there already."""

    def whole(self) -> None:
        """Everything is there already."""

    def release(self) -> None:
        """A path holds nobody up."""


def path_of(location: str, folder: Path | None) -> Path:
    """The path that a location means; relative ones start at `folder`, `~/` at the user's home."""
    return (folder or Path()) / _expanded(location)


def is_relative(location: str) -> bool:
    """Whether what a location means depends on the folder."""
    return not os.path.isabs(_expanded(location))  # noqa: PTH117  often asked: a Path takes longer


def _expanded(location: str) -> str:
    home = location.startswith("~/")  # of a user without a home it is a name like others
    return os.path.expanduser(location) if home else location  # noqa: PTH111


@contextmanager
def open_path(path: Path) -> Iterator[LocalBytes]:
    """A regular file opened for probing. Raises `Unusable` for anything else."""
    try:
        _only_regular(path.stat())  # looked at first: opening a device can have effects
        descriptor = os.open(path, _FLAGS)
    except (FileNotFoundError, NotADirectoryError):
        raise Unusable(Reason.MISSING, "there is no such file") from None
    except PermissionError:
        raise Unusable(Reason.DENIED, "this user may not read it") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        cause = getattr(error, "strerror", None) or str(error)
        if getattr(error, "errno", None) in SCARCE:
            raise Unusable(Reason.UNSUPPORTED, f"it cannot be opened now ({cause})") from None
        raise Unusable(Reason.MISSING, f"it cannot be opened ({cause})") from None
    with open(descriptor, "rb", buffering=_BUFFER) as file:  # noqa: PTH123  which is open already
        _only_regular(os.fstat(descriptor))
        yield LocalBytes(Path(os.path.abspath(path)), file)  # noqa: PTH100  keeps symlinks


def _only_regular(status: os.stat_result) -> None:
    kind = stat.S_IFMT(status.st_mode)
    if kind != stat.S_IFREG:
        raise Unusable(Reason.NOT_REGULAR, f"it is {_NOT_REGULAR.get(kind, 'no regular file')}")
