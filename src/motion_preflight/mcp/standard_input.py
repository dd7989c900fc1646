"""Standard input as the protocol reads it: a line at a time, bounded, and ended by a signal, or by
a client that reads no more, as if it had been closed.
"""

from __future__ import annotations

import os
import select
import sys
from contextlib import suppress

_LONGEST = 4 << 20  # bytes of a message; a longer one is dropped
_PIECE = 1 << 16


class StandardInput:
    """The lines of a file descriptor, until its end or until `end` is called.

    answers  the descriptor that the client reads; `None`: whether it still does is not looked at
    """

    def __init__(self, descriptor: int, answers: int | None = None) -> None:
        self._descriptor = descriptor
        self._heard, self._bell = os.pipe()
        self._rest = bytearray()
        self._dropping = False
        self._ended = False
        if sys.platform != "win32":  # which cannot wait for a pipe and a signal at once
            os.set_blocking(self._bell, False)
            self._poll = select.poll()
            self._poll.register(descriptor, select.POLLIN)
            self._poll.register(self._heard, select.POLLIN)
            self._answers = None if answers is None else _above_standard(answers)
            if self._answers is not None:
                self._poll.register(self._answers, 0)  # errors alone: its reader is gone

    def end(self) -> None:
        """Makes the next `readline`, or the present one, return the end. Signal handlers may call
        it.
        """
        self._ended = True
        with suppress(OSError):
            os.write(self._bell, b".")

    def readline(self) -> str:
        """The next line; `""` at the end. One that is too long is an empty one, which the protocol
        refuses.
        """
        while b"\n" not in self._rest:
            piece = self._piece()
            if not piece:
                return ""
            self._rest += piece
            if len(self._rest) > _LONGEST and b"\n" not in self._rest:
                self._rest.clear()
                self._dropping = True
        line, _, rest = self._rest.partition(b"\n")
        self._rest = rest
        if self._dropping:
            self._dropping, line = False, bytearray()
        return f"{line.decode('utf-8', 'replace')}\n"

    def _piece(self) -> bytes:
        if sys.platform != "win32":
            ready = dict(self._poll.poll())
            self._ended |= self._answers in ready
        if self._ended:
            return b""
        try:
            return os.read(self._descriptor, _PIECE)
        except OSError:  # the other side is gone
            return b""


def _above_standard(descriptor: int) -> int | None:
    """A copy of a descriptor that takes the place of no standard stream, even of a closed one;
    `None` where there is none to copy.
    """
    if sys.platform == "win32":
        return None
    import fcntl  # noqa: PLC0415  Windows has none

    try:
        return fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 3)
    except OSError:
        return None
