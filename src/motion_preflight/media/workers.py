"""The two ways to measure many media: threads of this process, or an executor over other
processes.
"""

from __future__ import annotations

import os
import threading
import time
from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from motion_preflight.errors import PreflightError
from motion_preflight.media.facts import Unmeasured
from motion_preflight.media.measure import AT_ONCE
from motion_preflight.media.measurements import measured_or_lost
from motion_preflight.media.prober import Prober
from motion_preflight.network.errors import Reason
from motion_preflight.text.locations import is_url

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor
    from contextlib import AbstractContextManager
    from typing import Self

    from motion_preflight.media.cache import Medium
    from motion_preflight.media.facts import Measured
    from motion_preflight.provider.profile import Profile

CHUNK = 16  # media that are sent to an executor in one call
HOST_JOBS = 8  # media that are fetched from one host at a time, over one connection each


@dataclass(frozen=True, slots=True)
class Options:
    """How media are measured. The options are sent to other machines too."""

    profile: Profile
    timeout: float
    allow_private: bool
    ffprobe: str | None
    scan: bool


class LocalWorkers:
    """Measures in threads of this process: some read files, others wait for hosts."""

    chunk = 1

    def __init__(self, options: Options, jobs: int | None = None) -> None:
        self._scan = options.scan
        self._prober = Prober(
            options.profile,
            timeout=options.timeout,
            allow_private=options.allow_private,
            ffprobe=options.ffprobe,
        )
        self._slots = threading.Semaphore(jobs) if jobs else nullcontext()
        # More threads than processors: one that starts an ffprobe, or waits for it, uses none.
        self._files = ThreadPoolExecutor(jobs or 3 * _processors(), "file")
        # While some media are probed, as many others are fetched.
        self._urls = ThreadPoolExecutor(jobs or 2 * HOST_JOBS, "host")
        self._hosts: defaultdict[str, threading.Semaphore] = defaultdict(
            lambda: threading.Semaphore(HOST_JOBS)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Ends the workers and aborts what they are measuring: whoever leaves early needs no more
        results.
        """
        for pool in (self._files, self._urls):
            pool.shutdown(wait=False, cancel_futures=True)
        self._prober.abort()
        while self._prober.at_work:
            time.sleep(0.05)
            self._prober.abort()
        for pool in (self._files, self._urls):
            pool.shutdown(wait=True)
        self._prober.__exit__()

    def submit(self, media: Sequence[Medium]) -> Future[list[Measured]]:
        """Begins to measure one medium, in the thread pool of files or in that of URLs."""
        (medium,) = media
        url = is_url(medium.location)
        pool = self._urls if url else self._files
        host_slot = self._hosts[_host(medium.location)] if url else AT_ONCE
        try:
            return pool.submit(self._measured, medium, host_slot)
        except RuntimeError:  # the machine has no thread left
            done: Future[list[Measured]] = Future()
            done.set_result(self._measured(medium, host_slot))
            return done

    def _measured(
        self, medium: Medium, host_slot: AbstractContextManager[object]
    ) -> list[Measured]:
        scan = self._scan and medium.kind != "image"
        place, kind, folder = medium.location, medium.kind, medium.folder
        with self._slots:
            return [self._prober.one(place, kind, folder=folder, scan=scan, host_slot=host_slot)]


class ExecutorWorkers:
    """Has media measured by an executor, several in one call."""

    chunk = CHUNK

    def __init__(self, executor: Executor, options: Options) -> None:
        self._executor = executor
        self._options = options

    def submit(self, media: Sequence[Medium]) -> Future[list[Measured]]:
        """Begins to measure these media in one of the executor's processes."""
        return self._executor.submit(measured_there, list(media), self._options)


def measured_there(media: Sequence[Medium], options: Options) -> list[Measured]:
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
