"""Sends one intent to the provider once, and writes down before and after what happens to it.

    intent on the disk → POST → what the answer means → outcome on the disk

Whatever ends this between the first and the last step leaves a row that says so: `not-sent` while
no byte had left, `unknown` from the first byte on. A second POST is made only where the first one
certainly did nothing: nothing was sent (twice more), or the provider said "later" (429).
"""

from __future__ import annotations

import shlex
from functools import partial
from typing import TYPE_CHECKING, Protocol

from motion_preflight import interruption
from motion_preflight.errors import PreflightError
from motion_preflight.provider.client import Unsent
from motion_preflight.provider.refusals import explained
from motion_preflight.provider.responses import Ambiguous, Meaning, Refused, Submitted
from motion_preflight.provider.state import State
from motion_preflight.submission.errors import (
    InsufficientBalance,
    LedgerUnusable,
    NotSent,
    NotSentReason,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SubmitError,
)
from motion_preflight.submission.resolution import unknown_in_command, unknown_text
from motion_preflight.text.lazy_dataclass import dataclass, replace
from motion_preflight.text.module_log import ModuleLog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from motion_preflight.report.totals import Budget
    from motion_preflight.submission.ledger.ledger import Ledger
    from motion_preflight.submission.receipt import Receipt

_LOG = ModuleLog(__name__)
UNWRITTEN = "That could not be written down"
_INTERRUPTED = Unsent("it was interrupted before")
_AGAIN_UNSENT = 2  # further attempts when nothing could be sent
_DAY = 86_400.0  # seconds, which stand for a date in the provider's Retry-After
_AGAIN_LATER, _LATER = 3, 60.0  # further attempts, and seconds in all, after the answer "later"


class PaidApi(Protocol):
    """What sends the paid POST."""

    @property
    def sent(self) -> bool:
        """Whether a byte of the last POST may have left this machine."""
        ...

    def generate(
        self, body: bytes, *, idempotency_key: str, secrets: Sequence[str]
    ) -> Meaning | Unsent:
        """Sends the POST once, and says what the answer means."""
        ...


@dataclass(slots=True)
class _Flight:
    """The state of the exchange at any moment; an outcome of `None` means that it is under way."""

    outcome: Meaning | Unsent | None


def send_once(
    receipt: Receipt,
    body: bytes,
    *,
    api: PaidApi,
    ledger: Ledger,
    again: bool,
    budget: Budget,
    secrets: Sequence[str],
    once: bool = False,
    pause: Callable[[float], None] = interruption.sleep,
) -> Receipt:
    """Sends a request and returns its receipt when the provider took it. Raises any other outcome
    as a `SubmitError` (never `TaskFailed`), and `LedgerUnusable` while nothing was sent. With
    `once` there is no further attempt, whatever became of the first one.
    """
    flight = _Flight(_INTERRUPTED)
    try:
        ledger.begin(receipt, again=again, budget=budget)
        attempt = partial(
            api.generate, body, idempotency_key=receipt.idempotency_key, secrets=secrets
        )
        _exchange(flight, attempt, receipt.idempotency_key, once=once, pause=pause)
        assert flight.outcome is not None
        return _settled(receipt, flight.outcome, ledger)
    except PreflightError:
        raise  # the outcome, or the ledger refused the intent and nothing was sent
    except BaseException as error:  # an interruption, or a bug of ours
        if flight.outcome is None and api.sent:
            bug = f"a bug of ours ended it ({type(error).__name__})"
            why = bug if isinstance(error, Exception) else "it was interrupted"
            flight.outcome = Ambiguous(f"{why} before the answer came", None)
        outcome = flight.outcome or _INTERRUPTED
        try:
            _settled(receipt, outcome, ledger)
        except OutcomeUnknown as unknown:
            raise unknown from error
        except SubmitError:
            pass  # it is written down: nothing is in flight, and the interruption may go on
        raise


