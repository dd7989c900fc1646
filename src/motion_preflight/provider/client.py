"""The provider's HTTP interface: the paid POST, task, balance, upload. Nothing here is retried.

The key goes to the origin of the base URL and nowhere else: no redirect is followed, and that
origin is https unless it is this machine.
"""

from __future__ import annotations

import contextlib
import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpcore
import httpx

from motion_preflight import interruption
from motion_preflight.errors import SettingsInvalid
from motion_preflight.network.causes import without_number
from motion_preflight.network.client import SLOWEST
from motion_preflight.network.errors import MediaUnavailable
from motion_preflight.network.transport import GuardedTransport
from motion_preflight.provider.base_url import GENERATIONS, checked_base
from motion_preflight.provider.paid_answer import no_answer, paid_meaning
from motion_preflight.provider.raw_answer import LARGEST, RawAnswer, unpacked
from motion_preflight.provider.redirects import redirect_words
from motion_preflight.provider.responses import (
    Meaning,
    Task,
    balance,
    message,
    parsed,
    retry_after,
    task,
    uploaded_url,
)
from motion_preflight.text.api_key import NO_KEY, usable_key
from motion_preflight.text.credentials import KEY_KINDS, separate_credentials
from motion_preflight.text.locations import sanitize_external_text
from motion_preflight.text.module_log import ModuleLog
from motion_preflight.text.redaction import key_forms, mask_secrets, without_long_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal
    from typing import Self

_LOG = ModuleLog(__name__)
# The provider's own program sends this header (second-hand). Only the paid POST sends it, because
# its answers are read in every form that was seen.
RESPONSE_VERSION = "2026-07-27"
POST_TIMEOUT = 60.0  # seconds to connect, and between two pieces of an answer
_TIMEOUT = 10.0  # the same for calls that cost nothing
_NETWORK = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError,
            httpcore.ProxyError, httpcore.UnsupportedProtocol, httpx.HTTPError, httpx.InvalidURL,
            MediaUnavailable, OSError)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unsent:
    """Nothing left this machine; `message` says why."""

    message: str


