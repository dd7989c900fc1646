"""Keeps identical requests from being paid twice: compares a request with those in the ledger."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from motion_preflight.media.source.local import path_of
from motion_preflight.provider.client import CallFailed
from motion_preflight.provider.state import State
from motion_preflight.submission.errors import NotSent, NotSentReason
from motion_preflight.submission.fingerprint import (
    Fingerprint,
    FingerprintSet,
    MediaKeys,
    link_key,
    path_key,
    request_digest,
)
from motion_preflight.submission.image_upload import picture_of
from motion_preflight.submission.polling import believed, record
from motion_preflight.submission.receipt import Receipt, described
from motion_preflight.text.locations import is_url

if TYPE_CHECKING:
    from pathlib import Path

    from motion_preflight.provider.client import Api
    from motion_preflight.report.clearance import ClearedRequest
    from motion_preflight.report.findings import Report
    from motion_preflight.submission.image_upload import ImageUpload
    from motion_preflight.submission.ledger.ledger import Ledger

TWICE = (
    "the same request (its fields and the content of its media) stands twice in this run; --again "
    "sends it twice"
)


class DuplicateGuard:
    """Refuses requests that are identical to one that is completed, not over yet, or earlier in
    this run. Without an `api` the provider is not asked, and a task that may be over by now counts
    as under way.
    """

    def __init__(self, ledger: Ledger, origin: str, *, again: bool, api: Api | None) -> None:
        self._ledger = ledger
        self._origin = origin
        self._again = again
        self._api = api
        self._seen = FingerprintSet()
        self._polled: set[str] = set()

    def refuse(self, cleared: ClearedRequest, picture: ImageUpload | None) -> Fingerprint:
        """The fingerprint of a request that may be sent. Raises `NotSent` when an identical one is
        in the way; if that one is under way, its task is looked at first.
        """
        fingerprint = fingerprint_of(self._origin, cleared.report, picture)
        if self._again:
            return fingerprint
        twice = fingerprint in self._seen
        # A refused request is added too: its twin must not pass later, when the other one is over.
        self._seen.add(fingerprint)
        other = self._standing(fingerprint, poll=not twice)
        if other and other.state is State.COMPLETED:
            raise NotSent(f"it is done already ({described(other)})", other, NotSentReason.DONE)
        if twice:
            raise NotSent(TWICE, None, NotSentReason.IDENTICAL)
        if other:
            raise NotSent(_identical_text(other), other, NotSentReason.IDENTICAL)
        return fingerprint

    def done(self, report: Report) -> Receipt | None:
        """The receipt of the identical request that is completed, marked `already_done`; `None`
        without one, and where the user wants to pay for another result (`again`).
        """
        if self._again:
            return None
        try:
            fingerprint = fingerprint_of(self._origin, report, picture_of(report))
        except NotSent:  # the picture changed since it was checked
            return None
        except (TypeError, ValueError, RecursionError):  # such a body cannot have been sent
            return None
        other = self._standing(fingerprint, poll=True)
        completed = other is not None and other.state is State.COMPLETED
        return replace(other, already_done=True) if other and completed else None

    def before(self, fingerprint: Fingerprint) -> Receipt | None:
        """The latest identical request that the provider took and that is over; `None` without one.
        Sending this one costs money again.
        """
        return self._ledger.finished(fingerprint)

    def _standing(self, fingerprint: Fingerprint, *, poll: bool) -> Receipt | None:
        """The identical request that is completed or not over. The provider is asked about a task
        only once.
        """
        other = self._ledger.standing(fingerprint)
        task_id = other.task_id if other and other.state is State.SUBMITTED else None
        if not (self._api and other and task_id and poll) or task_id in self._polled:
            return other
        self._polled.add(task_id)
        with suppress(CallFailed):  # a failed call says nothing about the task
            record(self._ledger, other, believed(self._api, task_id))
        return self._ledger.standing(fingerprint)


def fingerprint_of(origin: str, report: Report, picture: ImageUpload | None) -> Fingerprint:
    """The fingerprint of the request of a report; `picture` is its local picture, where it was
    read. Raises what `json.dumps` raises for a body that is no JSON.
    """
    folder = report.conditions.folder
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


def _identical_text(other: Receipt) -> str:
    """Why a request is not sent while an identical one is not over, and what to do."""
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
