"""What stands before the transport of somebody else's client: a paid request is checked, written
down and sent once; everything else is none of its business.
"""

from __future__ import annotations

import datetime as dt
import json
import posixpath
import re
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from motion_preflight import settings
from motion_preflight.pipeline import default_profile, preflight
from motion_preflight.provider.base_url import GENERATIONS, checked_base
from motion_preflight.provider.model_names import is_motion_control
from motion_preflight.report.clearance import ClearedRequest, NotCleared
from motion_preflight.report.options import amount_option
from motion_preflight.report.totals import Budget, Spent
from motion_preflight.request.files import json_text
from motion_preflight.submission.duplicates import DuplicateGuard
from motion_preflight.submission.errors import (
    NotSent,
    NotSentReason,
    OutcomeUnknown,
    SubmitError,
)
from motion_preflight.submission.exchange import send_once
from motion_preflight.submission.intent import currency_of, new_intent, secrets_in
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.passage import Passage
from motion_preflight.submission.refusal import refusal_for
from motion_preflight.text.credentials import holds_key
from motion_preflight.text.lazy_dataclass import replace
from motion_preflight.text.links.comparison import origin_of
from motion_preflight.text.option_values import ensure_flag

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    import httpx

    from motion_preflight.submission.passage import Received

_LONGEST = 64 << 20  # bytes of a packed body that are unpacked
_PLAIN = {"", "identity"}
_PACKED = {"gzip", "x-gzip", "deflate"}


class Guard:
    """Which requests are checked, and what becomes of them. Threads may share it."""

    def __init__(
        self,
        base_url: str | None,
        allow_private: bool,  # noqa: FBT001  of the transports alone
        accept_unsure: bool,  # noqa: FBT001  as above
        max_cost: Decimal | None,
    ) -> None:
        self._base, self._origin, _ = checked_base(base_url or settings.base_url())
        ensure_flag("allow_private", allow_private)
        ensure_flag("accept_unsure", accept_unsure)
        self._allow_private = allow_private
        self._accept_unsure = accept_unsure
        self._max_cost = amount_option("max_cost", max_cost)
        self._path = _comparable(urlsplit(self._base).path + GENERATIONS)

    def is_paid(self, request: httpx.Request) -> bool:
        """Whether a request goes to the paid endpoint."""
        if request.method != "POST":
            return False
        parts = urlsplit(str(request.url))
        return origin_of(parts) == self._origin and _comparable(parts.path) == self._path

    def concerns(self, request: httpx.Request) -> bool:
        """Whether the body, which was read, names a motion-control model, or nearly. A body that is
        no JSON object counts when it holds such a name, or cannot be unpacked to look for one.
        """
        text, models = _text(request), default_profile().models
        if text is None:
            return True
        try:
            fields = json.loads(text, object_pairs_hook=_Pairs)
        except (ValueError, RecursionError):
            fields = None
        if not isinstance(fields, _Pairs):
            return any(model.encode() in text for model in models)
        # All of them, and in any case: which one a server takes is not known.
        names = [value for name, value in fields if name.lower() == "model"]
        return any(isinstance(name, str) and is_motion_control(name, models) for name in names)

    def check(self, request: httpx.Request) -> ClearedRequest:
        """The request as it was cleared. Raises `NotCleared`, and `NotSent` over a budget."""
        body = _fields(request)
        cleared = ClearedRequest(
            preflight(body, allow_private=self._allow_private), self._accept_unsure
        )
        report = cleared.report
        if cleared.uploads_image:
            text = "the reference image is a local file: put a link to it into image_url"
            raise NotCleared(text, report)
        if dict(report.body) != body:
            text = "a link has white space around it, and a request is sent as it is: take it off"
            raise NotCleared(text, report)
        estimate, currency = report.estimate, currency_of([cleared])
        counted = estimate.counted if estimate else None
        over = self._budget().refusal(counted, Spent(), Spent(), currency)
        if over:
            raise NotSent(over, None, NotSentReason.OVER_BUDGET)
        return cleared

    def send_once(
        self,
        cleared: ClearedRequest,
        request: httpx.Request,
        send: Callable[[httpx.Request], Received],
        *,
        unknown: Callable[[OutcomeUnknown], object] = lambda _: None,
    ) -> httpx.Response:
        """Writes the request down, sends it, and gives the provider's response back, whatever it
        says. `unknown` is called when its outcome is not known, whatever the client gets then.
        Raises `NotSent` when an identical one is in the way, and what the transport raises.
        """
        passage = Passage(request, self._base, send)
        if passage.key and holds_key(cleared.report.body, passage.key):
            text = "nothing was sent: the API key stands in the request itself: take it out"
            raise NotSent(text, None, NotSentReason.CREDENTIAL)
        try:
            with Ledger(settings.state_folder()) as ledger:
                self._exchange(cleared, request, passage, ledger)
        except SubmitError as error:
            if isinstance(error, OutcomeUnknown):
                unknown(error)
            if passage.error:
                raise passage.error from error
            if passage.received is None:
                raise
        assert passage.received is not None
        return passage.received.response

    def _exchange(
        self, cleared: ClearedRequest, request: httpx.Request, passage: Passage, ledger: Ledger
    ) -> None:
        duplicates = DuplicateGuard(ledger, self._origin, again=False, api=passage)
        look = duplicates.look(cleared.report)
        if look.other:
            raise refusal_for(look.other)
        body = dict(cleared.report.body)
        now = dt.datetime.now(dt.UTC)
        intent = new_intent(
            cleared, body, fingerprint=look.fingerprint, origin=self._origin, now=now
        )
        key = request.headers.get("Idempotency-Key", "")
        send_once(
            replace(intent, idempotency_key=key),
            request.content,
            api=passage,
            ledger=ledger,
            again=False,
            budget=self._budget(),
            secrets=secrets_in(body),
            once=True,
        )

    def _budget(self) -> Budget:
        limits = settings.load_settings(spending=True)
        return Budget(self._max_cost, limits.max_cost_per_request, limits.max_cost_per_day)


class _Pairs(list[Any]):
    """The fields of a JSON object, also those that stand twice."""


def _fields(request: httpx.Request) -> dict[str, Any]:
    """The fields of a body. Raises `NotCleared` for one that cannot be checked."""
    text = _text(request)
    try:
        if text is None:
            raise ValueError("it is packed")  # noqa: TRY301  told as the other reasons are
        fields = json_text.parsed(text)
        if not isinstance(fields, dict):
            raise TypeError("it is no JSON object")  # noqa: TRY301  as above
    except (ValueError, TypeError, RecursionError) as error:
        why = f"the body of the request cannot be checked ({error})"
        raise NotCleared(f"{why}: send it as plain JSON", preflight({})) from None
    return fields


def _text(request: httpx.Request) -> bytes | None:
    """The body of a request, unpacked; `None` when that is not possible."""
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if coding in _PLAIN:
        return request.content
    try:
        unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)
        text = unpacking.decompress(request.content, _LONGEST)
    except zlib.error:
        return None
    return text if coding in _PACKED and not unpacking.unconsumed_tail else None


def _comparable(path: str) -> str:
    """A path without what servers overlook: case, escapes, further slashes, dots."""
    return posixpath.normpath(re.sub("/+", "/", unquote(path))).lower()
