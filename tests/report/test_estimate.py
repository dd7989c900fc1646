"""Billable seconds x price, a range over every reading and every rounding."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from builders import MISSING, NOW, PROFILE, body, duration_profile, image, seconds, video

from motion_preflight.media.facts import Durations
from motion_preflight.pipeline import check, estimate, preflight
from motion_preflight.provider.profile import Profile, Rounding
from motion_preflight.report.estimate import Estimate, estimate_cost, longest, rounded
from motion_preflight.request.parse import parse_request
from motion_preflight.text.numbers import AmountRange


def cost(
    durations: Durations, price: str | None = None, profile: Profile = PROFILE, **fields: Any
) -> Estimate | None:
    draft = parse_request(body(**fields), profile.models)
    own = None if price is None else Decimal(price)
    return estimate_cost(draft, video(durations=durations), profile, own)


def estimate_for(durations: Durations, **parts: Any) -> Estimate:
    result = cost(durations, **parts)
    assert result is not None
    return result


def rounding(*ways: Rounding) -> Profile:
    return replace(PROFILE, billing=replace(PROFILE.billing, roundings=ways))


@pytest.mark.parametrize(
    ("value", "nearest", "up"),
    [
        ("8", 8, 8),
        ("8.000001", 8, 9),
        ("8.499999", 8, 9),
        ("8.5", 9, 9),
        ("9.5", 10, 10),
        ("8.999999", 9, 9),
        ("0.4", 0, 1),
    ],
)
def test_the_roundings_that_sellers_use(value: str, nearest: int, up: int) -> None:
    assert rounded(Decimal(value), "exact") == Decimal(value)
    assert rounded(Decimal(value), "nearest") == nearest
    assert rounded(Decimal(value), "up") == up


@pytest.mark.parametrize(
    ("durations", "low", "high"),
    [
        pytest.param(seconds("8"), "8", "8", id="whole seconds leave no doubt"),
        pytest.param(seconds("8.4"), "8", "9", id="rounded down and up"),
        pytest.param(seconds("8.6"), "8.6", "9", id="exact and up"),
        pytest.param(seconds("12", video="9.9"), "9.9", "12", id="over the readings"),
        pytest.param(seconds("12", video="9.9", scan="4.967"), "4.967", "12", id="with a scan"),
        pytest.param(seconds("8", audio="99"), "8", "8", id="the audio is not billed"),
        pytest.param(seconds(None, scan="7.2"), "7", "8", id="a single reading"),
    ],
)
def test_the_range_spans_every_reading_and_rounding(
    durations: Durations, low: str, high: str
) -> None:
    result = estimate_for(durations)
    assert result.seconds == AmountRange(Decimal(low), Decimal(high))
    price = Decimal("0.05712")
    assert result.amount == AmountRange(Decimal(low) * price, Decimal(high) * price)


@pytest.mark.parametrize(
    ("ways", "low", "high"),
    [
        (("exact",), "8.4", "8.4"),
        (("nearest",), "8", "8"),
        (("up",), "9", "9"),
        (("exact", "up"), "8.4", "9"),
    ],
)
def test_the_roundings_are_those_of_the_profile(
    ways: tuple[Rounding, ...], low: str, high: str
) -> None:
    result = estimate_for(seconds("8.4"), profile=rounding(*ways))
    assert result.seconds == AmountRange(Decimal(low), Decimal(high))


@pytest.mark.parametrize(
    ("fields", "amount"),
    [
        pytest.param(
            {"character_orientation": "image", "keep_original_sound": "yes"},
            "0.45696",
            id="the page's first example: 8 s, std",
        ),
        pytest.param({"mode": "pro", "keep_original_sound": "no"}, "0.73152", id="pro"),
        pytest.param({"model": "kling-v3-motion-control"}, "0.82304", id="the newer model"),
        pytest.param({"mode": "Professional"}, "0.73152", id="what was meant"),
    ],
)
def test_amounts_are_exact(fields: dict[str, Any], amount: str) -> None:
    assert estimate_for(seconds("8"), **fields).amount == AmountRange(
        Decimal(amount), Decimal(amount)
    )


def test_the_price_says_where_it_is_from_and_when() -> None:
    result = estimate_for(seconds("8"))
    assert result.price_per_second == Decimal("0.05712")
    assert result.currency == "USD"
    assert result.price_source is not None
    assert "price page" in result.price_source
    assert result.price_as_of == dt.date(2026, 11, 22)


@pytest.mark.parametrize("price", ["0.2", "0"])
def test_the_users_own_price_comes_first_and_nothing_is_a_price(price: str) -> None:
    result = estimate_for(seconds("8"), price=price)
    assert result.price_per_second == Decimal(price)
    assert result.amount == AmountRange(8 * Decimal(price), 8 * Decimal(price))
    assert result.hold_amount == 30 * Decimal(price)
    assert result.price_source is not None
    assert result.price_source == "yours, given for this run"
    assert result.price_as_of is None


@pytest.mark.parametrize("fields", [{"model": "sora-2"}, {"mode": "4k"}, {"model": MISSING}])
def test_an_unknown_price_leaves_the_seconds_and_never_becomes_0(fields: dict[str, Any]) -> None:
    result = estimate_for(seconds("8"), **fields)
    assert result.seconds == AmountRange(Decimal(8), Decimal(8))
    assert result.price_per_second is None
    assert result.amount is None
    assert result.hold_amount is None
    assert result.price_source is None
    assert result.price_as_of is None


@pytest.mark.parametrize(
    "durations", [Durations(), seconds(None, audio="8")], ids=["none", "the audio's only"]
)
def test_without_a_duration_there_is_no_estimate(durations: Durations) -> None:
    assert cost(durations) is None


def test_without_a_video_stream_there_is_no_estimate() -> None:
    """What holds no video is refused, so nothing of it can be billed."""
    draft = parse_request(body(), PROFILE.models)
    assert estimate_cost(draft, video(video=None, durations=seconds("8")), PROFILE) is None


@pytest.mark.parametrize(
    ("fields", "hold"),
    [
        ({"character_orientation": "image"}, 10),
        ({"character_orientation": "video"}, 30),
        ({"character_orientation": "Video"}, 30),
        ({"character_orientation": "left"}, None),
        ({"character_orientation": MISSING}, None),
    ],
)
def test_the_hold_is_the_longest_duration_that_is_allowed(
    fields: dict[str, Any], hold: int | None
) -> None:
    result = estimate_for(seconds("8"), **fields)
    assert result.hold_seconds == hold
    assert result.hold_amount == (None if hold is None else hold * Decimal("0.05712"))


def test_the_hold_of_a_limit_with_two_readings_is_the_longer() -> None:
    two = duration_profile(maximum={"a": 10, "b": 12})
    assert estimate_for(seconds("8"), profile=two).hold_seconds == 12


def test_without_a_maximum_there_is_no_hold() -> None:
    draft = parse_request(body(), PROFILE.models)
    assert longest(draft, duration_profile(minimum=3)) is None


def test_the_library_function_is_the_same_estimate() -> None:
    clip = video(durations=seconds("8.4"))
    assert estimate(body(), clip, profile=PROFILE) == cost(seconds("8.4"))
    own = estimate(body(), clip, profile=PROFILE, price=Decimal("0.2"))
    assert own == cost(seconds("8.4"), price="0.2")


# What is asked for a price or a tolerance, with media that nothing has to be read for.
ASKED: dict[str, Callable[..., object]] = {
    "check": partial(check, body(), video(), image(), profile=PROFILE, now=NOW),
    "preflight": partial(
        preflight,
        body(video_url="not-there.mp4", image_url="not-there.png"),
        profile=PROFILE,
        now=NOW,
    ),
    "estimate": partial(estimate, body(), video(), profile=PROFILE),
}
OPTIONS = [
    ("check", "price"),
    ("check", "tolerance"),
    ("preflight", "price"),
    ("preflight", "tolerance"),
    ("estimate", "price"),
]


@pytest.mark.parametrize(("function", "option"), OPTIONS)
@pytest.mark.parametrize("value", [0.1, "0.1", Fraction(1, 10), [1], float("nan")], ids=repr)
def test_an_amount_of_another_type_is_a_type_error(
    function: str, option: str, value: object
) -> None:
    kind = type(value).__name__
    with pytest.raises(TypeError, match=f"^{option} must be a Decimal, not {kind}$"):
        ASKED[function](**{option: value})


@pytest.mark.parametrize(("function", "option"), OPTIONS)
@pytest.mark.parametrize(
    "value", [Decimal("-0.1"), -1, Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"),
              Decimal("1e-10"), Decimal("1000000000.1"), 10**9 + 1], ids=str,
)  # fmt: skip
def test_an_absurd_amount_is_a_value_error(
    function: str, option: str, value: Decimal | int
) -> None:
    with pytest.raises(ValueError, match=f"^{option} must be 0, or between 1E-9 and 1000000000$"):
        ASKED[function](**{option: value})


@pytest.mark.parametrize(("function", "option"), OPTIONS)
@pytest.mark.parametrize(
    "value", [0, 1, Decimal(0), Decimal("-0"), Decimal("1e-9"), Decimal("0.1"), 10**9], ids=str
)
def test_an_amount_that_one_can_mean_is_taken(
    function: str, option: str, value: Decimal | int
) -> None:
    ASKED[function](**{option: value})


def test_an_integer_is_an_exact_price() -> None:
    own = estimate(body(), video(), profile=PROFILE, price=2)  # type: ignore[arg-type]  # taken
    assert own == cost(seconds("8"), price="2")


@pytest.mark.parametrize("function", ["check", "estimate", "preflight"])
def test_what_is_no_mapping_is_no_request(function: str) -> None:
    asked = ASKED[function]
    assert isinstance(asked, partial)
    with pytest.raises(TypeError, match=r"^a request is a mapping, not list$"):
        asked.func([], *asked.args[1:], **asked.keywords)


def test_spans_add_up_end_by_end() -> None:
    total = AmountRange(Decimal("0.1"), Decimal("0.2")) + AmountRange(Decimal(1), Decimal(2))
    assert total == AmountRange(Decimal("1.1"), Decimal("2.2"))
