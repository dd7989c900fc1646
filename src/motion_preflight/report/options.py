"""The options of a check."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from os import PathLike
from pathlib import Path

from motion_preflight.media.options import ProbeKeywords, ProbeOptions
from motion_preflight.provider.profile import Profile  # noqa: F401  of the inherited fields
from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.numbers import LEAST_AMOUNT, MOST_AMOUNT, is_amount
from motion_preflight.text.option_values import ensure_flag


class CheckKeywords(ProbeKeywords, total=False):
    """The fields of `CheckOptions` as keywords of a call."""

    now: dt.datetime | None
    folder: str | PathLike[str] | None
    strict: bool
    price: Decimal | None
    tolerance: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOptions(ProbeOptions):
    """The options of a check: those of `ProbeOptions`, and those below.

    now        the time to compare signed links and prices with; `None`: the clock's time
    folder     where relative paths of the request start; `None`: the current folder
    strict     warnings count as errors for the verdict
    price      your own for a second, in the profile's currency; `None`: the profile's
    tolerance  seconds that a reading may lie beyond a limit

    Raises `TypeError` and `ValueError` for invalid values.
    """

    now: dt.datetime | None = None
    folder: Path | None = None
    strict: bool = False
    price: Decimal | None = None
    tolerance: Decimal = Decimal(0)

    __hash__ = None  # the mappings of its profile can be changed

    def __post_init__(self) -> None:
        ProbeOptions.__post_init__(self)  # super() is not known in a class with slots
        ensure_flag("strict", self.strict)
        if self.now is not None and not isinstance(self.now, dt.datetime):
            raise TypeError(f"now must be a datetime, not {type(self.now).__name__}")
        if self.now is not None and self.now.tzinfo is None:
            raise ValueError("now must have a time zone")
        object.__setattr__(self, "price", amount_option("price", self.price))
        object.__setattr__(
            self, "tolerance", amount_option("tolerance", self.tolerance) or Decimal(0)
        )


def amount_option(name: str, value: object) -> Decimal | None:
    """A price or a tolerance as a number; `None` stays `None`. Raises `TypeError` and
    `ValueError`.
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise TypeError(f"{name} must be a Decimal, not {type(value).__name__}")
    amount = Decimal(value)
    if not is_amount(amount):
        raise ValueError(f"{name} must be 0, or between {LEAST_AMOUNT} and {MOST_AMOUNT}")
    return amount
