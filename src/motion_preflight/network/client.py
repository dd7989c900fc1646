"""One GET: redirects are followed by hand, each hop is checked, every failure is put into words."""

from __future__ import annotations

import re
import ssl
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin

import httpcore
import httpx

from motion_preflight.network.addresses import host_problem, url_problem
from motion_preflight.network.backend import PUBLIC
from motion_preflight.network.causes import without_number
from motion_preflight.network.errors import MediaUnavailable, Reason
from motion_preflight.network.transfer import Progress, Transfer
from motion_preflight.network.transport import GuardedTransport, proxy_for
from motion_preflight.text.lazy_dataclass import dataclass, field
from motion_preflight.text.locations import is_url, printable, redacted, sanitize_external_text
from motion_preflight.text.module_log import ModuleLog

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType
    from typing import Self

_LOG = ModuleLog(__name__)
REDIRECTS = 5
SLOWEST = 256 << 10  # bytes a second; a host must not be slower
# Characters that need no escape in a request line.
_TARGET_SAFE = "".join(map(chr, range(0x21, 0x7F)))
_AROUND = 8 << 20  # bytes allowed for headers, chunk sizes and ranges that are read twice
# Bytes; a redirect's page up to this size is cheaper to read than a new connection.
_DRAINED = 16 << 10
# What to do about a private host to which a public one leads.
_WRITE_ITSELF = "if that host is right, write its own link in place of the one that leads to it"


@dataclass(slots=True)
class TransferStats:
    """What the transfer of one medium has cost so far."""

    requests: int = 0
    bytes: int = 0
    proxied: bool = False
    # A public host has answered. It must not lead to private ones, neither by a redirect nor by a
    # name that means another address later, even where the user may name private hosts.
    only_public: bool = False


