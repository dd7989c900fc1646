"""The body of the POST: what it must be, and what is made of what somebody wrote instead."""

from __future__ import annotations

import json
import pickle
from collections.abc import Collection
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from builders import MISSING, PROFILE, body
from hypothesis import given
from hypothesis import strategies as st

from motion_preflight.errors import PreflightError
from motion_preflight.request.errors import RequestInvalid
from motion_preflight.request.model import MotionControlRequest, WatermarkInfo
from motion_preflight.request.parse import FIELDS, ParsedRequest, parse_request
from motion_preflight.request.suggest import near_miss

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


MODELS = ("kling-v3-motion-control", "kling-v2-6-motion-control")


def draft(**fields: Any) -> ParsedRequest:
    return parse_request(body(**fields), PROFILE.models)


# --- a request that is right --------------------------------------------------------------


def test_the_body_holds_the_fields_that_were_given_and_no_defaults() -> None:
    fields = body(prompt=MISSING, keep_original_sound=MISSING)
    request = MotionControlRequest(**fields)
    assert request.body() == fields
    assert request.keep_original_sound == "yes"
    assert request.prompt == ""


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param({"seed": 7}, id="an unknown field"),
        pytest.param({"watermark_info": {"enabled": True}}, id="a watermark"),
        pytest.param({"watermark_info": {"enabled": True, "x": [1]}}, id="more in the watermark"),
        pytest.param({"keep_original_sound": "yes"}, id="a default that was given"),
        pytest.param({"model_config": 1, "body": 2, "self": 3}, id="names of our own"),
        pytest.param({"prompt": "她跳舞 💃\n\t"}, id="any letters"),
        pytest.param({"seed": "\ud800"}, id="half a letter in an unknown field"),
        pytest.param({"video_url": "https://a.example/%7e?X=%2F&x=+#f"}, id="a link as it is"),
    ],
)
def test_everything_that_was_given_is_kept_as_given(extra: dict[str, Any]) -> None:
    fields = body(**extra)
    assert MotionControlRequest(**fields).body() == fields
    assert json.loads(json.dumps(MotionControlRequest(**fields).body())) == fields


def test_a_watermark_may_be_given_as_its_type() -> None:
    typed = MotionControlRequest(**body(watermark_info=WatermarkInfo(enabled=True)))
    assert typed == MotionControlRequest(**body(watermark_info={"enabled": True}))


def test_the_type_has_the_fields_that_are_checked() -> None:
    assert set(MotionControlRequest.model_fields) == set(FIELDS)


def test_a_request_does_not_change() -> None:
    request = MotionControlRequest(**body())
    with pytest.raises(Exception, match="frozen"):
        request.mode = "pro"


# --- a request that is wrong --------------------------------------------------------------


def test_a_wrong_request_names_every_wrong_field_at_once() -> None:
    with pytest.raises(RequestInvalid) as raised:
        MotionControlRequest(**body(mode="fast", keep_original_sound=True, image_url=MISSING))
    assert isinstance(raised.value, PreflightError)
    assert {violation.field for violation in raised.value.violations} == {
        "mode",
        "keep_original_sound",
        "image_url",
    }
    message = str(raised.value)
    assert 'mode is "fast"; allowed: "std", "pro"' in message
    assert 'keep_original_sound is true (a boolean); allowed: "yes", "no"' in message
    assert "image_url is missing" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({}, id="nothing at all"),
        pytest.param(body(prompt="\ud800", mode="x"), id="half a letter beside a mistake"),
        pytest.param(
            body(watermark_info=MappingProxyType({"enabled": "x"})), id="a mapping of another type"
        ),
    ],
)
def test_no_exception_of_pydantic_leaks_out(fields: dict[str, Any]) -> None:
    with pytest.raises(RequestInvalid) as raised:
        MotionControlRequest(**fields)
    assert raised.value.__cause__ is None
    assert "pydantic" not in str(raised.value)


