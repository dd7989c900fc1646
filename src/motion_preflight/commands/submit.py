"""`submit`: check every request, then send what is cleared, each once, and say what came of it."""

from __future__ import annotations

import datetime as dt
import os
import time
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from motion_preflight.api import GENERATIONS, Api, CallFailed, checked_base
from motion_preflight.budget import Budget
from motion_preflight.commands.failures import failure_of
from motion_preflight.commands.given import (
    bar_on_stderr,
    entries,
    instruments,
    profile_of,
    reports_of,
)
from motion_preflight.commands.submission import Submission
from motion_preflight.commands.waiting import Waiting
from motion_preflight.errors import (
    Because,
    InsufficientBalance,
    ManifestInvalid,
    NotCleared,
    NotSent,
    OutcomeUnknown,
    PreflightError,
    Rejected,
    SettingsInvalid,
)
from motion_preflight.exchange import unknown_text
from motion_preflight.exit_codes import (
    BROKEN,
    CANNOT_RUN,
    INTERRUPTED,
    OF_VERDICT,
    OK,
    OVER_BUDGET,
    UNKNOWN,
)
from motion_preflight.formats.receipts import cost_of, dry_run_text, total_text
from motion_preflight.interruption import code_of, over, unbroken
from motion_preflight.ledger import Ledger
from motion_preflight.output import agreed, can_ask, say
from motion_preflight.receipt import Receipt, State, described, in_command
from motion_preflight.report import ClearedRequest, Verdict
from motion_preflight.request import redacted_body
from motion_preflight.settings import api_key, base_url, load_settings, state_folder
from motion_preflight.submission.duplicates import DuplicateGuard
from motion_preflight.submission.image_upload import picture_of
from motion_preflight.submitter import Submitter, over_budget

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    from motion_preflight.formats.style import Style
_HOPELESS = {401, 402, 403}  # refusals that the next request would meet too
_LINKS_LIVE = dt.timedelta(hours=72)  # what the links of results live at most (documented)
_SHOWN = 3  # unknown outcomes that are explained; the list has them all
_OTHERS = "another request is not cleared; --cleared-only sends this one all the same"
Cleared = list[tuple[int, ClearedRequest]]


def submit(options: argparse.Namespace) -> int:
    """Checks, asks, sends, waits; the exit code over all of it."""
    if not (options.yes or options.dry_run or can_ask()):
        raise SettingsInvalid(
            "this sends paid requests, and there is no terminal to ask at: give --yes to send "
            "them, or --dry-run to see what would be sent"
        )
    if options.download:
        _usable(options.download)
    made = Submission(options, profile_of(options, spending=True))
    try:
        _run(made, options)
    except (KeyboardInterrupt, SystemExit) as error:
        _end_with(made, error)
        if UNKNOWN not in made.codes:  # that was said, and is what counts
            raise
    except Exception as error:
        _end_with(made, error)
        raise
    return made.code()


def _end_with(made: Submission, error: BaseException) -> None:
    """Writes the documents of what was done, unless they are written."""
    if not getattr(made.options, "answered", False):
        with unbroken():
            made.end_with(failure_of(error, made.options.command))


