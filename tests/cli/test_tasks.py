"""`tasks` as a process: what the ledger knows is shown, followed, settled and forgotten."""

from __future__ import annotations

import csv
import datetime as dt
import json
import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from builders import intent
from conftest import Program
from paths import FIXTURES
from processes import KEY, customer, ledger_rows, served, started

from motion_preflight.cli import exit_codes
from motion_preflight.formats import schema
from motion_preflight.provider.client import Api
from motion_preflight.provider.responses import Submitted
from motion_preflight.provider.state import State
from motion_preflight.report.totals import Budget
from motion_preflight.sandbox.server import Sandbox
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.receipt import FINAL, Receipt

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)
Done = subprocess.CompletedProcess[str]


@dataclass
class Desk:
    """The program, its ledger, and a provider that knows the tasks which `made` makes."""

    folder: Path
    program: Program
    sandbox: Sandbox

    def tasks(self, *arguments: str | Path, **environment: str) -> Done:
        settings = customer(self.sandbox, self.folder, **environment)
        return self.program("tasks", *arguments, cwd=None, **settings)

    def json(self, *arguments: str | Path) -> list[dict[str, Any]]:
        document = json.loads(self.tasks(*arguments, "--format", "json").stdout)
        assert document["schema"] == "motion-preflight/tasks/1"
        tasks: list[dict[str, Any]] = document["tasks"]
        assert all(list(task) == list(schema.TaskDocument.__annotations__) for task in tasks)
        return tasks

    def created(self, number: int = 0) -> str:
        """A task that the provider has."""
        with Api(self.sandbox.base, KEY) as api:
            body = json.dumps(served(self.sandbox, number)).encode()
            result = api.generate(body, idempotency_key=f"test-{number}", secrets=())
        assert isinstance(result, Submitted)
        return result.task_id

    def keep(self, state: State, *, age: dt.timedelta | None = None, **fields: Any) -> Receipt:
        """Writes a row that came to a state as long ago as its `age`."""
        moment = NOW - (age or dt.timedelta())
        usual: dict[str, Any] = {"origin": self.sandbox.base, "created": moment}
        result = intent(**(usual | fields))
        task = {} if result.task_id is None else {"task_id": result.task_id}
        with Ledger(self.folder / "state", now=lambda: moment) as ledger:
            ledger.begin(result, again=True, budget=Budget())
            if state in {State.COMPLETED, State.FAILED, State.CANCELLED}:
                ledger.settle(result.intent, State.SUBMITTED, **task)
            ledger.settle(result.intent, state, **({} if state in FINAL else task))
            (written,) = ledger.find(result.intent)
        assert written.state is state
        return written

    @property
    def rows(self) -> dict[str, dict[str, Any]]:
        """The ledger's rows by their intents."""
        return {row["intent"]: row for row in ledger_rows(self.folder)}

    def states(self, *receipts: Receipt) -> list[str]:
        return [self.rows[receipt.intent]["state"] for receipt in receipts]


@pytest.fixture
def desk(tmp_path: Path, program: Program) -> Iterator[Desk]:
    with Sandbox(probe=False, polls=0) as sandbox:
        yield Desk(tmp_path, program, sandbox)


def words_of(done: Done) -> str:
    """Both streams as one line, however they are wrapped."""
    return " ".join((done.stdout + done.stderr).split())


def test_show_has_the_answer_and_its_request_id_for_support(desk: Desk) -> None:
    row = desk.keep(State.UNKNOWN, task_id=None)
    with Ledger(desk.folder / "state") as ledger:
        ledger.settle(
            row.intent, State.UNKNOWN, request_id="req_4711", answer='{"ticket": "a-b-c"}'
        )
    done = desk.tasks("show", row.intent)
    assert "req_4711" in done.stdout
    assert '{"ticket": "a-b-c"}' in done.stdout


# --- list and show -----------------------------------------------------------------------


