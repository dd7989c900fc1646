"""The format `text`: reports for people, one after the other, and a summary at the end. Of many
requests equal findings are shown once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.formats.names import Detail
from motion_preflight.formats.text_blocks import cost_lines, headline, report_text, warned
from motion_preflight.text.lazy_dataclass import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from motion_preflight.formats.folded import Fold
    from motion_preflight.formats.style import Style
    from motion_preflight.provider.profile import Profile
    from motion_preflight.report.findings import Report
    from motion_preflight.report.totals import Totals
    from motion_preflight.request.errors import ManifestInvalid
    from motion_preflight.submission.receipt import Receipt

FEW = 5  # up to so many requests have a report of their own


@dataclass(slots=True)
class Text:
    """Writes reports as text; `cost_only` shows only the cost, as `estimate` does.

    How many there are shows only at the end. So the first ones are held until then, or until there
    are too many of them.
    """

    profile: Profile
    style: Style
    detail: Detail = Detail.USUAL
    cost_only: bool = False
    max_cost: Decimal | None = None
    _reports: int = field(default=0)
    _mistakes: int = field(default=0)
    _held: list[Report] = field(default_factory=list)
    _fold: Fold | None = None

    def begin(self) -> str:
        """Writes nothing before the first report."""
        return ""

    def report(self, report: Report, receipt: Receipt | None = None) -> str:  # noqa: ARG002  receipts.py shows it
        """The line of a report where each has one; nothing otherwise, since it is shown at the end.
        Receipts are shown by `receipts.py`.
        """
        self._reports += 1
        if self.detail is Detail.CONCISE:
            return self.style.shown(f"{self._line(report)}\n")
        self._held.append(report)
        if self._fold is not None or len(self._held) > FEW:
            self._fold_held()
        return ""

    def _fold_held(self) -> Fold:
        """Adds what is held to the fold, which is imported for many only, and returns it."""
        if self._fold is None:
            from motion_preflight.formats.folded import Fold  # noqa: PLC0415  as it says

            self._fold = Fold()
        for report in self._held:
            self._fold.add(report)
        self._held.clear()
        return self._fold

    def _line(self, report: Report) -> str:
        from motion_preflight.formats.summary import ordered  # noqa: PLC0415  where it is asked for

        rules = dict.fromkeys(
            f"{finding.level} {finding.rule}"
            for finding in ordered(report)
            if report.decides(finding)
        )
        why = "  " + ", ".join(rules) if rules else ""
        return headline(report, self.style.unwrapped, f"{why}{warned(report)}", column=6)[0]

    def _whole(self, report: Report) -> str:
        if self.cost_only:
            verbose = self.detail is Detail.VERBOSE
            return cost_lines(report, self.style, verbose=verbose)
        return report_text(report, self.profile, self.style, self.detail)

    def invalid_entry(self, mistake: ManifestInvalid) -> str:  # noqa: ARG002  printed on stderr
        """Writes nothing, but counts the place, which stderr has already named."""
        self._mistakes += 1
        return ""

    def failure(self, message: str, place: str | None = None) -> str:  # noqa: ARG002  printed on stderr
        """Writes nothing, since stderr has the message."""
        return ""

    def end(self, totals: Totals) -> str:
        """The reports, or of many what is equal in them, and the summary of several."""
        if self._held and self.detail is not Detail.STATISTICS:
            between = "\n" if self.detail is Detail.QUIET else "\n\n"
            reports = between.join(map(self._whole, self._held))
        else:
            reports = "\n".join(self._folded()).strip("\n")
        summary = self._summary(totals)
        text = "\n\n".join(part for part in (reports, summary) if part)
        above = "\n" if self.detail is Detail.CONCISE and self._reports else ""
        return self.style.shown(f"{above}{text}\n") if text else ""

    def _folded(self) -> Iterator[str]:
        if self.detail is Detail.CONCISE or not self._reports:
            return
        fold = self._fold_held()
        if self.detail is Detail.STATISTICS:
            yield from fold.statistics(self.style)
        elif self.cost_only:
            yield from fold.cost_lines(self.style)
        else:
            quiet, verbose = self.detail is Detail.QUIET, self.detail is Detail.VERBOSE
            yield from fold.lines(self.style, quiet=quiet, verbose=verbose)

    def _summary(self, totals: Totals) -> str:
        """The summary of several reports; nothing after a single one without a budget."""
        unread = f"{self._mistakes:,} could not be read as a request" if self._mistakes else ""
        if not self._reports:  # stderr has said what is wrong with a single one
            return unread if self._mistakes > 1 else ""
        if self._reports == 1 and self.max_cost is None and not self._mistakes:
            return ""
        from motion_preflight.formats.summary_text import summary_text  # noqa: PLC0415  as above

        summary = summary_text(totals, self.profile.currency, self.style)
        return f"{summary}\n{unread}".rstrip("\n")
