"""A child process that reads untrusted files: bounded in memory, time and output, and ended as soon
as nobody waits for its answer any more.

On Linux a process may set limits for its child after it has started, so no wrapper program is
needed. Limits that come too late for the first moment are made up for by one later look at the
memory of a child that has not answered soon. On other systems only the clock bounds a child.
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
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight import interruption
from motion_preflight.text.lazy_dataclass import dataclass

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]  # _bound looks before it uses it

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Bounds:
    """The limits of a child; one that exceeds them is ended. Shared libraries alone fill half of
    the usual address space.
    """

    seconds: float = 30.0  # by the clock
    cpu: int = 20  # seconds of a processor
    data: int = 128 << 20  # bytes; reading the headers of a clip of 8K needs no more
    address_space: int = 512 << 20  # bytes
    output: int = 32 << 20  # bytes of an answer; a scan of 200,000 packets has less
    complaints: int = 256 << 20  # bytes; one line for every packet of a scan is a tenth of that
    file_size: int | None = (
        None  # bytes of a file that it writes; `None`: it is given none to write
    )

    def limits(self) -> dict[str, int]:
        """The limits by the kernel's names for them; a core dump is never written."""
        limits = {
            "RLIMIT_CPU": self.cpu,
            "RLIMIT_DATA": self.data,
            "RLIMIT_AS": self.address_space,
            "RLIMIT_CORE": 0,
        }
        return limits if self.file_size is None else limits | {"RLIMIT_FSIZE": self.file_size}


USUAL = Bounds()
_ERROR = 64 << 10  # bytes of complaints that are kept, the last ones
_ROUND = 0.1  # seconds between two looks at a silent child; most have answered by then
_GRACE = 1.0  # seconds that the pipes of an ended child may stay open
_PIECE = 64 << 10
# A PollSelector needs no file descriptor of its own.
_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)


class ProcessResult(NamedTuple):
    """How a child ended, and what it printed."""

    code: int  # its exit code, below 0 for the signal that killed it
    out: bytes
    error: bytes
    late: bool  # it was killed because it took too long


def start(
    command: Sequence[str], environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Starts a command line for `run_limited`, with nothing to read on its stdin. Raises `OSError`.

    environment  of the child; `None`: the one of this process
    """
    return subprocess.Popen(  # noqa: S603  no shell
        command,
        bufsize=0,  # its pipes are read by their descriptors
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )


def run_limited(
    process: subprocess.Popen[bytes],
    bounds: Bounds | None = None,
    watch: Callable[[bytes], None] | None = None,
) -> ProcessResult:
    """Waits for a child that `start` has just started, and returns how it ended. Whatever
    interrupts the waiting also ends the child.

    bounds  `None`: the usual ones
    watch   called with every piece that the child prints on stdout, as it comes
    """
    bounds = bounds or USUAL
    thread = threading.get_native_id()
    with _LOCK:
        _running[thread] = process
    try:
        _bound(process.pid, bounds)
        with interruption.ended_by(partial(_kill, process)):
            ended = _Listener(process, bounds, watch).listen()
        interruption.check()
        return ended
    finally:
        _kill(process)
        with suppress(subprocess.TimeoutExpired, OSError):
            process.wait(_GRACE)
        for pipe in (process.stdout, process.stderr):
            if pipe:
                with suppress(OSError):
                    pipe.close()
        with _LOCK:
            _running.pop(thread, None)


def end_children(threads: Collection[int]) -> None:
    """Kills the children that these threads are waiting for now; threads by their native ids."""
    with _LOCK:
        for thread, process in _running.items():
            if thread in threads:
                _kill(process)


class _Listener:
    """Reads the output of one child until it ends."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        bounds: Bounds,
        watch: Callable[[bytes], None] | None = None,
    ) -> None:
        self._process = process
        self._bounds = bounds
        self._watch = watch
        self._began = time.monotonic()
        self._over: float | None = None  # when it was first seen to have ended
        self._looked = False
        self._out, self._error = bytearray(), bytearray()
        self._forgotten = 0  # bytes of complaints that were dropped

    def listen(self) -> ProcessResult:
        if os.name == "nt":  # Windows cannot select on pipes
            return self._by_threads()
        process, late = self._process, False
        with _Selector() as pipes:
            for pipe, answer in ((process.stdout, self._out), (process.stderr, self._error)):
                if pipe:
                    pipes.register(pipe, selectors.EVENT_READ, answer)
            while self._goes_on(pipes):
                late = time.monotonic() - self._began >= self._bounds.seconds
                if late or not self._look():
                    _kill(process)
                    break
        with suppress(subprocess.TimeoutExpired, OSError):
            process.wait(_GRACE)
        code = -signal.SIGTERM if process.returncode is None else process.returncode
        return ProcessResult(code, bytes(self._out), bytes(self._error), late)

    def _goes_on(self, pipes: selectors.BaseSelector) -> bool:
        """Reads what arrives within one round; False when nothing more can arrive."""
        if not pipes.get_map():
            if self._over is None and self._process.poll() is None:
                _PAUSE.wait(0.001)  # a child closes its pipes just before it ends
                return True
            return False
        ready = pipes.select(_ROUND)
        for key, _ in ready:
            piece = os.read(key.fd, _PIECE)
            if not piece:
                pipes.unregister(key.fileobj)
            key.data.extend(piece)
            if self._watch and key.fileobj is self._process.stdout:
                self._watch(piece)
        if len(self._error) > 2 * _ERROR:
            self._forgotten += len(self._error) - _ERROR
            del self._error[:-_ERROR]
        if self._over is None and not ready and self._process.poll() is not None:
            self._over = time.monotonic()
        # A process that the child started may keep the pipes open after the child has ended.
        return self._over is None or time.monotonic() - self._over < _GRACE

    def _look(self) -> bool:
        """False when the child has printed more, or holds more memory, than it may."""
        if len(self._out) > self._bounds.output or self._forgotten > self._bounds.complaints:
            return False
        if self._looked or time.monotonic() - self._began < _ROUND:
            return True
        self._looked = True
        family = [self._process.pid, *_below(self._process.pid)]
        # Processes that it started before it was bounded; later ones inherit its limits.
        for number in family[1:]:
            _bound(number, self._bounds)
        return all(_data(number) <= self._bounds.data for number in family)

    def _by_threads(self) -> ProcessResult:
        try:
            out, error = self._process.communicate(timeout=self._bounds.seconds)
        except subprocess.TimeoutExpired:
            return ProcessResult(-signal.SIGTERM, b"", b"", late=True)
        return ProcessResult(self._process.returncode, out, error, late=False)