def test_the_list_is_the_newest_first_in_text_and_json(desk: Desk) -> None:
    states = [state for state in State if state is not State.SENDING]
    rows = [
        desk.keep(state, age=number * DAY, label=f"{state}-{number}.json", task_id=f"task_{number}")
        for number, state in enumerate(states)
    ]
    with Ledger(desk.folder / "state") as alive:  # a run that goes on
        alive.begin(intent(created=NOW + DAY, label="now.json"), again=True, budget=Budget())
        result = desk.json()
        text = desk.tasks()
    assert [item["state"] for item in result] == ["sending", *states]
    assert [item["intent"] for item in result[1:]] == [row.intent for row in rows]
    assert text.returncode == exit_codes.OK
    assert text.stderr == ""
    listed, sums = text.stdout.split("\n\n")
    assert sums.startswith("6 of 8 requests sent, 1 done, 2 failed, 2 under way, 1 unknown; billed")
    heads = [line.split() for line in listed.splitlines() if not line.startswith(" ")]
    assert [head[0] for head in heads] == ["sending", *states]
    assert [head[1] for head in heads] == [item["label"] for item in result]

    assert [item["label"] for item in desk.json("list", "--state", "failed")] == [
        row.label for row in rows if row.state is State.FAILED
    ]
    assert len(desk.json("list", "--limit", "3")) == 3
    some = words_of(desk.tasks("list", "--limit", "3"))
    assert "the newest 3 of 8 requests are listed; all together: 6 of 8 requests sent" in some
    none = words_of(desk.tasks("list", "--limit", "0"))
    assert none.startswith("none of 8 requests is listed; all together: 6 of 8 requests sent")
    one = words_of(desk.tasks("list", "--limit", "1", "--state", "failed"))
    assert "listed" not in one  # it is the only one
    assert desk.json("list", "--limit", "0") == []


def test_the_list_is_limited_to_days_and_written_as_csv(desk: Desk) -> None:
    rows = [desk.keep(State.FAILED, age=number * DAY, label="=1+1") for number in range(4)]
    days = ("--since", f"{NOW - 2 * DAY:%Y-%m-%d}", "--until", f"{NOW - DAY:%Y-%m-%d}")
    table = csv.DictReader(desk.tasks("list", *days, "--format", "csv").stdout.splitlines())
    written = list(table)
    assert [row["intent"] for row in written] == [row.intent for row in rows[1:3]]
    assert [row["label"] for row in written] == ["'=1+1"] * 2  # no formula
    assert {row["estimate_low"] for row in written} == {"0.45"}
    assert [task["intent"] for task in desk.json("list", *days)] == [
        row.intent for row in rows[1:3]
    ]
    wrong = desk.tasks("list", "--since", "2026-09-02", "--until", "2026-09-01", "--format", "csv")
    assert wrong.returncode == exit_codes.CANNOT_RUN
    assert "--since 2026-09-02 lies after --until 2026-09-01" in wrong.stderr
    assert wrong.stdout.startswith("intent,state,task_id,")


def test_what_a_dead_run_left_is_listed_as_unknown(desk: Desk) -> None:
    with Ledger(desk.folder / "state") as dying:
        dying.begin(intent(label="dance.json"), again=True, budget=Budget())
    (result,) = desk.json()
    assert (result["state"], result["error"]) == (
        "unknown", "the run ended before an answer was written down"
    )  # fmt: skip


def test_one_request_is_shown_by_its_intent_its_beginning_or_its_task(desk: Desk) -> None:
    first = desk.keep(State.SUBMITTED, task_id="task_one", request_id="req_1")
    desk.keep(State.SUBMITTED, task_id="task_two")
    texts = [desk.tasks("show", name) for name in (first.intent, first.intent[:4], "task_one")]
    assert {done.returncode for done in texts} == {exit_codes.OK}
    assert len({done.stdout for done in texts}) == 1
    shown = texts[0].stdout
    for part in (first.intent, "task_one", first.idempotency_key, desk.sandbox.base, "req_1",
                 '"prompt": "she dances"', "estimated USD 0.45 to 0.46"):  # fmt: skip
        assert part in shown
    assert "task_two" not in shown
    assert [item["task_id"] for item in desk.json("show", first.intent[:6])] == ["task_one"]


