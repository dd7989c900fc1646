"""Ctrl-C and the signals that end a program: the first one does, and what comes after it does not
tear what is then put in order. Nothing here is used by the library.
"""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from motion_preflight.exit_codes import INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = ("SIGINT", "SIGHUP", "SIGTERM")
_BURST = 2.0  # seconds; what comes so soon after the first is the same wish


class CtrlC(KeyboardInterrupt):
    """Ctrl-C by a name of its own. When Python's is raised inside an `exec`, as dataclasses have
    one, CPython ends the process by SIGINT later, though it was caught and another code is known.
    """


class _Interruption:
    """What came so far."""

    def __init__(self) -> None:
        self.numbers: list[int] = []  # the signals that are listened to
        self.first = float("-inf")  # when it came
        self.over = False
        self.held = False  # something is being written
        self.pending: int | None = None

    def __call__(self, number: int, _frame: object) -> None:
        now = time.monotonic()
        if self.over or now < self.first + _BURST:
            return
        self.first = now
        if self.held and self.pending is None:
            self.pending = number
        else:
            self.end(number)

    def end(self, number: int) -> None:
        if number == signal.SIGINT:
            raise CtrlC
        raise SystemExit(128 + number)


_interruption = _Interruption()  # of this process, as the signals are


def listen() -> None:
    """From here on the first signal raises `KeyboardInterrupt` or `SystemExit`. One that whoever
    started us wants ignored (nohup, a shell's background) stays so.
    """
    global _interruption  # noqa: PLW0603  signals are the process's
    _interruption = _Interruption()
    if getattr(signal, "SIGCHLD", None) and signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # else an ffprobe that fails has exit code 0
    for name in _NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            _interruption.numbers.append(number)
            signal.signal(number, _interruption)


def over() -> None:
    """From here on nothing interrupts: what is left is to close, and the exit code is known."""
    _interruption.over = True


def ignore() -> None:
    """The same for the last steps of the interpreter, which knows no handlers any more."""
    for number in _interruption.numbers:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def unbroken() -> Iterator[None]:
    """Puts an interruption off until what is being written is written."""
    _interruption.held = True
    try:
        yield
    finally:
        _interruption.held = False
        if _interruption.pending is not None:
            pending, _interruption.pending = _interruption.pending, None
            _interruption.end(pending)


def code_of(interruption: BaseException) -> int:
    """The exit code of Ctrl-C, or of a signal that ends the program."""
    code = interruption.code if isinstance(interruption, SystemExit) else INTERRUPTED
    return code if isinstance(code, int) else INTERRUPTED
