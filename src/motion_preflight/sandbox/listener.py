"""A TCP server on this machine: every connection has a thread, and all of them end with it."""

from __future__ import annotations

import socket
from contextlib import suppress
from threading import Event, Lock, Thread, current_thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_PATIENCE = 15.0  # seconds for a thread to end: the sandbox may be measuring a medium
_PAUSE = 0.05  # seconds until another connection is accepted when there were too many open files


class Listener:
    """Accepts connections and has each served by `talk`, which gets its socket and its number,
    counted from 1. `closing` is set when the server ends, so that whoever waits can stop.
    """

    def __init__(
        self,
        talk: Callable[[socket.socket, int], None],
        *,
        closing: Event,
        address: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        """Bind the port (0: a free one); `start` begins to accept."""
        self._talk, self._closing = talk, closing
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._socket = socket.create_server((address, port), family=family, backlog=4096)
        self._address = self._socket.getsockname()[:2]
        name = f"[{address}]" if ":" in address else address
        self.port: int = self._address[1]
        self.base = f"http://{name}:{self.port}"
        self.accepted = 0
        self._lock = Lock()
        self._open: dict[Thread, socket.socket] = {}
        self._acceptor = Thread(target=self._accept, name="listener", daemon=True)

    def start(self) -> None:
        """Begin to accept."""
        self._acceptor.start()

    def close(self) -> None:
        """Close every connection at once, stalled or not."""
        self._closing.set()
        with suppress(OSError):  # Wakes the acceptor.
            socket.create_connection(self._address, 1).close()
        self._acceptor.join(5)
        self._socket.close()
        with self._lock:
            still = dict(self._open)
        for sock in still.values():
            with suppress(OSError):  # It may have ended by itself.
                sock.shutdown(socket.SHUT_RDWR)
        for thread in still:
            thread.join(_PATIENCE)

    def continue_over(self, sock: socket.socket) -> None:
        """Have this thread's connection go on over another socket, such as one of TLS."""
        with self._lock:
            self._open[current_thread()] = sock

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._socket.accept()
            except OSError:  # too many open files; some of them will be closed
                if self._closing.wait(_PAUSE):
                    return
                continue
            if self._closing.is_set():
                sock.close()
                return
            self.accepted += 1
            thread = Thread(target=self._serve, args=(sock, self.accepted), daemon=True)
            with self._lock:
                self._open[thread] = sock
            thread.start()

    def _serve(self, sock: socket.socket, number: int) -> None:
        try:
            with sock, suppress(OSError):  # the client may hang up whenever it likes
                self._talk(sock, number)
        finally:
            with self._lock:
                del self._open[current_thread()]
