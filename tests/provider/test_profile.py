"""Limits and prices as data: what the built-in profile says, and how a user's own changes it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from builders import NOW, body, image, video

from motion_preflight.errors import PreflightError
from motion_preflight.pipeline import check
from motion_preflight.provider.profile import Profile, built_in
from motion_preflight.provider.profile_error import ProfileInvalid

V26, V3 = "kling-v2-6-motion-control", "kling-v3-motion-control"
ABSURD_LIMIT = "a limit must be above 0, and a number that one can mean"
ABSURD_PRICE = "a price must be 0 or more, and a number that one can mean"
BELOW = "the maximum is below the minimum"


@pytest.fixture
def load(tmp_path: Path) -> Loader:
    return Loader(tmp_path)


def bound(one: int | str | None = None, **readings: int) -> dict[str, Decimal]:
    """A bound with one reading, or with several that have names."""
    named = readings if one is None else {"": one}
    return {name: Decimal(figure) for name, figure in named.items()}


class Loader:
    """Loads the built-in profile with texts as a user's own files over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *texts: str) -> Profile:
        files = []
        for number, text in enumerate(texts):
            file = self.folder / f"{number}.toml"
            file.write_text(text, encoding="utf-8")
            files.append(file)
        return Profile.load(*files)


# --- the built-in one ---------------------------------------------------------------------


def test_the_built_in_limits_are_those_of_the_pages() -> None:
    limits = Profile.load().limits
    assert limits.video_duration.image.minimum == bound(3)
    assert limits.video_duration.image.maximum == bound(10)
    assert limits.video_duration.video.minimum == bound(3)
    assert limits.video_duration.video.maximum == bound(30)
    assert limits.video_size.below == bound(MB=10**8, MiB=100 * 2**20)
    assert limits.video_container.allowed == ("mp4", "mov")
    assert (limits.video_side.minimum, limits.video_side.maximum) == (bound(340), bound(3850))
    assert limits.image_side.minimum == bound(300)
    assert limits.image_aspect_ratio.minimum == bound("0.4")
    assert limits.image_aspect_ratio.maximum == bound("2.5")
    assert limits.image_size.maximum is not None
    assert set(limits.image_size.maximum.values()) == {
        10 * 10**6,
        10 * 2**20,
        50 * 10**6,
        50 * 2**20,
    }
    assert limits.prompt_length.maximum == bound(2500)


@pytest.mark.parametrize(
    ("model", "mode", "price"),
    [
        (V26, "std", "0.05712"),
        (V26, "pro", "0.09144"),
        (V3, "std", "0.10288"),
        (V3, "pro", "0.13712"),
    ],
)
def test_the_built_in_prices_have_a_source_that_says_how_sure_it_is(
    model: str, mode: str, price: str
) -> None:
    profile = Profile.load()
    result = profile.price(model, mode)
    assert result is not None
    assert result.per_second == Decimal(price)
    assert result.review_by is not None
    assert profile.source_of(result).confidence == "second-hand"


@pytest.mark.parametrize(
    ("model", "mode"), [(None, "std"), (V3, None), ("sora-2", "std"), (V3, "4k"), (None, None)]
)
def test_an_unknown_model_or_mode_has_no_price(model: str | None, mode: str | None) -> None:
    assert Profile.load().price(model, mode) is None


def test_the_built_in_profile_is_held_to_what_a_users_own_is(load: Loader) -> None:
    assert load(built_in()) == Profile.load()


def test_every_source_has_a_title_and_a_day() -> None:
    for source in Profile.load().sources.values():
        assert source.title
        assert source.as_of.year >= 2026


# --- a user's own -------------------------------------------------------------------------


def test_a_file_changes_only_what_it_names(load: Loader) -> None:
    own = load("[limits.video_duration.image]\nmaximum = 12.5\n")
    built_in = Profile.load()
    assert own.limits.video_duration.image.maximum == bound("12.5")
    assert own.limits.video_duration.image.minimum == bound(3)
    assert own.limits.video_duration.image.source == "motion-control-page"
    assert own.limits.video_duration.video == built_in.limits.video_duration.video
    assert own.models == built_in.models


