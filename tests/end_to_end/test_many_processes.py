"""Many processes with one ledger: nothing is sent twice, and no budget is exceeded between them."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import submitting_worker
from processes import customer, served, started
from submitting_worker import prompt
from warm import warm

from motion_preflight.provider.state import State
from motion_preflight.sandbox.server import Sandbox
from motion_preflight.sandbox.tasks import Post
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.receipt import UNSETTLED, Receipt

WORKER = Path(submitting_worker.__file__)
PROCESSES, EACH = 6, 60
NEVER = 10**9  # polls until a task is over
PATIENCE = 300  # seconds


@dataclass
class Attempt:
    """What a process says of one of its requests."""

    number: int
    outcome: str
    intent: str | None  # of the receipt that it got


def environment(**more: str) -> dict[str, str]:
    """That of this process, without proxies and settings."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.lower().endswith("_proxy")
        and not name.startswith(("MOTION_PREFLIGHT_", "APIMART_"))
    }
    return kept | more


@contextmanager
def workers(
    sandbox: Sandbox, folder: Path, processes: int, item: int, day: Decimal | None = None
) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that begin to submit at the same moment, on a ledger that none of them has made."""
    with ExitStack() as stack:
        running = []
        for number in range(processes):
            arguments = [sandbox.base, str(folder), f"20261201 {number}", str(item), str(day or "")]
            process = warm().start(
                *arguments,
                cwd=WORKER.parent,
                env=environment(HOME=str(folder.parent)),
                beginning={"code": WORKER.read_text(encoding="utf-8")},
                stdin=subprocess.PIPE,
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            running.append(process)
        for process in running:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        for process in running:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        yield running


def attempts(process: subprocess.Popen[str]) -> list[Attempt]:
    """What became of the requests of a process, when it is over."""
    output, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (0, "")
    return [Attempt(*load) for load in json.loads(output)]


def posts_by(key: Callable[[Post], Any], sandbox: Sandbox) -> dict[Any, list[Post]]:
    result = defaultdict(list)
    for post in sandbox.posts:
        result[key(post)].append(post)
    return result


def key_of(post: Post) -> str:
    return post.headers["idempotency-key"]


def prompt_of(post: Post) -> str:
    """What tells the requests of the pool apart; the signatures of their links differ each time."""
    return str(json.loads(post.body)["prompt"])


def rows_of(folder: Path) -> list[Receipt]:
    """The rows as the next process finds them."""
    with Ledger(folder) as ledger:
        with closing(sqlite3.connect(ledger.path)) as database:
            assert database.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        return ledger.rows()


def high(receipt: Receipt) -> Decimal:
    assert receipt.estimate is not None
    return receipt.estimate.high


def test_processes_that_collide_send_each_request_once(tmp_path: Path) -> None:
    """Some POSTs are refused, and may be sent again by others; of some the answer is lost."""
    folder = tmp_path / "state"
    faults = ["400*9", "cut-after*9"]
    with Sandbox(probe=False, polls=NEVER, faults=faults) as sandbox:
        with workers(sandbox, folder, PROCESSES, EACH) as running:
            message = [attempt for process in running for attempt in attempts(process)]
        rows = {row.idempotency_key: row for row in rows_of(folder)}
        by_key, by_prompt = posts_by(key_of, sandbox), posts_by(prompt_of, sandbox)

    # every row has its POST and every POST its row, which says what became of it
    assert {name: len(posts) for name, posts in by_key.items()} == dict.fromkeys(rows, 1)
    for name, (post,) in by_key.items():
        row = rows[name]
        assert row.body["prompt"] == prompt_of(post)
        if post.status == 400:
            assert (row.state, row.task_id) == (State.REJECTED, None)
        elif post.answered:
            assert (row.state, row.task_id) == (State.SUBMITTED, post.task_id)
        else:
            assert (row.state, row.task_id) == (State.UNKNOWN, None)
    counts = Counter(row.state for row in rows.values())
    assert counts[State.REJECTED] == counts[State.UNKNOWN] == 9

    # a request was sent again only after it was refused
    for posts in by_prompt.values():
        assert all(post.status == 400 for post in posts[:-1])

    # and each process was told so
    assert len(message) == PROCESSES * EACH
    of = {row.intent: row for row in rows.values()}
    words = {
        State.SUBMITTED: "submitted",
        State.REJECTED: "Rejected",
        State.UNKNOWN: "OutcomeUnknown",
    }
    for attempt in message:
        if attempt.outcome != "IDENTICAL":
            assert words[of[str(attempt.intent)].state] == attempt.outcome
        elif attempt.intent is not None:  # none: it stood twice in its own run
            assert of[attempt.intent].body["prompt"] == prompt(attempt.number)
            assert of[attempt.intent].state in UNSETTLED | {State.REJECTED}
    assert Counter(item.outcome for item in message) == {
        "IDENTICAL": len(message) - len(rows),
        **{words[state]: count for state, count in counts.items()},
    }


def test_processes_together_stay_within_the_budget_of_a_day(tmp_path: Path) -> None:
    folder, day = tmp_path / "state", Decimal(36)
    with Sandbox(probe=False, polls=NEVER) as sandbox:
        with workers(sandbox, folder, PROCESSES, EACH, day) as running:
            message = [attempt for process in running for attempt in attempts(process)]
        rows = {row.idempotency_key: row for row in rows_of(folder)}
        by_key, by_prompt = posts_by(key_of, sandbox), posts_by(prompt_of, sandbox)

    assert {name: len(posts) for name, posts in by_key.items()} == dict.fromkeys(rows, 1)
    assert {len(posts) for posts in by_prompt.values()} == {1}
    for name, (post,) in by_key.items():
        assert (rows[name].state, rows[name].task_id) == (State.SUBMITTED, post.task_id)

    spent = sum(map(high, rows.values()))
    prices = {row.mode: high(row) for row in rows.values()}
    assert set(prices) == {"std", "pro"}
    assert spent <= day
    assert spent + min(prices.values()) > day

    assert len(message) == PROCESSES * EACH
    counts = Counter(item.outcome for item in message)
    assert set(counts) == {"submitted", "IDENTICAL", "OVER_BUDGET"}
    assert counts["submitted"] == len(rows)
    for attempt in message:
        if attempt.outcome == "OVER_BUDGET":
            assert attempt.intent is None
            assert prompt(attempt.number) not in by_prompt
            assert spent + prices["std" if attempt.number % 3 else "pro"] > day


def test_a_process_that_is_killed_leaves_the_others_no_second_bill(tmp_path: Path) -> None:
    folder, chance = tmp_path / "state", random.Random("20261201")
    with Sandbox(probe=False, polls=NEVER, delay=0.02) as sandbox:
        with workers(sandbox, folder, 6, 60) as running:
            while not sandbox.posts:
                time.sleep(0.01)
            for process in running[:3]:
                pause = chance.uniform(0.05, 0.3)
                print(f"killed after {pause:.4f} s")  # noqa: T201  shown when it fails
                time.sleep(pause)
                process.kill()
                process.wait()
            message = [attempt for process in running[3:] for attempt in attempts(process)]
        rows = {row.idempotency_key: row for row in rows_of(folder)}
        by_key = posts_by(key_of, sandbox)

    assert len(message) == 3 * 60
    assert {item.outcome for item in message} == {"submitted", "IDENTICAL"}
    assert set(by_key) <= set(rows)
    sent = Counter(rows[key_of(post)].body["prompt"] for posts in by_key.values() for post in posts)
    assert set(sent.values()) == {1}
    unknown = [row for row in rows.values() if row.state is State.UNKNOWN]
    assert len(unknown) <= 3
    for name, row in rows.items():
        if row.state is State.SUBMITTED:
            assert [post.task_id for post in by_key[name]] == [row.task_id]
        else:
            assert row in unknown


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_answer_is_written_though_it_is_interrupted_while_another_process_writes(
    number: signal.Signals, tmp_path: Path
) -> None:
    request = tmp_path / "request.json"
    with Sandbox(probe=False, polls=NEVER, delay=1.0) as sandbox:
        request.write_text(json.dumps(served(sandbox)))
        submit = ("submit", "--yes", "--allow-private", request)
        with started(*submit, folder=tmp_path, environment=customer(sandbox, tmp_path)) as program:
            while not sandbox.posts:
                assert program.poll() is None, program.communicate()
                time.sleep(0.01)
            file = tmp_path / "state" / "ledger.sqlite3"
            with closing(sqlite3.connect(file, isolation_level=None)) as database:
                database.execute("BEGIN IMMEDIATE")
                while not sandbox.posts[0].answered:
                    time.sleep(0.01)
                time.sleep(1)  # it has the answer, and waits to write it down
                program.send_signal(number)
                time.sleep(0.2)
                database.execute("COMMIT")
            output, _ = program.communicate(timeout=60)
        (post,), (row,) = sandbox.posts, rows_of(tmp_path / "state")
    assert (row.state, row.task_id) == (State.SUBMITTED, post.task_id)
    assert str(post.task_id) in output
