"""`tasks`: shows the ledger, waits for tasks, settles unknown outcomes, and forgets old
requests.
"""

from __future__ import annotations

import datetime as dt
from contextlib import ExitStack
from typing import TYPE_CHECKING

from motion_preflight.cli.commands.spend import days_in_order
from motion_preflight.cli.commands.submit import say_unknown
from motion_preflight.cli.commands.waiting import Waiting, foreign, output_needs_folder
from motion_preflight.cli.console import agreed, can_ask, say, write_all
from motion_preflight.cli.exit_codes import BROKEN, CANNOT_RUN, INTERRUPTED, OK, UNKNOWN, first
from motion_preflight.cli.options import formats_of
from motion_preflight.cli.signals import code_of
from motion_preflight.errors import SettingsInvalid
from motion_preflight.formats.publications import publications_text
from motion_preflight.formats.receipt_list import list_text, none_text
from motion_preflight.formats.receipts import show_text
from motion_preflight.provider.client import Api
from motion_preflight.provider.state import State
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.settings import api_key, base_url, state_folder
from motion_preflight.submission.errors import NotResolved
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.ledger.note import LedgerLost, LedgerNote
from motion_preflight.submission.ledger.publications import Publications
from motion_preflight.submission.receipt import FINAL, FREE, described
from motion_preflight.submission.resolution import resolve_in, unknown_in_command
from motion_preflight.submission.spending import day_of, is_between

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from motion_preflight.formats.style import Style
    from motion_preflight.submission.publication import Publication
    from motion_preflight.submission.receipt import Receipt


_AGES = 365 * 1000  # days; larger numbers would lead before the first year of the calendar


def tasks(options: argparse.Namespace) -> int:
    """Runs one of the five actions on the ledger and returns the exit code."""
    actions = {"list": _list, "show": _show, "wait": _wait, "resolve": _resolve, "forget": _forget}
    if options.action == "resolve":
        if bool(options.id) == options.ledger_lost:
            raise ManifestInvalid("name an intent, or --ledger-lost alone: see `tasks resolve -h`")
        if options.ledger_lost:
            return _begin_anew(options)
    with ExitStack() as stack:
        ledger = stack.enter_context(Ledger(state_folder()))
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
    return _shown(options, chosen[: options.limit], published=published, ledger=ledger)


def _show(options: argparse.Namespace, ledger: Ledger) -> int:
    receipt = _only(options.id, ledger)
    unknown = unknown_in_command(receipt) if receipt.state is State.UNKNOWN else None
    errors = [(receipt.label, unknown)] if unknown else []
    code = _shown(options, [receipt], errors, whole=True)
    if unknown:
        say(f"motion-preflight: {unknown}")
    return code


def _wait(options: argparse.Namespace, ledger: Ledger) -> int:
    """Waits for the named tasks, or for all that are not over."""
    output_needs_folder(options)
    with Api(options.base_url or base_url(), api_key(), timeout=options.timeout) as api:
        rows = _named(options.ids, ledger) if options.ids else ledger.rows(State.SUBMITTED)
        unknown = [row for row in rows if not row.task_id]
        unknown += [] if options.ids else ledger.rows(State.UNKNOWN)
        say_unknown([receipt for receipt in unknown if receipt.state is State.UNKNOWN])
        codes, errors = set[int](), list[tuple[str | None, str]]()
        for receipt in unknown:
            code, text = _without_task(receipt)
            codes.add(code)
            errors.append((receipt.intent, text))
        chosen = [row for row in rows if row.task_id]
        elsewhere = [receipt for receipt in chosen if receipt.origin not in {"", api.origin}]
        for receipt in elsewhere:
            codes.add(BROKEN)
            text = (
                f"task {receipt.task_id} is of {receipt.origin}, and this is "
                f"{api.origin}: name its base URL with --base-url"
            )
            errors.append((receipt.task_id, text))
            say(f"motion-preflight: {text}")
        waiting = Waiting(api, ledger, options)
        try:
            waiting.run([receipt for receipt in chosen if receipt not in elsewhere])
        except (KeyboardInterrupt, SystemExit) as error:
            say(
                "motion-preflight: interrupted; the tasks go on: "
                "`motion-preflight tasks wait` takes up again"
            )
            errors += waiting.troubles
            errors.append((None, "interrupted; the tasks go on"))
            if formats_of(options) != [("text", None)]:
                _shown(options, waiting.existing(), errors, ledger=ledger, interrupted=True)
            return code_of(error)
    if not rows and not unknown:
        say("motion-preflight: nothing is under way")
    if chosen or formats_of(options) != [("text", None)]:
        errors += waiting.troubles
        codes.add(_shown(options, waiting.existing(), errors, ledger=ledger))
    return first(codes | waiting.codes)


def _without_task(receipt: Receipt) -> tuple[int, str]:
    """The exit code and the message for a row that has no task to wait for."""
    if receipt.state is State.UNKNOWN:
        return UNKNOWN, unknown_in_command(receipt)  # already printed on stderr
    text = f"{described(receipt)}: there is no task to wait for"
    say(f"motion-preflight: {text}")
    return BROKEN, text


