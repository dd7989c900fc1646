"""The ledger: what was to be sent, what was sent, and what came of it. One SQLite file.

An intent is committed to the disk before the first byte of its request leaves, and its outcome
right after the answer. A row that is `sending` while its run is over (its lock can be taken) is
`unknown`. Several processes may use it side by side: every change is one transaction that takes the
write lock first. No API key and no signed link is ever in it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import sqlite3
from dataclasses import fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from motion_preflight.budget import Spent
from motion_preflight.errors import Because, LedgerUnusable, NotSent
from motion_preflight.estimate import Span
from motion_preflight.receipt import FOLLOWS, FREE, UNSETTLED, Receipt, State, described
from motion_preflight.run_lock import RunLock, ended, sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import Self

    from motion_preflight.budget import Budget

_APPLICATION = 0x4D50464C  # "MPFL": tells our file from any other
_DIED = "the run ended before an answer was written down"
_SAME = "an identical request was sent before"
# The provider bills USD (documented), whatever currency a profile's prices are in.
_SPENT = "CASE currency WHEN 'USD' THEN coalesce(cost, high) ELSE high END"
_PATIENCE = 60.0  # seconds to wait for the write lock of another process
# One step a version; what is committed here once is never changed, only followed by a next one.
MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE intents (
        intent TEXT PRIMARY KEY, run TEXT NOT NULL, state TEXT NOT NULL,
        created TEXT NOT NULL, updated TEXT NOT NULL, label TEXT NOT NULL,
        origin TEXT NOT NULL, identity TEXT NOT NULL, idempotency_key TEXT NOT NULL,
        body TEXT NOT NULL, currency TEXT NOT NULL, low TEXT, high TEXT,
        task_id TEXT, request_id TEXT, cost TEXT, error TEXT, files TEXT NOT NULL DEFAULT '[]'
    );
    CREATE INDEX by_identity ON intents (identity, state);
    CREATE INDEX by_state ON intents (state);
    CREATE INDEX by_day ON intents (substr(created, 1, 10));
    CREATE INDEX by_run ON intents (run);
    CREATE INDEX by_task ON intents (task_id);
    """,
)


class _Foreign(Exception):  # noqa: N818  the ledger puts its own name to it
    """What the file holds is not ours, and what it is."""