def test_showing_what_is_unknown_says_how_to_settle_it(desk: Desk) -> None:
    row = desk.keep(State.UNKNOWN)
    done = desk.tasks("show", row.intent)
    assert done.returncode == exit_codes.OK
    assert f"motion-preflight tasks resolve {row.intent} --task TASK_ID" in words_of(done)
    assert f"motion-preflight tasks resolve {row.intent} --not-sent" in words_of(done)
    assert f"for one of {row.model}, made about {row.created:%Y-%m-%d %H:%M} UTC" in words_of(done)
    assert f"tasks resolve {row.intent}" in desk.tasks("show", row.intent, "--format", "csv").stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("show", "abcd"), "abcd may be abcd33334444 or abcd11112222: write more of it"),
        (("resolve", "abcd", "--not-sent"), "abcd may be abcd33334444 or abcd11112222"),
        (("forget", "abcd", "--yes"), "abcd may be abcd33334444 or abcd11112222"),
        (("wait", "abcd"), "abcd may be abcd33334444 or abcd11112222"),
        (("show", "abc"), "abc: write at least four characters"),
        (("show", "task_of_nobody"), "see `motion-preflight tasks list`"),
        (("resolve", "task_of_nobody", "--not-sent"), "see `motion-preflight tasks list`"),
        (("forget", "", "--yes"), "write at least four characters"),
    ],
)
def test_a_name_must_be_that_of_one_request(
    arguments: tuple[str, ...], says: str, desk: Desk
) -> None:
    for name in ("abcd11112222", "abcd33334444"):
        desk.keep(State.UNKNOWN, intent=name)
    done = desk.tasks(*arguments)
    assert (done.returncode, done.stdout) == (exit_codes.CANNOT_RUN, "")
    assert says in done.stderr
    assert [row["state"] for row in desk.rows.values()] == ["unknown", "unknown"]


def test_control_characters_do_not_reach_the_terminal(desk: Desk) -> None:
    label, error = "\x1b[2J.json", "\x1b]0;x\x07 said the provider"
    row = desk.keep(State.UNKNOWN, label=label, error=error)
    done = desk.tasks("show", row.intent)
    assert "\x1b" not in done.stdout + done.stderr


# --- wait --------------------------------------------------------------------------------


def test_waiting_for_all_ends_with_their_costs_and_says_what_is_unknown(desk: Desk) -> None:
    desk.sandbox.fault("poll-failed*1")
    bad, good = (desk.keep(State.SUBMITTED, task_id=desk.created(number)) for number in range(2))
    done = desk.tasks("wait", "--format", "json", "--format", f"text={desk.folder / 'text'}")
    # the newest is looked at first, and meets the fault
    assert desk.states(bad, good) == ["completed", "failed"]
    assert done.returncode == exit_codes.BROKEN
    results = {task["intent"]: task for task in json.loads(done.stdout)["tasks"]}
    assert {item["state"] for item in results.values()} == {"completed", "failed"}
    assert results[bad.intent]["cost"] == 0.4
    assert "billed USD 0.4" in (desk.folder / "text").read_text("utf-8")

    unknown = desk.keep(State.UNKNOWN)
    again = desk.tasks("wait")
    assert again.returncode == exit_codes.UNKNOWN
    assert f"motion-preflight tasks resolve {unknown.intent}" in again.stderr


def test_waiting_for_nothing_says_so(desk: Desk) -> None:
    done = desk.tasks("wait")
    assert (done.returncode, done.stdout) == (exit_codes.OK, "")
    assert "nothing is under way" in done.stderr
    assert desk.json("wait") == []
    assert desk.sandbox.requests == []


@pytest.mark.parametrize("kept", [None, State.COMPLETED, State.UNKNOWN])
def test_waiting_for_no_task_needs_no_key(kept: State | None, desk: Desk) -> None:
    row = desk.keep(kept) if kept else None
    done = desk.tasks("wait", "--format", "json", APIMART_API_KEY="")
    assert json.loads(done.stdout)["tasks"] == []
    assert "API key" not in done.stderr
    if row and kept is State.UNKNOWN:
        assert done.returncode == exit_codes.UNKNOWN
        assert f"tasks resolve {row.intent}" in done.stderr
        return
    assert done.returncode == exit_codes.OK
    assert f"the ledger has {'1' if kept else 'no'} request" in done.stderr


def test_results_that_were_never_fetched_are_fetched_without_naming_them(desk: Desk) -> None:
    """A run may end between the end of its tasks and the fetching of their results."""
    tasks = [desk.created(number) for number in range(3)]
    for task in tasks[:2]:
        desk.keep(State.COMPLETED, task_id=task)
    desk.keep(State.COMPLETED, task_id=tasks[2], age=4 * DAY)  # its link has ended
    hint = desk.tasks("wait", "--download", "results", APIMART_API_KEY="")
    assert hint.returncode == exit_codes.OK
    assert "2 results were never fetched: --unfetched fetches them" in hint.stderr
    for _ in range(2):
        done = desk.tasks("wait", "--unfetched", "--download", "results", "--allow-private")
        assert done.returncode == exit_codes.OK, done.stderr
        assert {file.stem for file in desk.folder.glob("results/*.mp4")} == set(tasks[:2])
    assert "nothing is under way: the ledger has 3 requests" in done.stderr


