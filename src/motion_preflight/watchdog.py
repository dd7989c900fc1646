"""Ends a child that takes too long, on behalf of a library that gives no handle to kill it by.

Linux tells the children of each thread. A thread that is about to call such a library has itself
watched, and its child is known by a mark in its environment: it may have others, also those of a
thread that has ended. Elsewhere there is no watching, and something else must bound the child.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROC = "/proc"
MARK = "FFPROBE_GUARD"  # a variable of the environment
_ROUND = 0.2  # seconds between two looks at the clock


@dataclass(slots=True, eq=False)
class Watched:
    """A thread that waits for a child."""

    thread: int  # its number in the system
    until: float  # on the monotonic clock
    mark: str  # what its child has as `MARK`; no other child ever has it

    def children(self) -> frozenset[int]:
        """Raises `OSError` or `ValueError` where they are not told."""
        return _children(f"{_PROC}/self/task/{self.thread}")

    def kill(self) -> None:
        """Kills the child with all that it started: a grandchild would keep its pipes open."""
        with contextlib.suppress(OSError, ValueError):  # it is over in the meantime
            for child in self.children():
                if _marked(child, self.mark):
                    for each in _tree(child):
                        os.kill(each, signal.SIGKILL)


class Watchdog:
    """Watches any number of threads, in one of its own."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._reset()
        if hasattr(os, "register_at_fork"):  # neither threads nor who holds a lock come along
            os.register_at_fork(after_in_child=self._reset)
        atexit.register(self._leave)

    def _reset(self) -> None:
        self._lock = threading.Lock()
        self._watched: set[Watched] = set()
        self._rounds: threading.Thread | None = None

    @contextmanager
    def watch(self, seconds: float) -> Iterator[str | None]:
        """The child that this thread waits for inside is killed when it is not over in time. Gives
        the value of `MARK` that the child's environment must have; `None` where it is not watched.
        """
        mark = f"{os.getpid()}-{next(self._numbers)}"
        watched = Watched(threading.get_native_id(), time.monotonic() + seconds, mark)
        try:
            yield mark if self._begun(watched) else None
        finally:
            with self._lock:
                self._watched -= {watched}

    def _begun(self, watched: Watched) -> bool:
        try:
            watched.children()
            with self._lock:
                self._watched |= {watched}
                if self._rounds is None or not self._rounds.is_alive():
                    self._rounds = threading.Thread(target=self._walk, name="watch", daemon=True)
                    self._rounds.start()
        except (OSError, ValueError, RuntimeError):  # children are not told, or no thread is left
            return False
        return True

    def _walk(self) -> None:
        """Until there is nobody to watch, at the end of a round."""
        pause = threading.Event()  # a sleep does not survive a clock that jumps
        while True:
            pause.wait(_ROUND)
            with self._lock:
                if not self._watched:
                    self._rounds = None
                    return
                late = [each for each in self._watched if each.until <= time.monotonic()]
                for each in late:  # under the lock: afterwards its child may be another one
                    each.kill()

    def _leave(self) -> None:
        """The process ends, and nobody is left to watch."""
        with self._lock:
            for each in self._watched:
                each.kill()


def _children(task: str) -> frozenset[int]:
    with open(f"{task}/children", "rb") as told:  # noqa: PTH123  once a medium: a Path takes longer
        return frozenset(map(int, told.read().split()))


def _marked(process: int, mark: str) -> bool:
    """Whether a process was begun with that mark. One that is over has no environment any more."""
    try:
        with open(f"{_PROC}/{process}/environ", "rb") as told:  # noqa: PTH123  as above
            return f"{MARK}={mark}".encode() in told.read().split(b"\0")
    except OSError:
        return False


def _tree(process: int) -> Iterator[int]:
    """A process, and those under it as they are now."""
    found = [process]
    for each in found:
        tasks = f"{_PROC}/{each}/task"
        for task in os.listdir(tasks):  # noqa: PTH208
            found += _children(f"{tasks}/{task}")
    yield from found
