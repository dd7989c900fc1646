"""A line between a client and a server on this machine that is slow, or is cut."""

from __future__ import annotations

import socket
import ssl
import time
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Self

from motion_preflight.sandbox.listener import Listener

_PIECE = 1 << 16


class Line:
    """Passes on what is sent, until so many bytes have gone to the server.

    cut_at  bytes; `None`: it is never cut
    cuts    how often it is cut; afterwards it is whole. `None`: it stays cut
    speed   bytes a second to the server; `None`: as fast as it goes
    tls     what encrypts the client's end; `None`: nothing
    """

    def __init__(
        self,
        server: str,
        *,
        cut_at: int | None = None,
        cuts: int | None = None,
        speed: int | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        host, _, port = server.removeprefix("http://").partition(":")
        self._server, self._lock = (host, int(port)), Lock()
        self._cut_at, self._cuts, self._speed, self._tls = cut_at, cuts, speed, tls
        self.passed, self.was_cut = 0, 0
        self._listener = Listener(self._serve, closing=Event())
        self.base = self._listener.base
        if tls:
            self.base = self.base.replace("http:", "https:")

    def __enter__(self) -> Self:
        self._listener.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _serve(self, client: socket.socket, _number: int) -> None:
        if self._is_cut():
            return
        if self._tls is None:
            self._pass(client)
            return
        with self._tls.wrap_socket(client, server_side=True) as safe:
            self._listener.continue_over(safe)
            self._pass(safe)

    def _pass(self, client: socket.socket) -> None:
        with socket.create_connection(self._server) as server:
            answers = Thread(target=_pass_on, args=(server, client), daemon=True)
            answers.start()
            with suppress(OSError):
                while (piece := client.recv(_PIECE)) and self._takes(len(piece)):
                    server.sendall(piece)
            for sock in (server, client):
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
            answers.join()

    def _is_cut(self) -> bool:
        return bool(self.was_cut) and self._cuts is None

    def _takes(self, size: int) -> bool:
        """Whether the line takes these bytes; where it is cut, it does not."""
        if self._speed:
            time.sleep(size / self._speed)
        with self._lock:
            self.passed += size
            due = self._cut_at is not None and self.passed > self._cut_at
            if not due or (self._cuts is not None and self.was_cut >= self._cuts):
                return True
            self.was_cut += 1
            return False


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
