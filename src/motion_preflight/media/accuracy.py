"""How exactly the clock of a container can tell how long a video is.

The clock of Matroska and FLV counts milliseconds, that of a transport stream 1/90,000 of a second.
So the times of a clip of exactly 3 s at 24 frames a second are rounded, and add up to 2.999 s.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motion_preflight.media.streams import Stream

# The first time, the last time and the last length are each rounded by half a tick or more.
_TICKS = 2
_MOST = Decimal("0.002")  # seconds; a coarser clock counts whole frames, and rounds nothing
_PRINTED = Decimal("0.000004")  # seconds; ffprobe rounds the same three values to a microsecond
_DIGITS = 10  # at most, of a 32-bit number that ffprobe prints
_NTSC = Fraction(1000, 1001)  # turns 30 frames a second into 29.97
_MICROSECOND = Decimal("0.000001")


def accuracy(stream: Stream) -> Decimal:
    """The seconds by which a length that is measured on the stream's clock may be wrong."""
    numerator, _, denominator = str(stream.get("time_base")).partition("/")
    usual = numerator.isdecimal() and denominator.isdecimal() and len(denominator) <= _DIGITS
    if not usual or not int(denominator):
        return _PRINTED
    error = _TICKS * Decimal(numerator) / Decimal(denominator)
    return _PRINTED + (error if error <= _MOST else 0)


def without_rounding(
    measured: Decimal, frames: int, error: Decimal, *declared: Decimal | None
) -> tuple[Decimal | None, ...]:
    """The measured and the declared lengths, in seconds, with rounding errors taken out: all that
    the clock cannot tell apart become the same number. That number is the length of so many frames
    at a usual rate, else the first declared length that is near enough.
    """
    value = _of_usual_rate(measured, frames, error)
    if value is None:
        near = (other for other in declared if other and abs(other - measured) <= error)
        value = next(near, measured)
    return value, *(value if other and abs(other - value) <= error else other for other in declared)


def _of_usual_rate(measured: Decimal, frames: int, error: Decimal) -> Decimal | None:
    """The seconds that so many frames last at a usual rate, which is a whole number of frames a
    second or its NTSC variant; `None` when that differs from what was measured by more than the
    error.
    """
    whole = round(frames / measured)
    lengths = [frames / rate for rate in (Fraction(whole), whole * _NTSC) if rate]
    exact = min(lengths, key=lambda length: abs(length - Fraction(measured)), default=Fraction(0))
    value = (Decimal(exact.numerator) / exact.denominator).quantize(_MICROSECOND)
    return value if abs(value - measured) <= error else None
