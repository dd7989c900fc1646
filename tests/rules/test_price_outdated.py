"""A price past the day by which it was to be looked at again is a warning."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from builders import PROFILE, body, case
from findings import findings_of, single

from motion_preflight.provider.profile import ModelEntry, Price
from motion_preflight.report.findings import Level
from motion_preflight.rules import price_outdated

REVIEW = dt.datetime(2027, 2, 22, tzinfo=dt.UTC)
LATER = REVIEW + dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("now", "outdated"),
    [
        pytest.param(REVIEW, False, id="the day itself"),
        pytest.param(LATER - dt.timedelta(microseconds=1), False, id="its last microsecond"),
        pytest.param(LATER, True, id="the day after"),
    ],
)
def test_the_review_day_is_the_last_good_one(now: dt.datetime, outdated: bool) -> None:  # noqa: FBT001
    assert bool(findings_of(price_outdated, case(now=now))) is outdated


def test_the_message_says_the_price_its_day_and_what_to_do() -> None:
    finding = single(findings_of(price_outdated, case(now=LATER)))
    assert (finding.level, finding.field) == (Level.WARNING, None)
    assert finding.message == (
        "the price 0.05712 USD a second was read on 2026-11-22 and was to be reviewed by 2027-02-22"
    )
    assert "--price" in finding.remedy


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param({"price": Decimal("0.06")}, id="the user's own price"),
        pytest.param({"price": Decimal(0)}, id="the user's own price of nothing"),
    ],
)
def test_a_price_of_the_users_own_is_never_outdated(parts: dict[str, Any]) -> None:
    assert findings_of(price_outdated, case(now=LATER, **parts)) == []


@pytest.mark.parametrize("fields", [{"model": "sora-2"}, {"mode": "4k"}])
def test_an_unknown_price_is_not_outdated(fields: dict[str, str]) -> None:
    assert findings_of(price_outdated, case(body(**fields), now=LATER)) == []


def test_a_price_without_a_review_day_is_never_outdated() -> None:
    endless = Price(Decimal("0.06"), "price-page", review_by=None)
    entry = ModelEntry({"std": endless})
    own = replace(PROFILE, models=PROFILE.models | {"kling-v2-6-motion-control": entry})
    assert findings_of(price_outdated, case(now=LATER, profile=own)) == []
