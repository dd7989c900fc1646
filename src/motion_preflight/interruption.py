"""Ends the waits of one thread from another one.

Ctrl-C ends whatever the main thread waits for. A call that runs in another thread, as those of
`motion_preflight.asyncio` do, has no such signal: its `Interruption` takes the place of one. What
waits registers how it is ended (`ended_by`), or waits in rounds and looks (`check`). Then
`Interrupted` is raised, and everything is tidied up as after Ctrl-C.

Threads without an `Interruption` notice nothing of all this.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Interrupted(BaseException):
    """The work of this thread was interrupted. As with `KeyboardInterrupt`, `except Exception` does
    not stop it.
    """


class Interruption:
    """The interruption of one call, which may be requested once and by any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requested = threading.Event()
        self._enders: list[Callable[[], None]] = []

    @contextmanager
    def of_this_thread(self) -> Iterator[None]:
        """Makes it that of this thread for the time of the block."""
        _THREAD.interruption = self
        try:
            yield
        finally:
            _THREAD.interruption = None

    def request(self) -> None:
        """Ends what the call waits for, and lets it wait for nothing more."""
        self._requested.set()
        with self._lock:
            enders = self._enders.copy()
        for end in enders:
            end()

    def is_requested(self) -> bool:
        """Whether the call is to end."""
        return self._requested.is_set()

    def wait(self, seconds: float) -> None:
        """Waits until it is requested, so many seconds at most."""
        self._requested.wait(seconds)

    def add(self, end: Callable[[], None]) -> None:
        """Has `end` called when it is requested; at once, when it was before."""
        with self._lock:
            self._enders.append(end)
        if self.is_requested():
            end()

    def remove(self, end: Callable[[], None]) -> None:
        """Undoes `add`."""
        with self._lock:
            self._enders.remove(end)


def check() -> None:
    """Raises `Interrupted` when the work of this thread is to end."""
    interruption = _of_this_thread()
    if interruption and interruption.is_requested():
        raise Interrupted


@contextmanager
def ended_by(end: Callable[[], None]) -> Iterator[None]:
    """Has an interruption of this thread call `end`, from another thread, during the block. What
    the block then returns or raises is for the caller to `check`.
    """
    interruption = _of_this_thread()
    if interruption is None:
        yield
        return
    interruption.add(end)
    try:
        yield
    finally:
        interruption.remove(end)


@contextmanager
def set_aside() -> Iterator[None]:
    """Lets the block tidy up after an interruption: it waits as in a thread without one."""
    interruption = _of_this_thread()
    _THREAD.interruption = None
    try:
        yield
    finally:
        _THREAD.interruption = interruption


def sleep(seconds: float) -> None:
    """Waits for so many seconds. Raises `Interrupted`."""
    interruption = _of_this_thread()
    if interruption is None:
        time.sleep(seconds)
        return
    interruption.wait(seconds)
    check()


def _of_this_thread() -> Interruption | None:
    return getattr(_THREAD, "interruption", None)


_THREAD = threading.local()
