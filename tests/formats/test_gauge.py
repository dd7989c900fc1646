"""The gauge never lies: inside is drawn inside, outside outside."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motion_preflight.formats.gauge import coloured_gauge, gauge
from motion_preflight.formats.style import Style

LOW, HIGH = Decimal(3), Decimal(10)


def parts(line: str) -> tuple[str, str, str]:
    before, _, rest = line.partition("├")
    inside, _, after = rest.partition("┤")
    return before, inside, after


@pytest.mark.parametrize(
    ("reading", "where"),
    [("2.999999", 0), ("3", 1), ("8", 1), ("10", 1), ("10.000001", 2), ("10.01", 2), ("500", 2)],
)
def test_a_reading_stands_on_its_side_of_the_limit(reading: str, where: int) -> None:
    drawn = parts(gauge([Decimal(reading)], LOW, HIGH, 60))
    assert [("●" in part or "►" in part) for part in drawn] == [n == where for n in range(3)]


def test_a_reading_off_the_scale_is_an_arrow() -> None:
    assert "►" in gauge([Decimal(500)], LOW, HIGH, 60)


@given(st.decimals("0.001", "86400", places=3), st.integers(30, 120))
def test_the_line_has_its_width_whatever_is_drawn(reading: Decimal, width: int) -> None:
    assert len(gauge([reading], LOW, HIGH, width)) == max(width, len("3 ") + len(" 10 s ") + 20)


def test_a_reading_inside_is_green_and_one_outside_red() -> None:
    style = Style(colour=True)
    drawn = gauge([Decimal(8), Decimal(12), Decimal(500)], LOW, HIGH, 60)
    green, red = style.paint("●", "green", "bold"), style.paint("●", "red", "bold")
    coloured = coloured_gauge(drawn, style)
    assert (coloured.count(green), coloured.count(red)) == (1, 1)
    assert style.paint("►", "red", "bold") in coloured
    assert coloured_gauge(drawn, Style()) == drawn
