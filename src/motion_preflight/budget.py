"""What several reports come to: verdicts counted, amounts summed, the budget held against them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
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
    requests: int = 0  # all that were paid for, or may have been


@dataclass(frozen=True, slots=True)
class Budget:
    """What may be spent, in the profile's currency; `None`: no such limit."""

    run: Decimal | None = None
    request: Decimal | None = None
    day: Decimal | None = None  # UTC, over all runs
    requests: int | None = None  # paid requests of one run

    def refusal(
        self, estimate: Span | None, run: Spent, day: Spent, currency: str = "USD"
    ) -> str | None:
        """Why a request that may cost so much must not be sent now; `None` if it may."""
        return self.refusal_of_all([estimate], run, day, currency)

    def refusal_of_all(
        self, estimates: Iterable[Span | None], run: Spent, day: Spent, currency: str = "USD"
    ) -> str | None:
        """The same for several requests together. Nothing to send is never refused."""
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
                return f"it has no known price, and the budget {name} is {currency} {money(limit)}"
            if spent and spent.unknown:
                return (
                    "what was sent before has no known price, and the budget "
                    f"{name} is {currency} {money(limit)}"
                )
            highs = [cost.high for cost in costs if cost]
            over = _over_request(max(highs), limit, currency) if spent is None else None
            if spent is not None and spent.amount + sum(highs) > limit:
                over = _over_spent(highs, spent.amount, limit, name, currency)
            if over:
                return over
        return None


def money(amount: Decimal) -> str:
    """An amount exactly, with two decimal places at least."""
    text = plain(amount)
    places = len(text.partition(".")[2])
    return text if places >= 2 else f"{amount:.2f}"


def _over_request(cost: Decimal, limit: Decimal, currency: str) -> str | None:
    if cost <= limit:
        return None
    return f"this may cost {currency} {money(cost)}; the budget for one request is {money(limit)}"


def _over_spent(
    highs: list[Decimal], spent: Decimal, limit: Decimal, name: str, currency: str
) -> str:
    """What was spent of a limit, what is left of it, and what is asked of that."""
    when = "today (UTC)" if "day" in name else "in this run"
    left = max(limit - spent, _ZERO)
    what = "this" if len(highs) == 1 else f"these {len(highs)} requests"
    return (
        f"{currency} {money(spent)} of {money(limit)} spent {when}, {money(left)} left; "
        f"{what} may cost {money(sum(highs, _ZERO))}"
    )


def _too_many(count: int, before: int, limit: int) -> str:
    sent = f" after {before} sent before" if before else ""
    return (
        f"{count} paid request{'' if count == 1 else 's'}{sent}, and at most {limit} may be sent "
        "in one run (--max-requests, or max_requests in the settings)"
    )


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
