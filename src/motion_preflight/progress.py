"""A bar on stderr while a whole file is read; nothing when it is no terminal."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

_EVERY = 0.1  # seconds
_CELLS = 24
_WORTH = 1 << 20  # bytes; below it there is nothing to wait for


class Bar:
    """Draws over its own line, and leaves none behind."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._on = stream.isatty()
        self._next = 0.0
        self._drawn = False
        self._lock = threading.Lock()

    def __call__(self, done: int, total: int | None) -> None:
        with self._lock:
            now = time.monotonic()
            if not self._on or now < self._next or (total or done) < _WORTH:
                return
            self._next, self._drawn = now + _EVERY, True
            self._stream.write(f"\r\x1b[K{_line(done, total)}")
            self._stream.flush()

    def clear(self) -> None:
        with self._lock:
            if self._drawn:
                self._stream.write("\r\x1b[K")
                self._stream.flush()
                self._drawn = False


def _line(done: int, total: int | None) -> str:
    if not total:
        return f"reading the file: {done / 1e6:.1f} MB"
    full = min(done * _CELLS // total, _CELLS)
    bar = "#" * full + "." * (_CELLS - full)
    return f"reading the file: [{bar}] {done / 1e6:.1f} of {total / 1e6:.1f} MB"
