"""The frame rate and the sides that a new clip gets."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from motion_preflight.repair.errors import CannotFix

if TYPE_CHECKING:
    from motion_preflight.media.stream_details import StreamDetails
    from motion_preflight.provider.limits import Bound, Limits

# Usual frame rates; a result has the nearest one, or the next higher one.
RATES = (
    *(Fraction(rate) for rate in (10, 12, 15, 20)),
    Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30),
    Fraction(48), Fraction(50), Fraction(60000, 1001), Fraction(60),
)  # fmt: skip
_NEAR = Fraction(2, 100)  # part by which an average rate may miss the one that is meant
_EXACT = Fraction(1, 1000)  # the same part, where nothing was left out
_UNKNOWN_RATE = Fraction(30)
_LONGEST_SIDE = Decimal(8192)  # pixels of a side where a profile sets no limit


def usual_rate(average: Fraction | None, base: Fraction | None, *, strict: bool) -> Fraction:
    """A usual frame rate for a source; at most 30 for a second attempt.

    The base rate counts where it is a usual one: frames that are left out, a last one that is held
    or a declared length that is a little off change the average, but not the rate of the motion.
    One of exactly twice the average is that of the fields, which some codecs count.
    """
    rate = average
    if base in RATES and (average is None or base > average * (1 - _NEAR)):
        rate = average if average and abs(base - 2 * average) <= base * _EXACT else base
    if rate is None:
        return _UNKNOWN_RATE
    nearest = min(RATES, key=lambda usual: abs(usual - rate))
    above = next((usual for usual in RATES if usual >= rate), RATES[-1])
    usual = nearest if abs(nearest - rate) <= rate * _NEAR else above
    return min(usual, Fraction(30)) if strict else usual


def figures(bound: Bound | None) -> list[Decimal]:
    """The readings of a bound; none where there is no such bound."""
    return list(bound.values()) if bound else []


def shown_sides(details: StreamDetails, rotation: int) -> tuple[Fraction, Fraction]:
    """Width and height in square pixels as a player shows them. Raises `CannotFix` when they are
    not known.
    """
    if not details.width or not details.height:
        raise CannotFix("the sides of the picture are not known")
    shown = Fraction(details.width) * details.pixel_shape, Fraction(details.height)
    # Like ffmpeg, which keeps the sides of what is turned by any other angle.
    return shown[::-1] if rotation % 180 == 90 else shown


def fitting_sides(shown: tuple[Fraction, Fraction], limits: Limits) -> tuple[int, int]:
    """The even sides inside the limits that keep the shape, scaled no more than the limits ask.
    Raises `CannotFix` when no scale fits both sides.
    """
    low, high = side_limits(limits)
    short, long = sorted(shown)
    scale = max(Fraction(1), low / short) if short < low else min(Fraction(1), high / long)
    if long * scale > high + 1 or short * scale < low - 1:
        sides = "x".join(str(round(side)) for side in shown)
        raise CannotFix(
            f"{sides} pixels cannot keep their shape inside the limits: each side may have "
            f"{round(low)} to {round(high)} pixels. Crop it first"
        )
    return _even(shown[0] * scale, low, high), _even(shown[1] * scale, low, high)


def side_limits(limits: Limits) -> tuple[Fraction, Fraction]:
    """The fewest and the most pixels of a side by every reading of the limit."""
    low = max(figures(limits.video_side.minimum), default=Decimal(2))
    high = min(figures(limits.video_side.maximum), default=_LONGEST_SIDE)
    return Fraction(low), Fraction(high)


def frame_seconds(rate: Fraction) -> Decimal:
    """Seconds that a frame lasts."""
    return Decimal(rate.denominator) / Decimal(rate.numerator)


def _even(side: Fraction, low: Fraction, high: Fraction) -> int:
    """The nearest even number of pixels inside the limits."""
    number = round(side / 2) * 2
    number += 2 if number < low else -2 if number > high else 0
    return max(number, 2)
