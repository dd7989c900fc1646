"""The file of the ledger: created, opened, and brought to the newest version."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from motion_preflight.submission.errors import LedgerUnusable
from motion_preflight.submission.ledger.note import BEGIN_ANEW, LedgerNote

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_APPLICATION = 0x4D50464C  # "MPFL": marks the file as ours
_MODE = 0o600
_PATIENCE = 60.0  # seconds to wait for the write lock of another process
# One step for each version. A step is never changed once it is released; a new one follows it.
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
    # The files that were published, and where; links are kept without their signatures.
    """
    CREATE TABLE publications (
        destination TEXT NOT NULL, address TEXT NOT NULL, name TEXT NOT NULL,
        state TEXT NOT NULL, run TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL,
        source TEXT NOT NULL, size TEXT NOT NULL, sha256 TEXT NOT NULL,
        content_type TEXT NOT NULL, link TEXT, expires TEXT,
        PRIMARY KEY (destination, address, name)
    )
    """,
    # What an estimate was made of, and how long results are; the sums of requests that were
    # forgotten, by which no single request can be known.
    """
    ALTER TABLE intents ADD COLUMN price_per_second TEXT;
    ALTER TABLE intents ADD COLUMN by_rounding TEXT;
    ALTER TABLE intents ADD COLUMN lengths TEXT;
    CREATE TABLE sums (
        day TEXT NOT NULL, origin TEXT NOT NULL, model TEXT NOT NULL, mode TEXT NOT NULL,
        currency TEXT NOT NULL, counts TEXT NOT NULL, amounts TEXT NOT NULL,
        PRIMARY KEY (day, origin, model, mode, currency)
    ) WITHOUT ROWID
    """,
)


# Held while the file is created: a second thread must not lock the file before this one closes it.
_making = threading.Lock()


class Foreign(Exception):  # noqa: N818  becomes LedgerUnusable
    """The content of the file is not ours; the text says what it is."""


def open_file(path: Path) -> sqlite3.Connection:
    """Opens the database at a path, and creates it where there is none. Raises `Foreign`, and what
    SQLite and the system raise.
    """
    _make(path)
    database = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
    try:
        database.row_factory = sqlite3.Row
        _seen(database, len(MIGRATIONS))  # first of all: a file that is not ours is left unchanged
        database.execute("PRAGMA journal_mode = DELETE")
        # EXTRA goes beyond FULL: the removal of the journal, which is the commit, is synced too.
        database.execute("PRAGMA synchronous = EXTRA")
        database.execute("PRAGMA secure_delete = ON")
        migrate(database, MIGRATIONS)
    except BaseException:
        database.close()
        raise
    return database


def _make(path: Path) -> None:
    """Creates the file, readable for its owner alone. An existing file is not opened: on POSIX,
    closing any descriptor of it would end the locks that this process holds on it.
    """
    with _making, suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & ~_MODE:
        path.chmod(mode & _MODE)  # somebody may have copied it, or created it by hand


def migrate(database: sqlite3.Connection, steps: Sequence[str]) -> None:
    """Brings the file to the newest version, with one transaction for each step. Raises `Foreign`
    for a file that is not ours, or newer than this program.
    """
    while _seen(database, len(steps)) < len(steps):
        database.execute("BEGIN IMMEDIATE")
        try:
            version = _version(database, len(steps))  # another process may have done it meanwhile
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
    """The version of the file, read in one transaction: another process may be creating it now."""
    database.execute("BEGIN")
    try:
        return _version(database, newest)
    finally:
        database.execute("ROLLBACK")


def _version(database: sqlite3.Connection, newest: int) -> int:
    """The number of migration steps that the file has gone through. Raises `Foreign`."""
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
    """Creates the folder and syncs its entry to the disk. Without that a power cut could take the
    whole ledger.
    """
    if folder.is_dir():
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.name == "posix":
        descriptor = os.open(folder.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def has_rows(database: sqlite3.Connection) -> bool:
    """Whether the ledger has any row."""
    return database.execute("SELECT 1 FROM intents LIMIT 1").fetchone() is not None


@contextmanager
def ledger_errors(path: Path) -> Iterator[None]:
    """Raises `LedgerUnusable`, which says what to do, in place of errors of SQLite and the
    system.
    """
    try:
        yield
    except (sqlite3.Error, OSError, Foreign, UnicodeDecodeError) as error:
        cause = getattr(error, "strerror", None) or error
        text = f"the ledger {path} cannot be used ({cause}); "
        unusable = LedgerUnusable(text + _remedy(error, f"delete {LedgerNote(path).path}"))
        unusable.in_command = text + _remedy(error, f"begin anew with `{BEGIN_ANEW}`")
        raise unusable from None


def _remedy(error: Exception, begin_anew: str) -> str:
    """What to do about a ledger that cannot be used. Another folder is no remedy for a damaged
    file, because nothing is known there of what was sent.
    """
    damaged = isinstance(error, sqlite3.DatabaseError) and not isinstance(
        error, sqlite3.OperationalError
    )
    if damaged or isinstance(error, Foreign):
        return f"put a copy of it back. Without one: move it away, and {begin_anew}"
    return (
        "make that possible, or name another folder with MOTION_PREFLIGHT_STATE, where nothing is "
        "known of what was sent before"
    )
