"""`tasks resolve`: settles an unknown outcome by what the user has found out, and begins a new
ledger where the old one is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.cli.commands.chosen_receipts import only_receipt
from motion_preflight.cli.commands.shown_receipts import show_receipts
from motion_preflight.cli.console import agreed, can_ask, say
from motion_preflight.cli.exit_codes import BROKEN, INTERRUPTED, OK, first
from motion_preflight.cli.options import formats_of
from motion_preflight.errors import SettingsInvalid
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.settings import state_folder
from motion_preflight.submission.errors import NotResolved
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.ledger.note import LedgerLost, LedgerNote
from motion_preflight.submission.resolution import resolve_in

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from motion_preflight.submission.receipt import Receipt


def resolve(options: argparse.Namespace) -> int:
    """Settles the named request, or begins a new ledger, and returns the exit code."""
    if options.ledger_lost:
        if options.id:
            raise ManifestInvalid("--ledger-lost begins a new ledger: name no intent with it")
        return _begin_anew(options)
    if not options.id:
        raise ManifestInvalid(
            "name the intent to settle: `motion-preflight tasks list --state unknown` has them"
        )
    if options.task is None and not options.not_sent:
        raise ManifestInvalid(
            f"say what became of {options.id}: --task TASK_ID where the provider's list of tasks "
            "has it, --not-sent where it has not"
        )
    with Ledger(state_folder()) as ledger:
        receipt = only_receipt(options.id, ledger)
        try:
            settled = resolve_in(ledger, receipt, task_id=options.task, base_url=options.base_url)
        except NotResolved as error:
            return _refused(options, receipt, error.in_words_of_command())
        return show_receipts(options, [settled])


def _refused(options: argparse.Namespace, receipt: Receipt, text: str) -> int:
    """Says why nothing was settled; a document shows the row as it is."""
    say(f"motion-preflight: {text}")
    if formats_of(options) != [("text", None)]:
        return first({BROKEN, show_receipts(options, [receipt], [(receipt.intent, text)])})
    return BROKEN


def _begin_anew(options: argparse.Namespace) -> int:
    """Begins a new ledger where the old one is lost, after the user has confirmed that."""
    folder = state_folder()
    note = LedgerNote(folder / "ledger.sqlite3")
    if not _is_lost(folder, note):
        say(f"motion-preflight: the ledger of {folder} is not lost; nothing was changed")
        return BROKEN
    if not options.yes and not can_ask():
        raise SettingsInvalid("there is no terminal to ask at: give --yes to begin a new ledger")
    question = (
        "What the lost ledger knew (requests under way, unknown outcomes, what today's budget has "
        "spent) is forgotten. Begin a new one?"
    )
    if not options.yes and not agreed(question):
        return INTERRUPTED
    try:
        note.remove()
    except OSError as error:
        raise SettingsInvalid(f"{note.path}: {error.strerror}; nothing was changed") from None
    say(f"motion-preflight: a new ledger begins in {folder}")
    return OK


def _is_lost(folder: Path, note: LedgerNote) -> bool:
    """Whether a ledger that had rows is gone or empty. Raises `LedgerUnusable` for other damage."""
    if not note.exists() or note.ledger_file_lost():
        return note.exists()
    try:
        Ledger(folder).close()
    except LedgerLost:
        return True
    return False
