"""The format `text`: reports for people, one after the other, and a summary at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from motion_preflight.formats.summary_text import summary_text
from motion_preflight.formats.text_blocks import cost_lines, report_text

if TYPE_CHECKING:
    from decimal import Decimal

    from motion_preflight.formats.style import Style
    from motion_preflight.provider.profile import Profile
    from motion_preflight.report.findings import Report
    from motion_preflight.report.totals import Totals
    from motion_preflight.request.errors import ManifestInvalid
    from motion_preflight.submission.receipt import Receipt


@dataclass(slots=True)
class Text:
    """Writes reports as text. `quiet` shows only the verdict and what decides it, `verbose` the
    notes and sources, too, `cost_only` only the cost (as `estimate` does).
    """

    profile: Profile
    style: Style
    quiet: bool = False
    verbose: bool = False
    cost_only: bool = False
    max_cost: Decimal | None = None
    _reports: int = field(default=0)
    _mistakes: int = field(default=0)

    def begin(self) -> str:
        """Writes nothing before the first report."""
        return ""

    def report(self, report: Report, receipt: Receipt | None = None) -> str:  # noqa: ARG002  receipts.py shows it
        """One report, after an empty line if it is not the first. Receipts are shown by
        `receipts.py`.
        """
        self._reports += 1
        if self.cost_only:
            shown = cost_lines(report, self.style, verbose=self.verbose)
        else:
            shown = report_text(
                report, self.profile, self.style, quiet=self.quiet, verbose=self.verbose
            )
        between = "" if self._reports == 1 or self.quiet else "\n"
        return self.style.shown(f"{between}{shown}\n")

    def invalid_entry(self, mistake: ManifestInvalid) -> str:  # noqa: ARG002  printed on stderr
        """Writes nothing, but counts the place, which stderr has already named."""
        self._mistakes += 1
        return ""

    def failure(self, message: str, place: str | None = None) -> str:  # noqa: ARG002  printed on stderr
        """Writes nothing, since stderr has the message."""
        return ""

    def end(self, totals: Totals) -> str:
        """The summary of several reports; nothing after a single one without a budget."""
        unread = f"{self._mistakes:,} could not be read as a request\n" if self._mistakes else ""
        if not self._reports:  # stderr has said what is wrong with a single one
            return self.style.shown(unread) if self._mistakes > 1 else ""
        if self._reports == 1 and self.max_cost is None and not self._mistakes:
            return ""
        summary = summary_text(totals, self.profile.currency, self.max_cost, self.style)
        between = "" if self.quiet else "\n"
        return self.style.shown(f"{between}{summary}\n{unread}")