class Ledger:
    """The ledger of a folder, and this run in it. Raises `LedgerUnusable`."""

    def __init__(
        self, folder: Path, *, now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    ) -> None:
        self.path = folder / "ledger.sqlite3"
        self._runs = folder / "runs"
        self._now = now
        self._stack = contextlib.ExitStack()
        with self._ours():
            _make_folder(folder)
            self._lock = RunLock(self._runs)
            self._stack.callback(self._lock.release)
            try:
                sweep(self._runs)
                self._database = self._opened()
                with self._transaction() as database:
                    self._recover(database)
            except BaseException:
                self._stack.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the run."""
        self._stack.close()

    def begin(self, receipt: Receipt, *, again: bool, budget: Budget) -> None:
        """Writes an intent, on the disk when this returns. Raises `NotSent` when an identical one
        is unsettled (`again` lets it pass) or a budget is exceeded: one transaction looks at both
        and writes, so that no other process comes between.
        """
        with self._transaction() as database:
            self._recover(database)  # stays, whatever becomes of the intent
        with self._transaction() as database:
            other = None if again else self._standing(database, receipt.identity)
            if other:
                raise NotSent(f"{_SAME}: {described(other)}", other, Because.IDENTICAL)
            run, day = self._spent(database, budget, receipt.currency)
            over = budget.refusal(receipt.estimate, run, day)
            if over:
                raise NotSent(over, None, Because.OVER_BUDGET)
            row = _row(receipt) | {"run": self._lock.run}
            names = ", ".join(row)
            marks = ", ".join(f":{name}" for name in row)
            database.execute(f"INSERT INTO intents ({names}) VALUES ({marks})", row)  # noqa: S608  our own names

    def standing(self, identity: str) -> Receipt | None:
        """The identical request that is unsettled, if any: an unknown one before others."""
        with self._transaction() as database:
            self._recover(database)
            return self._standing(database, identity)

    def spent(self, budget: Budget, currency: str) -> tuple[Spent, Spent]:
        """What this run and this day (UTC) have spent; nothing where the budget has no limit."""
        with self._ours():
            return self._spent(self._database, budget, currency)

    def settle(self, intent: str, state: State, **known: Any) -> Receipt | None:  # noqa: ANN401  columns
        """Writes what became of an intent, and what is `known` of it now: `task_id`, `request_id`,
        `cost`, `error`. A state that does not follow the row's own leaves the row as it is. Returns
        the row as it stands then, `None` when there is none.
        """
        with self._transaction() as database:
            row = self._one(database, "intent = ?", intent)
            if row is None or not (state is row.state or state in FOLLOWS.get(row.state, ())):
                return row
            values = {"state": state, "updated": _text(self._now()), **known}
            values = {name: _text(value) for name, value in values.items()}
            changes = ", ".join(f"{name} = :{name}" for name in values)
            database.execute(
                f"UPDATE intents SET {changes} WHERE intent = :intent",  # noqa: S608  our own names
                values | {"intent": intent},
            )
            return self._one(database, "intent = ?", intent)

    def add_file(self, intent: str, file: Path) -> None:
        """Writes where a result was put."""
        with self._transaction() as database:
            row = self._one(database, "intent = ?", intent)
            if row and str(file) not in row.files:
                files = json.dumps([*row.files, str(file)])
                database.execute("UPDATE intents SET files = ? WHERE intent = ?", (files, intent))

    def rows(self, *states: State) -> list[Receipt]:
        """The rows in those states (in all of them), the newest first."""
        chosen = states or tuple(State)
        with self._ours():
            marks = ", ".join("?" * len(chosen))
            return self._all(self._database, f"state IN ({marks})", *chosen)

    def find(self, name: str) -> list[Receipt]:
        """The rows of an intent, of the beginning of one, or of a task id."""
        with self._ours():
            return self._all(
                self._database,
                "task_id = ? OR (length(?) >= 4 AND substr(intent, 1, length(?)) = ?)",
                *[_text(name)] * 4,
            )

    def forget(self, intents: Iterable[str]) -> None:
        """Takes rows out, and overwrites what they held."""
        with self._transaction() as database:
            database.executemany(
                "DELETE FROM intents WHERE intent = ?", [(intent,) for intent in intents]
            )

    def _recover(self, database: sqlite3.Connection) -> None:
        """Makes `unknown` of what runs that are over left `sending`."""
        runs = database.execute(
            "SELECT DISTINCT run FROM intents WHERE state = ? AND run <> ?",
            (State.SENDING, self._lock.run),
        )
        for (run,) in runs.fetchall():
            with ended(self._runs, run) as over:
                if over:
                    database.execute(
                        "UPDATE intents SET state = ?, updated = ?, error = ?"
                        " WHERE run = ? AND state = ?",
                        (State.UNKNOWN, _text(self._now()), _DIED, run, State.SENDING),
                    )

    def _standing(self, database: sqlite3.Connection, identity: str) -> Receipt | None:
        marks = ", ".join("?" * len(UNSETTLED))
        found = self._all(
            database, f"identity = ? AND state IN ({marks})", identity, *sorted(UNSETTLED)
        )
        return min(found, key=lambda row: row.state is not State.UNKNOWN, default=None)

    def _spent(
        self, database: sqlite3.Connection, budget: Budget, currency: str
    ) -> tuple[Spent, Spent]:
        def total(where: str, value: str) -> Spent:
            rows = database.execute(
                f"SELECT state, currency, {_SPENT} FROM intents WHERE {where} = ?",  # noqa: S608  our own text
                (value,),
            )
            counted = [row[1:] for row in rows if row[0] not in FREE]
            known = [_amount(text) for unit, text in counted if text and unit == currency]
            return Spent(sum(known, Decimal(0)), len(counted) - len(known))

        today = self._now().astimezone(dt.UTC).date().isoformat()
        run = Spent() if budget.run is None else total("run", self._lock.run)
        return run, Spent() if budget.day is None else total("substr(created, 1, 10)", today)

    def _all(self, database: sqlite3.Connection, where: str, *values: str | None) -> list[Receipt]:
        sql = f"SELECT * FROM intents WHERE {where} ORDER BY created DESC, rowid DESC"  # noqa: S608  our own text
        return [_receipt(row) for row in database.execute(sql, values)]

    def _one(self, database: sqlite3.Connection, where: str, *values: str) -> Receipt | None:
        return next(iter(self._all(database, where, *values)), None)

    def _opened(self) -> sqlite3.Connection:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if hasattr(os, "fchmod"):
                os.fchmod(descriptor, 0o600)  # it may have been made by hand, or copied
        finally:
            os.close(descriptor)
        database = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)
        self._stack.callback(database.close)
        database.row_factory = sqlite3.Row
        _seen(database, len(MIGRATIONS))  # before anything is changed in a file that is not ours
        database.execute("PRAGMA journal_mode = DELETE")
        # FULL and one step more: the journal's removal, which is the commit, is on the disk too.
        database.execute("PRAGMA synchronous = EXTRA")
        database.execute("PRAGMA secure_delete = ON")
        migrate(database, MIGRATIONS)
        return database

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One change, on the disk when the block is left; undone by an exception."""
        with self._ours():
            try:  # around BEGIN too: an interruption while it waits comes after it
                self._database.execute("BEGIN IMMEDIATE")
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def _ours(self) -> Iterator[None]:
        """Our exception in place of SQLite's and the system's."""
        try:
            yield
        except (sqlite3.Error, OSError, _Foreign) as error:
            cause = getattr(error, "strerror", None) or error
            raise LedgerUnusable(f"the ledger {self.path} cannot be used ({cause})") from None


