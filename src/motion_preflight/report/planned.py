"""What clips of a length would cost, before there is a clip: with every model and mode."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from motion_preflight.report.estimate import range_of, round_all, times
from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.numbers import AmountRange

if TYPE_CHECKING:
    from motion_preflight.provider.profile import Profile

MODES: tuple[Literal["std", "pro"], ...] = ("std", "pro")
_ORIENTATIONS: tuple[Literal["image", "video"], ...] = ("image", "video")


@dataclass(frozen=True, slots=True)
class PlannedCost:
    """The cost of all requests with one model and mode."""

    model: str
    mode: str
    seconds: AmountRange  # billable, of all requests
    amount: AmountRange | None  # `None`: no price is known
    orientations: tuple[str, ...]  # those for which a clip of this length is allowed


def plan_costs(
    length: Decimal, count: int, *, profile: Profile, price: Decimal | None = None
) -> tuple[PlannedCost, ...]:
    """What `count` clips of a length (seconds) would cost, for every model and mode of the profile.
    `price` is the user's own for a second; `None` means the profile's.
    """
    one = range_of(round_all([length], profile))
    seconds = AmountRange(one.low * count, one.high * count)
    plans = []
    for model in profile.models:
        allowed = (name for name in _ORIENTATIONS if _is_allowed(length, model, name, profile))
        orientations = tuple(allowed)
        for mode in MODES:
            listed = profile.price(model, mode)
            per_second = price if price is not None else (listed.per_second if listed else None)
            amount = None if per_second is None else times(seconds, per_second)
            plans.append(PlannedCost(model, mode, seconds, amount, orientations))
    return tuple(plans)


def _is_allowed(
    length: Decimal, model: str, orientation: Literal["image", "video"], profile: Profile
) -> bool:
    limit = profile.limits_of(model).video_duration.of(orientation)
    too_short = limit.minimum and length < max(limit.minimum.values())
    too_long = limit.maximum and length > min(limit.maximum.values())
    return not (too_short or too_long)
