"""What several reports come to: the sum of what may be sent, held against the budget."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from build import CONDITIONS, image, video

from motion_preflight.budget import totals
from motion_preflight.estimate import Estimate, Span
from motion_preflight.report import Authority, Finding, Level, Report, Verdict


def report(verdict: str, low: str | None = None, high: str | None = None) -> Report:
    """A report with a verdict and an amount; `None`: its price is not known."""
    levels = {"pass": (), "unsure": (Level.UNSURE,), "fail": (Level.ERROR,)}[verdict]
    findings = tuple(
        Finding("a-rule", level, None, "message", "remedy", Authority.APIMART, "source")
        for level in levels
    )
    amount = None if low is None else Span(Decimal(low), Decimal(high or low))
    cost = Estimate(Span(Decimal(8), Decimal(8)), Decimal(1), "USD", amount, None, None, None, None)
    return Report("it", {}, findings, (), video(), image(), cost, CONDITIONS)


def unmeasured(verdict: str) -> Report:
    """A report without an estimate."""
    known = report(verdict)
    return replace(known, estimate=None)


@pytest.mark.parametrize(
    ("reports", "low", "high"),
    [
        ([], "0", "0"),
        ([report("pass", "0.4", "0.5")], "0.4", "0.5"),
        ([report("pass", "0.1"), report("unsure", "0.2", "0.3")], "0.3", "0.4"),
        ([report("pass", "0.1"), report("fail", "9")], "0.1", "0.1"),
        ([report("fail", "9")], "0", "0"),
        ([report("pass", "0.1"), report("pass")], "0.1", "0.1"),
        ([report("pass", "0.1")] * 3, "0.3", "0.3"),
    ],
)
def test_the_amount_is_that_of_what_passes_or_is_unsure(
    reports: list[Report], low: str, high: str
) -> None:
    assert totals(reports, None).amount == Span(Decimal(low), Decimal(high))


def test_verdicts_are_counted() -> None:
    found = totals(
        [report("pass", "1"), report("pass", "1"), report("fail"), report("unsure")], None
    )
    assert found.verdicts == {Verdict.PASS: 2, Verdict.FAIL: 1, Verdict.UNSURE: 1}
    assert sum(found.verdicts.values()) == 4


@pytest.mark.parametrize(
    ("reports", "unpriced"),
    [
        pytest.param([report("pass", "1")], 0, id="a price"),
        pytest.param([report("pass", "0")], 0, id="a price of nothing"),
        pytest.param([report("pass")], 1, id="no price"),
        pytest.param([unmeasured("unsure")], 1, id="no estimate"),
        pytest.param([report("fail"), unmeasured("fail")], 0, id="what fails is not sent"),
    ],
)
def test_what_may_be_sent_without_a_price_is_counted(reports: list[Report], unpriced: int) -> None:
    assert totals(reports, None).unpriced == unpriced


@pytest.mark.parametrize(
    ("reports", "budget", "over"),
    [
        pytest.param([report("pass", "1", "2")], None, False, id="no budget"),
        pytest.param([report("pass", "1", "2")], "2", False, id="just within"),
        pytest.param([report("pass", "1", "2")], "1.999999", True, id="just over"),
        pytest.param([report("pass", "1", "2")], "1.5", True, id="the high end counts"),
        pytest.param([report("pass", "1"), report("unsure", "1")], "1.9", True, id="the sum"),
        pytest.param([report("pass", "1"), report("fail", "9")], "1", False, id="no failed ones"),
        pytest.param([report("pass")], "9", True, id="an unknown price is over"),
        pytest.param([unmeasured("unsure")], "9", True, id="an unknown length is over"),
        pytest.param([report("pass")], None, False, id="unknown without a budget"),
        pytest.param([report("fail")], "0", False, id="unknown of what fails"),
        pytest.param([report("pass", "0")], "0", False, id="nothing costs nothing"),
        pytest.param([report("pass", "0.01")], "0", True, id="a budget of nothing"),
        pytest.param([], "0", False, id="no requests"),
    ],
)
def test_the_budget_holds_the_high_ends_of_what_may_be_sent(
    reports: list[Report],
    budget: str | None,
    over: bool,  # noqa: FBT001
) -> None:
    assert totals(reports, None if budget is None else Decimal(budget)).over_budget is over


def test_the_budget_changes_no_verdict() -> None:
    assert totals([report("pass", "9")], Decimal(1)).verdicts == {Verdict.PASS: 1}


def test_a_strict_warning_is_not_sent_and_not_summed() -> None:
    warned = report("pass", "1")
    finding = Finding("a-rule", Level.WARNING, None, "m", "r", Authority.KLING, "s")
    strict = replace(warned, findings=(finding,), conditions=replace(CONDITIONS, strict=True))
    assert totals([strict], None).amount == Span(Decimal(0), Decimal(0))
