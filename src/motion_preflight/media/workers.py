"""The two ways to measure many media: threads of this process, or an executor over other
processes.
"""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from motion_preflight import interruption
from motion_preflight.errors import PreflightError
from motion_preflight.media.facts import Measured, Unmeasured
from motion_preflight.media.filmstrip import MOST_CLIPS
from motion_preflight.media.measure import AT_ONCE
from motion_preflight.media.measurements import Result, measured_or_lost
from motion_preflight.media.prober import Prober
from motion_preflight.media.thread_pool import ThreadPool
from motion_preflight.network.errors import Reason
from motion_preflight.text.lazy_dataclass import replace
from motion_preflight.text.locations import is_url

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from typing import Self

    from motion_preflight.media.medium import Medium
    from motion_preflight.media.options import ProbeOptions
    from motion_preflight.media.thread_pool import Job
    from motion_preflight.network.transfer import Progress

CHUNK = 16  # media that are sent to an executor in one call
HOST_JOBS = 8  # media that are fetched from one host at a time, over one connection each
_TIDY = 5.0  # seconds that aborted measurements have to end
_MOMENT = 0.05  # seconds between two attempts to abort them


class LocalWorkers:
    """Measures in threads of this process: some read files, others wait for hosts.

    jobs      media to measure at a time; `None`: 16 from hosts, and three files per processor
    progress  called with the bytes read and the size (`None`: not known) of a whole file

    Raises `FfprobeMissing` when there is no ffprobe.
    """

    chunk = 1

    def __init__(
        self, options: ProbeOptions, jobs: int | None = None, progress: Progress | None = None
    ) -> None:
        self._prober = Prober(options, progress)
        self._stack = ExitStack()
        self._slots = threading.Semaphore(jobs) if jobs else nullcontext()
        # More threads than processors: one that starts an ffprobe, or waits for it, uses none.
        self._files = ThreadPool[list[Measured]](jobs or 3 * _processors(), "file")
        # While some media are probed, as many others are fetched.
        self._urls = ThreadPool[list[Measured]](jobs or 2 * HOST_JOBS, "host")
        self._hosts: defaultdict[str, threading.Semaphore] = defaultdict(
            lambda: threading.Semaphore(HOST_JOBS)
        )

    def __enter__(self) -> Self:
        self._stack.enter_context(interruption.ended_by(self._prober.abort))
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the workers and aborts what they are measuring: whoever leaves early needs no more
        results.
        """
        pools, until = (self._files, self._urls), time.monotonic() + _TIDY
        for pool in pools:
            pool.close()
        self._prober.abort()
        while not all(pool.join(_MOMENT) for pool in pools) and time.monotonic() < until:
            self._prober.abort()
        self._stack.close()
        self._prober.__exit__()

    def abort(self) -> None:
        """Ends what is being measured now; a measurement that begins later is not affected."""
        self._prober.abort()

    def submit(self, media: Sequence[Medium]) -> Job[list[Measured]]:
        """Begins to measure one medium, in a thread for files or in one for URLs."""
        (medium,) = media
        if is_url(medium.location):
            host_slot = self._hosts[_host(medium.location)]
            return self._urls.submit(partial(self._measured, medium, host_slot))
        return self._files.submit(partial(self._measured, medium, AT_ONCE))

    def is_version(self, medium: Medium, earlier: str) -> bool:
        """Whether a medium still has the version `earlier`; False also when it cannot be
        read now.
        """
        return self._prober.is_version(medium.location, medium.kind, earlier, folder=medium.folder)

    def _measured(
        self, medium: Medium, host_slot: AbstractContextManager[object]
    ) -> list[Measured]:
        place, kind, folder = medium.location, medium.kind, medium.folder
        with self._slots:
            return [self._prober.one(place, kind, folder=folder, host_slot=host_slot)]


class Executor(Protocol):
    """What a `concurrent.futures.Executor` does. Importing that takes longer than a probe."""

    def submit(self, function: Callable[..., list[Measured]], /, *arguments: Any) -> Result:  # noqa: ANN401  the function's
        """Begins a call in one of its processes."""
        ...


class ExecutorWorkers:
    """Has media measured by an executor, several in one call."""

    chunk = CHUNK

    def __init__(self, executor: Executor, options: ProbeOptions) -> None:
        self._executor = executor
        self._options = options
        self._sent = 0

    def submit(self, media: Sequence[Medium]) -> Result:
        """Begins to measure these media in one of the executor's processes. Each of these takes
        pictures of as many as a run may have, so that the first calls alone ask for any.
        """
        frames = self._options.frames and self._sent < MOST_CLIPS
        self._sent += len(media)
        options = replace(self._options, frames=frames)
        return self._executor.submit(measured_there, list(media), options)


def measured_there(media: Sequence[Medium], options: ProbeOptions) -> list[Measured]:
    """Measures media in threads of the executor's worker, where this is called."""
    try:
        with LocalWorkers(options) as threads:
            futures = [threads.submit([medium]) for medium in media]
            pairs = zip(media, futures, strict=True)
            return [measured_or_lost(future, 0, medium) for medium, future in pairs]
    except PreflightError as error:  # one machine without an ffprobe must not end all
        return [Unmeasured(medium.location, Reason.UNSUPPORTED, str(error)) for medium in media]


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def _processors() -> int:
    """The number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
