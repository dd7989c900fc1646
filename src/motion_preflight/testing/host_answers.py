"""What a media host answers to one request, by the habit of the name that is asked for."""

from __future__ import annotations

from email.utils import formatdate
from http.client import responses
from itertools import chain, repeat
from typing import TYPE_CHECKING

from motion_preflight.sandbox.content import Content, span_of
from motion_preflight.sandbox.wire import Answer, limited
from motion_preflight.sandbox.wire import head as wire_head
from motion_preflight.text.lazy_dataclass import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.sandbox.wire import Request
    from motion_preflight.testing.habit import Habit, WrongRange

_BLOCK = 16 * 1024  # bytes that a body without an end repeats, at least
_BOUNDARY = "part-of-the-media"
_NO_BODY = (204, 304)


@dataclass
class HostRequest:
    """A request with what it is about, and the answers a habit may choose from."""

    request: Request
    habit: Habit
    content: Content
    content_type: str
    number: int  # how often the name was asked for before

    @property
    def keep(self) -> bool:
        """Whether the connection may carry another request."""
        # A request with a body is refused and the body left unread: nothing can follow it.
        usual = self.request.keeps and self.request.method in ("GET", "HEAD")
        return usual and not (self.habit.close_each or self.habit.until_close)

    def answer(self) -> Answer:
        """What the habit answers; a negative `length` is that of a body without an end."""
        choices = (self._refusal, self._status, self._redirect, self._page, self._part)
        return next((built for choice in choices if (built := choice())), None) or self._whole()

    def chunked(self, answer: Answer) -> bool:
        """Whether the body goes out in chunks."""
        if answer.status in _NO_BODY or self.habit.until_close:
            return False
        return self.habit.chunked or answer.length < 0

    def _refusal(self) -> Answer | None:
        allowed = ("GET", "HEAD") if self.habit.head else ("GET",)
        return None if self.request.method in allowed else _text(405, {"Allow": ", ".join(allowed)})

    def _status(self) -> Answer | None:
        later = self.habit.retry_after
        headers = {} if later is None else {"Retry-After": str(later)}
        if self.habit.range_status not in {None, 200, 206} and "range" in self.request.headers:
            return _text(self.habit.range_status or 0, headers)
        if self.habit.status is None:
            return None
        body, text = self.habit.error_body, _text(self.habit.status, headers)
        return replace(text, body=[body], length=len(body)) if body else text

    def _redirect(self) -> Answer | None:
        location = self.habit.redirect_to
        if self.habit.endless_redirects:
            path, _, hop = self.request.target.partition("?hop=")
            location = f"{path}?hop={int(hop or 0) + 1}"
        if location is None:
            return None
        return _text(self.habit.redirect_status, {"Location": location})

    def _page(self) -> Answer | None:
        page = b"<!doctype html><title>Sign in</title><p>Please sign in to watch this.</p>\n"
        kind = {"Content-Type": "text/html; charset=utf-8"}
        return Answer(200, [page], len(page), kind) if self.habit.html else None

    def _part(self) -> Answer | None:
        habit, expected = self.habit, self.request.headers.get("range")
        if expected is None and habit.wrong_range == "206-to-plain":
            expected = "bytes=0-"
        # HTTP defines Range for GET only.
        if expected is None or not habit.ranges or habit.endless or self.request.method != "GET":
            return None
        total = self.content.size if habit.declared_size is None else habit.declared_size
        span = span_of(expected, total)
        if span is None or not self._if_range():
            return None
        if not span:
            return _text(416, {"Content-Range": f"bytes */{total}"})
        if habit.wrong_range == "shifted":
            span = _shift(span, total)
        covers = {"Content-Range": f"bytes {span.start}-{span.stop - 1}/{total}"}
        status = self.habit.range_status or 206
        if habit.range_unsaid:
            return Answer(status, self.content.pieces(span), -1, self._headers())
        part = Answer(status, self.content.pieces(span), len(span), self._headers() | covers)
        return _spoil(part, habit.wrong_range)

    def _whole(self) -> Answer:
        if self.habit.endless:
            return Answer(200, _repeat(self.content), -1, self._headers())
        size, claimed = self.content.size, self.habit.declared_size
        length = size if claimed is None else claimed
        return Answer(200, self.content.pieces(range(size)), length, self._headers())

    def _if_range(self) -> bool:
        expected, offered = self.request.headers.get("if-range"), self._headers()
        if expected is None or not self.habit.if_range:
            return True
        # The comparison is the strong one: a weak tag does not even match itself.
        same = expected in (offered.get("ETag"), offered.get("Last-Modified"))
        return same and not expected.startswith("W/")

    def _headers(self) -> dict[str, str]:
        """Headers that go with the media itself."""
        habit, headers = self.habit, {"Content-Type": self.content_type}
        if habit.ranges:
            headers["Accept-Ranges"] = "bytes"
        if habit.coding is not None:
            headers["Content-Encoding"] = habit.coding
        if habit.etags:
            tag = habit.etags[self.number % len(habit.etags)]
            headers |= {"ETag": tag} if tag else {}
        elif habit.etag != "none":
            headers["ETag"] = f'{"W/" if habit.etag == "weak" else ""}"{self.content.tag}"'
        if habit.last_modified:
            headers["Last-Modified"] = formatdate(self.content.modified, usegmt=True)
        if habit.gzip:
            headers["Content-Encoding"] = "gzip"
        return headers


