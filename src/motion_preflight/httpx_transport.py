"""A guard for clients that are built on httpx: what was not cleared never leaves.

    client = httpx.Client(transport=PreflightTransport(httpx.HTTPTransport()))

Only a POST to the provider's paid endpoint whose model is a motion-control model, or nearly spelt
like one, is looked at. Everything else passes to the inner transport untouched.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from types import TracebackType
from typing import Self

import httpx
from anyio import CancelScope, from_thread, get_cancelled_exc_class

from motion_preflight import interruption
from motion_preflight.asyncio import run_in_thread
from motion_preflight.report.clearance import ClearedRequest
from motion_preflight.submission.errors import OutcomeUnknown
from motion_preflight.submission.guard import Guard
from motion_preflight.submission.passage import Received, receive, receive_async
from motion_preflight.text.option_values import ensure_flag

__all__ = ["AsyncPreflightTransport", "PreflightTransport"]


class PreflightTransport(httpx.BaseTransport):
    """Checks a paid request of motion control before it leaves through the inner transport.

    inner          sends what passes
    base_url       the provider's; `None`: that of `APIMART_BASE_URL`, else APIMart's
    allow_private  contact hosts of private networks for the check, too
    accept_unsure  let pass what the check is unsure about
    max_cost       what one request may cost at most, in the profile's currency; `None`: no limit
                   but that of the settings
    ledger         write each request down, and send it once: one that is identical to a pending,
                   unknown or completed one is not sent. The ledger is that of `submit`

    The request leaves as the client made it, and the response is the provider's. Raises
    `NotCleared` and `NotSent` before a byte leaves, besides what the inner transport raises, and
    `LedgerUnusable`, `SettingsInvalid` and `FfprobeMissing`. Nothing is sent a second time by this
    transport; what a client sends again by itself is held against the ledger as any request.
    """

    def __init__(
        self,
        inner: httpx.BaseTransport,
        *,
        base_url: str | None = None,
        allow_private: bool = False,
        accept_unsure: bool = False,
        max_cost: Decimal | None = None,
        ledger: bool = True,
    ) -> None:
        self._inner = inner
        self._guard = Guard(base_url, allow_private, accept_unsure, max_cost)
        ensure_flag("ledger", ledger)
        self._ledger = ledger

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Sends one request, unless it is not cleared."""
        if self._guard.is_paid(request):
            request.read()
            if self._guard.concerns(request):
                cleared = self._guard.check(request)
                if self._ledger:
                    return self._guard.send_once(cleared, request, self._send)
        return self._inner.handle_request(request)

    def _send(self, request: httpx.Request) -> Received:
        return receive(self._inner.handle_request(request))

    def close(self) -> None:
        """Closes the inner transport."""
        self._inner.close()

    def __enter__(self) -> Self:
        self._inner.__enter__()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        self._inner.__exit__(exc_type, exc_value, traceback)


class AsyncPreflightTransport(httpx.AsyncBaseTransport):
    """The same for `httpx.AsyncClient`, on asyncio and trio. The check and the ledger have a
    thread, the request is sent by the inner transport in the event loop. A cancellation while it is
    sent raises `OutcomeUnknown`, as that of `motion_preflight.asyncio.submit` does.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        *,
        base_url: str | None = None,
        allow_private: bool = False,
        accept_unsure: bool = False,
        max_cost: Decimal | None = None,
        ledger: bool = True,
    ) -> None:
        self._inner = inner
        self._guard = Guard(base_url, allow_private, accept_unsure, max_cost)
        ensure_flag("ledger", ledger)
        self._ledger = ledger

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Sends one request, unless it is not cleared."""
        if self._guard.is_paid(request):
            await request.aread()
            if self._guard.concerns(request):
                cleared = await run_in_thread(partial(self._guard.check, request))
                if self._ledger:
                    return await self._send_once(cleared, request)
        return await self._inner.handle_async_request(request)

    async def _send_once(self, cleared: ClearedRequest, request: httpx.Request) -> httpx.Response:
        unknown: list[OutcomeUnknown] = []
        send = _Bridge(self._inner).send
        call = partial(self._guard.send_once, cleared, request, send, unknown=unknown.append)
        try:
            return await run_in_thread(call)
        except get_cancelled_exc_class():
            if unknown:  # a cancelled client gets no answer that would show it
                raise unknown[0] from None
            raise

    async def aclose(self) -> None:
        """Closes the inner transport."""
        await self._inner.aclose()

    async def __aenter__(self) -> Self:
        await self._inner.__aenter__()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self._inner.__aexit__(exc_type, exc_value, traceback)


class _Bridge:
    """Sends requests of a thread in the event loop that waits for the thread."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self._scope: CancelScope | None = None
        self._is_cancelled = False

    def send(self, request: httpx.Request) -> Received:
        """Sends one request and reads its answer. Raises what the transport raises, and
        `Interrupted`.
        """
        with interruption.ended_by(self._cancel):
            received = from_thread.run(self._exchange, request)
        if received is None:
            raise interruption.Interrupted
        return received

    async def _exchange(self, request: httpx.Request) -> Received | None:
        # A cancellation of the task that waits for the thread comes as an interruption, in order:
        # only then is it certain what the ledger has to say.
        with CancelScope(shield=True) as self._scope:
            if self._is_cancelled:
                self._scope.cancel()
            return await receive_async(await self._inner.handle_async_request(request))
        return None

    def _cancel(self) -> None:
        """Called in the event loop, or in the thread before the exchange has begun."""
        self._is_cancelled = True
        if self._scope:
            self._scope.cancel()
