"""The provider's HTTP interface: the paid POST, task, balance, usage, upload. Nothing is retried.

The key goes to the origin of the base URL and nowhere else: no redirect is followed, and that
origin is https unless it is this machine.
"""

from __future__ import annotations

import contextlib
import zlib
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from motion_preflight import interruption
from motion_preflight.errors import SettingsInvalid
from motion_preflight.network.client import SLOWEST
from motion_preflight.network.errors import MediaUnavailable
from motion_preflight.network.transport import GuardedTransport
from motion_preflight.provider.base_url import GENERATIONS, checked_base
from motion_preflight.provider.error_words import error_words
from motion_preflight.provider.free_answer import CallFailed, document_in, task_in, task_path
from motion_preflight.provider.paid_answer import no_answer, paid_meaning
from motion_preflight.provider.raw_answer import LARGEST, RawAnswer, unpacked
from motion_preflight.provider.responses import (
    Meaning,
    Task,
    balance,
    uploaded_url,
)
from motion_preflight.provider.usage import Usage, usage_in, usage_query
from motion_preflight.text.api_key import NO_KEY, usable_key
from motion_preflight.text.credentials import holds_key
from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.module_log import ModuleLog
from motion_preflight.text.option_values import ensure_seconds, ensure_text
from motion_preflight.text.redaction import key_forms, mask_secrets

if TYPE_CHECKING:
    import datetime as dt
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


class Api:
    """The API at a base URL with a key, for one thread.

    timeout  seconds to connect, and of any silence; `None`: 60 for the paid POST, 10 for
             what costs nothing

    Raises `SettingsInvalid` for a base URL that the key must not go to, or a text that is not a
    key; `TypeError` and `ValueError` for values of another kind.
    """

    def __init__(self, base_url: str | None, key: str, *, timeout: float | None = None) -> None:
        ensure_text("base_url", base_url)
        ensure_text("api_key", key)
        if timeout is not None:
            ensure_seconds("timeout", timeout)
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
        return holds_key(body, self._key)

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
            return no_answer(error_words(error), self._key_forms, secrets)
        finally:
            self._paid.close()
        return paid_meaning(answer, self.base + GENERATIONS, self._key_forms, secrets)

    def task(self, task_id: str) -> Task:
        """The task as it stands now. Raises `CallFailed`."""
        return task_in(self._free_call("GET", task_path(task_id)), self._hidden)

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

    def usage(self, since: dt.date, until: dt.date) -> list[Usage]:
        """What this key was billed by model on these days (UTC), both included, as the usage page
        tells; one call may ask for at most 31 days. Raises `CallFailed`, also for an answer that is
        not understood: what the page does not say is never 0.
        """
        try:
            return usage_in(self._free_call("GET", f"/v1/usage?{usage_query(since, until)}"))
        except ValueError as error:
            raise CallFailed(str(error)) from None

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
        return document_in(answer, self.base + path, self._key_forms)

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
        return mask_secrets(error_words(error), [*self._key_forms, *secrets])
