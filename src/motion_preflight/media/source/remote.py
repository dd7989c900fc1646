"""The few bytes of a URL that a probe needs, at their true offsets in a temporary file."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from motion_preflight.media.source.byte_ranges import (
    STEP,
    end_doubt,
    generous_range,
    is_other_size,
    is_packed,
    is_part,
    is_whole,
    length_of,
    read_exactly,
    span_of,
    unsatisfied_size,
)
from motion_preflight.media.source.error_text import ensure_no_error, problem_of, refused
from motion_preflight.media.source.file_version import (
    NO_VALIDATORS,
    file_version,
    is_same_version,
    read_version,
    validators,
)
from motion_preflight.media.source.sparse_file import changed, open_sparse_file
from motion_preflight.network.client import TransferStats, transfer_of
from motion_preflight.network.errors import MediaUnavailable, Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.media.source.sparse_file import SparseFile
    from motion_preflight.network.client import Answer, Web
    from motion_preflight.network.transfer import Transfer

_REQUESTS = 48  # for one medium, redirects included; after them one request brings all the rest
_PIECES = 4  # with more pieces than this, one request for the rest is faster than one for each gap


@contextmanager
def open_url(url: str, *, cap: int, web: Web) -> Iterator[RemoteBytes]:
    """Opens a URL with a temporary file that is removed at the end. Raises `MediaUnavailable`."""
    with open_sparse_file() as sparse:
        remote = RemoteBytes(url, sparse, cap=cap, web=web)
        try:
            remote.open()
            yield remote
        except MediaUnavailable as unusable:
            unusable.size = (
                remote.size if unusable.size is None and remote.size >= 0 else unusable.size
            )
            unusable.transfer = remote.transfer if remote.transfer.requests else None
            raise
        finally:
            remote.release()


class RemoteBytes:
    """The bytes of a URL, fetched by ranges where the host supports them, else read from
    the start.
    """

    def __init__(self, url: str, sparse: SparseFile, *, cap: int, web: Web) -> None:
        self.path = sparse.path
        self.size = -1  # not earlier before `open`
        self._url = url
        self._cap = cap
        self._web = web
        self._tally = TransferStats()
        self._sparse = sparse
        self._first: Answer | None = None  # later answers must agree with its headers
        self._stream: Answer | None = None  # the answer that is read on, of a host without ranges
        self._stream_at = 0  # how many bytes of it were read
        self._answers: list[Answer] = []

    @property
    def transfer(self) -> Transfer:
        """How the bytes were fetched so far: requests, bytes, and what the host said of
        the file.
        """
        return transfer_of(self._first, self._tally, self._url)

    @property
    def version(self) -> str:
        """The version of the file: its validators, its size, and a digest of the bytes that were
        fetched.
        """
        return file_version(validators(self._first), self.size, self._sparse)

    def is_version(self, earlier: str) -> bool:
        """Whether the file still has the version `earlier`. Equal validators prove it. Otherwise
        its bytes are compared, as many hosts have no validators, or other ones on each server.
        """
        before = read_version(earlier)
        if before is None or before.size != self.size:
            return False
        if before.validators == validators(self._first) != NO_VALIDATORS:
            return True
        for start, end in before.spans:
            self.fetch(start, end - start)
        return self._sparse.digest(before.spans) == before.digest

    @property
    def end_doubt(self) -> str | None:
        """Why an answer that was read to its end may be a part of the file, in words, or `None`."""
        return end_doubt(self._stream) if self._stream else None

    def open(self) -> None:
        """Sends the first request and reads the start of the file; its size is known then."""
        self._web.begin(self._cap)
        answer = self._get(0, STEP)
        if unsatisfied_size(answer) == 0:
            self._set_size(0, answer)
        elif answer.status >= 400 and answer.status != 407:  # 407 comes from a proxy, not the host
            self._after_refusal(answer)
        elif answer.status not in {200, 206}:
            raise problem_of(answer)
        elif is_whole(answer):
            self._read_on(answer)
            if self.size == STEP and length_of(answer) is None:
                self._without_ranges(answer)  # it may be the range under a status of 200
        else:
            self._take_first_range(answer)
        self._sparse.set_size(self.size)
        assert self._first is not None
        ensure_no_error(self._first, self._sparse.read(0, min(STEP, self.size)))

    def release(self) -> None:
        """Closes every connection, also those of answers that were not read to their end."""
        for answer in self._answers:
            answer.close()

    def read(self, offset: int, length: int) -> bytes:
        """Reads from `offset`, fetching what is missing; fewer bytes only at the end of
        the file.
        """
        self.fetch(offset, length)
        return self._sparse.read(offset, min(offset + length, self.size))

    def has(self, offset: int, length: int) -> bool:
        """Whether these bytes were fetched already; bytes beyond the end need not be."""
        return self._sparse.gap(offset, min(offset + length, self.size)) is None

    def fetch(self, offset: int, length: int) -> None:
        """Fetches what is missing of these bytes."""
        end = min(offset + length, self.size)
        while (gap := self._sparse.gap(offset, end)) is not None:
            if self._stream:
                self._stream_to(end)
            elif self._tally.requests > _REQUESTS:
                self._fetch(gap[0], self.size)
            else:
                self._fetch(*generous_range(*gap, self.size, self._sparse))

    def fetch_all(self) -> None:
        """Fetches the rest of the file, by one request where it has many gaps."""
        gap = self._sparse.gap(0, self.size)
        if gap and self._sparse.pieces > _PIECES and not self._stream:
            self._fetch(gap[0], self.size)  # brings some bytes twice, but saves many requests
        self.fetch(0, self.size)

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
        self._answers = [answer for answer in self._answers if answer is self._stream] + [answer]
        return answer

    def _take_first_range(self, answer: Answer) -> None:
        span = span_of(answer)
        if span is None or span[0] != 0 or span[1] > STEP or is_packed(answer):
            self._without_ranges(answer)
            return
        _, end, total = span
        self._set_size(total, answer)
        body = read_exactly(answer, end)
        if body is None or end != min(STEP, total):
            self._without_ranges(answer)
        else:
            self._sparse.write(0, body)

    def _after_refusal(self, answer: Answer) -> None:
        """Asks without a Range: some hosts refuse nothing but that. If that fails too, the error
        that says more is raised.
        """
        refusal = problem_of(answer)
        try:
            self._without_ranges(answer)
        except MediaUnavailable as second:
            if second.reason is Reason.TOO_LARGE or (self._first is not answer and second.remedy):
                raise
            asked_twice = self._first is not None and self._first is not answer
            if refusal.remedy or not asked_twice:
                self._first = answer
                raise refusal from None
            raise

    def _without_ranges(self, answer: Answer) -> None:
        """Asks for the file from its start, because the host's ranges cannot be trusted."""
        answer.close()
        again = self._web.get(self._url, headers={}, size=self._cap, tally=self._tally)
        self._answers.append(again)
        self._first = again
        if again.status not in {200, 206}:
            raise problem_of(again)
        if is_part(again):
            again.close()
            raise MediaUnavailable(
                Reason.UNREACHABLE, "the host sends a part of it to who asks for all"
            )
        self._read_on(again)

    def _read_on(self, answer: Answer) -> None:
        """Reads the start of a whole answer, and the rest when needed; all of it without a
        length.
        """
        if is_packed(answer):
            raise refused(answer, "the host sends it compressed though asked not to")
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
            raise MediaUnavailable(Reason.TOO_LARGE, f"{size:,} bytes", size=size)
        self.size = size

    def _stream_to(self, end: int | None) -> None:
        """Reads the answer up to an offset, or to its end (`None`); never past the cap."""
        assert self._stream is not None
        while end is None or self._stream_at < end:
            piece = self._stream.read()
            if not piece:
                if end is not None:
                    raise MediaUnavailable(Reason.UNREACHABLE, "the host sends less than it says")
                return
            self._sparse.write(self._stream_at, piece)
            self._stream_at += len(piece)
            self._web.progress(self._stream_at, self.size if self.size > 0 else None)
            if end is None and self._stream_at >= self._cap:
                self._stream.close()
                raise MediaUnavailable(Reason.TOO_LARGE, f"{self._cap:,} bytes or more")

    def _fetch(self, start: int, end: int) -> None:
        answer = self._get(start, end)
        if answer.status in {200, 206} and is_other_size(answer, self.size):
            answer.close()
            raise changed()
        if answer.status not in {200, 206} or not is_same_version(self._first, answer):
            self._in_one_piece(answer)
            return
        if is_whole(answer):  # the same file, but the host no longer answers ranges
            self._begin_stream(answer)
            return
        if span_of(answer) != (start, end, self.size) or is_packed(answer):
            raise refused(answer, "the host answers another range than was asked for")
        offset = start
        while piece := answer.read():
            offset += len(piece)
            if offset > end:
                break
            self._sparse.write(offset - len(piece), piece)
            self._web.progress(offset, self.size)
        answer.close()
        if offset != end:
            raise MediaUnavailable(
                Reason.UNREACHABLE, "the host answers another length than it says"
            )

    def _in_one_piece(self, answer: Answer) -> None:
        """Reads the file as one answer, because the validators changed or ranges are refused. One
        answer is of one version, which must agree with the bytes that are here: servers of one host
        may name different validators for a file.
        """
        refusal = None
        if answer.status not in {200, 206} or not is_whole(answer):
            if unsatisfied_size(answer) not in {None, self.size}:
                answer.close()
                raise changed()
            refusal = problem_of(answer) if answer.status not in {200, 206, 412, 416} else None
            answer.close()
            url = self._first.url if self._first else self._url
            answer = self._web.get(url, headers={}, size=self._cap, tally=self._tally)
            self._answers.append(answer)
        if answer.status not in {200, 206}:
            raise refusal or problem_of(answer)
        if is_other_size(answer, self.size):
            answer.close()
            raise changed()
        if is_part(answer) or is_packed(answer):
            raise refused(answer, "the host sends a part of it to who asks for all")
        self._first = answer  # its validators are those of what is measured
        self._begin_stream(answer)

    def _begin_stream(self, answer: Answer) -> None:
        """Reads the file from the start of a whole answer from here on."""
        if is_packed(answer):
            raise refused(answer, "the host sends it compressed though asked not to")
        self._stream, self._stream_at = answer, 0
        self._web.allow(self.size)
