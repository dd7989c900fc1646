"""Receipts as CSV, a row a request, for a spreadsheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.formats.csv import csv_cell, csv_line, csv_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from motion_preflight.submission.receipt import Receipt

COLUMNS = (
    "intent", "state", "task_id", "created", "updated", "label", "model", "mode", "seconds_low",
    "seconds_high", "estimate_low", "estimate_high", "currency", "billed", "error", "files",
)  # fmt: skip


def tasks_csv(receipts: Sequence[Receipt]) -> str:
    """A header, then a row for each receipt in the given order."""
    lines = [csv_line(COLUMNS), *(csv_line(_cells(receipt)) for receipt in receipts)]
    return "".join(lines).rstrip("\n")


def _cells(receipt: Receipt) -> list[str]:
    seconds, estimate = receipt.seconds, receipt.estimate
    known = bool(receipt.intent)  # a task that is not in the ledger has no dates
    texts = [
        receipt.intent,
        receipt.state.value,
        receipt.task_id or "",
        receipt.created.isoformat() if known else "",
        receipt.updated.isoformat() if known else "",
        receipt.label,
        receipt.model or "",
        receipt.mode or "",
        csv_number(seconds.low if seconds else None),
        csv_number(seconds.high if seconds else None),
        csv_number(estimate.low if estimate else None),
        csv_number(estimate.high if estimate else None),
        receipt.currency,
        csv_number(receipt.cost),
        receipt.error or "",
        "; ".join(receipt.files),
    ]
    return [csv_cell(text) for text in texts]
