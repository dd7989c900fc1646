"""The summary of several reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.formats.text_blocks import money
from motion_preflight.report.findings import Verdict
from motion_preflight.text.numbers import format_decimal, format_money, plural

if TYPE_CHECKING:
    from motion_preflight.formats.style import Style
    from motion_preflight.report.totals import Totals


def summary_text(totals: Totals, currency: str, style: Style) -> str:
    """The summary of several reports, with the budget where there is one."""
    total = totals.verdicts.total()
    counted = ", ".join(f"{totals.verdicts[verdict]:,} {verdict}" for verdict in Verdict)
    stopped = "; interrupted before the others" if totals.interrupted else ""
    text = f"{plural(total, 'request')}: {counted}{stopped}. "
    text += summed(totals, currency)
    if totals.max_cost is not None:
        text = f"OVER BUDGET  {text}" if totals.over_budget else f"{text}: within it"
    colours = ["red", "bold"] if totals.over_budget else ["bold"]
    lines = [style.paint(line, *colours) for line in style.wrap(text, "  ", "")]
    return "\n".join(lines)


def summed(totals: Totals, currency: str) -> str:
    """What all requests that may be sent would cost, and the budget where there is one."""
    text = f"What may be sent would cost {money(totals.amount, currency)}"
    text += f", {totals.unpriced:,} without a price" if totals.unpriced else ""
    if totals.max_cost is not None:
        # Rounded to cents, the amount would seem to be within the budget.
        if round(totals.amount.high, 2) <= totals.max_cost < totals.amount.high:
            text += f" (exactly {currency} {format_decimal(totals.amount.high)})"
        text += f"; the budget is {currency} {format_money(totals.max_cost)}"
    return text