def test_a_bound_is_replaced_with_all_its_readings(load: Loader) -> None:
    assert load("limits.video_size.below = 50_000_000").limits.video_size.below == bound(5 * 10**7)
    read_twice = load("limits.video_side.maximum = { old = 3850, new = 4096 }")
    assert read_twice.limits.video_side.maximum == bound(old=3850, new=4096)
    fewer = load("limits.image_size.maximum = { MB = 10_000_000 }")
    assert fewer.limits.image_size.maximum == bound(MB=10**7)


def test_the_last_file_wins_key_by_key(load: Loader) -> None:
    own = load(
        f"models.{V3}.price.std.per_second = 0.2\nmodels.{V3}.price.pro.per_second = 0.3",
        f"models.{V3}.price.pro.per_second = 0.4",
    )
    assert [getattr(own.price(V3, mode), "per_second", None) for mode in ("std", "pro")] == [
        Decimal("0.2"),
        Decimal("0.4"),
    ]


def test_decimals_are_exact(load: Loader) -> None:
    own = load(f"models.{V3}.price.std.per_second = 0.1")
    assert own.price(V3, "std").per_second * 3 == Decimal("0.3")  # type: ignore[union-attr]  # it is there


def test_a_model_may_be_added_with_or_without_a_price(load: Loader) -> None:
    own = load('[models.next]\n[models.other.price.std]\nper_second = 1\nsource = "price-page"\n')
    assert {"next", "other", V26, V3} == set(own.models)
    assert own.price("next", "std") is None
    assert own.price("other", "std").per_second == 1  # type: ignore[union-attr]  # it is there
    assert own.price("other", "pro") is None


def test_a_price_of_nothing_is_a_price(load: Loader) -> None:
    own = load(f"models.{V3}.price.std.per_second = 0")
    assert own.price(V3, "std").per_second == 0  # type: ignore[union-attr]  # it is there


def test_lists_are_replaced(load: Loader) -> None:
    own = load('limits.video_container.allowed = ["webm"]\nbilling.roundings = ["up"]')
    assert own.limits.video_container.allowed == ("webm",)
    assert own.billing.roundings == ("up",)


@pytest.mark.parametrize("day", ["2027-02-01", '"2027-02-01"'], ids=["a date", "in quotes"])
def test_a_date_may_stand_in_quotes(load: Loader, day: str) -> None:
    own = load(
        f"sources.price-page.as_of = {day}\nmodels.{V3}.price.std.review_by = {day}\n"
        f"models.{V3}.price.std.per_second = 0.1\n"
    )
    price = own.price(V3, "std")
    assert price is not None
    assert price.review_by == dt.date(2027, 2, 1)
    assert own.source_of(price).as_of == dt.date(2027, 2, 1)


def test_a_profile_of_ones_own_makes_the_rules_speak_as_any_other(load: Loader) -> None:
    """A date in quotes is compared with the day of the check."""
    own = load(f'models.{V26}.price.std.review_by = "2026-11-30"')
    rules = [item.rule for item in check(body(), video(), image(), profile=own, now=NOW)]
    assert rules == ["price-outdated"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("limits.video_side.minimum = 340", id="an integer"),
        pytest.param("limits.video_side.minimum = 340.0", id="a fraction"),
        pytest.param("limits.video_side.minimum = { '' = 340 }", id="a reading without a name"),
        pytest.param(f'models.{V3}.price.std.per_second = "0.10288"', id="a number in quotes"),
    ],
)
def test_what_says_the_same_is_the_very_profile(load: Loader, text: str) -> None:
    assert load(text) == Profile.load()


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("limits.video_side.minimum = 1e-9", (bound("1e-9"), bound(3850))),
        ("limits.video_side.maximum = 999_999_999_999_999", (bound(340), bound(10**15 - 1))),
        ("limits.video_side.maximum = 340", (bound(340), bound(340))),
        ("limits.video_side.minimum = 3850", (bound(3850), bound(3850))),
    ],
)
def test_the_ends_of_what_a_limit_can_be(
    load: Loader, text: str, bounds: tuple[dict[str, Decimal], dict[str, Decimal]]
) -> None:
    side = load(text).limits.video_side
    assert (side.minimum, side.maximum) == bounds


