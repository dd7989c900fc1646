"""What the rules share: numbers and limits in words, and the bounds that hold by every reading."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from builders import NOW, PROFILE, body, case
from findings import findings_of, single

from motion_preflight.provider.limits import Limit
from motion_preflight.provider.profile import Source
from motion_preflight.rules import video_duration_above_maximum
from motion_preflight.rules.rule import range_text, tightest
from motion_preflight.text.numbers import format_decimal

BOTH = Limit("page", minimum={"": Decimal(340)}, maximum={"": Decimal(3850)})
LEAST = Limit("page", minimum={"": Decimal(340)})
MOST = Limit("page", maximum={"": Decimal(3850)})
TWO = Limit(
    "page",
    minimum={"a": Decimal(3), "b": Decimal(4)},
    maximum={"a": Decimal(10), "b": Decimal("10.5")},
)


@pytest.mark.parametrize(
    ("value", "text"),
    [("10", "10"), ("100", "100"), ("10.0", "10"), ("10.50", "10.5"), ("1E+2", "100"), ("0", "0")],
)
def test_a_number_has_no_needless_zeros_and_loses_no_others(value: str, text: str) -> None:
    assert format_decimal(Decimal(value)) == text


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (BOTH, "340 to 3,850 px"),
        (LEAST, "340 px at least"),
        (MOST, "3,850 px at most"),
        (TWO, "3 (a) or 4 (b) to 10 px (a) or 10.5 px (b)"),
    ],
    ids=["both ends", "no maximum", "no minimum", "two readings"],
)
def test_a_limit_in_words(limit: Limit, text: str) -> None:
    assert range_text(limit, "px") == text
    assert range_text(limit) == text.replace(" px", "")


@pytest.mark.parametrize(
    ("limit", "low", "high"),
    [(BOTH, 340, 3850), (LEAST, 340, "Infinity"), (MOST, 0, 3850), (TWO, 4, 10)],
    ids=["both ends", "no maximum", "no minimum", "two readings"],
)
def test_the_bounds_that_hold_by_every_reading(limit: Limit, low: int, high: int | str) -> None:
    assert tightest(limit) == (Decimal(low), Decimal(high))


@pytest.mark.parametrize("orientation", ["image", "video"])
def test_what_a_limit_of_ones_own_decides_cites_its_own_source(orientation: str) -> None:
    own = replace(PROFILE.limits.video_duration.image, source="mine", maximum={"": Decimal(5)})
    durations = replace(PROFILE.limits.video_duration, image=own, video=own)
    mine = replace(
        PROFILE,
        sources={**PROFILE.sources, "mine": Source("our budget", NOW.date(), "own")},
        limits=replace(PROFILE.limits, video_duration=durations),
    )
    result = single(
        findings_of(
            video_duration_above_maximum,
            case(body(character_orientation=orientation), profile=mine),
        )
    )
    assert result.source == "our budget, read 2026-12-01"
