"""A child process that reads what strangers made: bounded in memory and time, and ended when nobody
wants its answer any more.

Linux lets a process bound its child, which saves a wrapper that would be started before it. What
the child took in the moment before is looked at when it has not answered soon. Elsewhere the clock
alone bounds it.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]  # asked for before it is used

if TYPE_CHECKING:
    from collections.abc import Collection

SECONDS = 30.0  # by the clock
_DATA = 128 << 20  # bytes; a clip of 8K needs no more
# What it may use: seconds of a processor, bytes of data and of address space (libraries fill half
# of it), no core dump.
_LIMITS = {"RLIMIT_CPU": 20, "RLIMIT_DATA": _DATA, "RLIMIT_AS": 512 << 20, "RLIMIT_CORE": 0}
_ROUND = 0.1  # seconds between two looks at all children; usual ones have answered by then
_GRACE = 1.0  # seconds for one that is killed to be gone with its pipes


class Ended(NamedTuple):
    """How a child ended, and what it said."""

    code: int  # its exit code, below 0 for the signal that killed it
    out: bytes
    error: bytes
    late: bool  # it was killed because it took too long


def answer_of(process: subprocess.Popen[bytes]) -> Ended:
    """Waits for a child that has just begun, with pipes for all that it says; what interrupts the
    waiting ends it.
    """
    awaited = _Awaited(process, time.monotonic() + SECONDS)
    try:
        _bound(process.pid)
        watched = _rounds.add(awaited)
        out, error = process.communicate(timeout=None if watched else SECONDS)
        return Ended(process.returncode, out, error, awaited.late)
    except subprocess.TimeoutExpired:
        _end(process)
        return Ended(-signal.SIGTERM, b"", b"", late=True)
    except BaseException:
        _end(process)
        raise
    finally:
        _rounds.remove()


def end_children(threads: Collection[int]) -> None:
    """Kills the children that these threads wait for now; threads by their native numbers."""
    _rounds.end(threads)


@dataclass(slots=True)
class _Awaited:
    """A child whose answer a thread waits for."""

    process: subprocess.Popen[bytes]
    until: float  # on the monotonic clock
    late: bool = False
    looked_at: bool = False

    def look(self) -> None:
        """Ends one that takes too long, or has more than it may since before it was bounded."""
        family = [self.process.pid]
        if not self.looked_at:
            family += _below(self.process.pid)
            for each in family[1:]:  # begun before their parent was bounded; later ones are as it
                _bound(each)
        self.late = self.until <= time.monotonic()
        if self.late or (not self.looked_at and any(_data(each) > _DATA for each in family)):
            _kill(self.process)
        self.looked_at = True


class _Rounds:
    """Looks at all children of this process, in a thread of its own while there are any."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._awaited: dict[int, _Awaited] = {}  # by the thread that waits
        self._thread: threading.Thread | None = None

    def add(self, awaited: _Awaited) -> bool:
        """False where the machine has no thread left to look at it."""
        with self._lock:
            self._awaited[threading.get_native_id()] = awaited
            if self._thread is None or not self._thread.is_alive():
                thread = threading.Thread(target=self._walk, name="children", daemon=True)
                try:
                    thread.start()
                except RuntimeError:
                    return False
                self._thread = thread
            return True

    def remove(self) -> None:
        with self._lock:
            self._awaited.pop(threading.get_native_id(), None)

    def end(self, threads: Collection[int] | None = None) -> None:
        """`None`: those of all threads."""
        with self._lock:
            for thread, awaited in self._awaited.items():
                if threads is None or thread in threads:
                    _kill(awaited.process)

    def _walk(self) -> None:
        """Until there is none, at the end of a round."""
        pause = threading.Event()  # a sleep does not survive a clock that jumps
        while True:
            pause.wait(_ROUND)
            with self._lock:
                if not self._awaited:
                    self._thread = None
                    return
                for awaited in self._awaited.values():
                    awaited.look()


def _bound(number: int) -> None:
    """Has the kernel bound a process, where one may do that to another."""
    if hasattr(resource, "prlimit"):
        for name, most in _LIMITS.items():
            with suppress(OSError, ValueError):  # it is over already, or bounded more tightly
                resource.prlimit(number, getattr(resource, name), (most, most))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kills a child and waits a moment until it is gone."""
    _kill(process)
    with suppress(subprocess.TimeoutExpired, ValueError, OSError):
        process.communicate(timeout=_GRACE)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kills a child with all that it started: a grandchild would keep its pipes open."""
    if process.returncode is None:
        below = _below(process.pid)
        process.kill()
        for each in below:
            with suppress(OSError):
                os.kill(each, signal.SIGKILL)


def _below(number: int) -> list[int]:
    """The processes under one, as far as the system tells."""
    found = _children(number)
    for each in found:
        found += _children(each)
    return found


def _children(number: int) -> list[int]:
    tasks = f"/proc/{number}/task"
    with suppress(OSError, ValueError):
        return [
            int(child)
            for task in os.listdir(tasks)  # noqa: PTH208  Path.iterdir has more to say
            for child in _told(f"{tasks}/{task}/children")
        ]
    return []


def _data(number: int) -> int:
    """The bytes of data that a process has; 0 where the system does not tell."""
    with suppress(OSError, ValueError, IndexError):
        return int(_told(f"/proc/{number}/statm")[5]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _told(path: str) -> list[bytes]:
    with open(path, "rb") as file:  # noqa: PTH123  as above
        return file.read().split()


_rounds = _Rounds()
if hasattr(os, "register_at_fork"):  # neither threads nor who holds a lock come along
    os.register_at_fork(after_in_child=_rounds.__init__)  # type: ignore[misc]  # made anew
atexit.register(_rounds.end)