# --- mistakes -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("limits.video_side.minimun = 3", "limits.video_side.minimun"),
        ("colour = 3", "colour"),
        ("limits.video_side.minimum = 0", "limits.video_side: "),
        ("limits.video_side.minimum = -1", "limits.video_side: "),
        ("limits.video_side.minimum = nan", "limits.video_side.minimum"),
        ("limits.video_side.minimum = inf", "limits.video_side.minimum"),
        ('limits.video_side.minimum = "many"', "limits.video_side.minimum"),
        ("limits.video_side.minimum = true", "limits.video_side.minimum"),
        ("limits.video_side.minimum = [1, 2]", "limits.video_side.minimum"),
        ("limits.video_size.below = { MB = 0 }", "limits.video_size"),
        ("limits.video_size.below = {}", "limits.video_size"),
        ("limits.video_side = 3", "limits.video_side"),
        ("limits = 3", "limits"),
        ("limits.video_side.minimum = 1e-10", f"limits.video_side: {ABSURD_LIMIT}"),
        ("limits.video_side.maximum = 1e15", f"limits.video_side: {ABSURD_LIMIT}"),
        ("limits.video_side.maximum = 1e400000", f"limits.video_side: {ABSURD_LIMIT}"),
        ("limits.video_size.below = { MB = 1, MiB = 1e15 }", f"limits.video_size: {ABSURD_LIMIT}"),
        ("limits.video_side.maximum = 339", f"limits.video_side: {BELOW}"),
        ("limits.video_side.minimum = 3851", f"limits.video_side: {BELOW}"),
        ("limits.video_side.maximum = { a = 400, b = 339 }", f"limits.video_side: {BELOW}"),
        ("limits.video_side.minimum = { a = 300, b = 3851 }", f"limits.video_side: {BELOW}"),
        ("limits.video_duration.image.maximum = 2.9", f"limits.video_duration.image: {BELOW}"),
        ("limits.video_container.allowed = []", "limits.video_container: at least one value"),
        ("limits.image_container.allowed = []", "limits.image_container: at least one value"),
        ('limits.video_container.allowed = "mp4"', "limits.video_container.allowed: "),
        ("limits.video_container.allowed = [4]", "limits.video_container.allowed.0: "),
        (f"models.{V3}.price.std.per_second = 1e-10", f"models.{V3}.price.std: {ABSURD_PRICE}"),
        (f"models.{V3}.price.std.per_second = 1e15", f"models.{V3}.price.std: {ABSURD_PRICE}"),
        (f"models.{V3}.price.std.per_second = nan", f"models.{V3}.price.std.per_second: "),
        (f"models.{V3}.price.std.per_second = inf", f"models.{V3}.price.std.per_second: "),
        (f'models.{V3}.price.std.review_by = "soon"', f"models.{V3}.price.std.review_by: "),
        ('limits.video_side.source = "my-page"', 'limits.video_side.source: "my-page"'),
        (f"models.{V3}.price.std.per_second = -0.1", f"models.{V3}.price.std: "),
        (f"models.{V3}.price.fast.per_second = 1", f"models.{V3}.price.fast"),
        ("[models.new.price.std]\nper_second = 1", "models.new.price.std.source"),
        ("billing.roundings = []", "billing: at least one rounding"),
        ('billing.roundings = ["down"]', "billing.roundings"),
        ('sources.price-page.as_of = "soon"', "sources.price-page.as_of"),
        ('sources.price-page.confidence = "very"', "sources.price-page.confidence"),
    ],
)
def test_a_mistake_is_named_with_its_file_and_its_key(
    load: Loader, tmp_path: Path, text: str, place: str
) -> None:
    with pytest.raises(ProfileInvalid) as raised:
        load(text)
    message = str(raised.value)
    assert message.startswith(f"{tmp_path / '0.toml'}: ")
    assert place in message
    assert "pydantic" not in message
    assert "Value error" not in message
    assert "\n" not in message
    assert raised.value.__suppress_context__


