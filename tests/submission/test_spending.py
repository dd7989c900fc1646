"""What requests come to: grouped, summed, and never with 0 in place of what is not known."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from builders import body, intent

from motion_preflight.provider.state import State
from motion_preflight.provider.usage import Usage
from motion_preflight.report.estimate import RoundedSeconds
from motion_preflight.submission.receipt import Receipt
from motion_preflight.submission.reconciliation import reconcile
from motion_preflight.submission.spending import (
    Sums,
    between,
    rows_by,
    spending_of,
    total_of,
    weight,
)
from motion_preflight.text.numbers import AmountRange

D = Decimal
DAY = dt.datetime(2026, 9, 30, 23, 30, tzinfo=dt.UTC)
PRICE = D("0.05712")
BY_ROUNDING = (
    RoundedSeconds("exact", (D("8.02"), D("8.04"))),
    RoundedSeconds("nearest", (D(8),)),
    RoundedSeconds("up", (D(9),)),
)


def done(**fields: Any) -> Receipt:
    """A completed task of 8.02 to 8.04 s whose bill is that of 8 s."""
    usual: dict[str, Any] = {
        "state": State.COMPLETED,
        "created": DAY,
        "cost": 8 * PRICE,
        "estimate": AmountRange(8 * PRICE, 9 * PRICE),
        "price_per_second": PRICE,
        "by_rounding": BY_ROUNDING,
    }
    return intent(**(usual | fields))


def sums(*receipts: Receipt) -> Sums:
    return total_of(map(spending_of, receipts)).sums


def test_a_completed_task_counts_with_everything() -> None:
    assert sums(done()) == Sums(
        count=1,
        seconds=AmountRange(D(8), D(9)),
        estimate=AmountRange(D("0.45696"), D("0.51408")),
        billed=D("0.45696"),
        difference=D(0),
        compared=1,
        fits={"exact": 0, "nearest": 1, "up": 0},
        booked=1,
        booked_amount=D("0.45696"),
    )


@pytest.mark.parametrize("state", [State.REJECTED, State.NOT_SENT])
def test_what_was_not_sent_costs_nothing_and_is_counted_apart(state: State) -> None:
    assert sums(done(state=state, cost=None)) == Sums(not_sent=1)


def test_what_is_not_known_is_counted_and_never_0() -> None:
    unknown = sums(done(state=State.UNKNOWN, cost=None, estimate=None, by_rounding=()))
    assert unknown == Sums(count=1, unknown=1, unbilled=1, unestimated=1)
    both = sums(done(), done(state=State.SUBMITTED, cost=None))
    assert (both.billed, both.unbilled, both.unknown) == (D("0.45696"), 1, 0)
    assert both.open == AmountRange(D("0.45696"), D("0.51408"))
    (row,) = rows_by([spending_of(done()), spending_of(done(cost=None))], ["month"])
    assert weight(row) == D("0.45696") + D("0.51408")


@pytest.mark.parametrize(
    ("cost", "difference"),
    [("0.45696", "0"), ("0.50", "0"), ("0.51408", "0"), ("0.52", "0.00592"), ("0.4", "-0.05696")],
)
def test_a_bill_differs_by_what_lies_outside_of_its_estimate(cost: str, difference: str) -> None:
    assert sums(done(cost=D(cost))).difference == D(difference)


def test_a_bill_in_dollars_is_not_held_against_an_estimate_in_another_currency() -> None:
    euro = sums(done(currency="EUR"))
    assert (euro.difference, euro.compared, euro.billed) == (None, 0, D("0.45696"))


@pytest.mark.parametrize(
    ("cost", "fits"),
    [
        ("0.45696", "nearest"),
        ("0.46", "nearest exact"),  # of cents: 8.02 s are 0.4581, 8.04 s 0.4592
        ("0.458102", "exact"),
        ("0.51408", "up"),
        ("0.51", "up"),
        ("0.48", ""),
    ],
)
def test_a_bill_fits_the_roundings_by_which_one_reading_costs_that(cost: str, fits: str) -> None:
    compared = sums(done(cost=D(cost)))
    assert {name for name, count in compared.fits.items() if count} == set(fits.split())
    assert compared.compared == 1


def test_a_bill_of_a_failed_task_or_without_a_price_fits_nothing() -> None:
    for receipt in (done(state=State.FAILED), done(price_per_second=None), done(by_rounding=())):
        assert sums(receipt).compared == 0


def test_time_goes_forward_and_else_the_dearest_is_first() -> None:
    receipts = [
        done(created=DAY + dt.timedelta(days=1), label="b"),
        done(label="a"),
        done(label="b"),
        done(label="c", body=body(mode="pro"), cost=D(5)),
    ]
    spending = [spending_of(receipt) for receipt in receipts]
    by = {name: [row.by[name] for row in rows_by(spending, [name])]
          for name in ("model", "mode", "day", "month", "label")}  # fmt: skip
    assert by == {
        "model": ["kling-v2-6-motion-control"],
        "mode": ["pro", "std"],
        "day": ["2026-09-30", "2026-10-01"],
        "month": ["2026-09", "2026-10"],
        "label": ["c", "b", "a"],
    }
    pairs = [tuple(row.by.values()) for row in rows_by(spending, ["month", "mode"])]
    assert pairs == [("2026-09", "pro"), ("2026-09", "std"), ("2026-10", "std")]


def test_a_day_is_one_of_utc() -> None:
    east = dt.timezone(dt.timedelta(hours=9))
    spending = spending_of(done(created=DAY.astimezone(east)))
    assert spending.day == DAY.date()
    assert between([spending], DAY.date(), DAY.date()) == [spending]
    day = dt.timedelta(days=1)
    assert between([spending], DAY.date() + day, None) == []
    assert between([spending], None, DAY.date() - day) == []


@pytest.mark.parametrize(("year", "hours"), [(9999, -9), (1, 9)])
def test_a_day_at_an_end_of_the_calendar_is_one(year: int, hours: int) -> None:
    zone = dt.timezone(dt.timedelta(hours=hours))
    moment = dt.datetime(year, 12 if hours < 0 else 1, 31 if hours < 0 else 1, tzinfo=zone)
    moment = moment.replace(hour=23 if hours < 0 else 1)
    assert spending_of(done(created=moment)).value("day") == moment.date().isoformat()


def test_currencies_have_rows_of_their_own_and_no_common_estimate() -> None:
    spending = [spending_of(done()), spending_of(done(currency="EUR"))]
    assert [row.currency for row in rows_by(spending, ["month"])] == ["EUR", "USD"]
    total = total_of(spending)
    assert (total.currency, total.sums.estimate, total.sums.billed) == (None, None, D("0.91392"))


# --- against the usage page --------------------------------------------------------------

V3, V26 = "kling-v3-motion-control", "kling-v2-6-motion-control"


def test_the_page_is_held_against_the_ledger_model_by_model() -> None:
    spending = [
        spending_of(done()),
        spending_of(done()),
        spending_of(done(state=State.FAILED)),  # the page leaves it out
        spending_of(done(state=State.UNKNOWN, cost=None)),
    ]
    page = [Usage(V26, D("0.500000"), 2), Usage(V26, D("0.41392"), 0), Usage("gpt", D(7), 9)]
    result = reconcile(spending, page, [V3, V26], since=DAY.date(), until=DAY.date())
    (model,) = result.models
    assert (model.model, model.tasks, model.billed) == (V26, 2, D("0.91392"))
    assert (model.calls, model.amount, model.difference) == (2, D("0.91392"), D(0))
    assert (result.agrees, result.unbilled, result.other_models) == (True, 1, D(7))


@pytest.mark.parametrize(
    ("page", "agrees"),
    [
        ([Usage(V26, D("0.456960"), 1)], True),
        ([Usage(V26, D("0.456960"), None)], True),  # it does not say how many
        ([Usage(V26, D("0.456960"), 2)], False),
        ([Usage(V26, D("0.48"), 1)], False),
        ([], False),
        ([Usage(V26, D("0.456960"), 1), Usage(V3, D("0.5"), 1)], False),  # not of this ledger
    ],
)
def test_they_agree_when_each_model_does(page: list[Usage], *, agrees: bool) -> None:
    spending = [spending_of(done())]
    result = reconcile(spending, page, [V3, V26], since=DAY.date(), until=DAY.date())
    assert result.agrees == agrees
