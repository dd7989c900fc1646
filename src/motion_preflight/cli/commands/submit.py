"""`submit`: checks every request, sends what is cleared, each once, and reports what came of it."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from motion_preflight.cli.commands.duplicates import look_at_all, without_duplicates
from motion_preflight.cli.commands.earlier_results import files_here, tell_results
from motion_preflight.cli.commands.failures import failure_of
from motion_preflight.cli.commands.mending import mended
from motion_preflight.cli.commands.sending import Cleared, send_all
from motion_preflight.cli.commands.submission import Submission
from motion_preflight.cli.commands.waiting import Waiting
from motion_preflight.cli.console import agreed, can_ask, say
from motion_preflight.cli.exit_codes import (
    BROKEN,
    CANNOT_RUN,
    INTERRUPTED,
    OK,
    OVER_BUDGET,
    UNKNOWN,
)
from motion_preflight.cli.options import (
    bar_on_stderr,
    check_options,
    entries,
    profile_of,
    reports_of,
)
from motion_preflight.cli.signals import code_of, defer_signals, stop_handling
from motion_preflight.errors import SettingsInvalid
from motion_preflight.formats.receipts import dry_run_text, total_text
from motion_preflight.media.workers import LocalWorkers
from motion_preflight.provider.base_url import GENERATIONS, checked_base
from motion_preflight.provider.client import Api
from motion_preflight.provider.state import State
from motion_preflight.report.totals import Budget
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.parse import redacted_body
from motion_preflight.settings import api_key, base_url, load_settings, state_folder
from motion_preflight.submission.duplicates import DuplicateGuard
from motion_preflight.submission.errors import (
    InsufficientBalance,
)
from motion_preflight.submission.exchange import unknown_text
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.submitter import Submitter, over_budget

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable
    from pathlib import Path

    from motion_preflight.formats.style import Style
    from motion_preflight.submission.receipt import Receipt
_SHOWN = 3  # unknown outcomes that are explained; `tasks list` has them all
_OTHERS = "another request is not cleared; --cleared-only sends this one all the same"


def submit(options: argparse.Namespace) -> int:
    """Checks, asks, sends and waits; returns the exit code for all requests."""
    if not (options.yes or options.dry_run or can_ask()):
        raise SettingsInvalid(
            "this sends paid requests, and there is no terminal to ask at: give --yes to send "
            "them, or --dry-run to see what would be sent"
        )
    if options.download:
        _usable(options.download)
    submission = Submission(options, profile_of(options, spending=True))
    try:
        _run(submission, options)
    except (KeyboardInterrupt, SystemExit) as error:
        _end_with(submission, error)
        if UNKNOWN not in submission.codes:  # an unknown outcome counts more
            raise
    except Exception as error:
        _end_with(submission, error)
        raise
    return submission.code()


def _end_with(submission: Submission, error: BaseException) -> None:
    """Writes the documents of what was done, unless they are written already."""
    if not getattr(submission.options, "answered", False):
        with defer_signals():
            submission.end_with(failure_of(error, submission.options.command))


def _run(submission: Submission, options: argparse.Namespace) -> None:
    """Runs everything and notes it in `submission`."""
    settings = load_settings(spending=True)
    counts = [n for n in (options.max_requests, settings.max_requests) if n is not None]
    budget = Budget(
        options.max_cost,
        settings.max_cost_per_request,
        settings.max_cost_per_day,
        min(counts, default=None),
    )
    with ExitStack() as stack:
        url, api = options.base_url or base_url(), None
        base, origin, _ = checked_base(url)
        if not options.dry_run:
            api = stack.enter_context(Api(url, api_key(), timeout=options.timeout))
        ledger = stack.enter_context(Ledger(state_folder()))
        checked = check_options(options, submission.profile)
        workers = stack.enter_context(LocalWorkers(checked, progress=bar_on_stderr()))
        say_unknown(ledger.rows(State.UNKNOWN))
        duplicates = DuplicateGuard(ledger, origin, again=options.again, api=api)
        cleared = _checked(submission, duplicates)
        cleared = _within(submission, cleared, ledger, budget)
        shown = None
        if api is None and (cleared or submission.done):
            shown = _dry_run(submission, cleared, base + GENERATIONS)
        elif cleared and api is not None:
            submitter = Submitter(
                api,
                ledger,
                budget=budget,
                again=options.again,
                duplicates=duplicates,
                workers=workers,
                pause=_paused,
            )
            stack.enter_context(submitter)
            if _agreed(submission, cleared, submitter, base):
                send_all(submission, cleared, submitter, ledger)
        if api is not None:
            _wait(submission, api, ledger)
        tell_results(submission, api)
        submission.show_results(shown)
        stop_handling()  # Everything is told: no signal must change the exit code any more.


def _usable(folder: Path) -> None:
    """Creates the folder of results before anything is paid for. Raises `SettingsInvalid`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = "it is a file, not a folder" if folder.is_file() else error.strerror
        raise SettingsInvalid(f"--download {folder}: {why}; nothing was sent") from None
    if not os.access(folder, os.W_OK):
        raise SettingsInvalid(f"--download {folder}: cannot be written; nothing was sent")


