"""The measurements of one run, by medium.

The latest stay in memory, the rest go to a file that is removed with the run. So memory stays flat
however many media there are.
"""

from __future__ import annotations

import sys
from collections import OrderedDict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motion_preflight.media.facts_file import FactsFile
    from motion_preflight.media.medium import CachedFacts, Medium

_IN_MEMORY = 4096  # media in memory at most, some 2 KB each


class FactsCache:
    """Maps media to what was measured of them. For use in one thread."""

    def __init__(self, in_memory: int = _IN_MEMORY) -> None:
        self._in_memory = in_memory
        self._latest: OrderedDict[Medium, CachedFacts] = OrderedDict()
        self._file: FactsFile | None = None

    def get(self, medium: Medium) -> CachedFacts | None:
        """The measurement of a medium and its time; `None` when it was not measured yet."""
        cached = self._latest.get(medium)
        if cached is not None:
            self._latest.move_to_end(medium)
            return cached
        return self._file.get(medium) if self._file else None

    def put(self, medium: Medium, measured: CachedFacts) -> None:
        """Keeps a measurement for the rest of the run."""
        self._latest[medium] = measured
        if len(self._latest) > self._in_memory:
            self._put_away()

    def _put_away(self) -> None:
        """Moves the oldest measurement into the file, or stops moving when the disk has no room."""
        oldest, value = self._latest.popitem(last=False)
        try:
            if self._file is None:
                # Imports SQLite and pickle, which only a long run needs.
                from motion_preflight.media.facts_file import FactsFile  # noqa: PLC0415

                self._file = FactsFile()
            self._file.put(oldest, value)
        except OSError:
            self._in_memory = sys.maxsize
            self._latest[oldest] = value

    def close(self) -> None:
        """Removes the file, if there is one."""
        if self._file is not None:
            self._file.close()
