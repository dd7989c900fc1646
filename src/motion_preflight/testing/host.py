"""A real HTTP/1.1 server on loopback, with every habit that a media host can have.

    with Host() as host:
        url = host.serve("clip.mp4", data, Habit(ranges=False))

A `Habit` says how one name is answered; serving the name again replaces it. What was asked and
how much was sent is in `host.log`, which is final once the `with` block has been left.

`host_answers.py` decides what is answered, and `host_sender.py` how the bytes go out and where they
end; connections and requests are those of the sandbox.
"""

from __future__ import annotations

import gzip
import socket
from pathlib import Path
from threading import Event, Lock
from typing import Self
from urllib.parse import quote

from motion_preflight.sandbox.content import Content
from motion_preflight.sandbox.listener import Listener
from motion_preflight.sandbox.wire import Connection, Request
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host_answers import HostRequest
from motion_preflight.testing.host_sender import LoggedRequest, Pace, Sender
from motion_preflight.text.lazy_dataclass import dataclass, replace

_BUFFER = 64 * 1024  # bytes that the system takes at most before the client does


@dataclass
class _Served:
    habit: Habit
    first: Content
    later: Content
    content_type: str
    requests: int = 0


_WELL_BEHAVED = Habit()
_UNKNOWN = _Served(Habit(status=404), Content(b""), Content(b""), "")


class Host:
    """The server. Threads may use it, and every connection has one."""

    def __init__(
        self,
        address: str = "127.0.0.1",
        delay: float = 0.0,
        rate: float | None = None,
        *,
        port: int = 0,
    ) -> None:
        """Bind the port of the address (0: a free one); `delay` is slept before each header, and at
        most `rate` bytes of a body go out in a second (over each connection).
        """
        self._pace, self._closing, self._lock = Pace(delay, rate), Event(), Lock()
        self._listener = Listener(self._talk, closing=self._closing, address=address, port=port)
        self.base = self._listener.base
        self._served: dict[str, _Served] = {}
        self._log: list[LoggedRequest] = []
        self._forgotten = 0

    def __enter__(self) -> Self:
        """Begin to accept."""
        self._listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close every connection at once, stalled or not."""
        self._listener.close()

    def serve(
        self,
        name: str,
        data: bytes | Path = b"",
        habit: Habit = _WELL_BEHAVED,
        content_type: str = "video/mp4",
    ) -> str:
        """Serve data under a name, in place of what was there; returns the URL."""
        first, later = (_content(item, zipped=habit.gzip) for item in (data, habit.changed))
        self._served[self._target(name)] = _Served(habit, first, later, content_type)
        return self.base + self._target(name)

    @property
    def log(self) -> list[LoggedRequest]:
        """A copy of what was seen until now, in the order of the requests."""
        with self._lock:
            return [replace(item) for item in self._log]

    @property
    def connections(self) -> int:
        """How many TCP connections were accepted since the start or the last `clear`."""
        return self._listener.accepted - self._forgotten

    def requests(self, url_or_path: str) -> list[LoggedRequest]:
        """Return what was seen for one name; a query counts only when one is given."""
        expected = self._target(url_or_path.removeprefix(self.base))
        return [item for item in self.log if expected in (item.target, item.target.split("?")[0])]

    def clear(self) -> None:
        """Forget what was seen; the numbers of connections and `changes_after` count on."""
        with self._lock:
            self._log, self._forgotten = [], self._listener.accepted

    def _talk(self, sock: socket.socket, number: int) -> None:
        # A small buffer keeps `sent` close to what the client really took.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
        line, keep = Connection(sock, self._closing), True
        while keep and (request := line.request()):
            logged = LoggedRequest(request.method, request.target, request.headers, number)
            sender = Sender(
                line, sock, logged, pace=self._pace, closing=self._closing, lock=self._lock
            )
            host_request = self._note(request, logged)
            sock.setblocking(False)  # noqa: FBT003  the standard library's own way
            keep = sender.reply(host_request)
            sock.setblocking(True)  # noqa: FBT003  as above

    def _note(self, request: Request, logged: LoggedRequest) -> HostRequest:
        """Log a request, and find what it asks for: with its query first, then without."""
        with self._lock:
            self._log.append(logged)
            served = self._served.get(request.target) or self._served.get(request.path, _UNKNOWN)
            number, limit = served.requests, served.habit.changes_after
            served.requests += 1
            changed = limit is not None and number >= limit
            content = served.later if changed else served.first
        return HostRequest(request, served.habit, content, served.content_type, number)

    @staticmethod
    def _target(name: str) -> str:
        return "/" + quote(name.lstrip("/"), safe="/?&=%:@~+,;!$'()*")


def _content(data: bytes | Path, *, zipped: bool) -> Content:
    if zipped:
        plain = data.read_bytes() if isinstance(data, Path) else data
        data = gzip.compress(plain, mtime=0)
    return Content(data)
