"""Follows tasks until they are over. A poll that fails says nothing about its task."""

from __future__ import annotations

import time
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from motion_preflight import interruption, settings
from motion_preflight.provider.client import Api
from motion_preflight.provider.free_answer import CallFailed
from motion_preflight.provider.refusals import explained
from motion_preflight.provider.state import State
from motion_preflight.submission.errors import SubmitError, TaskFailed
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.receipt import FINAL, Receipt, described
from motion_preflight.text.lazy_dataclass import dataclass, replace
from motion_preflight.text.option_values import ensure_seconds
from motion_preflight.text.redaction import mask_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from motion_preflight.provider.responses import Task

WAIT_TIMEOUT = 1800.0  # seconds; users report jobs of 8 to 12 minutes
_FIRST, _GROWTH, _SLOWEST = 2.0, 1.5, 15.0  # seconds between two polls of a task
_REFUSED = frozenset({401, 403})  # statuses that mean that this key may not ask
_NOT_THERE = 3  # answers of 404 after which an id that somebody typed counts as wrong


@dataclass(slots=True)
class Followed:
    """A task that is followed, and what the polls have shown of it."""

    task_id: str
    ours: bool  # True: the provider gave us the id; False: somebody typed it
    task: Task | None = None  # as the last successful poll showed it
    trouble: str | None = None  # why the last poll failed
    given_up: bool = False  # True: further polls would not help
    every: float = _FIRST  # seconds until the next poll
    due: float = 0.0
    missing: int = 0  # answers of 404
    doubted: bool = False  # True: one poll showed it as failed, which a second one must confirm
    unanswered: bool = False  # True: the last poll got no answer at all
    looked_at: float | None = None  # the time of the last poll

    @property
    def over(self) -> bool:
        """Whether the task has ended, or further polls would not help."""
        ended = self.task is not None and self.task.state in FINAL and not self.doubted
        return self.given_up or ended

    @property
    def word(self) -> str:
        """The status of the task in the provider's word, as far as a poll has shown one."""
        return self.task.word if self.task else "not seen yet"


class TaskApi(Protocol):
    """What asks for tasks."""

    def task(self, task_id: str) -> Task:
        """The task as it stands now. Raises `CallFailed`."""
        ...


class Clock:
    """The clock for waiting; tests use another one."""

    def now(self) -> float:
        """The time in seconds, from an arbitrary start."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Waits for so many seconds."""
        interruption.sleep(seconds)


def follow(
    api: Api,
    followed: Sequence[Followed],
    *,
    timeout: float = WAIT_TIMEOUT,
    tell: Callable[[Followed], None] = lambda _: None,
    clock: Clock | None = None,
) -> Iterator[Followed]:
    """Polls tasks until all of them or the `timeout` (seconds) is over. A task is yielded once,
    when it is over; one that is still running at the end is not. `tell` is called after every poll.
    A task that failed is polled once more before that is believed, and every task is polled once
    more at the end.
    """
    clock = clock or Clock()
    end = clock.now() + timeout
    running = list(followed)
    while running:
        current = min(running, key=lambda task: task.due)
        wait = current.due - clock.now()
        if wait > 0:  # every task is polled once, however short the time
            if clock.now() + wait > end:
                break
            clock.sleep(wait)
        _poll(api, current, clock)
        tell(current)
        if current.over:
            running.remove(current)
            yield current
    rest = end - clock.now()
    if running and rest > 0:
        clock.sleep(rest)
    for current in sorted(running, key=lambda task: task.due):
        if current.doubted or current.looked_at is None or current.looked_at < end:
            _poll(api, current, clock)
            tell(current)
        if current.over:
            yield current
        if current.unanswered:
            return  # do not wait for a silent provider once more for every task


def _poll(api: Api, followed: Followed, clock: Clock) -> None:
    """Polls a task once; a poll that fails leaves what was known before."""
    try:
        followed.task, followed.trouble, followed.missing = api.task(followed.task_id), None, 0
        followed.unanswered = False
        followed.doubted = followed.task.state is State.FAILED and not followed.doubted
    except CallFailed as failed:
        followed.trouble = str(failed)
        followed.unanswered = failed.status is None
        followed.missing += failed.status == 404
        if failed.retry_after:
            followed.every = min(max(followed.every, failed.retry_after), 60.0)
        wrong = not followed.ours and followed.task is None and followed.missing >= _NOT_THERE
        followed.given_up = failed.status in _REFUSED or wrong
    followed.looked_at = clock.now()
    soon = followed.doubted and followed.trouble is None
    followed.due = followed.looked_at + (min(followed.every, _FIRST) if soon else followed.every)
    followed.every = min(followed.every * _GROWTH, _SLOWEST)


def believed(
    api: TaskApi, task_id: str, *, pause: Callable[[float], None] = interruption.sleep
) -> Task:
    """The task as it is now. One that failed is polled once more, since tasks were seen that had
    failed and were completed at the next look. Raises `CallFailed`.
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
    """Waits for a task and returns its receipt, with the billed cost where the provider names it.
    The task of a receipt without one is looked up in the ledger: `resolve` may have named it since.

    `timeout` is in seconds; the other options are those of `submit`. When the task is still running
    then, its receipt is in the state `submitted`. Raises `TaskFailed`, `SubmitError` when the
    provider does not answer questions about the task, and what `submit` raises for settings and
    ledger.
    """
    if not isinstance(receipt, Receipt):
        raise TypeError(f"wait takes a Receipt, not {type(receipt).__name__}")
    ensure_seconds("timeout", timeout, zero=True)
    with (
        Api(
            base_url or settings.base_url(), settings.api_key() if api_key is None else api_key
        ) as api,
        Ledger(Path(ledger_folder or settings.state_folder())) as ledger,
    ):
        if receipt.task_id is None:
            rows = [row for row in ledger.find(receipt.intent) if row.intent == receipt.intent]
            receipt = rows[0] if rows else receipt
        task_id = str(receipt.task_id)
        if receipt.task_id is None or receipt.origin != api.origin:
            raise SubmitError(f"it has no task at {api.origin} ({described(receipt)})", receipt)
        for followed in follow(api, [Followed(task_id, ours=True)], timeout=timeout):
            if followed.task is None or followed.given_up:
                raise SubmitError(f"task {task_id}: {followed.trouble}", receipt)
            receipt = record(ledger, receipt, followed.task)
    if receipt.state in {State.FAILED, State.CANCELLED}:
        why = f": {receipt.error}" if receipt.error else ""
        raise TaskFailed(f"task {task_id} {receipt.state}{why}", receipt)
    return receipt


def record(ledger: Ledger, receipt: Receipt, task: Task) -> Receipt:
    """Writes down what a poll showed, and returns the receipt as it is then."""
    result = recorded(receipt, task)
    prompt = str(receipt.body.get("prompt") or "")
    error = result.error and mask_secrets(result.error, [prompt])
    existing = {"task_id": result.task_id, "cost": result.cost, "error": error}
    return ledger.settle(receipt.intent, task.state, **existing) or result


def recorded(receipt: Receipt, task: Task) -> Receipt:
    """The receipt with what a poll showed of its task."""
    billed = task.cost is not None and task.state in FINAL  # a running task may name a cost of 0
    return replace(
        receipt,
        state=task.state,
        cost=task.cost if billed else receipt.cost,
        error=receipt.error if task.error is None else explained(task.error),
    )
