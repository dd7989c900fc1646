"""Which stretches of a file are held."""

from __future__ import annotations


class Held:
    """Stretches from a start to an end (exclusive), sorted and apart from each other."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    @property
    def pieces(self) -> int:
        return len(self._spans)

    def add(self, start: int, end: int) -> None:
        spans = sorted([*self._spans, (start, end)])
        self._spans = [spans[0]]
        for start, end in spans[1:]:  # noqa: PLR1704  the added stretch is one of them
            if start <= self._spans[-1][1]:
                self._spans[-1] = self._spans[-1][0], max(end, self._spans[-1][1])
            else:
                self._spans.append((start, end))

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """The stretches, from the first to the last."""
        return tuple(self._spans)

    def overlaps(self, start: int, end: int) -> list[tuple[int, int]]:
        """What is held of the bytes between two offsets."""
        return [
            (max(start, first), min(end, last))
            for first, last in self._spans
            if first < end and start < last
        ]

    def gap(self, start: int, end: int) -> tuple[int, int] | None:
        """The first stretch between two offsets that is not held; `None` when there is none."""
        for held_start, held_end in self._spans:
            if start >= end:
                return None
            if held_start > start:
                return start, min(held_start, end)
            start = max(start, held_end)
        return (start, end) if start < end else None

    def next_from(self, start: int, end: int) -> int:
        """Where the next held stretch begins, at `end` at the latest."""
        return min((held for held, _ in self._spans if held >= start), default=end)
