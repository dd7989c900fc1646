"""One call of `submit`: its requests, what came of each, and how that is shown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from motion_preflight.cli.console import say, writable, write_all
from motion_preflight.cli.exit_codes import (
    BROKEN,
    CANNOT_RUN,
    OF_VERDICT,
    OK,
    UNKNOWN,
    first,
)
from motion_preflight.cli.options import formats_of, writer_of
from motion_preflight.cli.signals import code_of
from motion_preflight.formats.problems import NOT_SENT
from motion_preflight.formats.receipts import receipt_text, state_line, sums_text
from motion_preflight.formats.summary import trouble
from motion_preflight.formats.text_blocks import row
from motion_preflight.provider.state import State
from motion_preflight.report.clearance import ClearedRequest, NotCleared, PublishableRequest
from motion_preflight.report.findings import Report, Verdict
from motion_preflight.report.totals import totals
from motion_preflight.submission.exchange import UNWRITTEN, unknown_text
from motion_preflight.submission.receipt import described

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from motion_preflight.cli.commands.failures import Failure
    from motion_preflight.formats.style import Style
    from motion_preflight.provider.profile import Profile
    from motion_preflight.request.errors import ManifestInvalid
    from motion_preflight.submission.errors import SubmitError
    from motion_preflight.submission.receipt import Receipt

_NAMED = 3  # requests that one reason names
_WITH_RECEIPTS = {
    "junit",
    "github",
    "markdown",
    "html",
}  # they say next to a report what came of it


@dataclass(slots=True)
class Submission:
    """The requests of one call by their index in the input: a report for each, and a receipt or the
    reason why there is none.
    """

    options: argparse.Namespace
    profile: Profile
    reports: list[Report] = field(default_factory=list)
    receipts: dict[int, Receipt] = field(default_factory=dict)
    why: dict[int, str] = field(default_factory=dict)
    explained: set[int] = field(default_factory=set)  # their reports say why they are not sent
    left_out: set[int] = field(default_factory=set)  # not cleared
    mistakes: list[ManifestInvalid] = field(default_factory=list)
    troubles: list[tuple[str | None, str]] = field(default_factory=list)  # place and message
    results: dict[int, str] = field(default_factory=dict)  # how to get files that are missing
    codes: set[int] = field(default_factory=set)
    not_paid: set[int] = field(default_factory=set)  # an identical request is not over
    paid_before: list[str] = field(default_factory=list)  # messages about requests paid anew
    folder: Path | None = None  # of mended media; `None`: beside their sources
    published: set[str] = field(default_factory=set)  # local media, each told of once
    destination: str | None = None  # where local media are published; `None`: nowhere
    over_budget: bool = False
    interrupted: int | None = None  # the exit code of whatever interrupted it
    unwritable: set[Path] = field(default_factory=set)  # output files, reported on stderr

    def cleared(self) -> Iterator[tuple[int, ClearedRequest | PublishableRequest]]:
        """The requests that may be sent, some of them after their media are published; for the
        others it is noted why not.
        """
        accept = self.options.accept_unsure
        for index, report in enumerate(self.reports):
            if index in self.receipts:  # completed earlier
                continue
            try:
                yield index, self._sendable(report)
            except NotCleared as error:
                sound = report.verdict is Verdict.PASS or (
                    report.verdict is Verdict.UNSURE and accept
                )  # True: only a local file is in the way
                self.left_out.add(index)
                if not sound:
                    self.explained.add(index)
                self.hold(
                    index,
                    error.in_words_of_command(),
                    BROKEN if sound else OF_VERDICT[report.verdict],
                )

    def _sendable(self, report: Report) -> ClearedRequest | PublishableRequest:
        """The request of a report. Raises `NotCleared` when it may not be sent."""
        accept = self.options.accept_unsure
        if self.destination is not None:
            request = PublishableRequest(report, accept)
            if request.fields:
                return request
        return ClearedRequest(report, accept)

    def hold(self, index: int, why: str, code: int = OK) -> None:
        """Notes that a request is not sent, and says so on stderr if stdout has no text."""
        self.why[index] = why
        self.codes.add(code)
        if not self.text_on_stdout:
            say(f"motion-preflight: {self.reports[index].label}: not sent: {why}")

    def take(self, index: int, error: SubmitError, code: int) -> None:
        """Notes the outcome of a request that has a row in the ledger."""
        if error.receipt is None:
            self.hold(index, error.in_words_of_command(), code)
            return
        self.receipts[index] = error.receipt
        self.codes.add(code)
        self.troubles.append((error.receipt.label, error.in_words_of_command()))
        if code == UNKNOWN or not self.text_on_stdout or UNWRITTEN in str(error):
            say(f"motion-preflight: {error.in_words_of_command()}")

    def take_done(self, index: int, receipt: Receipt) -> None:
        """Notes that an identical request is completed, so this one is not sent."""
        self.receipts[index] = receipt
        self.codes.add(OK)
        if not self.text_on_stdout:
            label = self.reports[index].label
            say(f"motion-preflight: {label}: done already: {described(receipt)}")

    def result(self, index: int, text: str) -> None:
        """Notes how to get the code of a request that was completed earlier."""
        self.results[index] = text
        if not self.text_on_stdout:
            say(f"motion-preflight: {self.reports[index].label}: {text}")

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
        self.interrupted = code_of(error)
        if receipt:
            self.receipts[index] = receipt
            if receipt.state is State.SENDING:  # interrupted again before the outcome was written
                self.codes.add(UNKNOWN)
                text = unknown_text(replace(receipt, error="interrupted"))
                self.troubles.append((receipt.label, text))
                say(f"motion-preflight: {text}")
        else:
            self.hold(index, "it was interrupted before")

    @property
    def text_on_stdout(self) -> bool:
        """Whether stdout shows text for people."""
        return ("text", None) in formats_of(self.options)

    def code(self) -> int:
        """The exit code for all requests together."""
        code = first(self.codes)
        if self.interrupted is not None and code != UNKNOWN:
            return self.interrupted
        return code

    def show_reports(self) -> bool:
        """Prints the reports before anything is sent. False when nobody would see what was sent,
        because they could not be printed, or because an output file cannot be written.
        """
        files = [path for _, path in formats_of(self.options) if path]
        self.unwritable = {path for path in files if self.reports and not writable(path)}
        if not self.reports or self.unwritable:
            return not self.reports
        if not self.text_on_stdout:
            return True
        return write_all(
            [("text", None)], lambda _, style: style.shown(self._reports(style)), must_be_read=True
        )

    def show_results(self, dry_run: Callable[[Style], str] | None = None) -> None:
        """Prints what came of each request (or would be sent), and writes every other format."""

        def rendered(name: str, style: Style, *, reports_too: bool) -> str:
            if name != "text":
                return self._written(name, style)
            results = "\n".join([*self._results(style), *([dry_run(style)] if dry_run else [])])
            results += f"\n\n{sums}" if sums else ""
            parts = [self._reports(style)] if reports_too else []
            return style.shown("\n\n".join([*parts, results]))

        sums = None if dry_run else self._sums()
        if sums and not self.text_on_stdout:
            say(f"motion-preflight: {sums}")
        self.options.answered = True
        for name, path in formats_of(self.options):
            if path in self.unwritable or (name == "text" and not self.reports):
                continue
            render = partial(rendered, reports_too=path is not None)  # stdout has them already
            if not write_all([(name, path)], render):
                self.codes.add(CANNOT_RUN)
                self._tell()

    def end_with(self, failure: Failure) -> None:
        """Writes the documents of what was done before a failure; stderr has it as text."""
        if failure.interrupted:
            self.interrupted = failure.code
        else:
            self.troubles.append((None, failure.message))
        formats = [
            (name, path)
            for name, path in formats_of(self.options)
            if name != "text" and path not in self.unwritable
        ]
        self.options.answered = True
        write_all(formats, self._written)

    def _sums(self) -> str | None:
        """The totals of a batch as text; `None` for a single request, or when nothing came
        of any.
        """
        if len(self.reports) < 2 or not self.receipts:
            return None
        return sums_text(list(self.receipts.values()), len(self.reports))

    def _tell(self) -> None:
        """Prints the receipts on stderr, because they could not be written to their output."""
        for receipt in self.receipts.values():
            say(f"motion-preflight: {receipt.label}: {described(receipt)}")

    def _reports(self, style: Style) -> str:
        return self._written("text", style)

    def _written(self, name: str, style: Style) -> str:
        """All reports in one format, with their receipts."""
        writer = writer_of(self.options, self.profile, name, style)
        parts = [writer.begin(), *map(writer.invalid_entry, self.mistakes)]
        parts += [
            writer.report(report, self.receipts.get(index))
            for index, report in enumerate(self.reports)
        ]
        unpaid = totals(self._to_be_paid(), self.options.max_cost)
        summed = replace(
            totals(self.reports, None),
            amount=unpaid.amount,
            unpriced=unpaid.unpriced,
            over_budget=unpaid.over_budget or self.over_budget,
        )
        if name != "text":  # as text they are on stderr, and below each report
            parts += [writer.failure(text, place) for place, text in self._troubles(name)]
            summed = replace(summed, interrupted=self.interrupted is not None)
        return "".join([*parts, writer.end(summed)]).rstrip("\n")

    def _to_be_paid(self) -> Iterator[Report]:
        """The reports of requests that cost something in this run, if they are sent."""
        for index, report in enumerate(self.reports):
            done = index in self.receipts and self.receipts[index].already_done
            left_out = index in self.left_out and self.options.cleared_only
            if not (done or left_out or index in self.not_paid):
                yield report

    def _troubles(self, name: str) -> Iterator[tuple[str | None, str]]:
        """Why requests were not sent or not completed, for a format that does not show this by
        itself.
        """
        for index, why in self.why.items():
            if index not in self.explained:
                yield self.reports[index].label, f"{NOT_SENT}{why}"
        labels = {place for place, _ in self.troubles}
        for place, text in self.troubles:
            if place is None or name not in _WITH_RECEIPTS:
                yield place, text
        for receipt in self.receipts.values():
            wrong = trouble(receipt)
            if wrong and receipt.label not in labels and name not in _WITH_RECEIPTS:
                yield receipt.label, wrong

    def _results(self, style: Style) -> Iterator[str]:
        """A paragraph for each request; many that were not sent for the same reason share one."""
        yield ""
        labels: dict[str, list[str]] = {}
        for index, why in self.why.items():
            if index not in self.receipts:
                labels.setdefault(why, []).append(self.reports[index].label)
        shown: set[str] = set()
        for index, report in enumerate(self.reports):
            why = self.why.get(index, "")
            if index in self.receipts:
                yield receipt_text(self.receipts[index], style, result=self.results.get(index))
            elif why and why not in shown:
                many = len(labels[why]) > _NAMED
                shown |= {why} if many else set()
                name = _names(labels[why]) if many else report.label
                label, more = ("", name) if many else (name, "")
                yield from state_line("not sent", "yellow", label, style, more)
                yield from row("why", why, style)


def _names(labels: list[str]) -> str:
    """The number of many requests, and the names of the first."""
    return f"{len(labels)} requests ({', '.join(labels[:_NAMED])}, …)"