@pytest.mark.parametrize("more", [[], ["task_1", "--download", "results"]])
def test_what_was_never_fetched_needs_a_folder_and_no_name(more: list[str], desk: Desk) -> None:
    done = desk.tasks("wait", "--unfetched", *more)
    assert (done.returncode, done.stdout) == (exit_codes.CANNOT_RUN, "")
    assert "--unfetched goes with --download DIR, and without an ID" in done.stderr


def test_the_command_that_fetches_a_result_is_told_once(desk: Desk) -> None:
    row = desk.keep(State.SUBMITTED, task_id=desk.created())
    command = f"`motion-preflight tasks wait {row.task_id} --download DIR`"
    as_text = desk.tasks("wait", row.intent)
    assert words_of(as_text).count(command) == 1
    assert "is completed (its links end at " in as_text.stderr
    assert command in desk.tasks("wait", row.intent, "--format", "json").stderr


def lines_of(stderr: str) -> list[str]:
    """The lines of a log without what is another one in each run."""
    return [re.sub("task_[0-9]+|, after .* s$", "…", line) for line in stderr.splitlines()]


def test_the_log_of_many_tasks_has_a_line_for_what_failed_and_one_for_all(desk: Desk) -> None:
    desk.sandbox.fault("poll-cancelled*1")
    for number in range(7):
        desk.keep(State.SUBMITTED, task_id=desk.created(number), label=f"many.jsonl:{number + 1}")
    done = desk.tasks("wait")
    assert done.returncode == exit_codes.BROKEN
    first, cancelled, over, fetch = lines_of(done.stderr)
    assert first == "waiting for 7 tasks, 30 min 00 s at most"
    assert cancelled == "motion-preflight: task … (many.jsonl:7) cancelled"
    assert over == "7 of 7 tasks over: 6 completed, 1 cancelled…"
    assert fetch.startswith("motion-preflight: 6 tasks are completed")


@pytest.mark.parametrize(
    ("fault", "code", "says"),
    [
        ("poll-401", exit_codes.BROKEN, "7 tasks: asked no more, because the provider refuses the"),
        ("poll-500", exit_codes.UNSURE, "7 tasks were not over in time (7 of them: the last look"),
    ],
)
def test_what_is_said_of_many_tasks_is_said_once_and_of_each_in_the_document(
    fault: str, code: int, says: str, desk: Desk
) -> None:
    desk.sandbox.fault(fault)
    rows = [desk.keep(State.SUBMITTED, task_id=desk.created(number)) for number in range(7)]
    done = desk.tasks("wait", "--wait-timeout", "0", "--format", "json")
    assert done.returncode == code
    assert len(done.stderr.splitlines()) == 3
    assert says in done.stderr
    assert done.stderr.rstrip().endswith("`motion-preflight tasks wait`")
    errors = json.loads(done.stdout)["errors"]
    assert {error["place"] for error in errors} == {row.task_id for row in rows}
    for error in errors:
        assert f"`motion-preflight tasks wait {error['place']}`" in error["message"]


def test_an_id_that_the_provider_does_not_know_is_said_to_be_wrong(desk: Desk) -> None:
    done = desk.tasks("wait", "task_of_nobody")
    assert done.returncode == exit_codes.BROKEN
    assert "the provider does not know it (404" in done.stderr
    assert "look at the id" in done.stderr


def test_a_task_that_the_ledger_does_not_know_can_be_waited_for(desk: Desk) -> None:
    task = desk.created()
    done = desk.tasks("wait", task, "--download", "results", "--allow-private")
    assert done.returncode == exit_codes.OK, done.stderr
    assert "not in the ledger" in done.stdout
    clip = (FIXTURES / "media" / "clip-8s.mp4").read_bytes()
    assert (desk.folder / "results" / f"{task}.mp4").read_bytes() == clip
    assert desk.rows == {}
    (result,) = desk.json("wait", task)
    assert (result["intent"], result["state"], result["cost"]) == (None, "completed", 0.4)


