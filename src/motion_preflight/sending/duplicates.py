"""Keeps requests that were sent before out of a run, before the user is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.formats.receipts import cost_of
from motion_preflight.sending.send import Sendable, identical_outcome
from motion_preflight.submission.errors import NotSent
from motion_preflight.submission.receipt import Receipt, described
from motion_preflight.submission.refusal import refusal_of_many

if TYPE_CHECKING:
    from motion_preflight.report.findings import Report
    from motion_preflight.sending.submission import Submission
    from motion_preflight.submission.duplicates import DuplicateGuard, Look


def look_at_all(submission: Submission, duplicates: DuplicateGuard) -> dict[int, Look | None]:
    """What is known about each report's request, by its number. Notes the completed ones."""
    looks = {}
    for index, report in enumerate(submission.reports):
        look = looks[index] = _look(duplicates, report)
        if look and look.done:
            submission.take_done(index, look.done)
    return looks


def _look(duplicates: DuplicateGuard, report: Report) -> Look | None:
    """What is known about an identical request. `None` when the picture changed since the check,
    which is repeated before sending, or when such a body cannot have been sent.
    """
    try:
        return duplicates.look(report)
    except (NotSent, TypeError, ValueError, RecursionError):
        return None


def without_duplicates(
    submission: Submission,
    cleared: Sendable,
    duplicates: DuplicateGuard,
    looks: dict[int, Look | None],
) -> Sendable:
    """The cleared requests without those that must not be sent a second time."""
    unique = []
    for index, request in cleared:
        look = looks[index]
        try:
            if look:
                duplicates.admit(look)
        except NotSent as error:
            submission.not_paid.add(index)
            of_many = error.receipt and refusal_of_many(error.receipt)
            if of_many:
                submission.why_many[index] = of_many
            submission.hold(index, error.in_words_of_command(), identical_outcome(error.receipt))
            continue
        before = look and duplicates.before(look.fingerprint)
        if before:
            submission.paid_before.append(f"{request.report.label}: {_anew_text(before)}")
        unique.append((index, request))
    return unique


def _anew_text(before: Receipt) -> str:
    """The words about a request that is sent and paid although an identical one is over."""
    bill = "" if before.cost is None else f", {cost_of(before)}"
    return f"one like it is over ({described(before)}{bill}); this is a new one, and paid anew"
