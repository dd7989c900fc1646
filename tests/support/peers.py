"""A server of raw bytes, and what is read from and written to its connections."""

from __future__ import annotations

import json
import re
from threading import Event
from typing import TYPE_CHECKING, Any, Self

from motion_preflight.sandbox.listener import Listener

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable


class Peer:
    """A server on loopback that does with each connection what it is told to."""

    def __init__(
        self, talk: Callable[[socket.socket], None], *, tls: ssl.SSLContext | None = None
    ) -> None:
        self._talk, self._tls = talk, tls
        self._listener = Listener(self._serve, closing=Event())
        self.port = self._listener.port
        self.base = f"http{'s' if tls else ''}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    @property
    def connections(self) -> int:
        """How many were accepted until now."""
        return self._listener.accepted

    def _serve(self, sock: socket.socket, _number: int) -> None:
        if self._tls is None:
            self._talk(sock)
            return
        with self._tls.wrap_socket(sock, server_side=True) as safe:
            self._listener.continue_over(safe)
            self._talk(safe)


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
