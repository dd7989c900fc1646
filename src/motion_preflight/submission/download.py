"""Downloads results into files: under a temporary name first, with the length checked, and without
overwriting anything.

The part that an interrupted download has fetched stays under its temporary name, which carries a
digest of the file's validator. The next attempt goes on from there, if the host still has the same
file.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
from typing import TYPE_CHECKING

from motion_preflight.media.containers.signature import NOT_MEDIA, signature
from motion_preflight.network.client import Answer, TransferStats, Web
from motion_preflight.network.errors import MediaUnavailable
from motion_preflight.text.redaction import mask_secrets, url_secrets

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST = 4 << 30  # bytes of one result
_ATTEMPTS = 5  # attempts in a row that bring not a single byte
_MOST = 500  # attempts in all
_PATIENCE = 16  # a paid result gets 16 times the deadline of a probed file of the same size
_HEAD = 512  # bytes by which a file is known
_RANGE = re.compile(r"bytes (\d{1,19})-\d{1,19}/(\d{1,19})", re.ASCII)


class DownloadFailed(Exception):  # noqa: N818  an outcome, which the caller reports
    """A result could not be put into a file; the text says why, and what to do."""


def target(folder: Path, task_id: str, number: int) -> Path:
    """The path of a result: `{task_id}.mp4`, for the second one `{task_id}-2.mp4`, and so on."""
    name = re.sub(r"[^A-Za-z0-9._-]", "_", task_id).lstrip(".")[:150] or "task"
    return folder / f"{name}{f'-{number}' if number > 1 else ''}.mp4"


def download(url: str, to: Path, *, web: Web) -> None:
    """Fetches a result into a file that must not exist yet. Raises `DownloadFailed`."""
    secrets = url_secrets([url])
    try:
        if os.path.lexists(to):
            raise DownloadFailed(f"{to} is there already, and is not overwritten")
        to.parent.mkdir(parents=True, exist_ok=True)
        try:
            _Download(url, to, web).run()
        except DownloadFailed as failed:
            raise DownloadFailed(mask_secrets(str(failed), secrets)) from None
    except MediaUnavailable as unusable:
        raise DownloadFailed(f"{mask_secrets(unusable.message, secrets)}; try again") from None
    except OSError as error:
        cause = error.strerror or type(error).__name__
        raise DownloadFailed(f"{to} cannot be written ({cause})") from None


class _Download:
    def __init__(self, url: str, to: Path, web: Web) -> None:
        self.url = url
        self.to = to
        self.web = web
        self.tally = TransferStats()
        self.timed = False  # whether the deadline was set by the size of the result

    def run(self) -> None:
        attempts, furthest = _ATTEMPTS, -1
        self.web.begin(_LARGEST)
        for left in reversed(range(_MOST)):
            part = self._partial()
            before = part.stat().st_size if part else 0
            if before > furthest:
                attempts, furthest = _ATTEMPTS, before  # the last attempt brought bytes
            attempts -= 1
            try:
                self._attempt(part)
            except _Broken as broken:
                if not attempts or not left:
                    raise DownloadFailed(f"{broken}; what came is kept, try again") from None
            else:
                return

    def _attempt(self, part: Path | None) -> None:
        """Sends one GET that goes on where the partial file ends."""
        start = part.stat().st_size if part else 0
        headers = {"Range": f"bytes={start}-"} if start else {}
        answer = self.web.get(self.url, headers=headers, size=_LARGEST, tally=self.tally)
        with contextlib.closing(answer):
            match = _RANGE.fullmatch(answer.header("Content-Range") or "")
            same = match and int(match[1]) == start and self._tag(answer, int(match[2])) == part
            if start and answer.status == 206 and match and same:
                self._receive(answer, part or self.to, start, int(match[2]))
                return
            if start and answer.status in {206, 416}:  # the file is another one now
                (part or self.to).unlink()
                raise _Broken("the result changed while it was fetched")
            if answer.status != 200:
                from motion_preflight.network.status import status_problem  # noqa: PLC0415  rare

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
        """Writes the body into the partial file, which gets its final name when it is complete."""
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
            written = os.fstat(file.fileno())
        if done == 0 or (total is not None and done != total):
            raise _Broken(f"{done:,} of {total or 0:,} bytes came")
        if not _is_still(part, written):
            raise _Broken("another run fetches the same result")
        _ensure_media(part)
        _put(part, self.to)

    def _piece(self, answer: Answer) -> bytes:
        try:
            return answer.read()
        except MediaUnavailable as unusable:
            raise _Broken(unusable.message) from None

    def _tag(self, answer: Answer, total: int | None) -> Path:
        """The temporary name for the file that this answer belongs to."""
        validator = answer.header("ETag") or answer.header("Last-Modified") or ""
        digest = hashlib.sha256(f"{validator} {total}".encode()).hexdigest()[:12]
        # Without a strong validator nothing proves that the rest belongs to the same file.
        sure = validator.startswith('"') or (validator and not validator.startswith("W/"))
        return self.to.with_name(f".{self.to.name}.{digest if sure else 'unsure'}.part")

    def _partial(self) -> Path | None:
        """The file of an earlier attempt that can be continued; `None` without one."""
        return next((part for part in self._parts() if ".unsure." not in part.name), None)

    def _parts(self) -> list[Path]:
        return sorted(self.to.parent.glob(f".{self.to.name}.*.part"))


class _Broken(Exception):  # noqa: N818  as above
    """An attempt failed, and another one may go on from there."""


def _is_still(part: Path, written: os.stat_result) -> bool:
    """Whether the file of this name is the one that was written. Another run that began anew has
    put its own there, which is not as far yet.
    """
    try:
        return os.path.samestat(part.stat(), written)
    except FileNotFoundError:
        return False


def _ensure_media(part: Path) -> None:
    """Removes a file that shows by its first bytes to be no medium, and raises `DownloadFailed`.
    Hosts send pages and error documents under any type, and the paid result must not count as
    fetched.
    """
    with part.open("rb") as file:
        kind = signature(file.read(_HEAD))
    if kind in NOT_MEDIA:
        part.unlink()
        raise DownloadFailed(f"the link answers {NOT_MEDIA[kind]}, not a video")


def _length(answer: Answer) -> int | None:
    """The bytes of the body by its header; `None` when the host does not say."""
    length = answer.header("Content-Length") or ""
    if answer.header("Transfer-Encoding") or not (length.isascii() and length.isdigit()):
        return None
    return int(length)


def _put(part: Path, to: Path) -> None:
    """Gives the file its final name, never in place of another file."""
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
        # This file system has no hard links, so looking and renaming are two separate steps.
        if os.path.lexists(to):
            raise DownloadFailed(f"{to} is there by now, and is not overwritten") from None
        part.rename(to)
        return
    part.unlink()
