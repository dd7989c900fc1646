"""Turns receipts into rows of the ledger's table, and rows into receipts."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from motion_preflight.provider.state import State
from motion_preflight.report.estimate import RoundedSeconds
from motion_preflight.report.totals import Spent
from motion_preflight.submission.fingerprint import MediaKeys
from motion_preflight.submission.ledger.database import Foreign
from motion_preflight.submission.receipt import FREE, Receipt
from motion_preflight.text.lazy_dataclass import fields
from motion_preflight.text.numbers import AmountRange

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from motion_preflight.report.totals import Budget


_MEDIA = [column.name for column in fields(MediaKeys)]
_OPTIONAL = {
    "task_id", "request_id", "cost", "error", "answer", "price_per_second", "by_rounding",
    "lengths", *_MEDIA,
}  # fmt: skip
# The estimate has two columns, the media have five, and `already_done` is true for one run only.
_NO_COLUMN = {"estimate", "media", "already_done"}
_COLUMNS = [field.name for field in fields(Receipt) if field.name not in _NO_COLUMN]
_MOST, _PLACES = 10**24, 40  # an amount is below the first, and has so many decimals at most
# The provider bills USD (documented), whatever currency a profile's prices are in.
_SPENT = "CASE currency WHEN 'USD' THEN coalesce(cost, high) ELSE high END"


def row_of(receipt: Receipt) -> dict[str, str | None]:
    """The columns of a receipt as texts; `None` stands for NULL."""
    row = {name: getattr(receipt, name) for name in _COLUMNS}
    row |= media_columns(receipt.media)
    estimate = receipt.estimate
    row |= {"low": estimate.low if estimate else None, "high": estimate.high if estimate else None}
    row |= {"body": json.dumps(dict(receipt.body)), "files": json.dumps(receipt.files)}
    seconds = {one.rounding: [str(end) for end in one.seconds] for one in receipt.by_rounding}
    row |= {"by_rounding": json.dumps(seconds) if seconds else None}
    row |= {"lengths": lengths_text(receipt.lengths) if receipt.lengths else None}
    return {name: text_of(value) for name, value in row.items()}


def lengths_text(lengths: Mapping[str, AmountRange]) -> str:
    """The lengths of results as the file holds them."""
    return json.dumps({file: [str(span.low), str(span.high)] for file, span in lengths.items()})


def media_columns(media: MediaKeys) -> dict[str, str | None]:
    """The columns of the media of a request."""
    return {name: getattr(media, name) for name in _MEDIA}


def insert(database: sqlite3.Connection, row: Mapping[str, Any]) -> int:
    """Adds a row, and returns how many rows were written by that."""
    names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    return database.execute(f"INSERT INTO intents ({names}) VALUES ({marks})", row).rowcount  # noqa: S608  our own names


def reopen(database: sqlite3.Connection, intent: str, error: str) -> None:
    """Makes a request unknown again that was settled as not sent with this error. It is the one way
    back, for a user who was mistaken.
    """
    database.execute(
        "UPDATE intents SET state = ? WHERE intent = ? AND state = ? AND error = ?",
        (State.UNKNOWN, intent, State.NOT_SENT, error),
    )


def receipt_of(row: sqlite3.Row) -> Receipt:
    """The receipt of a row. Raises `Foreign` for a row that was changed by hand."""
    try:
        return _read(row)
    except (ValueError, ArithmeticError, TypeError, RecursionError, IndexError, AttributeError):
        name = row["intent"] if "intent" in row.keys() else "without a name"  # noqa: SIM118  no mapping
        raise Foreign(f"its row {name!r} is not one of ours") from None


def _read(row: sqlite3.Row) -> Receipt:
    columns = {name: row[name] for name in (*_COLUMNS, *_MEDIA)}
    for name, value in columns.items():
        if not isinstance(value, str) and not (value is None and name in _OPTIONAL):
            raise TypeError
    media = MediaKeys(**{name: columns.pop(name) for name in _MEDIA})
    low, high = decimal_of(row["low"]), decimal_of(row["high"])
    body, files = json.loads(row["body"]), json.loads(row["files"])
    created, updated = (dt.datetime.fromisoformat(row[name]) for name in ("created", "updated"))
    if not (
        isinstance(body, dict)
        and isinstance(files, list)
        and all(isinstance(file, str) for file in files)
        and created.tzinfo
        and updated.tzinfo
    ):
        raise ValueError
    return Receipt(
        **columns
        | {
            "state": State(row["state"]),
            "created": created,
            "updated": updated,
            "body": body,
            "estimate": None if low is None or high is None else AmountRange(low, high),
            "cost": decimal_of(row["cost"]),
            "files": tuple(files),
            "media": media,
            "price_per_second": decimal_of(row["price_per_second"]),
            "by_rounding": _rounded(row["by_rounding"]),
            "lengths": _lengths(row["lengths"]),
        }
    )


def _rounded(text: str | None) -> tuple[RoundedSeconds, ...]:
    """The seconds by rounding. One that a newer profile calls otherwise is kept as it stands."""
    return tuple(
        RoundedSeconds(rounding, tuple(_number(one) for one in seconds))
        for rounding, seconds in json.loads(text or "{}").items()
        if seconds
    )


def _lengths(text: str | None) -> dict[str, AmountRange]:
    lengths = json.loads(text or "{}")
    return {file: AmountRange(_number(low), _number(high)) for file, (low, high) in lengths.items()}


def text_of(value: object) -> str | None:
    """A value as the file holds it. Times are in UTC, so that they sort as their texts do."""
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    # File names may hold bytes that are not UTF-8.
    return str(value).encode("utf-8", "replace").decode()


def day_text(moment: dt.datetime) -> str:
    """The day of a moment in UTC, as the beginning of the moment's own text has it."""
    return moment.astimezone(dt.UTC).date().isoformat()


