"""One call of the command `submit`: its requests, and where what came of them is shown."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from motion_preflight.cli.console import say, writable, write_all
from motion_preflight.cli.exit_codes import (
    BROKEN,
    CANNOT_RUN,
    INTERRUPTED,
    OK,
    OVER_BUDGET,
    UNKNOWN,
    UNSURE,
    first,
)
from motion_preflight.cli.options import formats_of, writer_of
from motion_preflight.cli.signals import code_of
from motion_preflight.sending.outcome import Outcome
from motion_preflight.sending.pages import results, sums, written
from motion_preflight.sending.submission import Submission
from motion_preflight.submission.receipt import described
from motion_preflight.text.lazy_dataclass import dataclass, field

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    from motion_preflight.cli.commands.failures import Failure
    from motion_preflight.formats.style import Style

_CODES = {
    Outcome.DONE: OK, Outcome.BROKEN: BROKEN, Outcome.UNUSABLE: CANNOT_RUN, Outcome.UNSURE: UNSURE,
    Outcome.OVER_BUDGET: OVER_BUDGET, Outcome.UNKNOWN: UNKNOWN,
}  # fmt: skip


def _nothing() -> None:
    pass


@dataclass(slots=True, kw_only=True)
class ShownSubmission(Submission):
    """The requests of one call of the command, with its options."""

    options: argparse.Namespace
    codes: set[int] = field(default_factory=set)  # beside those of the outcomes
    folder: Path | None = None  # of mended media; `None`: beside their sources
    unwritable: set[Path] = field(default_factory=set)  # output files, reported on stderr
    clear: Callable[[], None] = _nothing  # removes a bar before another line is printed

    def tell(self, message: str) -> None:
        """Prints a message on stderr."""
        self.clear()
        say(f"motion-preflight: {message}")

    def note(self, message: str) -> None:
        """Prints a message on stderr if stdout has no text."""
        if not self.text_on_stdout:
            self.tell(message)

    @property
    def text_on_stdout(self) -> bool:
        """Whether stdout shows text for people."""
        return ("text", None) in formats_of(self.options)

    @property
    def interrupted(self) -> int | None:
        """The exit code of whatever interrupted it; `None` when nothing did."""
        if self.interruption is not None:
            return code_of(self.interruption)
        return INTERRUPTED if self.declined else None

    def code(self) -> int:
        """The exit code for all requests together."""
        code = first(self.codes | {_CODES[outcome] for outcome in self.outcomes})
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
            shown = "\n".join([*results(self, style), *([dry_run(style)] if dry_run else [])])
            parts = [self._reports(style), shown] if reports_too else [shown]
            parts += ["\n".join(style.wrap(total, "  ", ""))] if total else []
            return style.shown("\n\n".join(parts))

        total = None if dry_run else sums(self)
        if total:
            self.note(total)
        self.options.answered = True
        for name, path in formats_of(self.options):
            if path in self.unwritable or (name == "text" and not self.reports):
                continue
            render = partial(rendered, reports_too=path is not None)  # stdout has them already
            if not write_all([(name, path)], render):
                self.codes.add(CANNOT_RUN)
                self._tell_receipts()

    def end_with(self, failure: Failure) -> None:
        """Writes the documents of what was done before a failure; stderr has it as text."""
        if failure.interrupted:
            self.interruption = SystemExit(failure.code)
        else:
            self.troubles.append((None, failure.message))
        formats = [
            (name, path)
            for name, path in formats_of(self.options)
            if name != "text" and path not in self.unwritable
        ]
        self.options.answered = True
        write_all(formats, self._written)

    def _tell_receipts(self) -> None:
        """Prints the receipts on stderr, because they could not be written to their output."""
        for receipt in self.receipts.values():
            self.tell(f"{receipt.label}: {described(receipt)}")

    def _reports(self, style: Style) -> str:
        return self._written("text", style)

    def _written(self, name: str, style: Style) -> str:
        """All reports in one format, with their receipts."""
        return written(self, writer_of(self.options, self.profile, name, style), name)
