"""Whether a request was sent before: what it is known by, and what the ledger says of its like."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from motion_preflight.api import CallFailed
from motion_preflight.errors import Because, NotSent
from motion_preflight.identity import identity, link_key, path_key
from motion_preflight.receipt import Receipt, State, described
from motion_preflight.source.local import path_of
from motion_preflight.source.location import is_url
from motion_preflight.submission.fingerprint import Fingerprint, FingerprintSet, MediaKeys
from motion_preflight.submission.image_upload import picture_of
from motion_preflight.tasks import believed, record

if TYPE_CHECKING:
    from pathlib import Path

    from motion_preflight.api import Api
    from motion_preflight.ledger import Ledger
    from motion_preflight.report import ClearedRequest, Report
    from motion_preflight.submission.image_upload import ImageUpload

TWICE = (
    "the same request (its fields and the content of its media) stands twice in this run; --again "
    "sends it twice"
)


class DuplicateGuard:
    """What must not be sent because a request like it is done or not over, or stood before it in
    the run. Without an `api` nothing is asked, and what may be over by now counts as under way.
    """

    def __init__(self, ledger: Ledger, origin: str, *, again: bool, api: Api | None) -> None:
        self._ledger = ledger
        self._origin = origin
        self._again = again
        self._api = api
        self._seen = FingerprintSet()
        self._polled: set[str] = set()

    def refuse(self, cleared: ClearedRequest, picture: ImageUpload | None) -> Fingerprint:
        """What a request is known by that may be sent. Raises `NotSent` for the others; one that is
        under way is looked at first.
        """
        fingerprint = fingerprint_of(self._origin, cleared.report, picture)
        if self._again:
            return fingerprint
        twice = fingerprint in self._seen
        self._seen.add(fingerprint)  # also what is refused: its twin must not pass when it is over
        other = self._standing(fingerprint, poll=not twice)
        if other and other.state is State.COMPLETED:
            raise NotSent(f"it is done already ({described(other)})", other, Because.DONE)
        if twice:
            raise NotSent(TWICE, None, Because.IDENTICAL)
        if other:
            raise NotSent(_identical_text(other), other, Because.IDENTICAL)
        return fingerprint

    def done(self, report: Report) -> Receipt | None:
        """The receipt of the identical request that is completed, as one that is `already_done`;
        `None` where there is none, and where another is to be paid (`again`).
        """
        if self._again:
            return None
        try:
            fingerprint = fingerprint_of(self._origin, report, picture_of(report))
        except NotSent:  # the picture is not what was checked
            return None
        except (TypeError, ValueError, RecursionError):  # no body that could have been sent
            return None
        other = self._standing(fingerprint, poll=True)
        completed = other is not None and other.state is State.COMPLETED
        return replace(other, already_done=True) if other and completed else None

    def before(self, fingerprint: Fingerprint) -> Receipt | None:
        """The latest one like it that was taken and is over: this one will be paid anew."""
        return self._ledger.finished(fingerprint)

    def _standing(self, fingerprint: Fingerprint, *, poll: bool) -> Receipt | None:
        """The identical request that is done or not over. A task is asked for once at most."""
        other = self._ledger.standing(fingerprint)
        task_id = other.task_id if other and other.state is State.SUBMITTED else None
        if not (self._api and other and task_id and poll) or task_id in self._polled:
            return other
        self._polled.add(task_id)
        with suppress(CallFailed):  # that would say nothing about the task
            record(self._ledger, other, believed(self._api, task_id))
        return self._ledger.standing(fingerprint)


def fingerprint_of(origin: str, report: Report, picture: ImageUpload | None) -> Fingerprint:
    """What the request of a report is known by; `picture` is its local picture, where it was read.
    Raises what `json.dumps` raises for a body that is no JSON.
    """
    folder = report.conditions.folder
    return Fingerprint(
        identity(origin, report.body),
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
    return path_key(os.path.abspath(path_of(location, folder)))  # noqa: PTH100  `..` is taken out


def _identical_text(other: Receipt) -> str:
    """Why a request is not sent while another one like it is not over, and what to do."""
    command = f"`motion-preflight tasks {'wait' if other.task_id else 'show'} {other.intent}`"
    hint = f"look at it again in a while with {command}"
    if other.task_id:
        hint = f"wait for that with {command}"
    if other.state is State.UNKNOWN:
        hint = f"settle that first: {command} says how"
    return (
        f"an identical request is not over ({described(other)}); {hint}, or send this one with "
        "--again"
    )
