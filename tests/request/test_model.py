"""MotionControlRequest and the table of request.py say the same of every body."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from builders import body
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from motion_preflight import MotionControlRequest, RequestInvalid
from motion_preflight.request.model import WatermarkInfo
from motion_preflight.request.parse import FIELDS, violations

values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from(["yes", "no", "std", "pro", "image", "video", "a", "standard"]),
    st.fixed_dictionaries({}, optional={"enabled": st.one_of(st.booleans(), st.just("yes"))}),
)
bodies = st.fixed_dictionaries({}, optional=dict.fromkeys((*FIELDS, "extra"), values)).map(
    lambda wrong: body(**wrong)
)


def pydantic_accepts(fields: dict[str, Any]) -> bool:
    """What pydantic alone says, without our own look at the fields."""
    model = type("Plain", (MotionControlRequest,), {"__init__": BaseModel.__init__})
    try:
        model(**fields)
    except ValidationError:
        return False
    return True


@given(bodies)
def test_both_accept_the_same_bodies(fields: dict[str, Any]) -> None:
    # null is text to neither, and "not given" only to pydantic's Optional
    null_watermark = fields.get("watermark_info", {}) is None
    assert (violations(fields) == []) == (pydantic_accepts(fields) and not null_watermark)


def test_the_fields_are_the_same() -> None:
    assert set(MotionControlRequest.model_fields) == set(FIELDS)


def test_every_wrong_field_is_named_at_once() -> None:
    wrong: dict[str, Any] = {"model": 3, "mode": "fast", "image_url": ""}
    with pytest.raises(RequestInvalid) as invalid:
        MotionControlRequest(**wrong)
    assert [violation.field for violation in invalid.value.violations] == [
        "video_url", "character_orientation", "model", "image_url", "mode",
    ]  # fmt: skip


ALL_MISSING = ["model", "image_url", "video_url", "character_orientation", "mode"]


@pytest.mark.parametrize(
    ("value", "fields"),
    [
        pytest.param({}, ALL_MISSING, id="nothing"),
        pytest.param(body(mode="fast", model=3), ["model", "mode"], id="two wrong fields"),
        pytest.param(5, [""], id="a number"),
        pytest.param([], [""], id="a list"),
        pytest.param(None, [""], id="null"),
        pytest.param("mode", [""], id="text"),
    ],
)
def test_no_exception_of_pydantic_leaves(value: object, fields: list[str]) -> None:
    ways: list[Callable[[], MotionControlRequest]] = [
        lambda: MotionControlRequest.model_validate(value),
        lambda: MotionControlRequest.model_validate_json(json.dumps(value)),
    ]
    for way in ways:
        with pytest.raises(RequestInvalid) as invalid:
            way()
        assert [violation.field for violation in invalid.value.violations] == fields
        assert str(invalid.value)
        assert "pydantic" not in str(invalid.value)
        assert invalid.value.__suppress_context__


def test_what_is_no_json_is_said() -> None:
    with pytest.raises(RequestInvalid, match=r"^Invalid JSON: "):
        MotionControlRequest.model_validate_json("{")


def test_a_right_request_is_validated_as_it_is_made() -> None:
    fields = body(extra=[1], watermark_info={"enabled": True})
    motion_control_request = MotionControlRequest(**fields)
    assert MotionControlRequest.model_validate(fields) == motion_control_request
    assert MotionControlRequest.model_validate(motion_control_request) == motion_control_request
    assert MotionControlRequest.model_validate_json(json.dumps(fields)) == motion_control_request
    assert MotionControlRequest.model_validate(fields).body() == fields


class Job(BaseModel):
    """Somebody's own model with a request in it."""

    name: str
    request: MotionControlRequest


def test_a_right_request_is_a_part_of_another_model() -> None:
    motion_control_request = MotionControlRequest(**body())
    assert Job.model_validate({"name": "a", "request": body()}).request == motion_control_request
    assert Job(name="a", request=motion_control_request).request == motion_control_request
    text = json.dumps({"name": "a", "request": body()})
    assert Job.model_validate_json(text).request == motion_control_request


def test_a_wrong_request_is_a_mistake_of_the_model_it_is_a_part_of() -> None:
    wrong = {"name": 5, "request": body(mode="fast", image_url="")}
    ways: list[Callable[[], Job]] = [
        lambda: Job.model_validate(wrong),
        lambda: Job.model_validate_json(json.dumps(wrong)),
    ]
    for way in ways:
        with pytest.raises(ValidationError) as invalid:
            way()
        mistakes = {error["loc"]: error["msg"] for error in invalid.value.errors()}
        assert set(mistakes) == {("name",), ("request",)}  # the others are named too
        assert mistakes["request",] == (
            'Value error, image_url is empty; mode is "fast"; allowed: "std", "pro"'
        )


def test_the_body_is_what_was_given_and_no_more() -> None:
    fields = body(extra=[1], watermark_info={"enabled": True})
    assert MotionControlRequest(**fields).body() == fields
    built = MotionControlRequest(**body(watermark_info=WatermarkInfo(enabled=True)))
    assert built.body()["watermark_info"] == {"enabled": True}


def test_a_field_may_have_any_name() -> None:
    assert MotionControlRequest(**body(self=1)).body()["self"] == 1
