"""Receipts as rows of the ledger's table, and back."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import fields
from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.estimate import Span
from motion_preflight.ledger_file import Foreign
from motion_preflight.receipt import Receipt, State
from motion_preflight.submission.fingerprint import MediaKeys

if TYPE_CHECKING:
    import sqlite3


_MEDIA = [column.name for column in fields(MediaKeys)]
_OPTIONAL = {"task_id", "request_id", "cost", "error", "answer", *_MEDIA}
_NO_COLUMN = {"estimate", "media", "already_done"}  # two columns, five, and a word about this run
_COLUMNS = [each.name for each in fields(Receipt) if each.name not in _NO_COLUMN]
_MOST, _PLACES = 10**24, 40  # digits of an amount: those of the largest price, of its smallest part


def row_of(receipt: Receipt) -> dict[str, str | None]:
    row = {name: getattr(receipt, name) for name in _COLUMNS}
    row |= media_columns(receipt.media)
    span = receipt.estimate
    row |= {"low": span.low if span else None, "high": span.high if span else None}
    row |= {"body": json.dumps(dict(receipt.body)), "files": json.dumps(receipt.files)}
    return {name: text_of(value) for name, value in row.items()}


def media_columns(media: MediaKeys) -> dict[str, str | None]:
    """The columns of a request's media."""
    return {name: getattr(media, name) for name in _MEDIA}


def receipt_of(row: sqlite3.Row) -> Receipt:
    """The receipt of a row. Raises `Foreign` for one that was changed by hand."""
    try:
        return _read(row)
    except (ValueError, ArithmeticError, TypeError, RecursionError, IndexError):
        name = row["intent"] if "intent" in row.keys() else "without a name"  # noqa: SIM118  no mapping
        raise Foreign(f"its row {name!r} is not one of ours") from None


def _read(row: sqlite3.Row) -> Receipt:
    known = {name: row[name] for name in (*_COLUMNS, *_MEDIA)}
    for name, value in known.items():
        if not isinstance(value, str) and not (value is None and name in _OPTIONAL):
            raise TypeError
    media = MediaKeys(**{name: known.pop(name) for name in _MEDIA})
    low, high = _decimal(row["low"]), _decimal(row["high"])
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
        **known
        | {
            "state": State(row["state"]),
            "created": created,
            "updated": updated,
            "body": body,
            "estimate": None if low is None or high is None else Span(low, high),
            "cost": _decimal(row["cost"]),
            "files": tuple(files),
            "media": media,
        }
    )


def text_of(value: object) -> str | None:
    """A value as the file holds it; moments of UTC sort as their texts do."""
    if value is None:
        return None
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    return str(value).encode("utf-8", "replace").decode()  # a name of the system may be no UTF-8


def _decimal(text: str | None) -> Decimal | None:
    if text is None:
        return None
    number = Decimal(text)
    exponent = number.as_tuple().exponent
    if not (isinstance(exponent, int) and exponent >= -_PLACES and 0 <= number < _MOST):
        raise ValueError
    return number


def amount_of(text: str) -> Decimal:
    try:
        return _decimal(text) or Decimal(0)
    except (ValueError, ArithmeticError, TypeError):
        raise Foreign(f"its amount {text!r} is none") from None
