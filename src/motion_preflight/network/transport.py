"""The transport of an httpx client over connections whose addresses are checked.

httpx accepts no network backend, but httpcore does; this is the thin layer between them. The name
and the Host header stay as in the URL, and the socket goes to the address that was checked.
"""

from __future__ import annotations

import logging
import threading
import urllib.request
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpcore
import httpx

from motion_preflight.network.backend import Deadline, GuardedBackend
from motion_preflight.network.errors import MediaUnavailable, Reason

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from typing import Any


_HOSTS = 32  # hosts whose connections are kept open


class _Pool:
    def __init__(self, connections: httpcore.ConnectionPool) -> None:
        self.connections = connections
        self.users = 0


class GuardedTransport(httpx.BaseTransport):
    """Sends requests over checked connections, through a proxy where the environment names one and
    `proxied` allows it.
    """

    def __init__(self, *, allow_private: bool, proxied: bool = True) -> None:
        self.deadline = Deadline()
        self._proxied = proxied
        self._public = GuardedBackend(self.deadline, checked=True)
        self._direct = (
            GuardedBackend(self.deadline, checked=False) if allow_private else self._public
        )
        self._to_proxy = GuardedBackend(
            self.deadline, checked=False
        )  # the user's own proxy, often at a private address
        self._pools: OrderedDict[tuple[object, ...], _Pool] = OrderedDict()
        self._lock = threading.Lock()
        self._trusted: ssl.SSLContext | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends one request and gives its answer with the body unread. With the extension
        `only_public` it goes to a public address, whatever else is allowed. Raises httpcore's
        errors and `MediaUnavailable`.
        """
        url, extensions = request.url, dict(request.extensions)
        # The path and query as the user wrote them. Left among the extensions, they would also
        # become the target of a CONNECT to a proxy.
        target = extensions.pop("target", url.raw_path)
        only_public = extensions.pop("only_public", False)
        proxy = proxy_for(url) if self._proxied else None
        core_request = httpcore.Request(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=target),
            headers=request.headers.raw,
            content=request.stream,
            extensions=extensions,
        )
        # Waiting for one of our own connections is not the host's fault.
        if "timeout" in extensions:
            extensions["timeout"] = extensions["timeout"] | {"pool": None}
        pool = self._acquire(url, proxy, self._public if only_public else self._direct)
        try:
            with _unlogged():
                answer = pool.connections.handle_request(core_request)
        except BaseException:
            self._release(pool)
            raise
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer, lambda: self._release(pool)),
            extensions=answer.extensions,
        )

    @property
    def wrote(self) -> bool:
        """Whether any byte of a request was handed to a connection.

        Before that, nothing can have left this machine. A CONNECT for a proxy is not part of a
        request.
        """
        return any(backend.wrote for backend in self._backends)

    def close(self) -> None:
        """Closes the connections to all hosts."""
        with self._lock:  # another thread may add one
            pools = list(self._pools.values())
        for pool in pools:
            pool.connections.close()

    def abort(self) -> None:
        """Ends every exchange under way, in all threads."""
        for backend in self._backends:
            backend.abort()

    @property
    def _backends(self) -> tuple[GuardedBackend, ...]:
        return self._direct, self._public, self._to_proxy

    def _acquire(self, url: httpx.URL, proxy: str | None, direct: GuardedBackend) -> _Pool:
        """The connections to a host, marked as in use; an idle host's may be closed to make room.

        One pool for all hosts would close an idle connection to make room while another thread is
        about to use it (httpcore 1.0.9).
        """
        closing: list[_Pool] = []
        with self._lock:
            key = url.scheme, proxy, *(() if proxy else (url.host, url.port, direct))
            if key not in self._pools:
                if self._trusted is None and (url.scheme == "https" or proxy):
                    self._trusted = _trust()
                context = self._trusted if url.scheme == "https" or proxy else None
                self._pools[key] = _Pool(self._make_pool(proxy, context, direct))
            pool = self._pools[key]
            pool.users += 1
            self._pools.move_to_end(key)
            idle = [pool for pool in self._pools if not self._pools[pool].users]
            if len(self._pools) > _HOSTS:
                closing = [self._pools.pop(key) for key in idle[:1]]
        for unused in closing:
            unused.connections.close()
        return pool

    def _release(self, pool: _Pool) -> None:
        with self._lock:
            pool.users -= 1

    def _make_pool(
        self, proxy: str | None, trust: ssl.SSLContext | None, direct: GuardedBackend
    ) -> httpcore.ConnectionPool:
        if proxy is None:
            return httpcore.ConnectionPool(
                ssl_context=trust, network_backend=direct, max_connections=8
            )
        try:
            parsed = httpx.Proxy(proxy)
        except (ValueError, httpx.InvalidURL):
            raise MediaUnavailable(Reason.UNREACHABLE, "the proxy setting is not a URL") from None
        arguments: dict[str, Any] = {
            "proxy_url": httpcore.URL(
                scheme=parsed.url.raw_scheme,
                host=parsed.url.raw_host,
                port=parsed.url.port,
                target=b"/",
            ),
            "proxy_auth": parsed.raw_auth,
            "ssl_context": trust,
            "network_backend": self._to_proxy,
        }
        if parsed.url.scheme.startswith("socks"):
            try:
                return httpcore.SOCKSProxy(**arguments)
            except (ImportError, RuntimeError):
                message = "a SOCKS proxy needs one more package: pip install 'httpx[socks]'"
                raise MediaUnavailable(Reason.UNREACHABLE, message) from None
        return httpcore.HTTPProxy(**arguments)


_OURS = threading.local()


class _Unlogged(logging.Filter):
    """Keeps the headers of our answers out of httpcore's log, because a redirect may hold a signed
    link.
    """

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002  only the thread counts
        return not getattr(_OURS, "now", False)


for _name in ("http11", "connection", "proxy", "socks"):
    logging.getLogger(f"httpcore.{_name}").addFilter(_Unlogged())


@contextmanager
def _unlogged() -> Iterator[None]:
    _OURS.now = True
    try:
        yield
    finally:
        _OURS.now = False


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response, over: Callable[[], None]) -> None:
        self._answer = answer
        self._over: Callable[[], None] | None = over

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
        over, self._over = self._over, None
        if over:
            over()


def proxy_for(url: httpx.URL) -> str | None:
    """The proxy that the environment or the system names for a URL, `None` when there is none.
    NO_PROXY is honoured.
    """
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(url.host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _trust() -> ssl.SSLContext:
    """The certificate authorities: those of SSL_CERT_FILE or SSL_CERT_DIR, else httpx's own."""
    try:
        return httpx.create_ssl_context()
    except OSError as error:  # includes ssl.SSLError
        message = f"the certificate authorities cannot be read (SSL_CERT_FILE?): {error}"
        raise MediaUnavailable(Reason.UNREACHABLE, message) from None
