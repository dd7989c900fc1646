"""What clips that there are not yet would cost."""

from __future__ import annotations

from decimal import Decimal

import pytest
from builders import duration_profile

from motion_preflight.pipeline import default_profile
from motion_preflight.report.planned import plan_costs
from motion_preflight.text.numbers import AmountRange

D = Decimal
PROFILE = default_profile()


def test_every_model_and_mode_has_its_cost_over_all_roundings() -> None:
    plans = plan_costs(D("8.3"), 500, profile=PROFILE)
    assert [(plan.model, plan.mode) for plan in plans] == [
        (model, mode) for model in PROFILE.models for mode in ("std", "pro")
    ]
    for plan in plans:
        price = PROFILE.price(plan.model, "pro" if plan.mode == "pro" else "std")
        assert price
        assert plan.seconds == AmountRange(D(4000), D(4500))
        assert plan.amount == AmountRange(4000 * price.per_second, 4500 * price.per_second)
        assert plan.orientations == ("image", "video")


def test_your_own_price_goes_before_that_of_the_profile() -> None:
    plans = plan_costs(D(8), 2, profile=PROFILE, price=D("0.5"))
    assert {plan.amount for plan in plans} == {AmountRange(D(8), D(8))}


@pytest.mark.parametrize(
    ("length", "orientations"),
    [("2.9", ()), ("3", ("image", "video")), ("10", ("image", "video")), ("10.1", ("video",)),
     ("30", ("video",)), ("30.1", ())],
)  # fmt: skip
def test_the_limits_of_a_length_are_those_of_a_check(
    length: str, orientations: tuple[str, ...]
) -> None:
    assert {plan.orientations for plan in plan_costs(D(length), 1, profile=PROFILE)} == {
        orientations
    }


def test_a_profile_without_limits_allows_every_length() -> None:
    (plan, *_) = plan_costs(D(3000), 1, profile=duration_profile())
    assert plan.orientations == ("image", "video")
