"""Who measures many media: threads of this process, or an executor over other processes."""

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
from motion_preflight.facts import Reason, Unmeasured
from motion_preflight.instruments import Instruments
from motion_preflight.measure import AT_ONCE
from motion_preflight.source.location import is_url

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Executor
    from contextlib import AbstractContextManager
    from typing import Self

    from motion_preflight.facts import Measured
    from motion_preflight.memo import Medium
    from motion_preflight.profile import Profile

CHUNK = 16  # media that go to an executor in one piece
HOST_JOBS = 8  # media that are fetched of one host at a time: each takes one connection


@dataclass(frozen=True, slots=True)
class Options:
    """How media are measured; it goes to other machines too."""

    profile: Profile
    timeout: float
    allow_private: bool
    ffprobe: str | None
    scan: bool


class Threads:
    """Measures in threads here: files on the processors, hosts while others are waited for."""

    chunk = 1

    def __init__(self, options: Options, jobs: int | None = None) -> None:
        self._scan = options.scan
        self._instruments = Instruments(
            options.profile,
            timeout=options.timeout,
            allow_private=options.allow_private,
            ffprobe=options.ffprobe,
        )
        self._slots = threading.Semaphore(jobs) if jobs else nullcontext()
        # starting an ffprobe and waiting for it leaves a processor idle now and then
        self._files = ThreadPoolExecutor(jobs or 3 * _processors(), "file")
        # while some are probed, as many others are fetched
        self._urls = ThreadPoolExecutor(jobs or 2 * HOST_JOBS, "host")
        self._hosts: defaultdict[str, threading.Semaphore] = defaultdict(
            lambda: threading.Semaphore(HOST_JOBS)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Ends it, also what is under way: whoever leaves early wants no more."""
        for pool in (self._files, self._urls):
            pool.shutdown(wait=False, cancel_futures=True)
        self._instruments.abort()
        while self._instruments.at_work:
            time.sleep(0.05)
            self._instruments.abort()
        for pool in (self._files, self._urls):
            pool.shutdown(wait=True)
        self._instruments.__exit__()

    def submit(self, media: Sequence[Medium]) -> Future[list[Measured]]:
        (medium,) = media
        url = is_url(medium.location)
        pool = self._urls if url else self._files
        turn = self._hosts[_host(medium.location)] if url else AT_ONCE
        try:
            return pool.submit(self._measured, medium, turn)
        except RuntimeError:  # the machine has no thread left
            done: Future[list[Measured]] = Future()
            done.set_result(self._measured(medium, turn))
            return done

    def _measured(self, medium: Medium, turn: AbstractContextManager[object]) -> list[Measured]:
        scan = self._scan and medium.kind != "image"
        place, kind, folder = medium.location, medium.kind, medium.folder
        with self._slots:
            return [self._instruments.one(place, kind, folder=folder, scan=scan, turn=turn)]


class Crew:
    """Has media measured by an executor, a piece of them at a time."""

    chunk = CHUNK

    def __init__(self, executor: Executor, options: Options) -> None:
        self._executor = executor
        self._options = options

    def submit(self, media: Sequence[Medium]) -> Future[list[Measured]]:
        return self._executor.submit(measured_there, list(media), self._options)


def measured_there(media: Sequence[Medium], options: Options) -> list[Measured]:
    """What an executor's worker does: a piece of media, measured by threads there."""
    try:
        with Threads(options) as threads:
            futures = [threads.submit([each]) for each in media]
            return [_result(each, future) for each, future in zip(media, futures, strict=True)]
    except PreflightError as error:  # one machine without an ffprobe must not end all
        return [Unmeasured(each.location, Reason.UNSUPPORTED, str(error)) for each in media]


def _result(medium: Medium, future: Future[list[Measured]]) -> Measured:
    try:
        return future.result()[0]
    except PreflightError:
        raise
    except Exception as error:  # noqa: BLE001  one of them must not take the others with it
        return lost(medium, error)


def lost(medium: Medium, error: Exception) -> Unmeasured:
    text = f"its measurement was lost ({type(error).__name__}); check it again"
    return Unmeasured(medium.location, Reason.UNSUPPORTED, text)


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.rpartition("@")[2].lower()
    except ValueError:
        return ""


def _processors() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
