"""The values of the library behave as Python's own values do."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any

import pytest
from builders import report
from public_values import SECRET, SIGNED, instances, value_classes

from motion_preflight import (
    ClearedRequest,
    Estimate,
    Fix,
    MediaFacts,
    Receipt,
    Report,
    fix,
)

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


def test_a_link_that_is_not_mended_is_shown_without_its_secret() -> None:
    result = fix(SIGNED, dry_run=True)
    assert result.source.startswith("https://apimart-user.com/clip.mp4?")
    assert SECRET not in repr(result)
