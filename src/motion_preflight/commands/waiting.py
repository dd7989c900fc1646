"""Waiting for tasks and fetching their results, as `submit --wait` and `tasks wait` do."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight.api import CallFailed
from motion_preflight.download import DownloadFailed, download, target
from motion_preflight.errors import LedgerUnusable
from motion_preflight.exit_codes import BROKEN, CANNOT_RUN, OK, UNSURE
from motion_preflight.output import say
from motion_preflight.progress import Bar, Ticker
from motion_preflight.receipt import FINAL, Receipt, State, in_command
from motion_preflight.tasks import WAIT_TIMEOUT, Followed, follow, record, recorded

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from motion_preflight.answers import Task
    from motion_preflight.api import Api
    from motion_preflight.ledger import Ledger
    from motion_preflight.source.web import Web

_OLD = dt.datetime.fromtimestamp(0, dt.UTC)


def foreign(task_id: str) -> Receipt:
    """What is known of a task that the ledger does not have."""
    return Receipt(
        intent="",
        state=State.SUBMITTED,
        created=_OLD,
        updated=_OLD,
        label="",
        origin="",
        identity="",
        idempotency_key="",
        body={},
        currency="USD",
        task_id=task_id,
    )


class Waiting:
    """Waits for tasks; what becomes of each is in the ledger and in `receipts`, by task id."""

    def __init__(self, api: Api, ledger: Ledger, options: argparse.Namespace) -> None:
        self.receipts: dict[str, Receipt] = {}
        self.codes: set[int] = set()
        self.troubles: list[tuple[str, str]] = []  # task id, and what went wrong with it
        self._api = api
        self._ledger = ledger
        self._options = options
        self._ticker = Ticker(sys.stderr)
        given = options.wait_timeout
        self._limit = WAIT_TIMEOUT if given is None else given
        self._started = time.monotonic()
        self._done = 0
        self._seen: set[str] = set()

    def run(self, receipts: Sequence[Receipt]) -> None:
        """Waits for them all, and fetches what is asked for. Ctrl-C leaves the tasks running."""
        self.receipts = {str(each.task_id): each for each in receipts}
        followed = [Followed(name, bool(each.intent)) for name, each in self.receipts.items()]
        try:
            for each in follow(self._api, followed, timeout=self._limit, tell=self._tell):
                self._ticker.clear()
                self._done += 1
                self._over(each)
        finally:
            self._ticker.clear()
        for each in followed:
            if not each.over:
                self._still(each)

    def known(self) -> list[Receipt]:
        """What is known of tasks that there are: an id may be one that nobody knows."""
        return [each for name, each in self.receipts.items() if each.intent or name in self._seen]

    def _trouble(self, task_id: str, text: str) -> None:
        """Says what went wrong with a task, and keeps it for the documents."""
        self.troubles.append((task_id, text))
        say(f"motion-preflight: {text}")

    def _over(self, each: Followed) -> None:
        receipt = self.receipts[each.task_id]
        if each.task is None or each.given_up:
            self.codes.add(BROKEN)
            self._trouble(each.task_id, f"task {each.task_id}: asked no more: {each.trouble}")
            return
        receipt = self._recorded(receipt, each.task)
        if receipt.state is not State.COMPLETED:
            self.codes.add(BROKEN)
            if each.task.urls and self._options.download:  # a result that is there is fetched
                self._fetch(receipt, each.task)
            return
        self.codes.add(OK)
        if self._options.download:
            self._fetch(receipt, each.task)
        elif each.task.urls:
            say(
                f"motion-preflight: task {each.task_id} is completed{_until(each.task)}: fetch the "
                f"result with `motion-preflight tasks wait {in_command(receipt)} --download DIR`"
            )

    def _recorded(self, receipt: Receipt, task: Task) -> Receipt:
        try:
            found = record(self._ledger, receipt, task)
        except LedgerUnusable as error:  # a result is fetched all the same: its link ends
            self._unwritten(error)
            found = recorded(receipt, task)
        self.receipts[str(receipt.task_id)] = found
        return found

    def _unwritten(self, error: LedgerUnusable) -> None:
        """Says once that what is seen cannot be kept."""
        if CANNOT_RUN not in self.codes:
            self.codes.add(CANNOT_RUN)
            self._trouble("", f"what becomes of the tasks is not written down: {error}")

    def _still(self, each: Followed) -> None:
        """Says that a task was not seen to be over, which the ledger may know better."""
        state = self.receipts[each.task_id].state
        if state in FINAL:
            fetched = not self._options.download
            self.codes.add(OK if state is State.COMPLETED and fetched else BROKEN)
            self._trouble(
                each.task_id,
                f"task {each.task_id} is {state}; the provider was not reached "
                f"about it ({each.trouble})",
            )
            return
        self.codes.add(UNSURE)
        named = in_command(self.receipts[each.task_id])
        last = f"its status was {each.task.word}" if each.task else "it was not seen"
        trouble = f"; the last look failed: {each.trouble}" if each.trouble else ""
        self._trouble(
            each.task_id,
            f"task {each.task_id} was not over in time ({last}{trouble}). It may "
            f"go on; look again with `motion-preflight tasks wait {named}`",
        )

    def _tell(self, each: Followed) -> None:
        """The line that says how a task stands."""
        if each.task:
            self._seen.add(each.task_id)
        word = each.task.word if each.task else "not seen yet"
        word += " (it is looked at once more before that is believed)" if each.doubted else ""
        progress = each.task.progress if each.task and not each.doubted else None
        done = f" {progress} %" if progress is not None else ""
        trouble = f" (the last look failed: {each.trouble})" if each.trouble else ""
        elapsed = int(time.monotonic() - self._started)
        after = f"{elapsed // 60} min {elapsed % 60:02} s"
        done_now = self._done + each.over
        many = f"{done_now} of {len(self.receipts)} over; " if len(self.receipts) > 1 else ""
        text = f"{many}task {each.task_id}: {word}{done}, after {after}{trouble}"
        self._ticker.show(each.task_id, f"{word}{trouble}", text)

    def _fetch(self, receipt: Receipt, task: Task) -> None:
        """Every result of a completed task into its file."""
        if not task.urls:
            self.codes.add(BROKEN)
            name = str(receipt.task_id)
            self._trouble(name, f"task {name} is completed, and names no result")
        with ExitStack() as stack:
            web = stack.enter_context(self._web()) if task.urls else None
            for number, url in enumerate(task.urls, 1):
                to = target(self._options.download, str(receipt.task_id), number)
                to = Path(os.path.abspath(to))  # noqa: PTH100  `..` is taken out: one name a file
                if str(to) in receipt.files and to.is_file():
                    continue  # fetched before
                assert web is not None
                try:
                    download(url, to, web=web)
                except DownloadFailed as failed:
                    self.codes.add(BROKEN)
                    self._trouble(
                        str(receipt.task_id),
                        f"task {receipt.task_id}: {failed}{_until(task)}. It is "
                        f"done and paid; fetch it with `motion-preflight tasks wait "
                        f"{in_command(receipt)} --download DIR`",
                    )
                    continue
                if receipt.intent:
                    try:
                        self._ledger.add_file(receipt.intent, to)
                    except LedgerUnusable as error:
                        self._unwritten(error)
                if str(to) not in receipt.files:
                    receipt = replace(receipt, files=(*receipt.files, str(to)))
                self.receipts[str(receipt.task_id)] = receipt

    def _web(self) -> Web:
        from motion_preflight.source.web import Web  # noqa: PLC0415

        bar = Bar(sys.stderr)
        private = self._options.allow_private or self._api.here
        return Web(timeout=self._options.timeout or 10.0, allow_private=private, progress=bar)


def _until(task: Task) -> str:
    """When the links of the result end, as far as it is known."""
    if task.expires_at is None:
        return ""
    end = dt.datetime.fromtimestamp(task.expires_at, dt.UTC)
    word = "ended" if end <= dt.datetime.now(dt.UTC) else "end"
    return f" (its links {word} at {end:%Y-%m-%d %H:%M} UTC)"


def look_once(api: Api, task_id: str) -> str | None:
    """Why the provider does not know a task, `None` when it does or cannot be asked."""
    try:
        api.task(task_id)
    except CallFailed as failed:
        return str(failed) if failed.status == 404 else None
    return None
