"""The files that were published: where they lie, until when, and for which requests.

A row is on the disk before the first byte of its file leaves, so that after any crash it is known
what may lie where. A row that is `uploading` although its run is over may or may not have a file at
the destination. Links are kept without their signatures. Several processes may publish the same
file: the row belongs to the run that touched it last, and only that one takes it away again.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from motion_preflight.submission.ledger.database import Foreign, ledger_errors
from motion_preflight.submission.ledger.rows import text_of
from motion_preflight.submission.ledger.run_lock import ended
from motion_preflight.submission.publication import (
    Publication,
    PublicationState,
    link_without_query,
)
from motion_preflight.text.lazy_dataclass import fields, replace

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from pathlib import Path

    from motion_preflight.submission.ledger.ledger import Ledger


class Publications:
    """The published files in a ledger. Its methods raise `LedgerUnusable`."""

    def __init__(
        self, ledger: Ledger, *, now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    ) -> None:
        self._ledger = ledger
        self._runs: Path = ledger.path.with_name("runs")
        self._now = now

    def all(self) -> list[Publication]:
        """Every published file, the newest first."""
        with self._ledger.transaction() as database:
            rows = database.execute("SELECT * FROM publications ORDER BY updated DESC, rowid DESC")
            return [_publication_of(row) for row in rows]

    def claim(self, wanted: Publication) -> Publication | None:
        """Makes the row of a file this run's, before it is looked for at its destination. Returns
        the row as it is now, or `None` while another run that is alive removes the file: wait, and
        claim again.
        """
        with self._ledger.transaction() as database:
            row = _one(database, wanted)
            if row and row.state is PublicationState.REMOVING and not self._is_over(row.run):
                return None
            if row and row.state is PublicationState.PUBLISHED:
                claimed = replace(row, updated=self._now(), run=self._ledger.run)
            else:
                now = self._now()
                claimed = replace(
                    wanted,
                    state=PublicationState.UPLOADING,
                    created=row.created if row else now,
                    updated=now,
                    run=self._ledger.run,
                )
            _write(database, claimed)
        return claimed

    def publish(
        self, publication: Publication, link: str, expires: dt.datetime | None
    ) -> Publication:
        """Writes down that the file is there, with a link to it."""
        published = replace(
            publication,
            state=PublicationState.PUBLISHED,
            updated=self._now(),
            run=self._ledger.run,
            link=link_without_query(link),
            expires=expires,
        )
        with self._ledger.transaction() as database:
            _write(database, published)
        return published

    def begin_removal(self, publication: Publication, *, own: bool = False) -> bool:
        """Notes that this run removes the file, so that no other run takes it to be there. With
        `own` it does so only while the row is this run's. False: another run needs the file.
        """
        with self._ledger.transaction() as database:
            row = _one(database, publication)
            if row is None or (own and row.run != self._ledger.run):
                return False
            busy = row.run != self._ledger.run and not self._is_over(row.run)
            if busy and row.state is not PublicationState.PUBLISHED:
                return False
            _write(
                database,
                replace(
                    row,
                    state=PublicationState.REMOVING,
                    updated=self._now(),
                    run=self._ledger.run,
                ),
            )
        return True

    def end_removal(self, publication: Publication, *, removed: bool) -> None:
        """Takes the row out when the file is gone, and else notes that it may still be there."""
        with self._ledger.transaction() as database:
            if removed:
                database.execute(
                    f"DELETE FROM publications WHERE {_KEY} AND run = ?",  # noqa: S608  our own text
                    (*_key(publication), self._ledger.run),
                )
            else:
                _write(database, replace(publication, run=self._ledger.run))

    def _is_over(self, run: str) -> bool:
        if run == self._ledger.run:
            return False
        with ledger_errors(self._ledger.path), ended(self._runs, run) as over:
            return over


_COLUMNS = [field.name for field in fields(Publication)]


_KEY = "destination = ? AND address = ? AND name = ?"


def _key(publication: Publication) -> tuple[str, str, str]:
    return publication.destination, publication.address, publication.name


def _one(database: sqlite3.Connection, publication: Publication) -> Publication | None:
    row = database.execute(
        f"SELECT * FROM publications WHERE {_KEY}",  # noqa: S608  our own text
        _key(publication),
    ).fetchone()
    return _publication_of(row) if row else None


def _write(database: sqlite3.Connection, publication: Publication) -> None:
    names = ", ".join(_COLUMNS)
    marks = ", ".join(f":{name}" for name in _COLUMNS)
    database.execute(
        f"INSERT OR REPLACE INTO publications ({names}) VALUES ({marks})",  # noqa: S608  our own names
        {name: text_of(getattr(publication, name)) for name in _COLUMNS},
    )


def _publication_of(row: sqlite3.Row) -> Publication:
    """Raises `Foreign` for a row that was changed by hand."""
    columns = {name: row[name] for name in _COLUMNS}
    try:
        moments = {
            name: dt.datetime.fromisoformat(columns[name])
            for name in ("created", "updated", "expires")
            if columns[name] is not None
        }
        values = {"state": PublicationState(columns["state"]), "size": int(columns["size"])}
        return Publication(**columns | moments | values)
    except (ValueError, TypeError):
        raise Foreign(f"its published file {columns['name']!r} is not one of ours") from None
