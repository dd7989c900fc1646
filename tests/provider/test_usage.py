"""The usage page: whatever is not one is an error, and never 0."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from motion_preflight.provider.client import Api
from motion_preflight.provider.free_answer import CallFailed
from motion_preflight.provider.responses import parsed
from motion_preflight.provider.usage import Usage, periods, usage_in
from motion_preflight.sandbox.documents import sample
from motion_preflight.sandbox.server import Sandbox

ROW = {"model": "kling", "amount_usd": "0.456960", "calls": 2}
USAGE = Usage("kling", Decimal("0.45696"), 2)
KEY = "sk-sandbox-0123456789abcdef"
TODAY = dt.datetime.now(dt.UTC).date()


def read(document: Any) -> list[Usage]:
    return usage_in(parsed(json.dumps(document).encode()))


@pytest.mark.parametrize(
    "document",
    [
        [ROW],
        {"data": [ROW]},
        {"code": 200, "data": {"total": {"amount_usd": "9"}, "rows": [ROW]}},
        {"items": [ROW]},
        {"data": {"items": [{"group": {"model": "kling"}, "amount_usd": 0.45696, "count": 2}]}},
        {"data": {"groups": [{"key": "kling", "amount_usd": 0.45696, "request_count": 2}]}},
    ],
)
def test_rows_are_read_wherever_they_stand(document: Any) -> None:
    assert read(document) == [USAGE]


def test_the_documented_form_is_read() -> None:
    assert read(sample("usage")) == [Usage("kling-v2-6-motion-control", Decimal("0.45696"), 1)]


def test_an_empty_list_is_nothing_billed_and_a_missing_number_of_calls_is_not_0() -> None:
    assert read({"data": {"items": []}}) == []
    (row,) = read([{"model": "kling", "amount_usd": "1"}])
    assert row.calls is None


@pytest.mark.parametrize(
    "document",
    [
        None, 5, "usage", {}, {"data": None}, {"data": {}}, {"data": {"amount_usd": "0.000000"}},
        {"data": {"items": ["kling"]}}, {"data": {"a": [ROW], "b": [ROW]}},
        [ROW | {"amount_usd": None}], [ROW | {"amount_usd": "plenty"}], [ROW | {"amount_usd": -1}],
        [ROW | {"amount_usd": "1e9"}], [ROW | {"amount_usd": True}], [ROW | {"model": 7}],
        [{"amount_usd": "1"}], {"success": False, "message": "no"},
    ],
)  # fmt: skip
def test_what_is_not_understood_is_an_error(document: Any) -> None:
    with pytest.raises(ValueError, match="usage page"):
        read(document)


def test_days_are_cut_into_ranges_of_which_each_is_allowed() -> None:
    day = dt.timedelta(days=1)
    start = dt.date(2026, 1, 1)
    for count in (1, 30, 31, 32, 62, 63, 400):
        ranges = periods(start, start + (count - 1) * day)
        assert ranges[0][0] == start
        assert ranges[-1][1] == start + (count - 1) * day
        assert all(end - begin < 31 * day for begin, end in ranges)
        assert all(one[1] + day == other[0] for one, other in pairwise(ranges))
    assert periods(start, start - day) == []


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("usage-401", "401"),
        ("usage-429", "429"),
        ("usage-503", "503 usage_unavailable"),
        ("usage-odd", "names no model, or no amount_usd"),
        ("usage-total", "the answer is no usage page"),
        ("usage-cut", "the answer is not whole"),
    ],
)
def test_a_page_that_cannot_be_read_is_never_0(fault: str, words: str) -> None:
    with Sandbox(faults=[fault], probe=False) as sandbox, Api(sandbox.base, KEY) as api:
        with pytest.raises(CallFailed, match=words):
            api.usage(TODAY, TODAY)
        sandbox.clear_faults()
        assert api.usage(TODAY, TODAY) == []
        with pytest.raises(CallFailed, match="31 days apart"):
            api.usage(TODAY - dt.timedelta(days=40), TODAY)
