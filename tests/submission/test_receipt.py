"""The states of a request: what follows what, what is over, what counts against a budget."""

from __future__ import annotations

import datetime as dt
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from builders import NOW, body

from motion_preflight.formats.receipts import COLOURS
from motion_preflight.provider.state import State
from motion_preflight.submission.receipt import (
    FINAL,
    FOLLOWS,
    FREE,
    UNFINISHED,
    UNSETTLED,
    Receipt,
    described,
)

RECEIPT = Receipt(
    intent="a1b2c3d4e5f6",
    state=State.SUBMITTED,
    created=NOW,
    updated=NOW + dt.timedelta(minutes=9),
    label="dance.json",
    origin="https://api.apimart.ai",
    identity="ab" * 32,
    idempotency_key="motion-preflight-1",
    body=body(),
    currency="USD",
    task_id="task_1",
)


def reachable(state: State) -> set[State]:
    """Every state that a row in this one can come to."""
    result: set[State] = set()
    for item in FOLLOWS.get(state, set()):
        result |= {item} | reachable(item)
    return result


def test_the_states_are_these_words() -> None:
    assert [str(state) for state in State] == [
        "sending", "submitted", "completed", "failed", "cancelled", "rejected", "unknown",
        "not-sent",
    ]  # fmt: skip


def test_a_state_is_over_or_it_stands_in_the_way_of_a_second_request() -> None:
    assert set(State) == FINAL | UNSETTLED
    assert not FINAL & UNSETTLED
    assert {State.UNKNOWN} == UNSETTLED - UNFINISHED


def test_what_is_over_stays_as_it_is() -> None:
    assert not FINAL & FOLLOWS.keys()
    assert FOLLOWS.keys() == UNSETTLED


def test_no_state_is_a_dead_end_before_it_is_over() -> None:
    for state in UNSETTLED:
        assert reachable(state) & FINAL


def test_no_state_comes_back() -> None:
    for state in State:
        assert state not in reachable(state)
        assert State.SENDING not in reachable(state)


def test_what_has_a_task_is_never_taken_for_not_sent_again() -> None:
    assert reachable(State.SUBMITTED) == {State.COMPLETED, State.FAILED, State.CANCELLED}


def test_only_what_was_not_taken_costs_nothing() -> None:
    assert {State.REJECTED, State.NOT_SENT} == FREE
    assert FREE <= FINAL


def test_every_state_has_a_colour() -> None:
    assert COLOURS.keys() == set(State)


@pytest.mark.parametrize(
    ("fields", "model", "mode"),
    [
        (body(), "kling-v2-6-motion-control", "std"),
        ({}, None, None),
        ({"model": 5, "mode": ["std"]}, None, None),
        ({"model": None, "mode": "pro"}, None, "pro"),
    ],
)
def test_model_and_mode_are_those_of_the_body(
    fields: dict[str, Any], model: str | None, mode: str | None
) -> None:
    receipt = replace(RECEIPT, body=fields)
    assert (receipt.model, receipt.mode) == (model, mode)


def test_a_receipt_in_half_a_line() -> None:
    assert described(RECEIPT) == (
        "intent a1b2c3d4e5f6, submitted, task task_1, of 2026-12-01 12:00 UTC"
    )


@pytest.mark.parametrize("task_id", [None, ""])
def test_without_a_task_none_is_named(task_id: str | None) -> None:
    unknown = replace(RECEIPT, state=State.UNKNOWN, task_id=task_id)
    assert described(unknown) == "intent a1b2c3d4e5f6, unknown, of 2026-12-01 12:00 UTC"


def test_what_is_not_known_is_none() -> None:
    names = ("estimate", "request_id", "cost", "error")
    assert [getattr(RECEIPT, name) for name in names] == [None] * len(names)
    assert RECEIPT.files == ()


def test_a_receipt_is_a_value() -> None:
    assert replace(RECEIPT) == RECEIPT
    with pytest.raises(FrozenInstanceError):
        RECEIPT.state = State.COMPLETED  # type: ignore[misc]  # that is the point
