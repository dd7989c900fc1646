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
import sqlite3
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from motion_preflight.budget import Spent
from motion_preflight.errors import Because, LedgerUnusable, NotSent
from motion_preflight.ledger_file import Foreign, make_folder, open_file
from motion_preflight.ledger_rows import amount_of, media_columns, receipt_of, row_of, text_of
from motion_preflight.receipt import FINAL, FOLLOWS, FREE, UNFINISHED, Receipt, State, described
from motion_preflight.run_lock import RunLock, ended, sweep
from motion_preflight.submission.fingerprint import MATCHES
from motion_preflight.submission.ledger_note import LedgerLost, LedgerNote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import Self

    from motion_preflight.budget import Budget
    from motion_preflight.submission.fingerprint import Fingerprint

_DIED = "the run ended before an answer was written down"
_SAME = "an identical request was sent before"
# Which of several identical requests is named: the first of these.
_WEIGHT = {State.UNKNOWN: 0, **dict.fromkeys(UNFINISHED, 1), State.COMPLETED: 2}
# The provider bills USD (documented), whatever currency a profile's prices are in.
_SPENT = "CASE currency WHEN 'USD' THEN coalesce(cost, high) ELSE high END"


class Ledger:
    """The ledger of a folder, and this run in it. Raises `LedgerUnusable`."""

    def __init__(
        self, folder: Path, *, now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    ) -> None:
        self.path = folder / "ledger.sqlite3"
        self._runs = folder / "runs"
        self._now = now
        self._sound = False
        self._note = LedgerNote(self.path)
        self._stack = contextlib.ExitStack()
        with self._ours():
            make_folder(folder)
            if self._note.ledger_file_lost():  # before a new one is made in its place
                raise self._lost()
            self._lock = RunLock(self._runs)
            self._stack.callback(self._lock.release)
            try:
                sweep(self._runs)
                self._database = open_file(self.path)
                self._stack.callback(self._database.close)
                with self._transaction() as database:
                    self._note.tidy()
                    self._compare_note(database)
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
        is unsettled or completed (`again` lets it pass) or a budget is exceeded: one transaction
        looks at both and writes, so that no other process comes between.
        """
        with self._transaction() as database:
            self._recover(database)  # stays, whatever becomes of the intent
        self._look_it_over()
        with self._transaction() as database:
            self._compare_note(database)
            other = None if again else self._standing(database, receipt.fingerprint)
            if other:
                done = other.state is State.COMPLETED
                because = Because.DONE if done else Because.IDENTICAL
                raise NotSent(f"{_SAME}: {described(other)}", other, because)
            run, day = self._spent(database, budget, receipt.currency)
            over = budget.refusal(receipt.estimate, run, day, receipt.currency)
            if over:
                raise NotSent(over, None, Because.OVER_BUDGET)
            row = row_of(receipt) | {"run": self._lock.run}
            names = ", ".join(row)
            marks = ", ".join(f":{name}" for name in row)
            written = database.execute(f"INSERT INTO intents ({names}) VALUES ({marks})", row)  # noqa: S608  our own names
            # A trigger or an odd file system can swallow a row, and then nobody would know of it.
            kept = self._one(database, "intent = ?", receipt.intent)
            if written.rowcount != 1 or kept is None or kept.state is not receipt.state:
                raise Foreign("the row of a new request was not written")
        self._note_rows(receipt.intent)

    def standing(self, fingerprint: Fingerprint) -> Receipt | None:
        """The identical request for whose sake this one is not sent, if any: one that is unknown,
        else one under way, else the latest that is completed.
        """
        with self._transaction() as database:
            self._recover(database)
            return self._standing(database, fingerprint)

    def finished(self, fingerprint: Fingerprint) -> Receipt | None:
        """The latest identical request that the provider took and that is over."""
        with self._ours():
            found = self._identical(self._database, fingerprint)
        return next((row for row in found if row.state in FINAL - FREE), None)

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
            values = {"state": state, "updated": text_of(self._now()), **known}
            values = {name: text_of(value) for name, value in values.items()}
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
        with self._ours():
            if not states:  # those too whose state cannot be read: they are no reason to be silent
                return self._all(self._database, "1")
            marks = ", ".join("?" * len(states))
            return self._all(self._database, f"state IN ({marks})", *states)

    def find(self, name: str) -> list[Receipt]:
        """The rows of an intent, of the beginning of one, or of a task id."""
        with self._ours():
            return self._all(
                self._database,
                "task_id = ? OR (length(?) >= 4 AND substr(intent, 1, length(?)) = ?)",
                *[text_of(name)] * 4,
            )

    def forget(self, intents: Iterable[str]) -> None:
        """Takes rows out, and every byte that they held: also the copies that a page keeps of what
        once stood in it, which overwriting the rows does not reach.
        """
        chosen = set(intents)
        with self._transaction() as database:
            if self._note.last() in chosen:  # before it is gone, or the ledger would look older
                self._note.write(None)
            database.executemany(
                "DELETE FROM intents WHERE intent = ?", [(intent,) for intent in chosen]
            )
        with self._transaction() as database:  # a kill before this leaves a note that refuses
            if not _has_rows(database):
                self._note.remove()
        with self._ours():
            self._database.execute("VACUUM")

    def _compare_note(self, database: sqlite3.Connection) -> None:
        """Raises `LedgerUnusable` when there were rows that are gone; notes rows that are not noted
        yet, as those of a run that was killed before it could.
        """
        if not _has_rows(database):
            if self._note.exists():
                raise self._lost()
        elif self._noted_is_missing(database):
            raise self._lost()
        else:
            self._note.ensure()

    def _noted_is_missing(self, database: sqlite3.Connection) -> bool:
        """Whether the row that came last is not there: then the file is an older copy."""
        last = self._note.last()
        if last is None:
            return False
        # A row that cannot be read is there all the same.
        return (
            database.execute("SELECT 1 FROM intents WHERE intent = ?", (last,)).fetchone() is None
        )

    def _note_rows(self, intent: str) -> None:
        """Notes that there are rows. Where it cannot be noted the intent goes: nothing is sent."""
        try:
            with self._transaction():
                self._note.write(intent)
        except LedgerUnusable:
            with self._transaction() as database:
                database.execute("DELETE FROM intents WHERE intent = ?", (intent,))
            raise

    def _lost(self) -> LedgerLost:
        return LedgerLost(
            f"the ledger {self.path} is empty, gone or older than {self._note.path.name} beside "
            "it, which says that more was sent: what was paid for is not known, so nothing is "
            "sent. Put the file back, or go on without it: `motion-preflight tasks resolve "
            "--ledger-lost`"
        )

    def _look_it_over(self) -> None:
        """Before this run's first intent: a row that a damaged index hides would be sent again."""
        if self._sound:
            return
        with self._ours():
            (said,) = self._database.execute("PRAGMA integrity_check(1)").fetchone()
            if said != "ok":
                raise Foreign(f"it is damaged: {said}")
        self._sound = True

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
                        (State.UNKNOWN, text_of(self._now()), _DIED, run, State.SENDING),
                    )

    def _standing(self, database: sqlite3.Connection, fingerprint: Fingerprint) -> Receipt | None:
        found = self._identical(database, fingerprint)
        in_the_way = [row for row in found if row.state in _WEIGHT]
        return min(in_the_way, key=lambda row: _WEIGHT[row.state], default=None)

    def _identical(self, database: sqlite3.Connection, fingerprint: Fingerprint) -> list[Receipt]:
        """The rows of identical requests, the newest first. A row that cannot be read raises: it
        may be one for whose sake this one must not be sent.
        """
        names = {"identity": fingerprint.identity, **media_columns(fingerprint.media)}
        return self._all(database, MATCHES, **names)

    def _spent(
        self, database: sqlite3.Connection, budget: Budget, currency: str
    ) -> tuple[Spent, Spent]:
        def total(where: str, value: str, *, count: bool = False) -> Spent:
            rows = database.execute(
                f"SELECT state, currency, {_SPENT} FROM intents WHERE {where} ?",  # noqa: S608  our own text
                (value,),
            )
            counted = [row[1:] for row in rows if row[0] not in FREE]
            known = [amount_of(text) for unit, text in counted if text and unit == currency]
            return Spent(sum(known, Decimal(0)), len(counted) - len(known), len(counted) * count)

        today = self._now().astimezone(dt.UTC).date().isoformat()
        unlimited = budget.run is None and budget.requests is None
        count = budget.requests is not None
        run = Spent() if unlimited else total("run =", self._lock.run, count=count)
        # Rows of tomorrow were written before a clock went back: they count as today's.
        return run, Spent() if budget.day is None else total("substr(created, 1, 10) >=", today)

    def _all(
        self, database: sqlite3.Connection, where: str, *values: str | None, **names: str | None
    ) -> list[Receipt]:
        sql = f"SELECT * FROM intents WHERE {where} ORDER BY created DESC, rowid DESC"  # noqa: S608  our own text
        return [receipt_of(row) for row in database.execute(sql, names or values)]

    def _one(self, database: sqlite3.Connection, where: str, *values: str) -> Receipt | None:
        return next(iter(self._all(database, where, *values)), None)

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
        except (sqlite3.Error, OSError, Foreign, UnicodeDecodeError) as error:
            cause = getattr(error, "strerror", None) or error
            raise LedgerUnusable(
                f"the ledger {self.path} cannot be used ({cause}); {_remedy(error)}"
            ) from None


def _remedy(error: Exception) -> str:
    """What to do about a ledger that cannot be used; another folder has never heard of what was
    sent, so that it is no way around a damaged file.
    """
    damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(
        error, sqlite3.OperationalError
    )
    if damaged or isinstance(error, Foreign):
        return (
            "put a copy of it back. Without one: move it away, and begin anew with "
            "`motion-preflight tasks resolve --ledger-lost`"
        )
    return (
        "make that possible, or name another folder with MOTION_PREFLIGHT_STATE, where nothing is "
        "known of what was sent before"
    )


def _has_rows(database: sqlite3.Connection) -> bool:
    return database.execute("SELECT 1 FROM intents LIMIT 1").fetchone() is not None