def _text(status: int, headers: dict[str, str]) -> Answer:
    body = f"{status} {responses.get(status, 'Unknown')}\n".encode()
    body = b"" if status in _NO_BODY else body
    return Answer(status, [body], len(body), {"Content-Type": "text/plain", **headers})


def _repeat(content: Content) -> Iterator[bytes]:
    """Yield the whole, then its beginning again and again."""
    block = b"".join(content.pieces(range(_BLOCK))) or b"\0"
    return chain(content.pieces(range(content.size)), repeat(block * (1 + _BLOCK // len(block))))


def _shift(span: range, total: int) -> range:
    start = span.start + 1 if span.start + 1 < total else max(span.start - 1, 0)
    return range(start, max(span.stop, start + 1))


def _spoil(part: Answer, how: WrongRange | None) -> Answer:
    covers = part.headers["Content-Range"]
    match how:
        case "other-bytes":
            inverted = bytes(range(256))[::-1]
            return replace(part, body=(piece.translate(inverted) for piece in part.body))
        case "short":
            half = part.length // 2
            return replace(part, body=limited(part.body, half), length=half)
        case "no-header":
            del part.headers["Content-Range"]
        case "star-total":
            part.headers["Content-Range"] = covers.partition("/")[0] + "/*"
        case "200-to-range":
            return replace(part, status=200)
        case "multipart":
            del part.headers["Content-Range"]
            part.headers["Content-Type"] = f"multipart/byteranges; boundary={_BOUNDARY}"
            opening = f"--{_BOUNDARY}\r\nContent-Range: {covers}\r\n\r\n".encode()
            closing = f"\r\n--{_BOUNDARY}--\r\n".encode()
            length = len(opening) + part.length + len(closing)
            return replace(part, body=chain([opening], part.body, [closing]), length=length)
    return part


def head_of(host_request: HostRequest, answer: Answer) -> bytes:
    """Write the header, framing included."""
    habit, headers = host_request.habit, dict(answer.headers)
    if host_request.chunked(answer):
        headers["Transfer-Encoding"] = "chunked"
    elif not habit.until_close and answer.status not in _NO_BODY:
        headers["Content-Length"] = str(answer.length)
    if habit.set_cookie is not None:
        headers["Set-Cookie"] = habit.set_cookie
    for number in range(-(-habit.header_flood // 1024)):
        headers[f"X-Flood-{number:07}"] = "x" * (1024 - len("X-Flood-0000000: \r\n"))
    return wire_head(answer.status, headers, keep=host_request.keep)