def test_a_task_that_nobody_knows_is_not_called_submitted(desk: Desk) -> None:
    done = desk.tasks("wait", "task_of_nobody", "--wait-timeout", "0")
    assert done.returncode == exit_codes.UNSURE
    assert "404" in done.stderr
    assert "submitted" not in done.stdout


def test_a_task_of_another_provider_is_not_asked_about_here(desk: Desk) -> None:
    row = desk.keep(State.SUBMITTED, task_id="task_one", origin="https://api.apimart-user.com")
    done = desk.tasks("wait")
    assert done.returncode == exit_codes.BROKEN
    assert "task task_one is of https://api.apimart-user.com" in done.stderr
    assert "--base-url" in done.stderr
    assert desk.sandbox.requests == []
    assert desk.states(row) == ["submitted"]


def test_the_base_url_may_be_named(desk: Desk) -> None:
    row = desk.keep(State.SUBMITTED, task_id=desk.created())
    elsewhere = {"APIMART_BASE_URL": "https://api.apimart-user.com"}
    done = desk.tasks("wait", row.intent, "--base-url", desk.sandbox.base, **elsewhere)
    assert (done.returncode, desk.states(row)) == (exit_codes.OK, ["completed"])


@pytest.mark.parametrize(
    ("state", "code", "says"),
    [
        (State.REJECTED, exit_codes.BROKEN, "there is no task to wait for"),
        (State.NOT_SENT, exit_codes.BROKEN, "there is no task to wait for"),
        (State.UNKNOWN, exit_codes.UNKNOWN, "--not-sent"),
    ],
)
def test_what_has_no_task_cannot_be_waited_for(
    state: State, code: int, says: str, desk: Desk
) -> None:
    row = desk.keep(state)
    done = desk.tasks("wait", row.intent)
    assert done.returncode == code
    assert says in done.stderr
    assert desk.sandbox.requests == []


@pytest.mark.parametrize(
    ("fault", "code", "state"),
    [
        ("poll-500", exit_codes.UNSURE, "submitted"),
        ("poll-html", exit_codes.UNSURE, "submitted"),
        ("poll-404", exit_codes.UNSURE, "submitted"),
        ("poll-odd", exit_codes.UNSURE, "submitted"),
        ("poll-401", exit_codes.BROKEN, "submitted"),
        ("poll-failed-text", exit_codes.BROKEN, "failed"),
        ("poll-cancelled", exit_codes.BROKEN, "cancelled"),
        ("poll-credits", exit_codes.OK, "completed"),
        ("poll-no-video", exit_codes.OK, "completed"),
    ],
)
def test_what_a_look_at_a_task_means(fault: str, code: int, state: str, desk: Desk) -> None:
    row = desk.keep(State.SUBMITTED, task_id=desk.created())
    desk.sandbox.fault(fault)
    done = desk.tasks("wait", row.intent, "--wait-timeout", "0")
    assert done.returncode == code, done.stderr
    assert desk.states(row) == [state]
    cost = desk.rows[row.intent]["cost"]
    assert cost == (None if state == "submitted" else cost)
    assert (cost is not None) == (state in {"completed", "failed", "cancelled"})
    assert f"task {row.task_id}" in done.stderr
    if code == exit_codes.UNSURE:
        assert "It may go on" in done.stderr


def test_a_task_that_is_over_is_not_said_to_go_on(desk: Desk) -> None:
    """The provider forgets its tasks one day; the ledger has them still."""
    row = desk.keep(State.COMPLETED, task_id="task_forgotten")
    done = desk.tasks("wait", row.intent, "--wait-timeout", "0")
    assert done.returncode != exit_codes.UNSURE
    assert "It may go on" not in done.stderr


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("result-404", "404"),
        ("result-html", "a web page, not a video"),
        ("poll-no-video", "names no result"),
    ],
)
def test_a_result_that_cannot_be_fetched_is_said(fault: str, says: str, desk: Desk) -> None:
    row = desk.keep(State.SUBMITTED, task_id=desk.created())
    desk.sandbox.fault(fault)
    done = desk.tasks("wait", "--download", "results")
    assert (done.returncode, desk.states(row)) == (exit_codes.BROKEN, ["completed"])
    assert says in done.stderr
    assert not list(desk.folder.glob("results/*"))


# --- resolve -----------------------------------------------------------------------------