def _run(made: Submission, options: argparse.Namespace) -> None:
    """All of it, into `made`."""
    settings = load_settings(spending=True)
    counts = [n for n in (options.max_requests, settings.max_requests) if n is not None]
    budget = Budget(
        options.max_cost,
        settings.max_cost_per_request,
        settings.max_cost_per_day,
        min(counts, default=None),
    )
    with ExitStack() as stack:
        given, api = options.base_url or base_url(), None
        base, origin, _ = checked_base(given)
        if not options.dry_run:
            api = stack.enter_context(Api(given, api_key(), timeout=options.timeout))
        ledger = stack.enter_context(Ledger(state_folder()))
        measuring = stack.enter_context(instruments(options, made.profile, bar_on_stderr()))
        say_unknown(ledger.rows(State.UNKNOWN))
        duplicates = DuplicateGuard(ledger, origin, again=options.again, api=api)
        cleared = _checked(made, duplicates)
        cleared = _within(made, cleared, ledger, budget)
        shown = None
        if api is None and (cleared or made.done):
            shown = _dry_run(made, cleared, base + GENERATIONS)
        elif cleared and api is not None:
            submitter = Submitter(
                api,
                ledger,
                budget=budget,
                again=options.again,
                instruments=measuring,
                pause=_paused,
            )
            stack.enter_context(submitter)
            if _agreed(made, cleared, submitter, base):
                _send(made, cleared, submitter, ledger)
        if api is not None:
            _wait(made, api, ledger)
        _tell_results(made, api)
        made.show_results(shown)
        over()  # everything is told: nothing must keep the exit code from being the right one


