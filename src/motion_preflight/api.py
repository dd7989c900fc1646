"""The provider's HTTP: the paid POST, task, balance, image upload. Nothing here is tried again.

The key goes to the origin of the base URL and nowhere else: no redirect is followed, and that
origin is https unless it is this machine.
"""

from __future__ import annotations

import contextlib
import re
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import httpcore
import httpx

from motion_preflight.answers import (
    Meaning,
    Refused,
    Submitted,
    Task,
    Unclear,
    balance,
    meaning,
    message,
    parsed,
    redirected,
    retry_after,
    task,
    uploaded_url,
)
from motion_preflight.api_key import checked_key
from motion_preflight.errors import SettingsInvalid
from motion_preflight.network.causes import without_number
from motion_preflight.provider.kept_answer import kept_answer
from motion_preflight.provider.redirects import redirect_words, without_endpoint
from motion_preflight.redaction import key_forms, without, without_long_words
from motion_preflight.source import Unusable
from motion_preflight.source.address import literal
from motion_preflight.source.location import redacted, scrubbed
from motion_preflight.source.transport import GuardedTransport
from motion_preflight.source.web import SLOWEST
from motion_preflight.text.credentials import KEY_KINDS, separate_credentials
from motion_preflight.text.links.comparison import origin_of
from motion_preflight.text.links.placeholders import placeholder_in, reserved_host

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal
    from typing import Self

GENERATIONS = "/v1/videos/generations"
BASE_URL = "https://api.apimart.ai"  # APIMart's API pages (documented)
# The provider's own program sends it beside the key (second-hand). It goes with the paid POST
# alone, whose answers are read in every form that was seen.
RESPONSE_VERSION = "2026-07-27"
POST_TIMEOUT = 60.0  # seconds to connect, and of any silence
_TIMEOUT = 10.0  # the same of everything that costs nothing
_LONG_SECRET = 16  # characters
_LARGEST = 1 << 20  # bytes of an answer that are read
_NETWORK = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError,
            httpcore.ProxyError, httpcore.UnsupportedProtocol, httpx.HTTPError, httpx.InvalidURL,
            Unusable, OSError)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unsent:
    """Nothing left this machine, and why."""

    message: str


