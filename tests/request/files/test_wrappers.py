"""A request inside of something else is read, or one sentence says what that is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from builders import body

from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.files.document import requests_of_document
from motion_preflight.request.files.entry import RequestEntry


def read(value: object) -> list[RequestEntry | ManifestInvalid]:
    return list(requests_of_document(json.dumps(value).encode(), "a.json", None))


BATCH_LINE = {"custom_id": "1", "method": "POST", "url": "/v1/videos/generations", "body": body()}


@pytest.mark.parametrize(
    ("value", "left_out"),
    [
        (BATCH_LINE, {}),
        ({"input": body()}, {}),
        ({"data": body()}, {}),
        ({"body": json.dumps(body())}, {}),
        ({"body": {"input": body()}, "id": 3}, {"id": 3}),
        ({"input": body(), "webhook": "https://x.net"}, {"webhook": "https://x.net"}),
    ],
)
def test_the_request_in_a_wrapper_is_read_and_what_stands_around_is_left_out(
    value: object, left_out: dict[str, Any]
) -> None:
    assert read(value) == [RequestEntry("a.json", body(), None, left_out=left_out)]


@pytest.mark.parametrize(
    "inner",
    [
        {"input_urls": ["https://a.co/a.png"], "video_urls": ["https://a.co/a.mp4"]},
        {"image": "https://a.co/a.png", "video": "https://a.co/a.mp4"},
        {"driving_video": "https://a.co/a.mp4"},
    ],
)
def test_a_request_with_the_links_of_other_sellers_is_known_in_its_wrapper(
    inner: dict[str, Any],
) -> None:
    built = {"model": "m", **inner}
    assert read({"model": "m", "callBackUrl": "x", "input": inner}) == [
        RequestEntry("a.json", built, None, left_out={"callBackUrl": "x"})
    ]


@pytest.mark.parametrize("name", ["requests", "data", "items", "input"])
def test_a_list_in_a_wrapper_is_several_requests(name: str) -> None:
    assert read({name: [body(), body(prompt="b")]}) == [
        RequestEntry("a.json[0]", body(), None),
        RequestEntry("a.json[1]", body(prompt="b"), None),
    ]


def test_a_field_beside_the_wrapper_belongs_to_the_request() -> None:
    inner = body()
    model = inner.pop("model")
    assert read({"model": model, "input": inner}) == [RequestEntry("a.json", body(), None)]


def test_a_field_around_and_in_the_request_is_one_too_many() -> None:
    (result,) = read({"model": "another", "input": body()})
    assert str(result) == "a.json: model stands twice, around the request and in it"


@pytest.mark.parametrize("name", ["body", "input", "data"])
def test_a_wrapper_that_holds_no_request_stays_as_it_is(name: str) -> None:
    values: list[dict[str, Any]] = [{name: {"a": 1}}, {name: "text"}, {name: []}]
    for value in [*values, body(**{name: "x"})]:
        assert read(value) == [RequestEntry("a.json", value, None)]


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"inputData": body()}, "inputData"),
        ({"a": {"b": [1, {"c": json.dumps(body())}]}}, "a.b.1.c"),
        ({"requests": {"first": body(), "second": body()}}, "requests.first"),
        ({"one": {"image": "a.png", "video": "a.mp4"}}, "one"),
    ],
)
def test_a_request_deep_inside_of_something_is_found_and_its_place_said(
    value: object, place: str
) -> None:
    (answer,) = read(value)
    assert str(answer) == (
        f'a.json: the request stands inside of "{place}"; save what stands there as a file of its '
        "own"
    )


@pytest.mark.parametrize(
    "value", [{"a": {"mode": "x", "prompt": "y"}}, {"image": {"url": "a.png"}}, {"a": [[[[[1]]]]]}]
)
def test_what_only_resembles_a_request_inside_is_none(value: object) -> None:
    assert [type(item) for item in read(value)] == [RequestEntry]


def test_a_workflow_of_comfyui_is_called_one() -> None:
    node = {"class_type": "KlingMotionControl", "inputs": body()}
    (answer,) = read({"12": node})
    assert str(answer) == "a.json: this is a workflow of ComfyUI, not a request"


def test_an_answer_of_the_provider_is_no_request() -> None:
    (result,) = read({"code": 200, "data": [{"status": "submitted", "task_id": "task_1"}]})
    assert str(result) == "a.json[0]: this is an answer of the provider, not a request"
