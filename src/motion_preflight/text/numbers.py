"""How numbers are shown, and which numbers can be an amount."""

from __future__ import annotations

from decimal import Decimal

from motion_preflight.text.lazy_dataclass import dataclass

# Seconds or money; a number beyond these bounds is taken for a typing mistake.
LEAST_AMOUNT, MOST_AMOUNT = Decimal("1e-9"), 10**9


@dataclass(frozen=True, slots=True)
class AmountRange:
    """A low and a high end in the same unit (seconds or money)."""

    low: Decimal
    high: Decimal

    def __add__(self, other: AmountRange) -> AmountRange:
        return AmountRange(self.low + other.low, self.high + other.high)


def is_amount(number: Decimal) -> bool:
    """Whether a number can be an amount of seconds or money: 0, or between 1e-9 and 1e9."""
    return number.is_finite() and (number == 0 or LEAST_AMOUNT <= number <= MOST_AMOUNT)


def format_decimal(value: Decimal) -> str:
    """The number exactly, without needless zeros or an exponent: `10`, `9.923`."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def format_cents(low: Decimal, high: Decimal, currency: str) -> str:
    """A range of money rounded to cents: `USD 0.57 to 0.63`, or `USD 0.57` where that is one."""
    first, last = f"{low:.2f}", f"{high:.2f}"
    return f"{currency} {first if first == last else f'{first} to {last}'}"


def format_money(amount: Decimal) -> str:
    """The amount exactly, with at least two decimal places: `5.00`, `0.45696`."""
    text = format_decimal(amount)
    places = len(text.partition(".")[2])
    return text if places >= 2 else f"{amount:.2f}"


def plural(count: int, noun: str) -> str:
    """A count with its noun: `1 frame`, `1,200 frames`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
