"""How exactly a clock can say how long a video is, and what it cannot tell apart."""

from __future__ import annotations

from decimal import Decimal

import pytest

from motion_preflight.media.accuracy import accuracy, without_rounding

MILLISECONDS = Decimal("0.002")


@pytest.mark.parametrize(
    ("time_base", "error"),
    [
        ("1/1000", "0.002004"),
        ("1/90000", "0.000026"),
        ("1/25", "0.000004"),  # it counts frames
        ("1/0", "0.000004"),
        ("what", "0.000004"),
        (None, "0.000004"),
    ],
)
def test_the_error_of_a_clock(time_base: str | None, error: str) -> None:
    assert accuracy({"time_base": time_base}).quantize(Decimal("0.000001")) == Decimal(error)


@pytest.mark.parametrize(
    ("measured", "frames", "declared", "readings"),
    [
        ("2.999", 72, "3.000", ("3", "3")),
        ("2.999", 72, "3.021", ("3", "3.021")),  # the sound's end
        ("3.001", 33, None, ("3", None)),
        ("10.009", 300, None, ("10.01", None)),  # 29.97 a second
        ("9.996", 250, "9.996", ("9.996", "9.996")),  # further away than the clock's steps
        ("2.951", 71, "2.950", ("2.950", "2.950")),  # of no usual rate
        ("2.951", 71, None, ("2.951", None)),
        ("4.5", 1, None, ("4.5", None)),
    ],
)
def test_what_a_clock_of_milliseconds_cannot_tell_apart(
    measured: str, frames: int, declared: str | None, readings: tuple[str, str | None]
) -> None:
    other = None if declared is None else Decimal(declared)
    values = without_rounding(Decimal(measured), frames, MILLISECONDS, other)
    assert values == tuple(None if value is None else Decimal(value) for value in readings)
