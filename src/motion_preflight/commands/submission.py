"""What one call of `submit` has read and what came of it, request by request, as it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from motion_preflight.budget import totals
from motion_preflight.commands.given import formats_of, writer_of
from motion_preflight.exchange import UNWRITTEN, unknown_text
from motion_preflight.exit_codes import (
    BROKEN,
    CANNOT_RUN,
    OF_VERDICT,
    OK,
    UNKNOWN,
    first,
)
from motion_preflight.formats.receipts import receipt_text, sums_text
from motion_preflight.formats.text import row
from motion_preflight.interruption import code_of
from motion_preflight.output import say, writable, write_all
from motion_preflight.receipt import State, described
from motion_preflight.report import ClearedRequest, Report, Verdict, hindrance
from motion_preflight.source.location import printable

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from motion_preflight.errors import SubmitError
    from motion_preflight.formats.style import Style
    from motion_preflight.profile import Profile
    from motion_preflight.receipt import Receipt


@dataclass(slots=True)
class Submission:
    """Requests by their place in the input: a report each, and a receipt or why there is none."""

    options: argparse.Namespace
    profile: Profile
    reports: list[Report] = field(default_factory=list)
    receipts: dict[int, Receipt] = field(default_factory=dict)
    why: dict[int, str] = field(default_factory=dict)
    codes: set[int] = field(default_factory=set)
    over_budget: bool = False
    interrupted: int | None = None  # the exit code of whatever interrupted it
    unwritable: set[Path] = field(default_factory=set)  # files that were asked for, and said

    def cleared(self) -> Iterator[tuple[int, ClearedRequest]]:
        """What may be sent; of the others it is noted why not."""
        accept = self.options.accept_unsure
        for index, report in enumerate(self.reports):
            why = hindrance(report, accept_unsure=accept)
            if why:
                sound = report.verdict is Verdict.PASS or (
                    report.verdict is Verdict.UNSURE and accept
                )  # then a local file is in the way
                self.hold(index, why, BROKEN if sound else OF_VERDICT[report.verdict])
            else:
                yield index, ClearedRequest(report, accept)

    def hold(self, index: int, why: str, code: int = OK) -> None:
        """Notes that a request is not sent; said on stderr where stdout has no text."""
        self.why[index] = why
        self.codes.add(code)
        if not self.text_on_stdout:
            say(f"motion-preflight: {self.reports[index].label}: not sent: {why}")

    def take(self, index: int, error: SubmitError, code: int) -> None:
        """Notes what came of a request that has a row in the ledger."""
        if error.receipt is None:
            self.hold(index, str(error), code)
            return
        self.receipts[index] = error.receipt
        self.codes.add(code)
        if code == UNKNOWN or not self.text_on_stdout or UNWRITTEN in str(error):
            say(f"motion-preflight: {error}")

    def interrupt(self, index: int, error: BaseException, receipt: Receipt | None) -> None:
        """Notes an interruption while nothing was in flight; `receipt` is the row there is."""
        self.interrupted = code_of(error)
        if receipt:
            self.receipts[index] = receipt
            if receipt.state is State.SENDING:  # interrupted twice: what came is not written down
                self.codes.add(UNKNOWN)
                say(f"motion-preflight: {unknown_text(replace(receipt, error='interrupted'))}")
        else:
            self.hold(index, "it was interrupted before")

    @property
    def text_on_stdout(self) -> bool:
        return ("text", None) in formats_of(self.options)

    def code(self) -> int:
        """The exit code over all of it."""
        found = first(self.codes)
        if self.interrupted is not None and found != UNKNOWN:
            return self.interrupted
        return found

    def show_reports(self) -> bool:
        """Prints the reports before anything is sent; False when nobody would see what was sent:
        they could not be printed, or a file that was asked for cannot be written.
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
            sums = self._sums()
            results += f"\n\n{sums}" if sums else ""
            parts = [self._reports(style)] if reports_too else []
            return style.shown("\n\n".join([*parts, results]))

        sums = self._sums()
        if sums and not self.text_on_stdout:
            say(f"motion-preflight: {sums}")
        for name, path in formats_of(self.options) if self.reports else []:
            if path in self.unwritable:
                continue
            render = partial(rendered, reports_too=path is not None)  # on stdout they stand above
            if not write_all([(name, path)], render):
                self.codes.add(CANNOT_RUN)
                self._tell()

    def _sums(self) -> str | None:
        """What a batch came to; `None` where one request or none was to be sent."""
        if len(self.reports) < 2 or not self.receipts:
            return None
        return sums_text(list(self.receipts.values()), len(self.reports))

    def _tell(self) -> None:
        """Says on stderr what could not be written where it was to go."""
        for receipt in self.receipts.values():
            say(f"motion-preflight: {receipt.label}: {described(receipt)}")

    def _reports(self, style: Style) -> str:
        return self._written("text", style)

    def _written(self, name: str, style: Style) -> str:
        """All reports in one format, receipts with them."""
        writer = writer_of(self.options, self.profile, name, style)
        parts = [writer.begin()]
        parts += [
            writer.report(report, self.receipts.get(index))
            for index, report in enumerate(self.reports)
        ]
        summed = totals(self.reports, self.options.max_cost)
        summed = replace(summed, over_budget=summed.over_budget or self.over_budget)
        return "".join([*parts, writer.end(summed)]).rstrip("\n")

    def _results(self, style: Style) -> Iterator[str]:
        """A paragraph a request."""
        yield ""
        for index, report in enumerate(self.reports):
            if index in self.receipts:
                yield receipt_text(self.receipts[index], style)
            elif index in self.why:
                state = style.paint(f"{'not sent':<11}", "yellow", "bold")
                yield f"{state} {style.paint(printable(report.label), 'bold')}"
                yield from row("why", self.why[index], style)
