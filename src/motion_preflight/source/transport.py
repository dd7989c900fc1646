"""The transport of an httpx client over connections that are checked.

httpx takes no network backend, httpcore does: this is the thin layer between the two. Name and
Host header stay what the URL says; the socket goes to the address that was looked up and checked.
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

from motion_preflight.facts import Reason
from motion_preflight.source import Unusable
from motion_preflight.source.connection import Deadline, GuardedBackend

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from typing import Any


_HOSTS = 32


class _Pool:
    def __init__(self, connections: httpcore.ConnectionPool) -> None:
        self.connections = connections
        self.users = 0


class GuardedTransport(httpx.BaseTransport):
    """Sends requests over checked connections; through a proxy where the environment names one and
    `proxied` allows it.
    """

    def __init__(self, *, allow_private: bool, proxied: bool = True) -> None:
        self.deadline = Deadline()
        self._proxied = proxied
        self._direct = GuardedBackend(self.deadline, checked=not allow_private)
        self._to_proxy = GuardedBackend(
            self.deadline, checked=False
        )  # the user's own, often private
        self._pools: OrderedDict[tuple[object, ...], _Pool] = OrderedDict()
        self._lock = threading.Lock()
        self._trusted: ssl.SSLContext | None = None

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url, extensions = request.url, dict(request.extensions)
        # the path and query as the user wrote them; as an extension a proxy would be sent them too
        target = extensions.pop("target", url.raw_path)
        proxy = proxy_for(url) if self._proxied else None
        made = httpcore.Request(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=target),
            headers=request.headers.raw,
            content=request.stream,
            extensions=extensions,
        )
        if "timeout" in extensions:  # of a queue of ours no host is to blame
            extensions["timeout"] = extensions["timeout"] | {"pool": None}
        pool = self._taken(url, proxy)
        try:
            with _unlogged():
                answer = pool.connections.handle_request(made)
        except BaseException:
            self._given_back(pool)
            raise
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer, lambda: self._given_back(pool)),
            extensions=answer.extensions,
        )

    @property
    def wrote(self) -> bool:
        """Whether any byte of a request has been given to a connection. Before that, nothing can
        have left; what a proxy is asked to connect to is no part of a request.
        """
        return self._direct.wrote or self._to_proxy.wrote

    def close(self) -> None:
        for pool in self._pools.values():
            pool.connections.close()

    def abort(self) -> None:
        """Ends every exchange under way, in whichever thread it waits."""
        self._direct.abort()
        self._to_proxy.abort()

    def _taken(self, url: httpx.URL, proxy: str | None) -> _Pool:
        """The connections to a host; those of a host that nobody talks to are closed some time.

        One pool for all hosts would close an idle connection to make room while another thread is
        about to use it (httpcore 1.0.9).
        """
        closing: list[_Pool] = []
        with self._lock:
            key = url.scheme, proxy, *(() if proxy else (url.host, url.port))
            if key not in self._pools:
                if self._trusted is None and (url.scheme == "https" or proxy):
                    self._trusted = _trust()
                context = self._trusted if url.scheme == "https" or proxy else None
                self._pools[key] = _Pool(self._make_pool(proxy, context))
            pool = self._pools[key]
            pool.users += 1
            self._pools.move_to_end(key)
            idle = [each for each in self._pools if not self._pools[each].users]
            if len(self._pools) > _HOSTS:
                closing = [self._pools.pop(each) for each in idle[:1]]
        for each in closing:
            each.connections.close()
        return pool

    def _given_back(self, pool: _Pool) -> None:
        with self._lock:
            pool.users -= 1

    def _make_pool(
        self, proxy: str | None, trust: ssl.SSLContext | None
    ) -> httpcore.ConnectionPool:
        if proxy is None:
            return httpcore.ConnectionPool(
                ssl_context=trust, network_backend=self._direct, max_connections=8
            )
        try:
            parsed = httpx.Proxy(proxy)
        except (ValueError, httpx.InvalidURL):
            raise Unusable(Reason.UNREACHABLE, "the proxy setting is not a URL") from None
        made: dict[str, Any] = {
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
                return httpcore.SOCKSProxy(**made)
            except (ImportError, RuntimeError):
                message = "a SOCKS proxy needs one more package: pip install 'httpx[socks]'"
                raise Unusable(Reason.UNREACHABLE, message) from None
        return httpcore.HTTPProxy(**made)


_OURS = threading.local()


class _Unlogged(logging.Filter):
    """Keeps our answers' headers out of httpcore's log: a redirect's may hold a signed link."""

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: ARG002  ours or not is what counts
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
    """The proxy that the environment (or the system) names for a URL, NO_PROXY honoured."""
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(url.host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _trust() -> ssl.SSLContext:
    """The certificate authorities: SSL_CERT_FILE or SSL_CERT_DIR, else httpx's own."""
    try:
        return httpx.create_ssl_context()
    except OSError as error:  # ssl.SSLError is one
        message = f"the certificate authorities cannot be read (SSL_CERT_FILE?): {error}"
        raise Unusable(Reason.UNREACHABLE, message) from None
