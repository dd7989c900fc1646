"""The price of the estimate is due for another look

Prices are not on the API page; each one in the profile has a day by which it should be looked at
again. Past it the estimate may be wrong. `--price` gives your own, a profile of yours replaces it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.rule import Rule
from motion_preflight.text.numbers import format_decimal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="price-outdated",
    level=Level.WARNING,
    authority=Authority.INFERRED,
    source="the price's own review date in the profile",
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A warning when the profile's price is past its review date and the user gives none."""
    price = case.profile.price(case.draft.model, case.draft.mode)
    if (
        case.options.price is None
        and price
        and price.review_by
        and case.now.date() > price.review_by
    ):
        source = case.profile.source_of(price)
        message = (
            f"the price {format_decimal(price.per_second)} {case.profile.currency} a second "
            "was read on "
            f"{source.as_of} and was to be reviewed by {price.review_by}"
        )
        remedy = "look it up, and give it with --price or in a profile of yours"
        yield RULE.finding(case, Level.WARNING, None, message, remedy)