def _usable(folder: Path) -> None:
    """Makes the folder of results before anything is paid for. Raises `SettingsInvalid`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = "it is a file, not a folder" if folder.is_file() else error.strerror
        raise SettingsInvalid(f"--download {folder}: {why}; nothing was sent") from None
    if not os.access(folder, os.W_OK):
        raise SettingsInvalid(f"--download {folder}: cannot be written; nothing was sent")


def _checked(made: Submission, duplicates: DuplicateGuard) -> Cleared:
    """Checks everything and shows it; what may be sent, nothing if one is not cleared unless
    --cleared-only says so. What is done already is neither sent nor in the way of others, whatever
    is found of its media by now. Duplicates are found before it is shown, so that the total is of
    what will be paid.
    """
    found = list(entries(made.options))
    requests = [each for each in found if not isinstance(each, ManifestInvalid)]
    for mistake in found:
        if isinstance(mistake, ManifestInvalid):
            say(f"motion-preflight: {mistake}")
            made.codes.add(CANNOT_RUN)
            made.mistakes.append(mistake)
    for report in reports_of(made.options, iter(requests), made.profile):
        made.reports.append(report)  # one by one: an interruption leaves those that are there
    for index, report in enumerate(made.reports):
        done = duplicates.done(report)
        if done:
            made.take_done(index, done)
    cleared = list(made.cleared())
    complete = len(cleared) + made.done == len(found)
    cleared = _once(made, cleared, duplicates)
    if not made.show_reports():
        made.codes.add(CANNOT_RUN)  # nobody would see what was sent
        return []
    if complete or made.options.cleared_only:
        for text in made.paid_before:
            say(f"motion-preflight: {text}")
        return cleared
    for index, _ in cleared:
        made.hold(index, _OTHERS)
    return []


def _once(made: Submission, cleared: Cleared, duplicates: DuplicateGuard) -> Cleared:
    """The same without what must not be sent a second time."""
    kept = []
    for index, each in cleared:
        try:
            before = duplicates.before(duplicates.refuse(each, picture_of(each.report)))
            if before:
                made.paid_before.append(f"{each.report.label}: {_anew_text(before)}")
        except NotSent as error:
            if error.because is Because.DONE and error.receipt:  # over since the look before
                made.take_done(index, replace(error.receipt, already_done=True))
                continue
            if error.because is Because.IDENTICAL:
                made.not_paid.add(index)
                made.hold(index, str(error), _identical_code(error.receipt))
                continue  # else a picture changed: it is checked again when its turn comes
        kept.append((index, each))
    return kept


def _anew_text(before: Receipt) -> str:
    """What is said before a request is sent for which another like it was paid."""
    bill = "" if before.cost is None else f", {cost_of(before)}"
    return f"one like it is over ({described(before)}{bill}); this is a new one, and paid anew"


def _within(made: Submission, cleared: Cleared, ledger: Ledger, budget: Budget) -> Cleared:
    """The same, or nothing when all of it together would go over a budget."""
    why = over_budget([each for _, each in cleared], ledger, budget) if cleared else None
    if why is None:
        return cleared
    made.over_budget = True
    for index, _ in cleared:
        made.hold(index, why, OVER_BUDGET)
    return []


def _dry_run(made: Submission, cleared: Cleared, url: str) -> Callable[[Style], str]:
    """What would be sent, as a text in some style."""
    bodies, estimates = [], []
    for _, each in cleared:
        body = redacted_body(each.report.body)
        if each.uploads_image:
            body["image_url"] = f"the link of the uploaded {body['image_url']}"
        bodies.append((each.report.label, body))
        estimates.append(each.report.estimate.amount if each.report.estimate else None)
    made.codes.add(OK)
    total = total_text(estimates, made.profile.currency) if cleared else "nothing to pay"
    return partial(dry_run_text, bodies, url, total, done=made.done_text)


def _agreed(made: Submission, cleared: Cleared, submitter: Submitter, base: str) -> bool:
    """Whether it is to be sent: the balance allows it, and the user does."""
    try:
        note = submitter.look_at_balance([each for _, each in cleared])
    except InsufficientBalance as error:
        for index, _ in cleared:
            made.hold(index, str(error), BROKEN)
        return False
    if note:
        say(f"motion-preflight: {note}")
    estimates = [each.report.estimate for _, each in cleared]
    total = total_text([each.amount if each else None for each in estimates], made.profile.currency)
    names = (
        ", ".join(each.report.label for _, each in cleared[:3]) + ", …"[: 3 * (len(cleared) > 3)]
    )
    count = f"{len(cleared)} paid request{'s'[: len(cleared) != 1]}"
    what = f"{count} ({names}), {total}, to {base}"
    done = made.done_text
    if made.options.yes:
        say(f"motion-preflight: {done}sending {what}")
        return True
    if agreed(f"{done}{'send' if done else 'Send'} {what}?"):
        return True
    for index, _ in cleared:
        made.hold(index, "you did not say yes")
    made.interrupted = INTERRUPTED
    return False


def _send(made: Submission, cleared: Cleared, submitter: Submitter, ledger: Ledger) -> None:
    """Sends one after the other, until one of them says that the rest must wait."""
    stop: str | None = None
    for index, each in cleared:
        if stop:
            made.hold(index, stop)
            continue
        try:
            made.receipts[index] = submitter.submit(each)
            made.codes.add(OK)
        except NotCleared as error:
            made.reports[index] = error.report
            verdict = error.report.verdict
            made.hold(index, str(error), BROKEN if verdict is Verdict.PASS else OF_VERDICT[verdict])
        except NotSent as error:
            stop = _not_sent(made, index, error)
        except OutcomeUnknown as error:
            made.take(index, error, UNKNOWN)
            stop = "the outcome of the one before is not known"
        except Rejected as error:
            made.take(index, error, BROKEN)
            stop = _hopeless(error)
        except PreflightError as error:  # the ledger, or what a new check needs
            made.hold(index, str(error), CANNOT_RUN)
            stop = str(error)
        except (KeyboardInterrupt, SystemExit) as error:
            made.interrupt(index, error, next(iter(ledger.find(submitter.intent or "-")), None))
            stop = "it was interrupted before"


def _hopeless(error: Rejected) -> str | None:
    """Why the rest would be refused too; `None` when it may be taken."""
    if error.status not in _HOPELESS and not isinstance(error, InsufficientBalance):
        return None
    empty = ": the account has no money left" if isinstance(error, InsufficientBalance) else ""
    return f"the provider refused the one before with {error.status}{empty}"


def _wait(made: Submission, api: Api, ledger: Ledger) -> None:
    """Waits for what was taken, and fetches the results of it and of what is done already, where
    that is asked for.
    """
    given = made.options
    wanted = given.wait or given.download or given.wait_timeout is not None
    taken: dict[str, list[int]] = {}  # two requests may be done by the same task
    for index, receipt in made.receipts.items():
        missing = given.download and receipt.already_done and not _files_here(receipt)
        if receipt.state is State.SUBMITTED or missing:
            taken.setdefault(str(receipt.task_id), []).append(index)
    if not taken or made.interrupted or not wanted:
        return
    waiting = Waiting(api, ledger, made.options)
    try:
        waiting.run([made.receipts[index] for index, *_ in taken.values()])
    except (KeyboardInterrupt, SystemExit) as error:
        made.interrupted = code_of(error)
        say("motion-preflight: the tasks go on: `motion-preflight tasks wait` takes up again")
    made.codes |= waiting.codes
    made.troubles += [
        (made.reports[taken[name][0]].label if name in taken else None, text)
        for name, text in waiting.troubles
    ]
    for name, receipt in waiting.receipts.items():
        for index in taken[name]:
            already = made.receipts[index].already_done
            made.receipts[index] = replace(receipt, already_done=already)


def _tell_results(made: Submission, api: Api | None) -> None:
    """Says of what is done already where its result is, if no file of it is here."""
    for index, receipt in made.receipts.items():
        if not receipt.already_done or _files_here(receipt) or made.interrupted:
            continue
        try:
            made.result(index, _result_text(receipt, api))
        except (KeyboardInterrupt, SystemExit) as error:  # what was sent is shown all the same
            made.interrupted = code_of(error)


def _result_text(receipt: Receipt, api: Api | None) -> str:
    """Whether the result of a task that is done can still be fetched; without an `api` nobody is
    asked. The links of results live 24 or 72 hours, by the provider's own pages.
    """
    fetch = f"`motion-preflight tasks wait {in_command(receipt)} --download DIR`"
    another = "--again pays for another one"
    expires, trouble = None, ""
    if api is not None and receipt.task_id:
        try:
            expires = api.task(receipt.task_id).expires_at
        except CallFailed as failed:
            trouble = f" (the provider was not reached about it: {failed})"
    now = dt.datetime.now(dt.UTC)
    if expires is not None and expires <= now.timestamp():
        ended = f"{dt.datetime.fromtimestamp(expires, dt.UTC):%Y-%m-%d %H:%M} UTC"
        return f"no file of it is here, and its link has expired (at {ended}); {another}"
    if expires is None and now - receipt.updated > _LINKS_LIVE:
        return (
            f"no file of it is here, and its link may have expired{trouble}: try {fetch}; {another}"
        )
    return f"no file of it is here{trouble}: fetch it with {fetch}"


def _files_here(receipt: Receipt) -> bool:
    return any(os.path.isfile(file) for file in receipt.files)  # noqa: PTH113  as texts they are kept


def say_unknown(unknown: list[Receipt]) -> None:
    """Says what earlier runs left unknown."""
    for receipt in unknown[:_SHOWN]:
        say(f"motion-preflight: {unknown_text(receipt)}")
    if len(unknown) > _SHOWN:
        more = len(unknown) - _SHOWN
        say(f"motion-preflight: {more} more are unknown: `motion-preflight tasks list`")


def _paused(seconds: float) -> None:
    """The time between two attempts, of which it is said that it passes."""
    say(f"motion-preflight: nothing was taken yet; trying again in {seconds:g} s")
    time.sleep(seconds)


def _not_sent(made: Submission, index: int, error: NotSent) -> str | None:
    """Nothing was sent: for which reason decides the exit code, and whether the rest must wait."""
    if error.because is Because.IDENTICAL:
        made.hold(index, str(error), _identical_code(error.receipt))
        return None
    if error.because is Because.OVER_BUDGET:
        made.over_budget = True
        made.hold(index, str(error), OVER_BUDGET)
        return "the one before went over a budget"
    made.take(index, error, BROKEN)
    return None


def _identical_code(other: Receipt | None) -> int:
    return UNKNOWN if other and other.state is State.UNKNOWN else BROKEN
