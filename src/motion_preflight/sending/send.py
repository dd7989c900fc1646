"""Sends cleared requests one after the other, until an outcome means that the rest must wait."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from motion_preflight.errors import PreflightError
from motion_preflight.provider.state import State
from motion_preflight.report.clearance import ClearedRequest, NotCleared, PublishableRequest
from motion_preflight.sending.outcome import Outcome, not_cleared
from motion_preflight.submission.errors import (
    InsufficientBalance,
    NotSent,
    NotSentReason,
    OutcomeUnknown,
    Rejected,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from motion_preflight.sending.submission import Submission
    from motion_preflight.submission.ledger.ledger import Ledger
    from motion_preflight.submission.receipt import Receipt
    from motion_preflight.submission.submitter import Submitter

_HOPELESS = {401, 402, 403}  # statuses of refusals that the next request would meet too


Cleared = list[tuple[int, ClearedRequest]]  # with its index in the input
Sendable = Sequence[tuple[int, ClearedRequest | PublishableRequest]]  # as far as the check tells


def send_all(
    submission: Submission,
    cleared: Cleared,
    submitter: Submitter,
    ledger: Ledger,
    *,
    watch: Callable[[str], None] = lambda _: None,
) -> None:
    """Sends the requests one after the other, until an outcome means that the rest must wait, or
    until nobody wants the rest. `watch` is called with the label of each that was tried.
    """
    stop: str | None = None
    for index, request in cleared:
        stop = stop or submission.ended()
        if stop:
            submission.hold(index, stop)
            continue
        try:
            submission.receipts[index] = submitter.submit(request)
            submission.outcomes.add(Outcome.DONE)
        except NotCleared as error:
            submission.reports[index] = error.report
            outcome = not_cleared(error.report.verdict)
            submission.hold(index, error.in_words_of_command(), outcome)
        except NotSent as error:
            stop = _not_sent(submission, index, error)
        except OutcomeUnknown as error:
            submission.take(index, error, Outcome.UNKNOWN)
            stop = (
                "the outcome of the one before is not known: settle that, then the same command "
                "sends this one"
            )
        except Rejected as error:
            submission.take(index, error, Outcome.BROKEN)
            stop = _hopeless(error)
        except PreflightError as error:  # the ledger failed, or a new check did
            stop = error.in_words_of_command()
            submission.hold(index, stop, Outcome.UNUSABLE)
        except (KeyboardInterrupt, SystemExit) as error:
            submission.interrupt(
                index, error, next(iter(ledger.find(submitter.intent or "-")), None)
            )
            stop = "it was interrupted before"
        watch(request.report.label)


def _hopeless(error: Rejected) -> str | None:
    """Why the provider would refuse the rest too; `None` when it may take them."""
    if error.status not in _HOPELESS and not isinstance(error, InsufficientBalance):
        return None
    empty = ": the account has no money left" if isinstance(error, InsufficientBalance) else ""
    return f"the provider refused the one before with {error.status}{empty}"


def _not_sent(submission: Submission, index: int, error: NotSent) -> str | None:
    """Notes why nothing was sent, which decides the outcome. Returns why the rest must wait, or
    `None`.
    """
    if error.because is NotSentReason.IDENTICAL:
        submission.hold(index, error.in_words_of_command(), identical_outcome(error.receipt))
        return None
    if error.because is NotSentReason.OVER_BUDGET:
        submission.over_budget = True
        submission.hold(index, error.in_words_of_command(), Outcome.OVER_BUDGET)
        return "the one before went over a budget"
    submission.take(index, error, Outcome.BROKEN)
    return None


def identical_outcome(other: Receipt | None) -> Outcome:
    """The outcome when an identical request is in the way."""
    return Outcome.UNKNOWN if other and other.state is State.UNKNOWN else Outcome.BROKEN
