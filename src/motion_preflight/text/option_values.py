"""Options of the library as a caller gave them: each is what it has to be, or raises an error that
names it. Paid requests and public links depend on them, and `again="no"` would count as true.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection


def ensure_flag(name: str, value: object) -> None:
    """Raises `TypeError` for a value that is not a bool, because `"no"` would count as true."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be a bool, not {type(value).__name__}")


def ensure_text(name: str, value: object) -> None:
    """Raises `TypeError` for a value that is neither a text nor `None`."""
    if not isinstance(value, str | None):
        raise TypeError(f"{name} must be a text, not {type(value).__name__}")


def ensure_choice(name: str, value: object, choices: Collection[str]) -> None:
    """Raises `ValueError` for a value that is neither one of the choices nor `None`."""
    if value is not None and value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, not {value!r:.60}")


def ensure_decimal(name: str, value: object) -> None:
    """Raises `TypeError` for a value that is no exact number, and `ValueError` for NaN and the
    infinite ones.
    """
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise TypeError(f"{name} must be a Decimal, not {type(value).__name__}")
    if not Decimal(value).is_finite():
        raise ValueError(f"{name} must be a finite number")


def ensure_timedelta(name: str, value: object) -> None:
    """Raises `TypeError` for a value that is no `timedelta`."""
    if not isinstance(value, dt.timedelta):
        raise TypeError(f"{name} must be a timedelta, not {type(value).__name__}")


def ensure_seconds(name: str, value: object, *, zero: bool = False) -> None:
    """Raises `TypeError` for a value that is no number, and `ValueError` for one that is no time
    to wait. `zero` allows 0 seconds.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number of seconds, not {type(value).__name__}")
    if not (value >= 0 if zero else value > 0):  # NaN is neither
        raise ValueError(f"{name} must be {'0 seconds or more' if zero else 'above 0 seconds'}")