def _bound(number: int, bounds: Bounds) -> None:
    """Sets the kernel's limits for a process, on systems that allow that for another process."""
    if hasattr(resource, "prlimit"):
        for name, most in bounds.limits().items():
            kind = getattr(resource, name)
            with suppress(OSError, ValueError):  # the process has ended already
                tighter = [limit for limit in resource.prlimit(number, kind) if 0 <= limit < most]
                resource.prlimit(number, kind, (min(tighter, default=most),) * 2)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kills a child and all processes under it that the system lists."""
    if process.poll() is None:
        below = _below(process.pid)
        process.kill()
        for number in below:
            with suppress(OSError):
                os.kill(number, signal.SIGKILL)


def _below(number: int) -> list[int]:
    """The numbers of all processes under one, as far as the system lists them."""
    descendants = _children(number)
    for child in descendants:  # the list grows while it is walked, down to the last level
        descendants += _children(child)
    return descendants


def _children(number: int) -> list[int]:
    tasks = f"/proc/{number}/task"
    with suppress(OSError, ValueError):
        return [
            int(child)
            for task in os.listdir(tasks)  # noqa: PTH208  only the names are needed
            for child in _words(f"{tasks}/{task}/children")
        ]
    return []


def _data(number: int) -> int:
    """The bytes of data that a process holds; 0 where the system does not say."""
    with suppress(OSError, ValueError, IndexError):
        return int(_words(f"/proc/{number}/statm")[5]) * os.sysconf("SC_PAGE_SIZE")
    return 0


def _words(path: str) -> list[bytes]:
    with open(path, "rb") as file:  # noqa: PTH123  files of /proc, often read
        return file.read().split()


_running: dict[int, subprocess.Popen[bytes]] = {}  # by the native id of the thread that waits
_LOCK = threading.Lock()
_PAUSE = threading.Event()  # instead of time.sleep, which does not survive a jumping clock


def _begin_anew() -> None:
    """Starts afresh after a fork: the new process has neither the waiting threads nor the holder of
    the lock.
    """
    global _LOCK  # noqa: PLW0603  there is one for the process
    _LOCK = threading.Lock()
    _running.clear()


def _leave() -> None:
    """Kills every child when this process ends: nobody is left to wait for them."""
    with _LOCK:
        for process in _running.values():
            _kill(process)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
atexit.register(_leave)
