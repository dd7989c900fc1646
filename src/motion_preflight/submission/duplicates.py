"""Keeps identical requests from being paid twice: compares a request with those in the ledger."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.media.source.local import path_of
from motion_preflight.provider.free_answer import CallFailed
from motion_preflight.provider.state import State
from motion_preflight.submission.digests import link_key, path_key, request_digest
from motion_preflight.submission.fingerprint import Fingerprint, FingerprintSet, MediaKeys
from motion_preflight.submission.image_upload import PictureReader
from motion_preflight.submission.polling import believed, record
from motion_preflight.submission.refusal import refusal_for, refusal_of_twin
from motion_preflight.text.lazy_dataclass import replace
from motion_preflight.text.locations import is_url

if TYPE_CHECKING:
    from pathlib import Path

    from motion_preflight.report.findings import Report
    from motion_preflight.submission.image_upload import ImageUpload
    from motion_preflight.submission.ledger.ledger import Ledger
    from motion_preflight.submission.polling import TaskApi
    from motion_preflight.submission.receipt import Receipt


class Look(NamedTuple):
    """What the ledger has about a request."""

    fingerprint: Fingerprint
    other: Receipt | None  # the identical request that is completed or not over

    @property
    def done(self) -> Receipt | None:
        """The receipt of an identical request that is completed; `None` without one."""
        completed = self.other is not None and self.other.state is State.COMPLETED
        return replace(self.other, already_done=True) if self.other and completed else None


class DuplicateGuard:
    """Refuses requests that are identical to one that is completed, not over yet, or earlier in
    this run. Without an `api` the provider is not asked, and a task that may be over by now counts
    as under way.

    A request is looked at once, before the user is asked; what may happen in between is judged in
    the transaction that writes its intent.
    """

    def __init__(self, ledger: Ledger, origin: str, *, again: bool, api: TaskApi | None) -> None:
        self._ledger = ledger
        self._origin = origin
        self._again = again
        self._api = api
        self._pictures = PictureReader()
        self._seen = FingerprintSet()
        self._admitted: set[Fingerprint] = set()  # not sent yet
        self._polled: set[str] = set()

    def look(self, report: Report) -> Look:
        """What is known about a request. If an identical one is under way, its task is looked at
        first; with `again` nothing is in the way. Raises `NotSent` when the picture changed.
        """
        fingerprint = self.fingerprint(report)
        other = None if self._again else self._standing(fingerprint)
        return Look(fingerprint, other)

    def admit(self, look: Look) -> None:
        """Takes note that a request is to be sent. Raises `NotSent` when an identical one is in the
        way.
        """
        twice = not self._again and look.fingerprint in self._seen
        # A refused request is added too: its twin must not pass later, when the other one is over.
        self._seen.add(look.fingerprint)
        if twice and not look.done:
            raise refusal_of_twin()
        if look.other:
            raise refusal_for(look.other)
        self._admitted.add(look.fingerprint)

    def ensure_admitted(self, report: Report) -> None:
        """Admits a request unless that was done before. Raises what `look` and `admit` raise."""
        fingerprint = self.fingerprint(report)
        if fingerprint not in self._admitted:
            # A medium that was measured only now makes another fingerprint of the same request.
            same = next((other for other in self._admitted if other.matches(fingerprint)), None)
            if same is None:
                self.admit(self.look(report))
            fingerprint = same or fingerprint
        self._admitted.discard(fingerprint)

    def picture(self, report: Report) -> ImageUpload | None:
        """The local picture of a request; `None` without one. Raises what `look` raises."""
        return self._pictures.read(report)

    def fingerprint(self, report: Report) -> Fingerprint:
        """The fingerprint of a request. Raises what `look` raises, and what `json.dumps` raises for
        a body that is no JSON.
        """
        return fingerprint_of(self._origin, report, self.picture(report))

    def before(self, fingerprint: Fingerprint) -> Receipt | None:
        """The latest identical request that the provider took and that is over; `None` without one.
        Sending this one costs money again.
        """
        return self._ledger.finished(fingerprint)

    def _standing(self, fingerprint: Fingerprint) -> Receipt | None:
        """The identical request that is completed or not over. The provider is asked about a task
        only once, and never about one of this run.
        """
        other, seen = self._ledger.standing(fingerprint), fingerprint in self._seen
        task_id = other.task_id if other and other.state is State.SUBMITTED else None
        if not (self._api and other and task_id) or task_id in self._polled or seen:
            return other
        self._polled.add(task_id)
        with suppress(CallFailed):  # a failed call says nothing about the task
            record(self._ledger, other, believed(self._api, task_id))
        return self._ledger.standing(fingerprint)


def fingerprint_of(origin: str, report: Report, picture: ImageUpload | None) -> Fingerprint:
    """The fingerprint of the request of a report; `picture` is its local picture, where it was
    read. Raises what `json.dumps` raises for a body that is no JSON.
    """
    folder = report.options.folder
    return Fingerprint(
        request_digest(origin, report.body),
        MediaKeys(
            video_content=report.video.content,
            video_link=_link_key(report.body.get("video_url"), folder),
            image_content=report.image.content,
            image_link=_link_key(report.body.get("image_url"), folder),
            image_sha256=picture.sha256 if picture else None,
        ),
    )


def _link_key(location: object, folder: Path | None) -> str | None:
    if not isinstance(location, str):
        return None
    if is_url(location):
        return link_key(location)
    return path_key(os.path.abspath(path_of(location, folder)))  # noqa: PTH100  resolves `..`
