"""A file beside the ledger that notes that it once had rows, and which one came last.

A ledger that was deleted, emptied or replaced by an older copy does not know what was sent since,
and a run that trusts it would pay a second time. The note stands outside the database, so that it
survives its loss. When the whole folder is gone or older the note is so too, and that cannot be
seen.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from motion_preflight.errors import LedgerUnusable

if TYPE_CHECKING:
    from pathlib import Path

_TEXT = "The ledger beside this file has held requests. Do not delete either.\n"
_LAST = re.compile(rb"^The last one: ([0-9a-f]{1,64})$", re.MULTILINE)
_LONGEST = 1000  # bytes of a note


class LedgerLost(LedgerUnusable):
    """The ledger had rows that it has no more: its file is gone, empty or an older copy."""


class LedgerNote:
    """The note of one ledger. Its methods raise `OSError`."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self.path = ledger.with_name("ledger.seen")
        self._draft = ledger.with_name("ledger.seen.new")

    def exists(self) -> bool:
        """Whether the ledger once had rows. A broken link counts: somebody put it there."""
        return os.path.lexists(self.path)

    def ledger_file_lost(self) -> bool:
        """Whether the ledger had rows, and its file is gone or has no bytes."""
        if not self.exists():
            return False
        try:
            return self._ledger.stat().st_size == 0
        except FileNotFoundError:
            return True

    def last(self) -> str | None:
        """The intent that came last; `None` where the note names none."""
        try:
            with self.path.open("rb") as file:
                named = _LAST.search(file.read(_LONGEST))
        except FileNotFoundError:
            return None
        return named[1].decode("ascii") if named else None

    def ensure(self) -> None:
        """Puts a note that names no intent on the disk unless there is one."""
        if not self.exists():
            self.write(None)

    def write(self, intent: str | None) -> None:
        """Puts the note on the disk, whole or not at all, for the user alone; `None` names no
        intent as the last one. The ledger is locked meanwhile, so that nobody else writes.
        """
        text = _TEXT + (f"The last one: {intent}\n" if intent else "")
        descriptor = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(descriptor, text.encode("ascii"))
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._draft.replace(self.path)
        self._sync_folder()

    def tidy(self) -> None:
        """Takes away what a run has left that was killed while it wrote. The ledger is locked."""
        self._draft.unlink(missing_ok=True)

    def remove(self) -> None:
        """Takes the note away, on the disk when this returns."""
        self.path.unlink(missing_ok=True)
        self._sync_folder()

    def _sync_folder(self) -> None:
        if os.name != "posix":
            return
        descriptor = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
