"""One GET: redirects followed by hand, each hop checked, every failure in words."""

from __future__ import annotations

import re
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, urljoin

import httpcore
import httpx

from motion_preflight.facts import Reason
from motion_preflight.network.causes import without_number
from motion_preflight.source import Unusable
from motion_preflight.source.address import problem
from motion_preflight.source.location import is_url, printable, redacted, scrubbed
from motion_preflight.source.transport import GuardedTransport, proxy_for

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

Progress = Callable[[int, int | None], None]
"""Told of the bytes held and the size (`None`: not known) while a whole file is read."""

REDIRECTS = 5
SLOWEST = 256 << 10  # bytes a second that a host must keep up with
_TARGET_SAFE = "".join(map(chr, range(0x21, 0x7F)))  # what may stand in a request line
_AROUND = 8 << 20  # bytes of a medium's headers, chunks and ranges that come twice
_DRAINED = 16 << 10  # of a redirect's page: cheaper to read than a new connection
_STATUS = {401: Reason.DENIED, 403: Reason.DENIED, 404: Reason.MISSING, 410: Reason.MISSING}


@dataclass(slots=True)
class Tally:
    """What one medium has cost so far."""

    requests: int = 0
    bytes: int = 0
    proxied: bool = False


@dataclass(slots=True)
class Answer:
    """An answer whose body has not been read yet."""

    url: str  # of the last hop, as it was asked for
    response: httpx.Response
    tally: Tally
    pieces: Iterator[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.pieces = self.response.iter_raw()

    @property
    def status(self) -> int:
        return self.response.status_code

    def header(self, name: str) -> str | None:
        value: str | None = self.response.headers.get(name)
        return value

    def read(self) -> bytes:
        """The next piece of the body, `b""` at its end. Raises `Unusable`."""
        with _translated():
            piece = next(self.pieces, b"")
        self.tally.bytes += len(piece)
        return piece

    def close(self) -> None:
        self.response.close()


class Web:
    """One httpx client and how it may be used; threads may share it."""

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
        """Ends every exchange under way, in whichever thread it waits."""
        self._transport.abort()

    def begin(self, cap: int) -> None:
        """Starts a medium of at most that many bytes: with all its requests and redirects it may
        take four times what silence is given, and the time that the slowest whole file takes; twice
        its bytes may come, and what is said around them.
        """
        self._transport.deadline.begin(4 * self.timeout + cap / SLOWEST, 2 * cap + _AROUND)

    def allow(self, size: int) -> None:
        """Gives this thread's exchange the time for that many bytes, from now on."""
        self._transport.deadline.allow(self.timeout + size / SLOWEST)

    def get(self, url: str, *, headers: dict[str, str], size: int, tally: Tally) -> Answer:
        """The answer to a GET of which `size` bytes are wanted. Raises `Unusable`."""
        for _ in range(REDIRECTS + 1):
            wrong = problem(url, allow_private=self._allow_private)
            if wrong:
                raise Unusable(Reason.NOT_PUBLIC, f"{_shown(url)} cannot be fetched: {wrong}")
            answer = self._one(url, headers, size, tally)
            location = answer.header("Location")
            if answer.status not in {301, 302, 303, 307, 308} or not location:
                return answer
            _leave(answer)
            try:
                url = urljoin(url, _redirect_target(answer))
            except ValueError:
                raise Unusable(Reason.UNREACHABLE, "it redirects to what is no URL") from None
        raise Unusable(Reason.UNREACHABLE, f"more than {REDIRECTS} redirects")

    def _one(self, url: str, headers: dict[str, str], size: int, tally: Tally) -> Answer:
        tally.requests += 1
        self.allow(size)
        with _translated():
            request = self._client.build_request(
                "GET", url, headers=headers, extensions={"target": _target(url)}
            )
            tally.proxied = tally.proxied or proxy_for(request.url) is not None
            # not `Client.send`: it logs the URL with its signature, and looks into redirects itself
            return Answer(url, self._transport.handle_request(request), tally)


def status_problem(answer: Answer) -> Unusable:
    """What an answer without media means: its status, and the reason that its body gives."""
    from motion_preflight.network import refusals  # noqa: PLC0415  only when a host refuses

    status = answer.status
    headers = {name.lower(): value for name, value in answer.response.headers.items()}
    body = _short_body(answer, refusals.BODY)
    refusal = (
        None  # a proxy speaks of itself
        if status == 407
        else refusals.read_refusal(status, headers, body, url=answer.url)
    )
    reason = _STATUS.get(status, Reason.UNREACHABLE)
    if refusal and refusal.is_final and reason is Reason.UNREACHABLE and status < 500:
        reason = Reason.MISSING if refusal.kind is refusals.Refused.MISSING else Reason.DENIED
    wait = answer.header("Retry-After") if status in {429, 503} else None
    unit = " s" if wait and wait.isdigit() else ""  # else it is a date
    later = f", try again after {scrubbed(wait)[:40]}{unit}" if wait else ""
    phrase = scrubbed(answer.response.reason_phrase)[:60]
    why = f": {scrubbed(refusal.words)}" if refusal else ""
    remedy = refusal.remedy if refusal else None
    return Unusable(
        reason,
        f"the host answers {status} {phrase}{why}{later}",
        remedy=remedy or refusals.remedy_without_reason(status, url=answer.url),
    )


def _shown(url: str) -> str:
    """A URL that is not fetched; of one that is none, or of no host's, its scheme alone."""
    if is_url(url):
        return redacted(url)
    return f"{printable(url.partition(':')[0])[:40]}:…" if ":" in url else "…"


def _target(url: str) -> bytes:
    """Path and query as the user wrote them: signed links must not be normalised."""
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


def _short_body(answer: Answer, most: int) -> bytes:
    """The beginning of an error's body, unpacked; what cannot be read in time says nothing."""
    body = bytearray()
    try:
        while len(body) < most and (piece := answer.read()):
            body += piece
    except Unusable:
        pass
    packing = answer.header("Content-Encoding") or ""
    if packing.strip().lower() not in {"gzip", "x-gzip", "deflate"}:
        return bytes(body[:most])
    try:
        return zlib.decompressobj(47).decompress(body[:most], most)
    except zlib.error:
        return b""


def _leave(answer: Answer) -> None:
    """Reads a redirect's short page, so that its connection can be used again."""
    length = answer.header("Content-Length") or ""
    if length.isascii() and length.isdigit() and int(length) <= _DRAINED:
        while answer.read():
            pass
    answer.close()


@contextmanager
def _translated() -> Iterator[None]:
    """Failures of the network libraries, in words."""
    try:
        yield
    except (httpcore.TimeoutException, httpx.TimeoutException):
        raise Unusable(Reason.TIMEOUT, "the host did not answer in time") from None
    except (httpcore.ConnectError, httpx.ConnectError, httpcore.ProxyError) as error:
        raise Unusable(Reason.UNREACHABLE, f"no connection ({_cause(error)})") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, httpx.HTTPError) as error:
        message = f"the connection broke before the answer was complete ({_cause(error)})"
        raise Unusable(Reason.UNREACHABLE, message) from None
    except (httpx.InvalidURL, UnicodeError) as error:
        raise Unusable(Reason.NOT_PUBLIC, f"it is not a usable URL ({_cause(error)})") from None
    except OSError as error:
        raise Unusable(Reason.UNREACHABLE, f"no connection ({_cause(error)})") from None


def _cause(error: Exception) -> str:
    certificate = error.__cause__ or error.__context__
    if isinstance(certificate, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted: {certificate.verify_message}"
    text = re.sub(r":? bytearray\(.*", "", str(error), flags=re.DOTALL)  # h11 shows what came
    return scrubbed(without_number(text))[:200] or type(error).__name__


def _unseen(done: int, total: int | None) -> None:
    """Nobody watches."""
