"""Where the money went: what each request counts for, and the sums by model, mode, day, month or
label.

receipts of the ledger → `Spending`, one for each → `SpendRow`, one for each group → the formats.
What is not known is `None` or counted beside the sum, and never 0.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, TypeVar

from motion_preflight.provider.state import State
from motion_preflight.submission.receipt import FREE, Receipt
from motion_preflight.text.lazy_dataclass import dataclass, field, replace
from motion_preflight.text.numbers import AmountRange

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

BILLED_IN = "USD"  # the provider's currency (documented), whatever that of the prices is
_OVER_TIME = ("day", "month")
# The place of a request in its file, `[2]` or `:3`: what a batch came to is asked of its file.
_PLACE = re.compile(r"(\[[0-9]+\]|:[0-9]+)$")

_ZERO = Decimal(0)
Amount = TypeVar("Amount", AmountRange, Decimal)


@dataclass(frozen=True, slots=True)
class Sums:
    """What several requests come to. A sum covers the requests of which the amount is known, and
    is `None` where it is known of none; the counts say how many are missing.
    """

    count: int = 0  # requests that were sent, or may have been
    seconds: AmountRange | None = None  # billable, as estimated
    estimate: AmountRange | None = None
    open: AmountRange | None = None  # the estimate of those without a known bill
    billed: Decimal | None = None  # USD
    difference: Decimal | None = None  # billed beyond the estimates (+), or less than them (-)
    unknown: int = 0  # requests whose outcome is unknown: they may have been billed
    not_sent: int = 0  # requests that were refused or never left, and cost nothing
    unbilled: int = 0  # requests without a known bill: under way, unknown, or never named
    unestimated: int = 0  # requests without an estimate
    compared: int = 0  # completed requests whose bill was held against the roundings
    fits: Mapping[str, int] = field(default_factory=dict)  # of those by rounding: the bill fits
    booked: int = 0  # completed requests with a bill above 0, as the usage page counts them
    booked_amount: Decimal | None = None  # USD

    def __add__(self, other: Sums) -> Sums:
        names = list(dict.fromkeys([*self.fits, *other.fits]))
        return Sums(
            self.count + other.count,
            _plus(self.seconds, other.seconds),
            _plus(self.estimate, other.estimate),
            _plus(self.open, other.open),
            _plus(self.billed, other.billed),
            _plus(self.difference, other.difference),
            self.unknown + other.unknown,
            self.not_sent + other.not_sent,
            self.unbilled + other.unbilled,
            self.unestimated + other.unestimated,
            self.compared + other.compared,
            {name: self.fits.get(name, 0) + other.fits.get(name, 0) for name in names},
            self.booked + other.booked,
            _plus(self.booked_amount, other.booked_amount),
        )


def _plus(one: Amount | None, other: Amount | None) -> Amount | None:
    if one is None or other is None:
        return other if one is None else one
    return one + other


@dataclass(frozen=True, slots=True)
class Spending:
    """What one request counts for, or several that were forgotten."""

    day: dt.date  # on which it was written down, in UTC
    origin: str  # scheme, host and port of the provider
    model: str | None  # `None`: the request names none
    mode: str | None
    label: str | None  # `None`: forgotten
    currency: str  # of the estimate
    sums: Sums

    def value(self, dimension: str) -> str | None:
        """The value by which it is grouped: `model`, `mode`, `day`, `month` or
        `label`.
        """
        if dimension == "day":
            return self.day.isoformat()
        if dimension == "month":
            return f"{self.day:%Y-%m}"
        value: str | None = getattr(self, dimension)
        return value


@dataclass(frozen=True, slots=True)
class SpendRow:
    """A group of requests, or their total, with its sums."""

    by: Mapping[str, str | None]  # dimension → value; empty: the total
    sums: Sums
    currency: str | None  # `None`: of several, so that no estimate is summed


def day_of(receipt: Receipt) -> dt.date:
    """The day on which a request was written down, in UTC."""
    try:
        return receipt.created.astimezone(dt.UTC).date()
    except OverflowError:  # at an end of the calendar, in a row that was changed by hand
        return receipt.created.date()


def spending_of(receipt: Receipt) -> Spending:
    """What a row of the ledger counts for."""
    return Spending(
        day_of(receipt),
        receipt.origin,
        receipt.model,
        receipt.mode,
        _PLACE.sub("", receipt.label),
        receipt.currency,
        _sums_of(receipt),
    )


def _sums_of(receipt: Receipt) -> Sums:
    if receipt.state in FREE:
        return Sums(not_sent=1)
    compared = receipt.state is State.COMPLETED and receipt.paid_seconds is not None
    fits = _fits(receipt) if compared and receipt.by_rounding else {}
    booked = receipt.state is State.COMPLETED and bool(receipt.cost)
    return Sums(
        count=1,
        seconds=receipt.seconds,
        estimate=receipt.estimate,
        open=receipt.estimate if receipt.cost is None else None,
        billed=receipt.cost,
        difference=_difference(receipt),
        unknown=int(receipt.state is State.UNKNOWN),
        unbilled=int(receipt.cost is None),
        unestimated=int(receipt.estimate is None),
        compared=int(bool(fits)),
        fits=fits,
        booked=int(booked),
        booked_amount=receipt.cost if booked else None,
    )


def _difference(receipt: Receipt) -> Decimal | None:
    """How far a bill lies beyond its estimate (+) or below it (-), 0 within it; `None` where one of
    the two is not known or they are of different currencies.
    """
    cost, estimate = receipt.cost, receipt.estimate
    if cost is None or estimate is None or receipt.currency != BILLED_IN:
        return None
    return max(cost - estimate.high, _ZERO) + min(cost - estimate.low, _ZERO)


def _fits(receipt: Receipt) -> dict[str, int]:
    """By rounding: 1 where the bill is what one of the readings costs with it, else 0. A bill is
    exact to half of its last decimal place, at most to half a cent.
    """
    cost, price = receipt.cost, receipt.price_per_second
    assert cost is not None
    assert price is not None
    places = max(2, -int(cost.as_tuple().exponent))
    accuracy = Decimal("0.5").scaleb(-places)
    return {
        one.rounding: int(any(abs(seconds * price - cost) <= accuracy for seconds in one.seconds))
        for one in receipt.by_rounding
    }


def between(
    spending: Iterable[Spending], since: dt.date | None, until: dt.date | None
) -> list[Spending]:
    """What belongs to these days (UTC), both included; `None` is no limit."""
    return [one for one in spending if is_between(one.day, since, until)]


def is_between(day: dt.date, since: dt.date | None, until: dt.date | None) -> bool:
    """Whether a day lies between two, both included; `None` is no limit."""
    return (since is None or day >= since) and (until is None or day <= until)


def rows_by(spending: Iterable[Spending], by: Sequence[str]) -> list[SpendRow]:
    """A row for each group of requests with the same values: by time where that comes first, else
    the dearest first. Different currencies are different rows.
    """
    groups: dict[tuple[tuple[str | None, ...], str], Sums] = {}
    for one in spending:
        key = (tuple(one.value(dimension) for dimension in by), one.currency)
        groups[key] = groups.get(key, Sums()) + one.sums
    rows = [
        SpendRow(dict(zip(by, values, strict=True)), sums, currency)
        for (values, currency), sums in groups.items()
    ]
    over_time = by[0] in _OVER_TIME
    return sorted(rows, key=lambda row: (_ZERO if over_time else -weight(row), _names(row)))


def total_of(spending: Iterable[Spending]) -> SpendRow:
    """The sums of all; with several currencies those in the provider's alone."""
    sums, currencies = Sums(), set[str]()
    for one in spending:
        sums += one.sums
        currencies.add(one.currency)
    if len(currencies) > 1:
        return SpendRow({}, replace(sums, estimate=None, open=None, difference=None), None)
    return SpendRow({}, sums, next(iter(currencies), BILLED_IN))


def weight(row: SpendRow) -> Decimal:
    """What a row may have cost at most: the bills, and the high estimates of what has none."""
    return (row.sums.billed or _ZERO) + (row.sums.open.high if row.sums.open else _ZERO)


def _names(row: SpendRow) -> list[tuple[bool, str]]:
    """What rows are ordered by; what is not named comes last."""
    return [(value is None, value or "") for value in (*row.by.values(), row.currency)]
