"""What was measured in this run, by medium: the latest in memory, the rest in a file that is gone
with the run, so that memory stays flat however many media there are.
"""

from __future__ import annotations

import pickle
import sqlite3
import sys
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from motion_preflight.facts import Kind, Measured

Known = tuple["Measured", "dt.datetime"]  # what was measured, and when
_KEPT = 4096  # media in memory, some 2 KB each


class Medium(NamedTuple):
    """One medium as a request names it: the same one is measured once."""

    location: str
    kind: Kind | None  # `None`: anything is welcome
    folder: Path | None


class Memo:
    """A mapping of media to what was measured. One thread."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._latest: OrderedDict[Medium, Known] = OrderedDict()
        self._file: sqlite3.Connection | None = None

    def get(self, medium: Medium) -> Known | None:
        """What was measured; `None` when it was not yet."""
        known = self._latest.get(medium)
        if known is not None:
            self._latest.move_to_end(medium)
            return known
        if self._file is None:
            return None
        try:
            row = self._file.execute("SELECT v FROM memo WHERE k = ?", (_key(medium),)).fetchone()
        except sqlite3.Error:
            return None
        return pickle.loads(row[0]) if row else None  # noqa: S301  written by this process

    def put(self, medium: Medium, measured: Known) -> None:
        """Keeps what was measured, for the rest of the run."""
        self._latest[medium] = measured
        if len(self._latest) > self._kept:
            self._put_away()

    def _put_away(self) -> None:
        """The oldest into the file; where there is no room for one, memory has to do."""
        oldest, value = self._latest.popitem(last=False)
        try:
            if self._file is None:
                self._file = _temporary()
            self._file.execute(
                "INSERT OR REPLACE INTO memo VALUES (?, ?)", (_key(oldest), pickle.dumps(value))
            )
        except sqlite3.Error:
            self._kept = sys.maxsize
            self._latest[oldest] = value

    def close(self) -> None:
        """Gives the file back."""
        if self._file is not None:
            self._file.close()


def _temporary() -> sqlite3.Connection:
    """A database that SQLite keeps in memory while it is small, else in a nameless file."""
    database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("CREATE TABLE memo (k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID")
    return database


def _key(medium: Medium) -> bytes:
    text = f"{medium.kind}\0{medium.folder or ''}\0{medium.location}"
    return text.encode("utf-8", "surrogatepass")
