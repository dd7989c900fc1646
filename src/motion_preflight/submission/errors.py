"""The errors of submitting: everything that can become of a request except a completed task."""

from __future__ import annotations

from enum import StrEnum

from motion_preflight.errors import PreflightError
from motion_preflight.submission.receipt import Receipt


class LedgerUnusable(PreflightError):
    """The ledger cannot be read or written; the message names the file."""


class SubmitError(PreflightError):
    """A cleared request did not become a completed task. `receipt` is its row in the ledger, `None`
    where it has none.
    """

    def __init__(self, message: str, receipt: Receipt | None = None) -> None:
        super().__init__(message, receipt)
        self.receipt = receipt

    def __str__(self) -> str:
        return str(self.args[0])


class NotSentReason(StrEnum):
    """The reasons why nothing was sent."""

    UNREACHABLE = "the provider could not be reached"
    IDENTICAL = "an identical request is under way or unknown"
    DONE = "an identical request is completed already"
    OVER_BUDGET = "it would go over a budget"
    UPLOAD = "the picture could not be uploaded"
    CHANGED = "the request or a medium changed since the check"
    CREDENTIAL = "the API key stands in the request itself"


class NotSent(SubmitError):
    """Nothing was sent. With `NotSentReason.IDENTICAL` and `NotSentReason.DONE`, `receipt` belongs
    to the other request.
    """

    def __init__(self, message: str, receipt: Receipt | None, because: NotSentReason) -> None:
        super().__init__(message, receipt)
        self.args = (message, receipt, because)
        self.because = because


class Rejected(SubmitError):
    """The provider refused the request and made no task of it. `status` is its HTTP status, `None`
    where nothing was sent.
    """

    def __init__(
        self, message: str, receipt: Receipt | None = None, status: int | None = None
    ) -> None:
        super().__init__(message, receipt)
        self.args = (message, receipt, status)
        self.status = status


class RateLimited(Rejected):
    """The provider refused the request as one too many, and did so again after some waiting."""


class InsufficientBalance(Rejected):
    """The balance is too low, because the provider says so, or because it is below the lowest
    estimate (then nothing was sent, and `receipt` is `None`).
    """


class OutcomeUnknown(SubmitError):
    """The request was sent, and nobody knows whether the provider took it: it may be billed."""


class NotResolved(SubmitError):
    """An unknown outcome stays unknown, because what was said about it cannot be true."""


class TaskFailed(SubmitError):
    """The provider took the request, but its task failed or was cancelled."""
