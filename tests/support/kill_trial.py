"""Kill `submit` at random moments, and look at what the ledger and the provider know afterwards.

`scripts/kill_test` runs it against the sandbox: nothing leaves the machine and nothing is billed.
Each trial sends a few requests, is killed (SIGKILL) somewhere on the way, and is followed by the
same command once more. Whatever the moment, this must hold:

- a POST has its row in the ledger, and a row has no task but its own
- a task whose id got lost is `unknown`, and the next run says so and how to settle it
- nothing is sent a second time, unless the provider has refused it
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from processes import customer, ledger_rows, served, started

from motion_preflight.sandbox.server import Sandbox

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Sequence

    from motion_preflight.sandbox.tasks import Post

NEVER = 10**9  # polls until a task is over
PATIENCE = 60.0  # seconds
# What may become of one of the requests; most often nothing goes wrong.
FAULTS = ("400*1", "503-idempotency*1", "cut-after-refused*1", "cut-after*1", "504-billed*1")
Row = dict[str, Any]


@dataclass
class Trial:
    """One run that was killed: when, what it was about, and what is wrong afterwards."""

    seed: int
    hit: str = ""
    faults: tuple[str, ...] = ()
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"seed {self.seed}, killed {self.hit}, faults {self.faults or 'none'}"


def trial(seed: int, folder: Path) -> Trial:
    """Kill one run, start the next one, and look; `folder` is made for it."""
    dice = random.Random(seed)
    result = Trial(seed, faults=(dice.choice(FAULTS),) if dice.random() < 1 / 4 else ())
    delay, count = dice.uniform(0.01, 0.08), dice.choice([4, 5])
    with Sandbox(probe=False, polls=NEVER, delay=delay, faults=result.faults) as sandbox:
        requests = [served(sandbox, number) for number in range(count)]
        folder.mkdir(parents=True)
        (folder / "requests.json").write_text(json.dumps(requests), encoding="utf-8")
        process = _submitting(sandbox, folder)
        try:
            _wait_for_the_moment(dice, sandbox, process, count, delay)
        finally:
            process.kill()
            process.communicate()
        rows = ledger_rows(folder)
        result.hit = _hit(process.returncode, rows, sandbox.posts)
        result.problems += _wrong(rows, sandbox.posts, lost=("sending", "unknown"))

        sandbox.clear_faults()
        process = _submitting(sandbox, folder)
        output, answer = process.communicate(timeout=PATIENCE)
        rows = ledger_rows(folder)
        result.problems += _wrong(rows, sandbox.posts, lost=("unknown",))
        result.problems += _wrong_at_the_end(rows, sandbox.posts, count)
        result.problems += _unsaid(rows, answer)
        if process.returncode not in _codes(rows, count):
            result.problems.append(
                f"the next run ended with {process.returncode}: {output}{answer}"
            )
    result.problems += _untidy(folder)
    return result


def _submitting(sandbox: Sandbox, folder: Path) -> subprocess.Popen[str]:
    return started(
        "submit",
        "requests.json",
        "--yes",
        "--allow-private",
        "-q",
        folder=folder,
        environment=customer(sandbox, folder, TMPDIR=str(folder)),
    )


def _wait_for_the_moment(
    dice: random.Random,
    sandbox: Sandbox,
    process: subprocess.Popen[str],
    count: int,
    delay: float,
) -> None:
    """Until so many POSTs have come, and a while longer."""
    posts = dice.randint(0, count)
    end = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < end:
        if len(sandbox.posts) >= posts and sandbox.requests:
            break
        time.sleep(0.001)
    time.sleep(dice.uniform(0, delay + 0.04 if posts else 0.2))


def _hit(code: int, rows: Sequence[Row], posts: Sequence[Post]) -> str:
    """What the run was about when it was killed."""
    sending = {row["idempotency_key"] for row in rows if row["state"] == "sending"}
    if code >= 0:
        return "after its end"
    if sending & {_key(post) for post in posts}:
        return "during a POST"
    if sending:
        return "between intent and POST"
    return "between two requests" if rows else "before the first intent"


def _wrong(rows: Sequence[Row], posts: Sequence[Post], *, lost: Sequence[str]) -> Iterator[str]:
    """What must not be, whenever one looks; `lost` are the states of a task whose id got lost."""
    by_key = {row["idempotency_key"]: row for row in rows}
    for key, number in Counter(map(_key, posts)).items():
        if number > 1:
            yield f"{number} POSTs with the key {key}"
    for body, number in Counter(post.body for post in posts if not _refused(post)).items():
        if number > 1 and body:
            yield f"sent {number} times: {body!r}"
    for post in posts:
        row = by_key.pop(_key(post), None)
        yield from _wrong_row(row, post, lost) if row else [f"POST {post.number} has no row"]
    for key, row in by_key.items():
        if row["state"] not in lost:
            yield f"the row of {key} is {row['state']}, and there was no POST"


def _wrong_row(row: Row, post: Post, lost: Sequence[str]) -> Iterator[str]:
    if row["task_id"] not in (None, post.task_id):
        yield f"POST {post.number} made {post.task_id}, its row has {row['task_id']}"
    if post.task_id and row["task_id"] is None and row["state"] not in lost:
        yield f"POST {post.number} made {post.task_id}, its row is {row['state']}"


def _wrong_at_the_end(rows: Sequence[Row], posts: Sequence[Post], count: int) -> Iterator[str]:
    """What must not be when the next run is over: each request has exactly one row that counts."""
    prompts = Counter(
        json.loads(row["body"])["prompt"]
        for row in rows
        if row["state"] in {"submitted", "unknown"}
    )
    if prompts != Counter(f"dance number {number}" for number in range(count)):
        yield f"the rows that count: {prompts}"
    built = {post.task_id for post in posts if post.task_id}
    existing = {row["task_id"] for row in rows if row["task_id"]}
    unknown = sum(row["state"] == "unknown" for row in rows)
    if len(built - existing) > unknown:
        yield f"{built - existing} are lost, and only {unknown} are unknown"


def _unsaid(rows: Sequence[Row], text: str) -> Iterator[str]:
    for row in rows:
        command = f"motion-preflight tasks resolve {row['intent']} --"
        if row["state"] == "unknown" and text.count(command) < 2:  # --task, --not-sent
            yield f"the next run did not say how to settle {row['intent']}: {text}"


def _codes(rows: Sequence[Row], count: int) -> set[int]:
    """What the next run may end with: 5 when something is unknown, 1 when all but that is under
    way, 0 when there was nothing left of the run before.
    """
    if any(row["state"] == "unknown" for row in rows):
        return {5}
    return {0, 1} if len(rows) >= count else set()


def _untidy(folder: Path) -> Iterator[str]:
    state = folder / "state"
    with closing(sqlite3.connect(state / "ledger.sqlite3")) as database:
        answer = database.execute("PRAGMA integrity_check").fetchone()[0]
    if answer != "ok":
        yield f"the ledger is damaged: {answer}"
    left = {path.name for path in state.iterdir()} - {"ledger.sqlite3", "ledger.seen", "runs"}
    if left:
        yield f"files are left: {left}"


def _refused(post: Post) -> bool:
    """Whether the provider said that it has done nothing."""
    return post.answered and post.task_id is None and post.status in {400, 503}


def _key(post: Post) -> str:
    return post.headers["idempotency-key"]


def main() -> int:
    """Exit code 1 when something was wrong after a kill."""
    parser = argparse.ArgumentParser(
        prog="kill_test",
        description="Kill `submit` at random moments, and look at what is left.",
        epilog="Exit code 1: something was lost, sent twice, or not said.",
    )
    parser.add_argument("kills", type=int, nargs="?", default=200, metavar="N", help="default 200")
    parser.add_argument("--seed", type=int, metavar="S", help="of the first kill; the next: S+1")
    args = parser.parse_args()
    first = random.randrange(10**9) if args.seed is None else args.seed
    print(f"{args.kills} kills, seeds {first} to {first + args.kills - 1}", flush=True)
    hits: Counter[str] = Counter()
    wrong = 0
    for seed in range(first, first + args.kills):
        folder = Path(tempfile.mkdtemp(prefix="kill-test-"))
        result = trial(seed, folder / "home")
        hits[result.hit] += 1
        if result.problems:
            wrong += 1
            print(f"{result}; see {folder}", *result.problems, sep="\n  ", flush=True)
        else:
            shutil.rmtree(folder)
    print(*(f"{number:>5} killed {what}" for what, number in hits.most_common()), sep="\n")
    print(f"{wrong or 'nothing was'} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
