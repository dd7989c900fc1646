"""`tasks`: shows the ledger, and forgets old requests. `wait` and `resolve` stand beside it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from motion_preflight.cli.commands.chosen_receipts import only_receipt
from motion_preflight.cli.commands.shown_receipts import show_receipts
from motion_preflight.cli.console import agreed, can_ask, say
from motion_preflight.cli.exit_codes import BROKEN, INTERRUPTED, OK, first
from motion_preflight.cli.options import days_in_order, formats_of
from motion_preflight.errors import SettingsInvalid
from motion_preflight.provider.state import State
from motion_preflight.settings import state_folder
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.ledger.publications import Publications
from motion_preflight.submission.receipt import FINAL, FREE, described
from motion_preflight.submission.resolution import unknown_in_command
from motion_preflight.submission.spending import day_of, is_between
from motion_preflight.text.numbers import plural

if TYPE_CHECKING:
    import argparse

    from motion_preflight.submission.receipt import Receipt


_AGES = 365 * 1000  # days; larger numbers would lead before the first year of the calendar


def tasks(options: argparse.Namespace) -> int:
    """Runs one of the five actions on the ledger and returns the exit code."""
    if options.action == "resolve":
        from motion_preflight.cli.commands.resolve import resolve  # noqa: PLC0415  when asked for

        return resolve(options)
    with Ledger(state_folder()) as ledger:
        if options.action == "wait":
            from motion_preflight.cli.commands.wait import wait  # noqa: PLC0415  when asked for

            return wait(options, ledger)
        actions = {"list": _list, "show": _show, "forget": _forget}
        return actions[options.action or "list"](options, ledger)


def _list(options: argparse.Namespace, ledger: Ledger) -> int:
    days_in_order(options)
    receipts, files = ledger.rows(), Publications(ledger).all()
    chosen = [
        receipt
        for receipt in receipts
        if options.state in {None, receipt.state.value}
        and is_between(day_of(receipt), options.since, options.until)
    ]
    published = [(file, [one for one in receipts if file.is_in(one.body)]) for file in files]
    return show_receipts(
        options, chosen[: options.limit], matching=chosen, published=published, ledger=ledger
    )


def _show(options: argparse.Namespace, ledger: Ledger) -> int:
    receipt = only_receipt(options.id, ledger)
    unknown = unknown_in_command(receipt) if receipt.state is State.UNKNOWN else None
    errors = [(receipt.label, unknown)] if unknown else []
    code = show_receipts(options, [receipt], errors, whole=True)
    if unknown and ("text", None) not in formats_of(options):  # as text stdout has it
        say(f"motion-preflight: {unknown}")
    return code


def _forget(options: argparse.Namespace, ledger: Ledger) -> int:
    """Removes requests that are over: the named ones, or those older than so many days."""
    now = dt.datetime.now(dt.UTC)
    if options.ids:
        chosen = [only_receipt(name, ledger) for name in options.ids]
    else:
        limit = now - dt.timedelta(days=min(options.older_than, _AGES))
        chosen = [row for row in ledger.rows(*FINAL) if row.updated < limit]
    needed = [receipt for receipt in chosen if _needed(receipt, now)]
    errors = [
        (receipt.intent, f"{described(receipt)} is kept: {_needed(receipt, now)}")
        for receipt in (needed if options.ids else [])
    ]
    for _, text in errors:
        say(f"motion-preflight: {text}")
    chosen = [receipt for receipt in chosen if receipt not in needed]
    documents = formats_of(options) != [("text", None)]
    if chosen and not _confirmed(options, len(chosen)):
        if documents:
            declined = (None, "nothing was forgotten: you did not say yes")
            show_receipts(options, [], [*errors, declined], ledger=ledger)
        return INTERRUPTED
    ledger.forget(receipt.intent for receipt in chosen)
    text = f"forgot {plural(len(chosen), 'request')}"
    if not options.ids:
        text += f"; {len(needed)} of today are kept" if needed else ""
        text += "" if chosen or needed else f": {_nothing_text(options.older_than)}"
    say(f"motion-preflight: {text}")
    code = BROKEN if options.ids and needed else OK
    return (
        first({code, show_receipts(options, chosen, errors, ledger=ledger)}) if documents else code
    )


def _needed(receipt: Receipt, now: dt.datetime) -> str | None:
    """Why a row must stay, in words; `None` when it may be removed."""
    if receipt.state not in FINAL:
        action = "resolve" if receipt.state is State.UNKNOWN else "wait"
        return f"it is not over: `motion-preflight tasks {action} {receipt.intent}`"
    if receipt.state not in FREE and receipt.created.date() >= now.date():
        return "it counts against the budget of today"
    return None


def _nothing_text(days: int) -> str:
    """Why nothing was forgotten."""
    return f"nothing that is over is older than {plural(days, 'day')} (--older-than DAYS)"


def _confirmed(options: argparse.Namespace, count: int) -> bool:
    if options.yes:
        return True
    if not can_ask():
        raise SettingsInvalid("there is no terminal to ask at: give --yes to forget them")
    return agreed(f"Forget {plural(count, 'request')}?")
