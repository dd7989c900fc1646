"""Standard input as the protocol reads it: a line at a time, bounded, and ended by a signal as if
the client had closed it.
"""

from __future__ import annotations

import os
import selectors
from contextlib import suppress

_LONGEST = 4 << 20  # bytes of a message; a longer one is dropped
_PIECE = 1 << 16


class StandardInput:
    """The lines of a file descriptor, until its end or until `end` is called."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._heard, self._bell = os.pipe()
        os.set_blocking(self._bell, False)
        self._selector = selectors.SelectSelector()
        for number in (descriptor, self._heard):
            with suppress(PermissionError):  # a regular file is always ready
                self._selector.register(number, selectors.EVENT_READ)
        self._rest = bytearray()
        self._dropping = False
        self._ended = False

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
        self._selector.select()
        if self._ended:
            return b""
        try:
            return os.read(self._descriptor, _PIECE)
        except OSError:  # the other side is gone
            return b""