def _checked(submission: Submission, duplicates: DuplicateGuard) -> Cleared:
    """Checks and shows all requests, and returns those that may be sent: none if one is not
    cleared, unless --cleared-only is given. Completed requests are neither sent nor in the way of
    others, whatever became of their media. Duplicates are found before the reports are shown, so
    that the total is what will be paid.
    """
    sources = list(entries(submission.options))
    requests = [entry for entry in sources if not isinstance(entry, ManifestInvalid)]
    for mistake in sources:
        if isinstance(mistake, ManifestInvalid):
            say(f"motion-preflight: {mistake}")
            submission.codes.add(CANNOT_RUN)
            submission.mistakes.append(mistake)
    if submission.options.fix:
        requests = mended(submission, requests)
    for report in reports_of(submission.options, iter(requests), submission.profile):
        submission.reports.append(report)  # one by one, so that an interruption keeps them
    looks = look_at_all(submission, duplicates)
    cleared = list(submission.cleared())
    complete = len(cleared) + submission.done == len(sources)
    cleared = without_duplicates(submission, cleared, duplicates, looks)
    if not submission.show_reports():
        submission.codes.add(CANNOT_RUN)  # nobody would see what was sent
        return []
    if complete or submission.options.cleared_only:
        for text in submission.paid_before:
            say(f"motion-preflight: {text}")
        return cleared
    for index, _ in cleared:
        submission.hold(index, _OTHERS)
    return []


def _within(submission: Submission, cleared: Cleared, ledger: Ledger, budget: Budget) -> Cleared:
    """The cleared requests, or none when all together would go over a budget."""
    why = over_budget([request for _, request in cleared], ledger, budget) if cleared else None
    if why is None:
        return cleared
    submission.over_budget = True
    for index, _ in cleared:
        submission.hold(index, why, OVER_BUDGET)
    return []


def _dry_run(submission: Submission, cleared: Cleared, url: str) -> Callable[[Style], str]:
    """A function that gives the text of what would be sent, in some style."""
    bodies, estimates = [], []
    for _, request in cleared:
        body = redacted_body(request.report.body)
        if request.uploads_image:
            body["image_url"] = f"the link of the uploaded {body['image_url']}"
        bodies.append((request.report.label, body))
        estimates.append(request.report.estimate.amount if request.report.estimate else None)
    submission.codes.add(OK)
    total = total_text(estimates, submission.profile.currency) if cleared else "nothing to pay"
    return partial(dry_run_text, bodies, url, total, done=submission.done_text)


def _agreed(submission: Submission, cleared: Cleared, submitter: Submitter, base: str) -> bool:
    """Whether to send: the balance allows it, and the user agrees."""
    try:
        note = submitter.look_at_balance([request for _, request in cleared])
    except InsufficientBalance as error:
        for index, _ in cleared:
            submission.hold(index, str(error), BROKEN)
        return False
    if note:
        say(f"motion-preflight: {note}")
    estimates = [request.report.estimate for _, request in cleared]
    total = total_text(
        [estimate.amount if estimate else None for estimate in estimates],
        submission.profile.currency,
    )
    names = (
        ", ".join(request.report.label for _, request in cleared[:3])
        + ", …"[: 3 * (len(cleared) > 3)]
    )
    count = f"{len(cleared)} paid request{'s'[: len(cleared) != 1]}"
    what = f"{count} ({names}), {total}, to {base}"
    done = submission.done_text
    if submission.options.yes:
        say(f"motion-preflight: {done}sending {what}")
        return True
    if agreed(f"{done}{'send' if done else 'Send'} {what}?"):
        return True
    for index, _ in cleared:
        submission.hold(index, "you did not say yes")
    submission.interrupted = INTERRUPTED
    return False


def _wait(submission: Submission, api: Api, ledger: Ledger) -> None:
    """Waits for submitted tasks and fetches results, also of earlier requests, if that is asked
    for.
    """
    options = submission.options
    expected = options.wait or options.download or options.wait_timeout is not None
    by_task: dict[str, list[int]] = {}  # two requests may be done by the same task
    for index, receipt in submission.receipts.items():
        missing = options.download and receipt.already_done and not files_here(receipt)
        if receipt.state is State.SUBMITTED or missing:
            by_task.setdefault(str(receipt.task_id), []).append(index)
    if not by_task or submission.interrupted or not expected:
        return
    waiting = Waiting(api, ledger, submission.options)
    try:
        waiting.run([submission.receipts[index] for index, *_ in by_task.values()])
    except (KeyboardInterrupt, SystemExit) as error:
        submission.interrupted = code_of(error)
        say("motion-preflight: the tasks go on: `motion-preflight tasks wait` takes up again")
    submission.codes |= waiting.codes
    submission.troubles += [
        (submission.reports[by_task[name][0]].label if name in by_task else None, text)
        for name, text in waiting.troubles
    ]
    for name, receipt in waiting.receipts.items():
        for index in by_task[name]:
            already = submission.receipts[index].already_done
            submission.receipts[index] = replace(receipt, already_done=already)


def say_unknown(unknown: list[Receipt]) -> None:
    """Prints the requests of earlier runs whose outcome is unknown."""
    for receipt in unknown[:_SHOWN]:
        say(f"motion-preflight: {unknown_text(receipt)}")
    if len(unknown) > _SHOWN:
        more = len(unknown) - _SHOWN
        say(f"motion-preflight: {more} more are unknown: `motion-preflight tasks list`")


def _paused(seconds: float) -> None:
    """Waits before another attempt, and says so."""
    say(f"motion-preflight: nothing was taken yet; trying again in {seconds:g} s")
    time.sleep(seconds)
