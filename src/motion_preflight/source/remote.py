"""The few bytes of a URL that a probe needs, held at their true offsets in a temporary file."""

from __future__ import annotations

import hashlib
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
from motion_preflight.source.location import scrubbed
from motion_preflight.source.web import Tally, status_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.source.web import Answer, Web

STEP = 64 << 10  # the first range, and the least of any later one
_BEYOND = 32 << 10  # after a moov the first samples follow: one range brings both
_REST = 512 << 10  # a rest of the file no longer than this comes in one piece
_HASHED = 1 << 20  # bytes of the temporary file that a digest reads at a time
_REQUESTS = 48  # of one medium, redirects included; what is then missing comes in one piece
_PIECES = 4  # held here and there: filling the gaps one by one would take too long
_PACKED = {"gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress", "dcb", "dcz"}
_FRAMED = re.compile(rb"[0-9A-Fa-f]{1,8}(;chunk-signature=[0-9a-f]{64})?\r\n")
_VERSION = re.compile(r"(.*) (\d+) ([0-9a-f]{64}) ([0-9,-]*)", re.DOTALL)
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
        spans = self._held.spans
        places = ",".join(f"{start}-{end}" for start, end in spans)
        return f"{self._validators()} {self.size} {self._digest(spans)} {places}"

    def is_version(self, known: str) -> bool:
        """Whether the file is the one that had the version `known`: by its validators, else by the
        bytes that were fetched then, since many hosts have none, or others on each server.
        """
        parts = _VERSION.fullmatch(known)
        if parts is None or int(parts[2]) != self.size:
            return False
        validators = self._validators()
        if parts[1] == validators and validators != str([None, None]):
            return True
        places = (place.partition("-") for place in parts[4].split(",") if place)
        spans = tuple((int(start), int(end)) for start, _, end in places)
        for start, end in spans:
            self.bring(start, end - start)
        return self._digest(spans) == parts[3]

    def _validators(self) -> str:
        first = self._first
        return str([first.header(name) if first else None for name in ("ETag", "Last-Modified")])

    def _digest(self, spans: tuple[tuple[int, int], ...]) -> str:
        """A digest of stretches that are held."""
        digest = hashlib.sha256()
        for start, end in spans:
            for place in range(start, end, _HASHED):
                digest.update(self._held_bytes(place, min(place + _HASHED, end)))
        return digest.hexdigest()

    def open(self) -> None:
        """Sends the first request; afterwards the size is known and the start of the file held."""
        self._web.begin(self._cap)
        answer = self._get(0, STEP)
        if answer.status == 416 and (answer.header("Content-Range") or "").endswith("*/0"):
            self._set_size(0, answer)
        elif answer.status >= 400 and answer.status != 407:  # of a proxy, which is no host
            self._after_refusal(answer)
        elif answer.status not in {200, 206}:
            raise _problem_of(answer)
        elif _is_whole(answer):
            self._read_on(answer)
        else:
            self._take_first_range(answer)
        os.ftruncate(self._descriptor, self.size)
        self._ensure_media()

    def _ensure_media(self) -> None:
        """Raises `Unusable` when the bytes are an error's text, or framed as for an upload."""
        head = self._held_bytes(0, min(STEP, self.size))
        framed = _FRAMED.match(head)
        if framed and (framed[1] or _is_framed(head, framed.end())):
            raise Unusable(
                Reason.UNREADABLE,
                "the file was stored with the framing of its upload (aws-chunked) around its bytes",
            )
        if not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{", b"[", b"version ")):
            return
        from motion_preflight.network import refusals  # noqa: PLC0415  only of what is text

        assert self._first is not None
        signed = refusals.is_signed(self._url)
        headers = {name.lower(): value for name, value in self._first.response.headers.items()}
        refusal = refusals.read_refusal(200, headers, head, signed=signed)
        if refusal:
            missing = refusal.kind is refusals.Refused.MISSING
            reason = Reason.MISSING if missing else Reason.DENIED
            message = f"the host answers 200 and gives no file: {scrubbed(refusal.words)}"
            raise Unusable(reason, message, remedy=refusal.remedy)

    def release(self) -> None:
        """Gives every connection back, also those of answers that were not read to their end."""
        for answer in self._answers:
            answer.close()

    def read(self, offset: int, length: int) -> bytes:
        self.bring(offset, length)
        return self._held_bytes(offset, min(offset + length, self.size))

    def _held_bytes(self, offset: int, end: int) -> bytes:
        os.lseek(self._descriptor, offset, os.SEEK_SET)
        length = max(end - offset, 0)
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
        if span is None or span[0] != 0 or span[1] > STEP or _is_packed(answer):
            self._without_ranges(answer)
            return
        _, end, total = span
        self._set_size(total, answer)
        body = self._exactly(answer, end)
        if body is None or end != min(STEP, total):
            self._without_ranges(answer)
        else:
            self._hold(0, body)

    def _after_refusal(self, answer: Answer) -> None:
        """Some hosts refuse nothing but the Range: the file is asked for without one. When that
        fails too, the answer that says more is the one that is told.
        """
        refusal = _problem_of(answer)
        try:
            self._without_ranges(answer)
        except Unusable as second:
            if second.reason is Reason.TOO_LARGE or (self._first is not answer and second.remedy):
                raise
            asked_twice = self._first is not None and self._first is not answer
            if refusal.remedy or not asked_twice:
                self._first = answer
                raise refusal from None
            raise

    def _without_ranges(self, answer: Answer) -> None:
        """The host's ranges cannot be trusted: the file is asked for from its start."""
        answer.close()
        again = self._web.get(self._url, headers={}, size=self._cap, tally=self._tally)
        self._answers.append(again)
        self._first = again
        if again.status not in {200, 206}:
            raise _problem_of(again)
        if _is_part(again):
            again.close()
            raise Unusable(Reason.UNREACHABLE, "the host sends a part of it to who asks for all")
        self._read_on(again)

    def _read_on(self, answer: Answer) -> None:
        """Reads the start of a whole answer, the rest when needed; all if it has no length."""
        if _is_packed(answer):
            answer.close()
            raise Unusable(Reason.UNREACHABLE, "the host sends it compressed though asked not to")
        self._stream = answer
        length = _length(answer)
        if length is not None:
            self._set_size(length, answer)
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
        if answer.status in {200, 206} and self._is_other_size(answer):
            answer.close()
            raise _changed()
        if answer.status not in {200, 206} or not self._is_same_version(answer):
            self._in_one_piece(answer)
            return
        if _is_whole(answer):  # no more ranges, of the same file
            self._begin_stream(answer)
            return
        if _span(answer) != (start, end, self.size) or _is_packed(answer):
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

    def _in_one_piece(self, answer: Answer) -> None:
        """Another version by its validators, or no range any more: one answer has the bytes of one
        version, and those that are held already are compared with it. Servers of one host may have
        validators of their own for the same file.
        """
        refusal = None
        if answer.status not in {200, 206} or not _is_whole(answer):
            total = (answer.header("Content-Range") or "").rpartition("/")[2]
            if answer.status == 416 and total.isdigit() and int(total) != self.size:
                answer.close()
                raise _changed()
            refusal = _problem_of(answer) if answer.status not in {200, 206, 412, 416} else None
            answer.close()
            url = self._first.url if self._first else self._url
            answer = self._web.get(url, headers={}, size=self._cap, tally=self._tally)
            self._answers.append(answer)
        if answer.status not in {200, 206}:
            raise refusal or _problem_of(answer)
        if self._is_other_size(answer):
            answer.close()
            raise _changed()
        if _is_part(answer) or _is_packed(answer):
            answer.close()
            raise Unusable(Reason.UNREACHABLE, "the host sends a part of it to who asks for all")
        self._first = answer  # its validators are those of what is measured
        self._begin_stream(answer)

    def _begin_stream(self, answer: Answer) -> None:
        """From here on the file is read from the start of a whole answer."""
        if _is_packed(answer):
            answer.close()
            raise Unusable(Reason.UNREACHABLE, "the host sends it compressed though asked not to")
        self._stream, self._stream_at = answer, 0
        self._web.allow(self.size)

    def _is_other_size(self, answer: Answer) -> bool:
        """Whether an answer is of a file of another size than the first one was."""
        span, length = _span(answer), _length(answer)
        if span is not None:
            return span[2] != self.size
        return _is_whole(answer) and length is not None and length != self.size

    def _is_same_version(self, answer: Answer) -> bool:
        """Whether validators say so, or neither answer has any."""
        assert self._first is not None
        pairs = [
            (self._first.header(name), answer.header(name)) for name in ("ETag", "Last-Modified")
        ]
        (tag, tag_now), (date, date_now) = pairs
        if tag and tag_now:
            weak = tag.startswith("W/") or tag_now.startswith("W/")
            same = tag.removeprefix("W/") == tag_now.removeprefix("W/")
            return same and (not weak or date == date_now)
        if date and date_now:
            return date == date_now
        return pairs == [(None, None), (None, None)]

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
        for start, end in self._held.overlaps(offset, offset + len(data)):
            if self._held_bytes(start, end) != data[start - offset : end - offset]:
                raise _changed()
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


def _length(answer: Answer) -> int | None:
    """The bytes of a body as its header says; `None` when only its end tells."""
    length = answer.header("Content-Length") or ""
    if length.isascii() and length.isdigit() and not answer.header("Transfer-Encoding"):
        return int(length)
    return None


def _is_whole(answer: Answer) -> bool:
    """Whether the answer to a Range is the whole file all the same. A 200 is not, when its headers
    or its length say that it is the range: some storages answer so.
    """
    span, length = _span(answer), _length(answer)
    if span is not None and span[:2] == (0, span[2]):
        return length in {None, span[2]} and (answer.status == 200 or span[2] > STEP)
    if answer.status != 200:
        return False
    if answer.header("Content-Range") is not None:
        return span is not None and length == span[2]
    return length != STEP


def _is_part(answer: Answer) -> bool:
    """Whether the answer to a GET without a Range says that it is not the whole file."""
    span = _span(answer)
    if span is not None:
        whole, length = span[:2] == (0, span[2]), _length(answer)
        return length not in {None, span[2]} or (length is None and not whole)
    return answer.header("Content-Range") is not None or _is_multipart(answer)


def _is_multipart(answer: Answer) -> bool:
    return (answer.header("Content-Type") or "").lower().startswith("multipart/")


def _is_packed(answer: Answer) -> bool:
    """Whether the body is compressed. Other encodings pack nothing: the bytes decide."""
    names = (answer.header("Content-Encoding") or "").lower().split(",")
    return any(name.strip() in _PACKED for name in names)


def _is_framed(head: bytes, start: int) -> bool:
    """Whether the chunk that begins there ends as a chunk does: a size alone may be a text."""
    size = int(head[: head.index(b"\r")].partition(b";")[0], 16)
    end = head[start + size : start + size + 2]
    return end == b"\r\n" or (size > len(head) and head[start + 4 : start + 8] == b"ftyp")


def _problem_of(answer: Answer) -> Unusable:
    """What an answer without media means; its connection is given back."""
    try:
        return status_problem(answer)
    finally:
        answer.close()


def _changed() -> Unusable:
    return Unusable(Reason.CHANGED, "the file changed while it was read")
