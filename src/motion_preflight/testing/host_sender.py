"""How a media host's answers go out, byte by byte where the habit asks for it."""

from __future__ import annotations

import select
import sys
from contextlib import suppress
from operator import itemgetter
from typing import TYPE_CHECKING

from motion_preflight.sandbox.wire import limited
from motion_preflight.testing.host_answers import head_of
from motion_preflight.text.lazy_dataclass import dataclass

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterable, Iterator
    from threading import Event, Lock

    from motion_preflight.sandbox.wire import Answer, Connection
    from motion_preflight.testing.host_answers import HostRequest


@dataclass
class LoggedRequest:
    """One request, and what became of it."""

    method: str
    target: str
    headers: dict[str, str]  # names in lower case
    connection: int  # which TCP connection it came over, counted from 1
    sent: int = 0  # body bytes the socket took, without chunk framing
    status: int = 0  # 0 while unanswered


@dataclass(frozen=True)
class Pace:
    """How fast a host answers."""

    delay: float  # seconds before each header
    rate: float | None  # bytes of a body in a second, over each connection; None: as many as go


class Sender:
    """Sends one answer, as far as the habit lets it, and counts it in the log."""

    def __init__(
        self,
        line: Connection,
        sock: socket.socket,
        logged: LoggedRequest,
        *,
        pace: Pace,
        closing: Event,
        lock: Lock,
    ) -> None:
        """`sock`, that of `line`, must not block; `lock` is that of the log."""
        self._line, self._sock, self._logged = line, sock, logged
        self._pace, self._closing, self._lock = pace, closing, lock

    def reply(self, host_request: HostRequest) -> bool:
        """Send the answer; True when the connection can carry another request."""
        if host_request.habit.stall_header:
            return self._stall()
        answer = host_request.answer()
        self._closing.wait(self._pace.delay)
        self._logged.status = answer.status
        head = head_of(host_request, answer)
        if host_request.habit.trickle_header is not None:
            for byte in self._slowly([head], host_request.habit.trickle_header):
                self._send(byte)
            head = b""
        if host_request.request.method == "HEAD":
            self._send(head)
            return host_request.keep
        return self._send_body(host_request, answer, head)

    def _send_body(self, host_request: HostRequest, answer: Answer, head: bytes) -> bool:
        habit, chunked = host_request.habit, host_request.chunked(answer)
        ends = {
            self._hang_up: habit.short_body,
            self._reset: habit.reset_after,
            self._stall: habit.stall_after,
        }
        limits = [(limit, end) for end, limit in ends.items() if limit is not None]
        limit, end = min(limits, key=itemgetter(0), default=(sys.maxsize, self._hang_up))
        pieces = limited(answer.body, limit)
        for piece in pieces if habit.trickle is None else self._slowly(pieces, habit.trickle):
            if self._pace.rate:
                self._closing.wait(len(piece) / self._pace.rate)
            before, after = (b"%x\r\n" % len(piece), b"\r\n") if chunked else (b"", b"")
            # The header has waited for the first piece, so that both leave in one packet.
            self._send(head + before, piece, after)
            head = b""
        if self._logged.sent >= limit:
            self._send(head)
            return end()
        self._send(head + (b"0\r\n\r\n" if chunked else b""))
        # After a lie about the length the client cannot tell where the next answer begins.
        return host_request.keep and (chunked or self._logged.sent == answer.length)

    def _send(self, before: bytes, body: bytes = b"", after: bytes = b"") -> None:
        data, done, earlier = memoryview(before + body + after), 0, self._logged.sent
        while done < len(data):
            select.select([], [self._sock], [])
            # Under the lock, which therefore must not block: whoever has received a byte and then
            # reads the log finds it counted.
            with self._lock, suppress(BlockingIOError):
                done += self._sock.send(data[done:])
                self._logged.sent = earlier + min(max(done - len(before), 0), len(body))

    def _slowly(self, pieces: Iterable[bytes], pause: float) -> Iterator[bytes]:
        for piece in pieces:
            for at in range(len(piece)):
                yield piece[at : at + 1]
                self._closing.wait(pause)

    def _hang_up(self) -> bool:
        return False

    def _stall(self) -> bool:
        return self._line.end("stall")

    def _reset(self) -> bool:
        # A reset throws away what has not arrived yet, so that is given a moment.
        self._closing.wait(0.05)
        return self._line.end("reset")
