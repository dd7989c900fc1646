"""Measurements that are put away in a file, which is removed with the run."""

from __future__ import annotations

import pickle
import sqlite3
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motion_preflight.media.medium import CachedFacts, Medium


class FactsFile:
    """A database that SQLite keeps in memory while it is small, else in a nameless file. Raises
    `OSError` when the disk has no room for it.
    """

    def __init__(self) -> None:
        try:
            self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
            self._database.execute("PRAGMA journal_mode = OFF")
            self._database.execute("CREATE TABLE facts (k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID")
        except sqlite3.Error as error:
            raise OSError(str(error)) from error

    def get(self, medium: Medium) -> CachedFacts | None:
        """The measurement of a medium; `None` when it is not here, or cannot be read again."""
        try:
            row = self._database.execute(
                "SELECT v FROM facts WHERE k = ?", (_key(medium),)
            ).fetchone()
        except sqlite3.Error:
            return None
        return pickle.loads(row[0]) if row else None  # noqa: S301  written by this process

    def put(self, medium: Medium, measured: CachedFacts) -> None:
        """Writes a measurement. Raises `OSError` when the disk has no room."""
        row = _key(medium), pickle.dumps(measured)
        try:
            self._database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", row)
        except sqlite3.Error as error:
            raise OSError(str(error)) from error

    def close(self) -> None:
        """Removes the file."""
        self._database.close()


def _key(medium: Medium) -> bytes:
    text = f"{medium.kind}\0{medium.folder or ''}\0{medium.location}"
    return text.encode("utf-8", "surrogatepass")
