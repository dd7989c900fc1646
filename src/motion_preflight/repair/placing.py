"""Gives a finished file its name, beside what it was made from, and never in place of anything.

A file is written without a name, or under a hidden one where the file system wants a name, and it
gets its own when it is whole. So nobody ever sees half a file. Where it has no name, nothing is
left behind by a process that is killed, either.
"""

from __future__ import annotations

import errno
import filecmp
import os
import secrets
import shutil
import time
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight.text.locations import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

_HIDDEN = ".motion-preflight-{}.part"
_FORGOTTEN = 86_400  # seconds: no work takes a day, so its process was killed
_LONGEST_NAME = 255  # bytes: the most that common file systems take
_NUMBER = 6  # bytes that are left free in a name for a number behind it
_NEEDS_A_NAME = {errno.EOPNOTSUPP, errno.EISDIR, errno.EINVAL, errno.ENOENT, errno.ENOSYS}
_NO_LINKS = {errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS,
             errno.EMLINK}  # fmt: skip
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}


def name_beside(source: Path, mark: str, ending: str) -> Path:
    """The name of what is made from a source: `clip-for-image.mp4` in its folder, for the mark
    `for-image` and the ending `.mp4`. A name too long for a file system is cut.
    """
    stem, room = source.stem, _LONGEST_NAME - _NUMBER - len(os.fsencode(f"-{mark}{ending}"))
    while len(os.fsencode(stem)) > room:
        stem = stem[:-1]
    return source.with_name(f"{stem}-{mark}{ending}")


def in_folder(source: Path, folder: Path | None) -> Path:
    """The path beside which the result of a source is put: in a folder, `None`: its own."""
    return source if folder is None else folder / source.name


@contextmanager
def temporary_beside(folder: Path) -> Iterator[Path]:
    """A path of an empty file in a folder, to write to and to read from, also for other programs.
    It is gone afterwards unless `place` gave it a name. Raises `OSError`.

    Its last part says nothing: a program must be told the format.
    """
    descriptor = _open_nameless(folder)
    if descriptor is not None:
        try:
            yield _path_of(descriptor)
        finally:
            os.close(descriptor)
        return
    _remove_forgotten(folder)
    hidden = folder / _HIDDEN.format(secrets.token_hex(8))
    os.close(os.open(hidden, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666))
    try:
        yield hidden
    finally:
        hidden.unlink(missing_ok=True)


def place(temporary: Path, wanted: Path, *, numbered: bool = True) -> Path:
    """Gives the file of `temporary_beside` its name, and returns it. Where that is taken by a file
    of the same bytes, of an earlier run, that one is the result. Where it is taken by another, a
    number is put behind it: `-2`, `-3` and so on; without `numbered` a `FileExistsError` is raised.

    Of two processes that want the same name only one gets it. Raises `OSError`.
    """
    _write_through(temporary)
    for number in count(1):
        name = wanted
        if number > 1:
            name = wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        try:
            _give_name(temporary, name)
        except FileExistsError:
            if not numbered:
                raise
            if _is_same(temporary, name):
                return name
        else:
            return name
    raise AssertionError  # it counts for ever


def _is_same(one: Path, other: Path) -> bool:
    """Whether two files hold the same bytes; False also for one that cannot be read."""
    try:
        return filecmp.cmp(one, other, shallow=False)
    except OSError:
        return False


def write_problem(error: OSError, folder: Path) -> str:
    """Why a file could not be written into a folder, and what to do, in words for people."""
    place = "the current folder" if folder == Path() else printable(str(folder))
    if error.errno in _FULL:
        return f"there is no room left in {place}: free some, or name another place for the result"
    if error.errno in _REFUSED:
        return f"nothing may be written into {place}: name another place for the result"
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return f"there is no folder {place}: make it, or name another place for the result"
    cause = error.strerror or type(error).__name__
    return f"nothing can be written into {place} ({cause}): name another place for the result"


def _open_nameless(folder: Path) -> int | None:
    """An open file without a name; `None` where the system has none, or no path leads to it."""
    flag = getattr(os, "O_TMPFILE", None)
    if flag is None:
        return None
    try:
        descriptor = os.open(folder, os.O_RDWR | flag, 0o666)
    except OSError as error:
        if error.errno in _NEEDS_A_NAME:
            return None
        raise
    with suppress(OSError):
        if os.path.samestat(os.fstat(descriptor), _path_of(descriptor).stat()):
            return descriptor
    os.close(descriptor)
    return None


def _path_of(descriptor: int) -> Path:
    # Under the number of this process, and not under `self`: another program opens it, too.
    return Path(f"/proc/{os.getpid()}/fd/{descriptor}")


def _remove_forgotten(folder: Path) -> None:
    """Removes the hidden files of processes that were killed."""
    for hidden in folder.glob(_HIDDEN.format("*")):
        with suppress(OSError):
            if time.time() - hidden.stat().st_mtime > _FORGOTTEN:
                hidden.unlink()


def _write_through(path: Path) -> None:
    """Waits until the content is on the disk, so that a name never stands for an empty file."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _give_name(temporary: Path, name: Path) -> None:
    """Raises `FileExistsError` where the name is taken, whoever took it, and `OSError`."""
    try:
        _link(temporary, name)
    except FileExistsError:
        raise
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _rename(temporary, name)


def _link(temporary: Path, name: Path) -> None:
    if os.link not in os.supports_dir_fd:
        os.link(temporary, name)
        return
    # With a folder's descriptor, which a whole path does not need, Python calls `linkat`: that one
    # follows the path under /proc to the file without a name, and `link` does not.
    folder = os.open(name.parent, os.O_RDONLY)
    try:
        os.link(temporary, name, src_dir_fd=folder, follow_symlinks=True)
    finally:
        os.close(folder)


def _rename(temporary: Path, name: Path) -> None:
    """Gives the name where the file system has no hard links: an empty file takes the name, which
    only one process can make, and then the whole one takes its place.
    """
    os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
    hidden = name.with_name(_HIDDEN.format(secrets.token_hex(8)))
    try:
        if temporary.parent == name.parent:
            temporary.replace(name)
            return
        shutil.copyfile(temporary, hidden)  # a file without a name cannot be renamed
        hidden.replace(name)
    except BaseException:
        hidden.unlink(missing_ok=True)
        name.unlink()
        raise
