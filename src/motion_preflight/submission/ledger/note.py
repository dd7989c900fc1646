"""A file beside the ledger that notes that the ledger has had rows, and which one came last.

A ledger that was deleted, emptied or replaced by an older copy does not know what was sent since,
and a run that trusts it would pay a second time. The note stands outside the database, so it
survives the loss of the database. When the whole folder is gone or older, so is the note, and the
loss cannot be seen.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from motion_preflight.submission.errors import LedgerUnusable

if TYPE_CHECKING:
    from pathlib import Path

_TEXT = "The ledger beside this file has held requests. Do not delete either.\n"
_LAST = re.compile(rb"^The last one: ([0-9a-f]{1,64})$", re.MULTILINE)
BEGIN_ANEW = "motion-preflight tasks resolve --ledger-lost"
_LONGEST = 1000  # bytes of a note


class LedgerLost(LedgerUnusable):
    """The ledger has lost rows: its file is gone, empty or an older copy."""


class LedgerNote:
    """The note of one ledger. Its methods raise `OSError`."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self.path = ledger.with_name("ledger.seen")
        self._draft = ledger.with_name("ledger.seen.new")

    def exists(self) -> bool:
        """Whether the ledger has ever had rows. A broken symlink counts too: somebody put
        it there.
        """
        return os.path.lexists(self.path)

    def ledger_file_lost(self) -> bool:
        """Whether the ledger has had rows, but its file is gone or empty."""
        if not self.exists():
            return False
        try:
            return self._ledger.stat().st_size == 0
        except FileNotFoundError:
            return True

    def ledger_lost(self) -> LedgerLost:
        """What is said where the note and the ledger do not agree."""
        text = (
            f"the ledger {self._ledger} is empty, gone or older than {self.path.name} beside "
            "it, which says that more was sent: what was paid for is not known, so nothing is "
            "sent. Put the file back, or go on without it: "
        )
        error = LedgerLost(f"{text}delete {self.path}")
        error.in_command = f"{text}`{BEGIN_ANEW}`"
        return error

    def last(self) -> str | None:
        """The intent that came last; `None` where the note names none."""
        try:
            with self.path.open("rb") as file:
                named = _LAST.search(file.read(_LONGEST))
        except FileNotFoundError:
            return None
        return named[1].decode("ascii") if named else None

    def ensure(self) -> None:
        """Writes a note that names no intent, unless there is a note."""
        if not self.exists():
            self.write(None)

    def write(self, intent: str | None) -> None:
        """Writes the note to the disk, completely or not at all, readable for its owner alone.
        `None` names no intent as the last one. The ledger must be locked, so that no other process
        writes.
        """
        text = _TEXT + (f"The last one: {intent}\n" if intent else "")
        try:
            self._write_draft(text.encode("ascii"))
            self._draft.replace(self.path)
        except BaseException:  # an interruption leaves no draft behind either
            self.tidy()
            raise
        self._sync_folder()

    def _write_draft(self, content: bytes) -> None:
        descriptor = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(descriptor, content)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def tidy(self) -> None:
        """Removes the draft that a run left when it was ended while writing. The ledger must be
        locked.
        """
        self._draft.unlink(missing_ok=True)

    def remove(self) -> None:
        """Removes the note from the disk before it returns."""
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
