"""The measurements of one run, by medium.

The latest stay in memory, the rest go to a file that is removed with the run. So memory stays flat
however many media there are.
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

    from motion_preflight.media.facts import Kind, Measured

CachedFacts = tuple["Measured", "dt.datetime"]  # the measurement, and when it was made
_IN_MEMORY = 4096  # media in memory at most, some 2 KB each


class Medium(NamedTuple):
    """One medium as a request names it; the same one is measured only once."""

    location: str
    kind: Kind | None  # what it should be; `None`: any kind will do
    folder: Path | None


class FactsCache:
    """Maps media to what was measured of them. For use in one thread."""

    def __init__(self, in_memory: int = _IN_MEMORY) -> None:
        self._in_memory = in_memory
        self._latest: OrderedDict[Medium, CachedFacts] = OrderedDict()
        self._file: sqlite3.Connection | None = None

    def get(self, medium: Medium) -> CachedFacts | None:
        """The measurement of a medium and its time; `None` when it was not measured yet."""
        cached = self._latest.get(medium)
        if cached is not None:
            self._latest.move_to_end(medium)
            return cached
        if self._file is None:
            return None
        try:
            row = self._file.execute("SELECT v FROM memo WHERE k = ?", (_key(medium),)).fetchone()
        except sqlite3.Error:
            return None
        return pickle.loads(row[0]) if row else None  # noqa: S301  written by this process

    def put(self, medium: Medium, measured: CachedFacts) -> None:
        """Keeps a measurement for the rest of the run."""
        self._latest[medium] = measured
        if len(self._latest) > self._in_memory:
            self._put_away()

    def _put_away(self) -> None:
        """Moves the oldest measurement into the file, or stops moving when the disk has no room."""
        oldest, value = self._latest.popitem(last=False)
        try:
            if self._file is None:
                self._file = _temporary()
            self._file.execute(
                "INSERT OR REPLACE INTO memo VALUES (?, ?)", (_key(oldest), pickle.dumps(value))
            )
        except sqlite3.Error:
            self._in_memory = sys.maxsize
            self._latest[oldest] = value

    def close(self) -> None:
        """Removes the file, if there is one."""
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
