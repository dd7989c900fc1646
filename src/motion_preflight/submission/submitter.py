"""Sends a cleared request once and returns its receipt.

cleared → is one like it under way? → the picture uploaded → is the check still true?
        → intent, POST, outcome (`exchange.py`)
"""

from __future__ import annotations

import datetime as dt
import json
from contextlib import ExitStack
from decimal import Decimal
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight import interruption
from motion_preflight.batch import check_again, is_own_result
from motion_preflight.media.facts import MediaFacts
from motion_preflight.media.medium import Medium
from motion_preflight.media.workers import LocalWorkers
from motion_preflight.provider.client import Api
from motion_preflight.provider.free_answer import CallFailed
from motion_preflight.report.clearance import ClearedRequest
from motion_preflight.report.options import amount_option
from motion_preflight.report.totals import Budget
from motion_preflight.settings import api_key as key_of_environment
from motion_preflight.settings import base_url as url_of_environment
from motion_preflight.settings import load_settings, state_folder
from motion_preflight.submission.duplicates import DuplicateGuard
from motion_preflight.submission.errors import InsufficientBalance, NotSent, NotSentReason
from motion_preflight.submission.exchange import send_once
from motion_preflight.submission.intent import Priced, currency_of, new_intent, secrets_in
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.receipt import Receipt
from motion_preflight.text.lazy_dataclass import replace
from motion_preflight.text.links.white_space import trim_link
from motion_preflight.text.locations import is_url
from motion_preflight.text.numbers import format_decimal
from motion_preflight.text.option_values import ensure_flag

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Self

    from motion_preflight.media.facts import Kind
    from motion_preflight.report.findings import Report
    from motion_preflight.submission.image_upload import ImageUpload

_FRESH = dt.timedelta(minutes=1)  # a check of a URL is believed for so long without another look
_MEDIA: tuple[tuple[Kind, str], ...] = (("video", "video_url"), ("image", "image_url"))


def submit(
    cleared: ClearedRequest,
    *,
    api_key: str | None = None,
    base_url: str | None = None,
    again: bool = False,
    max_cost: Decimal | None = None,
    timeout: float | None = None,
    ledger_folder: str | PathLike[str] | None = None,
) -> Receipt:
    """Sends a cleared request to the provider once, and returns the receipt of its task. This costs
    money. When an identical request is completed, nothing is sent: its receipt is returned with
    `already_done`, its billed cost and the files that were fetched.

    api_key        `None`: that of `APIMART_API_KEY` or `APIMART_API_KEY_FILE`
    base_url       `None`: that of `APIMART_BASE_URL`, else APIMart's
    again          send it though an identical request is completed, under way or unknown
    max_cost       what it may cost at most, in the profile's currency
    timeout        seconds to connect, and of any silence; `None`: 60 for the POST
    ledger_folder  `None`: `MOTION_PREFLIGHT_STATE`, else the user's state folder

    Raises `NotSent`, `Rejected` (`RateLimited`, `InsufficientBalance`), `OutcomeUnknown`;
    `NotCleared` when a medium changed since the check; `LedgerUnusable`, `SettingsInvalid`;
    `TypeError` and `ValueError` for an option that cannot be meant, before anything is sent. For
    several requests use a `Submitter`, which keeps what they share.
    """
    if not isinstance(cleared, ClearedRequest):
        raise TypeError(f"submit takes a ClearedRequest, not {type(cleared).__name__}")
    settings = load_settings(spending=True)
    budget = Budget(
        amount_option("max_cost", max_cost), settings.max_cost_per_request,
        settings.max_cost_per_day, settings.max_requests,
    )  # fmt: skip
    with (
        Api(
            base_url or url_of_environment(),
            key_of_environment() if api_key is None else api_key,
            timeout=timeout,
        ) as api,
        Ledger(Path(ledger_folder or state_folder())) as ledger,
        Submitter(api, ledger, budget=budget, again=again) as submitter,
    ):
        done = submitter.admit(cleared)
        if done:
            return done
        submitter.look_at_balance([cleared])
        return submitter.submit(cleared)