def test_an_outcome_is_settled_by_the_task_that_the_provider_knows(desk: Desk) -> None:
    row, task = desk.keep(State.UNKNOWN, error="no answer came"), desk.created()
    done = desk.tasks("resolve", row.intent[:5], "--task", task)
    assert done.returncode == exit_codes.OK, done.stderr
    assert f"task {task}, intent {row.intent}" in done.stdout
    assert "no answer came" not in done.stdout
    kept = desk.rows[row.intent]
    assert (kept["state"], kept["task_id"], kept["error"]) == ("submitted", task, None)
    assert desk.tasks("wait").returncode == exit_codes.OK
    assert desk.states(row) == ["completed"]


def test_a_task_that_the_provider_does_not_know_settles_nothing(desk: Desk) -> None:
    row = desk.keep(State.UNKNOWN)
    before = desk.rows
    done = desk.tasks("resolve", row.intent, "--task", "task_of_nobody")
    assert (done.returncode, done.stdout) == (exit_codes.BROKEN, "")
    assert "the provider knows no task task_of_nobody" in done.stderr
    assert "nothing was changed" in done.stderr
    assert desk.rows == before


@pytest.mark.parametrize("why", ["no key", "another provider"])
def test_a_task_that_cannot_be_asked_about_is_taken_at_the_users_word(why: str, desk: Desk) -> None:
    origin = desk.sandbox.base if why == "no key" else "https://api.apimart-user.com"
    row = desk.keep(State.UNKNOWN, origin=origin)
    key = "" if why == "no key" else KEY
    done = desk.tasks("resolve", row.intent, "--task", "task_mine", APIMART_API_KEY=key)
    assert done.returncode == exit_codes.OK
    assert desk.rows[row.intent]["task_id"] == "task_mine"
    assert desk.sandbox.requests == []


@pytest.mark.parametrize("task", ["", " \n"])
def test_a_task_of_no_name_settles_nothing(task: str, desk: Desk) -> None:
    """Else the row would wait for ever for a task that it does not have."""
    row = desk.keep(State.UNKNOWN)
    done = desk.tasks("resolve", row.intent, "--task", task, APIMART_API_KEY="")
    assert done.returncode == exit_codes.CANNOT_RUN
    assert desk.states(row) == ["unknown"]


def test_the_task_of_another_request_settles_nothing(desk: Desk) -> None:
    task = desk.created()
    first, second = desk.keep(State.SUBMITTED, task_id=task), desk.keep(State.UNKNOWN)
    done = desk.tasks("resolve", second.intent, "--task", task)
    assert done.returncode == exit_codes.BROKEN
    assert first.intent in done.stderr
    assert desk.states(first, second) == ["submitted", "unknown"]


def test_what_was_not_sent_is_settled_without_the_provider(desk: Desk) -> None:
    row = desk.keep(State.UNKNOWN)
    done = desk.tasks("resolve", row.intent, "--not-sent", "--format", "json", APIMART_API_KEY="")
    assert done.returncode == exit_codes.OK
    (result,) = json.loads(done.stdout)["tasks"]
    assert (result["intent"], result["state"]) == (row.intent, "not-sent")
    assert desk.states(row) == ["not-sent"]
    assert desk.sandbox.requests == []


def test_only_what_is_unknown_is_settled(desk: Desk) -> None:
    rows = [
        desk.keep(state, task_id=f"task_{state}")
        for state in (State.SUBMITTED, State.COMPLETED, State.REJECTED)
    ]
    before = desk.rows
    for row in rows:
        done = desk.tasks("resolve", row.intent, "--not-sent")
        assert (done.returncode, done.stdout) == (exit_codes.BROKEN, "")
        assert "only what is unknown can be resolved" in done.stderr
    assert desk.rows == before


@pytest.mark.parametrize("options", [(), ("--task", "task_1", "--not-sent"), ("--task",)])
def test_resolving_takes_exactly_one_finding(options: tuple[str, ...], desk: Desk) -> None:
    row = desk.keep(State.UNKNOWN)
    assert desk.tasks("resolve", row.intent, *options).returncode == exit_codes.CANNOT_RUN
    assert desk.states(row) == ["unknown"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["abcd1234"], "what became of abcd1234: --task TASK_ID where the provider's list"),
        (["--not-sent"], "name the intent to settle: `motion-preflight tasks list --state"),
        ([], "name the intent to settle"),
        (["abcd1234", "--ledger-lost"], "name no intent with it"),
    ],
)
def test_settling_says_what_it_needs(arguments: list[str], says: str, desk: Desk) -> None:
    row = desk.keep(State.UNKNOWN, intent="abcd12345678")
    done = desk.tasks("resolve", *arguments)
    assert (done.returncode, done.stdout) == (exit_codes.CANNOT_RUN, "")
    assert says in done.stderr
    assert desk.states(row) == ["unknown"]