class CallFailed(Exception):  # noqa: N818  an outcome that each caller puts into its own words
    """A call that costs nothing had no usable answer. `status` is `None` when there was none."""

    def __init__(
        self, text: str, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(text)
        self.status = status
        self.retry_after = retry_after


class Api:
    """The API at a base URL with a key; one thread uses it. Raises `SettingsInvalid` for a base
    URL that the key must not go to.
    """

    def __init__(self, base_url: str | None, key: str, *, timeout: float | None = None) -> None:
        self.base, self.origin, self.here = checked_base(base_url)
        self._key = checked_key(key, "api_key")
        self._key_forms = key_forms(self._key)
        self._hidden = self._key_forms
        self._post_timeout, self._timeout = timeout or POST_TIMEOUT, timeout or _TIMEOUT
        self._proxied = not self.here  # a proxy would be sent the key over plain HTTP
        self._transport = GuardedTransport(allow_private=True, proxied=self._proxied)
        self._paid: GuardedTransport | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._transport.close()

    @property
    def sent(self) -> bool:
        """Whether a byte of the last paid POST may have left."""
        return self._paid is not None and self._paid.wrote

    def is_key_in(self, body: Mapping[str, Any]) -> bool:
        """Whether the key stands in the body of a request, where others could read it."""
        places = separate_credentials(body, [self._key])[1]
        return any(place.kind in KEY_KINDS for place in places)

    def generate(
        self, body: bytes, *, idempotency_key: str, secrets: Sequence[str]
    ) -> Meaning | Unsent:
        """Sends the paid POST once, over a connection of its own, and says what the answer means.
        `secrets` are taken out of what the provider says, and the key.
        """
        self._paid = GuardedTransport(allow_private=True, proxied=self._proxied)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": idempotency_key,
            "X-APIMart-Response-Version": RESPONSE_VERSION,
        }
        request = self._request("POST", GENERATIONS, headers, content=body)
        hidden = [*self._key_forms, *secrets]
        try:
            said = self._exchange(self._paid, request, self._post_timeout)
            found = self._meaning(said, hidden)
        except _NETWORK as error:
            if not self.sent:
                return Unsent(self._words(error, secrets))
            found = Unclear(f"no answer came: {_words(error)}", None)
        finally:
            self._paid.close()
        self._hidden = hidden  # a poll may say the same again
        shown = without(found.request_id, hidden) if found.request_id else None
        if isinstance(found, Submitted):
            if self._holds_secret(found.task_id, secrets):
                text = "the task id in the answer holds a secret, so that it is not kept"
                return Unclear(text, shown, found.answer)
            return replace(found, request_id=shown)
        return replace(found, message=without(found.message, hidden), request_id=shown)

    def _holds_secret(self, task_id: str, secrets: Sequence[str]) -> bool:
        """Whether an id has a piece of the key in it, or a whole long secret of a link. A short one
        may stand in it by chance, and an id that is lost makes the outcome unknown.
        """
        long = [secret for secret in secrets if len(secret) >= _LONG_SECRET]
        return without(task_id, self._key_forms) != task_id or any(
            secret in task_id for secret in long
        )

    def _meaning(self, said: _Said, hidden: Sequence[str]) -> Meaning:
        """What an answer to the paid POST means, with what is kept of it for support: all that is
        unclear, and an id in an answer that also says something else.
        """
        found = meaning(said.status, said.headers, said.body, whole=said.whole)
        asked = self.base + GENERATIONS
        found = redirected(found, said.status, asked, said.headers.get("location"))
        plain = isinstance(found, Submitted) and 200 <= said.status < 300
        if plain or isinstance(found, Refused):
            return found
        return replace(found, answer=kept_answer(said.body, parsed(said.body), hidden))

    def task(self, task_id: str) -> Task:
        """A task as it stands. Raises `CallFailed`."""
        # dots mean another path, and half a character cannot even be written
        if task_id in {"", ".", ".."} or not task_id.isprintable():
            raise CallFailed("it is no task id", 404)
        found = task(self._asked("GET", f"/v1/tasks/{quote(task_id, safe='')}"))
        if found is None:
            raise CallFailed("the answer holds no task")
        error = without(without_long_words(found.error), self._hidden) if found.error else None
        return replace(found, word=without(found.word, self._hidden), error=error)

    def balance(self) -> Decimal | None:
        """What is left for this key, in the currency of the account; `None`: no limit is set. A key
        without a quota spends the account's. Raises `CallFailed`.
        """
        for path in ("/v1/balance", "/v1/user/balance"):
            try:
                left = balance(self._asked("GET", path))
            except ValueError as error:
                raise CallFailed(without(str(error), self._key_forms)) from None
            if left is not None:
                return left
        return None

    def upload(self, data: bytes, container: str) -> str:
        """The link of a picture, which the provider keeps for 72 h. Raises `CallFailed`."""
        name = f"image.{'jpg' if container == 'jpeg' else container}"
        files = {"file": (name, data, f"image/{container}")}
        slow = len(data) / SLOWEST  # seconds that a line may take for it
        url = uploaded_url(self._asked("POST", "/v1/uploads/images", slow, files=files))
        if url is None:
            raise CallFailed("the answer holds no link")
        return url

    def _asked(self, method: str, path: str, slow: float = 0.0, **content: Any) -> Any:  # noqa: ANN401  JSON
        """The JSON of a call that costs nothing. Raises `CallFailed`."""
        request = self._request(method, path, {}, **content)
        try:
            said = self._exchange(self._transport, request, self._timeout + slow)
        except _NETWORK as error:
            raise CallFailed(self._words(error, ())) from None
        data = parsed(said.body)
        if not 200 <= said.status < 300:
            leads = redirect_words(self.base + path, said.headers.get("location"))
            text = (leads if 300 <= said.status < 400 else "") or message(said.body, data)
            text = without(text, self._key_forms)
            raise CallFailed(
                f"{said.status}{f' {text}' if text else ''}", said.status, retry_after(said.headers)
            )
        if not said.whole or data is None:
            raise CallFailed("the answer is not whole" if not said.whole else "it is not JSON")
        return data

    def _request(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        **content: Any,  # noqa: ANN401  httpx's
    ) -> httpx.Request:
        headers |= {
            "Authorization": f"Bearer {self._key}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "User-Agent": "motion-preflight",
        }
        return httpx.Request(method, self.base + path, headers=headers, **content)

    def _exchange(
        self, transport: GuardedTransport, request: httpx.Request, timeout: float
    ) -> _Said:
        """One request and its answer, however the body ends. Raises what `_NETWORK` names."""
        transport.deadline.begin(4 * timeout, 4 * _LARGEST)
        transport.deadline.allow(2 * timeout)
        steps = dict.fromkeys(("connect", "read", "write", "pool"), timeout)
        request.extensions = {"timeout": steps}
        response = transport.handle_request(request)
        said = _Said(
            response.status_code,
            {k.lower(): v for k, v in response.headers.items()},
            b"",
            whole=True,
        )
        with contextlib.closing(response):
            try:
                for piece in _unpacked(response):
                    said.body += piece
                    if len(said.body) > _LARGEST:
                        said.whole = False
                        break
            except (*_NETWORK, zlib.error):
                said.whole = False
        return said

    def _words(self, error: Exception, secrets: Sequence[str]) -> str:
        return without(_words(error), [*self._key_forms, *secrets])


