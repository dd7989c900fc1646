"""What was forgotten is still summed, and nothing else of it is in the file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from builders import body, intent

from motion_preflight.provider.state import State
from motion_preflight.report.estimate import RoundedSeconds
from motion_preflight.report.totals import Budget
from motion_preflight.submission.errors import LedgerUnusable
from motion_preflight.submission.ledger.database import MIGRATIONS, migrate
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.receipt import Receipt
from motion_preflight.submission.spending import rows_by, total_of
from motion_preflight.text.numbers import AmountRange

D = Decimal
PRICE = D("0.05712")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path) as opened:
        yield opened


def kept(ledger: Ledger, state: State, cost: str | None = None, **fields: Any) -> Receipt:
    """A row with everything that sums are made of."""
    rounded = (RoundedSeconds("nearest", (D(8),)), RoundedSeconds("up", (D(8), D(9))))
    usual: dict[str, Any] = {
        "price_per_second": PRICE,
        "by_rounding": rounded,
        "label": "secret-client.json",
    }
    receipt = intent(**(usual | fields))
    ledger.begin(receipt, again=True, budget=Budget())
    ledger.settle(receipt.intent, state, cost=cost)
    (row,) = ledger.find(receipt.intent)
    return row


def test_a_row_is_read_as_it_was_written(ledger: Ledger) -> None:
    row = kept(ledger, State.COMPLETED, "0.45696")
    span = AmountRange(D("7.98"), D("8.1"))
    ledger.add_file(row.intent, Path("/out/a.mp4"), span)
    ledger.add_file(row.intent, Path("/out/b.mp4"))
    (row,) = ledger.rows()
    assert row.price_per_second == PRICE
    assert row.seconds == AmountRange(D(8), D(9))
    assert row.paid_seconds == 8
    assert row.files == ("/out/a.mp4", "/out/b.mp4")
    assert row.lengths == {"/out/a.mp4": span}


def test_forgetting_keeps_the_sums(ledger: Ledger) -> None:
    rows = [
        kept(ledger, State.COMPLETED, "0.45696"),
        kept(ledger, State.COMPLETED, "0.40", body=body(mode="pro")),
        kept(ledger, State.REJECTED),
        kept(ledger, State.COMPLETED, "0.51408", currency="EUR"),
        kept(ledger, State.FAILED, estimate=None, body={}),
    ]
    before = ledger.spending()
    for row in rows[:2], rows[2:]:  # sums are added to sums
        ledger.forget(one.intent for one in row)
    after = ledger.spending()
    assert ledger.rows() == []
    assert total_of(after) == total_of(before)
    for by in (["model"], ["mode", "day"], ["month"]):
        assert rows_by(after, by) == rows_by(before, by)
    assert {one.label for one in after} == {None}


def test_nothing_else_of_what_was_forgotten_is_in_the_file(ledger: Ledger) -> None:
    row = kept(ledger, State.COMPLETED, "0.45696", body=body(prompt="a secret dance"))
    ledger.forget([row.intent])
    content = ledger.path.read_bytes()
    assert b"kling-v2-6-motion-control" in content
    for text in ("secret", row.intent, row.idempotency_key, "clip"):
        assert text.encode() not in content


def test_what_is_not_there_adds_nothing(ledger: Ledger) -> None:
    row = kept(ledger, State.COMPLETED, "0.45696")
    ledger.forget([row.intent, row.intent, "0123456789ab"])
    ledger.forget([row.intent])
    assert total_of(ledger.spending()).sums.count == 1


@pytest.mark.parametrize(
    ("column", "value"),
    [("day", "soon"), ("counts", "{}"), ("counts", "x"), ("amounts", "[]"), ("amounts", "{}"),
     ("counts", '{"count": "many"}')],
)  # fmt: skip
def test_sums_that_were_changed_by_hand_are_refused(
    ledger: Ledger, column: str, value: str
) -> None:
    ledger.forget([kept(ledger, State.COMPLETED, "0.45696").intent])
    with closing(sqlite3.connect(ledger.path)) as database, database:
        database.execute(f"UPDATE sums SET {column} = ?", (value,))
    with pytest.raises(LedgerUnusable, match="sums of"):
        ledger.spending()


@pytest.mark.parametrize(
    ("column", "value"),
    [("price_per_second", "x"), ("by_rounding", "{"), ("by_rounding", '{"up": ["x"]}'),
     ("by_rounding", "[1]"), ("lengths", '{"a": ["1"]}'), ("lengths", "[]x")],
)  # fmt: skip
def test_a_row_that_was_changed_by_hand_is_refused(ledger: Ledger, column: str, value: str) -> None:
    kept(ledger, State.COMPLETED, "0.45696")
    with closing(sqlite3.connect(ledger.path)) as database, database:
        database.execute(f"UPDATE intents SET {column} = ?", (value,))
    with pytest.raises(LedgerUnusable, match="is not one of ours"):
        ledger.rows()


def test_rows_from_before_there_were_sums_are_read(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        row = kept(ledger, State.COMPLETED, "0.45696", price_per_second=None, by_rounding=())
        columns = "intent, run, state, created, updated, label, origin, identity, idempotency_key,"
        columns += " body, currency, low, high, task_id, request_id, cost, error, files"
        with closing(sqlite3.connect(ledger.path)) as database:
            values = database.execute(f"SELECT {columns} FROM intents").fetchone()
    ledger.path.unlink()
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as old:
        old.row_factory = sqlite3.Row
        migrate(old, MIGRATIONS[:3])
        old.execute(f"INSERT INTO intents ({columns}) VALUES ({', '.join('?' * 18)})", values)
    with Ledger(tmp_path) as ledger:
        assert ledger.rows() == [row]
        (spending,) = ledger.spending()
    assert (spending.sums.seconds, spending.sums.compared) == (None, 0)
    assert spending.day == row.created.date()
