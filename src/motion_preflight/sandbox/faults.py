"""The faults that were asked for, and which of them is next."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from motion_preflight.sandbox.fault_table import FAULTS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from motion_preflight.sandbox.fault import Fault, SourceLocation


class Faults:
    """Those that were asked for, in their order. Threads may share it."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._lock = Lock()
        self._alive: list[tuple[Fault, int | None]] = []  # with how often it still strikes
        self.add(*names)

    def add(self, *names: str) -> None:
        """Add `NAME` or `NAME*N`. Raises `ValueError` for what is neither, and adds nothing."""
        read = [_read(name) for name in names]
        with self._lock:
            self._alive += read

    def clear(self) -> None:
        with self._lock:
            self._alive.clear()

    def replace(self, *names: str) -> None:
        """Have these in place of those that there are. Raises what `add` raises."""
        read = [_read(name) for name in names]
        with self._lock:
            self._alive = read

    def take(self, *places: SourceLocation) -> Fault | None:
        """The first one alive for one of the places; a counted one has struck once more."""
        with self._lock:
            for at, (fault, left) in enumerate(self._alive):
                if fault.at in places:
                    if left is not None:
                        self._alive[at : at + 1] = [(fault, left - 1)] if left > 1 else []
                    return fault
        return None


def _read(text: str) -> tuple[Fault, int | None]:
    name, star, count = text.partition("*")
    if name not in FAULTS:
        raise ValueError(f"{name!r} is no fault; there are: {', '.join(FAULTS)}")
    if star and not (count.isdecimal() and int(count)):
        raise ValueError(f"{text!r}: after the * stands how often, 1 or more")
    return FAULTS[name], int(count) if star else None