@dataclass(slots=True)
class _Said:
    """An answer: its body as far as it came."""

    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool


def _unpacked(response: httpx.Response) -> Iterator[bytes]:
    """The body without a compression that nobody asked for, in pieces that memory holds: a few
    bytes may be packed gigabytes. Raises `httpx.DecodingError` and `zlib.error`.
    """
    coding = response.headers.get("Content-Encoding", "").strip().lower()
    if coding in {"", "identity"}:
        yield from response.iter_raw()
        return
    if coding not in {"gzip", "deflate"}:
        raise httpx.DecodingError(f"it is packed as {coding[:40]}")
    packed = zlib.decompressobj(zlib.MAX_WBITS | 32)  # of either kind
    for piece in response.iter_raw():
        rest = piece
        while rest:
            yield packed.decompress(rest, _LARGEST)
            rest = packed.unconsumed_tail


def checked_base(base_url: str | None) -> tuple[str, str, bool]:
    """The base URL as paths are put behind it, its origin, and whether it is this machine; `None`:
    APIMart's. Raises `SettingsInvalid`.
    """
    base = base_url or BASE_URL
    shown = redacted(base)
    try:
        parts = urlsplit(base.strip())
        origin, host = origin_of(parts), parts.hostname or ""
        plain = parts.username is None and not parts.query and not parts.fragment
        address = literal(host)
    except ValueError:
        raise SettingsInvalid(f"the base URL {shown} is not a URL") from None
    here = host == "localhost" or (address is not None and address.is_loopback)
    if not host or not plain or re.search(r"[\s\x00-\x1f\x7f\\]", base.strip()):
        raise SettingsInvalid(f"the base URL {shown} must be like {BASE_URL}, and nothing more")
    if parts.scheme.lower() != "https" and not (here and parts.scheme.lower() == "http"):
        raise SettingsInvalid(f"the base URL {shown} must be https: the API key goes there")
    if reserved_host(host.lower().rstrip(".")) or placeholder_in(base):
        raise SettingsInvalid(f"the base URL {shown} is a placeholder: name the provider's own")
    made = f"{parts.scheme}://{parts.netloc}{without_endpoint(parts.path)}"
    try:
        _ = httpx.URL(made + GENERATIONS).host
    except (httpx.InvalidURL, ValueError):
        raise SettingsInvalid(f"the base URL {shown} is not a URL") from None
    return made, origin, here


def _words(error: Exception) -> str:
    """What went wrong on the way, in words."""
    if isinstance(error, Unusable):
        return error.message
    if isinstance(error, httpcore.TimeoutException | httpx.TimeoutException):
        return "no answer in time"
    return scrubbed(without_number(str(error)))[:200].rstrip(".") or type(error).__name__
