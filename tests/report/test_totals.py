"""What several reports come to: the sum of what may be sent, held against the budget."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from builders import NOW, OPTIONS, image, video

from motion_preflight.report.estimate import Estimate
from motion_preflight.report.findings import Authority, Finding, Level, Report, Verdict
from motion_preflight.report.totals import Budget, Spent, totals
from motion_preflight.text.numbers import AmountRange, format_money


def report(verdict: str, low: str | None = None, high: str | None = None) -> Report:
    """A report with a verdict and an amount; `None`: its price is not known."""
    levels = {"pass": (), "unsure": (Level.UNSURE,), "fail": (Level.ERROR,)}[verdict]
    findings = tuple(
        Finding("a-rule", level, None, "message", "remedy", Authority.APIMART, "source")
        for level in levels
    )
    amount = None if low is None else AmountRange(Decimal(low), Decimal(high or low))
    cost = Estimate(
        AmountRange(Decimal(8), Decimal(8)), Decimal(1), "USD", amount, None, None, None, None
    )
    return Report("it", {}, findings, (), video(), image(), cost, OPTIONS, NOW, NOW)


def unmeasured(verdict: str) -> Report:
    """A report without an estimate."""
    existing = report(verdict)
    return replace(existing, estimate=None)


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
    assert totals(reports, None).amount == AmountRange(Decimal(low), Decimal(high))


def test_verdicts_are_counted() -> None:
    result = totals(
        [report("pass", "1"), report("pass", "1"), report("fail"), report("unsure")], None
    )
    assert result.verdicts == {Verdict.PASS: 2, Verdict.FAIL: 1, Verdict.UNSURE: 1}
    assert sum(result.verdicts.values()) == 4


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
    strict = replace(warned, findings=(finding,), options=replace(OPTIONS, strict=True))
    assert totals([strict], None).amount == AmountRange(Decimal(0), Decimal(0))


# ---------------------------------------------------------------- what may be spent


def span(low: str, high: str | None = None) -> AmountRange:
    return AmountRange(Decimal(low), Decimal(high or low))


def budget(**limits: str) -> Budget:
    amounts: dict[str, Any] = {name: Decimal(limit) for name, limit in limits.items()}
    return Budget(**amounts)


def spent(amount: str = "0", unknown: int = 0) -> Spent:
    return Spent(Decimal(amount), unknown)


NAMES = {"request": "for one request", "run": "for this run", "day": "for this day (UTC)"}
WHEN = {"run": "in this run", "day": "today (UTC)"}


def test_without_a_limit_everything_may_be_sent() -> None:
    for estimate in (None, span("0"), span("1", "1000000")):
        assert Budget().refusal(estimate, spent("9", 9), spent("9", 9)) is None
    assert Budget() == Budget(None, None, None)
    assert Spent() == Spent(Decimal(0), 0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("limit", "low", "high", "over"),
    [
        ("1", "0.5", "0.6", False),
        ("1", "1", "1", False),
        ("1", "0.5", "1.000001", True),
        ("1", "1.5", "2", True),
        ("0", "0", "0", False),
        ("0", "0", "0.000001", True),
        ("0.3", "0.1", "0.3", False),
        ("0.000000001", "0", "0.00001", True),
    ],
)
def test_each_limit_holds_the_high_end_of_one_request(
    name: str,
    limit: str,
    low: str,
    high: str,
    over: bool,  # noqa: FBT001
) -> None:
    refused = budget(**{name: limit}).refusal(span(low, high), spent(), spent())
    assert (refused is not None) is over
    if over:
        cost, most = format_money(Decimal(high)), format_money(Decimal(limit))
        when = WHEN.get(name)
        assert refused == (
            f"USD 0.00 of {most} spent {when}, {most} left; this may cost {cost}"
            if when
            else f"this may cost USD {cost}; the budget for one request is {most}"
        )


@pytest.mark.parametrize(
    ("limits", "run", "day", "why"),
    [
        ({"run": "1"}, spent("0.5"), spent("9"), None),
        (
            {"run": "1"},
            spent("0.6"),
            spent("0"),
            "USD 0.60 of 1.00 spent in this run, 0.40 left; this may cost 0.50",
        ),
        ({"day": "1"}, spent("9"), spent("0.5"), None),
        (
            {"day": "1"},
            spent("0"),
            spent("0.6"),
            "USD 0.60 of 1.00 spent today (UTC), 0.40 left; this may cost 0.50",
        ),
        ({"request": "1"}, spent("9"), spent("9"), None),
        ({"run": "1", "day": "1"}, spent("0.5"), spent("0.5"), None),
        (
            {"run": "1", "day": "1"},
            spent("0.5"),
            spent("0.6"),
            "of 1.00 spent today (UTC), 0.40 left",
        ),
        (
            {"run": "1", "day": "1"},
            spent("0.6"),
            spent("0.6"),
            "of 1.00 spent in this run, 0.40 left",
        ),
        (
            {"request": "0.4", "run": "1"},
            spent("9"),
            spent("9"),
            "USD 0.50; the budget for one request is 0.40",
        ),
    ],
)
def test_what_was_spent_before_counts_where_it_was_spent(
    limits: dict[str, str], run: Spent, day: Spent, why: str | None
) -> None:
    refused = budget(**limits).refusal(span("0.4", "0.5"), run, day)
    assert (why in refused) if why and refused else refused is why


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_price_is_over_every_limit(name: str) -> None:
    refused = budget(**{name: "1000000000"}).refusal(None, spent(), spent())
    assert refused == f"it has no known price, and the budget {NAMES[name]} is USD 1000000000.00"


@pytest.mark.parametrize("name", ["run", "day"])
def test_after_something_without_a_price_nothing_more_is_sent(name: str) -> None:
    limit = budget(**{name: "9"})
    before: dict[str, Any] = {"run": spent(), "day": spent()} | {name: spent("0", 1)}
    expected = f"what was sent before has no known price, and the budget {NAMES[name]} is USD 9.00"
    assert limit.refusal(span("0.1"), **before) == expected
    assert limit.refusal(span("0"), **before) == expected
    other: dict[str, Any] = {"run": spent("0", 1), "day": spent("0", 1)} | {name: spent()}
    assert limit.refusal(span("0.1"), **other) is None
    assert budget(request="9").refusal(span("0.1"), spent("0", 1), spent("0", 1)) is None


@pytest.mark.parametrize(
    ("limits", "estimates", "refused"),
    [
        pytest.param({"run": "1"}, [], False, id="none"),
        pytest.param({"run": "0"}, [], False, id="none within nothing"),
        pytest.param({"run": "1"}, ["0.5", "0.5"], False, id="just within"),
        pytest.param({"run": "1"}, ["0.5", "0.500001"], True, id="just over"),
        pytest.param({"run": "1"}, ["0.1"] * 10, False, id="exact sums"),
        pytest.param({"run": "1"}, ["0.1"] * 11, True, id="one too many"),
        pytest.param({"day": "1"}, ["0.5", "0.6"], True, id="the day"),
        pytest.param({"request": "1"}, ["0.9"] * 50, False, id="each for itself"),
        pytest.param({"request": "1"}, ["0.9", "1.1"], True, id="one of them"),
        pytest.param({"request": "1", "run": "2"}, ["0.9"] * 3, True, id="two limits"),
        pytest.param({}, ["9"] * 9, False, id="no limit"),
        pytest.param({}, [None, "9"], False, id="no limit, no price"),
        pytest.param({"run": "9"}, [None], True, id="no price"),
        pytest.param({"run": "9"}, ["1", None, "1"], True, id="no price among others"),
        pytest.param({"day": "9"}, ["1", None], True, id="no price at the end"),
        pytest.param({"run": "0"}, ["0", "0"], False, id="nothing costs nothing"),
    ],
)
def test_several_requests_are_summed(
    limits: dict[str, str],
    estimates: list[str | None],
    refused: bool,  # noqa: FBT001
) -> None:
    spans = [None if estimate is None else span("0", estimate) for estimate in estimates]
    result = budget(**limits).refusal_of_all(spans, spent(), spent())
    assert (result is not None) is refused


def test_several_requests_count_after_what_was_spent() -> None:
    two = [span("0.1", "0.2"), span("0.2", "0.3")]
    for name in ("run", "day"):
        before: dict[str, Any] = {"run": spent("9"), "day": spent("9")} | {name: spent("0.5")}
        assert budget(**{name: "1"}).refusal_of_all(two, **before) is None
        assert budget(**{name: "0.99"}).refusal_of_all(two, **before) == (
            f"USD 0.50 of 0.99 spent {WHEN[name]}, 0.49 left; these 2 requests may cost 0.50"
        )
        unknown = before | {name: spent("0", 1)}
        assert budget(**{name: "9"}).refusal_of_all(two, **unknown)


def test_the_sum_of_all_is_what_one_after_the_other_comes_to() -> None:
    limit = budget(run="1", day="1.5", request="0.4")
    for amounts in (["0.3"] * 3, ["0.3"] * 4, ["0.1", "0.41"], ["0.4", "0.4", "0.2", "0.01"]):
        run, day, stepwise = spent(), spent("0.4"), None
        for amount in amounts:
            stepwise = stepwise or limit.refusal(span(amount), run, day)
            run, day = (replace(item, amount=item.amount + Decimal(amount)) for item in (run, day))
        result = limit.refusal_of_all(map(span, amounts), spent(), spent("0.4"))
        assert (result is None) is (stepwise is None)


def test_a_refusal_names_currency_spent_and_left() -> None:
    assert budget(day="5").refusal(span("1", "2.06"), spent(), spent("3.2")) == (
        "USD 3.20 of 5.00 spent today (UTC), 1.80 left; this may cost 2.06"
    )
    assert budget(run="1").refusal(span("2"), spent("3"), spent(), "EUR") == (
        "EUR 3.00 of 1.00 spent in this run, 0.00 left; this may cost 2.00"
    )


@pytest.mark.parametrize(
    ("limit", "before", "count", "refused"),
    [(2, 0, 2, False), (2, 0, 3, True), (2, 1, 1, False), (2, 2, 1, True), (0, 0, 1, True),
     (0, 0, 0, False)],
)  # fmt: skip
def test_more_paid_requests_than_allowed_are_refused(
    limit: int,
    before: int,
    count: int,
    refused: bool,  # noqa: FBT001
) -> None:
    run = Spent(requests=before)
    result = Budget(requests=limit).refusal_of_all([None] * count, run, spent())
    assert (result is not None) is refused
    assert not refused or f"at most {limit} may be sent" in str(result)
