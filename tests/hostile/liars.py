"""Servers that say word for word what a test wants, and count what was taken of it."""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from peers import Peer, read_request

from hostile.media import far_moov

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import trustme

CLIP = far_moov()
STEP = 64 << 10  # the first range that is asked for
GUARD = 20.0  # seconds after which something is wrong, on whatever machine
MEMORY = 16 << 20  # bytes that a check may take, whatever it is sent
BUFFERS = 4 << 20  # bytes that are on their way when nobody takes them any more


class Line:
    """One connection to a liar."""

    def __init__(self, sock: socket.socket, liar: Liar) -> None:
        self._sock = sock
        self._liar = liar

    def hear(self) -> str:
        """The next request, body and all; `""` at the end of the connection."""
        text = read_request(self._sock).decode("latin-1")
        self._liar.heard += [text] if text else []
        return text

    def say(self, data: bytes | str) -> None:
        data = data.encode("latin-1") if isinstance(data, str) else data
        view = memoryview(data)
        while view:
            done = self._sock.send(view[: 1 << 16])
            self._liar.said += done
            view = view[done:]

    def silence(self) -> None:
        """Says nothing more, until the other side has had enough."""
        with contextlib.suppress(OSError):
            while self._sock.recv(1 << 16):
                pass

    def drip(self, data: bytes, seconds: float = 0.05) -> None:
        """Says it byte by byte."""
        for at in range(len(data)):
            self.say(data[at : at + 1])
            self._sock.settimeout(seconds)
            with contextlib.suppress(TimeoutError):
                if not self._sock.recv(1 << 16):
                    return
            self._sock.settimeout(None)


@dataclass
class Liar:
    """A server whose every connection is `talk`ed over; what it heard and said is kept."""

    talk: Callable[[Line], None]
    tls: ssl.SSLContext | None = None
    heard: list[str] = field(default_factory=list)
    said: int = 0

    def __enter__(self) -> Self:
        self._peer = Peer(self._converse, tls=self.tls)
        self._peer.__enter__()
        self.base = self._peer.base
        return self

    def __exit__(self, *_: object) -> None:
        self._peer.__exit__()

    @property
    def connections(self) -> int:
        return self._peer.connections

    def _converse(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)  # what is said is taken
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with contextlib.suppress(OSError):
            self.talk(Line(sock, self))


def secured(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    """The context of a server that is called by these names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def head(status: int = 200, *lines: str, reason: str = "Said") -> str:
    """The head of an answer."""
    return "\r\n".join([f"HTTP/1.1 {status} {reason}", *lines, "", ""])


def words(*answers: bytes | str, then: str = "close") -> Callable[[Line], None]:
    """Answers one request after the other, and ends by closing or in silence."""

    def talk(line: Line) -> None:
        for answer in answers:
            if not line.hear():
                return
            line.say(answer)
        if then == "silence":
            line.silence()

    return talk


def flood(start: str | bytes, again: str | bytes) -> Callable[[Line], None]:
    """Answers with something that does not end."""

    def talk(line: Line) -> None:
        line.hear()
        line.say(start)
        block = again.encode("latin-1") if isinstance(again, str) else again
        block *= max(1, (1 << 16) // len(block))
        while True:
            line.say(block)

    return talk


def asked_range(request: str, size: int = len(CLIP)) -> tuple[int, int] | None:
    """First and last byte of the range that is asked for."""
    match = re.search(r"(?i)\r\nrange: bytes=(\d+)-(\d+)", request)
    return (int(match[1]), min(int(match[2]), size - 1)) if match else None


def parts(
    *turns: Callable[[int, int], str | bytes],
    data: bytes = CLIP,
    then: Callable[[Line], object] | None = None,
) -> Callable[[Line], None]:
    """Answers ranges, each request in its turn (the last one from then on); plain GETs get all."""

    def talk(line: Line) -> None:
        for slot in _turns(turns):
            request = line.hear()
            if not request:
                return
            expected = asked_range(request, len(data))
            if expected is None:
                line.say(head(200, f"Content-Length: {len(data)}"))
                line.say(data)
                continue
            answer = slot(*expected)
            if answer == "":
                assert then
                then(line)
                return
            line.say(answer)

    return talk


def part(
    first: int,
    last: int,
    *,
    span: str | None = None,
    body: bytes | None = None,
    length: int | None = None,
    more: tuple[str, ...] = ('ETag: "1"',),
) -> bytes:
    """A 206 for a range, with one thing in it that is not so."""
    data = CLIP[first : last + 1] if body is None else body
    span = f"bytes {first}-{last}/{len(CLIP)}" if span is None else span
    lines = [f"Content-Range: {span}"] if span else []
    lines += [f"Content-Length: {len(data) if length is None else length}", *more]
    return head(206, *lines, reason="Partial Content").encode("latin-1") + data


def _turns(
    turns: tuple[Callable[[int, int], str | bytes], ...],
) -> Iterator[Callable[..., str | bytes]]:
    yield from turns
    while True:
        yield turns[-1]
