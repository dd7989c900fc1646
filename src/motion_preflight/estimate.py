"""Billable seconds x price: a range over the readings and roundings, because neither is known."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    from motion_preflight.facts import MediaFacts
    from motion_preflight.profile import Profile, Rounding, Source
    from motion_preflight.request import Draft


@dataclass(frozen=True, slots=True)
class Span:
    """A low and a high end, the same unit for both."""

    low: Decimal
    high: Decimal

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high)


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a request may be billed. An unknown price leaves the seconds and `amount` is `None`."""

    seconds: Span
    price_per_second: Decimal | None
    currency: str
    amount: Span | None
    hold_seconds: Decimal | None  # the longest duration allowed; gateways may reserve it first
    hold_amount: Decimal | None
    price_source: str | None
    price_as_of: dt.date | None
    known_price: Decimal | None = None  # the profile's price of a second, whatever the user gave

    @property
    def counted(self) -> Span | None:
        """What a budget counts: by the profile's price where the user's own is lower, so that a
        slip in `--price` lifts no limit. `None` where no price is known.
        """
        if self.amount is None or self.price_per_second is None or self.known_price is None:
            return self.amount
        if self.known_price <= self.price_per_second:
            return self.amount
        return times(self.seconds, self.known_price)


def rounded(seconds: Decimal, rounding: Rounding) -> Decimal:
    """The seconds as one of the ways that sellers bill them."""
    if rounding == "exact":
        return seconds
    return seconds.to_integral_value(ROUND_HALF_UP if rounding == "nearest" else ROUND_CEILING)


def estimated(
    draft: Draft, video: MediaFacts, profile: Profile, price: Decimal | None = None
) -> Estimate | None:
    """The estimate for a request with a measured video; `None` when no duration was read.

    `price` is the user's own for a second, in the profile's currency.
    """
    readings = video.durations.judged
    if not readings or video.video is None:
        return None
    bills = [
        rounded(value, rounding)
        for value in readings.ways.values()
        for rounding in profile.billing.roundings
    ]
    known = profile.price(draft.model, draft.mode)
    per_second = price if price is not None else (known.per_second if known else None)
    source = profile.source_of(known) if known and price is None else None
    seconds = Span(min(bills), max(bills))
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
        known_price=known.per_second if known else None,
    )


def _cited(source: Source | None, price: Decimal | None) -> str | None:
    if price is not None:
        return "yours, given for this run"
    return f"{source.title} ({source.confidence})" if source else None


def times(seconds: Span, per_second: Decimal) -> Span:
    return Span(seconds.low * per_second, seconds.high * per_second)


def longest(draft: Draft, profile: Profile) -> Decimal | None:
    """The longest duration that the request's orientation allows, in seconds."""
    if draft.character_orientation is None:
        return None
    limit = getattr(profile.limits.video_duration, draft.character_orientation)
    return max(limit.maximum.values()) if limit.maximum else None