class CallFailed(Exception):  # noqa: N818  an outcome that each caller puts into its own words
    """A call that costs nothing had no usable answer. `status` is its HTTP status, `None` without
    an answer; `retry_after` is in seconds, `None` when the provider does not say.
    """

    def __init__(
        self, text: str, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(text)
        self.status = status
        self.retry_after = retry_after


class Api:
    """The API at a base URL with a key, for one thread.

    Raises `SettingsInvalid` for a base URL that the key must not go to, or a text that is not a
    key.
    """

    def __init__(self, base_url: str | None, key: str, *, timeout: float | None = None) -> None:
        self.base, self.origin, self.here = checked_base(base_url)
        usable = usable_key(key)
        if usable is None:
            raise SettingsInvalid(f"api_key {NO_KEY}")
        self._key = usable
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
        """Whether a byte of the last paid POST may have left this machine."""
        return self._paid is not None and self._paid.wrote

    def is_key_in(self, body: Mapping[str, Any]) -> bool:
        """Whether the key stands in the body of a request, where others could read it."""
        places = separate_credentials(body, [self._key])[1]
        return any(place.kind in KEY_KINDS for place in places)

    def generate(
        self, body: bytes, *, idempotency_key: str, secrets: Sequence[str]
    ) -> Meaning | Unsent:
        """Sends the paid POST once, over a connection of its own, and says what the answer means.
        The key and the `secrets` are masked in whatever the provider says.
        """
        self._paid = GuardedTransport(allow_private=True, proxied=self._proxied)
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": idempotency_key,
            "X-APIMart-Response-Version": RESPONSE_VERSION,
        }
        request = self._request("POST", GENERATIONS, headers, content=body)
        self._hidden = [*self._key_forms, *secrets]  # the answer to a poll may repeat them
        try:
            answer = self._exchange(self._paid, request, self._post_timeout)
        except _NETWORK as error:
            if not self.sent:
                return Unsent(self._words(error, secrets))
            return no_answer(_words(error), self._key_forms, secrets)
        finally:
            self._paid.close()
        return paid_meaning(answer, self.base + GENERATIONS, self._key_forms, secrets)

    def task(self, task_id: str) -> Task:
        """The task as it stands now. Raises `CallFailed`."""
        # Dots would change the path, and a lone surrogate cannot be encoded.
        if task_id in {"", ".", ".."} or not task_id.isprintable():
            raise CallFailed("it is no task id", 404)
        current = task(self._free_call("GET", f"/v1/tasks/{quote(task_id, safe='')}"))
        if current is None:
            raise CallFailed("the answer holds no task")
        error = (
            mask_secrets(without_long_words(current.error), self._hidden) if current.error else None
        )
        return replace(current, word=mask_secrets(current.word, self._hidden), error=error)

    def balance(self) -> Decimal | None:
        """What this key may still spend, in the account's currency; `None` means that no limit is
        set. A key without a quota spends the account's balance. Raises `CallFailed`.
        """
        for path in ("/v1/balance", "/v1/user/balance"):
            try:
                left = balance(self._free_call("GET", path))
            except ValueError as error:
                raise CallFailed(mask_secrets(str(error), self._key_forms)) from None
            if left is not None:
                return left
        return None

    def upload(self, data: bytes, container: str) -> str:
        """Uploads a picture and gives its link, which the provider keeps for 72 h. Raises
        `CallFailed`.
        """
        name = f"image.{'jpg' if container == 'jpeg' else container}"
        files = {"file": (name, data, f"image/{container}")}
        slow = len(data) / SLOWEST  # seconds that a slow line may take for it
        url = uploaded_url(self._free_call("POST", "/v1/uploads/images", slow, files=files))
        if url is None:
            raise CallFailed("the answer holds no link")
        return url

    def _free_call(self, method: str, path: str, slow: float = 0.0, **content: Any) -> Any:  # noqa: ANN401  JSON
        """The JSON answer of a call that costs nothing. Raises `CallFailed`."""
        request = self._request(method, path, {}, **content)
        try:
            answer = self._exchange(self._transport, request, self._timeout + slow)
        except _NETWORK as error:
            raise CallFailed(self._words(error, ())) from None
        interruption.check()
        data = parsed(answer.body)
        if not 200 <= answer.status < 300:
            leads = redirect_words(self.base + path, answer.headers.get("location"))
            text = (leads if 300 <= answer.status < 400 else "") or message(answer.body, data)
            text = mask_secrets(text, self._key_forms)
            raise CallFailed(
                f"{answer.status}{f' {text}' if text else ''}",
                answer.status,
                retry_after(answer.headers),
            )
        if not answer.whole or data is None:
            raise CallFailed("the answer is not whole" if not answer.whole else "it is not JSON")
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
    ) -> RawAnswer:
        """Sends one request and reads its answer, also when the body breaks off. Raises what
        `_NETWORK` names, and `Interrupted` unless an answer came.
        """
        interruption.check()
        with interruption.ended_by(transport.abort):
            try:
                return self._answer(transport, request, timeout)
            except _NETWORK:
                interruption.check()
                raise

    def _answer(
        self, transport: GuardedTransport, request: httpx.Request, timeout: float
    ) -> RawAnswer:
        transport.deadline.begin(4 * timeout, 4 * LARGEST)
        transport.deadline.allow(2 * timeout)
        steps = dict.fromkeys(("connect", "read", "write", "pool"), timeout)
        request.extensions = {"timeout": steps}
        tell = _LOG.timed("%s %s", request.method, str(request.url))
        try:
            response = transport.handle_request(request)
        except _NETWORK as error:
            tell(type(error).__name__)
            raise
        tell(response.status_code)
        answer = RawAnswer(
            response.status_code,
            {k.lower(): v for k, v in response.headers.items()},
            b"",
            whole=True,
        )
        with contextlib.closing(response):
            try:
                for piece in unpacked(response):
                    answer.body += piece
                    if len(answer.body) > LARGEST:
                        answer.whole = False
                        break
            except (*_NETWORK, zlib.error):
                answer.whole = False
        return answer

    def _words(self, error: Exception, secrets: Sequence[str]) -> str:
        return mask_secrets(_words(error), [*self._key_forms, *secrets])


def _words(error: Exception) -> str:
    """What went wrong in the network, in words for people."""
    if isinstance(error, MediaUnavailable):
        return error.message
    if isinstance(error, httpcore.TimeoutException | httpx.TimeoutException):
        return "no answer in time"
    return (
        sanitize_external_text(without_number(str(error)))[:200].rstrip(".") or type(error).__name__
    )