# --- forget ------------------------------------------------------------------------------


def test_only_what_is_over_and_old_is_forgotten(desk: Desk) -> None:
    old = {state: desk.keep(state, age=91 * DAY, task_id=f"task_{state}") for state in State
           if state is not State.SENDING}  # fmt: skip
    recent = desk.keep(State.REJECTED, age=89 * DAY)
    done = desk.tasks("forget", "--yes")
    assert done.returncode == exit_codes.OK, done.stderr
    kept = {old[State.SUBMITTED].intent, old[State.UNKNOWN].intent, recent.intent}
    assert set(desk.rows) == kept
    assert "forgot 5 requests" in done.stderr

    done = desk.tasks("forget", "--older-than", "80", "--yes")
    assert set(desk.rows) == kept - {recent.intent}
    assert "forgot 1 request" in done.stderr

    done = desk.tasks("forget", "--yes")
    assert done.returncode == exit_codes.OK
    assert "forgot 0 requests: nothing that is over is older than 90 days" in done.stderr


def test_what_counts_against_todays_budget_is_kept(desk: Desk) -> None:
    counts = [desk.keep(State.COMPLETED), desk.keep(State.FAILED), desk.keep(State.CANCELLED)]
    free = [desk.keep(State.REJECTED), desk.keep(State.NOT_SENT)]
    done = desk.tasks("forget", "--older-than", "0", "--yes")
    assert done.returncode == exit_codes.OK
    assert set(desk.rows) == {row.intent for row in counts}
    assert not {row.intent for row in free} & set(desk.rows)


def test_what_is_named_is_forgotten_if_it_may_be(desk: Desk) -> None:
    old = desk.keep(State.COMPLETED, age=2 * DAY, task_id="task_old")
    unknown, running = desk.keep(State.UNKNOWN), desk.keep(State.SUBMITTED, task_id="task_runs")
    today = desk.keep(State.COMPLETED, task_id="task_today")
    names = ("task_old", unknown.intent, "task_runs", today.intent[:6])
    done = desk.tasks("forget", *names, "--yes")
    assert done.returncode == exit_codes.BROKEN
    assert set(desk.rows) == {unknown.intent, running.intent, today.intent}
    for row, why in ((unknown, "it is not over"), (running, "it is not over"),
                     (today, "it counts against the budget of today")):  # fmt: skip
        (line,) = (line for line in done.stderr.splitlines() if row.intent in line)
        assert why in line
    assert old.intent not in done.stderr


def test_a_name_that_is_wrong_forgets_nothing(desk: Desk) -> None:
    row = desk.keep(State.REJECTED)
    done = desk.tasks("forget", row.intent, "task_of_nobody", "--yes")
    assert done.returncode == exit_codes.CANNOT_RUN
    assert list(desk.rows) == [row.intent]


def test_without_a_terminal_nothing_is_forgotten_unasked(desk: Desk) -> None:
    row = desk.keep(State.REJECTED, age=100 * DAY)
    settings = customer(desk.sandbox, desk.folder)
    process = started("tasks", "forget", folder=desk.folder, environment=settings)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == exit_codes.CANNOT_RUN
    assert "give --yes" in stderr
    assert list(desk.rows) == [row.intent]
    assert desk.tasks("forget", "--older-than", "101").returncode == exit_codes.OK


@pytest.mark.parametrize(("typed", "code"), [(b"y\n", 0), (b"\n", 130), (b"\x04", 130)])
def test_forgetting_is_asked_about(typed: bytes, code: int, desk: Desk) -> None:
    row = desk.keep(State.REJECTED, age=100 * DAY)
    master, terminal = pytest.importorskip("pty").openpty()
    try:
        process = started("tasks", "forget", folder=desk.folder, stdin=terminal,
                          environment=customer(desk.sandbox, desk.folder))  # fmt: skip
        os.close(terminal)
        os.write(master, typed)
        _, stderr = process.communicate(timeout=60)
    finally:
        os.close(master)
    assert process.returncode == code
    assert "Forget 1 request? [y/N]" in stderr
    assert list(desk.rows) == ([] if code == 0 else [row.intent])


