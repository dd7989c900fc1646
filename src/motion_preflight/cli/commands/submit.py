"""`submit`: checks every request, sends what is cleared, each once, and reports what came of it."""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from motion_preflight.cli.commands.asking import agreed_to, dry_run
from motion_preflight.cli.commands.earlier_results import files_here, tell_results
from motion_preflight.cli.commands.failures import failure_of
from motion_preflight.cli.commands.shown_receipts import say_unknown
from motion_preflight.cli.commands.submission import ShownSubmission
from motion_preflight.cli.commands.waiting import Waiting
from motion_preflight.cli.console import can_ask, say
from motion_preflight.cli.exit_codes import CANNOT_RUN
from motion_preflight.cli.options import (
    bar_on_stderr,
    check_options,
    entries,
    output_needs_folder,
    profile_of,
    reports_of,
)
from motion_preflight.cli.progress import Share, Steps
from motion_preflight.cli.signals import defer_signals, stop_handling
from motion_preflight.errors import SettingsInvalid
from motion_preflight.media.workers import LocalWorkers
from motion_preflight.provider.base_url import GENERATIONS, checked_base
from motion_preflight.provider.client import Api
from motion_preflight.provider.state import State
from motion_preflight.publishing.options import destination_of
from motion_preflight.report.totals import Budget
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.sending.outcome import Outcome
from motion_preflight.sending.publishing import open_publisher, take_back
from motion_preflight.sending.steps import (
    choose,
    hold_incomplete,
    publish_and_send,
    within_budget,
)
from motion_preflight.settings import api_key, base_url, load_settings, state_folder
from motion_preflight.submission.duplicates import DuplicateGuard
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.submitter import Submitter
from motion_preflight.text.lazy_dataclass import replace
from motion_preflight.text.locations import printable

if TYPE_CHECKING:
    import argparse

    from motion_preflight.publishing.publisher import Publisher
    from motion_preflight.sending.send import Sendable


def submit(options: argparse.Namespace) -> int:
    """Checks, asks, sends and waits; returns the exit code for all requests."""
    entries(options)  # raises where none is named: without one no key and no yes are needed
    if not (options.yes or options.dry_run or can_ask()):
        raise SettingsInvalid(
            "this sends paid requests, and there is no terminal to ask at: give --yes to send "
            "them, or --dry-run to see what would be sent"
        )
    output_needs_folder(options)
    if options.download:
        _usable(options.download)
    submission = ShownSubmission(
        options=options,
        profile=profile_of(options, spending=True),
        accept_unsure=options.accept_unsure,
        cleared_only=options.cleared_only,
        max_cost=options.max_cost,
    )
    try:
        _run(submission, options)
    except (KeyboardInterrupt, SystemExit) as error:
        _end_with(submission, error)
        if Outcome.UNKNOWN not in submission.outcomes:  # an unknown outcome counts more
            raise
    except Exception as error:
        _end_with(submission, error)
        raise
    return submission.code()


def _end_with(submission: ShownSubmission, error: BaseException) -> None:
    """Writes the documents of what was done, unless they are written already."""
    if not getattr(submission.options, "answered", False):
        with defer_signals():
            submission.end_with(failure_of(error, submission.options.command))


def _run(submission: ShownSubmission, options: argparse.Namespace) -> None:
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
        submission.destination = destination_of(options.destination, settings)
        if options.fix and options.dry_run:  # what is made is only looked at
            submission.folder = Path(stack.enter_context(TemporaryDirectory()))
        duplicates = DuplicateGuard(ledger, origin, again=options.again, api=api)
        cleared = _checked(submission, duplicates)
        cleared = within_budget(submission, cleared, ledger, budget)
        shown = None
        if api is None and (cleared or submission.done):
            shown = dry_run(submission, cleared, base + GENERATIONS)
        elif cleared and api is not None:
            submitter = Submitter(
                api,
                ledger,
                budget=budget,
                again=options.again,
                duplicates=duplicates,
                workers=workers,
                pause=partial(_paused, submission),
            )
            stack.enter_context(submitter)
            _publish_and_send(submission, cleared, submitter, ledger, workers, base=base)
        if api is not None:
            _wait(submission, api, ledger)
        tell_results(submission, api)
        submission.show_results(shown)
        stop_handling()  # Everything is told: no signal must change the exit code any more.


def _publish_and_send(
    submission: ShownSubmission,
    sendable: Sendable,
    submitter: Submitter,
    ledger: Ledger,
    workers: LocalWorkers,
    *,
    base: str,
) -> None:
    """Asks once, then publishes what has to be published, and sends."""
    options = submission.options

    def publisher_of(stack: ExitStack) -> Publisher:
        share = Share(sys.stderr, "sending the file")
        stack.callback(share.clear)

        def watch(done: float) -> None:
            share(done)
            if done >= 1:  # the next line must not stand behind the bar
                share.clear()

        return open_publisher(
            submission,
            ledger,
            stack,
            timeout=options.timeout,
            allow_private=options.allow_private,
            watch=watch,
        )

    def remove_again(publisher: Publisher) -> None:
        with defer_signals():
            take_back(submission, publisher, ledger)

    steps = Steps(sys.stderr, lambda: len(sendable), f"of {len(sendable)} requests sent")
    submission.clear = steps.clear
    try:
        publish_and_send(
            submission,
            sendable,
            submitter,
            ledger,
            workers,
            base=base,
            agree=partial(agreed_to, submission),
            publisher_of=publisher_of,
            take_back=remove_again,
            watch=lambda label: steps.step(lambda: printable(label)),
        )
    finally:
        steps.close()


def _usable(folder: Path) -> None:
    """Creates the folder of results before anything is paid for. Raises `SettingsInvalid`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = "it is a file, not a folder" if folder.is_file() else error.strerror
        raise SettingsInvalid(f"--download {folder}: {why}; nothing was sent") from None
    if not os.access(folder, os.W_OK):
        raise SettingsInvalid(f"--download {folder}: cannot be written; nothing was sent")


def _checked(submission: ShownSubmission, duplicates: DuplicateGuard) -> Sendable:
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
        from motion_preflight.cli.commands.mending import mended  # noqa: PLC0415  when asked for

        requests = mended(submission, requests, submission.folder)
    for report in reports_of(submission.options, iter(requests), submission.profile):
        submission.reports.append(report)  # one by one, so that an interruption keeps them
    sendable = choose(submission, duplicates)
    if not submission.show_reports():
        submission.codes.add(CANNOT_RUN)  # nobody would see what was sent
        return []
    return hold_incomplete(submission, sendable)


def _wait(submission: ShownSubmission, api: Api, ledger: Ledger) -> None:
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
        submission.interruption = error
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


def _paused(submission: ShownSubmission, seconds: float) -> None:
    """Waits before another attempt, and says so."""
    submission.tell(f"nothing was taken yet; trying again in {seconds:g} s")
    time.sleep(seconds)
