"""A real HTTP/1.1 server on loopback, with every habit a media host can have.

    with Host() as host:
        url = host.serve("clip.mp4", data, Habit(ranges=False))

A `Habit` says how one name is answered; serving the name again replaces it. What was asked and
how much was sent is in `host.log`, which is final once the `with` block has been left.

`_Ask` decides what is answered, `_head` how that is announced, and `_Connection` how the bytes go
out and where they end.
"""

import gzip
import hashlib
import io
import re
import select
import socket
import struct
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from email.utils import formatdate
from http.client import responses
from itertools import chain, repeat
from operator import itemgetter
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Literal, Self
from urllib.parse import quote

WrongRange = Literal[
    "shifted",  # another range than asked, honestly labelled: its start is one byte off
    "other-bytes",  # the right header, but every byte of the body inverted
    "short",  # half the bytes Content-Range speaks of, and a Content-Length to match that half
    "no-header",  # no Content-Range
    "star-total",  # `*` for the total
    "200-to-range",  # 200 with a valid Content-Range, and that range alone
    "206-to-plain",  # 206 for the whole although no range was asked for
    "multipart",  # multipart/byteranges with a single part
]

_CHUNK = 16 * 1024
_BOUNDARY = "part-of-the-media"
_NO_BODY = (204, 304)


@dataclass(frozen=True, kw_only=True)
class Habit:
    """How a host answers for one name. The default is a well-behaved host."""

    # What is answered.
    head: bool = True  # False: 405 to HEAD
    status: int | None = None  # this status with a small body
    retry_after: int | str | None = None
    redirect_to: str | None = None  # the Location, sent as it stands
    redirect_status: int = 302
    endless_redirects: bool = False  # to itself, with a counter in the query
    html: bool = False  # a 200 text/html page instead of the media
    endless: bool = False  # a 200 whose body is the media over and over, chunked
    gzip: bool = False  # stored compressed: ranges count the compressed bytes
    changes_after: int | None = None  # requests of any method that still see the first version
    changed: bytes | Path = b""
    error_body: bytes = b""  # what is said with `status`
    coding: str | None = None  # a Content-Encoding that packs nothing
    # Ranges and validators.
    range_status: int | None = None  # this status for a Range alone; 200: with the range
    range_unsaid: bool = False  # the range has no Content-Range, and its length is not told
    etags: tuple[str, ...] = ()  # one for each server, in turn; "" sends none
    ranges: bool = True  # False: Range is ignored
    wrong_range: WrongRange | None = None
    if_range: bool = True  # False: If-Range is ignored, so a changed file still gets a 206
    declared_size: int | None = None  # the total it claims; only the real bytes are ever sent
    etag: Literal["strong", "weak", "none"] = "strong"
    last_modified: bool = True
    # Headers and framing.
    chunked: bool = False
    until_close: bool = False  # no length at all: the body ends with the connection
    close_each: bool = False
    set_cookie: str | None = None
    header_flood: int = 0  # bytes of extra headers, rounded up to lines of 1 KiB
    # How it goes out. A body shorter than an `_after` below is delivered as usual.
    stall_header: bool = False  # the request is read and never answered
    trickle_header: float | None = None  # seconds from one byte to the next
    trickle: float | None = None
    short_body: int | None = None  # body bytes before the connection is closed
    reset_after: int | None = None  # body bytes before the connection is reset
    stall_after: int | None = None  # body bytes before it goes silent, until the host closes


@dataclass
class Seen:
    """One request, and what became of it."""

    method: str
    target: str
    headers: dict[str, str]  # names in lower case
    connection: int  # which TCP connection it came over, counted from 1
    sent: int = 0  # body bytes the socket took, without chunk framing
    status: int = 0  # 0 while unanswered