def _exchange(
    flight: _Flight,
    attempt: Callable[[], Meaning | Unsent],
    key: str,
    *,
    once: bool,
    pause: Callable[[float], None],
) -> None:
    """Sends the POST, with further attempts after those that certainly did nothing, and fills in
    the outcome of the last one.
    """
    unsent, later, waited = 0, 0, 0.0
    while True:
        flight.outcome = None
        tell = _LOG.timed("sending the request with idempotency key %s", key)
        outcome = flight.outcome = attempt()
        tell(type(outcome).__name__)
        if once:
            return
        if isinstance(outcome, Unsent) and unsent < _AGAIN_UNSENT:
            unsent += 1
            pause(0.5 * unsent)
        elif isinstance(outcome, Refused) and outcome.later and later < _AGAIN_LATER:
            asked = outcome.retry_after
            wait = max(asked, 0.1) if asked is not None else 2.0 * 2**later
            waited, later = waited + wait, later + 1
            if waited > _LATER:
                return
            pause(wait)
        else:
            return


def _settled(receipt: Receipt, outcome: Meaning | Unsent, ledger: Ledger) -> Receipt:
    """Writes the outcome down. Returns the receipt when the provider took the request, raises for
    all other outcomes.
    """
    state, columns = _columns(outcome)
    receipt, lost, lost_in_command = replace(receipt, state=state, **columns), "", ""
    # Where the ledger does not take the outcome, this message is the only record of it.
    note = f". {UNWRITTEN}, so note it (intent {receipt.intent}): "
    try:
        row = ledger.settle(receipt.intent, state, **columns) or receipt
        if isinstance(outcome, Submitted) and row.task_id != outcome.task_id:
            lost, lost_in_command = (f"{note}{text}" for text in _settled_otherwise(row, outcome))
        else:
            receipt = row
    except LedgerUnusable as error:
        lost, lost_in_command = note + str(error), note + error.in_words_of_command()
    if isinstance(outcome, Submitted) and not lost:
        return receipt
    raised = _error(receipt, outcome, _words(receipt, outcome, unknown_text) + lost)
    raised.in_command = _words(receipt, outcome, unknown_in_command) + lost_in_command
    raise raised


def _settled_otherwise(row: Receipt, outcome: Submitted) -> tuple[str, str]:
    """What to do when a user settled a request in the ledger while its answer was still awaited."""
    why = f"the ledger has it as {row.state} by now"
    command = f"motion-preflight tasks resolve {row.intent} --task {shlex.quote(outcome.task_id)}"
    return f"{why}; resolve(error.receipt, task_id=…) says otherwise", f"{why}; `{command}`"


def _words(
    receipt: Receipt, outcome: Meaning | Unsent, when_unknown: Callable[[Receipt], str]
) -> str:
    """What is told about an outcome."""
    match outcome:
        case Submitted():
            return f"the provider took {receipt.label} as task {receipt.task_id}"
        case Refused():
            return f"the provider refused it: {receipt.error}"
        case Ambiguous():
            return when_unknown(receipt)
        case Unsent(message):
            return f"nothing was sent: {message}"


def _error(receipt: Receipt, outcome: Meaning | Unsent, text: str) -> SubmitError:
    """The exception for an outcome. One that was taken comes here when it is not written down."""
    if isinstance(outcome, Submitted | Ambiguous):
        return OutcomeUnknown(text, receipt)
    if isinstance(outcome, Unsent):
        return NotSent(text, receipt, NotSentReason.UNREACHABLE)
    if outcome.later:
        return RateLimited(text, receipt, outcome.status)
    kind = InsufficientBalance if outcome.payment else Rejected
    return kind(text, receipt, outcome.status)


def _columns(outcome: Meaning | Unsent) -> tuple[State, dict[str, Any]]:
    """The state that an outcome means, and the columns of the row that it fills."""
    match outcome:
        case Submitted(task_id, request_id, answer):
            results = {"task_id": task_id, "request_id": request_id, "answer": answer}
            return State.SUBMITTED, results
        case Refused(status, message, request_id):
            text = f"{status} {message}".strip()
            named = f" (request id {request_id})" if request_id else ""
            return State.REJECTED, {
                "error": explained(text + named) + _advice(outcome),
                "request_id": request_id,
            }
        case Ambiguous(message, request_id, answer):
            return State.UNKNOWN, {
                "error": explained(message),
                "request_id": request_id,
                "answer": answer,
            }
        case Unsent(message):
            return State.NOT_SENT, {"error": message}


def _advice(outcome: Refused) -> str:
    """What to do about a refusal that would also meet every other request now."""
    if outcome.payment:
        return "; the account has no money left for it: top it up, then send it again"
    if not outcome.later:
        return ""
    asked = outcome.retry_after
    named = asked is not None and 0 < asked < _DAY
    return f"; send it again {f'after {asked:g} s, as it asks' if named else 'later'}"