def migrate(database: sqlite3.Connection, steps: Sequence[str]) -> None:
    """Brings the file to the newest version, one transaction a step. Raises `LedgerUnusable` for a
    file that is not ours or newer than we are.
    """
    while _seen(database, len(steps)) < len(steps):
        database.execute("BEGIN IMMEDIATE")
        try:
            version = _version(database, len(steps))  # another process may have been first
            for statement in steps[version].split(";") if version < len(steps) else ():
                database.execute(statement)
            if version < len(steps):
                database.execute(f"PRAGMA application_id = {_APPLICATION}")
                database.execute(f"PRAGMA user_version = {version + 1}")
            database.execute("COMMIT")
        finally:
            if database.in_transaction:
                database.execute("ROLLBACK")


def _seen(database: sqlite3.Connection, newest: int) -> int:
    """The same in one look: another process may be making the file at this moment."""
    database.execute("BEGIN")
    try:
        return _version(database, newest)
    finally:
        database.execute("ROLLBACK")


def _version(database: sqlite3.Connection, newest: int) -> int:
    """How many steps the file has seen."""
    version, application, tables = (
        database.execute(sql).fetchone()[0]
        for sql in (
            "PRAGMA user_version",
            "PRAGMA application_id",
            "SELECT count(*) FROM sqlite_master",
        )
    )
    if (tables or version) and application != _APPLICATION:
        raise _Foreign("it is another program's database")
    if version > newest:
        raise _Foreign("it was written by a newer motion-preflight")
    return int(version)


def _make_folder(folder: Path) -> None:
    """The folder, and its entry on the disk: else a power cut could take the whole ledger."""
    if folder.is_dir():
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix":
        descriptor = os.open(folder.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _row(receipt: Receipt) -> dict[str, str | None]:
    row = {each.name: getattr(receipt, each.name) for each in fields(receipt)}
    span = row.pop("estimate")
    row |= {"low": span.low if span else None, "high": span.high if span else None}
    row |= {"body": json.dumps(dict(receipt.body)), "files": json.dumps(receipt.files)}
    return {name: _text(value) for name, value in row.items()}


def _receipt(row: sqlite3.Row) -> Receipt:
    """Raises `LedgerUnusable` for a row that was changed by hand."""
    try:
        return _read(row)
    except (ValueError, ArithmeticError, TypeError, RecursionError):
        raise _Foreign(f"its row {row['intent']!r} is not one of ours") from None


def _read(row: sqlite3.Row) -> Receipt:
    known = {name: row[name] for name in row.keys() if name not in {"run", "low", "high"}}  # noqa: SIM118  a Row is no mapping
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
        }
    )


def _text(value: object) -> str | None:
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
    if not number.is_finite():
        raise ValueError
    return number


def _amount(text: str) -> Decimal:
    try:
        return _decimal(text) or Decimal(0)
    except (ValueError, ArithmeticError, TypeError):
        raise _Foreign(f"its amount {text!r} is none") from None
