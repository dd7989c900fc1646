"""Results into files: under a temporary name first, the length checked, nothing overwritten.

What was fetched of an interrupted download stays under its temporary name, which carries a digest
of the file's validator: the next attempt goes on where it ended, if the host has the same file.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
from typing import TYPE_CHECKING

from motion_preflight.redaction import url_secrets, without
from motion_preflight.source import Unusable
from motion_preflight.source.web import Answer, Tally, Web, status_problem

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST = 4 << 30  # bytes of one result
_ATTEMPTS = 5  # while each of them brings at least a byte
_MOST = 500  # attempts in all
_PATIENCE = 16  # times the time that a medium of that size is given: it is paid for
_RANGE = re.compile(r"bytes (\d{1,19})-\d{1,19}/(\d{1,19})", re.ASCII)


class DownloadFailed(Exception):  # noqa: N818  an outcome that the caller tells
    """A result that could not be put into a file: why, and what to do."""


def target(folder: Path, task_id: str, number: int) -> Path:
    """Where a result goes: `{task_id}.mp4`, the second one `{task_id}-2.mp4`, and so on."""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", task_id).lstrip(".")[:150] or "task"
    return folder / f"{name}{f'-{number}' if number > 1 else ''}.mp4"


def download(url: str, to: Path, *, web: Web) -> None:
    """Fetches a result into a file that must not be there yet. Raises `DownloadFailed`."""
    secrets = url_secrets([url])
    try:
        if os.path.lexists(to):
            raise DownloadFailed(f"{to} is there already, and is not overwritten")
        to.parent.mkdir(parents=True, exist_ok=True)
        try:
            _Download(url, to, web).run()
        except DownloadFailed as failed:
            raise DownloadFailed(without(str(failed), secrets)) from None
    except Unusable as unusable:
        raise DownloadFailed(f"{without(unusable.message, secrets)}; try again") from None
    except OSError as error:
        cause = error.strerror or type(error).__name__
        raise DownloadFailed(f"{to} cannot be written ({cause})") from None


class _Download:
    def __init__(self, url: str, to: Path, web: Web) -> None:
        self.url = url
        self.to = to
        self.web = web
        self.timed = False  # its size is known, and so the time that it may take

    def run(self) -> None:
        attempts, held = _ATTEMPTS, -1
        self.web.begin(_LARGEST)
        for left in reversed(range(_MOST)):
            part = self._partial()
            before = part.stat().st_size if part else 0
            if before > held:
                attempts, held = _ATTEMPTS, before  # it got on
            attempts -= 1
            try:
                self._attempt(part)
            except _Broken as broken:
                if not attempts or not left:
                    raise DownloadFailed(f"{broken}; what came is kept, try again") from None
            else:
                return

    def _attempt(self, part: Path | None) -> None:
        """One GET, from where the partial file ends."""
        start = part.stat().st_size if part else 0
        headers = {"Range": f"bytes={start}-"} if start else {}
        answer = self.web.get(self.url, headers=headers, size=_LARGEST, tally=Tally())
        with contextlib.closing(answer):
            found = _RANGE.fullmatch(answer.header("Content-Range") or "")
            same = found and int(found[1]) == start and self._tag(answer, int(found[2])) == part
            if start and answer.status == 206 and found and same:
                self._receive(answer, part or self.to, start, int(found[2]))
                return
            if start and answer.status in {206, 416}:  # another file by now
                (part or self.to).unlink()
                raise _Broken("the result changed while it was fetched")
            if answer.status != 200:
                raise DownloadFailed(f"{status_problem(answer).message}: no result was fetched")
            if (answer.header("Content-Encoding") or "identity").strip().lower() != "identity":
                raise DownloadFailed("the host sends it compressed though asked not to")
            if "html" in (answer.header("Content-Type") or "").lower():
                raise DownloadFailed("the link answers a web page, not a video")
            for old in self._parts():
                old.unlink()
            total = _length(answer)
            self._receive(answer, self._tag(answer, total), 0, total)

    def _receive(self, answer: Answer, part: Path, start: int, total: int | None) -> None:
        """The body into the partial file, and that to its name when it is whole."""
        if total is not None and total > _LARGEST:
            raise DownloadFailed(f"{total:,} bytes are more than a result can have")
        if total is not None and not self.timed:
            self.web.begin(_PATIENCE * total)
            self.web.allow(_PATIENCE * total)
            self.timed = True
        done = start
        with part.open("r+b" if start else "wb") as file:
            file.seek(start)
            while piece := self._piece(answer):
                done += len(piece)
                if done > (_LARGEST if total is None else total):
                    raise DownloadFailed("the host sends more than it says")
                file.write(piece)
                self.web.progress(done, total)
            file.flush()
            os.fsync(file.fileno())
        if done == 0 or (total is not None and done != total):
            raise _Broken(f"{done:,} of {total or 0:,} bytes came")
        _put(part, self.to)

    def _piece(self, answer: Answer) -> bytes:
        try:
            return answer.read()
        except Unusable as unusable:
            raise _Broken(unusable.message) from None

    def _tag(self, answer: Answer, total: int | None) -> Path:
        """The temporary name for what this answer is a part of."""
        validator = answer.header("ETag") or answer.header("Last-Modified") or ""
        digest = hashlib.sha256(f"{validator} {total}".encode()).hexdigest()[:12]
        # without a validator nothing says that the rest is of the same file
        sure = validator.startswith('"') or (validator and not validator.startswith("W/"))
        return self.to.with_name(f".{self.to.name}.{digest if sure else 'unsure'}.part")

    def _partial(self) -> Path | None:
        """What an earlier attempt left that can be gone on with."""
        return next((part for part in self._parts() if ".unsure." not in part.name), None)

    def _parts(self) -> list[Path]:
        return sorted(self.to.parent.glob(f".{self.to.name}.*.part"))


class _Broken(Exception):  # noqa: N818  as above
    """An attempt that may be taken up again."""


def _length(answer: Answer) -> int | None:
    """The bytes that the host says come; `None`: it does not say, and the end is the framing's."""
    length = answer.header("Content-Length") or ""
    if answer.header("Transfer-Encoding") or not (length.isascii() and length.isdigit()):
        return None
    return int(length)


def _put(part: Path, to: Path) -> None:
    """Gives the file its name, never in place of another one."""
    try:
        os.link(part, to)
    except FileExistsError:
        raise DownloadFailed(f"{to} is there by now, and is not overwritten") from None
    except OSError as error:
        if error.errno not in {
            errno.EPERM,
            errno.ENOTSUP,
            errno.EOPNOTSUPP,
            errno.EACCES,
            errno.ENOSYS,
        }:
            raise
        if os.path.lexists(to):  # a file system without links: the look and the renaming are two
            raise DownloadFailed(f"{to} is there by now, and is not overwritten") from None
        part.rename(to)
        return
    part.unlink()
