"""Options of the library as a caller gave them: each is what it has to be, or raises an error that
names it. Money and paid requests depend on them, and `again="no"` would otherwise count as true.
"""

from __future__ import annotations


def ensure_flag(name: str, value: object) -> None:
    """Raises `TypeError` for a value that is not a bool, because `"no"` would count as true."""
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be a bool, not {type(value).__name__}")


def ensure_text(name: str, value: object) -> None:
    """Raises `TypeError` for a value that is neither a text nor `None`."""
    if not isinstance(value, str | None):
        raise TypeError(f"{name} must be a text, not {type(value).__name__}")


def ensure_seconds(name: str, value: object, *, zero: bool = False) -> None:
    """Raises `TypeError` for a value that is no number, and `ValueError` for one that is no time
    to wait. `zero` allows 0 seconds.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} must be a number of seconds, not {type(value).__name__}")
    if not (value >= 0 if zero else value > 0):  # NaN is neither
        raise ValueError(f"{name} must be {'0 seconds or more' if zero else 'above 0 seconds'}")
