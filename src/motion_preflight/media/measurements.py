"""Media that are wanted, and what was measured of them: one medium is measured once a run."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import Future
from typing import TYPE_CHECKING, Protocol

from motion_preflight.errors import PreflightError
from motion_preflight.facts import Kind, Measured, Reason, Unmeasured
from motion_preflight.memo import Known, Medium, Memo
from motion_preflight.source.local import is_relative
from motion_preflight.source.location import is_url

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Workers(Protocol):
    """Whoever measures, a piece of so many media at a time."""

    @property
    def chunk(self) -> int: ...

    def submit(self, media: Sequence[Medium]) -> Future[list[Measured]]: ...


class Measurements:
    """What workers measure of the media that are wanted. For one thread."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._memo = Memo()
        self._running: dict[Medium, tuple[Future[list[Measured]], int]] = {}
        self._sent: dict[Medium, dt.datetime] = {}  # of those that are running
        self._pending: list[Medium] = []

    def want(self, location: str, kind: Kind | None, folder: Path | None = None) -> Medium:
        """Has a medium measured unless it was, or is being, measured. `kind` is what it should be,
        `None` when anything is welcome; `folder` is where a relative path starts.
        """
        relative = not is_url(location) and is_relative(location)
        medium = Medium(location, kind, folder if relative else None)
        if medium not in self._running and medium not in self._pending:
            if self._memo.get(medium) is None:
                self._pending.append(medium)
            if len(self._pending) >= self._workers.chunk:
                self._send()
        return medium

    def is_known(self, medium: Medium) -> bool:
        """Whether `get` would not have to wait."""
        if medium in self._running:
            return self._running[medium][0].done()
        return self._memo.get(medium) is not None

    def get(self, medium: Medium) -> Known:
        """What was measured of a medium that was wanted before, and when it was looked at or a
        little before. Raises `FfprobeMissing`, which would be the same for all.
        """
        known = self._memo.get(medium)
        if known is None:
            if medium not in self._running:
                self._send()
            future, index = self._running[medium]
            known = _outcome(future, index, medium), self._sent.pop(medium)
            self._memo.put(medium, known)
            del self._running[medium]
        return known

    def close(self) -> None:
        """Gives up what was not begun, and what was kept."""
        for future, _ in self._running.values():
            future.cancel()
        self._memo.close()

    def _send(self) -> None:
        if self._pending:
            future = _start(self._workers, self._pending)
            self._running |= {medium: (future, at) for at, medium in enumerate(self._pending)}
            self._sent |= dict.fromkeys(self._pending, dt.datetime.now(dt.UTC))
            self._pending = []


def _start(workers: Workers, media: list[Medium]) -> Future[list[Measured]]:
    """Media on their way; workers that take none any more give a future that says so."""
    try:
        return workers.submit(media)
    except Exception as error:  # noqa: BLE001  an executor may break down in the middle
        future: Future[list[Measured]] = Future()
        future.set_exception(error)
        return future


def _outcome(future: Future[list[Measured]], index: int, medium: Medium) -> Measured:
    try:
        return future.result()[index]
    except PreflightError:
        raise
    except Exception as error:  # noqa: BLE001  a worker that died must not stop the others
        text = f"its measurement was lost ({type(error).__name__}); check it again"
        return Unmeasured(medium.location, Reason.UNSUPPORTED, text)
