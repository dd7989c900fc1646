"""The transport of an httpx client over connections that are checked.

httpx takes no network backend, httpcore does: this is the thin layer between the two. Name and
Host header stay what the URL says; the socket goes to the address that was looked up and checked.
"""

from __future__ import annotations

import logging
import threading
import urllib.request
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpcore
import httpx

from motion_preflight.facts import Reason
from motion_preflight.source import Unusable
from motion_preflight.source.connection import Deadline, GuardedBackend

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator
    from typing import Any


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
        self._pools: dict[tuple[str, str | None], httpcore.ConnectionPool] = {}
        self._lock = threading.Lock()

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
        with _unlogged():
            answer = self._pool(url.scheme, proxy).handle_request(made)
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer),
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
            pool.close()

    def abort(self) -> None:
        """Ends every exchange under way, in whichever thread it waits."""
        self._direct.abort()
        self._to_proxy.abort()

    def _pool(self, scheme: str, proxy: str | None) -> httpcore.ConnectionPool:
        with self._lock:
            key = scheme, proxy
            if key not in self._pools:
                context = _trust() if scheme == "https" or proxy else None
                self._pools[key] = self._make_pool(proxy, context)
            return self._pools[key]

    def _make_pool(
        self, proxy: str | None, trust: ssl.SSLContext | None
    ) -> httpcore.ConnectionPool:
        if proxy is None:
            return httpcore.ConnectionPool(
                ssl_context=trust, network_backend=self._direct, max_connections=_CONNECTIONS
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
            "max_connections": _CONNECTIONS,
        }
        if parsed.url.scheme.startswith("socks"):
            try:
                return httpcore.SOCKSProxy(**made)
            except (ImportError, RuntimeError):
                message = "a SOCKS proxy needs one more package: pip install 'httpx[socks]'"
                raise Unusable(Reason.UNREACHABLE, message) from None
        return httpcore.HTTPProxy(**made)


_CONNECTIONS = 1000  # so many that nobody waits for one here: who fetches is bounded elsewhere
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
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


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
