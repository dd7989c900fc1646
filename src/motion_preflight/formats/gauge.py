"""Draws the readings of a duration on one line, on a scale around the allowed range."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.text.numbers import format_decimal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from motion_preflight.formats.style import Style

_BEYOND = Decimal("1.3")  # times the maximum: where the scale ends if all readings lie nearer
_READING = re.compile("[●►]+")
_FARTHEST = Decimal(2)  # times the maximum: where it ends at the latest


def gauge(readings: Sequence[Decimal], low: Decimal, high: Decimal, width: int) -> str:
    """Draws the allowed range between brackets, a dot for each reading, and `►` for one off the
    scale.

    A reading inside the range is always drawn inside it, one outside always outside, however near.
    Readings and limits are in seconds, `width` is in columns.
    """
    end = min(max(high * _BEYOND, max(readings) * Decimal("1.05")), high * _FARTHEST)
    left, right = f"{format_decimal(low)} ", f" {format_decimal(high)} s "
    cells = max(width - len(left) - len(right), 20)
    start_cell = max(int(low / end * cells), 2)
    end_cell = max(int(high / end * cells), start_cell + 4)
    line = ["┄"] * start_cell + ["━"] * (end_cell - start_cell) + ["┄"] * (cells - end_cell)
    line[start_cell], line[end_cell] = "├", "┤"
    for reading in readings:
        cell = int(reading / end * cells)
        if reading < low:
            cell = min(cell, start_cell - 1)
        elif reading > high:
            cell = max(cell, end_cell + 1)
        else:
            cell = min(max(cell, start_cell + 1), end_cell - 1)
        line[min(cell, cells - 1)] = "●" if cell < cells else "►"
    before, inside, after = line[:start_cell], line[start_cell : end_cell + 1], line[end_cell + 1 :]
    return f"{''.join(before)}{left}{''.join(inside)}{right}{''.join(after)}"


def coloured_gauge(line: str, style: Style) -> str:
    """A drawn gauge whose dots are green inside of the allowed range and red outside of it."""
    before, left, rest = line.partition("├")
    inside, right, after = rest.partition("┤")

    def dots(text: str, colour: str) -> str:
        return _READING.sub(lambda match: style.paint(match[0], colour, "bold"), text)

    return f"{dots(before, 'red')}{left}{dots(inside, 'green')}{right}{dots(after, 'red')}"
