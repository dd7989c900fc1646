"""What several reports come to: verdicts counted, amounts summed, the budget held against them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.estimate import Span
from motion_preflight.report import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from motion_preflight.report import Report


_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent: billed cost where it is known, else the high estimate."""

    amount: Decimal = field(default=_ZERO)
    unknown: int = 0  # requests of which neither is known


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent, in the profile's currency; `None`: no such limit."""

    run: Decimal | None = None
    request: Decimal | None = None
    day: Decimal | None = None  # UTC, over all runs

    def refusal(self, estimate: Span | None, run: Spent, day: Spent) -> str | None:
        """Why a request that may cost so much must not be sent now; `None` if it may."""
        limits = (
            (self.request, Spent(), "for one request"),
            (self.run, run, "for this run"),
            (self.day, day, "for this day (UTC)"),
        )
        for limit, spent, name in limits:
            if limit is None:
                continue
            if estimate is None:
                return f"it has no known price, and the budget {name} is {limit}"
            if spent.unknown:
                return f"what was sent before has no known price, and the budget {name} is {limit}"
            if spent.amount + estimate.high > limit:
                before = f" after {spent.amount} before" if spent.amount else ""
                return f"it may cost {estimate.high}{before}; the budget {name} is {limit}"
        return None

    def refusal_of_all(
        self, estimates: Iterable[Span | None], run: Spent, day: Spent
    ) -> str | None:
        """The same for several requests, one after the other."""
        for estimate in estimates:
            refused = self.refusal(estimate, run, day)
            if refused or estimate is None:
                return refused
            run, day = (replace(each, amount=each.amount + estimate.high) for each in (run, day))
        return None


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
