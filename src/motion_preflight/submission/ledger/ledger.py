"""The ledger: what was to be sent, what was sent, and what came of it. It is one SQLite file.

An intent is on the disk before the first byte of its request leaves, and its outcome right after
the answer. A row that is `sending` although its run is over (its lock can be taken) is `unknown`.
Several processes may use the ledger side by side: every change is one transaction that takes the
write lock first. It never holds an API key or a signed link.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from typing import TYPE_CHECKING, Any

from motion_preflight.provider.state import State
from motion_preflight.submission.errors import LedgerUnusable, NotSent, NotSentReason
from motion_preflight.submission.fingerprint import MATCHES
from motion_preflight.submission.ledger.database import (
    Foreign,
    has_rows,
    ledger_errors,
    make_folder,
    open_file,
)
from motion_preflight.submission.ledger.note import LedgerNote
from motion_preflight.submission.ledger.rows import (
    day_text,
    insert,
    lengths_text,
    media_columns,
    receipt_of,
    row_of,
    sum_spent_by,
    text_of,
)
from motion_preflight.submission.ledger.run_lock import RunLock, ended, sweep
from motion_preflight.submission.ledger.sums import add_sums, read_sums
from motion_preflight.submission.receipt import FINAL, FOLLOWS, FREE, UNFINISHED, Receipt
from motion_preflight.submission.refusal import refusal_for
from motion_preflight.submission.spending import Spending, spending_of
from motion_preflight.text.module_log import ModuleLog

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from typing import Self

    from motion_preflight.report.totals import Budget, Spent
    from motion_preflight.submission.fingerprint import Fingerprint
    from motion_preflight.text.numbers import AmountRange

_LOG = ModuleLog(__name__)
_DIED = "the run ended before an answer was written down"
# Of several identical requests, the one whose state comes first here is named.
_WEIGHT = {State.UNKNOWN: 0, **dict.fromkeys(UNFINISHED, 1), State.COMPLETED: 2}


class Ledger:
    """The ledger in a folder, opened by this run. Raises `LedgerUnusable`."""

    def __init__(
        self, folder: Path, *, now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    ) -> None:
        self.path = folder / "ledger.sqlite3"
        self._runs = folder / "runs"
        self._now = now
        self._sound = False
        self._note = LedgerNote(self.path)
        self._stack = contextlib.ExitStack()
        with ledger_errors(self.path):
            make_folder(folder)
            if self._note.ledger_file_lost():  # before a new one is created
                raise self._note.ledger_lost()
            lock = RunLock(self._runs)
            self.run = lock.run  # the name of this run, by which its rows are known
            self._stack.callback(lock.release)
            try:
                sweep(self._runs)
                self._database = open_file(self.path)
                self._stack.callback(self._database.close)
                with self.transaction() as database:
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
        """Closes the file and ends this run."""
        self._stack.close()

    def begin(self, receipt: Receipt, *, again: bool, budget: Budget) -> None:
        """Writes an intent, which is on the disk when this returns. Raises `NotSent` when an
        identical request is unsettled or completed (unless `again`), or a budget is exceeded. The
        same transaction checks both and writes, so that no other process comes between.
        """
        with self.transaction() as database:
            self._recover(database)  # a transaction of its own: it stays if the intent is refused
        self._look_it_over()
        with self.transaction() as database:
            self._compare_note(database)
            other = None if again else self._standing(database, receipt.fingerprint)
            if other:
                raise refusal_for(other)
            # Its row counts for the day it was made on, which may have ended since.
            day_made = min(self._today(), day_text(receipt.created))
            run, day = sum_spent_by(database, budget, self.run, day_made, receipt.currency)
            over = budget.refusal(receipt.estimate, run, day, receipt.currency)
            if over:
                raise NotSent(over, None, NotSentReason.OVER_BUDGET)
            written = insert(database, row_of(receipt) | {"run": self.run})
            # A trigger or an odd file system can swallow a row, so it is read back.
            row_now = self._one(database, "intent = ?", receipt.intent)
            if written != 1 or row_now is None or row_now.state is not receipt.state:
                raise Foreign("the row of a new request was not written")
        self._note_rows(receipt.intent)
        _LOG.debug("intent %s is written to %s", receipt.intent, str(self.path))

    def standing(self, fingerprint: Fingerprint) -> Receipt | None:
        """The identical request that keeps this one from being sent, `None` without one: an unknown
        one, else one under way, else the latest completed one.
        """
        with self.transaction() as database:
            self._recover(database)
            return self._standing(database, fingerprint)

    def finished(self, fingerprint: Fingerprint) -> Receipt | None:
        """The latest identical request that the provider took and that is over; `None`
        without one.
        """
        with ledger_errors(self.path):
            identical = self._identical(self._database, fingerprint)
        return next((row for row in identical if row.state in FINAL - FREE), None)

    def spent(self, budget: Budget, currency: str) -> tuple[Spent, Spent]:
        """What this run and this day (UTC) have spent; nothing is summed where the budget has no
        limit.
        """
        with ledger_errors(self.path):
            return sum_spent_by(self._database, budget, self.run, self._today(), currency)

    def settle(self, intent: str, state: State, **columns: Any) -> Receipt | None:  # noqa: ANN401
        """Writes the state of an intent, and its `columns`: `task_id`, `request_id`, `cost`,
        `error`. A state that may not follow the row's own leaves the row unchanged. Returns the row
        as it is then, `None` when there is none.
        """
        with self.transaction() as database:
            row = self._one(database, "intent = ?", intent)
            if row is None or not (state is row.state or state in FOLLOWS.get(row.state, ())):
                return row
            values = {"state": state, "updated": text_of(self._now()), **columns}
            values = {name: text_of(value) for name, value in values.items()}
            changes = ", ".join(f"{name} = :{name}" for name in values)
            database.execute(
                f"UPDATE intents SET {changes} WHERE intent = :intent",  # noqa: S608  our own names
                values | {"intent": intent},
            )
            _LOG.debug("intent %s becomes %s", intent, state.value)
            return self._one(database, "intent = ?", intent)

    def add_file(self, intent: str, file: Path, seconds: AmountRange | None = None) -> None:
        """Writes down the path where a result was stored, and its length (`None`: not measured)."""
        with self.transaction() as database:
            row = self._one(database, "intent = ?", intent)
            if row is None:
                return
            name = str(file)
            files = json.dumps(list(dict.fromkeys([*row.files, name])))
            database.execute("UPDATE intents SET files = ? WHERE intent = ?", (files, intent))
            if seconds is not None:
                lengths = lengths_text({**row.lengths, name: seconds})
                database.execute(
                    "UPDATE intents SET lengths = ? WHERE intent = ?", (lengths, intent)
                )

    def spending(self) -> list[Spending]:
        """What every request counts for in the sums, those that were forgotten together."""
        with ledger_errors(self.path):
            return [*map(spending_of, self._all(self._database, "1")), *read_sums(self._database)]

    def rows(self, *states: State) -> list[Receipt]:
        """The rows in these states (without any: in all states), the newest first."""
        with ledger_errors(self.path):
            if not states:  # rows whose state cannot be read are included, and raise
                return self._all(self._database, "1")
            marks = ", ".join("?" * len(states))
            return self._all(self._database, f"state IN ({marks})", *states)

    def find(self, name: str) -> list[Receipt]:
        """The rows of an intent, of the beginning of an intent, or of a task id."""
        with ledger_errors(self.path):
            return self._all(
                self._database,
                "task_id = ? OR (length(?) >= 4 AND substr(intent, 1, length(?)) = ?)",
                *[text_of(name)] * 4,
            )

    def forget(self, intents: Iterable[str]) -> None:
        """Removes rows and every byte of them, also the older copies of a row that its page still
        holds. Their sums stay.
        """
        chosen = set(intents)
        with self.transaction() as database:
            if self._note.last() in chosen:  # else the ledger would look like an older copy
                self._note.write(None)
            rows = [self._one(database, "intent = ?", intent) for intent in chosen]
            add_sums(database, [spending_of(row) for row in rows if row])
            database.executemany(
                "DELETE FROM intents WHERE intent = ?", [(intent,) for intent in chosen]
            )
        with self.transaction() as database:  # killed before this, the next run reports a loss
            if not has_rows(database):
                self._note.remove()
        with ledger_errors(self.path):
            self._database.execute("VACUUM")

    def _compare_note(self, database: sqlite3.Connection) -> None:
        """Raises `LedgerUnusable` when rows are lost. Writes the note for rows that have none, such
        as those of a run that was killed before it could.
        """
        if not has_rows(database):
            if self._note.exists():
                raise self._note.ledger_lost()
        elif self._noted_is_missing(database):
            raise self._note.ledger_lost()
        else:
            self._note.ensure()

    def _noted_is_missing(self, database: sqlite3.Connection) -> bool:
        """Whether the row that came last is missing: then the file is an older copy."""
        last = self._note.last()
        if last is None:
            return False
        # Only its presence counts: a damaged row is not a missing one.
        return (
            database.execute("SELECT 1 FROM intents WHERE intent = ?", (last,)).fetchone() is None
        )

    def _note_rows(self, intent: str) -> None:
        """Notes the intent as the last row. When that fails the intent is removed, and nothing is
        sent.
        """
        try:
            with self.transaction():
                self._note.write(intent)
        except LedgerUnusable:
            with self.transaction() as database:
                database.execute("DELETE FROM intents WHERE intent = ?", (intent,))
            raise

    def _look_it_over(self) -> None:
        """Checks the file before this run's first intent: a damaged index could hide a paid row."""
        if self._sound:
            return
        with ledger_errors(self.path):
            (answer,) = self._database.execute("PRAGMA integrity_check(1)").fetchone()
            if answer != "ok":
                raise Foreign(f"it is damaged: {answer}")
        self._sound = True

    def _recover(self, database: sqlite3.Connection) -> None:
        """Changes `sending` rows of runs that are over to `unknown`."""
        runs = database.execute(
            "SELECT DISTINCT run FROM intents WHERE state = ? AND run <> ?",
            (State.SENDING, self.run),
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
        identical = self._identical(database, fingerprint)
        in_the_way = [row for row in identical if row.state in _WEIGHT]
        return min(in_the_way, key=lambda row: _WEIGHT[row.state], default=None)

    def _identical(self, database: sqlite3.Connection, fingerprint: Fingerprint) -> list[Receipt]:
        """The rows of identical requests, the newest first. A row that cannot be read raises: it
        may be one that keeps this request from being sent.
        """
        names = {"identity": fingerprint.identity, **media_columns(fingerprint.media)}
        return self._all(database, MATCHES, **names)

    def _today(self) -> str:
        return day_text(self._now())

    def _all(
        self, database: sqlite3.Connection, where: str, *values: str | None, **names: str | None
    ) -> list[Receipt]:
        sql = f"SELECT * FROM intents WHERE {where} ORDER BY created DESC, rowid DESC"  # noqa: S608  our own text
        return [receipt_of(row) for row in database.execute(sql, names or values)]

    def _one(self, database: sqlite3.Connection, where: str, *values: str) -> Receipt | None:
        return next(iter(self._all(database, where, *values)), None)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Makes one change, which is on the disk when the block ends; an exception undoes it."""
        with ledger_errors(self.path):
            try:  # BEGIN stands inside: an interruption while it waits is raised after it
                self._database.execute("BEGIN IMMEDIATE")
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                if self._database.in_transaction:
                    self._database.execute("ROLLBACK")
                raise
