"""What stderr shows while something takes its time: a bar for bytes, a line for waiting."""

from __future__ import annotations

import shutil
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

_EVERY = 0.1  # seconds
_CELLS = 24
_WORTH = 1 << 20  # bytes; below it there is nothing to wait for
_QUIET = 60.0  # seconds between two lines that say the same


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


class Ticker:
    """What is being waited for: one line that is drawn over on a terminal; elsewhere a line when
    something changes, and once a minute.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._on = stream.isatty()
        self._changed: dict[str, tuple[str, float]] = {}

    def show(self, name: str, state: str, text: str) -> None:
        """Says how `name` stands; `state` is what counts as a change."""
        if self._on:
            self._stream.write(f"\r\x1b[K{text[: _columns() - 1]}")
            self._stream.flush()
            return
        was, at = self._changed.get(name, ("", 0.0))
        now = time.monotonic()
        if state != was or now - at >= _QUIET:
            self._changed[name] = state, now
            self._stream.write(f"{text}\n")
            self._stream.flush()

    def clear(self) -> None:
        """Takes the line away."""
        if self._on:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def _columns() -> int:
    return shutil.get_terminal_size((80, 24)).columns
