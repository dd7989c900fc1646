"""Several reports together: verdicts counted, amounts summed and compared to the budget."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.report.findings import Verdict
from motion_preflight.text.lazy_dataclass import dataclass, field
from motion_preflight.text.numbers import AmountRange, format_money

if TYPE_CHECKING:
    from collections.abc import Iterable

    from motion_preflight.report.findings import Level, Report


_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Spent:
    """The money spent so far: the billed cost where it is known, else the high estimate."""

    amount: Decimal = field(default=_ZERO)
    unknown: int = 0  # requests for which neither is known
    requests: int = 0  # all requests that were paid for, or may have been


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that may be spent, in the profile's currency; `None` means no such limit."""

    run: Decimal | None = None
    request: Decimal | None = None
    day: Decimal | None = None  # for a UTC day, over all runs
    requests: int | None = None  # paid requests in one run

    def refusal(
        self, estimate: AmountRange | None, run: Spent, day: Spent, currency: str = "USD"
    ) -> str | None:
        """Why a request with this estimate must not be sent now; `None` if it may."""
        return self.refusal_of_all([estimate], run, day, currency)

    def refusal_of_all(
        self, estimates: Iterable[AmountRange | None], run: Spent, day: Spent, currency: str = "USD"
    ) -> str | None:
        """Why requests with these estimates must not be sent now, all together; `None` if they may,
        or if there are none.
        """
        costs = list(estimates)
        if not costs:
            return None
        if self.requests is not None and run.requests + len(costs) > self.requests:
            return _too_many(len(costs), run.requests, self.requests)
        limits = ((self.request, None, "for one request"), (self.run, run, "for this run"),
                  (self.day, day, "for this day (UTC)"))  # fmt: skip
        for limit, spent, name in limits:
            if limit is None:
                continue
            if None in costs:
                amount = f"{currency} {format_money(limit)}"
                return f"it has no known price, and the budget {name} is {amount}"
            if spent and spent.unknown:
                return (
                    "what was sent before has no known price, and the budget "
                    f"{name} is {currency} {format_money(limit)}"
                )
            highs = [cost.high for cost in costs if cost]
            over = _over_request(max(highs), limit, currency) if spent is None else None
            if spent is not None and spent.amount + sum(highs) > limit:
                over = _over_spent(highs, spent.amount, limit, name, currency)
            if over:
                return over
        return None


def _over_request(cost: Decimal, limit: Decimal, currency: str) -> str | None:
    if cost <= limit:
        return None
    amount, most = format_money(cost), format_money(limit)
    return f"this may cost {currency} {amount}; the budget for one request is {most}"


def _over_spent(
    highs: list[Decimal], spent: Decimal, limit: Decimal, name: str, currency: str
) -> str:
    """Says what was spent of a limit, what is left of it, and what is asked for."""
    when = "today (UTC)" if "day" in name else "in this run"
    left = max(limit - spent, _ZERO)
    what = "this" if len(highs) == 1 else f"these {len(highs)} requests"
    return (
        f"{currency} {format_money(spent)} of {format_money(limit)} spent {when}, "
        f"{format_money(left)} left; "
        f"{what} may cost {format_money(sum(highs, _ZERO))}"
    )


def _too_many(count: int, before: int, limit: int) -> str:
    sent = f" after {before} sent before" if before else ""
    return (
        f"{count} paid request{'' if count == 1 else 's'}{sent}, and at most {limit} may be sent "
        "in one run (max_requests)"
    )


@dataclass(frozen=True, slots=True)
class Totals:
    """The totals of several reports. The amounts cover the requests that pass or are unsure, which
    may be sent.
    """

    verdicts: Counter[Verdict]
    amount: AmountRange
    unpriced: int  # requests without a price among those that may be sent
    over_budget: bool
    # Requests by level and rule.
    reasons: Counter[tuple[Level, str]] = field(default_factory=Counter)
    interrupted: bool = False  # whether requests remained unchecked
    max_cost: Decimal | None = None  # the budget; `None`: there is none

    def worst(self) -> list[tuple[Level, str, int]]:
        """The level, rule and number of requests of each reason: the heaviest first, then the most
        frequent.
        """
        ordered = sorted(
            self.reasons.items(), key=lambda entry: (-entry[0][0].weight, -entry[1], entry[0])
        )
        return [(level, rule, count) for (level, rule), count in ordered]


class ReportTally:
    """Adds up reports one by one without keeping them."""

    def __init__(self, max_cost: Decimal | None = None) -> None:
        self._max_cost = max_cost
        self._verdicts: Counter[Verdict] = Counter()
        self._reasons: Counter[tuple[Level, str]] = Counter()
        self._amount = AmountRange(_ZERO, _ZERO)
        self._unpriced = 0

    def add(self, report: Report) -> None:
        """Counts one report towards the totals."""
        verdict = report.verdict
        self._verdicts[verdict] += 1
        for reason in {
            (finding.level, finding.rule) for finding in report.findings if report.decides(finding)
        }:
            self._reasons[reason] += 1
        if verdict is Verdict.FAIL:
            return
        if report.estimate and report.estimate.amount:
            self._amount += report.estimate.amount
        else:
            self._unpriced += 1

    def totals(self) -> Totals:
        """The totals so far. With a budget, an unknown price counts as over it."""
        over = self._max_cost is not None and (
            self._unpriced > 0 or self._amount.high > self._max_cost
        )
        return Totals(
            self._verdicts.copy(), self._amount, self._unpriced, over, self._reasons.copy(),
            max_cost=self._max_cost,
        )  # fmt: skip


def totals(reports: Iterable[Report], max_cost: Decimal | None) -> Totals:
    """The totals of all these reports."""
    tally = ReportTally(max_cost)
    for report in reports:
        tally.add(report)
    return tally.totals()