def _named(names: Sequence[str], ledger: Ledger) -> list[Receipt]:
    """The rows with these ids; an id that the ledger does not know counts as that of a task."""
    receipts = {}
    for name in names:
        rows = ledger.find(name)
        if len(rows) > 1:
            raise ManifestInvalid(_several(name, rows))
        receipts[name] = rows[0] if rows else foreign(name)
    return list(receipts.values())


def _resolve(options: argparse.Namespace, ledger: Ledger) -> int:
    """Settles an unknown outcome by what the user has found out."""
    receipt = _only(options.id, ledger)
    try:
        settled = resolve_in(ledger, receipt, task_id=options.task, base_url=options.base_url)
    except NotResolved as error:
        return _refused(options, receipt, error.in_words_of_command())
    return _shown(options, [settled])


def _refused(options: argparse.Namespace, receipt: Receipt, text: str) -> int:
    """Says why nothing was settled; a document shows the row as it is."""
    say(f"motion-preflight: {text}")
    if formats_of(options) != [("text", None)]:
        return first({BROKEN, _shown(options, [receipt], [(receipt.intent, text)])})
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


def _forget(options: argparse.Namespace, ledger: Ledger) -> int:
    """Removes requests that are over: the named ones, or those older than so many days."""
    now = dt.datetime.now(dt.UTC)
    if options.ids:
        chosen = [_only(name, ledger) for name in options.ids]
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
            _shown(options, [], [*errors, declined], ledger=ledger)
        return INTERRUPTED
    ledger.forget(receipt.intent for receipt in chosen)
    today = f"; {len(needed)} of today are kept" if needed and not options.ids else ""
    say(f"motion-preflight: forgot {len(chosen)} request{'s'[: len(chosen) != 1]}{today}")
    code = BROKEN if options.ids and needed else OK
    return first({code, _shown(options, chosen, errors, ledger=ledger)}) if documents else code


def _needed(receipt: Receipt, now: dt.datetime) -> str | None:
    """Why a row must stay, in words; `None` when it may be removed."""
    if receipt.state not in FINAL:
        return "it is not over; wait for it, or resolve it"
    if receipt.state not in FREE and receipt.created.date() >= now.date():
        return "it counts against the budget of today"
    return None


def _confirmed(options: argparse.Namespace, count: int) -> bool:
    if options.yes:
        return True
    if not can_ask():
        raise SettingsInvalid("there is no terminal to ask at: give --yes to forget them")
    return agreed(f"Forget {count} request{'s'[: count != 1]}?")


def _only(name: str, ledger: Ledger) -> Receipt:
    """The only row with this intent, beginning of an intent, or task id. Raises
    `ManifestInvalid`.
    """
    rows = ledger.find(name)
    if len(rows) != 1:
        raise ManifestInvalid(_several(name, rows))
    return rows[0]


def _several(name: str, rows: Sequence[Receipt]) -> str:
    if not rows and len(name) < 4:
        return f"{name}: write at least four characters of an intent"
    if not rows:
        return f"the ledger knows no intent and no task {name}: see `motion-preflight tasks list`"
    return f"{name} may be {' or '.join(row.intent for row in rows[:5])}: write more of it"


def _shown(
    options: argparse.Namespace,
    receipts: Sequence[Receipt],
    errors: Sequence[tuple[str | None, str]] = (),
    *,
    ledger: Ledger | None = None,
    published: Sequence[tuple[Publication, Sequence[Receipt]]] = (),
    whole: bool = False,
    interrupted: bool = False,
) -> int:
    """Shows receipts, and what is published with its users; `errors` are pairs of a place (an
    intent, a task) and what is wrong there. Without receipts the `ledger` knows why.
    """

    def rendered(name: str, style: Style) -> str:
        if name == "json":
            from motion_preflight.formats.document import tasks_document  # noqa: PLC0415  as wanted
            from motion_preflight.formats.json import json_text  # noqa: PLC0415
            from motion_preflight.formats.problems import error_document  # noqa: PLC0415

            listed = [error_document(text, place or None) for place, text in errors]
            document = tasks_document(
                receipts, listed, published=published, interrupted=interrupted
            )
            return json_text(document)
        if name == "csv":
            from motion_preflight.formats.tasks_csv import tasks_csv  # noqa: PLC0415  as above

            return tasks_csv(receipts)
        if not receipts and interrupted:
            return ""
        text = show_text(receipts[0], style) if whole else list_text(receipts, style)
        if ledger and not receipts:
            text = none_text(len(ledger.rows()), style, forgotten=bool(ledger.spending()))
        if published:
            text = f"{text}\n\n{publications_text(published, style)}"
        return style.shown(text)

    options.answered = True
    return OK if write_all(formats_of(options), rendered) else CANNOT_RUN
