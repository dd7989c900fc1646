"""Fetches the results of completed tasks into files, measures them, and writes a document beside
each.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight.cli.progress import Bar
from motion_preflight.errors import PreflightError
from motion_preflight.formats.json import json_text
from motion_preflight.formats.result import result_document
from motion_preflight.network.client import Web
from motion_preflight.pipeline import probe
from motion_preflight.submission.download import DownloadFailed, download, target
from motion_preflight.submission.errors import LedgerUnusable
from motion_preflight.submission.receipt import in_command
from motion_preflight.submission.result_name import result_names
from motion_preflight.text.lazy_dataclass import replace
from motion_preflight.text.locations import extension
from motion_preflight.text.numbers import AmountRange

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from motion_preflight.provider.client import Api
    from motion_preflight.provider.responses import Task
    from motion_preflight.submission.ledger.ledger import Ledger
    from motion_preflight.submission.receipt import Receipt


class Fetching:
    """The results of one run. `tell` is called with the id of a task and what went wrong with it,
    `unwritten` when the ledger cannot be written.
    """

    def __init__(
        self,
        api: Api,
        ledger: Ledger,
        options: argparse.Namespace,
        *,
        tell: Callable[[str, str], None],
        unwritten: Callable[[LedgerUnusable], None],
    ) -> None:
        self._api = api
        self._ledger = ledger
        self._options = options
        self._tell = tell
        self._unwritten = unwritten

    def fetch(self, receipt: Receipt, task: Task, expiry: str) -> tuple[Receipt, bool]:
        """Downloads every result of a task. Returns the receipt with its files, and whether all
        are here. `expiry` says when the links end, for messages.
        """
        name, whole = str(receipt.task_id), True
        private = self._options.allow_private or self._api.here
        timeout = self._options.timeout or 10.0
        with Web(timeout=timeout, allow_private=private, progress=Bar(sys.stderr)) as web:
            for number, url in enumerate(task.urls, 1):
                to = self._target(receipt, number, url)
                if to is None:
                    continue  # fetched before
                try:
                    download(url, to, web=web)
                except DownloadFailed as failed:
                    whole = False
                    text = (
                        f"task {name}: {failed}{expiry}. It is done and paid; fetch it with "
                        f"`motion-preflight tasks wait {in_command(receipt)} --download DIR`"
                    )
                    self._tell(name, text)
                    continue
                receipt = self._kept(receipt, to)
        return receipt, whole

    def _target(self, receipt: Receipt, number: int, url: str) -> Path | None:
        """The file of a result; `None` when it is here already."""
        folder: Path = self._options.download
        if self._options.output is None:
            names = [target(folder, str(receipt.task_id), number)]
        else:
            pattern = self._options.output
            names = [
                folder / name for name in result_names(pattern, receipt, number, extension(url))
            ]
        paths = [Path(os.path.abspath(name)) for name in names]  # noqa: PTH100  resolves `..`
        for path in paths:
            if str(path) in receipt.files and path.is_file():
                return None
        return next((path for path in paths if not os.path.lexists(path)), paths[-1])

    def _kept(self, receipt: Receipt, file: Path) -> Receipt:
        """The receipt with a file that was fetched, which the ledger then knows, too."""
        seconds = self._length(receipt, file)
        if receipt.intent:
            try:
                self._ledger.add_file(receipt.intent, file, seconds)
            except LedgerUnusable as error:
                self._unwritten(error)
        name = str(file)
        lengths = dict(receipt.lengths) | ({name: seconds} if seconds else {})
        files = tuple(dict.fromkeys([*receipt.files, name]))
        receipt = replace(receipt, files=files, lengths=lengths)
        self._write_document(receipt, file)
        return receipt

    def _length(self, receipt: Receipt, file: Path) -> AmountRange | None:
        """The seconds of a result by its own readings; `None` when it cannot be measured."""
        name = str(receipt.task_id)
        try:
            facts = probe(file)
        except PreflightError as error:
            self._tell(name, f"{file}: its length was not measured ({error})")
            return None
        if facts.truncated:
            self._tell(name, f"{file}: the result is cut short at its host: {facts.truncation}")
            return None
        readings = facts.durations.judged
        return AmountRange(readings.low, readings.high) if readings else None

    def _write_document(self, receipt: Receipt, file: Path) -> None:
        """Writes the document beside a result, unless there is a file of that name."""
        beside = file.with_name(f"{file.name}.json")
        text = f"{json_text(result_document(receipt, file.name))}\n"
        try:
            opened = beside.open("x", encoding="ascii")
        except OSError as error:
            self._tell_unwritten(receipt, beside, error)
            return
        try:
            with opened:
                opened.write(text)
        except OSError as error:  # half a document is worth less than none
            with suppress(OSError):
                beside.unlink()
            self._tell_unwritten(receipt, beside, error)

    def _tell_unwritten(self, receipt: Receipt, beside: Path, error: OSError) -> None:
        text = f"{beside}: request and bill are not written beside it ({error.strerror})"
        self._tell(str(receipt.task_id), text)
