"""The few bytes of a URL that a probe needs, held at their true offsets in a temporary file."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight.errors import PreflightError
from motion_preflight.facts import Reason, Transfer
from motion_preflight.source import Unusable
from motion_preflight.source.held import Held
from motion_preflight.source.web import Tally, status_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.source.web import Answer, Web

STEP = 64 << 10  # the first range, and the least of any later one
_BEYOND = 32 << 10  # after a moov the first samples follow: one range brings both
_REST = 512 << 10  # a rest of the file no longer than this comes in one piece
_REQUESTS = 48  # of one medium, redirects included; what is then missing comes in one piece
_PIECES = 4  # held here and there: filling the gaps one by one would take too long
_CONTENT_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19})", re.ASCII)


@contextmanager
def open_url(url: str, *, cap: int, web: Web) -> Iterator[RemoteBytes]:
    """A URL opened for probing; its temporary file is gone afterwards. Raises `Unusable`."""
    try:
        descriptor, name = tempfile.mkstemp(prefix="motion-preflight-")
    except OSError as error:
        raise _no_room(error) from None
    path = Path(name)
    try:
        remote = RemoteBytes(url, path, descriptor, cap=cap, web=web)
        try:
            remote.open()
            yield remote
        except Unusable as unusable:
            unusable.size = (
                remote.size if unusable.size is None and remote.size >= 0 else unusable.size
            )
            unusable.transfer = remote.transfer if remote.transfer.requests else None
            raise
        except PreflightError:  # some of them are an OSError too
            raise
        except OSError as error:
            raise _no_room(error) from None
        finally:
            remote.release()
    finally:
        os.close(descriptor)
        path.unlink(missing_ok=True)


def _no_room(error: OSError) -> Unusable:
    cause = error.strerror or type(error).__name__
    message = (
        f"there is no room for a temporary file ({cause}); set TMPDIR to a folder that has some"
    )
    return Unusable(Reason.UNSUPPORTED, message)


class RemoteBytes:
    """A URL's bytes, brought by ranges where the host has them, else read from the start."""

    def __init__(self, url: str, path: Path, descriptor: int, *, cap: int, web: Web) -> None:
        self.path = path
        self.size = -1  # not known before `open`
        self._url = url
        self._descriptor = descriptor
        self._cap = cap
        self._web = web
        self._tally = Tally()
        self._held = Held()
        self._first: Answer | None = None  # its headers are what later answers must agree with
        self._stream: Answer | None = None  # a host without ranges: the answer being read
        self._stream_at = 0  # … and how far it was read
        self._answers: list[Answer] = []

    @property
    def transfer(self) -> Transfer:
        first, tally = self._first, self._tally
        return Transfer(
            requests=tally.requests,
            bytes=tally.bytes,
            status=first.status if first else None,
            content_type=first.header("Content-Type") if first else None,
            final_url=first.url if first else self._url,
            etag=first.header("ETag") if first else None,
            proxied=tally.proxied,
        )

    @property
    def version(self) -> str:
        first = self._first
        said = [first.header(name) for name in ("ETag", "Last-Modified")] if first else []
        return f"{said} {self.size}"

    def open(self) -> None:
        """Sends the first request; afterwards the size is known and the start of the file held."""
        self._web.begin(self._cap)
        answer = self._get(0, STEP)
        if _is_range(answer):
            self._take_first_range(answer)
        elif answer.status == 200:
            self._read_on(answer)
        elif answer.status == 416 and (answer.header("Content-Range") or "").endswith("*/0"):
            self._set_size(0, answer)
        elif answer.status == 416:
            self._without_ranges(answer)
        else:
            answer.close()
            raise status_problem(answer)
        os.ftruncate(self._descriptor, self.size)

    def release(self) -> None:
        """Gives every connection back, also those of answers that were not read to their end."""
        for answer in self._answers:
            answer.close()

    def read(self, offset: int, length: int) -> bytes:
        self.bring(offset, length)
        os.lseek(self._descriptor, offset, os.SEEK_SET)
        length = max(min(length, self.size - offset), 0)
        pieces = []
        while length > 0 and (piece := os.read(self._descriptor, length)):
            pieces.append(piece)
            length -= len(piece)
        return b"".join(pieces)

    def holds(self, offset: int, length: int) -> bool:
        return self._held.gap(offset, min(offset + length, self.size)) is None

    def bring(self, offset: int, length: int) -> None:
        end = min(offset + length, self.size)
        while (gap := self._held.gap(offset, end)) is not None:
            if self._stream:
                self._stream_to(end)
            elif self._tally.requests > _REQUESTS:
                self._fetch(gap[0], self.size)
            else:
                self._fetch(*self._generous(*gap))

    def whole(self) -> None:
        gap = self._held.gap(0, self.size)
        if gap and self._held.pieces > _PIECES and not self._stream:
            self._fetch(gap[0], self.size)  # some bytes twice, and many requests less
        self.bring(0, self.size)

    def _get(self, start: int, end: int) -> Answer:
        headers = {"Range": f"bytes={start}-{end - 1}"}
        url = self._url
        if self._first:
            url = self._first.url
            tag = self._first.header("ETag") or ""
            same = tag if tag.startswith('"') else self._first.header("Last-Modified")
            headers |= {"If-Range": same} if same and same.isascii() else {}
        answer = self._web.get(url, headers=headers, size=end - start, tally=self._tally)
        self._first = self._first or answer
        self._answers = [each for each in self._answers if each is self._stream] + [answer]
        return answer

    def _take_first_range(self, answer: Answer) -> None:
        span = _span(answer)
        if span is None or span[0] != 0 or span[1] > STEP or _encoded(answer):
            self._without_ranges(answer)
            return
        _, end, total = span
        self._set_size(total, answer)
        body = self._exactly(answer, end)
        if body is None or end != min(STEP, total):
            self._without_ranges(answer)
        else:
            self._hold(0, body)

    def _without_ranges(self, answer: Answer) -> None:
        """The host's ranges cannot be trusted: the file is asked for from its start."""
        answer.close()
        again = self._web.get(self._url, headers={}, size=self._cap, tally=self._tally)
        self._answers.append(again)
        self._first = again
        if _is_range(again) or again.status != 200:
            again.close()
            if _is_range(again):
                raise Unusable(
                    Reason.UNREACHABLE, "the host sends a part of it to who asks for all"
                )
            raise status_problem(again)
        self._read_on(again)

    def _read_on(self, answer: Answer) -> None:
        """Reads the start of a whole answer, the rest when needed; all if it has no length."""
        if _encoded(answer):
            answer.close()
            raise Unusable(Reason.UNREACHABLE, "the host sends it compressed though asked not to")
        self._stream = answer
        length = answer.header("Content-Length") or ""
        if length.isascii() and length.isdigit() and not answer.header("Transfer-Encoding"):
            self._set_size(int(length), answer)
            self._web.allow(self.size)
            self._stream_to(min(STEP, self.size))
            return
        self._web.allow(self._cap)
        self._stream_to(None)
        self.size = self._stream_at

    def _set_size(self, size: int, answer: Answer) -> None:
        if size >= self._cap:
            answer.close()
            raise Unusable(Reason.TOO_LARGE, f"{size:,} bytes", size=size)
        self.size = size

    def _stream_to(self, end: int | None) -> None:
        """Reads the answer on to an offset, or to its end; never past the cap."""
        assert self._stream is not None
        while end is None or self._stream_at < end:
            piece = self._stream.read()
            if not piece:
                if end is not None:
                    raise Unusable(Reason.UNREACHABLE, "the host sends less than it says")
                return
            self._hold(self._stream_at, piece)
            self._stream_at += len(piece)
            self._web.progress(self._stream_at, self.size if self.size > 0 else None)
            if end is None and self._stream_at >= self._cap:
                self._stream.close()
                raise Unusable(Reason.TOO_LARGE, f"{self._cap:,} bytes or more")

    def _fetch(self, start: int, end: int) -> None:
        answer = self._get(start, end)
        if answer.status not in {200, 206, 412, 416}:  # of the host, not of the file
            answer.close()
            raise status_problem(answer)
        if answer.status in {412, 416} or self._differs(answer):
            answer.close()
            raise Unusable(Reason.CHANGED, "the file changed while it was read")
        if (
            not _is_range(answer) and answer.status == 200 and not _encoded(answer)
        ):  # no more ranges, of the same file
            self._stream, self._stream_at = answer, 0
            self._web.allow(self.size)
            return
        if _span(answer) != (start, end, self.size) or _encoded(answer):
            answer.close()
            raise Unusable(Reason.UNREACHABLE, "the host answers another range than was asked for")
        offset = start
        while piece := answer.read():
            if offset + len(piece) > end:
                break
            self._hold(offset, piece)
            offset += len(piece)
            self._web.progress(offset, self.size)
        answer.close()
        if offset != end:
            raise Unusable(Reason.UNREACHABLE, "the host answers another length than it says")

    def _differs(self, answer: Answer) -> bool:
        """Whether an answer is of other bytes than the first one was."""
        span, length = _span(answer), answer.header("Content-Length")
        if span is not None and span[2] != self.size:
            return True
        if not _is_range(answer) and answer.status == 200 and length != str(self.size):
            return True
        assert self._first is not None
        return any(
            answer.header(name) != self._first.header(name) for name in ("ETag", "Last-Modified")
        )

    def _exactly(self, answer: Answer, length: int) -> bytes | None:
        """The body when it has that length; `None` when the host sends more or less."""
        body = bytearray()
        while piece := answer.read():
            body += piece
            if len(body) > length:
                return None
        return bytes(body) if len(body) == length else None

    def _generous(self, start: int, end: int) -> tuple[int, int]:
        """A range that makes the next request unlikely, without bytes that are held."""
        if end - start < self.size // 2:
            end = max(end + _BEYOND, start + STEP)
        if self.size - start <= _REST:
            end = self.size
        return start, min(end, self._held.next_from(start, self.size))

    def _hold(self, offset: int, data: bytes) -> None:
        os.lseek(self._descriptor, offset, os.SEEK_SET)
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]
        self._held.add(offset, offset + len(data))


def _span(answer: Answer) -> tuple[int, int, int] | None:
    """Start, end (exclusive) and total of a Content-Range; `None` when it says no such thing."""
    found = _CONTENT_RANGE.fullmatch(answer.header("Content-Range") or "")
    if not found:
        return None
    first, last, total = map(int, found.groups())
    return (first, last + 1, total) if first <= last < total else None


def _is_range(answer: Answer) -> bool:
    """Whether the body is a part of the file. A common S3 server says 200 to a range and sends that
    range alone: only its Content-Range tells that these bytes are not the whole file.
    """
    if answer.status != 200:
        return answer.status == 206
    span, length = _span(answer), answer.header("Content-Length")
    if span is None or span[1] - span[0] == span[2]:
        return False
    return length is None or length == str(span[1] - span[0])


def _encoded(answer: Answer) -> bool:
    return (answer.header("Content-Encoding") or "identity").strip().lower() != "identity"
