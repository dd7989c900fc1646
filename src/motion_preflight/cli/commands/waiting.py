"""Waits for tasks and fetches their results, for `submit --wait` and `tasks wait`."""

from __future__ import annotations

import datetime as dt
import sys
import time
from typing import TYPE_CHECKING

from motion_preflight.cli.commands.fetching import Fetching
from motion_preflight.cli.console import say
from motion_preflight.cli.exit_codes import BROKEN, CANNOT_RUN, OK, UNSURE
from motion_preflight.cli.progress import Ticker
from motion_preflight.formats.receipt_list import FEW
from motion_preflight.formats.receipts import fetch_text
from motion_preflight.provider.state import State
from motion_preflight.rules.rule import plural
from motion_preflight.submission.errors import LedgerUnusable
from motion_preflight.submission.polling import WAIT_TIMEOUT, Followed, follow, record, recorded
from motion_preflight.submission.receipt import FINAL, in_command

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from motion_preflight.provider.client import Api
    from motion_preflight.provider.responses import Task
    from motion_preflight.submission.ledger.ledger import Ledger
    from motion_preflight.submission.receipt import Receipt


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
        self._ticker = Ticker(sys.stderr)
        wait_timeout = options.wait_timeout
        self._limit = WAIT_TIMEOUT if wait_timeout is None else wait_timeout
        self._started = time.monotonic()
        self._done = 0
        self._unfetched: list[Task] = []
        self._seen: set[str] = set()

    def run(self, receipts: Sequence[Receipt]) -> None:
        """Waits for all tasks, and fetches results if that is asked for. Ctrl-C leaves the tasks
        running.
        """
        self.receipts = {str(receipt.task_id): receipt for receipt in receipts}
        followed = [Followed(name, bool(receipt.intent)) for name, receipt in self.receipts.items()]
        try:
            for task in follow(self._api, followed, timeout=self._limit, tell=self._tell):
                self._ticker.clear()
                self._done += 1
                self._over(task)
        finally:
            self._ticker.clear()
            self._say_unfetched()
        for task in followed:
            if not task.over:
                self._still(task)

    def _say_unfetched(self) -> None:
        """Prints once that many tasks are completed whose results were not fetched."""
        if len(self.receipts) > FEW and self._unfetched:
            ends = [task.expires_at for task in self._unfetched if task.expires_at is not None]
            many = len(self._unfetched)
            say(
                f"motion-preflight: {plural(many, 'task')} {'is' if many == 1 else 'are'} completed"
                f"{_until(min(ends, default=None), 'the first')}: fetch the results with "
                f"{fetch_text('TASK...')}"
            )

    def existing(self) -> list[Receipt]:
        """The receipts of tasks that certainly exist: nobody may know an id that was typed."""
        return [
            receipt
            for name, receipt in self.receipts.items()
            if receipt.intent or name in self._seen
        ]

    def _trouble(self, task_id: str, text: str) -> None:
        """Prints what went wrong with a task, and keeps it for the documents."""
        self.troubles.append((task_id, text))
        say(f"motion-preflight: {text}")

    def _over(self, followed: Followed) -> None:
        receipt = self.receipts[followed.task_id]
        if followed.task is None or followed.given_up:
            self.codes.add(BROKEN)
            self._trouble(
                followed.task_id, f"task {followed.task_id}: asked no more: {followed.trouble}"
            )
            return
        receipt = self._recorded(receipt, followed.task)
        if receipt.state is not State.COMPLETED:
            self.codes.add(BROKEN)
            if followed.task.urls and self._options.download:  # a failed task may have a result too
                self._fetch(receipt, followed.task)
            return
        self.codes.add(OK)
        if self._options.download:
            self._fetch(receipt, followed.task)
        elif followed.task.urls:
            self._unfetched.append(followed.task)
            if len(self.receipts) <= FEW:
                say(
                    f"motion-preflight: task {followed.task_id} is completed"
                    f"{_until(followed.task.expires_at)}: fetch the result with "
                    f"{fetch_text(in_command(receipt))}"
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

    def _still(self, followed: Followed) -> None:
        """Prints that a task was not seen to end, unless the ledger knows that it has."""
        state = self.receipts[followed.task_id].state
        if state in FINAL:
            fetched = not self._options.download
            self.codes.add(OK if state is State.COMPLETED and fetched else BROKEN)
            self._trouble(
                followed.task_id,
                f"task {followed.task_id} is {state}; the provider was not reached "
                f"about it ({followed.trouble})",
            )
            return
        self.codes.add(UNSURE)
        named = in_command(self.receipts[followed.task_id])
        last = f"its status was {followed.task.word}" if followed.task else "it was not seen"
        trouble = f"; the last look failed: {followed.trouble}" if followed.trouble else ""
        self._trouble(
            followed.task_id,
            f"task {followed.task_id} was not over in time ({last}{trouble}). It may "
            f"go on; look again with `motion-preflight tasks wait {named}`",
        )

    def _tell(self, followed: Followed) -> None:
        """Shows how a task is doing after a poll."""
        if followed.task:
            self._seen.add(followed.task_id)
        word = followed.task.word if followed.task else "not seen yet"
        word += " (it is looked at once more before that is believed)" if followed.doubted else ""
        progress = followed.task.progress if followed.task and not followed.doubted else None
        done = f" {progress} %" if progress is not None else ""
        trouble = f" (the last look failed: {followed.trouble})" if followed.trouble else ""
        elapsed = int(time.monotonic() - self._started)
        after = f"{elapsed // 60} min {elapsed % 60:02} s"
        done_now = self._done + followed.over
        many = f"{done_now} of {len(self.receipts)} over; " if len(self.receipts) > 1 else ""
        text = f"{many}task {followed.task_id}: {word}{done}, after {after}{trouble}"
        self._ticker.show(followed.task_id, f"{word}{trouble}", text)

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


def _until(expires_at: int | None, which: str = "its") -> str:
    """When the links of a result expire, in words; empty if that is not known."""
    if expires_at is None:
        return ""
    end = dt.datetime.fromtimestamp(expires_at, dt.UTC)
    word = "ended" if end <= dt.datetime.now(dt.UTC) else "end"
    return f" ({which} links {word} at {end:%Y-%m-%d %H:%M} UTC)"