@dataclass(slots=True)
class Answer:
    """The answer to a GET, whose body has not been read yet."""

    url: str  # of the last hop, as it was requested
    response: httpx.Response
    tally: TransferStats
    pieces: Iterator[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.pieces = self.response.iter_raw()

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        return self.response.status_code

    def header(self, name: str) -> str | None:
        """The value of a header, whatever the case of its name; `None` when it is absent."""
        value: str | None = self.response.headers.get(name)
        return value

    def read(self) -> bytes:
        """The next piece of the body, `b""` at its end. Raises `MediaUnavailable` when it does not
        come.
        """
        with _translated():
            piece = next(self.pieces, b"")
        self.tally.bytes += len(piece)
        return piece

    def close(self) -> None:
        """Gives the connection back, or closes it when the body was not read to its end."""
        self.response.close()


class Web:
    """One httpx client and the rules for its use. Threads may share it."""

    def __init__(
        self, *, timeout: float, allow_private: bool, progress: Progress | None = None
    ) -> None:
        self.timeout = timeout
        self.progress: Progress = progress or _unseen
        self._allow_private = allow_private
        self._transport = GuardedTransport(allow_private=allow_private)
        self._lock = threading.Lock()
        self._client = httpx.Client(
            transport=self._transport,
            timeout=timeout,
            headers={"Accept-Encoding": "identity", "User-Agent": "motion-preflight"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._client.close()

    def abort(self) -> None:
        """Ends every exchange under way, in all threads."""
        self._transport.abort()

    def begin(self, cap: int) -> None:
        """Starts a medium of at most `cap` bytes.

        All its requests and redirects together may take four times the time-out plus the time of a
        whole file at the slowest rate. Twice its bytes may arrive, plus an allowance for headers.
        """
        self._transport.deadline.begin(4 * self.timeout + cap / SLOWEST, 2 * cap + _AROUND)

    def allow(self, size: int) -> None:
        """Gives the current thread's exchange the time for `size` bytes, from now on."""
        self._transport.deadline.allow(self.timeout + size / SLOWEST)

    def problem(self, url: str) -> str | None:
        """Why a URL would not be fetched, judged by its text alone; `None` if it would be."""
        return url_problem(url, allow_private=self._allow_private)

    def get(self, url: str, *, headers: dict[str, str], size: int, tally: TransferStats) -> Answer:
        """The answer to a GET of which `size` bytes are needed. Raises `MediaUnavailable`."""
        for _ in range(REDIRECTS + 1):
            allow_private = self._allow_private and not tally.only_public
            wrong = url_problem(url, allow_private=allow_private)
            if wrong:
                place = _shown(url)
                if self._allow_private and tally.only_public:
                    place += ", to which a public host leads,"
                raise MediaUnavailable(Reason.NOT_PUBLIC, f"{place} cannot be fetched: {wrong}")
            answer = self._one(url, headers, size, tally)
            location = answer.header("Location")
            if answer.status not in {301, 302, 303, 307, 308} or not location:
                return answer
            _leave(answer)
            try:
                url = urljoin(url, _redirect_target(answer))
            except ValueError:
                raise MediaUnavailable(
                    Reason.UNREACHABLE, "it redirects to what is no URL"
                ) from None
        raise MediaUnavailable(Reason.UNREACHABLE, f"more than {REDIRECTS} redirects")

    def _one(self, url: str, headers: dict[str, str], size: int, tally: TransferStats) -> Answer:
        tally.requests += 1
        self.allow(size)
        tell = _LOG.timed("GET %s (%s)", url, headers.get("Range", "all of it"))
        try:
            answer = self._answer(url, headers, tally)
        except MediaUnavailable as failure:
            tell(failure.reason)
            if failure.reason is Reason.PRIVATE_HERE and self._allow_private:
                failure.remedy = _WRITE_ITSELF
            raise
        tell(answer.status)
        return answer

    def _answer(self, url: str, headers: dict[str, str], tally: TransferStats) -> Answer:
        with _translated():
            extensions = {"target": _target(url), "only_public": tally.only_public}
            request = self._client.build_request("GET", url, headers=headers, extensions=extensions)
            proxied = proxy_for(request.url) is not None
            tally.proxied = tally.proxied or proxied
            # Not `Client.send`: it logs the URL with its signature, and follows redirects itself.
            response = self._transport.handle_request(request)
            stream = response.extensions["network_stream"]
            public = (
                not host_problem(request.url.host) if proxied else stream.get_extra_info(PUBLIC)
            )
            tally.only_public = tally.only_public or public
            return Answer(url, response, tally)


def transfer_of(answer: Answer | None, tally: TransferStats, url: str) -> Transfer:
    """How the bytes of a URL arrived. `answer` is the one whose headers count, `None` when none
    came.
    """
    return Transfer(
        requests=tally.requests,
        bytes=tally.bytes,
        status=answer.status if answer else None,
        content_type=answer.header("Content-Type") if answer else None,
        final_url=answer.url if answer else url,
        etag=answer.header("ETag") if answer else None,
        proxied=tally.proxied,
    )


def _shown(url: str) -> str:
    """The URL as an error message may show it: redacted, or only its scheme when it has no host."""
    if is_url(url):
        return redacted(url)
    return f"{printable(url.partition(':')[0])[:40]}:…" if ":" in url else "…"


def _target(url: str) -> bytes:
    """The path and query as the user wrote them, because normalising would break a signature."""
    after = re.split("[/?#]", url.partition("://")[2], maxsplit=1)[0]
    target = url.partition("://")[2][len(after) :].partition("#")[0]
    if not target.startswith("/"):
        target = "/" + target
    return quote(target, safe=_TARGET_SAFE).encode("ascii")


def _redirect_target(answer: Answer) -> str:
    """The reference of a redirect, from the bytes that the host sent."""
    from motion_preflight.text.links.redirect_target import redirect_target  # noqa: PLC0415  rare

    raw = next(value for name, value in answer.response.headers.raw if name.lower() == b"location")
    return redirect_target(raw)


def _leave(answer: Answer) -> None:
    """Reads the short page of a redirect, so that its connection can be used again."""
    length = answer.header("Content-Length") or ""
    if length.isascii() and length.isdigit() and int(length) <= _DRAINED:
        while answer.read():
            pass
    answer.close()


@contextmanager
def _translated() -> Iterator[None]:
    """Turns failures of the network libraries into `MediaUnavailable`, in words."""
    try:
        yield
    except (httpcore.TimeoutException, httpx.TimeoutException):
        raise MediaUnavailable(Reason.TIMEOUT, "the host did not answer in time") from None
    except (httpcore.ConnectError, httpx.ConnectError, httpcore.ProxyError) as error:
        raise MediaUnavailable(Reason.UNREACHABLE, f"no connection ({_cause(error)})") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, httpx.HTTPError) as error:
        message = f"the connection broke before the answer was complete ({_cause(error)})"
        raise MediaUnavailable(Reason.UNREACHABLE, message) from None
    except (httpx.InvalidURL, UnicodeError) as error:
        raise MediaUnavailable(
            Reason.NOT_PUBLIC, f"it is not a usable URL ({_cause(error)})"
        ) from None
    except OSError as error:
        raise MediaUnavailable(Reason.UNREACHABLE, f"no connection ({_cause(error)})") from None


def _cause(error: Exception) -> str:
    certificate = error.__cause__ or error.__context__
    if isinstance(certificate, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted: {certificate.verify_message}"
    # The library h11 quotes the bytes it received.
    text = re.sub(r":? bytearray\(.*", "", str(error), flags=re.DOTALL)
    return sanitize_external_text(without_number(text))[:200] or type(error).__name__


def _unseen(done: int, total: int | None) -> None:
    """The progress callback for when nobody watches."""