def test_the_file_that_has_the_mistake_is_the_one_that_is_named(
    load: Loader, tmp_path: Path
) -> None:
    with pytest.raises(ProfileInvalid, match="1\\.toml"):
        load("limits.video_side.minimum = 400", "limits.video_side.minimum = 0")
    assert tmp_path.is_dir()


def test_every_mistake_of_a_file_is_named_at_once(load: Loader) -> None:
    with pytest.raises(ProfileInvalid) as raised:
        load("colour = 1\nlimits.video_side.minimum = 0")
    assert "colour" in str(raised.value)
    assert "limits.video_side: a limit must be above 0" in str(raised.value)


def test_what_is_no_toml_is_said(load: Loader) -> None:
    with pytest.raises(ProfileInvalid, match="not TOML"):
        load("name = ")


def test_what_is_no_text_is_said(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_bytes(b"name = '\xff'")
    with pytest.raises(ProfileInvalid, match="not TOML"):
        Profile.load(file)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("name = " + "[" * 5000 + "]" * 5000, id="lists"),
        pytest.param(".".join(["a"] * 5000) + " = 1", id="tables"),
        pytest.param("limits.video_size.below = " + "9" * 5000, id="digits"),
    ],
)
def test_what_is_too_much_of_anything_is_said(load: Loader, tmp_path: Path, text: str) -> None:
    with pytest.raises(ProfileInvalid) as raised:
        load(text)
    assert str(raised.value).startswith(f"{tmp_path / '0.toml'}: ")


@pytest.mark.parametrize(
    ("name", "why"), [("missing.toml", "No such file"), (".", "not a regular file")]
)
def test_a_file_that_cannot_be_read_is_said(tmp_path: Path, name: str, why: str) -> None:
    with pytest.raises(ProfileInvalid, match=why) as raised:
        Profile.load(tmp_path / name)
    assert isinstance(raised.value, PreflightError)
    assert str(tmp_path) in str(raised.value)


@pytest.mark.parametrize(
    ("limit", "bound"),
    [
        ("video_duration.image", "below"),
        ("video_size", "maximum"),
        ("video_size", "minimum"),
        ("image_side", "below"),
        ("image_size", "minimum"),
        ("image_size", "below"),
        ("upload_size", "below"),
        ("prompt_length", "minimum"),
    ],
)
def test_a_bound_that_no_rule_checks_is_refused(limit: str, bound: str, tmp_path: Path) -> None:
    """It would only seem to hold."""
    file = tmp_path / "profile.toml"
    file.write_text(f"[limits.{limit}]\n{bound} = 1000\n", encoding="utf-8")
    with pytest.raises(ProfileInvalid) as caught:
        Profile.load(file)
    assert f'{limit}: a "{bound}" is not checked there, only ' in str(caught.value)
    assert str(file) in str(caught.value)


def test_a_limit_in_one_place_only_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    text = built_in().replace("[limits.video_frame_rate]", "[limits.video_frames]")
    monkeypatch.setattr("motion_preflight.provider.profile.built_in", lambda: text)
    with pytest.raises(ProfileInvalid, match=r"limits\.video_frame(s|_rate): it is missing in"):
        Profile.load()


# --- limits of one model ------------------------------------------------------------------


