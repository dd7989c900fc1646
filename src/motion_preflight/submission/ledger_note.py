"""A file beside the ledger that notes that it once had rows.

A ledger that was deleted or emptied looks like one that was never used, and a run that trusts it
would pay a second time. The note stands outside the database, so that it survives its loss. When
the whole folder is gone the note is gone too, and that cannot be seen.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from motion_preflight.errors import LedgerUnusable

if TYPE_CHECKING:
    from pathlib import Path

_TEXT = b"The ledger beside this file has held requests. Do not delete either.\n"


class LedgerLost(LedgerUnusable):
    """The ledger had rows, and its file is gone or empty now."""


class LedgerNote:
    """The note of one ledger. Its methods raise `OSError`."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self.path = ledger.with_name("ledger.seen")

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

    def write(self) -> None:
        """Puts the note on the disk unless it is there: whole or not at all, for the user alone."""
        if self.exists():
            return
        # One name for all: what a killed run leaves is taken up by the next, which writes the same.
        draft = self.path.with_name(f"{self.path.name}.new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, _TEXT)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        try:
            draft.replace(self.path)
        except FileNotFoundError:
            if not self.exists():  # else another process put the same note there first
                raise
        self._sync_folder()

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
