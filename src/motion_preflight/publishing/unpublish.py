"""`unpublish`: chooses published files of the ledger, and takes them away again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from os import PathLike
from pathlib import Path
from typing import NamedTuple

from motion_preflight import interruption
from motion_preflight.media.options import TIMEOUT
from motion_preflight.network.client import TransferStats, Web
from motion_preflight.network.errors import MediaUnavailable
from motion_preflight.publishing.errors import PublishError
from motion_preflight.publishing.options import PublishOptions, store_of
from motion_preflight.publishing.published import Unpublished
from motion_preflight.publishing.removal import remove, unpublished
from motion_preflight.publishing.store import Store
from motion_preflight.settings import load_settings, state_folder
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.ledger.publications import Publications
from motion_preflight.submission.publication import Publication, link_without_query
from motion_preflight.submission.receipt import FINAL, Receipt
from motion_preflight.text.lazy_dataclass import replace
from motion_preflight.text.locations import is_url
from motion_preflight.text.option_values import ensure_flag, ensure_seconds, ensure_timedelta

_NOT_KNOWN = "the ledger knows no such published file"


class _Choice(NamedTuple):
    """A file that is to go, or the reason why it stays."""

    row: Publication | None
    link: str = ""  # as the caller named it; empty: it was chosen by its age or its tasks
    error: str | None = None


def unpublish(
    links: Sequence[str] = (),
    *,
    older_than: dt.timedelta | None = None,
    finished: bool = False,
    forget: bool = False,
    timeout: float = TIMEOUT,
    allow_private: bool = False,
    ledger_folder: str | PathLike[str] | None = None,
) -> list[Unpublished]:
    """Takes published files away again, and returns what came of each. A file that a task may still
    fetch goes only when its link is named.

    links          what `publish` gave, with or without signatures
    older_than     also what was published longer ago than this; `None`: nothing
    finished       also what was used only by tasks that are over
    forget         take them out of the ledger alone, because they were removed by hand
    timeout        seconds to connect, and of any silence, when a link is fetched to see that it
                   gives nothing any more
    allow_private  fetch links of private networks, too
    ledger_folder  `None`: `MOTION_PREFLIGHT_STATE`, else the user's state folder

    Raises `SettingsInvalid` and `LedgerUnusable`; `TypeError` and `ValueError` for options that
    cannot be meant.
    """
    if isinstance(links, str):
        raise TypeError("links must be several links, such as a list of one")
    if older_than is not None:
        ensure_timedelta("older_than", older_than)
    ensure_flag("finished", finished)
    ensure_flag("forget", forget)
    ensure_flag("allow_private", allow_private)
    ensure_seconds("timeout", timeout)
    with ExitStack() as stack:
        folder = state_folder() if ledger_folder is None else Path(ledger_folder)
        ledger = stack.enter_context(Ledger(folder))
        records = Publications(ledger)
        web = stack.enter_context(Web(timeout=timeout, allow_private=allow_private))
        stack.enter_context(interruption.ended_by(web.abort))
        remover = _Remover(records, web, stack, forget=forget)
        choices = _choices(links, records.all(), ledger.rows(), older_than, finished=finished)
        return [remover.result(choice) for choice in choices]


def _choices(
    links: Sequence[str],
    rows: Sequence[Publication],
    receipts: Sequence[Receipt],
    older_than: dt.timedelta | None,
    *,
    finished: bool,
) -> Iterator[_Choice]:
    """What is to go: the named ones first."""
    chosen = set()
    for link in links:
        named = [row for row in rows if link_without_query(link) in _names(row)]
        chosen |= set(named)
        yield from [_Choice(row, link) for row in named] or [_Choice(None, link, _NOT_KNOWN)]
    now = dt.datetime.now(dt.UTC)
    for row in rows:
        users = [receipt for receipt in receipts if row.is_in(receipt.body)]
        running = [receipt for receipt in users if receipt.state not in FINAL]
        old = older_than is not None and now - row.updated > older_than
        if row in chosen or not (old or (finished and users and not running)):
            continue
        if running:
            tasks = ", ".join(f"{one.task_id or one.intent} ({one.state})" for one in running[:3])
            yield _Choice(
                row, "", f"a task may still fetch it: {tasks}; name its link to remove it"
            )
        else:
            yield _Choice(row)


def _names(row: Publication) -> set[str | None]:
    return {row.link, row.name, f"{row.destination}/{row.name}"}


class _Remover:
    """Removes files from the stores that they were published to, each store opened once."""

    def __init__(self, records: Publications, web: Web, stack: ExitStack, *, forget: bool) -> None:
        self._records = records
        self._forget = forget
        self._web = web
        self._stack = stack
        self._settings = load_settings()
        self._stores: dict[str, Store] = {}

    def result(self, choice: _Choice) -> Unpublished:
        """What came of one choice."""
        interruption.check()
        if choice.row is None:
            return Unpublished(link_without_query(choice.link), "", "", choice.error)
        if choice.error is not None:
            return unpublished(choice.row, choice.error)
        if self._forget:
            self._records.begin_removal(choice.row)
            self._records.end_removal(choice.row, removed=True)
            return unpublished(choice.row, None)
        try:
            result = remove(choice.row, self._store(choice.row), self._records)
        except PublishError as error:  # no credentials, or a destination that is none any more
            return unpublished(choice.row, str(error))
        # Without its signature a link of the ledger gives nothing, unless everybody can read there.
        link = choice.link if is_url(choice.link) else choice.row.link
        if result.error is None and link and self._answers(link):
            text = "it is removed from the store, but the link still gives something: a cache?"
            return replace(result, error=text)
        return result

    def _store(self, row: Publication) -> Store:
        if row.destination not in self._stores:
            options = PublishOptions(to=row.destination).with_settings(self._settings)
            store = store_of(options, self._settings)
            self._stack.callback(store.close)
            self._stores[row.destination] = store
        return self._stores[row.destination]

    def _answers(self, link: str) -> bool:
        """Whether a link still gives a file; False also when it cannot be fetched from here."""
        try:
            headers = {"Range": "bytes=0-0"}
            answer = self._web.get(link, headers=headers, size=1, tally=TransferStats())
        except MediaUnavailable:
            return False
        answer.close()
        return answer.status in {200, 206}
