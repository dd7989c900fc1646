"""HTTP/1.1 over plain sockets: an answer ends exactly where it is told to."""

from __future__ import annotations

import re
import socket
import struct
import sys
from contextlib import suppress
from email.utils import formatdate
from http.client import responses
from itertools import chain
from typing import TYPE_CHECKING, Literal, Protocol

from motion_preflight.text.lazy_dataclass import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from threading import Event

DRIP = 0.05  # seconds from one byte to the next
SURPLUS = 64  # bytes that are announced and never sent
_CHUNK = 64 * 1024
_HEAD = 64 * 1024  # bytes of a request's head, at most
_LINGER = 1.0  # seconds that a client gets to see that the connection has ended

Way = Literal[
    "whole",
    "no-ranges",  # whole, whatever range was asked for
    "chunked",  # whole, without a length
    "drip",  # whole, byte by byte
    "short",  # more is announced than there is
    "half-body",
    "half-header",
    "cut",  # not a byte, then the connection is closed
    "reset",  # not a byte, then the connection is reset
    "stall",  # not a byte until the sandbox ends
]
SILENT = ("cut", "reset", "stall")
_FULL = ("whole", "no-ranges", "chunked", "drip", "short")


class Mark(Protocol):
    """Notes that a status line goes out, and whether the whole answer does."""

    def __call__(self, status: int, *, whole: bool) -> None: ...


@dataclass
class Request:
    """What a client asks. `body` is what was read of it until now."""

    method: str
    target: str
    version: str
    headers: dict[str, str]  # names in lower case
    body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query, which may be a secret."""
        return self.target.partition("?")[0]

    @property
    def length(self) -> int:
        """The bytes of the body as announced."""
        answer = self.headers.get("content-length", "0")
        return int(answer) if re.fullmatch("[0-9]{1,18}", answer) else 0

    @property
    def keeps(self) -> bool:
        """Whether the connection may carry another request."""
        asked = self.headers.get("connection", "").lower()
        return self.version == "HTTP/1.1" and asked != "close"


@dataclass
class Answer:
    """What is said, and how it goes out. `length` is what is announced."""

    status: int
    body: Iterable[bytes] = ()
    length: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    way: Way = "whole"
    fault: str = ""  # the name of the fault that made it so

    @classmethod
    def of(cls, status: int, content_type: str, body: bytes) -> Answer:
        """An answer that is at hand as a whole."""
        return cls(status, [body] if body else [], len(body), {"Content-Type": content_type})

    def head(self, *, keep: bool) -> bytes:
        """The status line and the header."""
        frame = {"Content-Length": str(self.length)}
        if self.way == "chunked":
            frame = {"Transfer-Encoding": "chunked"}
        return head(self.status, {**self.headers, **frame}, keep=keep)


class Connection:
    """One TCP connection: requests come in, and answers go out as far as their way lets them."""

    def __init__(self, sock: socket.socket, closing: Event) -> None:
        self._sock, self._closing = sock, closing
        self._unread = bytearray()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def request(self) -> Request | None:
        """The next request, of which only the head was read; `None` when none comes."""
        while b"\r\n\r\n" not in self._unread:
            if len(self._unread) > _HEAD or not self._more():
                return None
        head, _, rest = self._unread.partition(b"\r\n\r\n")
        self._unread = rest
        first, *lines = head.decode("latin-1").split("\r\n")
        method, target, version = [*first.split(" "), "", ""][:3]
        pairs = (line.partition(":") for line in lines)
        return Request(
            method, target, version, {name.lower(): value.strip() for name, _, value in pairs}
        )

    def read(self, request: Request, count: int) -> bool:
        """Whether so many bytes of the body came; the request holds what did."""
        while len(self._unread) < count and self._more():
            pass
        request.body = bytes(self._unread[:count])
        del self._unread[:count]
        return len(request.body) == count

    def send(self, request: Request, answer: Answer, mark: Mark) -> bool:
        """Send an answer by its way; `True` when the connection can carry another request."""
        if answer.way in SILENT:
            return self.end(answer.way)
        keep = request.keeps and answer.way in _FULL
        mark(answer.status, whole=False)
        try:
            sent = self._put(request, answer, mark, answer.head(keep=keep))
        except OSError:
            mark(answer.status, whole=False)
            raise
        # After a lie about the length the client cannot tell where the next answer begins.
        return keep if sent else self.end("cut")

    def end(self, way: Way) -> bool:
        """End the connection without another byte; always `False`."""
        if way == "stall":
            self._closing.wait()
        elif way == "reset":
            linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        else:
            # Closing a socket with unread bytes resets it, and what was sent may be lost on the
            # way: so the end is announced, and the client's own end awaited.
            with suppress(OSError):
                self._sock.shutdown(socket.SHUT_WR)
                self._sock.settimeout(_LINGER)
                while self._sock.recv(_CHUNK):
                    pass
        return False

    def _put(self, request: Request, answer: Answer, mark: Mark, head: bytes) -> bool:
        """Whether everything that was announced went out."""
        body = () if request.method == "HEAD" else answer.body
        left = len(head) + (0 if request.method == "HEAD" else answer.length)
        if answer.way == "chunked":
            body = chain((b"%x\r\n%b\r\n" % (len(item), item) for item in body), [b"0\r\n\r\n"])
        ends = {"half-header": len(head) // 2, "half-body": len(head) + answer.length // 2}
        pieces = limited(chain([head], body), ends.get(answer.way, sys.maxsize))
        pause = DRIP if answer.way == "drip" else 0
        if pause:
            pieces = (bytes([byte]) for piece in pieces for byte in piece)
        for piece in pieces:
            left -= len(piece)
            if left <= 0:  # before it is sent: who has received it finds it noted
                mark(answer.status, whole=True)
            self._sock.sendall(piece)
            if pause and self._closing.wait(pause):
                return False
        return left <= 0

    def _more(self) -> bool:
        with suppress(OSError):
            more = self._sock.recv(_CHUNK)
            self._unread += more
            return bool(more)
        return False


def head(status: int, headers: Mapping[str, str], *, keep: bool) -> bytes:
    """A status line and a header, with today's date; `keep`: the connection goes on."""
    named = {"Date": formatdate(usegmt=True), **headers}
    named["Connection"] = "keep-alive" if keep else "close"
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    reason = responses.get(status, "Unknown")
    return f"HTTP/1.1 {status} {reason}\r\n{lines}\r\n".encode("latin-1")


def limited(pieces: Iterable[bytes], left: int) -> Iterator[bytes]:
    """The pieces until so many bytes have come."""
    rest = iter(pieces)
    while left > 0 and (piece := next(rest, b"")):
        yield piece[:left]
        left -= len(piece)