class Submitter:
    """One run of sending. Requests are sent one at a time, in the order of the calls. For one
    thread.
    """

    def __init__(
        self,
        api: Api,
        ledger: Ledger,
        *,
        budget: Budget,
        again: bool = False,
        duplicates: DuplicateGuard | None = None,
        workers: LocalWorkers | None = None,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        pause: Callable[[float], None] = interruption.sleep,
    ) -> None:
        ensure_flag("again", again)
        self._api = api
        self._ledger = ledger
        self._budget = budget
        self._again = again
        self._workers = workers
        self._now = now
        self._pause = pause
        self._stack = ExitStack()
        self.intent: str | None = None  # of the request that is being sent, or was sent last
        self._duplicates = duplicates or DuplicateGuard(ledger, api.origin, again=again, api=api)
        self._uploaded: dict[str, str] = {}  # SHA-256 → link

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def submit(self, cleared: ClearedRequest) -> Receipt:
        """Sends a request and returns its receipt, or that of an identical one that is completed.
        Raises as the function `submit` does.
        """
        try:
            return self._submit(cleared)
        except NotSent as error:
            if error.because is not NotSentReason.DONE or error.receipt is None:
                raise
            return replace(error.receipt, already_done=True)

    def admit(self, cleared: ClearedRequest) -> Receipt | None:
        """Looks for an identical request before anything else is done. Returns the receipt of one
        that is completed; `None` means that this one may be sent. Its media are compared as they
        are now. Raises `NotCleared` and `NotSent`.
        """
        look = self._duplicates.look(self._fresh(cleared).report)
        if not look.done:
            self._duplicates.admit(look)
        return look.done

    def _submit(self, cleared: ClearedRequest) -> Receipt:
        self.intent = None
        if self._api.is_key_in(cleared.report.body):
            text = "nothing was sent: the API key stands in the request itself: take it out"
            raise NotSent(text, None, NotSentReason.CREDENTIAL)
        cleared = self._fresh(cleared)
        self._duplicates.ensure_admitted(cleared.report)
        picture = self._duplicates.picture(cleared.report)
        body = dict(cleared.report.body)
        if picture:
            body["image_url"] = self._upload(picture)
            cleared = self._still(cleared)
        fingerprint = self._duplicates.fingerprint(cleared.report)
        receipt = new_intent(
            cleared, body, fingerprint=fingerprint, origin=self._api.origin, now=self._now()
        )
        self.intent = receipt.intent
        return send_once(
            receipt,
            json.dumps(body, allow_nan=False).encode("ascii"),
            api=self._api,
            ledger=self._ledger,
            again=self._again,
            budget=self._budget,
            secrets=secrets_in(body),
            pause=self._pause,
        )

    def look_at_balance(self, cleared: Sequence[Priced]) -> str | None:
        """Asks the provider for the balance and returns a warning for the user, or `None`.

        Raises `InsufficientBalance` when the balance is below the lowest total of all requests. The
        unit of the balance may differ from that of the prices (the provider's page leaves it open:
        USD, CNY or tokens), but no possible unit is worth more.
        """
        try:
            left = self._api.balance()
        except CallFailed as failed:
            return f"the balance could not be read ({failed})"
        estimates = [request.report.estimate for request in cleared]
        low = sum(
            (estimate.amount.low for estimate in estimates if estimate and estimate.amount),
            Decimal(0),
        )
        hold = sum(
            (estimate.hold_amount for estimate in estimates if estimate and estimate.hold_amount),
            Decimal(0),
        )
        if left is None or left >= max(hold, low):
            return None
        if left < low:
            raise InsufficientBalance(
                f"nothing was sent: the balance is {format_decimal(left)}, the least this may cost "
                f"{format_decimal(low)}"
            )
        return (
            f"the balance is {format_decimal(left)}, and {format_decimal(hold)} may be reserved "
            "first (the longest "
            "durations): it may be refused"
        )

    def _upload(self, picture: ImageUpload) -> str:
        if picture.sha256 not in self._uploaded:
            try:
                link = self._api.upload(picture.data, picture.container)
            except CallFailed as failed:
                text = f"nothing was sent: the picture could not be uploaded ({failed})"
                raise NotSent(text, None, NotSentReason.UPLOAD) from None
            self._uploaded[picture.sha256] = link
        return self._uploaded[picture.sha256]

    def _fresh(self, cleared: ClearedRequest) -> ClearedRequest:
        """The request with a check that is true now: the same one, unless a medium changed, or the
        report was put together from others. Raises `NotCleared`, and `NotSent` when it became more
        expensive.
        """
        report = cleared.report
        if is_own_result(report) and all(self._same(cleared, *medium) for medium in _MEDIA):
            return cleared
        anew = ClearedRequest(check_again(report, self._measuring(report)), cleared.accept_unsure)
        old, new = cleared.report.estimate, anew.report.estimate
        was = old.amount.high if old and old.amount else None
        is_now = new.amount.high if new and new.amount else None
        if is_now != was and (is_now is None or was is None or is_now > was):
            was_text, now_text = _cents(was), _cents(is_now)
            text = (
                "nothing was sent: the request or a medium changed since the check: it costs "
                f"{now_text}, was {was_text}; check it again"
            )
            raise NotSent(text, None, NotSentReason.CHANGED)
        return anew

    def _still(self, cleared: ClearedRequest) -> ClearedRequest:
        """The request checked once more after an upload, which may have taken long."""
        anew = self._fresh(cleared)
        if _version(anew, "image") != _version(cleared, "image"):
            text = "nothing was sent: the picture changed while it was uploaded"
            raise NotSent(text, None, NotSentReason.CHANGED)
        return anew

    def _same(self, cleared: ClearedRequest, kind: Kind, field: str) -> bool:
        """Whether a medium is still the one that was checked. A file is looked at; a URL that was
        checked less than a minute ago is believed.
        """
        report, location = cleared.report, str(cleared.report.body[field])
        assert report.measured_at is not None  # else it would not be cleared
        measured = report.video if kind == "video" else report.image
        if measured.location != trim_link(location):
            return False
        if is_url(location) and abs(self._now() - report.measured_at) <= _FRESH:
            return True
        version = _version(cleared, kind)
        if version is None:
            return False
        medium = Medium(location, kind, report.options.folder)
        return self._measuring(report).is_version(medium, version)

    def _measuring(self, report: Report) -> LocalWorkers:
        if self._workers is None:
            self._workers = self._stack.enter_context(LocalWorkers(report.options))
        return self._workers


def over_budget(cleared: Sequence[Priced], ledger: Ledger, budget: Budget) -> str | None:
    """Why these requests together may not be sent now, in words; `None` if they may."""
    currency = currency_of(cleared)
    run, day = ledger.spent(budget, currency)
    estimates = [request.report.estimate for request in cleared]
    return budget.refusal_of_all(
        [estimate.counted if estimate else None for estimate in estimates], run, day, currency
    )


def _cents(amount: Decimal | None) -> str:
    return "not known" if amount is None else f"at most {amount:.2f}"


def _version(cleared: ClearedRequest, kind: Kind) -> str | None:
    medium = cleared.report.video if kind == "video" else cleared.report.image
    return medium.version if isinstance(medium, MediaFacts) else None
