"""The few bytes of a URL that a probe needs, held at their true offsets in a temporary file."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from motion_preflight.facts import Reason, Transfer
from motion_preflight.source import Unusable
from motion_preflight.source.byte_ranges import (
    STEP,
    end_doubt,
    is_packed,
    is_part,
    is_whole,
    length_of,
    span_of,
)
from motion_preflight.source.error_text import ensure_no_error
from motion_preflight.source.held import changed, held_file
from motion_preflight.source.web import Tally, status_problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.source.held import HeldFile
    from motion_preflight.source.web import Answer, Web

_BEYOND = 32 << 10  # after a moov the first samples follow: one range brings both
_REST = 512 << 10  # a rest of the file no longer than this comes in one piece
_REQUESTS = 48  # of one medium, redirects included; what is then missing comes in one piece
_PIECES = 4  # held here and there: filling the gaps one by one would take too long
_VERSION = re.compile(r"(.*) (\d+) ([0-9a-f]{64}) ([0-9,-]*)", re.DOTALL)


@contextmanager
def open_url(url: str, *, cap: int, web: Web) -> Iterator[RemoteBytes]:
    """A URL opened for probing; its temporary file is gone afterwards. Raises `Unusable`."""
    with held_file() as held:
        remote = RemoteBytes(url, held, cap=cap, web=web)
        try:
            remote.open()
            yield remote
        except Unusable as unusable:
            unusable.size = (
                remote.size if unusable.size is None and remote.size >= 0 else unusable.size
            )
            unusable.transfer = remote.transfer if remote.transfer.requests else None
            raise
        finally:
            remote.release()


class RemoteBytes:
    """A URL's bytes, brought by ranges where the host has them, else read from the start."""

    def __init__(self, url: str, held: HeldFile, *, cap: int, web: Web) -> None:
        self.path = held.path
        self.size = -1  # not known before `open`
        self._url = url
        self._cap = cap
        self._web = web
        self._tally = Tally()
        self._held = held
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
        return f"{self._validators()} {self.size} {self._held.digest(spans)} {places}"

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
        return self._held.digest(spans) == parts[3]

    @property
    def end_doubt(self) -> str | None:
        """Why it may go on behind its last byte: of what was read as one answer, its headers."""
        return end_doubt(self._stream) if self._stream else None

    def _validators(self) -> str:
        first = self._first
        return str([first.header(name) if first else None for name in ("ETag", "Last-Modified")])

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
        elif is_whole(answer):
            self._read_on(answer)
            if self.size == STEP and length_of(answer) is None:
                self._without_ranges(answer)  # it may have been the range, without saying so
        else:
            self._take_first_range(answer)
        self._held.set_size(self.size)
        assert self._first is not None
        ensure_no_error(self._first, self._held.read(0, min(STEP, self.size)))

    def release(self) -> None:
        """Gives every connection back, also those of answers that were not read to their end."""
        for answer in self._answers:
            answer.close()

    def read(self, offset: int, length: int) -> bytes:
        self.bring(offset, length)
        return self._held.read(offset, min(offset + length, self.size))

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
        span = span_of(answer)
        if span is None or span[0] != 0 or span[1] > STEP or is_packed(answer):
            self._without_ranges(answer)
            return
        _, end, total = span
        self._set_size(total, answer)
        body = self._exactly(answer, end)
        if body is None or end != min(STEP, total):
            self._without_ranges(answer)
        else:
            self._held.write(0, body)

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
        if is_part(again):
            again.close()
            raise Unusable(Reason.UNREACHABLE, "the host sends a part of it to who asks for all")
        self._read_on(again)

    def _read_on(self, answer: Answer) -> None:
        """Reads the start of a whole answer, the rest when needed; all if it has no length."""
        if is_packed(answer):
            answer.close()
            raise Unusable(Reason.UNREACHABLE, "the host sends it compressed though asked not to")
        self._stream, self._stream_at = answer, 0
        length = length_of(answer)
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
            self._held.write(self._stream_at, piece)
            self._stream_at += len(piece)
            self._web.progress(self._stream_at, self.size if self.size > 0 else None)
            if end is None and self._stream_at >= self._cap:
                self._stream.close()
                raise Unusable(Reason.TOO_LARGE, f"{self._cap:,} bytes or more")

    def _fetch(self, start: int, end: int) -> None:
        answer = self._get(start, end)
        if answer.status in {200, 206} and self._is_other_size(answer):
            answer.close()
            raise changed()
        if answer.status not in {200, 206} or not self._is_same_version(answer):
            self._in_one_piece(answer)
            return
        if is_whole(answer):  # no more ranges, of the same file
            self._begin_stream(answer)
            return
        if span_of(answer) != (start, end, self.size) or is_packed(answer):
            answer.close()
            raise Unusable(Reason.UNREACHABLE, "the host answers another range than was asked for")
        offset = start
        while piece := answer.read():
            if offset + len(piece) > end:
                break
            self._held.write(offset, piece)
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
        if answer.status not in {200, 206} or not is_whole(answer):
            total = (answer.header("Content-Range") or "").rpartition("/")[2]
            if answer.status == 416 and total.isdigit() and int(total) != self.size:
                answer.close()
                raise changed()
            refusal = _problem_of(answer) if answer.status not in {200, 206, 412, 416} else None
            answer.close()
            url = self._first.url if self._first else self._url
            answer = self._web.get(url, headers={}, size=self._cap, tally=self._tally)
            self._answers.append(answer)
        if answer.status not in {200, 206}:
            raise refusal or _problem_of(answer)
        if self._is_other_size(answer):
            answer.close()
            raise changed()
        if is_part(answer) or is_packed(answer):
            answer.close()
            raise Unusable(Reason.UNREACHABLE, "the host sends a part of it to who asks for all")
        self._first = answer  # its validators are those of what is measured
        self._begin_stream(answer)

    def _begin_stream(self, answer: Answer) -> None:
        """From here on the file is read from the start of a whole answer."""
        if is_packed(answer):
            answer.close()
            raise Unusable(Reason.UNREACHABLE, "the host sends it compressed though asked not to")
        self._stream, self._stream_at = answer, 0
        self._web.allow(self.size)

    def _is_other_size(self, answer: Answer) -> bool:
        """Whether an answer is of a file of another size than the first one was."""
        span, length = span_of(answer), length_of(answer)
        if span is not None:
            return span[2] != self.size
        return is_whole(answer) and length is not None and length != self.size

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


def _problem_of(answer: Answer) -> Unusable:
    """What an answer without media means; its connection is given back."""
    try:
        return status_problem(answer)
    finally:
        answer.close()