def test_what_is_forgotten_is_gone_from_the_file(desk: Desk) -> None:
    row = desk.keep(State.REJECTED, body=served(desk.sandbox, prompt="a pirouette of the hamster"))
    file = desk.folder / "state" / "ledger.sqlite3"
    assert b"pirouette" in file.read_bytes()
    assert desk.tasks("forget", row.intent, "--yes").returncode == exit_codes.OK
    assert b"pirouette" not in file.read_bytes()
    assert {path.name for path in file.parent.iterdir()} == {"ledger.sqlite3", "runs"}
    assert list((file.parent / "runs").iterdir()) == []


def test_any_number_of_days_is_a_number_of_days(desk: Desk) -> None:
    desk.keep(State.REJECTED)
    done = desk.tasks("forget", "--older-than", "999999", "--yes")
    assert done.returncode == exit_codes.OK, done.stderr
    assert len(desk.rows) == 1


# --- no ledger, and one that cannot be used ------------------------------------------------


def test_where_nothing_was_sent_there_is_nothing_to_show(desk: Desk) -> None:
    done = desk.tasks()
    assert (done.returncode, done.stderr) == (exit_codes.OK, "")
    assert done.stdout.startswith("the ledger has no request yet: `motion-preflight submit ")
    assert desk.json() == []
    assert desk.tasks("forget", "--yes").returncode == exit_codes.OK
    assert desk.tasks("show", "abcd1234").returncode == exit_codes.CANNOT_RUN


def test_filters_that_match_nothing_say_how_many_requests_there_are(desk: Desk) -> None:
    row = desk.keep(State.REJECTED)
    missed = desk.tasks("list", "--state", "completed")
    assert "the ledger has 1 request, and none matches:" in words_of(missed)
    desk.tasks("forget", row.intent, "--yes")
    assert desk.rows == {}
    assert "every request was forgotten; `motion-preflight spend` has " in words_of(desk.tasks())


@pytest.mark.parametrize("what", ["a file", "no folder", "a folder", "text", "a database"])
def test_a_ledger_that_cannot_be_used_is_said_and_left_alone(what: str, desk: Desk) -> None:
    folder = desk.folder / "state"
    file = folder / "ledger.sqlite3"
    if what == "a file":
        folder.write_text("mine")
    elif what == "no folder":
        folder = Path("/proc/no/such/folder")
    else:
        folder.mkdir()
    if what == "a folder":
        file.mkdir()
    elif what == "text":
        file.write_text("mine " * 1000)
    elif what == "a database":
        with closing(sqlite3.connect(file)) as database:
            database.execute("CREATE TABLE mine (a)")
    before = file.read_bytes() if file.is_file() else None
    done = desk.tasks(MOTION_PREFLIGHT_STATE=str(folder))
    assert (done.returncode, done.stdout) == (exit_codes.CANNOT_RUN, "")
    assert "the ledger" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert before == (file.read_bytes() if file.is_file() else None)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everything")
def test_a_ledger_that_is_read_only_is_said(desk: Desk) -> None:
    desk.keep(State.SUBMITTED, task_id="task_1")
    folders = (desk.folder / "state" / "runs", desk.folder / "state")
    for folder in folders:
        folder.chmod(0o500)
    try:
        done = desk.tasks()
    finally:
        for folder in folders:
            folder.chmod(0o700)
    assert (done.returncode, done.stdout) == (exit_codes.CANNOT_RUN, "")
    assert "cannot be used (Permission denied)" in done.stderr


def test_amounts_are_those_of_the_ledger(desk: Desk) -> None:
    """A billed cost stands beside the estimate, to the last digit."""
    row = desk.keep(State.SUBMITTED, task_id="task_1")
    with Ledger(desk.folder / "state") as ledger:
        ledger.settle(row.intent, State.COMPLETED, cost=Decimal("0.456960"))
    (result,) = desk.json()
    assert (result["cost"], result["estimate"]) == (0.45696, {"low": 0.45, "high": 0.46})
    assert "billed USD 0.456960, estimated USD 0.45" in desk.tasks().stdout