@pytest.mark.parametrize(
    "watermark", [{"enabled": True}, MappingProxyType({"enabled": True})], ids=["dict", "proxy"]
)
def test_any_mapping_that_is_checked_as_right_can_be_made(watermark: Any) -> None:
    assert draft(watermark_info=watermark).violations == ()
    motion_control_request = MotionControlRequest(**body(watermark_info=watermark))
    assert motion_control_request.body()["watermark_info"] == {"enabled": True}


def test_the_error_is_one_of_ours_and_a_value_error() -> None:
    with pytest.raises(ValueError, match='mode is "fast"') as raised:
        MotionControlRequest(**body(mode="fast"))
    assert type(raised.value) is RequestInvalid
    assert isinstance(raised.value, PreflightError)


def test_the_error_can_be_pickled() -> None:
    with pytest.raises(RequestInvalid) as raised:
        MotionControlRequest(**body(mode="fast"))
    again = pickle.loads(pickle.dumps(raised.value))
    assert again.violations == raised.value.violations


def test_secrets_of_a_url_in_the_wrong_place_are_not_shown() -> None:
    wrong = draft(mode="https://apimart-user.com/x?token=secret").violations
    assert "secret" not in wrong[0].message


# --- a draft ------------------------------------------------------------------------------


def test_a_right_request_is_understood_as_it_is() -> None:
    right = draft()
    assert right.violations == ()
    assert right.unknown == ()
    assert (right.model, right.mode) == ("kling-v2-6-motion-control", "std")
    assert (right.character_orientation, right.keep_original_sound) == ("video", "yes")
    assert right.prompt == "she dances"


def test_a_typed_request_and_its_mapping_make_the_same_draft() -> None:
    assert parse_request(MotionControlRequest(**body(seed=1)), PROFILE.models) == draft(seed=1)


def test_defaults_are_understood_and_not_put_into_the_body() -> None:
    bare = draft(prompt=MISSING, keep_original_sound=MISSING)
    assert bare.keep_original_sound == "yes"
    assert bare.prompt == ""
    assert not {"prompt", "keep_original_sound"} & set(bare.body)


@pytest.mark.parametrize(
    ("field", "written", "understood"),
    [
        ("mode", "Professional", "pro"),
        ("mode", "fast", None),
        ("character_orientation", "Picture", "image"),
        ("character_orientation", MISSING, None),
        ("keep_original_sound", False, "no"),
        ("keep_original_sound", "perhaps", None),
        ("model", "kling-v3", "kling-v3-motion-control"),
        ("model", "kling-v2.6", "kling-v2-6-motion-control"),
        ("model", "kling", None),
        ("model", "kl", None),
        ("model", "Kling V3 motion control", "kling-v3-motion-control"),
        ("video_url", "", None),
        ("video_url", 5, None),
        ("image_url", MISSING, None),
    ],
)
def test_a_wrong_field_is_understood_as_its_near_miss_or_not_at_all(
    field: str, written: object, understood: str | None
) -> None:
    wrong = draft(**{field: written})
    assert [violation.field for violation in wrong.violations] == [field]
    assert getattr(wrong, field) == understood
    if written is not MISSING:
        assert wrong.body[field] == written  # the user's own is kept


@pytest.mark.parametrize(
    ("request_", "kind"),
    [
        (None, "NoneType"),
        ("request.json", "str"),
        (b"{}", "bytes"),
        (5, "int"),
        ([("mode", "std")], "list"),
        ({"mode"}, "set"),
        (SimpleNamespace(mode="std"), "SimpleNamespace"),
    ],
    ids=["nothing", "a path", "bytes", "a number", "pairs", "a set", "an object"],
)
def test_what_is_no_mapping_is_no_request(request_: Any, kind: str) -> None:
    with pytest.raises(TypeError, match=f"^a request is a mapping, not {kind}$"):
        parse_request(request_, PROFILE.models)


