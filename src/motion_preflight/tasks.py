"""Following tasks until they are over. A poll that fails says nothing about its task."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight import settings
from motion_preflight.api import Api, CallFailed
from motion_preflight.errors import SubmitError, TaskFailed
from motion_preflight.ledger import Ledger
from motion_preflight.provider.refusals import explained
from motion_preflight.receipt import FINAL, Receipt, State, described
from motion_preflight.redaction import without

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from os import PathLike

    from motion_preflight.answers import Task

WAIT_TIMEOUT = 1800.0  # seconds; jobs of 8 to 12 minutes are reported
_FIRST, _GROWTH, _SLOWEST = 2.0, 1.5, 15.0  # seconds between two polls of a task
_REFUSED = frozenset({401, 403})  # this key may not ask
_NOT_THERE = 3  # answers of 404 after which an id that we did not get ourselves is taken for wrong


@dataclass(slots=True)
class Followed:
    """A task on its way, and what is known of it."""

    task_id: str
    ours: bool  # we got the id as an answer; else somebody typed it
    task: Task | None = None  # as the last poll that worked showed it
    trouble: str | None = None  # why the last poll did not work
    given_up: bool = False  # asking on would not help
    every: float = _FIRST  # seconds until the next poll
    due: float = 0.0
    missing: int = 0  # answers of 404
    doubted: bool = False  # it was seen as failed once, which a second look has to confirm
    unanswered: bool = False  # the last poll got no answer at all
    looked_at: float | None = None

    @property
    def over(self) -> bool:
        ended = self.task is not None and self.task.state in FINAL and not self.doubted
        return self.given_up or ended


class Clock:
    """The time that waiting goes by."""

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def follow(
    api: Api,
    followed: Sequence[Followed],
    *,
    timeout: float = WAIT_TIMEOUT,
    tell: Callable[[Followed], None] = lambda _: None,
    clock: Clock | None = None,
) -> Iterator[Followed]:
    """Polls tasks until they are over or the time is: each is yielded once, when it is over; what
    is still running then is not. `tell` is called after every poll. A task that failed is looked at
    once more before that is believed, and every task once more when the time is over.
    """
    clock = clock or Clock()
    end = clock.now() + timeout
    running = list(followed)
    while running:
        each = min(running, key=lambda one: one.due)
        wait = each.due - clock.now()
        if wait > 0:  # each is looked at once, however short the time
            if clock.now() + wait > end:
                break
            clock.sleep(wait)
        _poll(api, each, clock)
        tell(each)
        if each.over:
            running.remove(each)
            yield each
    rest = end - clock.now()
    if running and rest > 0:
        clock.sleep(rest)
    for each in sorted(running, key=lambda one: one.due):
        if each.doubted or each.looked_at is None or each.looked_at < end:
            _poll(api, each, clock)
            tell(each)
        if each.over:
            yield each
        if each.unanswered:
            return  # a provider that is silent would be waited for once a task


def _poll(api: Api, each: Followed, clock: Clock) -> None:
    """Looks at a task once; whatever goes wrong leaves what was known of it."""
    try:
        each.task, each.trouble, each.missing = api.task(each.task_id), None, 0
        each.unanswered = False
        each.doubted = each.task.state is State.FAILED and not each.doubted
    except CallFailed as failed:
        each.trouble = str(failed)
        each.unanswered = failed.status is None
        each.missing += failed.status == 404
        if failed.retry_after:
            each.every = min(max(each.every, failed.retry_after), 60.0)
        wrong = not each.ours and each.task is None and each.missing >= _NOT_THERE
        each.given_up = failed.status in _REFUSED or wrong
    each.looked_at = clock.now()
    soon = each.doubted and each.trouble is None
    each.due = each.looked_at + (min(each.every, _FIRST) if soon else each.every)
    each.every = min(each.every * _GROWTH, _SLOWEST)


def believed(api: Api, task_id: str, *, pause: Callable[[float], None] = time.sleep) -> Task:
    """A task as it stands; one that failed is looked at once more, since a task was seen to fail
    and to be completed at the next look. Raises `CallFailed`.
    """
    task = api.task(task_id)
    if task.state is not State.FAILED:
        return task
    pause(_FIRST)
    return api.task(task_id)


def wait(
    receipt: Receipt,
    *,
    api_key: str | None = None,
    base_url: str | None = None,
    timeout: float = WAIT_TIMEOUT,
    ledger_folder: str | PathLike[str] | None = None,
) -> Receipt:
    """The receipt of a task that is completed, with its billed cost where the provider says it.

    `timeout` is in seconds; the other options are those of `submit`. A task that still runs then
    gives its receipt in the state `submitted`. Raises `TaskFailed`; `SubmitError` when the provider
    does not answer questions about it, and what `submit` raises for settings and ledger.
    """
    task_id = str(receipt.task_id)
    with (
        Api(
            base_url or settings.base_url(), settings.api_key() if api_key is None else api_key
        ) as api,
        Ledger(Path(ledger_folder or settings.state_folder())) as ledger,
    ):
        if receipt.task_id is None or receipt.origin != api.origin:
            raise SubmitError(f"it has no task at {api.origin} ({described(receipt)})", receipt)
        for each in follow(api, [Followed(task_id, ours=True)], timeout=timeout):
            if each.task is None or each.given_up:
                raise SubmitError(f"task {task_id}: {each.trouble}", receipt)
            receipt = record(ledger, receipt, each.task)
    if receipt.state in {State.FAILED, State.CANCELLED}:
        why = f": {receipt.error}" if receipt.error else ""
        raise TaskFailed(f"task {task_id} {receipt.state}{why}", receipt)
    return receipt


def record(ledger: Ledger, receipt: Receipt, task: Task) -> Receipt:
    """Writes down what a poll showed; the receipt as it stands then."""
    found = recorded(receipt, task)
    prompt = str(receipt.body.get("prompt") or "")
    error = found.error and without(found.error, [prompt])
    known = {"task_id": found.task_id, "cost": found.cost, "error": error}
    return ledger.settle(receipt.intent, task.state, **known) or found


def recorded(receipt: Receipt, task: Task) -> Receipt:
    """A receipt with what a poll showed."""
    billed = task.cost is not None and task.state in FINAL  # until then the cost may be 0
    return replace(
        receipt,
        state=task.state,
        cost=task.cost if billed else receipt.cost,
        error=receipt.error if task.error is None else explained(task.error),
    )
