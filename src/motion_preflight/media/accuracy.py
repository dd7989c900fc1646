"""How exactly the clock of a container can say how long a video is.

The clock of Matroska and FLV has milliseconds, that of a transport stream 1/90,000 of a second: the
times of a clip of exactly 3 s at 24 frames a second are rounded, and their sum is 2.999 s.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motion_preflight.media.streams import Stream

_TICKS = 2  # the first time, the last time and the last length are rounded, by half a tick and more
_MOST = Decimal("0.002")  # seconds; a coarser clock counts frames, and rounds nothing
_PRINTED = Decimal("0.000004")  # seconds; ffprobe rounds the same three to a microsecond
_DIGITS = 10  # of a number of ffprobe's, which has 32 bits
_NTSC = Fraction(1000, 1001)  # 30 frames a second are 29.97 there
_MICROSECOND = Decimal("0.000001")


def accuracy(stream: Stream) -> Decimal:
    """Seconds by which a length that is measured on the stream's clock may be wrong."""
    numerator, _, denominator = str(stream.get("time_base")).partition("/")
    usual = numerator.isdecimal() and denominator.isdecimal() and len(denominator) <= _DIGITS
    if not usual or not int(denominator):
        return _PRINTED
    error = _TICKS * Decimal(numerator) / Decimal(denominator)
    return _PRINTED + (error if error <= _MOST else 0)


def without_rounding(
    measured: Decimal, frames: int, error: Decimal, *declared: Decimal | None
) -> tuple[Decimal | None, ...]:
    """What was measured, and what is declared, in seconds: the same number for all that the clock
    cannot tell apart. It is the length of so many frames at a usual rate, else what is declared.
    """
    value = _of_usual_rate(measured, frames, error)
    if value is None:
        near = (other for other in declared if other and abs(other - measured) <= error)
        value = next(near, measured)
    return value, *(value if other and abs(other - value) <= error else other for other in declared)


def _of_usual_rate(measured: Decimal, frames: int, error: Decimal) -> Decimal | None:
    """How long so many frames last at a whole number of them a second, or at one of NTSC's, where
    that is what was measured, within the error. Seconds.
    """
    whole = round(frames / measured)
    lengths = [frames / rate for rate in (Fraction(whole), whole * _NTSC) if rate]
    exact = min(lengths, key=lambda length: abs(length - Fraction(measured)), default=Fraction(0))
    value = (Decimal(exact.numerator) / exact.denominator).quantize(_MICROSECOND)
    return value if abs(value - measured) <= error else None
