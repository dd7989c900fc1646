"""Connections: only to addresses that were checked, and never without end."""

from __future__ import annotations

import contextlib
import encodings.idna  # noqa: F401  else a look-up imports it, and says `LookupError` where it cannot
import queue
import socket
import threading
import time
import weakref
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING

import httpcore

from motion_preflight.facts import Reason
from motion_preflight.source import Unusable
from motion_preflight.source.address import is_public, literal

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    T = TypeVar("T")

# How what is for a proxy alone begins: CONNECT, and the greeting and password of SOCKS5.
_TO_PROXY = (b"CONNECT ", b"\x05", b"\x01")
_GRACE = 1.0  # seconds after which a connection that should have timed out is left alone


class Deadline(threading.local):
    """The moment by which this thread's exchange must be over, on the monotonic clock."""

    at: float = float("inf")
    pending: float | None = None
    last: float = float("inf")  # whatever is allowed on the way
    left: float = float("inf")  # bytes that may still come

    def begin(self, seconds: float, most: float) -> None:
        """Starts a medium, which may take that long over all of its exchanges, and that many bytes
        with all that is said around its body.
        """
        self.last = time.monotonic() + seconds
        self.left = most

    def took(self, count: int) -> None:
        """Counts bytes that came; raises `httpcore.ReadError` when they are too many."""
        self.left -= count
        if self.left < 0:
            raise httpcore.ReadError("it sends far more than was asked for")

    def allow(self, seconds: float) -> None:
        """Starts an exchange."""
        self.pending = seconds

    def within(self, timeout: float | None) -> float:
        """The time that one step may take; raises `httpcore.ReadTimeout` when none is left."""
        if self.pending is not None:
            self.at, self.pending = min(time.monotonic() + self.pending, self.last), None
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the exchange took too long")
        return left if timeout is None else min(timeout, left)


class GuardedBackend(httpcore.NetworkBackend):
    """Looks names up, checks every address, connects to one of those it checked."""

    def __init__(self, deadline: Deadline, *, checked: bool) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline
        self._checked = checked
        self._streams: weakref.WeakSet[_Stream] = weakref.WeakSet()
        self._waiting: set[queue.SimpleQueue[Any]] = set()
        self._lock = threading.Lock()
        self._aborted = False
        self.wrote = False  # a byte of a request was given to a connection

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._addresses(host, port, timeout)
        for position, address in enumerate(addresses):
            # a dead first address leaves time for the others
            share = self._deadline.within(timeout) / (len(addresses) - position)
            connect = partial(
                self._inner.connect_tcp, address, port, share, local_address, socket_options
            )
            try:
                inner = self._waited(connect, share + _GRACE)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if position + 1 == len(addresses):
                    raise
            else:
                return self._kept(_Stream(inner, self))
        raise httpcore.ConnectError(f"{host} has no address")

    def _addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        try:
            address = literal(host)
        except ValueError:
            raise Unusable(Reason.NOT_PUBLIC, f"{host} is no address") from None
        if address:
            found = [str(address)]
        else:
            found = self._waited(partial(_looked_up, host, port), self._deadline.within(timeout))
        private = [each for each in found if not is_public(ip_address(each))]
        if self._checked and private:
            reason = Reason.NOT_PUBLIC if address else Reason.PRIVATE_HERE
            raise Unusable(reason, f"{host} is {private[0]} here, not a public address")
        return found

    def _waited(self, call: Callable[[], T], seconds: float) -> T:
        """A call that nothing can interrupt (a look-up, a connection), in a thread of its own: the
        resolver has no time-out, and neither can be woken.
        """
        answer: queue.SimpleQueue[T | Exception] = queue.SimpleQueue()

        def run() -> None:
            try:
                found: T | Exception = call()
            except Exception as error:  # noqa: BLE001  raised again by who waits
                found = error
            with self._lock:
                if answer in self._waiting:
                    answer.put(found)
                    return
            _close(found)  # nobody waits for it any more

        self._waiting.add(answer)
        try:
            self.within(seconds)
            _begun(run)
            found = answer.get(timeout=seconds)
        except queue.Empty:
            raise httpcore.ConnectTimeout("no answer in time") from None
        finally:
            with self._lock:  # from here on, what comes is closed by who made it
                self._waiting.discard(answer)
            while not answer.empty():
                _close(answer.get())
        if isinstance(found, Exception):
            raise found
        return found

    def _kept(self, stream: _Stream) -> _Stream:
        self._streams.add(stream)
        if self._aborted:
            stream.abort()
        return stream

    def abort(self) -> None:
        self._aborted = True
        for answer in list(self._waiting):
            answer.put(httpcore.ReadError("interrupted"))
        for stream in list(self._streams):
            stream.abort()

    def within(self, timeout: float | None) -> float:
        if self._aborted:
            raise httpcore.ReadError("interrupted")
        return self._deadline.within(timeout)

    def took(self, count: int) -> None:
        self._deadline.took(count)


class _Stream(httpcore.NetworkStream):
    """A connection whose every step ends at the deadline, however slowly the other side drips."""

    def __init__(self, inner: httpcore.NetworkStream, backend: GuardedBackend) -> None:
        self._inner = inner
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, self._backend.within(timeout))
        self._backend.took(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        timeout = self._backend.within(timeout)
        if buffer and not buffer.startswith(_TO_PROXY):
            self._backend.wrote = True
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        timeout = self._backend.within(timeout)
        inner = self._inner.start_tls(ssl_context, server_hostname, timeout)
        return self._backend._kept(_Stream(inner, self._backend))  # noqa: SLF001  same module

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  as httpcore has it
        return self._inner.get_extra_info(info)

    def abort(self) -> None:
        """Wakes whoever waits on this connection."""
        connection = self._inner.get_extra_info("socket")
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _begun(run: Callable[[], None]) -> None:
    try:
        threading.Thread(target=run, daemon=True, name="connect").start()
    except RuntimeError:
        raise httpcore.ConnectError("this machine has no thread left") from None


def _close(found: object) -> None:
    if isinstance(found, httpcore.NetworkStream):
        found.close()


def _looked_up(host: str, port: int) -> list[str]:
    """The addresses of a name."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unusable(
            Reason.UNREACHABLE, f"the name {host} was not found: is it right, and are you online?"
        ) from None
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
