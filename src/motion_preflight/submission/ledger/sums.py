"""The sums of requests that were forgotten, as the ledger keeps them: by day, provider, model, mode
and currency, without a label, a body or a task.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from motion_preflight.submission.ledger.database import Foreign
from motion_preflight.submission.ledger.rows import decimal_of
from motion_preflight.submission.spending import Spending, Sums
from motion_preflight.text.lazy_dataclass import fields
from motion_preflight.text.numbers import AmountRange

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

_RANGES = ("seconds", "estimate", "open")
_AMOUNTS = ("billed", "difference", "booked_amount")
_COUNTS = tuple(one.name for one in fields(Sums) if one.name not in {*_RANGES, *_AMOUNTS, "fits"})
_ADDED = """
    INSERT OR REPLACE INTO sums (day, origin, model, mode, currency, counts, amounts)
    VALUES (?, ?, ?, ?, ?, ?, ?)
"""


def add_sums(database: sqlite3.Connection, forgotten: Iterable[Spending]) -> None:
    """Adds what requests count for to the sums. It is part of the transaction that removes them."""
    sums = {_key(one): one.sums for one in read_sums(database)}
    changed = set()
    for one in forgotten:
        key = _key(one)
        sums[key] = sums.get(key, Sums()) + one.sums
        changed.add(key)
    database.executemany(_ADDED, [(*key, *_texts(sums[key])) for key in changed])


def read_sums(database: sqlite3.Connection) -> list[Spending]:
    """What was forgotten, summed. Raises `Foreign` for a row that was changed by hand."""
    return [_spending(row) for row in database.execute("SELECT * FROM sums ORDER BY day")]


def _key(one: Spending) -> tuple[str, ...]:
    return (one.day.isoformat(), one.origin, one.model or "", one.mode or "", one.currency)


def _texts(sums: Sums) -> tuple[str, str]:
    counts: dict[str, Any] = {name: getattr(sums, name) for name in _COUNTS}
    amounts: dict[str, str | None] = {}
    for name in _RANGES:
        span: AmountRange | None = getattr(sums, name)
        amounts[f"{name}_low"] = str(span.low) if span else None
        amounts[f"{name}_high"] = str(span.high) if span else None
    for name in _AMOUNTS:
        value = getattr(sums, name)
        amounts[name] = None if value is None else str(value)
    return json.dumps(counts | {"fits": dict(sums.fits)}), json.dumps(amounts)


def _spending(row: sqlite3.Row) -> Spending:
    try:
        counts, amounts = json.loads(row["counts"]), json.loads(row["amounts"])
        fits = {str(name): int(count) for name, count in counts["fits"].items()}
        numbers: dict[str, Any] = {name: int(counts[name]) for name in _COUNTS}
        sums = Sums(
            **numbers,
            seconds=_span(amounts, "seconds"),
            estimate=_span(amounts, "estimate"),
            open=_span(amounts, "open"),
            billed=decimal_of(amounts["billed"]),
            booked_amount=decimal_of(amounts["booked_amount"]),
            difference=_signed(amounts["difference"]),
            fits=fits,
        )
        return Spending(
            dt.date.fromisoformat(row["day"]),
            row["origin"],
            row["model"] or None,
            row["mode"] or None,
            None,
            row["currency"],
            sums,
        )
    except (ValueError, ArithmeticError, TypeError, KeyError, AttributeError):
        raise Foreign(f"its sums of {row['day']!r} are not ours") from None


def _span(amounts: dict[str, str | None], name: str) -> AmountRange | None:
    low, high = decimal_of(amounts[f"{name}_low"]), decimal_of(amounts[f"{name}_high"])
    return None if low is None or high is None else AmountRange(low, high)


def _signed(text: str | None) -> Any:  # noqa: ANN401  a number with its sign, or None
    """A number that may be below 0."""
    size = decimal_of(text.removeprefix("-") if text else text)
    return -size if size is not None and text and text.startswith("-") else size
