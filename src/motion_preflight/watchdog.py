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
    from collections.abc import Collection, Iterator

_PROC = "/proc"
MARK = "FFPROBE_GUARD"  # a variable of the environment
_ROUND = 0.2  # seconds between two looks at the clock
_ATTEMPTS, _ATTEMPT = 5, 0.01  # to kill the child of a caller who leaves, seconds apart


@dataclass(slots=True, eq=False)
class Watched:
    """A thread that waits for a child."""

    thread: int  # its number in the system
    until: float  # on the monotonic clock
    mark: str  # what its child, or one under it, must have as `MARK`; no other ever has it
    killed: bool = False

    def children(self) -> frozenset[int]:
        """Raises `OSError` or `ValueError` where they are not told."""
        return _children(f"{_PROC}/self/task/{self.thread}")

    def kill(self) -> None:
        """Kills the child with all that it started: a grandchild would keep its pipes open."""
        with contextlib.suppress(OSError, ValueError):  # it is over in the meantime
            for child in self.children():
                tree = [*_tree(child)]
                if any(_marked(each, self.mark) for each in tree):
                    self.killed = True
                    for each in tree:
                        os.kill(each, signal.SIGKILL)

    def leave(self) -> None:
        """Kills the child of a caller who waits no longer; one that has just begun has no
        environment yet.
        """
        for _ in range(_ATTEMPTS):
            self.kill()
            with contextlib.suppress(OSError, ValueError):
                if not self.killed and self.children():
                    time.sleep(_ATTEMPT)
                    continue
            return


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
    def watch(self, seconds: float) -> Iterator[Watched | None]:
        """The child that this thread waits for inside is killed when it is not over in time, and
        when an exception ends the waiting. `None` where it cannot be watched.
        """
        mark = f"{os.getpid()}-{next(self._numbers)}"
        watched = Watched(threading.get_native_id(), time.monotonic() + seconds, mark)
        try:
            yield watched if self._begun(watched) else None
        except BaseException:
            watched.leave()
            raise
        finally:
            with self._lock:
                self._watched -= {watched}

    def end(self, threads: Collection[int]) -> None:
        """Kills the children that these threads wait for now; threads by their native number."""
        with self._lock:
            for each in self._watched:
                if each.thread in threads:
                    each.kill()

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
