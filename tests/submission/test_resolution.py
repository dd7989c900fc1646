"""An unknown outcome is settled by what the user found out, and by nothing that cannot be true."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import intent
from processes import served

from motion_preflight import NotResolved, resolve, wait
from motion_preflight.provider.client import Api
from motion_preflight.provider.responses import Submitted
from motion_preflight.provider.state import State
from motion_preflight.report.totals import Budget
from motion_preflight.sandbox.server import Sandbox
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.ledger.rows import reopen
from motion_preflight.submission.receipt import Receipt
from motion_preflight.submission.resolution import unknown_in_command, unknown_text

KEY = "sk-never-to-be-seen-anywhere"


def row_of(folder: Path, origin: str, state: State = State.UNKNOWN) -> Receipt:
    """A row in the ledger of a folder."""
    with Ledger(folder) as ledger:
        receipt = intent(origin=origin)
        ledger.begin(receipt, again=True, budget=Budget())
        return ledger.settle(receipt.intent, state, error="no answer came") or receipt


def states(folder: Path) -> list[State]:
    with Ledger(folder) as ledger:
        return [row.state for row in ledger.rows()]


def test_the_task_that_the_provider_knows_settles_it_and_can_be_waited_for(tmp_path: Path) -> None:
    with Sandbox(probe=False, polls=0) as sandbox:
        with Api(sandbox.base, KEY) as api:
            sent = json.dumps(served(sandbox)).encode()
            taken = api.generate(sent, idempotency_key="test", secrets=())
        assert isinstance(taken, Submitted)
        task_id = taken.task_id
        receipt = row_of(tmp_path, sandbox.base)
        options: dict[str, Any] = {
            "api_key": KEY,
            "base_url": sandbox.base,
            "ledger_folder": tmp_path,
        }
        settled = resolve(receipt, task_id=task_id, **options)
        assert (settled.state, settled.task_id, settled.error) == (State.SUBMITTED, task_id, None)
        assert wait(settled, **options).state is State.COMPLETED
        assert wait(receipt, **options).task_id == task_id  # of before it was resolved


def test_a_task_that_the_provider_does_not_know_settles_nothing(tmp_path: Path) -> None:
    with Sandbox(probe=False) as sandbox:
        receipt = row_of(tmp_path, sandbox.base)
        with pytest.raises(NotResolved, match=r"knows no task task_x .*; nothing was changed"):
            resolve(
                receipt, task_id="task_x", api_key=KEY, base_url=sandbox.base,
                ledger_folder=tmp_path,
            )  # fmt: skip
    assert states(tmp_path) == [State.UNKNOWN]


def test_what_was_not_sent_is_settled_without_the_provider(tmp_path: Path) -> None:
    receipt = row_of(tmp_path, "https://api.example")
    assert resolve(receipt, task_id=None, ledger_folder=tmp_path).state is State.NOT_SENT
    assert states(tmp_path) == [State.NOT_SENT]


@pytest.mark.parametrize("task_id", ["", " \n", "task_1\x1b[31m"])
def test_a_task_of_no_name_settles_nothing(task_id: str, tmp_path: Path) -> None:
    receipt = row_of(tmp_path, "https://api.example")
    with pytest.raises(NotResolved, match="the task id is empty"):
        resolve(receipt, task_id=task_id, ledger_folder=tmp_path)
    assert states(tmp_path) == [State.UNKNOWN]


@pytest.mark.parametrize("state", sorted(set(State) - {State.SENDING, State.UNKNOWN}))
def test_the_ledger_and_not_the_receipt_knows_the_state(tmp_path: Path, state: State) -> None:
    receipt = replace(row_of(tmp_path, "https://api.example", state), state=State.UNKNOWN)
    for task_id in ("task_1", None):
        with pytest.raises(NotResolved, match="only what is unknown") as caught:
            resolve(receipt, task_id=task_id, ledger_folder=tmp_path)
        assert caught.value.receipt is not None
        assert caught.value.receipt.state is state


@pytest.mark.parametrize("task_id", ["task_1", None])
def test_what_is_said_again_changes_nothing(tmp_path: Path, task_id: str | None) -> None:
    receipt = row_of(tmp_path, "https://api.example")
    settled = resolve(receipt, task_id=task_id, ledger_folder=tmp_path)
    assert resolve(receipt, task_id=task_id, ledger_folder=tmp_path) == settled


def test_a_task_that_turns_up_after_all_is_named_where_none_was(tmp_path: Path) -> None:
    receipt = row_of(tmp_path, "https://api.example")
    resolve(receipt, task_id=None, ledger_folder=tmp_path)
    settled = resolve(receipt, task_id="task_1", ledger_folder=tmp_path)
    assert (settled.state, settled.task_id, settled.error) == (State.SUBMITTED, "task_1", None)


def test_a_task_that_cannot_be_it_leaves_what_was_denied(tmp_path: Path) -> None:
    receipt = row_of(tmp_path, "https://api.example")
    denied = resolve(receipt, task_id=None, ledger_folder=tmp_path)
    other = row_of(tmp_path, "https://api.example")
    resolve(other, task_id="task_1", ledger_folder=tmp_path)
    with pytest.raises(NotResolved, match="that of another request"):
        resolve(receipt, task_id="task_1", ledger_folder=tmp_path)
    with Ledger(tmp_path) as ledger:
        assert ledger.find(receipt.intent) == [denied]


def test_a_row_that_the_provider_settled_is_not_opened_again(tmp_path: Path) -> None:
    receipt = row_of(tmp_path, "https://api.example", State.NOT_SENT)
    with Ledger(tmp_path) as ledger:
        with ledger.transaction() as database:
            reopen(database, receipt.intent, "another error")
        assert ledger.find(receipt.intent) == [receipt]


def test_a_row_that_this_ledger_does_not_have_is_not_settled(tmp_path: Path) -> None:
    with pytest.raises(NotResolved, match=r"has no intent .* ledger_folder"):
        resolve(intent(state=State.UNKNOWN), task_id=None, ledger_folder=tmp_path)


def test_what_is_no_receipt_is_refused(tmp_path: Path) -> None:
    for function in (resolve, wait):
        options: dict[str, Any] = {"task_id": None} if function is resolve else {}
        with pytest.raises(TypeError, match="takes a Receipt"):
            function("task_1", ledger_folder=tmp_path, **options)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a text or None"):
        resolve(intent(), task_id=5, ledger_folder=tmp_path)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("error", "why"),
    [("no answer came", "no answer came"), ("try later. ..", "try later"), (None, "")],
)
def test_what_is_not_known_in_words(error: str | None, why: str) -> None:
    receipt = intent(error=error)
    text = (
        f"dance.json (intent {receipt.intent}) was sent, and whether the provider took it is not "
        f"known: {why}. It may be billed, and is not sent again by itself. Look into the "
        "provider's list of tasks for one of kling-v2-6-motion-control made about 2026-12-01 "
        "12:00 UTC. If it is there: "
    )
    command = f"motion-preflight tasks resolve {receipt.intent}"
    assert unknown_text(receipt) == (
        f"{text}resolve(error.receipt, task_id=TASK_ID); if not: with task_id=None"
    )
    assert unknown_in_command(receipt) == (
        f"{text}`{command} --task TASK_ID`; if not: `{command} --not-sent`"
    )
