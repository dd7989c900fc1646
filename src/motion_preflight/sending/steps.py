"""The steps between a check and the receipts: which requests may be sent, the question to the user,
then publishing and sending.
"""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from motion_preflight.formats.receipts import total_text
from motion_preflight.report.clearance import ClearedRequest, PublishableRequest
from motion_preflight.sending.duplicates import look_at_all, without_duplicates
from motion_preflight.sending.outcome import Outcome
from motion_preflight.sending.publishing import publish_all, publishing_text
from motion_preflight.sending.send import send_all
from motion_preflight.submission.errors import InsufficientBalance
from motion_preflight.submission.submitter import over_budget
from motion_preflight.text.numbers import plural

if TYPE_CHECKING:
    from collections.abc import Callable

    from motion_preflight.media.workers import LocalWorkers
    from motion_preflight.publishing.publisher import Publisher
    from motion_preflight.report.totals import Budget
    from motion_preflight.sending.send import Sendable
    from motion_preflight.sending.submission import Submission
    from motion_preflight.submission.duplicates import DuplicateGuard
    from motion_preflight.submission.ledger.ledger import Ledger
    from motion_preflight.submission.submitter import Submitter

_NAMED = 3  # requests that the question names
_OTHERS = "another request is not cleared; --cleared-only sends this one all the same"


def choose(submission: Submission, duplicates: DuplicateGuard) -> Sendable:
    """The requests that are cleared and no duplicates, by their reports. Completed requests are
    neither sent nor in the way of others, whatever became of their media. Nothing is held back yet
    because of others: `hold_incomplete` does that.
    """
    looks = look_at_all(submission, duplicates)
    cleared: Sendable = list(submission.cleared())
    return without_duplicates(submission, cleared, duplicates, looks)


def hold_incomplete(submission: Submission, sendable: Sendable) -> Sendable:
    """The requests to send: all of them, or none when another one is not cleared, unless that is
    wanted.
    """
    if not (submission.left_out or submission.mistakes) or submission.cleared_only:
        for text in submission.paid_before:
            submission.tell(text)
        return sendable
    for index, _ in sendable:
        submission.hold(index, _OTHERS)
    return []


def within_budget(
    submission: Submission, sendable: Sendable, ledger: Ledger, budget: Budget
) -> Sendable:
    """The requests, or none when all together would go over a budget."""
    why = over_budget([request for _, request in sendable], ledger, budget) if sendable else None
    if why is None:
        return sendable
    submission.over_budget = True
    for index, _ in sendable:
        submission.hold(index, why, Outcome.OVER_BUDGET)
    return []


def publish_and_send(
    submission: Submission,
    sendable: Sendable,
    submitter: Submitter,
    ledger: Ledger,
    workers: LocalWorkers,
    *,
    base: str,
    agree: Callable[[str, str], bool],
    publisher_of: Callable[[ExitStack], Publisher],
    take_back: Callable[[Publisher], None],
    watch: Callable[[str], None] = lambda _: None,
) -> None:
    """Asks once, then publishes what has to be published, and sends. What was published for
    requests that were not sent is taken back.

    base          the address that requests are sent to
    agree         whether the user agrees; called with what is done already, and what would be done
    publisher_of  opens what publishes; only called where something has to be published
    watch         is called with the label of each request that was sent, or was tried to be
    """
    with ExitStack() as stack:
        publisher = None
        if any(isinstance(request, PublishableRequest) for _, request in sendable):
            publisher = publisher_of(stack)
        destination = publisher.destination if publisher else ""
        before = publishing_text(sendable, destination)
        if not _may_send(submission, sendable, submitter, before=before, base=base, agree=agree):
            return
        cleared = [(index, one) for index, one in sendable if isinstance(one, ClearedRequest)]
        if publisher:
            stack.callback(take_back, publisher)
            cleared = publish_all(submission, sendable, publisher, workers)
        send_all(submission, cleared, submitter, ledger, watch=watch)


def _may_send(
    submission: Submission,
    sendable: Sendable,
    submitter: Submitter,
    *,
    before: str,
    base: str,
    agree: Callable[[str, str], bool],
) -> bool:
    """Whether to send: the balance allows it, and the user agrees. `before` are the words about
    what is done first.
    """
    try:
        note = submitter.look_at_balance([request for _, request in sendable])
    except InsufficientBalance as error:
        for index, _ in sendable:
            submission.hold(index, error.in_words_of_command(), Outcome.BROKEN)
        return False
    if note:
        submission.tell(note)
    estimates = [request.report.estimate for _, request in sendable]
    total = total_text(
        [estimate.amount if estimate else None for estimate in estimates],
        submission.profile.currency,
    )
    names = [request.report.label for _, request in sendable]
    shown = ", ".join([*names[:_NAMED], *(["…"] if len(names) > _NAMED else [])])
    count = plural(len(sendable), "paid request")
    if agree(before, f"{count} ({shown}), {total}, to {base}"):
        return True
    for index, _ in sendable:
        submission.hold(index, submission.refusal)
    submission.declined = True
    return False
