"""Reports as Markdown for the summary page of a job: what fails or is unsure, and why.

Everything is written at the end, and what is kept until then is bounded: GitHub shows no summary
larger than 1 MiB. Texts from outside stand in code spans, where nothing is markup, link or image.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from motion_preflight.formats.problems import Problems
from motion_preflight.formats.receipts import cost_of
from motion_preflight.formats.source_location import place_of_mistake
from motion_preflight.formats.summary import Billed, counted, ordered, trouble, unexplained
from motion_preflight.formats.summary_text import summed
from motion_preflight.formats.text_blocks import money
from motion_preflight.report.findings import Verdict
from motion_preflight.text.locations import printable, redacted
from motion_preflight.text.numbers import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Report
    from motion_preflight.report.totals import Totals
    from motion_preflight.request.errors import ManifestInvalid
    from motion_preflight.submission.receipt import Receipt

_BYTES = 300_000  # for the rows of one kind, of which there are three
_WORST = 10  # reasons in the table of reasons
_REASONS = 5  # reasons of one request
_LABEL = 200  # characters
_MESSAGE = 400


class Markdown:
    """Writes counts, a table of at most `rows` requests with the worst first, and the reasons."""

    def __init__(self, currency: str, rows: int = 200) -> None:
        self._currency = currency
        self._most = rows
        self._failing, self._unread, self._unsure = (_Rows(rows) for _ in range(3))
        self._problems = Problems()
        self._billed = Billed()

    def begin(self) -> str:
        """Writes nothing before the end of the run."""
        return ""

    def report(self, report: Report, receipt: Receipt | None = None) -> str:
        """Writes nothing yet, but keeps a row for a request that does not pass."""
        self._billed.add(receipt)
        wrong = trouble(receipt)
        if wrong is None and report.verdict is Verdict.PASS:
            return ""
        unsure = wrong is None and report.verdict is Verdict.UNSURE
        rows = self._unsure if unsure else self._failing
        if rows.has_room():
            verdict = wrong.partition(":")[0] if wrong else report.verdict.value
            reasons = [_code(wrong, _MESSAGE)] if wrong else list(_reasons(report))
            rows.add(redacted(report.label), verdict, reasons, _cost(report, receipt))
        return ""

    def invalid_entry(self, mistake: ManifestInvalid) -> str:
        """Writes nothing yet, but keeps a row for the place that holds no request."""
        if self._unread.has_room():
            text = str(mistake)
            self._unread.add(place_of_mistake(text).text, "no request", [_code(text, _MESSAGE)], "")
        return ""

    def failure(self, message: str, place: str | None = None) -> str:
        """Writes nothing yet, but keeps the message for the end."""
        self._problems.failure(message, place)
        return ""

    def end(self, totals: Totals) -> str:
        """Writes the whole page: counts, cost, problems, the table of requests, and the reasons."""
        kinds = (self._failing, self._unread, self._unsure)
        rows = [row for kind in kinds for row in kind.rows][: self._most]
        lines = [f"## {counted(totals, self._unread.seen)}", "", self._total(totals)]
        lines += _problems(self._problems)
        if rows:
            lines += ["", "| request | verdict | reasons | cost |", "| --- | --- | --- | --- |"]
            lines += rows
            more = sum(kind.seen for kind in kinds) - len(rows)
            lines += ["", f"and {more:,} more"] if more else []
        lines += _worst(totals)
        passes = totals.verdicts[Verdict.PASS]
        lines += ["", f"{passes:,} request{' passes' if passes == 1 else 's pass'}."]
        return "\n".join([*lines, ""])

    def _total(self, totals: Totals) -> str:
        over = " **Over budget.**" if totals.over_budget else ""
        return f"{_code(summed(totals, self._currency), _MESSAGE)}.{over}{self._billed.text}"


class _Rows:
    """The first rows of one kind, and the number of all."""

    def __init__(self, most: int) -> None:
        self.rows: list[str] = []
        self.seen = 0
        self._most, self._left = most, _BYTES

    def has_room(self) -> bool:
        """Counts one more; whether a row for it should be added."""
        self.seen += 1
        return len(self.rows) < self._most and self._left > 0

    def add(self, label: str, verdict: str, reasons: list[str], cost: str) -> None:
        name = _code(_end_of(label), _LABEL)
        row = f"| {name} | {verdict} | {'<br>'.join(reasons)} | {cost} |"
        self._left -= len(row.encode())
        if self._left >= 0:
            self.rows.append(row)


def _cost(report: Report, receipt: Receipt | None) -> str:
    if receipt is not None and receipt.cost is not None:
        return _code(cost_of(receipt), _MESSAGE)
    estimate = report.estimate
    if estimate is None or estimate.amount is None:
        return "not known"
    return _code(money(estimate.amount, estimate.currency), _MESSAGE)


def _reasons(report: Report) -> Iterator[str]:
    unmeasured = unexplained(report)
    if unmeasured:
        yield _code(unmeasured, _MESSAGE)
    deciding = [finding for finding in ordered(report) if report.decides(finding)]
    for finding in deciding[:_REASONS]:
        yield f"{_code(finding.rule, _LABEL)}: {_code(finding.message, _MESSAGE)}"
    if len(deciding) > _REASONS:
        yield f"and {len(deciding) - _REASONS} more"


def _problems(problems: Problems) -> list[str]:
    """Lines about what went wrong besides the verdicts; places with the same message stand
    together.
    """
    places: dict[str, list[str]] = {}
    for error in problems.documents():
        places.setdefault(error["message"], []).append(error["place"] or "")
    lines = []
    for message, named in list(places.items())[:_REASONS]:
        shown = ", ".join(_code(place, _LABEL) for place in named[:_REASONS] if place)
        more = f" and {len(named) - _REASONS:,} more" if len(named) > _REASONS else ""
        lines += ["", f"**{f'{shown}{more}: ' if shown else ''}{_code(message, _MESSAGE)}**"]
    more_reasons = len(places) - _REASONS
    if more_reasons > 0:
        lines += ["", f"and {more_reasons:,} more problem{'' if more_reasons == 1 else 's'}"]
    return lines


def _worst(totals: Totals) -> list[str]:
    """A table of the reasons that decide most verdicts, the worst first."""
    reasons = totals.worst()
    if not reasons:
        return []
    lines = ["", "| reason | level | requests |", "| --- | --- | ---: |"]
    lines += [
        f"| {_code(rule, _LABEL)} | {level} | {count:,} |"
        for level, rule, count in reasons[:_WORST]
    ]
    more = len(reasons) - _WORST
    return [*lines, "", f"and {plural(more, 'more reason')}"] if more > 0 else lines


def _end_of(label: str) -> str:
    """The label, or the end of a long one, where its name stands."""
    return label if len(label) <= _LABEL else f"…{label[1 - _LABEL :]}"


def _code(text: str, most: int) -> str:
    """Text as a code span, cut to `most` characters. A backtick would end the span, and a bar would
    end the cell of a table, so both stand between two spans as entities.
    """
    shown = text if len(text) <= most else f"{text[: most - 1]}…"
    return "".join(map(_piece, re.split("([|`])", printable(shown))))


def _piece(text: str) -> str:
    if text in {"|", "`"}:
        return f"&#{ord(text)};"
    if text.strip(" ") and text[0] == text[-1] == " ":
        text = f" {text} "  # Markdown removes one blank on each side
    return f"`{text}`" if text else ""
