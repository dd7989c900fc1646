"""The provider's usage page: what it billed for each model in a range of days.

Documented: start and end are at most 31 days apart; it may be grouped by model; `amount_usd` has
six decimals; an asynchronous task is booked when it completes; calls that failed, and tasks that
were refunded after a failure, are left out; 60 calls a minute. How rows and their number of calls
are called, and whether `end` is included, was not seen: every plausible shape is read, the days are
taken as included, and an answer that is not understood is an error and never counts as 0.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from motion_preflight.provider.values import number_of, object_of
from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.locations import sanitize_external_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST = dt.timedelta(days=31)  # between start and end of one call
_MODEL = ("model", "model_name", "group", "key", "name")
_CALLS = ("calls", "billed_calls", "count", "requests", "request_count", "num_requests")
_AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?", re.ASCII)
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Usage:
    """What was billed for one model."""

    model: str
    amount: Decimal  # USD
    calls: int | None  # billed calls; `None`: not named


def usage_query(since: dt.date, until: dt.date) -> str:
    """The query for what this key was billed on these days (UTC), both included."""
    return f"start={since}&end={until}&group_by=model&tz=UTC&scope=key"


def periods(since: dt.date, until: dt.date) -> list[tuple[dt.date, dt.date]]:
    """The days, both included, cut into ranges that one call may ask for."""
    result, start = [], since
    while start <= until:
        end = min(start + LONGEST - dt.timedelta(days=1), until)
        result.append((start, end))
        start = end + dt.timedelta(days=1)
    return result


def usage_in(data: Any) -> list[Usage]:  # noqa: ANN401  JSON
    """The rows of an answer; none where it has a list without any. Raises `ValueError` when it is
    not understood.
    """
    lists = [rows for rows in _lists(data) if all(isinstance(row, dict) for row in rows)]
    if len(lists) != 1:
        raise ValueError("the answer is no usage page")
    return [_usage(row) for row in lists[0]]


def _lists(data: Any) -> Iterator[list[Any]]:  # noqa: ANN401  JSON
    """The lists of an answer: the answer itself, its fields, or those of its `data`."""
    if isinstance(data, list):
        yield data
    for value in object_of(data).values():
        if isinstance(value, list):
            yield value
    inner = object_of(data).get("data")
    yield from (value for value in object_of(inner).values() if isinstance(value, list))


def _usage(row: Mapping[str, Any]) -> Usage:
    named = object_of(row.get("group")) | dict(row)
    model = next((named[name] for name in _MODEL if isinstance(named.get(name), str)), None)
    amount = _amount(row.get("amount_usd"))
    if model is None or amount is None:
        raise ValueError("a row of the usage page names no model, or no amount_usd")
    counts = [number_of(row.get(name)) for name in _CALLS]
    calls = next((int(count) for count in counts if count is not None and count >= 0), None)
    return Usage(sanitize_external_text(model)[:_LONGEST_NAME], amount, calls)


def _amount(value: Any) -> Decimal | None:  # noqa: ANN401  JSON
    if isinstance(value, str):
        return Decimal(value) if _AMOUNT.fullmatch(value.strip()) else None
    number = number_of(value)
    return number if number is not None and number >= 0 else None
