"""Billable seconds times price, as a range: how the provider measures and rounds is not known."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.numbers import AmountRange, format_cents, format_decimal
from motion_preflight.text.presentable import Presentable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from motion_preflight.media.facts import MediaFacts
    from motion_preflight.provider.profile import Profile, Rounding, Source
    from motion_preflight.request.parse import ParsedRequest


@dataclass(frozen=True, slots=True)
class Cost:
    """What a request may cost, in `currency`, or why that is not known. `str` is one of the two,
    the amount rounded to cents.
    """

    low: Decimal | None  # `None`: not known
    high: Decimal | None  # `None` exactly where `low` is
    currency: str
    unknown: str | None = None  # why it is not known, in words; `None`: it is

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return f"unknown cost ({self.unknown})"
        return format_cents(self.low, self.high, self.currency)


@dataclass(frozen=True, slots=True)
class RoundedSeconds:
    """The seconds that would be billed with one rounding: one for each reading of the duration,
    ascending, without repetitions.
    """

    rounding: str  # `exact`, `nearest` or `up`
    seconds: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Estimate(Presentable):
    """What a request may be billed. With an unknown price the seconds remain, and `amount` is
    `None`.
    """

    seconds: AmountRange
    price_per_second: Decimal | None
    currency: str
    amount: AmountRange | None
    # The longest duration allowed, whose cost some gateways reserve first.
    hold_seconds: Decimal | None
    hold_amount: Decimal | None
    price_source: str | None
    price_as_of: dt.date | None
    # The profile's price of a second, whatever the user's own is.
    profile_price: Decimal | None = None
    price_confidence: str | None = None  # of the source in the profile; `None` with a user's price
    by_rounding: tuple[RoundedSeconds, ...] = ()  # empty where it was read from a document

    def __repr__(self) -> str:
        low, high = format_decimal(self.seconds.low), format_decimal(self.seconds.high)
        return f"<Estimate {low if low == high else f'{low} to {high}'} s, {self.cost}>"

    @property
    def cost(self) -> Cost:
        """The amount, or why it is not known."""
        if self.amount is None:
            return Cost(None, None, self.currency, "no price is known")
        return Cost(self.amount.low, self.amount.high, self.currency)

    @property
    def counted(self) -> AmountRange | None:
        """The amount that a budget counts; `None` when no price is known.

        It uses the profile's price where the user's own is lower, so that a mistake in `price`
        lifts no limit.
        """
        if self.amount is None or self.price_per_second is None or self.profile_price is None:
            return self.amount
        if self.profile_price <= self.price_per_second:
            return self.amount
        return times(self.seconds, self.profile_price)


def rounded(seconds: Decimal, rounding: Rounding) -> Decimal:
    """The seconds as they are billed with this rounding."""
    if rounding == "exact":
        return seconds
    return seconds.to_integral_value(ROUND_HALF_UP if rounding == "nearest" else ROUND_CEILING)


def estimate_cost(
    draft: ParsedRequest, video: MediaFacts, profile: Profile, price: Decimal | None = None
) -> Estimate | None:
    """The estimate for a request with a measured video; `None` when no duration was read.

    `price` is the user's own for a second, in the profile's currency; `None` means the profile's.
    """
    readings = video.durations.judged
    if not readings or video.video is None:
        return None
    by_rounding = round_all(readings.ways.values(), profile)
    listed = profile.price(draft.model, draft.mode)
    per_second = price if price is not None else (listed.per_second if listed else None)
    source = profile.source_of(listed) if listed and price is None else None
    seconds = range_of(by_rounding)
    hold = longest(draft, profile)
    return Estimate(
        seconds=seconds,
        price_per_second=per_second,
        currency=profile.currency,
        amount=None if per_second is None else times(seconds, per_second),
        hold_seconds=hold,
        hold_amount=None if per_second is None or hold is None else hold * per_second,
        price_source=_cited(source, price),
        price_as_of=source.as_of if source else None,
        profile_price=listed.per_second if listed else None,
        price_confidence=source.confidence if source else None,
        by_rounding=by_rounding,
    )


def round_all(readings: Iterable[Decimal], profile: Profile) -> tuple[RoundedSeconds, ...]:
    """The seconds of every reading with every rounding of the profile."""
    lengths = list(readings)
    return tuple(
        RoundedSeconds(rounding, tuple(sorted({rounded(length, rounding) for length in lengths})))
        for rounding in profile.billing.roundings
    )


def range_of(by_rounding: Sequence[RoundedSeconds]) -> AmountRange:
    """The least and the most seconds over all roundings, of which there must be one."""
    bills = [seconds for one in by_rounding for seconds in one.seconds]
    return AmountRange(min(bills), max(bills))


def _cited(source: Source | None, price: Decimal | None) -> str | None:
    if price is not None:
        return "yours, given for this run"
    return f"{source.title} ({source.confidence})" if source else None


def times(seconds: AmountRange, per_second: Decimal) -> AmountRange:
    """The amount of money for a range of seconds at a price of one second."""
    return AmountRange(seconds.low * per_second, seconds.high * per_second)


def longest(draft: ParsedRequest, profile: Profile) -> Decimal | None:
    """The longest duration in seconds that the request's orientation allows; `None` without a
    limit.
    """
    if draft.character_orientation is None:
        return None
    limit = profile.limits_of(draft.model).video_duration.of(draft.character_orientation)
    return max(limit.maximum.values()) if limit.maximum else None
