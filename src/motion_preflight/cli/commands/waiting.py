"""Waits for tasks and fetches their results, for `submit --wait` and `tasks wait`."""

from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING

from motion_preflight.cli.commands.fetching import Fetching
from motion_preflight.cli.commands.wait_progress import WaitProgress
from motion_preflight.cli.console import say
from motion_preflight.cli.exit_codes import BROKEN, CANNOT_RUN, OK, UNSURE
from motion_preflight.cli.options import formats_of
from motion_preflight.formats.receipt_list import FEW
from motion_preflight.formats.receipts import WAIT, fetch_text
from motion_preflight.provider.state import State
from motion_preflight.submission.errors import LedgerUnusable
from motion_preflight.submission.polling import WAIT_TIMEOUT, Followed, follow, record, recorded
from motion_preflight.submission.receipt import FINAL, in_command
from motion_preflight.text.numbers import plural

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from motion_preflight.provider.client import Api
    from motion_preflight.provider.responses import Task
    from motion_preflight.submission.ledger.ledger import Ledger
    from motion_preflight.submission.receipt import Receipt

    # Says something of tasks, and names the command that waits for them.
    Words = Callable[[Sequence[Followed], str], str]


class Waiting:
    """Waits for tasks; the results are in the ledger, and in `receipts` by task id."""

    def __init__(self, api: Api, ledger: Ledger, options: argparse.Namespace) -> None:
        self.receipts: dict[str, Receipt] = {}
        self.codes: set[int] = set()
        self.troubles: list[tuple[str, str]] = []  # task id and message
        self._api = api
        self._ledger = ledger
        self._options = options
        self._fetching = Fetching(
            api, ledger, options, tell=self._trouble, unwritten=self._unwritten
        )
        wait_timeout = options.wait_timeout
        self._limit = WAIT_TIMEOUT if wait_timeout is None else wait_timeout
        self._many = False
        self._unfetched: list[Task] = []
        self._refused: list[Followed] = []
        self._seen: set[str] = set()

    def run(self, receipts: Sequence[Receipt]) -> None:
        """Waits for all tasks, and fetches results if that is asked for. Ctrl-C leaves the tasks
        running.
        """
        self.receipts = {str(receipt.task_id): receipt for receipt in receipts}
        self._many = len(receipts) > FEW
        followed = [Followed(name, bool(receipt.intent)) for name, receipt in self.receipts.items()]
        progress = WaitProgress(sys.stderr, len(followed), self._limit)

        def tell(task: Followed) -> None:
            if task.task:
                self._seen.add(task.task_id)
            progress.show(task)

        try:
            for task in follow(self._api, followed, timeout=self._limit, tell=tell):
                progress.clear()
                self._over(task)
        finally:
            progress.end()
            for wrong in (False, True):
                refused = [task for task in self._refused if _wrong_id(task) is wrong]
                self._say_together(refused, _refused_text)
            self._say_unfetched()
        running = [task for task in followed if not task.over]
        self._say_together([task for task in running if self._still(task)], _still_text)

    def _say_unfetched(self) -> None:
        """Prints once that many tasks are completed whose results were not fetched."""
        if self._many and self._unfetched:
            ends = [task.expires_at for task in self._unfetched if task.expires_at is not None]
            many = len(self._unfetched)
            foreign = not all(receipt.intent for receipt in self.receipts.values())
            say(
                f"motion-preflight: {plural(many, 'task')} {'is' if many == 1 else 'are'} completed"
                f"{_until(min(ends, default=None), 'the first')}: fetch the results with "
                f"{fetch_text('TASK...' if foreign else '--unfetched')}"
            )

    def _say_together(self, tasks: Sequence[Followed], text: Words) -> None:
        """Prints once for many tasks what a document says of each."""
        if self._many and tasks:
            say(f"motion-preflight: {text(tasks, self._command(tasks))}")

    def _command(self, tasks: Sequence[Followed]) -> str:
        """The command that waits for these tasks: all that are under way are named by none."""
        receipts = [self.receipts[task.task_id] for task in tasks]
        if len(receipts) == 1:
            return f"`{WAIT} {in_command(receipts[0])}`"
        return f"`{WAIT}`" if all(one.intent for one in receipts) else f"`{WAIT} TASK...`"

    def existing(self) -> list[Receipt]:
        """The receipts of tasks that certainly exist: nobody may know an id that was typed."""
        return [
            receipt
            for name, receipt in self.receipts.items()
            if receipt.intent or name in self._seen
        ]

    def _trouble(self, task_id: str, text: str, *, together: bool = False) -> None:
        """Prints what went wrong with a task, and keeps it for the documents. What is said of many
        `together` is not printed for each.
        """
        self.troubles.append((task_id, text))
        if not (together and self._many):
            say(f"motion-preflight: {text}")

    def _over(self, followed: Followed) -> None:
        receipt = self.receipts[followed.task_id]
        if followed.task is None or followed.given_up:
            self.codes.add(BROKEN)
            self._refused.append(followed)
            text = _refused_text([followed], self._command([followed]))
            self._trouble(followed.task_id, text, together=True)
            return
        receipt = self._recorded(receipt, followed.task)
        if receipt.state is not State.COMPLETED:
            self.codes.add(BROKEN)
            if self._many:  # the list at the end is far away
                why = f": {receipt.error}" if receipt.error else ""
                label = f" ({receipt.label})" if receipt.label else ""
                say(f"motion-preflight: task {receipt.task_id}{label} {receipt.state}{why}")
            if followed.task.urls and self._options.download:  # a failed task may have a result too
                self._fetch(receipt, followed.task)
            return
        self.codes.add(OK)
        if self._options.download:
            self._fetch(receipt, followed.task)
        elif followed.task.urls:
            self._unfetched.append(followed.task)
            if not self._many:
                told_below = ("text", None) in formats_of(self._options)
                fetch = f": fetch the result with {fetch_text(in_command(receipt))}"
                say(
                    f"motion-preflight: task {followed.task_id} is completed"
                    f"{_until(followed.task.expires_at)}{'' if told_below else fetch}"
                )

    def _recorded(self, receipt: Receipt, task: Task) -> Receipt:
        try:
            updated = record(self._ledger, receipt, task)
        except LedgerUnusable as error:  # go on and fetch the result, because its link expires
            self._unwritten(error)
            updated = recorded(receipt, task)
        self.receipts[str(receipt.task_id)] = updated
        return updated

    def _unwritten(self, error: LedgerUnusable) -> None:
        """Prints once that outcomes cannot be written to the ledger."""
        if CANNOT_RUN not in self.codes:
            self.codes.add(CANNOT_RUN)
            why = error.in_words_of_command()
            self._trouble("", f"what becomes of the tasks is not written down: {why}")

    def _still(self, followed: Followed) -> bool:
        """Notes that a task was not seen to end, and returns whether it may go on: the ledger may
        know that it has ended.
        """
        state = self.receipts[followed.task_id].state
        if state in FINAL:
            fetched = not self._options.download
            self.codes.add(OK if state is State.COMPLETED and fetched else BROKEN)
            self._trouble(
                followed.task_id,
                f"task {followed.task_id} is {state}; the provider was not reached "
                f"about it ({followed.trouble})",
            )
            return False
        self.codes.add(UNSURE)
        text = _still_text([followed], self._command([followed]))
        self._trouble(followed.task_id, text, together=True)
        return True

    def _fetch(self, receipt: Receipt, task: Task) -> None:
        """Downloads every result of a task that is over."""
        name = str(receipt.task_id)
        if not task.urls:
            self.codes.add(BROKEN)
            self._trouble(name, f"task {name} is completed, and names no result")
            return
        fetched, whole = self._fetching.fetch(receipt, task, _until(task.expires_at))
        self.receipts[name] = fetched
        if not whole:
            self.codes.add(BROKEN)


