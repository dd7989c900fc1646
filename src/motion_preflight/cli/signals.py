"""Ctrl-C and the signals that end a program. The first one ends it; later ones do not disturb the
cleaning up. The library does not use this module.
"""

from __future__ import annotations

import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from motion_preflight.cli.exit_codes import INTERRUPTED

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMES = ("SIGINT", "SIGHUP", "SIGTERM")
_BURST = 2.0  # seconds; signals so soon after the first belong to it


class CtrlC(KeyboardInterrupt):
    """Ctrl-C under a name of its own. When Python's own exception is raised inside an `exec`, as in
    dataclasses, CPython later ends the process by SIGINT, although it was caught and the program
    has another exit code.
    """


class _Interruption:
    """Handles the signals of this process."""

    def __init__(self) -> None:
        self.numbers: list[int] = []  # the signals that are handled
        self.first = float("-inf")  # when the first signal came
        self.stop_handling = False
        self.deferred = False  # True: something is being written
        self.pending: int | None = None  # a signal that came meanwhile

    def __call__(self, number: int, _frame: object) -> None:
        now = time.monotonic()
        if self.stop_handling or now < self.first + _BURST:
            return
        self.first = now
        if self.deferred and self.pending is None:
            self.pending = number
        else:
            self.end(number)

    def end(self, number: int) -> None:
        if number == signal.SIGINT:
            raise CtrlC
        raise SystemExit(128 + number)


_interruption = _Interruption()  # one for the process, as signals are


def listen() -> None:
    """Handles signals from here on: the first one raises `KeyboardInterrupt` or `SystemExit`. A
    signal that the program's caller wants ignored (nohup, a shell's background) stays ignored.
    """
    global _interruption  # noqa: PLW0603  signals belong to the process
    _interruption = _Interruption()
    if getattr(signal, "SIGCHLD", None) and signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # else a failed ffprobe has exit code 0
    for name in _NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            _interruption.numbers.append(number)
            signal.signal(number, _interruption)


def stop_handling() -> None:
    """Makes signals do nothing from here on: only closing is left, and the exit code is fixed."""
    _interruption.stop_handling = True


def ignore() -> None:
    """Makes the system ignore the signals: the last steps of the interpreter have no handlers any
    more.
    """
    for number in _interruption.numbers:
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def defer_signals() -> Iterator[None]:
    """Defers an interruption until the end of the block, so that what is being written is
    complete.
    """
    _interruption.deferred = True
    try:
        yield
    finally:
        _interruption.deferred = False
        if _interruption.pending is not None:
            pending, _interruption.pending = _interruption.pending, None
            _interruption.end(pending)


def code_of(interruption: BaseException) -> int:
    """The exit code for Ctrl-C, or for a signal that ends the program."""
    code = interruption.code if isinstance(interruption, SystemExit) else INTERRUPTED
    return code if isinstance(code, int) else INTERRUPTED
