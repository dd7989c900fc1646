"""A pool of threads that measure.

`concurrent.futures` would do, but importing it takes a tenth of the time of a whole check, and its
threads keep a process alive whose user has interrupted it.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

T = TypeVar("T")


class Job(Generic[T]):
    """A call that runs in a thread of a pool; the part of `concurrent.futures.Future` that is
    needed.
    """

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._values: list[T] = []  # one, as soon as there is one
        self._error: BaseException | None = None
        self._done = threading.Event()

    @classmethod
    def failed(cls, error: BaseException) -> Self:
        """A call that has ended with an error."""

        def fail() -> T:
            raise error

        job = cls(fail)
        job.run()
        return job

    def run(self) -> None:
        """Makes the call, in whatever thread this is."""
        try:
            self._values.append(self._call())
        except BaseException as error:  # noqa: BLE001  raised again by `result`
            self._error = error
        finally:
            self._done.set()

    def done(self) -> bool:
        """Whether the call has ended."""
        return self._done.is_set()

    def result(self, timeout: float | None = None) -> T:
        """The value of the call. Raises its error, and `TimeoutError` when it has not ended after
        so many seconds.
        """
        if not self._done.wait(timeout):
            raise TimeoutError
        if self._error:
            raise self._error
        return self._values[0]

    def cancel(self) -> bool:
        """False: no call is taken back alone, `ThreadPool.close` drops all that have not begun."""
        return False

    def drop(self) -> None:
        """Ends a call that has not begun; its result is an error."""
        self._error = RuntimeError("the call was dropped before it began")
        self._done.set()


class ThreadPool(Generic[T]):
    """At most `limit` threads, each of which is started when it is first needed. One thread submits
    the calls.
    """

    def __init__(self, limit: int, name: str) -> None:
        self._limit = limit
        self._name = name
        self._changed = threading.Condition()
        self._waiting: deque[Job[T]] = deque()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._closed = False

    def submit(self, call: Callable[[], T]) -> Job[T]:
        """Has a thread make a call; on a machine that has no thread left, the calling one."""
        job = Job(call)
        with self._changed:
            self._waiting.append(job)
            self._changed.notify()
            needed = self._idle < len(self._waiting) and len(self._threads) < self._limit
        if needed:
            self._start_thread()
        return job

    def join(self, seconds: float) -> bool:
        """Waits for the threads to end, so many seconds for one; False when one is left. After
        `close` they end as soon as their calls do.
        """
        for thread in self._threads:
            try:
                thread.join(seconds)
            except RuntimeError:  # `start` was interrupted, and the thread is about to run
                time.sleep(seconds)
                return False
            if thread.is_alive():
                return False
        return True

    def close(self) -> None:
        """Drops the calls that have not begun, and ends each thread after its present call."""
        with self._changed:
            self._closed = True
            while self._waiting:
                self._waiting.popleft().drop()
            self._changed.notify_all()

    def _start_thread(self) -> None:
        # A daemon, because a read that hangs must not keep an interrupted process alive.
        thread = threading.Thread(target=self._work, name=self._name, daemon=True)
        # It is listed first: an interruption may come while `start` waits for it, and who cleans up
        # must know that it runs.
        self._threads.append(thread)
        try:
            thread.start()
        except RuntimeError:  # the machine has no thread left
            self._threads.remove(thread)
            if not self._threads:
                self._run_here()

    def _run_here(self) -> None:
        while self._waiting:
            self._waiting.popleft().run()

    def _work(self) -> None:
        while (job := self._next()) is not None:
            job.run()

    def _next(self) -> Job[T] | None:
        """The next call to make, waiting for one; `None` when the pool is closed."""
        with self._changed:
            self._idle += 1
            while not self._waiting and not self._closed:
                self._changed.wait()
            self._idle -= 1
            if self._closed:
                return None
            return self._waiting.popleft()
