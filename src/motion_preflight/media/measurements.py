"""The media that are wanted, and their measurements: one medium is measured once a run."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Protocol

from motion_preflight import interruption
from motion_preflight.errors import PreflightError
from motion_preflight.media.cache import FactsCache
from motion_preflight.media.facts import Kind, Measured, Unmeasured
from motion_preflight.media.medium import CachedFacts, Medium
from motion_preflight.media.source.local import is_relative
from motion_preflight.media.thread_pool import Job
from motion_preflight.network.errors import Reason
from motion_preflight.text.locations import is_url

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_ROUND = 0.2  # seconds that a thread waits for a future at a time


class Result(Protocol):
    """The measurements of one call, which may be still to come: a `Job`, or a `Future` of an
    executor.
    """

    def done(self) -> bool:
        """Whether the call has ended."""
        ...

    def result(self, timeout: float | None = None) -> list[Measured]:
        """The measurements, in the order of the media. Raises the error of the call, and
        `TimeoutError` when it has not ended after so many seconds.
        """
        ...

    def cancel(self) -> bool:
        """Takes back a call that was not begun, if that is possible."""
        ...


class Workers(Protocol):
    """Something that measures media, so many in one call."""

    @property
    def chunk(self) -> int:
        """How many media one call of `submit` should have."""
        ...

    def submit(self, media: Sequence[Medium]) -> Result:
        """Begins to measure these media; the results come in the same order."""
        ...


class Measurements:
    """Collects wanted media, has workers measure them, and keeps the results. For use in one
    thread.
    """

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._cache = FactsCache()
        self._running: dict[Medium, tuple[Result, int]] = {}
        self._sent: dict[Medium, dt.datetime] = {}  # when each running one was sent
        self._pending: list[Medium] = []

    def want(self, location: str, kind: Kind | None, folder: Path | None = None) -> Medium:
        """Has a medium measured, unless it was measured before or is being measured. `kind` is what
        it should be, `None` for any kind; `folder` is where a relative path starts.
        """
        relative = not is_url(location) and is_relative(location)
        medium = Medium(location, kind, folder if relative else None)
        if medium not in self._running and medium not in self._pending:
            if self._cache.get(medium) is None:
                self._pending.append(medium)
            if len(self._pending) >= self._workers.chunk:
                self._send()
        return medium

    def is_known(self, medium: Medium) -> bool:
        """Whether `get` would return without waiting."""
        if medium in self._running:
            return self._running[medium][0].done()
        return self._cache.get(medium) is not None

    def get(self, medium: Medium) -> CachedFacts:
        """The measurement of a medium that was wanted before, and its time, which is that of
        sending it to a worker. Raises `FfprobeMissing`, which would be the same for all media.
        """
        cached = self._cache.get(medium)
        if cached is None:
            if medium not in self._running:
                self._send()
            future, index = self._running[medium]
            cached = measured_or_lost(future, index, medium), self._sent.pop(medium)
            self._cache.put(medium, cached)
            del self._running[medium]
        return cached

    def close(self) -> None:
        """Cancels what was not begun, and drops the measurements."""
        for future, _ in self._running.values():
            future.cancel()
        self._cache.close()

    def _send(self) -> None:
        if self._pending:
            future = _start(self._workers, self._pending)
            self._running |= {medium: (future, at) for at, medium in enumerate(self._pending)}
            self._sent |= dict.fromkeys(self._pending, dt.datetime.now(dt.UTC))
            self._pending = []


def _start(workers: Workers, media: list[Medium]) -> Result:
    """Sends media to the workers. When these accept no more, the result is their error."""
    try:
        return workers.submit(media)
    except Exception as error:  # noqa: BLE001  a worker that died must not stop the others
        return Job.failed(error)


def measure_one(workers: Workers, medium: Medium) -> Measured:
    """Has one medium measured, and waits for it. Raises `PreflightError`."""
    return measured_or_lost(workers.submit([medium]), 0, medium)


def measured_or_lost(future: Result, index: int, medium: Medium) -> Measured:
    """Waits for a future and returns its result at `index`. One whose worker died, or failed with
    an unexpected error, is unmeasured, so that it stops no other. Raises `PreflightError`.
    """
    try:
        return _await(future)[index]
    except PreflightError:
        raise
    except Exception as error:  # noqa: BLE001  as said above
        text = f"its measurement was lost ({type(error).__name__}); check it again"
        return Unmeasured(medium.location, Reason.UNSUPPORTED, text)


def _await(future: Result) -> list[Measured]:
    """Waits for a result in short rounds. A signal that arrives just before a wait begins does not
    end it: Python calls the handler between two rounds.
    """
    while True:
        try:
            return future.result(_ROUND)
        except TimeoutError:  # of the round, or of the measurement itself
            if future.done():
                return future.result()
        finally:
            interruption.check()
