"""Reports as CSV, a row a request, for a spreadsheet.

A place without a request, and what ended the run, is a row too, with its kind in place of a
verdict. A spreadsheet would calculate a cell that begins like a formula, so an apostrophe goes
before it.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from motion_preflight.formats.problems import (
    error_document,
    interruption_document,
    kind_of,
    mistake_document,
)
from motion_preflight.formats.summary import ordered, unexplained
from motion_preflight.report.findings import Level
from motion_preflight.text.locations import printable, redacted
from motion_preflight.text.numbers import format_decimal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from motion_preflight.formats.schema import ErrorDocument
    from motion_preflight.report.findings import Report
    from motion_preflight.report.totals import Totals
    from motion_preflight.request.errors import ManifestInvalid
    from motion_preflight.submission.receipt import Receipt

_REQUEST = ("model", "mode", "character_orientation", "video_url", "image_url")
_LEVELS = {
    "errors": Level.ERROR, "unsure": Level.UNSURE, "warnings": Level.WARNING, "notes": Level.NOTE,
}  # fmt: skip
COLUMNS = (
    "request", "verdict", "message", *_LEVELS, *_REQUEST, "seconds_low", "seconds_high",
    "estimate_low", "estimate_high", "currency", "state", "task_id", "billed",
)  # fmt: skip
_LONGEST = 1000  # characters of a cell
_FORMULA = tuple("=+-@\t\r")


class Csv:
    """Writes a header, then a row for each request."""

    def begin(self) -> str:
        """The names of the columns."""
        return csv_line(COLUMNS)

    def report(self, report: Report, receipt: Receipt | None = None) -> str:
        """A row: the request, what decides it, the rules of each level, the cost, the receipt."""
        deciding = [finding.message for finding in ordered(report) if report.decides(finding)]
        row = {"request": redacted(report.label), "verdict": report.verdict.value}
        row["message"] = "; ".join(deciding) or unexplained(report) or ""
        for column, level in _LEVELS.items():
            rules = [finding.rule for finding in report.findings if finding.level is level]
            row[column] = " ".join(dict.fromkeys(rules))
        for name in _REQUEST:
            value = report.body.get(name)
            row[name] = redacted(value) if isinstance(value, str) else ""
        return _row(row | _cost(report) | _receipt(receipt))

    def invalid_entry(self, mistake: ManifestInvalid) -> str:
        """A row with the place that holds no request."""
        return _problem("no request", mistake_document(mistake))

    def failure(self, message: str, place: str | None = None) -> str:
        """A row with what ended the run, or why a request was not sent."""
        error = error_document(message, place)
        return _problem(kind_of(error), error)

    def end(self, totals: Totals) -> str:
        """A row about an interruption, where there was one."""
        return _problem("interrupted", interruption_document(totals)) if totals.interrupted else ""


def _cost(report: Report) -> dict[str, str]:
    estimate = report.estimate
    if estimate is None:
        return {}
    row = {"currency": estimate.currency}
    for name, span in (("seconds", estimate.seconds), ("estimate", estimate.amount)):
        row[f"{name}_low"] = csv_number(span.low if span else None)
        row[f"{name}_high"] = csv_number(span.high if span else None)
    return row


def _receipt(receipt: Receipt | None) -> dict[str, str]:
    if receipt is None:
        return {}
    state = "done already" if receipt.already_done else receipt.state.value
    return {"state": state, "task_id": receipt.task_id or "", "billed": csv_number(receipt.cost)}


def csv_number(value: Decimal | None) -> str:
    """A number exactly; what is not known is an empty cell."""
    return "" if value is None else format_decimal(value)


def _problem(kind: str, error: ErrorDocument) -> str:
    return _row({"request": error["place"] or "", "verdict": kind, "message": error["message"]})


def _row(cells: Mapping[str, str]) -> str:
    return csv_line([csv_cell(cells.get(column, "")) for column in COLUMNS])


def csv_cell(text: str) -> str:
    """A text on one line, which no spreadsheet takes for a formula."""
    text = printable(" ".join(text[: 2 * _LONGEST].split()))
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_line(cells: Sequence[str]) -> str:
    """The cells as one line, which ends with a line feed."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerow(cells)
    return file.getvalue()
