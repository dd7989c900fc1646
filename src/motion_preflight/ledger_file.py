"""The ledger's file: made, opened, brought to the newest version."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_APPLICATION = 0x4D50464C  # "MPFL": tells our file from any other
_MODE = 0o600
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
    # The media of a request by content and by link, as hashes; the answer that was not clear.
    """
    ALTER TABLE intents ADD COLUMN video_content TEXT;
    ALTER TABLE intents ADD COLUMN video_link TEXT;
    ALTER TABLE intents ADD COLUMN image_content TEXT;
    ALTER TABLE intents ADD COLUMN image_link TEXT;
    ALTER TABLE intents ADD COLUMN image_sha256 TEXT;
    ALTER TABLE intents ADD COLUMN answer TEXT
    """,
)


_making = threading.Lock()  # who comes second must not lock the file before the first closes it


class Foreign(Exception):  # noqa: N818  the ledger puts its own name to it
    """What the file holds is not ours, and what it is."""


def open_file(path: Path) -> sqlite3.Connection:
    """The database at a path, which is made where there is none. Raises `Foreign`, and what SQLite
    and the system raise.
    """
    _make(path)
    database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    try:
        database.row_factory = sqlite3.Row
        _seen(database, len(MIGRATIONS))  # before anything is changed in a file that is not ours
        database.execute("PRAGMA journal_mode = DELETE")
        # FULL and one step more: the journal's removal, which is the commit, is on the disk too.
        database.execute("PRAGMA synchronous = EXTRA")
        database.execute("PRAGMA secure_delete = ON")
        migrate(database, MIGRATIONS)
    except BaseException:
        database.close()
        raise
    return database


def _make(path: Path) -> None:
    """The file, and nobody else may read it. It is not opened where it is there: closing it would
    end the locks that this process has on it, which POSIX forgets with any descriptor.
    """
    with _making, suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & ~_MODE:
        path.chmod(mode & _MODE)  # it may have been made by hand, or copied


def migrate(database: sqlite3.Connection, steps: Sequence[str]) -> None:
    """Brings the file to the newest version, one transaction a step. Raises `Foreign` for a
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
        raise Foreign("it is another program's database")
    if version > newest:
        raise Foreign("it was written by a newer motion-preflight")
    return int(version)


def make_folder(folder: Path) -> None:
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