def test_a_models_own_limits_override_the_common_ones_field_by_field(load: Loader) -> None:
    own = load(
        f'sources.mine = {{ title = "mine", as_of = 2026-12-01, confidence = "own" }}\n'
        f"[models.{V3}.limits.video_duration.image]\nmaximum = 15\n"
        f'[models.{V3}.limits.video_side]\nminimum = 720\nsource = "mine"\n'
    )
    limits, common = own.limits_of(V3), Profile.load().limits
    assert limits.video_duration.image.minimum == bound(3)
    assert limits.video_duration.image.maximum == bound(15)
    assert limits.video_duration.image.source == "motion-control-page"
    assert (limits.video_side.minimum, limits.video_side.maximum) == (bound(720), bound(3850))
    assert own.source_of(limits.video_side).title == "mine"
    assert limits.prompt_length == common.prompt_length
    assert own.limits == common
    assert own.models[V3].price == Profile.load().models[V3].price


@pytest.mark.parametrize("model", [None, V26, "sora-2", ""])
def test_a_model_without_limits_of_its_own_has_the_common_ones(
    load: Loader, model: str | None
) -> None:
    own = load(f"models.{V3}.limits.video_side.minimum = 720")
    assert own.limits_of(model) == Profile.load().limits
    assert own.all_limits() == [own.limits, own.limits_of(V3)]


def test_the_limits_of_a_model_are_merged_over_several_files(load: Loader) -> None:
    own = load(
        f"models.{V3}.limits.video_side = {{ minimum = 500, maximum = 2000 }}",
        f"models.{V3}.limits.video_side.minimum = 720\nlimits.video_side.maximum = 1000\n"
        "limits.image_side.minimum = 100",
    )
    limits = own.limits_of(V3)
    assert (limits.video_side.minimum, limits.video_side.maximum) == (bound(720), bound(2000))
    assert limits.image_side.minimum == bound(100)


def test_the_built_in_profile_may_have_limits_of_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    text = f"{built_in()}\n[models.{V3}.limits.prompt_length]\nmaximum = 9\n"
    monkeypatch.setattr("motion_preflight.provider.profile.built_in", lambda: text)
    assert Profile.load().limits_of(V3).prompt_length.maximum == bound(9)
    assert Profile.load().limits_of(V26).prompt_length.maximum == bound(2500)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("video_side.minimun = 3", "video_side.minimun: "),
        ("duration.maximum = 3", "duration: "),
        ("video_duration.maximum = 3", "video_duration.maximum: "),
        ("video_duration.image.maximum = 0", f"video_duration.image: {ABSURD_LIMIT}"),
        ("video_duration.image.maximum = 2", f"video_duration.image: {BELOW}"),
        ('video_duration.image.maximum = "x"', "video_duration.image.maximum."),
        ("video_size.maximum = 3", 'video_size: a "maximum" is not checked there, only below'),
        ('video_side.source = "my-page"', 'video_side.source: "my-page" is not one of [sources]'),
        ("video_container.allowed = []", "video_container: at least one value"),
        ("video_side = 3", "video_side: "),
    ],
)
def test_a_mistake_in_the_limits_of_a_model_is_named_with_its_whole_key(
    load: Loader, tmp_path: Path, text: str, mistake: str
) -> None:
    with pytest.raises(ProfileInvalid) as raised:
        load(f"models.{V3}.limits.{text}")
    assert str(raised.value).startswith(f"{tmp_path / '0.toml'}: models.{V3}.limits.{mistake}")


def test_limits_that_are_no_table_are_named(load: Loader) -> None:
    with pytest.raises(ProfileInvalid, match=rf"toml: models\.{V3}\.limits: "):
        load(f"models.{V3}.limits = 3")


def test_a_mistake_in_the_common_limits_is_named_once(load: Loader) -> None:
    with pytest.raises(ProfileInvalid) as raised:
        load(f"limits.video_side.minimum = 0\nmodels.{V3}.limits.prompt_length.maximum = 5")
    assert str(raised.value).count(ABSURD_LIMIT) == 1
    assert "models." not in str(raised.value)