def decimal_of(text: str | None) -> Decimal | None:
    """The number that a text of the file means, `None` for NULL. Raises `ValueError` and
    `ArithmeticError` for one that means none.
    """
    return None if text is None else _number(text)


def _number(text: str) -> Decimal:
    number = Decimal(text)
    exponent = number.as_tuple().exponent
    if not (isinstance(exponent, int) and exponent >= -_PLACES and 0 <= number < _MOST):
        raise ValueError
    return number


def amount_of(text: str) -> Decimal:
    """The amount that a text of the file means. Raises `Foreign` for one that means none."""
    try:
        return decimal_of(text) or Decimal(0)
    except (ValueError, ArithmeticError, TypeError):
        raise Foreign(f"its amount {text!r} is none") from None


def sum_spent(
    database: sqlite3.Connection, where: str, value: str, currency: str, *, count: bool = False
) -> Spent:
    """Sums up what the rows cost whose column is as `where` says; `count` also counts them."""
    rows = database.execute(
        f"SELECT state, currency, {_SPENT} FROM intents WHERE {where} ?",  # noqa: S608  our own text
        (value,),
    )
    counted = [row[1:] for row in rows if row[0] not in FREE]
    amounts = [amount_of(text) for unit, text in counted if text and unit == currency]
    return Spent(sum(amounts, Decimal(0)), len(counted) - len(amounts), len(counted) * count)


def sum_spent_by(
    database: sqlite3.Connection, budget: Budget, run: str, today: str, currency: str
) -> tuple[Spent, Spent]:
    """What a run and a day have spent; nothing is summed where the budget has no limit."""
    count = budget.requests is not None
    limited = budget.run is not None or count
    of_run = sum_spent(database, "run =", run, currency, count=count) if limited else Spent()
    if budget.day is None:
        return of_run, Spent()
    # Rows of a later day were written before the clock was set back: they count as today's.
    return of_run, sum_spent(database, "substr(created, 1, 10) >=", today, currency)
