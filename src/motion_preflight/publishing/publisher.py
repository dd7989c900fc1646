"""Publishes local files one after the other: hash → is it there? → upload → link → proof.

Each step is written down in the ledger before or after it, so that it is known after any crash what
may lie at the destination.
"""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from typing import TYPE_CHECKING

from motion_preflight import interruption
from motion_preflight.publishing.content import read_content
from motion_preflight.publishing.errors import LinkNotProved, PublishError, StoreRefused
from motion_preflight.publishing.options import LIFE
from motion_preflight.publishing.proof import ensure_reachable, prove_link
from motion_preflight.publishing.published import Published
from motion_preflight.publishing.removal import remove
from motion_preflight.submission.publication import Publication, PublicationState
from motion_preflight.text.lazy_dataclass import dataclass, replace
from motion_preflight.text.links.expiry import link_validity
from motion_preflight.text.locations import printable, redacted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from motion_preflight.media.facts import MediaFacts
    from motion_preflight.network.client import Web
    from motion_preflight.publishing.content import FileContent
    from motion_preflight.publishing.published import Unpublished
    from motion_preflight.publishing.store import Link, Store
    from motion_preflight.submission.ledger.publications import Publications

_ROUND, _ROUNDS = 0.5, 60  # seconds and number of waits for another run that removes the same file


@dataclass(slots=True)
class _Attempt:
    """How far the publication of a file came."""

    sent: bool = False  # its first byte may have left


class Publisher:
    """Publishes the files of one run to one destination. For use in one thread.

    expires  how long links shall last
    url      where the published files are served from; `None`: the store's own address
    watch    called with the part of a file that is done, 0 to 1, while it is read and sent
    """

    def __init__(
        self,
        store: Store,
        records: Publications,
        web: Web,
        *,
        expires: dt.timedelta = LIFE,
        url: str | None = None,
        watch: Callable[[float], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._records = records
        self._web = web
        self._expires = expires
        self._url = url or store.address
        self._watch = watch
        self._done: dict[tuple[str, str], tuple[Published, Publication]] = {}

    @property
    def destination(self) -> str:
        """Where the files go, as the user wrote it."""
        return self._store.destination.text

    def publish(self, facts: MediaFacts, folder: Path | None = None) -> Published:
        """Publishes a local file that was checked, and proves its link; one that this run has
        published already is not touched again. `folder` is where its relative path starts.

        Raises `PublishError` (`StoreRefused`, `StoreUnreachable`, `LinkNotProved`, `FileChanged`)
        and `LedgerUnusable`. Whatever is raised, what this call uploaded is taken away again, or
        stays in the ledger when it cannot be.
        """
        content = read_content(facts, folder)
        key = content.name, content.version
        if key not in self._done:
            self._done[key] = self._publish(content, facts.location)
        return self._done[key][0]

    def take_back(self, is_needed: Callable[[Publication], bool]) -> list[Unpublished]:
        """Takes away what this run uploaded and nothing needs, and returns what came of it. A file
        that another run has published since stays.
        """
        results = []
        for published, publication in self._done.values():
            if published.uploaded and not is_needed(publication):
                results.append(remove(publication, self._store, self._records, own=True))
        return results

    def _publish(self, content: FileContent, source: str) -> tuple[Published, Publication]:
        ensure_reachable(self._url, self._web)
        row = self._claim(content, source)
        attempt = _Attempt()
        try:
            link = self._proved_upload(content, attempt)
            row = self._records.publish(row, link.url, link.expires)
        except PublishError as error:
            with interruption.set_aside():
                left = self._clean_up(row, attempt, refused=isinstance(error, StoreRefused))
            interruption.check()  # a transfer that it has ended fails like any other
            if left is None:
                raise
            raise type(error)(f"{error}; {left}") from None
        except BaseException:
            with interruption.set_aside(), suppress(PublishError):
                self._clean_up(row, attempt, refused=False)
            raise
        published = Published(
            source=source,
            destination=self.destination,
            link=link.url,
            expires=link.expires,
            note=link.note,
            name=content.name,
            size=content.size,
            uploaded=attempt.sent,
        )
        return published, row

    def _proved_upload(self, content: FileContent, attempt: _Attempt) -> Link:
        """The proved link of a file, which is sent unless it is there already and whole."""
        if self._is_there(content):
            try:
                return self._proved(content)
            except LinkNotProved as error:
                if not error.is_other:
                    raise
                # What lies there under this name is damaged: it is replaced.
        attempt.sent = True
        self._send(content)
        return self._proved(content)

    def _clean_up(self, row: Publication, attempt: _Attempt, *, refused: bool) -> str | None:
        """Takes away what this run sent, and forgets the row of a file of which nothing was sent.
        Returns what to do about a file that may be left; `None` when none is.
        """
        if not attempt.sent or (refused and not self._is_listed(row)):
            self._records.end_removal(row, removed=row.is_new)
            return None
        result = remove(row, self._store, self._records, own=True)
        if result.error is None:
            return None
        name = printable(f"{row.destination}/{row.name}")
        return f"{name} may still be there ({result.error}): unpublish it"

    def _is_listed(self, row: Publication) -> bool:
        """Whether a store that refused the file lists it all the same."""
        try:
            return self._store.find(row.name) is not None
        except PublishError:
            return False

    def _claim(self, content: FileContent, source: str) -> Publication:
        """The row of a file, which is on the disk when this returns."""
        now = dt.datetime.now(dt.UTC)
        wanted = Publication(
            destination=self.destination,
            address=redacted(self._store.address),
            name=content.name,
            state=PublicationState.UPLOADING,
            created=now,
            updated=now,
            source=source,
            size=content.size,
            sha256=content.sha256,
            content_type=content.content_type,
        )
        for _ in range(_ROUNDS):
            row = self._records.claim(wanted)
            if row is not None:
                return row
            interruption.sleep(_ROUND)
        raise PublishError(
            f"another run is taking {content.name} away from {self.destination} right now: "
            "publish it again when that is over"
        )

    def _is_there(self, content: FileContent) -> bool:
        """Whether the destination has the file already, whoever sent it."""
        stored = self._store.find(content.name)
        return (
            stored is not None
            and stored.size == content.size
            and stored.content_type in {None, content.content_type}
        )

    def _send(self, content: FileContent) -> None:
        sent = 0

        def progress(count: int) -> None:
            nonlocal sent
            sent += count
            self._watch(min(1.0, sent / max(1, content.size)))

        content.ensure_same()
        self._store.put(
            content.name,
            content.path,
            size=content.size,
            content_type=content.content_type,
            progress=progress,
        )
        content.ensure_same()

    def _proved(self, content: FileContent) -> Link:
        """A link to the file that was fetched, with the earliest end that is known of it."""
        link = self._store.link(content.name, self._expires)
        prove_link(link.url, content, self._web)
        stated = link_validity(link.url)
        ends = [end for end in (link.expires, stated and stated.end) if end]
        return replace(link, expires=min(ends, default=None))
