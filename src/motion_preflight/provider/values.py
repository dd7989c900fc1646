"""Values of the provider's JSON, whatever their type turns out to be."""

from __future__ import annotations

from decimal import Decimal
from typing import Any


def number_of(value: Any) -> Decimal | None:  # noqa: ANN401  JSON
    """The value as a number; `None` when it is not one, or implausibly large or small."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    number = Decimal(value)
    sane = number.adjusted() < 40 and int(number.as_tuple().exponent) > -40
    return number if sane else None


def object_of(value: Any) -> dict[str, Any]:  # noqa: ANN401  JSON
    """The value if it is an object, otherwise an empty object."""
    return value if isinstance(value, dict) else {}


def items_of(value: Any) -> list[Any]:  # noqa: ANN401  JSON
    """The items of a list. Any other value counts as a list of itself alone."""
    return value if isinstance(value, list) else [value]
