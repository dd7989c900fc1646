"""The tool that pays: `submit`. Every request is checked, the user is asked once, and what is
agreed to is sent, each once.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from motion_preflight.errors import PreflightError, SettingsInvalid
from motion_preflight.formats.registry import writer
from motion_preflight.formats.style import Style
from motion_preflight.mcp.answer import Answer
from motion_preflight.mcp.consent import ensure_can_ask, listed, named
from motion_preflight.mcp.reading import checked, profile_in_force
from motion_preflight.media.workers import LocalWorkers
from motion_preflight.provider.base_url import checked_base
from motion_preflight.provider.client import Api
from motion_preflight.publishing.options import destination_of
from motion_preflight.report.options import CheckOptions
from motion_preflight.report.totals import Budget
from motion_preflight.rules.request_field_unknown import RULE as UNKNOWN_FIELD
from motion_preflight.sending.outcome import Outcome
from motion_preflight.sending.pages import results, sums, written
from motion_preflight.sending.publishing import open_publisher, take_back
from motion_preflight.sending.steps import (
    choose,
    hold_incomplete,
    publish_and_send,
    within_budget,
)
from motion_preflight.sending.submission import Submission
from motion_preflight.settings import (
    Settings,
    api_key,
    base_url,
    config_folder,
    load_settings,
    state_folder,
)
from motion_preflight.submission.duplicates import DuplicateGuard
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.receipt import FREE
from motion_preflight.submission.submitter import Submitter
from motion_preflight.text.lazy_dataclass import dataclass, field
from motion_preflight.text.locations import printable
from motion_preflight.text.numbers import plural

if TYPE_CHECKING:
    from motion_preflight.mcp.arguments import SubmitArguments
    from motion_preflight.mcp.call import Call
    from motion_preflight.mcp.reading import Surroundings
    from motion_preflight.publishing.publisher import Publisher
    from motion_preflight.report.findings import Report
    from motion_preflight.sending.send import Sendable


@dataclass(slots=True, kw_only=True)
class ToldSubmission(Submission):
    """The requests of one call, and what the command would say on stderr meanwhile."""

    told: list[str] = field(default_factory=list)

    def tell(self, message: str) -> None:
        """Keeps a message for the question and the answer."""
        self.told.append(message)


class Purse:
    """What may still be spent while the server runs, which counts as one run of the settings."""

    def __init__(self) -> None:
        self._requests = 0  # paid ones so far

    def budget(self, settings: Settings) -> Budget:
        """The budget of the settings, less what was sent. Raises `SettingsInvalid` when there is
        none: an agent spends nothing without a limit that its user has set.
        """
        limits = (settings.max_cost_per_request, settings.max_cost_per_day, settings.max_requests)
        if limits == (None, None, None):
            raise SettingsInvalid(
                "nothing was sent: no budget is set, and an agent spends none without. The user "
                f"sets one in {config_folder() / 'config.toml'}: max_cost_per_day = 5.00, "
                "max_cost_per_request = 1.00 or max_requests = 10"
            )
        request, day, most = limits
        if most is not None and self._requests >= most:
            raise SettingsInvalid(
                f"nothing was sent: {plural(self._requests, 'paid request')} sent since this "
                f"server was started, and max_requests allows {most} in one run. The user starts "
                "the server anew to allow more"
            )
        return Budget(None, request, day, None if most is None else most - self._requests)

    def pay(self, submission: Submission) -> None:
        """Counts the requests that were sent, whatever became of them."""
        receipts = submission.receipts.values()
        self._requests += sum(
            not receipt.already_done and receipt.state not in FREE for receipt in receipts
        )


def submit(arguments: SubmitArguments, call: Call, here: Surroundings, purse: Purse) -> Answer:
    """Checks, asks the user, and sends. Raises `SettingsInvalid` and `ConsentUnavailable` before
    anything is measured, and `LedgerUnusable`.
    """
    settings = load_settings(spending=True)
    budget, key, url = purse.budget(settings), api_key(), base_url()
    ensure_can_ask(call, "sent", "motion-preflight submit REQUEST.json")
    submission = ToldSubmission(
        profile=profile_in_force(spending=True),
        destination=destination_of(None, settings),
        refusal="the user did not say yes",
        ended=lambda: "the call was cancelled before" if call.cancelled else None,
    )
    base, origin, _ = checked_base(url)
    options = CheckOptions(profile=submission.profile, allow_private=here.allow_private)
    with ExitStack() as stack:
        api = stack.enter_context(Api(url, key))
        ledger = stack.enter_context(Ledger(state_folder()))
        workers = stack.enter_context(call.watch(LocalWorkers(options)))
        duplicates = DuplicateGuard(ledger, origin, again=False, api=api)
        submission.reports.extend(checked(arguments.requests, options, workers, call, steps=2))
        sendable = hold_incomplete(submission, choose(submission, duplicates))
        sendable = within_budget(submission, sendable, ledger, budget)
        if sendable:
            submitter = stack.enter_context(
                Submitter(
                    api,
                    ledger,
                    budget=budget,
                    duplicates=duplicates,
                    workers=workers,
                    pause=call.sleep,
                )
            )
            try:
                publish_and_send(
                    submission,
                    sendable,
                    submitter,
                    ledger,
                    workers,
                    base=base,
                    agree=partial(_agreed, call, submission, sendable),
                    publisher_of=partial(_publisher, submission, ledger, call, here),
                    take_back=lambda publisher: take_back(submission, publisher, ledger),
                    watch=lambda _: _report_sent(call, submission),
                )
            except PreflightError as error:
                if not submission.receipts:
                    raise
                # What was sent must be told, whatever went wrong afterwards.
                submission.troubles.append((None, error.in_words_of_command()))
                submission.outcomes.add(Outcome.UNUSABLE)
            finally:
                purse.pay(submission)
    return _answer(submission)


def _report_sent(call: Call, submission: Submission) -> None:
    """Notes how many requests were sent. A call that is cancelled ends elsewhere, since what became
    of the last one must be kept first.
    """
    if not call.cancelled:
        count = len(submission.reports)
        call.report(count + len(submission.receipts), 2 * count, "sending")


def _publisher(
    submission: Submission, ledger: Ledger, call: Call, here: Surroundings, stack: ExitStack
) -> Publisher:
    return open_publisher(
        submission, ledger, stack, allow_private=here.allow_private, watch=call.ensure_wanted
    )


def _agreed(
    call: Call, submission: ToldSubmission, sendable: Sendable, before: str, what: str
) -> bool:
    """Puts the question: count, total and destination, then each request, and what was told."""
    question = f"{submission.done_text}{before}send {what}?"
    lines = [_line(request.report) for _, request in sendable]
    first = f"{question[0].upper()}{question[1:]}"
    return call.agrees("\n".join([first, *listed(lines), *map(printable, submission.told)]))


def _line(report: Report) -> str:
    """A request in the question: model and mode, cost, the media that it names, and the names of
    fields that the provider's page does not know, which are sent all the same.
    """
    body, cost = report.body, report.cost
    media = ", ".join(named(str(body.get(name))) for name in ("video_url", "image_url"))
    other = [str(one.field) for one in report.findings if one.rule == UNKNOWN_FIELD.id]
    more = f"; with unknown fields: {named(', '.join(other))}" if other else ""
    return f"{report.label}: {body.get('model')} {body.get('mode')}, {cost}: {media}{more}"


def _answer(submission: ToldSubmission) -> Answer:
    pages = []
    for name in ("json", "text"):
        form = writer(name, profile=submission.profile, style=Style())
        pages.append(written(submission, form, name))
    text = "\n".join([pages[1], *results(submission, Style())])
    more = [*submission.told, *(message for place, message in submission.troubles if not place)]
    total = sums(submission)
    parts = [text, *([total] if total else []), *map(printable, more)]
    failed = bool(submission.outcomes - {Outcome.DONE}) or submission.declined
    return Answer(json.loads(pages[0]), "\n\n".join(parts), failed)