def test_any_mapping_is_a_request() -> None:
    assert parse_request(MappingProxyType(body()), PROFILE.models) == draft()


def test_one_wrong_field_does_not_hide_the_others() -> None:
    wrong = draft(model="sora-2", mode="fast", character_orientation="Video")
    assert {violation.field for violation in wrong.violations} == {
        "model",
        "mode",
        "character_orientation",
    }
    assert wrong.character_orientation == "video"
    assert wrong.video_url


def test_a_model_is_what_the_profile_knows() -> None:
    other = parse_request(body(model="their-model"), ["their-model"])
    assert other.violations == ()
    violations = parse_request(body(), ["their-model"]).violations
    assert violations[0].message == 'model is "kling-v2-6-motion-control"; allowed: "their-model"'


def test_unknown_fields_are_listed_in_their_order() -> None:
    assert draft(zeta=1, alpha=2).unknown == ("zeta", "alpha")


@given(st.dictionaries(st.sampled_from(FIELDS) | st.text(), VALUES))
def test_any_mapping_makes_a_draft(mapping: dict[str, Any]) -> None:
    built = parse_request(mapping, PROFILE.models)
    assert set(built.body) == set(mapping)
    assert built.mode in {"std", "pro", None}
    assert built.character_orientation in {"image", "video", None}
    assert built.keep_original_sound in {"yes", "no", None}
    assert built.model in {*PROFILE.models, None}
    assert all(violation.message for violation in built.violations)
    assert len({violation.field for violation in built.violations}) == len(built.violations)


# --- near misses --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_word", "allowed", "near"),
    [
        ("std", ["std", "pro"], "std"),
        ("s.t.d", ["std", "pro"], "std"),
        ("STANDARD", ["std", "pro"], "std"),
        ("Kling_V3", ["kling-v3"], "kling-v3"),
        ("kling-v3-motoin-control", ["kling-v3-motion-control"], "kling-v3-motion-control"),
        ("true", ["yes", "no"], "yes"),
        ("clip", ["image", "video"], "video"),
        ("clip", ["std", "pro"], None),
        ("zzz", ["std", "pro"], None),
        ("", ["std", "pro"], None),
        ("她", ["std", "pro"], None),
        ("std", [], None),
        ("orientation", FIELDS, "character_orientation"),
        ("Orientation", FIELDS, "character_orientation"),
        ("sound", FIELDS, "keep_original_sound"),
        ("image", FIELDS, "image_url"),
        ("video", FIELDS, "video_url"),
        ("watermark", FIELDS, "watermark_info"),
        ("modelName", FIELDS, "model"),
        ("image", ["image", "video"], "image"),
        ("sound", ["std", "pro"], None),
        ("picture", FIELDS, "image_url"),
        ("photo", FIELDS, "image_url"),
        ("clip", FIELDS, "video_url"),
        ("kling-v3", MODELS, "kling-v3-motion-control"),
        ("KLING v2.6", MODELS, "kling-v2-6-motion-control"),
        ("kling", MODELS, None),
        ("abcde", ["abcdefghijkl", "std"], "abcdefghijkl"),
        ("abcd", ["abcdefghijkl", "std"], None),
        ("abcde", ["abcdefghijkl", "abcdezyxwvut"], None),
        ("bcdef", ["abcdefghijkl"], None),
    ],
    ids=lambda value: "fields" if value is FIELDS else "models" if value is MODELS else None,
)
def test_a_near_miss_is_found_and_a_far_one_is_not(
    given_word: str, allowed: Collection[str], near: str | None
) -> None:
    assert near_miss(given_word, allowed) == near


def test_white_space_around_a_value_is_said() -> None:
    (wrong,) = parse_request(body(mode="std "), PROFILE.models).violations
    assert wrong.message.startswith('mode is "std" (with white space around it); allowed: ')
