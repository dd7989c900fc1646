"""The values of the library behave as Python's own values do."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

import pytest
from builders import body, intent, report
from public_values import SECRET, SIGNED, instances, value_classes
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from motion_preflight import (
    ClearedRequest,
    Estimate,
    Fix,
    MediaFacts,
    Receipt,
    Report,
    Unmeasured,
    fix,
    preflight,
)
from motion_preflight.media.filmstrip import Filmstrip

each_class = pytest.mark.parametrize("kind", value_classes(), ids=lambda kind: kind.__name__)


@each_class
def test_a_value_that_looks_hashable_is(kind: type) -> None:
    value = instances()[kind]
    if isinstance(value, Hashable):
        assert hash(value) == hash(copy.copy(value))
    else:
        assert kind.__hash__ is None


def test_results_can_be_collected_in_sets_and_be_keys() -> None:
    for kind in (Report, ClearedRequest, Receipt, Fix, MediaFacts, Estimate):
        value = instances()[kind]
        assert {value: 1}[copy.deepcopy(value)] == 1
    assert len({report(), report(label="other.json"), report()}) == 2


def _pickled(value: Any, protocol: int) -> Any:
    return pickle.loads(pickle.dumps(value, protocol))


_WAYS: list[Callable[[Any], Any]] = [
    copy.copy,
    copy.deepcopy,
    *(partial(_pickled, protocol=number) for number in range(2, pickle.HIGHEST_PROTOCOL + 1)),
]


@each_class
def test_a_copy_is_equal_and_of_the_same_class(kind: type) -> None:
    value = instances()[kind]
    ways = [*_WAYS, dataclasses.replace] if dataclasses.is_dataclass(kind) else _WAYS
    for way in ways:
        again = way(value)
        assert type(again) is kind
        assert again == value
        assert repr(again) == repr(value)


@each_class
def test_a_value_is_taken_apart_by_the_standard_library(kind: type) -> None:
    value = instances()[kind]
    assert value != "another thing"
    if dataclasses.is_dataclass(kind):
        names = [field.name for field in dataclasses.fields(kind)]
        assert list(dataclasses.asdict(value)) == names
        assert len(dataclasses.astuple(value)) == len(names)
        assert set(vars(kind)["__match_args__"]) <= set(names)


@each_class
def test_no_repr_shows_what_is_secret_in_a_link(kind: type) -> None:
    value = instances()[kind]
    for text in (repr(value), str(value), f"{value}", repr([value])):
        assert SECRET not in text


def test_a_medium_shows_itself_whether_it_was_measured_or_not() -> None:
    """What a report has in `video` and `image` is either, and pydantic writes it as a union."""
    adapter: TypeAdapter[Any] = TypeAdapter(MediaFacts | Unmeasured)
    for kind in (MediaFacts, Unmeasured):
        medium = instances()[kind]
        document = medium.to_dict()
        assert document["location"].startswith("https://apimart-user.com/clip.mp4?")
        assert adapter.dump_python(medium) == document == json.loads(adapter.dump_json(medium))
        assert SECRET not in f"{document}{medium}{medium.to_json()}"
    missing = instances()[Unmeasured]
    assert str(missing) == str(missing.exception())
    assert missing.to_dict()["reason"] == "missing"


def test_a_medium_that_no_request_names_shows_itself_too() -> None:
    missing = preflight({}).video
    assert isinstance(missing, Unmeasured)
    assert str(missing) == "the request names no video"
    assert (missing.to_dict()["location"], missing.to_dict()["reason"]) == (None, "not given")
    assert preflight({}).to_dict()["facts"] == {"video": None, "image": None}


def test_what_may_be_shown_has_no_secret_and_what_is_sent_is_whole() -> None:
    item = instances()[Report]
    assert dataclasses.asdict(item)["body"]["video_url"] == SIGNED
    assert SECRET not in f"{item.to_dict()}{item.to_json()}{item}"
    assert item.to_dict()["request"]["video_url"].startswith("https://apimart-user.com/clip.mp4")


def test_a_link_that_is_not_mended_is_shown_without_its_secret() -> None:
    result = fix(SIGNED, dry_run=True)
    assert result.source.startswith("https://apimart-user.com/clip.mp4?")
    assert SECRET not in repr(result)


def test_an_instance_of_a_class_of_your_own_is_shown_as_ours_are() -> None:
    class Mine(Receipt):
        """Somebody's own."""

    receipt = intent()
    names = [field.name for field in dataclasses.fields(Receipt)]
    mine = Mine(**{name: getattr(receipt, name) for name in names})
    assert (str(mine), mine.to_dict()) == (str(receipt), receipt.to_dict())
    assert TypeAdapter(Mine).dump_python(mine) == receipt.to_dict()


def test_patterns_take_the_fields_of_a_value() -> None:
    match report():
        case Report(verdict="pass", estimate=Estimate(seconds=seconds)):
            assert seconds.low == 8
        case _:
            pytest.fail("a report has no such fields")


class Paid(BaseModel):
    """A model of somebody's own, which looks at instances anew."""

    model_config = ConfigDict(revalidate_instances="always")

    cleared: ClearedRequest
    receipt: Receipt | None = None
    estimate: Estimate | None = None
    facts: MediaFacts | Unmeasured | None = None


@pytest.mark.parametrize(
    "kind",
    [
        kind for kind in value_classes() if kind is not Filmstrip
    ],  # pictures, which JSON cannot carry
    ids=lambda kind: kind.__name__,
)
def test_pydantic_takes_an_instance_writes_it_and_describes_it(kind: type) -> None:
    value: Any = instances()[kind]
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    assert adapter.validate_python(value) == value
    assert json.loads(adapter.dump_json(value)) == adapter.dump_python(value, mode="json")
    for mode in ("validation", "serialization"):
        assert adapter.json_schema(mode=mode)


def test_a_model_keeps_the_instance_that_it_is_given() -> None:
    cleared = ClearedRequest(report(body(video_url=SIGNED)))
    receipt, estimate, facts = intent(), cleared.report.estimate, cleared.report.video
    model = Paid(cleared=cleared, receipt=receipt, estimate=estimate, facts=facts)
    assert (model.cleared, model.receipt) == (cleared, receipt)
    assert model.cleared is cleared
    assert model.facts is facts
    assert model.model_dump()["cleared"]["report"] == cleared.report.to_dict()
    assert SECRET not in model.model_dump_json()


def test_no_data_is_a_request_that_may_be_sent() -> None:
    cleared = ClearedRequest(report())
    adapter = TypeAdapter(ClearedRequest)
    for data in (
        adapter.dump_python(cleared),
        {"report": cleared.report},
        {"report": cleared.report, "accept_unsure": True},
        {},
        None,
    ):
        with pytest.raises(ValidationError, match="must be of the class ClearedRequest"):
            adapter.validate_python(data)
    for text in (adapter.dump_json(cleared), "{}", "null"):
        with pytest.raises(ValidationError, match="must be of the class ClearedRequest"):
            adapter.validate_json(text)


@pytest.mark.parametrize("kind", [Estimate, MediaFacts, Receipt, Unmeasured])
def test_a_value_whose_json_holds_too_little_says_so(kind: type) -> None:
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    text = adapter.dump_json(instances()[kind])
    for document in (text, b"{}", b"null"):
        with pytest.raises(ValidationError, match=r"holds too little to be read back") as refused:
            adapter.validate_json(document)
        assert refused.value.error_count() == 1
