"""Reports as GitHub workflow commands, which GitHub shows next to the lines of the request file.

A finding that decides the verdict is an error, or a warning where it leaves the request unsure; a
warning that decides because of `--strict` is an error. GitHub shows only the first 10 annotations
of each kind in a step. So equal findings in one file are one annotation, which names the first
requests; they stand at the end, the most frequent first. The summary of the job (`markdown`) has
the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.formats.folded import Places
from motion_preflight.formats.problems import error_document, kind_of
from motion_preflight.formats.receipts import cost_of
from motion_preflight.formats.source_location import SourceLocation, place_of, place_of_mistake
from motion_preflight.formats.summary import Billed, counted, ordered, trouble, unexplained
from motion_preflight.formats.summary_text import summed
from motion_preflight.report.findings import Level
from motion_preflight.text.lazy_dataclass import dataclass, field
from motion_preflight.text.locations import printable, redacted
from motion_preflight.text.numbers import plural
from motion_preflight.text.workflow_commands import without_commands_inside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Report
    from motion_preflight.report.totals import Totals
    from motion_preflight.request.errors import ManifestInvalid
    from motion_preflight.submission.receipt import Receipt

_KINDS = {
    Level.ERROR: "error", Level.UNSURE: "warning", Level.WARNING: "warning", Level.NOTE: "notice",
}  # fmt: skip
_TITLE = 255  # characters that GitHub accepts in a title
_KEPT = 2000  # annotations that wait for equal ones; more are written as they come


@dataclass(frozen=True, slots=True)
class _Annotation:
    """What is equal in annotations that are shown as one: all but the line and the label."""

    kind: str
    title: str
    text: str
    file: str


@dataclass(slots=True)
class _Group:
    place: SourceLocation  # of the first
    places: Places = field(default_factory=Places)


class Github:
    """Writes an annotation for each finding, nothing for a request without any, and a summary."""

    def __init__(self) -> None:
        self._currency: str | None = None
        self._mistakes = 0
        self._billed = Billed()
        self._groups: dict[_Annotation, _Group] = {}

    def begin(self) -> str:
        """Writes nothing before the first command."""
        return ""

    def report(self, report: Report, receipt: Receipt | None = None) -> str:
        """Keeps an annotation for each finding but notes, and one for a submission that went wrong;
        returns those beyond the bound.
        """
        self._currency = report.options.profile.currency
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
        return "".join(self._keep(report.label, *annotation) for annotation in annotations)

    def _keep(self, label: str, kind: str, title: str, text: str) -> str:
        """Adds one annotation to the equal ones; returns it when there are too many."""
        place = place_of(label)
        annotation = _Annotation(kind, title, text, place.name)
        if annotation not in self._groups and len(self._groups) >= _KEPT:
            return _command(kind, place, f"{title} ({redacted(label)})", text)
        self._groups.setdefault(annotation, _Group(place)).places.add(redacted(label))
        return ""

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
        """The annotations, errors first; then a notice with the counts, the cost and the bills,
        which is an error when it is over budget.
        """
        text = f"{counted(totals, self._mistakes)}."
        if self._currency is not None:
            text += f" {summed(totals, self._currency)}."
        text += self._billed.text
        kind, title = ("error", "over budget") if totals.over_budget else ("notice", "summary")
        summary = _command(kind, SourceLocation(""), f"motion-preflight: {title}", text)
        return "".join([*self._grouped(), summary])

    def _grouped(self) -> Iterator[str]:
        groups = sorted(
            self._groups.items(), key=lambda item: (item[0].kind != "error", -item[1].places.count)
        )
        for annotation, group in groups:
            (label, *others), more = group.places.first, group.places.count - 1
            title, text = f"{annotation.title} ({label})", annotation.text
            if more:
                title = f"{annotation.title} ({label} and {more:,} more)"
                hidden = more - len(others)
                named = f"{', '.join(others)}{f' and {hidden:,} more' if hidden else ''}"
                text += f"\nIn {plural(more, 'other request')} too: {named}"
            yield _command(annotation.kind, group.place, title, text)


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
