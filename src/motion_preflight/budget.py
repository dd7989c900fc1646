"""What several reports come to: verdicts counted, amounts summed, the budget held against them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.estimate import Span
from motion_preflight.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from motion_preflight.report import Report


@dataclass(frozen=True, slots=True)
class Totals:
    """The amounts are those of what passes or is unsure: what may be sent."""

    verdicts: Counter[Verdict]
    amount: Span
    unpriced: int  # of what may be sent
    over_budget: bool


def totals(reports: Iterable[Report], max_cost: Decimal | None) -> Totals:
    """The sum over reports; an unknown price under a budget counts as over it."""
    verdicts: Counter[Verdict] = Counter()
    amount, unpriced = Span(Decimal(0), Decimal(0)), 0
    for report in reports:
        verdicts[report.verdict] += 1
        if report.verdict is Verdict.FAIL:
            continue
        if report.estimate and report.estimate.amount:
            amount += report.estimate.amount
        else:
            unpriced += 1
    over = max_cost is not None and (unpriced > 0 or amount.high > max_cost)
    return Totals(verdicts, amount, unpriced, over)
