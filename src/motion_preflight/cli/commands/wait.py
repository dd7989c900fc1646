"""`tasks wait`: waits for the named tasks, or for all that are under way."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from motion_preflight.cli.commands.chosen_receipts import named_receipts
from motion_preflight.cli.commands.shown_receipts import say_unknown, show_receipts
from motion_preflight.cli.console import say
from motion_preflight.cli.exit_codes import BROKEN, UNKNOWN, first
from motion_preflight.cli.options import formats_of, output_needs_folder
from motion_preflight.cli.signals import code_of
from motion_preflight.provider.state import State
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.settings import api_key, base_url
from motion_preflight.submission.receipt import LINKS_LIVE, Receipt, described
from motion_preflight.submission.resolution import unknown_in_command
from motion_preflight.text.numbers import plural

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from motion_preflight.submission.ledger.ledger import Ledger

Errors = list[tuple[str | None, str]]  # a place (an intent, a task), and what is wrong there


def wait(options: argparse.Namespace, ledger: Ledger) -> int:
    """Waits, and returns the exit code. Where no task is to be asked about no key is needed."""
    output_needs_folder(options)
    if options.unfetched and (options.ids or not options.download):
        raise ManifestInvalid("--unfetched goes with --download DIR, and without an ID")
    rows = named_receipts(options.ids, ledger) if options.ids else ledger.rows(State.SUBMITTED)
    unfetched = _unfetched(ledger)
    rows += unfetched if options.unfetched else []
    taskless = [row for row in rows if not row.task_id]
    taskless += [] if options.ids else ledger.rows(State.UNKNOWN)
    say_unknown([receipt for receipt in taskless if receipt.state is State.UNKNOWN])
    codes, errors = set[int](), Errors()
    for receipt in taskless:
        code, text = _without_task(receipt)
        codes.add(code)
        errors.append((receipt.intent, text))
    chosen = [row for row in rows if row.task_id]
    if chosen:
        return _wait_for(options, ledger, chosen, codes, errors)
    if not taskless:
        missing = len(unfetched) if options.download else 0
        say(f"motion-preflight: {_nothing_text(len(ledger.rows()), missing)}")
    if formats_of(options) != [("text", None)]:
        codes.add(show_receipts(options, [], errors, ledger=ledger))
    return first(codes)


def _unfetched(ledger: Ledger) -> list[Receipt]:
    """The completed requests whose results were never fetched, while their links may live."""
    since = dt.datetime.now(dt.UTC) - LINKS_LIVE
    completed = ledger.rows(State.COMPLETED)
    return [row for row in completed if not row.files and row.updated > since]


def _nothing_text(rows: int, unfetched: int) -> str:
    """Why there is nothing to wait for.

    rows       of the ledger
    unfetched  results that were never fetched, where a folder for results is named
    """
    if not rows:
        return "nothing is under way: the ledger has no request"
    if unfetched:
        results = f"{plural(unfetched, 'result')} {'was' if unfetched == 1 else 'were'}"
        return f"nothing is under way; {results} never fetched: --unfetched fetches them, too"
    known = plural(rows, "request")
    return f"nothing is under way: the ledger has {known}, and waits for none of them"


def _wait_for(
    options: argparse.Namespace,
    ledger: Ledger,
    chosen: Sequence[Receipt],
    codes: set[int],
    errors: Errors,
) -> int:
    """Waits for the tasks of these receipts, shows what became of them, and returns the exit code;
    `codes` and `errors` are those of the other receipts.
    """
    from motion_preflight.cli.commands.waiting import Waiting  # noqa: PLC0415  loads the network
    from motion_preflight.provider.client import Api  # noqa: PLC0415  as above

    with Api(options.base_url or base_url(), api_key(), timeout=options.timeout) as api:
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
            errors += [*waiting.troubles, (None, "interrupted; the tasks go on")]
            if formats_of(options) != [("text", None)]:
                show_receipts(options, waiting.existing(), errors, ledger=ledger, interrupted=True)
            return code_of(error)
    errors += waiting.troubles
    codes.add(show_receipts(options, waiting.existing(), errors, ledger=ledger))
    return first(codes | waiting.codes)


def _without_task(receipt: Receipt) -> tuple[int, str]:
    """The exit code and the message for a row that has no task to wait for."""
    if receipt.state is State.UNKNOWN:
        return UNKNOWN, unknown_in_command(receipt)  # already printed on stderr
    text = f"{described(receipt)}: there is no task to wait for"
    say(f"motion-preflight: {text}")
    return BROKEN, text
