"""Connections that go only to checked addresses, and that always end."""

from __future__ import annotations

import contextlib

# A look-up would import it, and raise `LookupError` when it cannot.
import encodings.idna  # noqa: F401
import queue
import socket
import threading
import time
import weakref
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING

import httpcore

from motion_preflight.network.addresses import is_public, parse_ip
from motion_preflight.network.errors import MediaUnavailable, Reason

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable
    from typing import Any, TypeVar

    T = TypeVar("T")

# The first bytes of messages for a proxy alone: CONNECT, and SOCKS5's greeting and password.
_TO_PROXY = (b"CONNECT ", b"\x05", b"\x01")
PUBLIC = "is_public"  # the extra info of a stream that says whether its address is public
_GRACE = 1.0  # seconds beyond its time-out after which a connection attempt is left behind


class Deadline(threading.local):
    """The moment by which the current thread's exchange must be over, on the monotonic clock."""

    at: float = float("inf")
    pending: float | None = None  # seconds of an exchange that has not begun
    last: float = float("inf")  # the moment by which the whole medium must be over
    left: float = float("inf")  # bytes that may still come

    def begin(self, seconds: float, most: float) -> None:
        """Starts a medium with its limits.

        All of its exchanges together may take `seconds`, and `most` bytes may arrive, headers
        included.
        """
        self.last = time.monotonic() + seconds
        self.left = most

    def count_bytes(self, count: int) -> None:
        """Counts bytes that arrived. Raises `httpcore.ReadError` when they are too many."""
        self.left -= count
        if self.left < 0:
            raise httpcore.ReadError("it sends far more than was asked for")

    def allow(self, seconds: float) -> None:
        """Starts an exchange, which may take so many seconds from its first step on."""
        self.pending = seconds

    def within(self, timeout: float | None) -> float:
        """The seconds that one step may take. Raises `httpcore.ReadTimeout` when none are left."""
        if self.pending is not None:
            self.at, self.pending = min(time.monotonic() + self.pending, self.last), None
        left = self.at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the exchange took too long")
        return left if timeout is None else min(timeout, left)


class GuardedBackend(httpcore.NetworkBackend):
    """Looks a name up, checks every address of it, and connects to one of those it checked."""

    def __init__(self, deadline: Deadline, *, checked: bool) -> None:
        self._inner = httpcore.SyncBackend()
        self._deadline = deadline
        self._checked = checked
        self._streams: weakref.WeakSet[_Stream] = weakref.WeakSet()
        self._waiting: set[queue.SimpleQueue[Any]] = set()
        self._lock = threading.Lock()
        self._aborted = False
        self.wrote = False  # whether a byte of a request was handed to a connection

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connects to the first address of the host that answers.

        Raises `MediaUnavailable` when an address is not public or the name is unknown, and
        httpcore's errors when no address answers in time.
        """
        addresses = self._addresses(host, port, timeout)
        for position, address in enumerate(addresses):
            # An address that does not answer must leave time for the others.
            share = self._deadline.within(timeout) / (len(addresses) - position)
            connect = partial(
                self._inner.connect_tcp, address, port, share, local_address, socket_options
            )
            try:
                inner = self._run_in_thread(connect, share + _GRACE)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if position + 1 == len(addresses):
                    raise
            else:
                return self._register(_Stream(inner, self, address))
        raise httpcore.ConnectError(f"{host} has no address")

    def _addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        try:
            address = parse_ip(host)
        except ValueError:
            raise MediaUnavailable(Reason.NOT_PUBLIC, f"{host} is no address") from None
        if address:
            addresses = [str(address)]
        else:
            addresses = self._run_in_thread(
                partial(_look_up, host, port), self._deadline.within(timeout)
            )
        private = [one for one in addresses if not is_public(ip_address(one))]
        if self._checked and private:
            reason = Reason.NOT_PUBLIC if address else Reason.PRIVATE_HERE
            raise MediaUnavailable(reason, f"{host} is {private[0]} here, not a public address")
        return addresses

    def _run_in_thread(self, call: Callable[[], T], seconds: float) -> T:
        """Runs a look-up or a connection in a thread of its own, and waits for it.

        Neither can be interrupted, and the resolver has no time-out, so the caller must be able to
        leave it behind.
        """
        results: queue.SimpleQueue[T | Exception] = queue.SimpleQueue()

        def run() -> None:
            try:
                result: T | Exception = call()
            except Exception as error:  # noqa: BLE001  raised again by the waiting thread
                result = error
            with self._lock:
                if results in self._waiting:
                    results.put(result)
                    return
            _close(result)  # nobody waits for it any more

        self._waiting.add(results)
        try:
            self.within(seconds)
            _start_thread(run)
            result = results.get(timeout=seconds)
        except queue.Empty:
            raise httpcore.ConnectTimeout("no answer in time") from None
        finally:
            with self._lock:  # from here on, the other thread closes a late result
                self._waiting.discard(results)
            while not results.empty():
                _close(results.get())
        if isinstance(result, Exception):
            raise result
        return result

    def _register(self, stream: _Stream) -> _Stream:
        """Remembers a connection, so that an abort can wake its thread."""
        with self._lock:
            self._streams.add(stream)
        if self._aborted:
            stream.abort()
        return stream

    def abort(self) -> None:
        """Ends every exchange under way and refuses new ones, in all threads."""
        self._aborted = True
        with self._lock:  # a weak set that grows meanwhile could not be walked
            waiting, streams = list(self._waiting), list(self._streams)
        for results in waiting:
            results.put(httpcore.ReadError("interrupted"))
        for stream in streams:
            stream.abort()

    def within(self, timeout: float | None) -> float:
        """The seconds that one step may take. Raises `httpcore.ReadError` after an abort, and
        `httpcore.ReadTimeout` when none are left.
        """
        if self._aborted:
            raise httpcore.ReadError("interrupted")
        return self._deadline.within(timeout)

    def count_bytes(self, count: int) -> None:
        """Counts bytes that arrived. Raises `httpcore.ReadError` when they are too many."""
        self._deadline.count_bytes(count)


class _Stream(httpcore.NetworkStream):
    """A connection whose every step ends at the deadline, however slowly the other side sends."""

    def __init__(
        self, inner: httpcore.NetworkStream, backend: GuardedBackend, address: str
    ) -> None:
        self._inner = inner
        self._backend = backend
        self._address = address

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, self._backend.within(timeout))
        self._backend.count_bytes(len(data))
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
        stream = _Stream(inner, self._backend, self._address)
        return self._backend._register(stream)  # noqa: SLF001  same module

    def get_extra_info(self, info: str) -> Any:  # noqa: ANN401  as httpcore has it
        if info == PUBLIC:
            return is_public(ip_address(self._address))
        return self._inner.get_extra_info(info)

    def abort(self) -> None:
        """Wakes the thread that waits on this connection."""
        connection = self._inner.get_extra_info("socket")
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


def _start_thread(run: Callable[[], None]) -> None:
    try:
        threading.Thread(target=run, daemon=True, name="connect").start()
    except RuntimeError:
        raise httpcore.ConnectError("this machine has no thread left") from None


def _close(result: object) -> None:
    if isinstance(result, httpcore.NetworkStream):
        result.close()


def _look_up(host: str, port: int) -> list[str]:
    """The addresses of a name, each once. Raises `MediaUnavailable` when it has none."""
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise MediaUnavailable(
            Reason.UNREACHABLE, f"the name {host} was not found: is it right, and are you online?"
        ) from None
    return list(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in entries))
