"""A server of raw bytes, and what is read from and written to its connections."""

from __future__ import annotations

import json
import re
import socket
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable


class Peer:
    """A server on loopback that does with each connection what it is told to."""

    def __init__(
        self, talk: Callable[[socket.socket], None], *, tls: ssl.SSLContext | None = None
    ) -> None:
        self._talk, self._tls = talk, tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.base = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"
        self.connections = 0
        self._open: list[socket.socket] = []
        self._closing = False
        self._threads = [Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        with suppress(OSError):  # wakes the acceptor
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        self._threads[0].join(5)
        self._listener.close()
        for sock in self._open:
            with suppress(OSError):  # it may have ended by itself
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            sock, _ = self._listener.accept()
            if self._closing:
                sock.close()
                return
            self.connections += 1
            self._open.append(sock)
            self._threads.append(Thread(target=self._serve, args=(sock,), daemon=True))
            self._threads[-1].start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, suppress(OSError):  # the client may hang up whenever it likes
            if self._tls:
                with self._tls.wrap_socket(sock, server_side=True) as safe:
                    self._open.append(safe)
                    self._talk(safe)
            else:
                self._talk(sock)


def read_request(sock: socket.socket) -> bytes:
    """One HTTP request, head and body; `b""` at the end of the connection."""
    result = b""
    while b"\r\n\r\n" not in result:
        more = sock.recv(1 << 16)
        if not more:
            return b""
        result += more
    length = re.search(rb"(?i)\r\ncontent-length: (\d+)", result)
    missing = int(length[1]) if length else 0
    missing -= len(result.partition(b"\r\n\r\n")[2])
    while missing > 0:
        more = sock.recv(1 << 16)
        if not more:
            return b""
        result, missing = result + more, missing - len(more)
    return result


def answer(status: int, content: bytes | dict[str, Any] = b"", **headers: str) -> bytes:
    """An HTTP answer; `_` in a header's name is `-`."""
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    named = {"Content-Length": str(len(data))} | headers
    lines = "".join(f"{name.replace('_', '-')}: {text}\r\n" for name, text in named.items())
    return f"HTTP/1.1 {status} Said\r\n{lines}\r\n".encode() + data
