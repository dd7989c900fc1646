"""Where the money went, for programs: the document of `spend`, and its table as CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.formats.csv import csv_cell, csv_line, csv_number
from motion_preflight.formats.tool import tool_document
from motion_preflight.submission.spending import rows_by, total_of
from motion_preflight.text.lazy_dataclass import dataclass

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from decimal import Decimal

    from motion_preflight.formats.media_schema import Range
    from motion_preflight.formats.schema import ErrorDocument
    from motion_preflight.formats.spend_schema import (
        ReconciliationDocument,
        SpendDocument,
        SpendSumsDocument,
    )
    from motion_preflight.submission.reconciliation import Reconciliation
    from motion_preflight.submission.spending import Spending, SpendRow, Sums
    from motion_preflight.text.numbers import AmountRange

_COLUMNS = ("count", "seconds_low", "seconds_high", "estimate_low", "estimate_high", "billed",
            "difference", "unknown", "currency")  # fmt: skip


@dataclass(frozen=True, slots=True)
class SpendReport:
    """What `spend` shows: the rows of the dimensions `by`, and their total."""

    by: tuple[str, ...]
    rows: tuple[SpendRow, ...]
    total: SpendRow | None  # `None`: the rows are alternatives
    since: dt.date | None = None
    until: dt.date | None = None
    origins: tuple[str, ...] = ()  # of the providers that the requests went to
    reconciliation: Reconciliation | None = None


def spend_report(
    spending: Sequence[Spending],
    by: Sequence[str],
    since: dt.date | None = None,
    until: dt.date | None = None,
    reconciliation: Reconciliation | None = None,
) -> SpendReport:
    """What `spend` shows of the requests of these days."""
    return SpendReport(
        tuple(by),
        tuple(rows_by(spending, by)),
        total_of(spending),
        since,
        until,
        tuple(sorted({one.origin for one in spending})),
        reconciliation,
    )


def spend_document(
    report: SpendReport, errors: Sequence[ErrorDocument] = (), *, interrupted: bool = False
) -> SpendDocument:
    """The JSON document: amounts as numbers, what is not known as null."""
    total = report.total
    roundings = total.sums if total and total.sums.compared else None
    return {
        "schema": "motion-preflight/spend/1",
        "tool": tool_document(),
        "since": report.since.isoformat() if report.since else None,
        "until": report.until.isoformat() if report.until else None,
        "rows": [{"by": dict(row.by), **_sums(row)} for row in report.rows],
        "total": _sums(total) if total else None,
        "roundings": {"tasks": roundings.compared, "fits": dict(roundings.fits)}
        if roundings
        else None,
        "usage": _usage(report.reconciliation) if report.reconciliation else None,
        "interrupted": interrupted,
        "errors": list(errors),
    }


def spend_csv(report: SpendReport) -> str:
    """The rows as CSV with a header, without the total, which a spreadsheet sums itself."""
    lines = [csv_line([*report.by, *_COLUMNS])]
    for row in report.rows:
        values = [csv_cell(row.by[name] or "") for name in report.by]
        lines.append(csv_line([*values, *_cells(row.sums), row.currency or ""]))
    return "".join(lines).rstrip("\n")


def _cells(sums: Sums) -> list[str]:
    seconds, estimate = sums.seconds, sums.estimate
    return [
        str(sums.count),
        csv_number(seconds.low if seconds else None),
        csv_number(seconds.high if seconds else None),
        csv_number(estimate.low if estimate else None),
        csv_number(estimate.high if estimate else None),
        csv_number(sums.billed),
        csv_number(sums.difference),
        str(sums.unknown),
    ]


def _sums(row: SpendRow) -> SpendSumsDocument:
    sums = row.sums
    return {
        "count": sums.count,
        "seconds": _range(sums.seconds),
        "estimate": _range(sums.estimate),
        "billed": _number(sums.billed),
        "difference": _number(sums.difference),
        "unknown": sums.unknown,
        "not_sent": sums.not_sent,
        "unbilled": sums.unbilled,
        "unestimated": sums.unestimated,
        "currency": row.currency,
    }


def _usage(reconciliation: Reconciliation) -> ReconciliationDocument:
    return {
        "since": reconciliation.since.isoformat(),
        "until": reconciliation.until.isoformat(),
        "agrees": reconciliation.agrees,
        "models": [
            {
                "model": one.model,
                "tasks": one.tasks,
                "billed": float(one.billed),
                "calls": one.calls,
                "amount": float(one.amount),
                "difference": float(one.difference),
            }
            for one in reconciliation.models
        ],
        "unbilled": reconciliation.unbilled,
        "other_models": float(reconciliation.other_models),
    }


def _range(span: AmountRange | None) -> Range | None:
    return {"low": float(span.low), "high": float(span.high)} if span else None


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
