"""A child process that reads what strangers made: bounded in memory, time and words, and ended when
nobody wants its answer any more.

Linux lets a process bound its child, which saves a wrapper that would be started before it. What
the child took in the moment before is looked at when it has not answered soon. Elsewhere the clock
alone bounds it.
"""

from __future__ import annotations

import atexit
import os
import selectors
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


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a child may use before it is ended. Libraries alone fill half of the usual address
    space.
    """

    seconds: float = 30.0  # by the clock
    cpu: int = 20  # seconds of a processor
    data: int = 128 << 20  # bytes; reading the headers of a clip of 8K needs no more
    address_space: int = 512 << 20  # bytes
    output: int = 32 << 20  # bytes of an answer; a scan of 200,000 packets has less
    complaints: int = 256 << 20  # bytes; one line for every packet of a scan is a tenth of that

    def limits(self) -> dict[str, int]:
        """The same as the kernel's limits, by their names; a core dump is never written."""
        return {
            "RLIMIT_CPU": self.cpu,
            "RLIMIT_DATA": self.data,
            "RLIMIT_AS": self.address_space,
            "RLIMIT_CORE": 0,
        }


USUAL = Bounds()
_ERROR = 64 << 10  # bytes of complaints, the last ones
_ROUND = 0.1  # seconds between two looks at one that is silent; usual ones have answered by then
_GRACE = 1.0  # seconds in which the pipes of one that is over must be at their end
_PIECE = 64 << 10
_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)  # takes no descriptor


class Ended(NamedTuple):
    """How a child ended, and what it said."""

    code: int  # its exit code, below 0 for the signal that killed it
    out: bytes
    error: bytes
    late: bool  # it was killed because it took too long


def answer_of(process: subprocess.Popen[bytes], bounds: Bounds | None = None) -> Ended:
    """Waits for a child that has just begun, with pipes for all that it says; what interrupts the
    waiting ends it. Without `bounds` it has the usual ones.
    """
    bounds = bounds or USUAL
    thread = threading.get_native_id()
    with _LOCK:
        _running[thread] = process
    try:
        _bound(process.pid, bounds)
        return _Hearing(process, bounds).ended()
    finally:
        _kill(process)
        with suppress(subprocess.TimeoutExpired, OSError):
            process.wait(_GRACE)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        with _LOCK:
            _running.pop(thread, None)


def end_children(threads: Collection[int]) -> None:
    """Kills the children that these threads wait for now; threads by their native numbers."""
    with _LOCK:
        for thread, process in _running.items():
            if thread in threads:
                _kill(process)


class _Hearing:
    """One child on its way to its end."""

    def __init__(self, process: subprocess.Popen[bytes], bounds: Bounds) -> None:
        self._process = process
        self._bounds = bounds
        self._began = time.monotonic()
        self._over: float | None = None  # when it was seen to be over
        self._looked = False
        self._out, self._error = bytearray(), bytearray()
        self._forgotten = 0  # bytes of complaints

    def ended(self) -> Ended:
        if os.name == "nt":  # where pipes cannot be waited for
            return self._by_threads()
        process, late = self._process, False
        if process.stdin:
            process.stdin.close()  # it is given nothing to read
        with _Selector() as pipes:
            for pipe, said in ((process.stdout, self._out), (process.stderr, self._error)):
                if pipe:
                    pipes.register(pipe, selectors.EVENT_READ, said)
            while self._goes_on(pipes):
                late = time.monotonic() - self._began >= self._bounds.seconds
                if late or not self._look():
                    _kill(process)
                    break
        with suppress(subprocess.TimeoutExpired, OSError):
            process.wait(_GRACE)
        code = -signal.SIGTERM if process.returncode is None else process.returncode
        return Ended(code, bytes(self._out), bytes(self._error), late)

    def _goes_on(self, pipes: selectors.BaseSelector) -> bool:
        """Hears what there is to hear within a round; False when that was all."""
        if not pipes.get_map():
            if self._over is None and self._process.poll() is None:
                _PAUSE.wait(0.001)  # it closes its pipes just before it is over
                return True
            return False
        ready = pipes.select(_ROUND)
        for key, _ in ready:
            piece = os.read(key.fd, _PIECE)
            if not piece:
                pipes.unregister(key.fileobj)
            key.data.extend(piece)
        if len(self._error) > 2 * _ERROR:
            self._forgotten += len(self._error) - _ERROR
            del self._error[:-_ERROR]
        if self._over is None and not ready and self._process.poll() is not None:
            self._over = time.monotonic()
        return self._over is None or time.monotonic() - self._over < _GRACE  # somebody holds them

    def _look(self) -> bool:
        """False when it says or has more than it may."""
        if len(self._out) > self._bounds.output or self._forgotten > self._bounds.complaints:
            return False
        if self._looked or time.monotonic() - self._began < _ROUND:
            return True
        self._looked = True
        family = [self._process.pid, *_below(self._process.pid)]
        for each in family[1:]:  # begun before their parent was bounded; later ones are as it is
            _bound(each, self._bounds)
        return all(_data(each) <= self._bounds.data for each in family)

    def _by_threads(self) -> Ended:
        try:
            out, error = self._process.communicate(timeout=self._bounds.seconds)
        except subprocess.TimeoutExpired:
            return Ended(-signal.SIGTERM, b"", b"", late=True)
        return Ended(self._process.returncode, out, error, late=False)


def _bound(number: int, bounds: Bounds) -> None:
    """Has the kernel bound a process, where one may do that to another."""
    if hasattr(resource, "prlimit"):
        for name, most in bounds.limits().items():
            kind = getattr(resource, name)
            with suppress(OSError, ValueError):  # it is over already
                tighter = [each for each in resource.prlimit(number, kind) if 0 <= each < most]
                resource.prlimit(number, kind, (min(tighter, default=most),) * 2)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kills a child with all that it started, as far as the system tells."""
    if process.poll() is None:
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


_running: dict[int, subprocess.Popen[bytes]] = {}  # by the thread that waits
_LOCK = threading.Lock()
_PAUSE = threading.Event()  # a sleep does not survive a clock that jumps


def _begin_anew() -> None:
    """A fork brings along neither the threads that wait nor who holds a lock."""
    global _LOCK  # noqa: PLW0603  the process's own
    _LOCK = threading.Lock()
    _running.clear()


def _leave() -> None:
    """The process ends, and nobody is left to wait."""
    with _LOCK:
        for process in _running.values():
            _kill(process)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
atexit.register(_leave)