def _wrong_id(followed: Followed) -> bool:
    """Whether a task is asked about no more because the provider does not know its id."""
    return followed.missing > 0


def _refused_text(tasks: Sequence[Followed], command: str) -> str:
    """Why tasks are asked about no more, and what to do."""
    text = f"{_names(tasks)}: asked no more, because the provider"
    it, ids = ("it", "the id") if len(tasks) == 1 else ("them", "the ids")
    if _wrong_id(tasks[-1]):
        return (
            f"{text} does not know {it} ({tasks[-1].trouble}): look at {ids}, and whether the key "
            f"is of the account that sent {it}"
        )
    return (
        f"{text} refuses the key ({tasks[-1].trouble}): with a key of the account that sent {it}, "
        f"{command}"
    )


def _still_text(tasks: Sequence[Followed], command: str) -> str:
    """That tasks were not over in time, and what looks again."""
    failing = [task for task in tasks if task.trouble]
    trouble = f"the last look failed: {failing[-1].trouble}" if failing else ""
    again = f"go on; look again with {command}"
    if len(tasks) > 1:
        why = f" ({len(failing)} of them: {trouble})" if failing else ""
        return f"{_names(tasks)} were not over in time{why}. They may {again}"
    last = f"its status was {tasks[0].task.word}" if tasks[0].task else "it was not seen"
    why = f"{last}; {trouble}" if trouble else last
    return f"{_names(tasks)} was not over in time ({why}). It may {again}"


def _names(tasks: Sequence[Followed]) -> str:
    """A task by its id, several by their number."""
    return f"task {tasks[0].task_id}" if len(tasks) == 1 else plural(len(tasks), "task")


def _until(expires_at: int | None, which: str = "its") -> str:
    """When the links of a result expire, in words; empty if that is not known."""
    if expires_at is None:
        return ""
    end = dt.datetime.fromtimestamp(expires_at, dt.UTC)
    word = "ended" if end <= dt.datetime.now(dt.UTC) else "end"
    return f" ({which} links {word} at {end:%Y-%m-%d %H:%M} UTC)"