class _Source:
    """One version of the media: bytes in memory, or a file that is only read where asked."""

    def __init__(self, data: bytes | Path, *, zipped: bool = False) -> None:
        if zipped:
            plain = data.read_bytes() if isinstance(data, Path) else data
            data = gzip.compress(plain, mtime=0)
        self._data = data
        if isinstance(data, Path):
            stat = data.stat()
            self.size, self.modified = stat.st_size, int(stat.st_mtime)
            self.tag = f"{stat.st_mtime_ns:x}-{stat.st_size:x}"
        else:
            # Both validators follow from the content, so that the same bytes served again under
            # another habit keep them and other bytes never do.
            self.size, self.tag = len(data), hashlib.sha256(data).hexdigest()[:16]
            self.modified = 1_700_000_000 + int(self.tag, 16) % 10_000_000

    def pieces(self, span: range) -> Iterator[bytes]:
        """Yield the bytes of a span, as far as they exist."""
        start, stop = span.start, min(span.stop, self.size)
        data = self._data
        with data.open("rb") if isinstance(data, Path) else io.BytesIO(data) as file:
            file.seek(start)
            while start < stop and (piece := file.read(min(_CHUNK, stop - start))):
                start += len(piece)
                yield piece

    def forever(self) -> Iterator[bytes]:
        """Yield the whole, then its beginning again and again."""
        block = b"".join(self.pieces(range(_CHUNK))) or b"\0"
        return chain(self.pieces(range(self.size)), repeat(block * (1 + _CHUNK // len(block))))


@dataclass
class _Answer:
    status: int
    headers: dict[str, str]
    body: Iterable[bytes] = ()
    length: int = 0  # what Content-Length says; negative when there is no end


@dataclass
class _Ask:
    """A request with what it is about, and the answers a habit may choose from."""

    method: str
    target: str
    headers: dict[str, str]
    keep: bool  # whether the connection may carry another request
    habit: Habit
    source: _Source
    content_type: str
    number: int  # how often the name was asked for before

    def answer(self) -> _Answer:
        choices = (self._refused, self._status, self._redirect, self._page, self._part)
        return next((built for choice in choices if (built := choice())), None) or self._whole()

    def chunked(self, answer: _Answer) -> bool:
        if answer.status in _NO_BODY or self.habit.until_close:
            return False
        return self.habit.chunked or answer.length < 0

    def _refused(self) -> _Answer | None:
        allowed = ("GET", "HEAD") if self.habit.head else ("GET",)
        return None if self.method in allowed else _text(405, {"Allow": ", ".join(allowed)})

    def _status(self) -> _Answer | None:
        later = self.habit.retry_after
        headers = {} if later is None else {"Retry-After": str(later)}
        if self.habit.range_status not in {None, 200, 206} and "range" in self.headers:
            return _text(self.habit.range_status or 0, headers)
        if self.habit.status is None:
            return None
        body, text = self.habit.error_body, _text(self.habit.status, headers)
        return replace(text, body=[body], length=len(body)) if body else text

    def _redirect(self) -> _Answer | None:
        location = self.habit.redirect_to
        if self.habit.endless_redirects:
            path, _, hop = self.target.partition("?hop=")
            location = f"{path}?hop={int(hop or 0) + 1}"
        if location is None:
            return None
        return _text(self.habit.redirect_status, {"Location": location})

    def _page(self) -> _Answer | None:
        page = b"<!doctype html><title>Sign in</title><p>Please sign in to watch this.</p>\n"
        kind = {"Content-Type": "text/html; charset=utf-8"}
        return _Answer(200, kind, [page], len(page)) if self.habit.html else None

    def _part(self) -> _Answer | None:
        habit, expected = self.habit, self.headers.get("range")
        if expected is None and habit.wrong_range == "206-to-plain":
            expected = "bytes=0-"
        # HTTP defines Range for GET only.
        if expected is None or not habit.ranges or habit.endless or self.method != "GET":
            return None
        total = self.source.size if habit.declared_size is None else habit.declared_size
        span = _span(expected, total)
        if span is None or not self._if_range():
            return None
        if not span:
            return _text(416, {"Content-Range": f"bytes */{total}"})
        if habit.wrong_range == "shifted":
            span = _shifted(span, total)
        covers = {"Content-Range": f"bytes {span.start}-{span.stop - 1}/{total}"}
        status = self.habit.range_status or 206
        if habit.range_unsaid:
            return _Answer(status, self._described(), self.source.pieces(span), -1)
        part = _Answer(status, self._described() | covers, self.source.pieces(span), len(span))
        return _spoilt(part, habit.wrong_range)

    def _whole(self) -> _Answer:
        if self.habit.endless:
            return _Answer(200, self._described(), self.source.forever(), -1)
        size, claimed = self.source.size, self.habit.declared_size
        length = size if claimed is None else claimed
        return _Answer(200, self._described(), self.source.pieces(range(size)), length)

    def _if_range(self) -> bool:
        expected, offered = self.headers.get("if-range"), self._described()
        if expected is None or not self.habit.if_range:
            return True
        # The comparison is the strong one: a weak tag does not even match itself.
        same = expected in (offered.get("ETag"), offered.get("Last-Modified"))
        return same and not expected.startswith("W/")

    def _described(self) -> dict[str, str]:
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
            headers["ETag"] = f'{"W/" if habit.etag == "weak" else ""}"{self.source.tag}"'
        if habit.last_modified:
            headers["Last-Modified"] = formatdate(self.source.modified, usegmt=True)
        if habit.gzip:
            headers["Content-Encoding"] = "gzip"
        return headers


def _text(status: int, headers: dict[str, str]) -> _Answer:
    body = f"{status} {responses.get(status, 'Unknown')}\n".encode()
    body = b"" if status in _NO_BODY else body
    return _Answer(status, {"Content-Type": "text/plain", **headers}, [body], len(body))


def _span(text: str, size: int) -> range | None:
    """Read one range: None when it is to be ignored, empty when it cannot be satisfied."""
    match = re.fullmatch(r"bytes=([0-9]{0,18})-([0-9]{0,18})", text)
    if match is None or not any(match.groups()):
        return None
    first, last = (int(number) if number else None for number in match.groups())
    if first is None:
        return range(max(0, size - (last or 0)), size)
    if last is None:
        return range(first, size)
    return None if last < first else range(first, min(last + 1, size))


def _shifted(span: range, total: int) -> range:
    start = span.start + 1 if span.start + 1 < total else max(span.start - 1, 0)
    return range(start, max(span.stop, start + 1))


def _spoilt(part: _Answer, how: WrongRange | None) -> _Answer:
    covers = part.headers["Content-Range"]
    match how:
        case "other-bytes":
            inverted = bytes(range(256))[::-1]
            return replace(part, body=(piece.translate(inverted) for piece in part.body))
        case "short":
            half = part.length // 2
            return replace(part, body=_limited(part.body, half), length=half)
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


def _limited(pieces: Iterable[bytes], left: int) -> Iterator[bytes]:
    rest = iter(pieces)
    while left > 0 and (piece := next(rest, b"")):
        yield piece[:left]
        left -= len(piece)


def _head(ask: _Ask, answer: _Answer) -> bytes:
    """Write the header, framing included."""
    habit, headers = ask.habit, {"Date": formatdate(usegmt=True), **answer.headers}
    if ask.chunked(answer):
        headers["Transfer-Encoding"] = "chunked"
    elif not habit.until_close and answer.status not in _NO_BODY:
        headers["Content-Length"] = str(answer.length)
    headers["Connection"] = "keep-alive" if ask.keep else "close"
    if habit.set_cookie is not None:
        headers["Set-Cookie"] = habit.set_cookie
    for number in range(-(-habit.header_flood // 1024)):
        headers[f"X-Flood-{number:07}"] = "x" * (1024 - len("X-Flood-0000000: \r\n"))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    reason = responses.get(answer.status, "Unknown")
    return f"HTTP/1.1 {answer.status} {reason}\r\n{lines}\r\n".encode("latin-1")


class _Connection:
    """One TCP connection: reads requests and sends the answers, as far as the habit lets it."""

    def __init__(self, host: "Host", sock: socket.socket, number: int) -> None:
        self._host, self._sock, self._number = host, sock, number
        self._unread = b""

    def run(self) -> None:
        with self._sock, suppress(OSError):
            self._sock.settimeout(0)
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # A small buffer keeps `sent` close to what the client really took.
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 * _CHUNK)
            while (head := self._read()) and self._exchange(head):
                pass

    def _read(self) -> str:
        while b"\r\n\r\n" not in self._unread:
            select.select([self._sock], [], [])
            more = self._sock.recv(_CHUNK)
            if not more:
                return ""
            self._unread += more
        head, _, self._unread = self._unread.partition(b"\r\n\r\n")
        return head.decode("latin-1")

    def _exchange(self, head: str) -> bool:
        """Answer one request; True when the connection can carry another."""
        first, *lines = head.split("\r\n")
        method, target, version = [*first.split(" "), "", ""][:3]
        pairs = (line.partition(":") for line in lines)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        seen = Seen(method, target, headers, self._number)
        served, source = self._host.note(seen)
        keep = version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
        # A request with a body is refused and the body left unread: nothing can follow it.
        keep = keep and method in ("GET", "HEAD")
        keep = keep and not (served.habit.close_each or served.habit.until_close)
        number = served.asked - 1
        ask = _Ask(method, target, headers, keep, served.habit, source, served.content_type, number)
        return self._stall() if ask.habit.stall_header else self._reply(ask, seen)

    def _reply(self, ask: _Ask, seen: Seen) -> bool:
        answer = ask.answer()
        self._host.closing.wait(self._host.delay)
        seen.status = answer.status
        head = _head(ask, answer)
        if ask.habit.trickle_header is not None:
            for byte in self._slowly([head], ask.habit.trickle_header):
                self._send(seen, byte)
            head = b""
        if ask.method == "HEAD":
            self._send(seen, head)
            return ask.keep
        return self._send_body(ask, answer, seen, head)

    def _send_body(self, ask: _Ask, answer: _Answer, seen: Seen, head: bytes) -> bool:
        habit, chunked = ask.habit, ask.chunked(answer)
        ends = {
            self._hang_up: habit.short_body,
            self._reset: habit.reset_after,
            self._stall: habit.stall_after,
        }
        limits = [(limit, end) for end, limit in ends.items() if limit is not None]
        limit, end = min(limits, key=itemgetter(0), default=(sys.maxsize, self._hang_up))
        pieces = _limited(answer.body, limit)
        for piece in pieces if habit.trickle is None else self._slowly(pieces, habit.trickle):
            if self._host.rate:
                self._host.closing.wait(len(piece) / self._host.rate)
            before, after = (b"%x\r\n" % len(piece), b"\r\n") if chunked else (b"", b"")
            # The header has waited for the first piece, so that both leave in one packet.
            self._send(seen, head + before, piece, after)
            head = b""
        if seen.sent >= limit:
            self._send(seen, head)
            return end()
        self._send(seen, head + (b"0\r\n\r\n" if chunked else b""))
        # After a lie about the length the client cannot tell where the next answer begins.
        return ask.keep and (chunked or seen.sent == answer.length)

    def _send(self, seen: Seen, before: bytes, body: bytes = b"", after: bytes = b"") -> None:
        data, done, earlier = memoryview(before + body + after), 0, seen.sent
        while done < len(data):
            select.select([], [self._sock], [])
            # Under the lock, which therefore must not block: whoever has received a byte and then
            # reads the log finds it counted.
            with self._host.lock, suppress(BlockingIOError):
                done += self._sock.send(data[done:])
                seen.sent = earlier + min(max(done - len(before), 0), len(body))

    def _slowly(self, pieces: Iterable[bytes], pause: float) -> Iterator[bytes]:
        for piece in pieces:
            for at in range(len(piece)):
                yield piece[at : at + 1]
                self._host.closing.wait(pause)

    def _hang_up(self) -> bool:
        return False

    def _stall(self) -> bool:
        self._host.closing.wait()
        return False

    def _reset(self) -> bool:
        # A reset throws away what has not arrived yet, so that is given a moment.
        self._host.closing.wait(0.05)
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        return False


@dataclass
class _Served:
    habit: Habit
    first: _Source
    later: _Source
    content_type: str
    asked: int = 0


_UNKNOWN = _Served(Habit(status=404), _Source(b""), _Source(b""), "")


class Host:
    """The server. `lock`, `closing`, `delay` and `note` are for its connections."""

    def __init__(
        self, address: str = "127.0.0.1", delay: float = 0.0, rate: float | None = None
    ) -> None:
        """Bind a free port of the address; `delay` is slept before each header, and at most `rate`
        bytes of a body go out in a second (over each connection).
        """
        self.rate = rate
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._listener = socket.create_server((address, 0), family=family, backlog=128)
        self._address = self._listener.getsockname()[:2]
        name = f"[{address}]" if ":" in address else address
        self.base = f"http://{name}:{self._address[1]}"
        self.delay, self.closing, self.lock = delay, Event(), Lock()
        self._served: dict[str, _Served] = {}
        self._log: list[Seen] = []
        self._accepted = self._forgotten = 0
        self._open: dict[Thread, socket.socket] = {}
        self._acceptor = Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        """Begin to accept."""
        self._acceptor.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close every connection at once, stalled or not."""
        self.closing.set()
        with suppress(OSError):  # Wakes the acceptor.
            socket.create_connection(self._address, 1).close()
        self._acceptor.join(5)
        self._listener.close()
        for sock in self._open.values():
            with suppress(OSError):  # It may have ended by itself.
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._open:
            thread.join(5)

    def serve(
        self,
        name: str,
        data: bytes | Path = b"",
        habit: Habit = Habit(),
        content_type: str = "video/mp4",
    ) -> str:
        """Serve data under a name, in place of what was there; returns the URL."""
        first, later = (_Source(item, zipped=habit.gzip) for item in (data, habit.changed))
        self._served[self._target(name)] = _Served(habit, first, later, content_type)
        return self.base + self._target(name)

    @property
    def log(self) -> list[Seen]:
        """A copy of what was seen until now, in the order of the requests."""
        with self.lock:
            return [replace(seen) for seen in self._log]

    @property
    def connections(self) -> int:
        """How many TCP connections were accepted since the start or the last `clear`."""
        return self._accepted - self._forgotten

    def requests(self, url_or_path: str) -> list[Seen]:
        """Return what was seen for one name; a query counts only when one is given."""
        expected = self._target(url_or_path.removeprefix(self.base))
        return [seen for seen in self.log if expected in (seen.target, seen.target.split("?")[0])]

    def clear(self) -> None:
        """Forget what was seen; the numbers of connections and `changes_after` count on."""
        with self.lock:
            self._log, self._forgotten = [], self._accepted

    def note(self, seen: Seen) -> tuple[_Served, _Source]:
        """Log a request, and find what it asks for: with its query first, then without."""
        path = seen.target.split("?")[0]
        with self.lock:
            self._log.append(seen)
            served = self._served.get(seen.target) or self._served.get(path, _UNKNOWN)
            served.asked += 1
            limit = served.habit.changes_after
            changed = limit is not None and served.asked > limit
            return served, served.later if changed else served.first

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self.closing.is_set():
                sock.close()
                return
            self._accepted += 1
            connection = _Connection(self, sock, self._accepted)
            thread = Thread(target=connection.run, daemon=True)
            self._open[thread] = sock
            thread.start()

    @staticmethod
    def _target(name: str) -> str:
        return "/" + quote(name.lstrip("/"), safe="/?&=%:@~+,;!$'()*")
