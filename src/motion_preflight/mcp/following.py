"""The tools that look into the ledger: `tasks`, `spend`."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from motion_preflight.formats.document import tasks_document
from motion_preflight.formats.problems import error_document
from motion_preflight.formats.publications import publications_text
from motion_preflight.formats.receipt_list import list_text, none_text
from motion_preflight.formats.spend import spend_document, spend_report
from motion_preflight.formats.spend_text import spend_text
from motion_preflight.formats.style import Style
from motion_preflight.mcp.answer import Answer
from motion_preflight.provider.client import Api
from motion_preflight.provider.state import State
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.settings import api_key, base_url, state_folder
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.ledger.publications import Publications
from motion_preflight.submission.polling import Clock, Followed, follow, record
from motion_preflight.submission.spending import between

if TYPE_CHECKING:
    from collections.abc import Sequence

    from motion_preflight.mcp.arguments import SpendArguments, TasksArguments
    from motion_preflight.mcp.call import Call
    from motion_preflight.mcp.reading import Surroundings
    from motion_preflight.submission.receipt import Receipt

_MOST = 50  # tasks that are followed in one call


class _Clock(Clock):
    """A clock whose waiting ends with its call."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def sleep(self, seconds: float) -> None:
        self._call.sleep(seconds)


def tasks(arguments: TasksArguments, call: Call, _: Surroundings) -> Answer:
    """The requests that the ledger knows, and what became of them."""
    with ExitStack() as stack:
        ledger = stack.enter_context(Ledger(state_folder()))
        receipts, errors = _chosen(arguments, ledger)
        if arguments.wait_seconds:
            errors += _wait(receipts, arguments.wait_seconds, ledger, call)
            receipts = [next(iter(ledger.find(one.intent)), one) for one in receipts]
        rows, sent = ledger.rows(), bool(ledger.spending())
        published = []
        if not arguments.ids:
            files = Publications(ledger).all()
            published = [(file, [one for one in rows if file.is_in(one.body)]) for file in files]
    style = Style()
    pages = [list_text(receipts, style) or none_text(len(rows), style, forgotten=sent)]
    pages += [publications_text(published, style)] if published else []
    pages += [text for _, text in errors]
    documents = [error_document(text, place) for place, text in errors]
    document = tasks_document(receipts, documents, published=published)
    return Answer(document, "\n\n".join(pages), failed=bool(errors))


def spend(arguments: SpendArguments, _: Call, __: Surroundings) -> Answer:
    """Where the money went, by the ledger."""
    since, until = arguments.since, arguments.until
    if since and until and since > until:
        raise ManifestInvalid(f"since {since} lies after until {until}")
    with Ledger(state_folder()) as ledger:
        spending = between(ledger.spending(), since, until)
    report = spend_report(spending, tuple(dict.fromkeys(arguments.by)), since, until)
    return Answer(spend_document(report), spend_text(report, Style()))


def _chosen(
    arguments: TasksArguments, ledger: Ledger
) -> tuple[list[Receipt], list[tuple[str | None, str]]]:
    """The rows that were asked for, and what is wrong with names that mean none or several."""
    if not arguments.ids:
        return ledger.rows()[: arguments.limit], []
    receipts: dict[str, Receipt] = {}
    errors: list[tuple[str | None, str]] = []
    for name in arguments.ids:
        rows = ledger.find(name)
        if len(rows) == 1:
            receipts[rows[0].intent] = rows[0]
        else:
            why = f"{len(rows)} requests are named so" if rows else "the ledger knows no such"
            errors.append((name, f"{name}: {why}; tasks without ids lists what there is"))
    return list(receipts.values()), errors


def _wait(
    receipts: Sequence[Receipt], seconds: float, ledger: Ledger, call: Call
) -> list[tuple[str | None, str]]:
    """Follows the unfinished tasks and writes down what is seen. Returns what went wrong."""
    running = [one for one in receipts if one.state is State.SUBMITTED and one.task_id][:_MOST]
    if not running:
        return []
    errors: list[tuple[str | None, str]] = []
    with Api(base_url(), api_key()) as api:
        own = {str(one.task_id): one for one in running if one.origin == api.origin}
        for one in running:
            if one.origin != api.origin:
                text = f"task {one.task_id} is of {one.origin}, and this is {api.origin}"
                errors.append((one.task_id, text))
        followed = [Followed(name, ours=True) for name in own]
        clock = _Clock(call)
        begun = clock.now()

        def tell(task: Followed) -> None:
            waited = min(clock.now() - begun, seconds)
            call.report(waited, seconds, f"task {task.task_id}: {task.word}")

        seen = follow(api, followed, timeout=seconds, tell=tell, clock=clock)
        for task in seen:
            if task.task is None or task.given_up:
                errors.append((task.task_id, f"task {task.task_id}: {task.trouble}"))
            else:
                record(ledger, own[task.task_id], task.task)
    return errors
