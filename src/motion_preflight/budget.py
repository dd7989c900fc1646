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

    from motion_preflight.report import Level, Report


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
                before = f" after {plain(spent.amount)} before" if spent.amount else ""
                cost = plain(estimate.high)
                return f"it may cost {cost}{before}; the budget {name} is {plain(limit)}"
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
    reasons: Counter[tuple[Level, str]] = field(default_factory=Counter)  # by level and rule
    interrupted: bool = False  # there were more requests

    def worst(self) -> list[tuple[Level, str, int]]:
        """Level, rule and number of requests of each reason: the heaviest first, then the usual."""
        ordered = sorted(
            self.reasons.items(), key=lambda each: (-each[0][0].weight, -each[1], each[0])
        )
        return [(level, rule, count) for (level, rule), count in ordered]


def plain(amount: Decimal) -> str:
    """An amount exactly, without needless zeros."""
    return f"{amount.normalize():f}"


class Tally:
    """Totals in the making: reports come one after the other and are not kept."""

    def __init__(self, max_cost: Decimal | None = None) -> None:
        self._max_cost = max_cost
        self._verdicts: Counter[Verdict] = Counter()
        self._reasons: Counter[tuple[Level, str]] = Counter()
        self._amount = Span(_ZERO, _ZERO)
        self._unpriced = 0

    def add(self, report: Report) -> None:
        """Counts one report."""
        verdict = report.verdict
        self._verdicts[verdict] += 1
        for reason in {(each.level, each.rule) for each in report.findings if report.decides(each)}:
            self._reasons[reason] += 1
        if verdict is Verdict.FAIL:
            return
        if report.estimate and report.estimate.amount:
            self._amount += report.estimate.amount
        else:
            self._unpriced += 1

    def totals(self) -> Totals:
        """What they come to so far; an unknown price under a budget counts as over it."""
        over = self._max_cost is not None and (
            self._unpriced > 0 or self._amount.high > self._max_cost
        )
        return Totals(
            self._verdicts.copy(), self._amount, self._unpriced, over, self._reasons.copy()
        )


def totals(reports: Iterable[Report], max_cost: Decimal | None) -> Totals:
    """The totals of reports that are there."""
    tally = Tally(max_cost)
    for report in reports:
        tally.add(report)
    return tally.totals()
