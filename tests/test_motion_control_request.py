"""MotionControlRequest and the table of request.py say the same of every body."""

from __future__ import annotations

from typing import Any

import pytest
from build import body
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from motion_preflight import MotionControlRequest, RequestInvalid
from motion_preflight.motion_control_request import WatermarkInfo
from motion_preflight.request import FIELDS, violations

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
    with pytest.raises(RequestInvalid) as invalid:
        MotionControlRequest(model=3, mode="fast", image_url="")
    assert [violation.field for violation in invalid.value.violations] == [
        "video_url", "character_orientation", "model", "image_url", "mode",
    ]  # fmt: skip


def test_no_exception_of_pydantic_leaves() -> None:
    with pytest.raises(RequestInvalid):
        MotionControlRequest.model_validate({"model": 3})
    with pytest.raises(RequestInvalid):
        MotionControlRequest.model_validate_json("{}")


def test_the_body_is_what_was_given_and_no_more() -> None:
    fields = body(extra=[1], watermark_info={"enabled": True})
    assert MotionControlRequest(**fields).body() == fields
    built = MotionControlRequest(**body(watermark_info=WatermarkInfo(enabled=True)))
    assert built.body()["watermark_info"] == {"enabled": True}


def test_a_field_may_have_any_name() -> None:
    assert MotionControlRequest(**body(self=1)).body()["self"] == 1
