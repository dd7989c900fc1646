"""Reports as GitHub workflow commands, which GitHub shows next to the lines of the request file.

A finding that decides the verdict is an error, or a warning where it leaves the request unsure; a
warning that decides because of `--strict` is an error. GitHub shows only the first 10 annotations
of each kind in a step. So the worst findings of a request come first, and the summary of the job
(`markdown`) has the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.formats.problems import error_document, kind_of
from motion_preflight.formats.receipts import cost_of
from motion_preflight.formats.source_location import SourceLocation, place_of, place_of_mistake
from motion_preflight.formats.summary import Billed, counted, ordered, summed, trouble, unexplained
from motion_preflight.report.findings import Level
from motion_preflight.text.locations import printable, redacted
from motion_preflight.text.workflow_commands import without_commands_inside

if TYPE_CHECKING:
    from motion_preflight.report.findings import Report
    from motion_preflight.report.totals import Totals
    from motion_preflight.request.errors import ManifestInvalid
    from motion_preflight.submission.receipt import Receipt

_KINDS = {
    Level.ERROR: "error", Level.UNSURE: "warning", Level.WARNING: "warning", Level.NOTE: "notice",
}  # fmt: skip
_TITLE = 255  # characters that GitHub accepts in a title


class Github:
    """Writes an annotation for each finding, nothing for a request without any, and a summary."""

    def __init__(self) -> None:
        self._currency: str | None = None
        self._mistakes = 0
        self._billed = Billed()

    def begin(self) -> str:
        """Writes nothing before the first command."""
        return ""

    def report(self, report: Report, receipt: Receipt | None = None) -> str:
        """An annotation for each finding but notes, and one for a submission that went wrong."""
        self._currency = report.options.profile.currency
        label, place = redacted(report.label), place_of(report.label)
        annotations = []
        self._billed.add(receipt)
        wrong = trouble(receipt)
        if wrong:
            cost = cost_of(receipt) if receipt and receipt.cost is not None else ""
            text = f"{wrong}\n{cost}" if cost else wrong
            annotations.append(("error", wrong.partition(":")[0], text))
        unmeasured = unexplained(report)
        if unmeasured:
            annotations.append(("warning", "not measured", unmeasured))
        for finding in ordered(report):
            if finding.level is Level.NOTE:
                continue  # a job shows only ten notices, and the summary must be among them
            strict = finding.level is Level.WARNING and report.decides(finding)
            kind = "error" if strict else _KINDS[finding.level]
            annotations.append((kind, finding.rule, f"{finding.message}\n{finding.remedy}"))
        return "".join(
            _command(kind, place, f"{title} ({label})", text) for kind, title, text in annotations
        )

    def invalid_entry(self, mistake: ManifestInvalid) -> str:
        """An error annotation at the line that holds no request."""
        self._mistakes += 1
        return _command("error", place_of_mistake(str(mistake)), "no request", str(mistake))

    def failure(self, message: str, place: str | None = None) -> str:
        """An error annotation that says what ended the run, or why a request was not sent."""
        error = error_document(message, place)
        where = place_of(error["place"] or "")
        title = f"motion-preflight: {kind_of(error)}"
        return _command("error", where, title, error["message"])

    def end(self, totals: Totals) -> str:
        """A notice with the counts, the cost and the bills; an error when it is over budget."""
        text = f"{counted(totals, self._mistakes)}."
        if self._currency is not None:
            text += f" {summed(totals, self._currency)}."
        text += self._billed.text
        kind, title = ("error", "over budget") if totals.over_budget else ("notice", "summary")
        return _command(kind, SourceLocation(""), f"motion-preflight: {title}", text)


def _command(kind: str, place: SourceLocation, title: str, text: str) -> str:
    """One workflow command on a line of its own, whatever characters the texts hold."""
    line = place.line if place.file else None
    named = {"file": place.file, "line": line, "title": title[:_TITLE]}
    properties = ",".join(
        f"{name}={_property(printable(str(value)))}"
        for name, value in named.items()
        if value is not None
    )
    lines = without_commands_inside("\n".join(printable(line) for line in text.split("\n")))
    return f"::{kind} {properties}::{_data(lines)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
