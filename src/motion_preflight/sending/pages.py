"""The documents and pages of a run: its reports with their receipts, and what came of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.formats.problems import NOT_SENT
from motion_preflight.formats.receipt_list import FEW, receipts_text
from motion_preflight.formats.receipts import receipt_text, state_line, sums_text
from motion_preflight.formats.style import Span
from motion_preflight.formats.summary import trouble
from motion_preflight.formats.text_blocks import row
from motion_preflight.report.totals import totals
from motion_preflight.text.lazy_dataclass import replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.formats.style import Style
    from motion_preflight.formats.writer import Writer
    from motion_preflight.report.totals import Totals
    from motion_preflight.sending.submission import Submission

_NAMED = 3  # requests that one reason names
# These say next to a report what came of it.
_WITH_RECEIPTS = {"junit", "github", "markdown", "html"}


def written(submission: Submission, writer: Writer, name: str) -> str:
    """All reports in the format of that name, with their receipts."""
    parts = [writer.begin(), *map(writer.invalid_entry, submission.mistakes)]
    parts += [
        writer.report(report, submission.receipts.get(index))
        for index, report in enumerate(submission.reports)
    ]
    summed = run_totals(submission)
    if name != "text":  # as text they are on stderr, and below each report
        parts += [writer.failure(text, place) for place, text in _troubles(submission, name)]
        summed = replace(summed, interrupted=submission.interruption is not None)
    return "".join([*parts, writer.end(summed)]).rstrip("\n")


def run_totals(submission: Submission) -> Totals:
    """The verdicts of all requests, and the amounts of those that are paid in this run."""
    unpaid = totals(submission.to_be_paid(), submission.max_cost)
    return replace(
        totals(submission.reports, None),
        amount=unpaid.amount,
        unpriced=unpaid.unpriced,
        over_budget=unpaid.over_budget or submission.over_budget,
        max_cost=submission.max_cost,
    )


def results(submission: Submission, style: Style) -> Iterator[str]:
    """A paragraph for each request, or of many that were sent a line; many that were not sent for
    the same reason share one.
    """
    yield ""
    labels: dict[str, list[str]] = {}
    for index, why in submission.why.items():
        if index not in submission.receipts:
            of_many = submission.why_many.get(index, why)
            labels.setdefault(of_many, []).append(submission.reports[index].label)
    sent = {
        index: replace(receipt, label=submission.reports[index].label)  # not that of an earlier run
        for index, receipt in submission.receipts.items()
    }
    if len(sent) > FEW:
        outcomes = {number: submission.results.get(index) for number, index in enumerate(sent)}
        yield receipts_text(list(sent.values()), style, results=outcomes)
    shown: set[str] = set()
    for index, report in enumerate(submission.reports):
        why = submission.why.get(index, "")
        of_many = submission.why_many.get(index, why)
        if index in sent and len(sent) <= FEW:
            yield receipt_text(sent[index], style, result=submission.results.get(index))
        elif index not in sent and why and of_many not in shown:
            many = len(labels[of_many]) > _NAMED
            shown |= {of_many} if many else set()
            name = _names(labels[of_many]) if many else report.label
            label, more = ("", name) if many else (name, "")
            yield from state_line("not sent", "yellow", label, style, [Span(more)])
            yield from row("why", of_many if many else why, style)


def sums(submission: Submission) -> str | None:
    """The totals of a batch as text; `None` for a single request, or when nothing came
    of any.
    """
    if len(submission.reports) < 2 or not submission.receipts:
        return None
    return sums_text(list(submission.receipts.values()), len(submission.reports))


def _troubles(submission: Submission, name: str) -> Iterator[tuple[str | None, str]]:
    """Why requests were not sent or not completed, for a format that does not show this by
    itself.
    """
    for index, why in submission.why.items():
        if index not in submission.explained:
            yield submission.reports[index].label, f"{NOT_SENT}{why}"
    labels = {place for place, _ in submission.troubles}
    for place, text in submission.troubles:
        if place is None or name not in _WITH_RECEIPTS:
            yield place, text
    for receipt in submission.receipts.values():
        wrong = trouble(receipt)
        if wrong and receipt.label not in labels and name not in _WITH_RECEIPTS:
            yield receipt.label, wrong


def _names(labels: list[str]) -> str:
    """The number of many requests, and the names of the first."""
    return f"{len(labels)} requests ({', '.join(labels[:_NAMED])}, …)"
