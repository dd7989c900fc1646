"""A program of the user's own that works for a store: bounded in time and output, in a group of its
own, and ended together with all that it has started as soon as nobody waits for it any more.

It is trusted with the user's environment, unlike the children of `media.programs`, which read files
of strangers and are bounded by the kernel.
"""

from __future__ import annotations

import os
import re
import selectors
import shutil
import signal
import subprocess
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight import interruption
from motion_preflight.publishing.errors import StoreProgramMissing
from motion_preflight.text.locations import sanitize_external_text
from motion_preflight.text.redaction import without_long_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

QUICK = 120.0  # seconds for what sends no file
_LEAST, _SLOWEST = 600.0, 64 << 10  # seconds, and bytes a second, for what sends one
_OUTPUT = 1 << 20  # bytes; a link is one line
_COMPLAINTS = 64 << 10  # bytes that are kept, the last ones
_ROUND = 0.1  # seconds between two looks at a silent program
_GRACE = 1.0  # seconds that the pipes of an ended program may stay open
# An interrupted program has this time to take back what it has sent, before it is killed.
_STEPS = (("SIGINT", 5.0), ("SIGTERM", 2.0))
_PIECE = 64 << 10
_LONGEST, _BEGINNING = 300, 100  # characters of a program's complaint that are shown
_PAUSE = threading.Event()
_Selector = getattr(selectors, "PollSelector", selectors.SelectSelector)


class ProgramResult(NamedTuple):
    """How a program ended, and what it printed."""

    code: int  # its exit code, below 0 for the signal that ended it
    output: bytes
    complaints: bytes  # the last of them
    stopped: str | None  # why it was ended before its end, for people; `None`: it ended by itself


def sending_seconds(size: int) -> float:
    """How long a program may take that sends a file of so many bytes."""
    return _LEAST + size / _SLOWEST


def find_program(name: str, advice: str) -> str:
    """The path of a program. Raises StoreProgramMissing with an advice."""
    path = shutil.which(name)
    if path is None:
        raise StoreProgramMissing(f"{name} is not installed, or not on the PATH. {advice}")
    return path


def run_program(
    command: Sequence[str],
    *,
    seconds: float,
    environment: Mapping[str, str] | None = None,
    watch: Callable[[bytes], None] | None = None,
) -> ProgramResult:
    """Runs a program without a shell and without input. Whatever interrupts the waiting ends it,
    and whatever runs in its group.

    environment  set for it beside this process's; `None`: nothing
    watch        called with every piece that it prints on stderr, as it comes
    """
    try:
        process = subprocess.Popen(  # noqa: S603  no shell; the words are the user's own
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
    except OSError as error:
        raise StoreProgramMissing(
            f"{command[0]} cannot be started: {error.strerror or 'not a program'}."
        ) from error
    try:
        if os.name == "nt":  # Windows cannot select on pipes
            return _communicate(process, seconds)
        return _Listener(process, seconds, watch).listen()
    except BaseException:
        _end(process)
        raise
    finally:
        for pipe in (process.stdout, process.stderr):
            if pipe:
                pipe.close()


def complaint(result: ProgramResult) -> str:
    """The last line that a program complained with, without what might be secret; `""`: none."""
    return shown(result.complaints.decode("utf-8", "replace"))


def shown(text: str) -> str:
    """The last line of a program's text as a message may show it."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        return ""
    clean = without_long_words(sanitize_external_text(lines[-1]))
    clean = re.sub(r"(?i)((?:key|secret|token|password|signature)\S*?[=:]\s*)\S+", r"\1…", clean)
    if len(clean) <= _LONGEST:
        return clean
    return f"{clean[:_BEGINNING]} … {clean[_BEGINNING - _LONGEST :]}"  # the cause is at the end


class _Listener:
    """Reads the output of one program until it ends."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        seconds: float,
        watch: Callable[[bytes], None] | None,
    ) -> None:
        self._process, self._watch = process, watch
        self._seconds, self._end = seconds, time.monotonic() + seconds
        self._over: float | None = None  # when it was first seen to have ended
        self._output, self._complaints = bytearray(), bytearray()

    def listen(self) -> ProgramResult:
        stopped = None
        with _Selector() as pipes:
            for pipe, text in (
                (self._process.stdout, self._output),
                (self._process.stderr, self._complaints),
            ):
                if pipe:
                    pipes.register(pipe, selectors.EVENT_READ, text)
            while self._goes_on(pipes):
                interruption.check()
                stopped = self._excess()
                if stopped:
                    _end(self._process)
                    break
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE)
        code = -signal.SIGTERM if self._process.returncode is None else self._process.returncode
        return ProgramResult(code, bytes(self._output), bytes(self._complaints), stopped)

    def _goes_on(self, pipes: selectors.BaseSelector) -> bool:
        """Reads what arrives within one round; False when nothing more can arrive."""
        if not pipes.get_map():
            if self._process.poll() is None:
                _PAUSE.wait(0.01)
                return True
            return False
        ready = pipes.select(_ROUND)
        for key, _ in ready:
            piece = os.read(key.fd, _PIECE)
            if not piece:
                pipes.unregister(key.fileobj)
            key.data.extend(piece)
            if self._watch and key.data is self._complaints:
                self._watch(piece)
        del self._complaints[:-_COMPLAINTS]
        if self._over is None and not ready and self._process.poll() is not None:
            self._over = time.monotonic()
        # A process that the program left behind may keep the pipes open.
        return self._over is None or time.monotonic() - self._over < _GRACE

    def _excess(self) -> str | None:
        if time.monotonic() > self._end:
            return f"it took longer than {self._seconds:.0f} seconds"
        if len(self._output) > _OUTPUT:
            return f"it printed more than {_OUTPUT} bytes"
        return None


def _communicate(process: subprocess.Popen[bytes], seconds: float) -> ProgramResult:
    try:
        output, complaints = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return ProgramResult(1, b"", b"", f"it took longer than {seconds:.0f} seconds")
    return ProgramResult(process.returncode, output, complaints[-_COMPLAINTS:], None)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Asks the group of a program to end, then kills what is left of it."""
    if os.name == "nt":
        process.kill()
        return
    try:
        for name, seconds in _STEPS:
            if process.poll() is not None:
                break
            _signal(process.pid, getattr(signal, name))
            with suppress(subprocess.TimeoutExpired):
                process.wait(seconds)
    finally:  # also when somebody does not want to wait so long
        _signal(process.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE)


def _signal(group: int, number: int) -> None:
    with suppress(OSError):  # nobody is left in it
        os.killpg(group, number)
