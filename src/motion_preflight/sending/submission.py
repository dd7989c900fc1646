"""The requests of one run, and what came of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.provider.state import State
from motion_preflight.report.clearance import ClearedRequest, NotCleared, PublishableRequest
from motion_preflight.report.findings import Report, Verdict
from motion_preflight.sending.outcome import Outcome, not_cleared
from motion_preflight.submission.exchange import UNWRITTEN
from motion_preflight.submission.receipt import described
from motion_preflight.submission.resolution import unknown_in_command
from motion_preflight.text.lazy_dataclass import dataclass, field, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from decimal import Decimal

    from motion_preflight.provider.profile import Profile
    from motion_preflight.request.errors import ManifestInvalid
    from motion_preflight.submission.errors import SubmitError
    from motion_preflight.submission.receipt import Receipt


def _never() -> str | None:
    return None


@dataclass(slots=True, kw_only=True)
class Submission:
    """The requests of one run by their index in the input: a report for each, and a receipt or the
    reason why there is none. What a user should learn while it runs goes to `tell` and `note`.
    """

    profile: Profile
    accept_unsure: bool = False
    cleared_only: bool = False  # send what is cleared although something else is not
    max_cost: Decimal | None = None  # of the run; the totals are compared to it
    reports: list[Report] = field(default_factory=list)
    receipts: dict[int, Receipt] = field(default_factory=dict)
    why: dict[int, str] = field(default_factory=dict)
    why_many: dict[int, str] = field(default_factory=dict)  # said once of many with the same text
    explained: set[int] = field(default_factory=set)  # their reports say why they are not sent
    left_out: set[int] = field(default_factory=set)  # not cleared
    mistakes: list[ManifestInvalid] = field(default_factory=list)
    troubles: list[tuple[str | None, str]] = field(default_factory=list)  # place and message
    results: dict[int, str] = field(default_factory=dict)  # how to get files that are missing
    outcomes: set[Outcome] = field(default_factory=set)
    not_paid: set[int] = field(default_factory=set)  # an identical request is not over
    paid_before: list[str] = field(default_factory=list)  # messages about requests paid anew
    published: set[str] = field(default_factory=set)  # local media, each told of once
    destination: str | None = None  # where local media are published; `None`: nowhere
    over_budget: bool = False
    refusal: str = "you did not say yes"  # why nothing is sent when the user does not agree
    declined: bool = False  # the user was asked, and did not say yes
    interruption: BaseException | None = None
    # Why no further request is wanted, in words; `None`: all are.
    ended: Callable[[], str | None] = _never

    def tell(self, message: str) -> None:
        """Takes a message that the user should see at once. Here it is dropped: the documents have
        what they need of it.
        """

    def note(self, message: str) -> None:
        """Takes a message that the pages of text show too."""

    def cleared(self) -> Iterator[tuple[int, ClearedRequest | PublishableRequest]]:
        """The requests that may be sent, some of them after their media are published; for the
        others it is noted why not.
        """
        for index, report in enumerate(self.reports):
            if index in self.receipts:  # completed earlier
                continue
            try:
                yield index, self._sendable(report)
            except NotCleared as error:
                sound = report.verdict is Verdict.PASS or (
                    report.verdict is Verdict.UNSURE and self.accept_unsure
                )  # True: only a local file is in the way
                self.left_out.add(index)
                if not sound:
                    self.explained.add(index)
                self.hold(
                    index,
                    error.in_words_of_command(),
                    Outcome.BROKEN if sound else not_cleared(report.verdict),
                )

    def _sendable(self, report: Report) -> ClearedRequest | PublishableRequest:
        """The request of a report. Raises `NotCleared` when it may not be sent."""
        if self.destination is not None:
            request = PublishableRequest(report, self.accept_unsure)
            if request.fields:
                return request
        return ClearedRequest(report, self.accept_unsure)

    def hold(self, index: int, why: str, outcome: Outcome = Outcome.DONE) -> None:
        """Notes that a request is not sent."""
        self.why[index] = why
        self.outcomes.add(outcome)
        self.note(f"{self.reports[index].label}: not sent: {why}")

    def take(self, index: int, error: SubmitError, outcome: Outcome) -> None:
        """Notes the outcome of a request that has a row in the ledger."""
        if error.receipt is None:
            self.hold(index, error.in_words_of_command(), outcome)
            return
        self.receipts[index] = error.receipt
        self.outcomes.add(outcome)
        message = error.in_words_of_command()
        self.troubles.append((error.receipt.label, message))
        if outcome is Outcome.UNKNOWN or UNWRITTEN in str(error):
            self.tell(message)
        else:
            self.note(f"{error.receipt.label}: {message}")

    def take_done(self, index: int, receipt: Receipt) -> None:
        """Notes that an identical request is completed, so this one is not sent."""
        self.receipts[index] = receipt
        self.outcomes.add(Outcome.DONE)
        self.note(f"{self.reports[index].label}: done already: {described(receipt)}")

    def result(self, index: int, text: str) -> None:
        """Notes how to get the file of a request that was completed earlier."""
        self.results[index] = text
        self.note(f"{self.reports[index].label}: {text}")

    @property
    def done(self) -> int:
        """The number of requests that were completed earlier."""
        return sum(receipt.already_done for receipt in self.receipts.values())

    @property
    def done_text(self) -> str:
        """The words about completed requests before the number of those to send; empty
        without any.
        """
        return f"{self.done} {'is' if self.done == 1 else 'are'} done already; " * bool(self.done)

    def interrupt(self, index: int, error: BaseException, receipt: Receipt | None) -> None:
        """Notes an interruption while nothing was in flight; `receipt` is the row of the request,
        if any.
        """
        self.interruption = error
        if receipt:
            self.receipts[index] = receipt
            if receipt.state is State.SENDING:  # interrupted again before the outcome was written
                self.outcomes.add(Outcome.UNKNOWN)
                text = unknown_in_command(replace(receipt, error="interrupted"))
                self.troubles.append((receipt.label, text))
                self.tell(text)
        else:
            self.hold(index, "it was interrupted before")

    def to_be_paid(self) -> Iterator[Report]:
        """The reports of requests that cost something in this run, if they are sent."""
        for index, report in enumerate(self.reports):
            done = index in self.receipts and self.receipts[index].already_done
            left_out = index in self.left_out and self.cleared_only
            if not (done or left_out or index in self.not_paid):
                yield report
