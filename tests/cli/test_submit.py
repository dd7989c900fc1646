"""`submit` as a process: what is sent and how often, what is said of it, and the exit code."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from conftest import Program
from paths import FIXTURES
from peers import Peer
from processes import KEY, customer, ledger_rows, served, started, surroundings
from warm import warm

from motion_preflight.cli import exit_codes
from motion_preflight.formats import schema
from motion_preflight.sandbox.server import Sandbox
from motion_preflight.sandbox.tasks import Post
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

MEDIA = FIXTURES / "media"
FORMATS = Path(schema.__file__).parent
NEVER = 10**9  # polls until a task is over
Done = subprocess.CompletedProcess[str]


@dataclass
class Rehearsal:
    """The program, the provider that it sends to, and the folder with its ledger."""

    sandbox: Sandbox
    folder: Path
    program: Program

    def file(self, content: object) -> Path:
        file = self.folder / "request.json"
        file.write_text(json.dumps(content), encoding="utf-8")
        return file

    def submit(self, content: object, *options: str | Path, **environment: str) -> Done:
        arguments = ("submit", self.file(content), "--allow-private", *options)
        settings = customer(self.sandbox, self.folder, **environment)
        return self.program(*arguments, cwd=None, **settings)

    def send(self, content: object, *options: str | Path, **environment: str) -> Done:
        """Without a question, and with the reports as JSON."""
        return self.submit(content, "--yes", "--format", "json", *options, **environment)

    def tasks(self, *arguments: str | Path) -> Done:
        settings = customer(self.sandbox, self.folder)
        return self.program("tasks", *arguments, cwd=None, **settings)

    def served(self, number: int = 0, **fields: object) -> dict[str, Any]:
        return served(self.sandbox, number, **fields)

    @property
    def posts(self) -> list[Post]:
        return self.sandbox.posts

    @property
    def rows(self) -> list[dict[str, Any]]:
        return ledger_rows(self.folder)

    @property
    def states(self) -> list[str]:
        return [row["state"] for row in self.rows]


@pytest.fixture
def rehearsal(
    request: pytest.FixtureRequest, program: Program, tmp_path: Path
) -> Iterator[Rehearsal]:
    """Tests may give options of the sandbox; usually tasks never end, and no medium is measured."""
    usual = {"media": MEDIA, "probe": False, "polls": NEVER}
    options = usual | getattr(request, "param", {})
    with Sandbox(**options) as sandbox:
        yield Rehearsal(sandbox, tmp_path, program)


def receipts(done: Done) -> list[dict[str, Any] | None]:
    return [report["receipt"] for report in json.loads(done.stdout)["reports"]]


def states(done: Done) -> list[str | None]:
    """The state of each request, `None` of one without a row in the ledger."""
    return [receipt["state"] if receipt else None for receipt in receipts(done)]


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 30
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def words_of(done: Done) -> str:
    """Both streams as one line, however they are wrapped."""
    return " ".join((done.stdout + done.stderr).split())


# --- what each answer means --------------------------------------------------------------


def test_what_is_refused_is_rejected_and_the_next_one_is_sent(rehearsal: Rehearsal) -> None:
    refusals = ["400", "404", "405", "410", "413", "415", "422", "503-idempotency", "echo-key",
                "429-much-later"]  # fmt: skip
    rehearsal.sandbox.fault(*(f"{name}*1" for name in refusals))
    done = rehearsal.send([rehearsal.served(number) for number in range(len(refusals) + 1)])
    expected = ["rejected"] * len(refusals) + ["submitted"]
    assert done.returncode == exit_codes.BROKEN
    assert states(done) == expected
    assert len(rehearsal.posts) == len(
        {post.headers["idempotency-key"] for post in rehearsal.posts}
    )
    assert [json.loads(post.body)["prompt"] for post in rehearsal.posts] == [
        f"dance number {number}" for number in range(len(expected))
    ]
    for row, name in zip(rehearsal.rows, refusals, strict=False):
        assert row["error"].startswith("400" if name == "echo-key" else name[:3])

    listed = json.loads(rehearsal.tasks("--format", "json").stdout)["tasks"]
    assert [task["state"] for task in reversed(listed)] == expected
    assert [task["task_id"] for task in reversed(listed)] == [
        post.task_id for post in rehearsal.posts
    ]


@pytest.mark.parametrize("fault", ["401", "402", "403"])
def test_after_a_refusal_that_all_would_meet_the_rest_is_not_sent(
    fault: str, rehearsal: Rehearsal
) -> None:
    rehearsal.sandbox.fault("400*1", fault)
    done = rehearsal.submit([rehearsal.served(number) for number in range(4)], "--yes", "-q")
    assert done.returncode == exit_codes.BROKEN
    assert rehearsal.states == ["rejected", "rejected"]
    assert len(rehearsal.posts) == 2
    words = re.findall(r"^(rejected|not sent) +\S+(\[\d\])$", done.stdout, re.MULTILINE)
    assert words == [("rejected", "[0]"), ("rejected", "[1]"),
                     ("not sent", "[2]"), ("not sent", "[3]")]  # fmt: skip
    assert words_of(done).count(f"the provider refused the one before with {fault}") == 2


def test_an_empty_account_ends_the_run_as_payment_does(rehearsal: Rehearsal) -> None:
    rehearsal.sandbox.fault("429-quota")
    done = rehearsal.submit([rehearsal.served(number) for number in range(3)], "--yes", "-q")
    assert done.returncode == exit_codes.BROKEN
    assert (rehearsal.states, len(rehearsal.posts)) == (["rejected"], 1)
    assert words_of(done).count("the account has no money left: the provider refused") == 0
    assert (
        words_of(done).count("refused the one before with 429: the account has no money left") == 2
    )


def test_a_task_id_in_any_2xx_answer_is_taken(rehearsal: Rehearsal) -> None:
    answers = ["201-id", "200-code-500-id", "202-object", "200-id-number", "cut-in-body-after-id"]
    rehearsal.sandbox.fault(*(f"{name}*1" for name in answers))
    done = rehearsal.send([rehearsal.served(number) for number in range(len(answers) + 1)])
    assert done.returncode == exit_codes.OK, done.stderr
    assert set(states(done)) == {"submitted"}
    assert [row["task_id"] for row in rehearsal.rows] == [post.task_id for post in rehearsal.posts]
    listed = json.loads(rehearsal.tasks("list", "--format", "json").stdout)["tasks"]
    assert {task["state"] for task in listed} == {"submitted"}
    assert len(listed) == len(rehearsal.posts)


UNKNOWN = ["302", "408", "409", "500-html", "502-text", "503", "504-billed", "520", "524",
           "200-code-400", "200-no-id", "200-not-json", "200-empty", "cut-before", "reset-before",
           "cut-in-request", "cut-after-refused", "cut-after", "cut-in-header", "cut-in-body",
           "stall", "slow"]  # fmt: skip


@pytest.mark.parametrize("fault", UNKNOWN)
def test_an_outcome_that_is_not_known_is_said_kept_and_ends_the_run(
    fault: str, rehearsal: Rehearsal
) -> None:
    rehearsal.sandbox.fault(fault)
    patience = ("--timeout", "0.5") if fault in {"stall", "slow"} else ()
    done = rehearsal.send([rehearsal.served(0), rehearsal.served(1)], *patience)
    assert done.returncode == exit_codes.UNKNOWN
    assert states(done) == ["unknown", None]
    assert len(rehearsal.posts) == 1
    (row,) = rehearsal.rows
    assert (row["state"], row["task_id"]) == ("unknown", None)
    assert f"intent {row['intent']}" in done.stderr
    assert f"motion-preflight tasks resolve {row['intent']} --task TASK_ID" in done.stderr
    assert f"motion-preflight tasks resolve {row['intent']} --not-sent" in done.stderr
    assert "[1]: not sent: the outcome of the one before is not known" in done.stderr
    assert KEY not in words_of(done)


def test_what_was_left_unknown_is_listed_as_such(rehearsal: Rehearsal) -> None:
    rehearsal.sandbox.fault("cut-after")
    rehearsal.send(rehearsal.served())
    (task,) = json.loads(rehearsal.tasks("--format", "json").stdout)["tasks"]
    assert (task["state"], task["task_id"]) == ("unknown", None)
    assert task["intent"] == rehearsal.rows[0]["intent"]
    assert list(task) == list(schema.TaskDocument.__annotations__)


def test_later_is_asked_again_later_with_the_same_key(rehearsal: Rehearsal) -> None:
    """At most three times more; each of the answers decides for itself."""
    rehearsal.sandbox.fault("429-later*1", "201-id*1", "429-later*4", "429-later*1", "500*1")
    done = rehearsal.send([rehearsal.served(number) for number in range(3)])
    assert done.returncode == exit_codes.UNKNOWN
    assert states(done) == ["submitted", "rejected", "unknown"]
    keys = [post.headers["idempotency-key"] for post in rehearsal.posts]
    assert [keys.count(row["idempotency_key"]) for row in rehearsal.rows] == [2, 4, 2]
    assert rehearsal.rows[1]["error"].startswith("429")


def test_what_cannot_be_reached_was_not_sent(rehearsal: Rehearsal) -> None:
    with Sandbox() as gone:
        pass
    done = rehearsal.send(rehearsal.served(), APIMART_BASE_URL=gone.base)
    assert done.returncode == exit_codes.BROKEN
    assert states(done) == rehearsal.states == ["not-sent"]
    assert "nothing was sent: " in done.stderr


def test_a_failure_of_tls_means_that_nothing_was_sent(rehearsal: Rehearsal) -> None:
    with Peer(lambda sock: sock.sendall(sock.recv(1) + b"this is no TLS\r\n")) as peer:
        base = peer.base.replace("http:", "https:")
        done = rehearsal.send(rehearsal.served(), APIMART_BASE_URL=base)
    assert done.returncode == exit_codes.BROKEN
    assert states(done) == rehearsal.states == ["not-sent"]
    assert "nothing was sent: " in done.stderr


def test_a_proxy_that_refuses_means_that_nothing_was_sent(rehearsal: Rehearsal) -> None:
    """The sandbox takes no CONNECT."""
    proxied = {
        "APIMART_BASE_URL": "https://api.apimart-user.com",
        "HTTPS_PROXY": rehearsal.sandbox.base,
    }
    done = rehearsal.send(rehearsal.served(), **proxied)
    assert ("CONNECT", "api.apimart-user.com:443") in rehearsal.sandbox.requests
    assert done.returncode == exit_codes.BROKEN
    assert states(done) == rehearsal.states == ["not-sent"]
    assert "nothing was sent: " in done.stderr


# --- several requests --------------------------------------------------------------------


def mixed(rehearsal: Rehearsal, *kinds: str) -> list[object]:
    """Requests of which some are not cleared, and something that is no request."""
    built: list[object] = []
    for number, kind in enumerate(kinds):
        video = {"fail": "clip-30.1s.mp4", "unsure": "live.webm"}.get(kind, "clip-8s.mp4")
        request = rehearsal.served(number, video_url=rehearsal.sandbox.media_url(video))
        built.append(3 if kind == "mistake" else request)
    return built


@pytest.mark.parametrize(
    ("kinds", "options", "faults", "code", "posts"),
    [
        # one that is not cleared holds all
        ("pass fail", "", "", exit_codes.BROKEN, 0),
        ("pass unsure", "", "", exit_codes.UNSURE, 0),
        ("pass mistake", "", "", exit_codes.CANNOT_RUN, 0),
        # the rest is sent where that is asked for; the first of 5, 2, 1, 4, 3, 0 counts
        ("pass unsure", "--cleared-only", "", exit_codes.UNSURE, 1),
        ("unsure pass fail", "--cleared-only", "", exit_codes.BROKEN, 1),
        ("fail pass mistake", "--cleared-only", "", exit_codes.CANNOT_RUN, 1),
        ("fail pass mistake", "--cleared-only", "500", exit_codes.UNKNOWN, 1),
        ("pass unsure", "--cleared-only --max-cost 0.1", "", exit_codes.OVER_BUDGET, 0),
        ("pass fail", "--cleared-only --max-cost 0.1", "", exit_codes.BROKEN, 0),
        # unsure is sent only on request, and what fails never
        ("unsure pass", "--accept-unsure", "", exit_codes.OK, 2),
        ("fail unsure", "--accept-unsure --cleared-only --again", "", exit_codes.BROKEN, 1),
        ("fail", "--accept-unsure --cleared-only --tolerance 0.05", "", exit_codes.BROKEN, 0),
        ("unsure", "--accept-unsure --strict", "", exit_codes.BROKEN, 0),
    ],
)  # fmt: skip
def test_what_is_not_cleared_holds_the_others_unless_it_is_said(
    rehearsal: Rehearsal, kinds: str, options: str, faults: str, *, code: int, posts: int
) -> None:
    rehearsal.sandbox.fault(*faults.split())
    done = rehearsal.send(mixed(rehearsal, *kinds.split()), *options.split())
    assert done.returncode == code, done.stderr
    assert (len(rehearsal.posts), len(rehearsal.rows)) == (posts, posts)
    built = json.loads(done.stdout)["reports"]
    without = [report["label"] for report in built if report["receipt"] is None]
    for label in without:  # each of them is told why
        assert f"{label}: not sent: " in done.stderr
    assert len(built) - len(without) == posts


def test_a_request_is_not_sent_twice_in_one_run(rehearsal: Rehearsal) -> None:
    """However its links are signed, and whichever of its fields are left out."""
    link = rehearsal.sandbox.media_url("clip-8s.mp4")
    first = rehearsal.served(video_url=f"{link}?X-Amz-Signature=1&X-Amz-Expires=900")
    second = rehearsal.served(video_url=f"{link}?X-Amz-Signature=2&X-Amz-Expires=900")
    del second["keep_original_sound"]
    other = rehearsal.served(1)
    done = rehearsal.submit([first, second, other], "--yes", "-q")
    assert done.returncode == exit_codes.BROKEN
    assert rehearsal.states == ["submitted", "submitted"]
    assert [json.loads(post.body) for post in rehearsal.posts] == [first, other]
    assert "stands twice in this run; --again sends it twice" in words_of(done)

    done = rehearsal.submit([first, second], "--yes", "-q", "--again")
    assert done.returncode == exit_codes.OK
    assert [json.loads(post.body) for post in rehearsal.posts[2:]] == [first, second]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("?e=1796126400&token=AK:a", "?token=AK:b&e=1796126401", id="Qiniu"),
        pytest.param("?hdnts=exp=1~hmac=0a", "?hdnts=exp=2~hmac=0b", id="Akamai"),
        pytest.param("?ex=65a0&is=65a0&hm=1", "?ex=65b0&is=65b0&hm=2", id="Discord"),
        pytest.param("?auth_key=1-0-0-a", "?auth_key=2-0-0-b", id="auth_key"),
        pytest.param("?oh=00_A&oe=65a0", "?oh=00_B&oe=65b0", id="Instagram"),
        pytest.param("?x=1", "#t=1?x=1", id="another parameter, the same bytes"),
    ],
)
def test_a_link_that_is_signed_anew_in_any_style_is_not_sent_twice(
    rehearsal: Rehearsal, one: str, other: str
) -> None:
    link = rehearsal.sandbox.media_url("clip-8s.mp4")
    both = [rehearsal.served(video_url=f"{link}{signed}") for signed in (one, other)]
    done = rehearsal.submit(both, "--yes", "-q")
    assert len(rehearsal.posts) == 1, words_of(done)
    assert done.returncode == exit_codes.BROKEN


def test_a_request_like_one_under_way_is_refused_until_that_is_over(rehearsal: Rehearsal) -> None:
    first = rehearsal.send(rehearsal.served())
    (receipt,) = receipts(first)
    assert receipt is not None
    type_answer = rehearsal.sandbox.polls_of(receipt["task_id"])

    done = rehearsal.send([rehearsal.served(), rehearsal.served(1)])
    assert done.returncode == exit_codes.BROKEN
    assert states(done) == [None, "submitted"]
    assert (
        rehearsal.sandbox.polls_of(receipt["task_id"]) == type_answer + 1
    )  # it might have been over
    assert f"motion-preflight tasks wait {receipt['intent']}" in done.stderr
    assert len(rehearsal.posts) == 2

    done = rehearsal.send(rehearsal.served(), "--again")
    assert (done.returncode, states(done)) == (exit_codes.OK, ["submitted"])
    assert len(rehearsal.posts) == 3


def test_many_that_are_under_way_are_refused_in_one_paragraph(rehearsal: Rehearsal) -> None:
    """As when a wait was interrupted, and the command is repeated."""
    requests = [rehearsal.served(number) for number in range(4)]
    rehearsal.send(requests)
    done = rehearsal.submit(requests, "--yes", "-q")
    assert done.returncode == exit_codes.BROKEN
    assert len(re.findall(r"^not sent ", done.stdout, re.MULTILINE)) == 1
    assert "4 requests (" in done.stdout
    assert "identical requests are not over (submitted); `motion-preflight tasks wait`" in words_of(
        done
    )
    few = rehearsal.submit(requests[:3], "--yes", "-q")
    assert len(re.findall(r"^not sent ", few.stdout, re.MULTILINE)) == 3
    for row in rehearsal.rows[:3]:
        assert f"`motion-preflight tasks wait {row['intent']}`" in words_of(few)


def test_a_refusal_on_stderr_names_its_request(rehearsal: Rehearsal) -> None:
    rehearsal.sandbox.fault("400*1")
    done = rehearsal.send([rehearsal.served(number) for number in range(2)])
    (line,) = (line for line in done.stderr.splitlines() if "the provider refused it" in line)
    assert line.startswith(
        f"motion-preflight: {rehearsal.folder / 'request.json'}[0]: the provider"
    )


# --- what is done already ----------------------------------------------------------------

AT_ONCE = pytest.mark.parametrize("rehearsal", [{"polls": 0}], indirect=True)


@AT_ONCE
def test_what_is_done_already_has_the_name_of_this_run(rehearsal: Rehearsal) -> None:
    rehearsal.send(rehearsal.served())
    several = rehearsal.submit([rehearsal.served(), rehearsal.served(1)], "--yes")
    assert re.search(r"^done already +\S*request\.json\[0\]$", several.stdout, re.MULTILINE)


@AT_ONCE
def test_a_completed_request_is_not_paid_for_again_by_repeating_the_command(
    rehearsal: Rehearsal,
) -> None:
    """It was running when the ledger was last written, and is looked at before it is judged."""
    assert states(rehearsal.send(rehearsal.served())) == ["submitted"]
    for _ in range(2):
        done = rehearsal.send(rehearsal.served())
        assert done.returncode == exit_codes.OK, done.stderr
        (row,) = rehearsal.rows
        assert receipts(done) == [{
            "intent": row["intent"], "state": "completed", "task_id": row["task_id"],
            "cost": float(row["cost"]), "files": [], "already_done": True,
        }]  # fmt: skip
        assert f"done already: intent {row['intent']}" in words_of(done)
    text = rehearsal.submit(rehearsal.served(), "--yes")
    assert text.returncode == exit_codes.OK
    assert re.search(r"^done already +\S*request\.json", text.stdout, re.MULTILINE)
    assert f"task {row['task_id']}" in words_of(text)
    assert f"billed USD {row['cost']}" in words_of(text)
    assert f"`motion-preflight tasks wait {row['task_id']} --download DIR`" in words_of(text)
    dry = rehearsal.submit(rehearsal.served(), "--dry-run")
    assert dry.returncode == exit_codes.OK
    assert "1 is done already; 0 POSTs, nothing to pay. Nothing was sent: a dry run." in words_of(
        dry
    )
    assert len(rehearsal.posts) == 1


@AT_ONCE
def test_again_pays_for_another(rehearsal: Rehearsal) -> None:
    rehearsal.send(rehearsal.served(), "--wait")
    done = rehearsal.send(rehearsal.served(), "--again")
    assert (done.returncode, states(done)) == (exit_codes.OK, ["submitted"])
    assert [receipt and receipt["already_done"] for receipt in receipts(done)] == [False]
    assert rehearsal.states == ["completed", "submitted"]


@AT_ONCE
def test_of_a_batch_of_12_of_which_8_are_done_4_are_sent_and_it_says_so_before(
    rehearsal: Rehearsal,
) -> None:
    rehearsal.send([rehearsal.served(number) for number in range(8)], "--wait")
    everything = [rehearsal.served(number) for number in range(12)]
    dry = rehearsal.submit(everything, "--dry-run")
    assert "8 are done already; 4 POSTs" in words_of(dry)
    done = rehearsal.send(everything)
    assert done.returncode == exit_codes.OK, done.stderr
    assert states(done) == ["completed"] * 8 + ["submitted"] * 4
    assert "8 are done already; sending 4 paid requests (" in words_of(done)
    assert len(rehearsal.posts) == 12
    amount = json.loads(done.stdout)["summary"]["amount"]["high"]
    assert amount == pytest.approx(4 * float(rehearsal.rows[0]["high"]))


@AT_ONCE
def test_of_many_that_were_sent_there_is_a_line_each_and_one_command_for_their_results(
    rehearsal: Rehearsal,
) -> None:
    many = [rehearsal.served(number) for number in range(7)]
    done = rehearsal.submit(many, "--yes", "--wait", "--quiet")
    assert done.returncode == exit_codes.OK, done.stderr
    tasks = [row["task_id"] for row in rehearsal.rows]
    lines = [line.split() for line in done.stdout.splitlines() if "task_" in line]
    assert sorted(line[-1] for line in lines) == sorted(tasks)
    assert done.stdout.count("completed ") == 1
    assert done.stderr.count("fetch the result") == 1
    assert "7 tasks are completed (the first links end at " in done.stderr


@AT_ONCE
def test_what_is_done_already_counts_against_no_budget(rehearsal: Rehearsal) -> None:
    rehearsal.send([rehearsal.served(0), rehearsal.served(1)], "--wait")
    high = Decimal(rehearsal.rows[0]["high"])
    done = rehearsal.send(
        [rehearsal.served(number) for number in range(3)], "--max-cost", str(high)
    )
    assert done.returncode == exit_codes.OK, done.stderr
    assert states(done) == ["completed", "completed", "submitted"]
    assert json.loads(done.stdout)["summary"]["over_budget"] is False


@AT_ONCE
def test_one_that_is_done_is_in_nobodys_way_though_its_link_is_gone(rehearsal: Rehearsal) -> None:
    """A link that ended since cannot be measured: then the URL decides."""
    with Host() as host:
        url = host.serve("clip.mp4", MEDIA / "clip-8s.mp4")
        gone = rehearsal.served(0, video_url=f"{url}?X-Amz-Signature=one")
        rehearsal.send([gone], "--wait")
    assert rehearsal.states == ["completed"]
    gone["video_url"] = gone["video_url"].replace("=one", "=two")
    done = rehearsal.send([gone, rehearsal.served(1)])
    assert done.returncode == exit_codes.OK, done.stderr
    assert states(done) == ["completed", "submitted"]


@AT_ONCE
@pytest.mark.parametrize(
    ("fault", "state"), [("poll-failed*1", "failed"), ("poll-cancelled*1", "cancelled"),
                         ("422*1", "rejected")]
)  # fmt: skip
def test_one_that_came_to_nothing_is_sent_and_its_bill_is_shown_first(
    fault: str, state: str, rehearsal: Rehearsal
) -> None:
    rehearsal.sandbox.fault(fault)
    rehearsal.send(rehearsal.served(), "--wait")
    assert rehearsal.states == [state]
    bill = rehearsal.rows[0]["cost"]
    done = rehearsal.send(rehearsal.served())
    assert (done.returncode, states(done)) == (exit_codes.OK, ["submitted"])
    assert ("one like it is over" in words_of(done)) is (state != "rejected")
    assert (f"billed USD {bill}" in words_of(done)) is (bill is not None)
    assert len(rehearsal.posts) == 2


@AT_ONCE
def test_a_result_that_is_here_is_named_and_one_that_is_not_is_fetched(
    rehearsal: Rehearsal,
) -> None:
    target = rehearsal.folder / "results"
    rehearsal.send(rehearsal.served(), "--wait")
    done = rehearsal.send(rehearsal.served(), "--download", target)
    assert done.returncode == exit_codes.OK, done.stderr
    (file,) = target.glob("*.mp4")
    assert receipts(done)[0] == receipts(done)[0] | {"files": [str(file)], "already_done": True}  # type: ignore[operator]
    text = rehearsal.submit(rehearsal.served(), "--yes")
    assert f"file {file}" in words_of(text)
    assert "no file of it is here" not in words_of(text)
    file.unlink()
    assert "no file of it is here" in words_of(rehearsal.submit(rehearsal.served(), "--yes"))
    assert len(rehearsal.posts) == 1


@AT_ONCE
def test_a_result_whose_link_has_expired_is_said_to_be_gone(rehearsal: Rehearsal) -> None:
    rehearsal.send(rehearsal.served(), "--wait")
    rehearsal.sandbox.fault("poll-expired")
    done = rehearsal.send(rehearsal.served())
    assert done.returncode == exit_codes.OK
    assert "no file of it is here, and its link has expired (at 2001-09-09" in words_of(done)
    assert "--again pays for another one" in words_of(done)


STYLES = {
    "S3, version 4": "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={0}&X-Amz-Signature={0}",
    "Google": "X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Date={0}&X-Goog-Signature={0}",
    "Azure": "sv=2024-01-01&se={0}&sr=b&sp=r&sig={0}",
    "CloudFront": "Expires={0}&Signature={0}&Key-Pair-Id=K",
    "a style nobody knows": "ticket={0}&until={0}",
    "a CDN's own": "wsSecret={0}&wsTime={0}",
    "a key of its own": "hash={0}&ttl={0}",
}


@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES)
def test_after_an_unknown_outcome_a_link_signed_anew_is_the_same_job(
    style: str, rehearsal: Rehearsal
) -> None:
    rehearsal.sandbox.fault("cut-after*1")
    url = rehearsal.sandbox.media_url("clip-8s.mp4")
    rehearsal.send(rehearsal.served(video_url=f"{url}?{style.format('0421')}"))
    assert rehearsal.states == ["unknown"]
    done = rehearsal.send(rehearsal.served(video_url=f"{url}?{style.format('1307')}"))
    assert (done.returncode, states(done)) == (exit_codes.UNKNOWN, [None])
    assert "an identical request is not over" in words_of(done)
    assert len(rehearsal.posts) == 1


def test_the_same_clip_on_another_host_is_the_same_job(rehearsal: Rehearsal) -> None:
    rehearsal.sandbox.fault("cut-after*1")
    rehearsal.send(rehearsal.served())
    with Host() as host:
        moved = host.serve("moved.mp4", MEDIA / "clip-8s.mp4")
        picture = host.serve("me.png", MEDIA / "image.png")
        done = rehearsal.send(rehearsal.served(video_url=moved, image_url=picture))
    assert (done.returncode, len(rehearsal.posts)) == (exit_codes.UNKNOWN, 1)


def test_other_bytes_behind_the_same_link_are_another_job(rehearsal: Rehearsal) -> None:
    with Host() as host:
        url = host.serve("clip.mp4", MEDIA / "clip-8s.mp4")
        assert states(rehearsal.send(rehearsal.served(video_url=url))) == ["submitted"]
        host.serve("clip.mp4", MEDIA / "clip-9.9s.mp4")
        assert states(rehearsal.send(rehearsal.served(video_url=url))) == ["submitted"]
    assert len(rehearsal.posts) == 2


def test_a_token_that_names_the_file_makes_two_jobs_of_two_files(rehearsal: Rehearsal) -> None:
    """`?token=` is a signature elsewhere; what was measured says that these are two clips."""
    with Host() as host:
        urls = [
            host.serve(f"get?token={name}", MEDIA / clip)
            for name, clip in (("FILEA", "clip-8s.mp4"), ("FILEB", "clip-9.9s.mp4"))
        ]
        requests = [rehearsal.served(video_url=url) for url in urls]
        assert states(rehearsal.send(requests)) == ["submitted", "submitted"]
        rehearsal.send(requests)
    assert len(rehearsal.posts) == 2


@AT_ONCE
def test_two_of_one_request_are_both_done_by_one_task(rehearsal: Rehearsal) -> None:
    rehearsal.send(rehearsal.served(), "--wait")
    done = rehearsal.send([rehearsal.served(), rehearsal.served()])
    assert (done.returncode, states(done)) == (exit_codes.OK, ["completed"] * 2)
    assert len(rehearsal.posts) == 1


def test_a_request_like_one_that_is_unknown_is_refused_and_both_are_told(
    rehearsal: Rehearsal,
) -> None:
    rehearsal.sandbox.fault("cut-after*1")
    rehearsal.send(rehearsal.served())
    (row,) = rehearsal.rows

    done = rehearsal.submit([rehearsal.served(), rehearsal.served(1)], "--yes", "-q")
    assert done.returncode == exit_codes.UNKNOWN
    assert rehearsal.states == ["unknown", "submitted"]
    assert len(rehearsal.posts) == 2
    assert f"motion-preflight tasks show {row['intent']}" in words_of(done)
    assert f"motion-preflight tasks resolve {row['intent']} --not-sent" in done.stderr

    dry = rehearsal.submit([rehearsal.served(), rehearsal.served(1)], "--dry-run", "-q")
    assert dry.returncode == exit_codes.UNKNOWN
    assert len(rehearsal.posts) == 2

    done = rehearsal.send(rehearsal.served(), "--again")
    assert (done.returncode, states(done)) == (exit_codes.OK, ["submitted"])
    assert rehearsal.states == ["unknown", "submitted", "submitted"]


@pytest.mark.parametrize("rehearsal", [{"delay": 0.3}], indirect=True)
def test_processes_that_send_the_same_at_the_same_time_send_it_once(rehearsal: Rehearsal) -> None:
    file = rehearsal.file(rehearsal.served())
    environment = customer(rehearsal.sandbox, rehearsal.folder)
    processes = [
        started("submit", file, "--yes", "--allow-private", folder=rehearsal.folder,
                environment=environment)
        for _ in range(3)
    ]  # fmt: skip
    for process in processes:
        process.communicate(timeout=60)
    assert sorted(process.returncode for process in processes) == [0, 1, 1]
    assert len(rehearsal.posts) == len(rehearsal.rows) == 1


# --- asking ------------------------------------------------------------------------------


def type_answer(
    rehearsal: Rehearsal, content: object, typed: bytes, *options: str, **environment: str
) -> Done:
    """The program on a terminal where somebody types; stderr is what the terminal shows."""
    master, terminal = pytest.importorskip("pty").openpty()
    try:
        process = started(
            "submit",
            rehearsal.file(content),
            "--allow-private",
            "-q",
            *options,
            folder=rehearsal.folder,
            environment=customer(rehearsal.sandbox, rehearsal.folder, **environment),
            stdin=terminal,
            stderr=terminal,
        )
        os.close(terminal)
        os.write(master, typed)
        stdout, _ = process.communicate(timeout=60)
        shown = b""
        while True:
            try:
                shown += os.read(master, 1 << 16)
            except OSError:  # the other side is closed, and everything was read
                break
    finally:
        os.close(master)
    return Done(process.args, process.returncode, stdout, shown.decode("utf-8", "replace"))


def test_without_a_terminal_nothing_is_sent_unasked(rehearsal: Rehearsal) -> None:
    file, environment = (
        rehearsal.file(rehearsal.served()),
        customer(rehearsal.sandbox, rehearsal.folder),
    )
    process = started("submit", file, folder=rehearsal.folder, environment=environment)
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (exit_codes.CANNOT_RUN, "")
    assert "give --yes to send" in stderr
    assert "--dry-run" in stderr
    assert rehearsal.sandbox.requests == []


@pytest.mark.parametrize("typed", [b"y\n", b"YES\n"])
def test_a_yes_sends_what_was_counted(typed: bytes, rehearsal: Rehearsal) -> None:
    done = type_answer(rehearsal, [rehearsal.served(), rehearsal.served(1)], typed)
    assert done.returncode == exit_codes.OK, done.stderr
    names = f"{rehearsal.folder / 'request.json'}[0], {rehearsal.folder / 'request.json'}[1]"
    question = f"Send 2 paid requests ({names}), USD 0.91, to {rehearsal.sandbox.base}? [y/N]"
    assert question in words_of(done)
    assert "PASS" in done.stdout  # the reports stand before the question
    assert len(rehearsal.posts) == 2


@pytest.mark.parametrize("typed", [b"\n", b"n\n", b"yep\n", b"\x04", b"yy\n", b"\xe9y\n"])
def test_anything_but_a_yes_sends_nothing(typed: bytes, rehearsal: Rehearsal) -> None:
    done = type_answer(rehearsal, rehearsal.served(), typed, PYTHONIOENCODING="utf-8")
    assert done.returncode == exit_codes.INTERRUPTED, done.stderr
    assert "not sent" in done.stdout
    assert (rehearsal.posts, rehearsal.rows) == ([], [])


def test_the_question_fits_the_terminal(rehearsal: Rehearsal) -> None:
    done = type_answer(rehearsal, rehearsal.served(), b"n\n", COLUMNS="50")
    _, *lines = done.stderr.splitlines()  # the first is what was typed
    assert len(lines) > 1
    assert all(len(line) <= 50 or " " not in line.strip() for line in lines)


def test_the_question_counts_only_what_would_be_sent(rehearsal: Rehearsal) -> None:
    """What is identical to one under way is refused anyway, and needs no yes."""
    assert rehearsal.send(rehearsal.served()).returncode == exit_codes.OK
    done = type_answer(rehearsal, [rehearsal.served(), rehearsal.served(1)], b"n\n")
    assert f"Send 1 paid request ({rehearsal.folder / 'request.json'}[1]), USD 0.46" in words_of(
        done
    )
    assert len(rehearsal.posts) == 1


@pytest.mark.parametrize("rehearsal", [{"polls": 0}], indirect=True)
def test_the_question_says_first_what_is_done_already(rehearsal: Rehearsal) -> None:
    rehearsal.send([rehearsal.served(number) for number in range(2)], "--wait")
    done = type_answer(rehearsal, [rehearsal.served(number) for number in range(3)], b"y\n")
    assert "2 are done already; send 1 paid request (" in words_of(done)
    assert len(rehearsal.posts) == 3


# --- what is needed, and what it may cost --------------------------------------------------


def test_a_dry_run_shows_the_exact_bodies_and_sends_nothing(rehearsal: Rehearsal) -> None:
    link = rehearsal.sandbox.media_url("clip-8s.mp4")
    first = {
        "prompt": "Grüße\n\u202ea dance",
        "mode": "std",
        "model": "kling-v2-6-motion-control",
        "image_url": rehearsal.sandbox.media_url("image.png"),
        "video_url": f"{link}?X-Amz-Signature=s3cret&part",
        "character_orientation": "video",
        "watermark_info": {"enabled": True},
    }
    done = rehearsal.submit(
        [first, rehearsal.served(1)], "--dry-run", "--yes", "-q", APIMART_API_KEY=""
    )
    assert done.returncode == exit_codes.OK, done.stderr
    assert "2 POSTs, USD 0.91. Nothing was sent: a dry run." in done.stdout
    assert "s3cret" not in done.stdout
    shown = re.findall(r"^POST (\S+) .*\n(\{\n(?:  .*\n)*\})$", done.stdout, re.MULTILINE)
    assert [url for url, _ in shown] == [f"{rehearsal.sandbox.base}/v1/videos/generations"] * 2
    redacted = first | {"video_url": f"{link}?X-Amz-Signature=…&…", "prompt": shown[0][1]}
    body = json.loads(shown[0][1])
    assert list(body) == list(first)
    assert body | {"prompt": shown[0][1]} == redacted
    assert "Grüße" in body["prompt"]
    assert json.loads(shown[1][1]) == rehearsal.served(1)
    assert {path for _, path in rehearsal.sandbox.requests} == {
        "/media/clip-8s.mp4", "/media/image.png"
    }  # fmt: skip
    assert rehearsal.rows == []


def test_a_dry_run_ends_as_the_run_would(rehearsal: Rehearsal) -> None:
    requests = [rehearsal.served(), rehearsal.served()]
    done = rehearsal.submit(requests, "--dry-run", "-q")
    assert done.returncode == exit_codes.BROKEN
    assert "stands twice" in words_of(done)
    assert "1 POST, USD 0.46." in done.stdout
    assert (
        rehearsal.submit(mixed(rehearsal, "fail"), "--dry-run", "-q").returncode
        == exit_codes.BROKEN
    )
    over = rehearsal.submit(rehearsal.served(), "--dry-run", "-q", "--max-cost", "0.1")
    assert over.returncode == exit_codes.OVER_BUDGET
    assert "POST" not in over.stdout


@pytest.mark.parametrize(
    ("options", "settings", "code"),
    [
        (("--max-cost", "0.91"), "", exit_codes.OVER_BUDGET),  # the two of them cost 0.91392
        (("--max-cost", "0.92"), "", exit_codes.OK),
        ((), "max_cost_per_request = 0.45", exit_codes.OVER_BUDGET),
        ((), "max_cost_per_request = 0.46", exit_codes.OK),
        ((), "max_cost_per_day = 0.91", exit_codes.OVER_BUDGET),
        ((), 'max_cost_per_day = "1"', exit_codes.CANNOT_RUN),
        (("--max-cost", "5"), "max_cost_per_request = 0.1", exit_codes.OVER_BUDGET),
    ],
)
def test_no_budget_is_exceeded(
    options: tuple[str, ...], settings: str, code: int, rehearsal: Rehearsal
) -> None:
    configuration = rehearsal.folder / "config" / "motion-preflight" / "config.toml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text(settings, encoding="utf-8")
    done = rehearsal.send([rehearsal.served(), rehearsal.served(1)], *options)
    assert done.returncode == code, done.stderr
    assert len(rehearsal.posts) == (2 if code == exit_codes.OK else 0)
    assert len(rehearsal.rows) == len(rehearsal.posts)
    if code == exit_codes.CANNOT_RUN:
        assert str(configuration) in done.stderr
        return
    assert json.loads(done.stdout)["summary"]["over_budget"] is (code == exit_codes.OVER_BUDGET)
    assert ("this may cost" in done.stderr or "requests may cost" in done.stderr) == (
        code == exit_codes.OVER_BUDGET
    )


def test_the_budget_of_a_day_is_that_of_all_its_runs(rehearsal: Rehearsal) -> None:
    configuration = rehearsal.folder / "config" / "motion-preflight" / "config.toml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text("max_cost_per_day = 1", encoding="utf-8")
    rehearsal.sandbox.fault("400*1", "cut-after*1")
    codes = [rehearsal.send(rehearsal.served(number)).returncode for number in range(4)]
    # what is refused costs nothing, and what is unknown may have been billed
    assert codes == [exit_codes.BROKEN, exit_codes.UNKNOWN, exit_codes.OK, exit_codes.OVER_BUDGET]
    assert rehearsal.states == ["rejected", "unknown", "submitted"]


@pytest.mark.parametrize("limit", ["option", "day", "none"])
def test_what_has_no_price_is_over_every_budget(limit: str, rehearsal: Rehearsal) -> None:
    profile = rehearsal.folder / "profile.toml"
    profile.write_text("[models.new-motion-control]\n", encoding="utf-8")
    configuration = rehearsal.folder / "config" / "motion-preflight" / "config.toml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text("max_cost_per_day = 100" if limit == "day" else "", encoding="utf-8")
    request = rehearsal.served(model="new-motion-control")
    options = ("--max-cost", "100") if limit == "option" else ()
    done = rehearsal.submit(request, "--yes", "-q", "--profile", profile, *options)
    if limit == "none":
        assert (done.returncode, len(rehearsal.posts)) == (exit_codes.OK, 1)
        assert "1 paid request (" in done.stderr
        assert ", no known cost, to " in done.stderr
    else:
        assert (done.returncode, rehearsal.posts, rehearsal.rows) == (
            exit_codes.OVER_BUDGET,
            [],
            [],
        )
        assert "it has no known price" in words_of(done)


@pytest.mark.parametrize(
    ("environment", "options", "says"),
    [
        ({"APIMART_API_KEY": ""}, (), "no API key: put it into APIMART_API_KEY"),
        ({"APIMART_API_KEY": " \n"}, (), "no API key: put it into APIMART_API_KEY"),
        ({"APIMART_API_KEY": "two words5ecret"}, (), "APIMART_API_KEY holds no API key"),
        ({"APIMART_API_KEY": "schlüssel5ecret"}, (), "APIMART_API_KEY holds no API key"),
        ({"APIMART_API_KEY": "", "APIMART_API_KEY_FILE": "no-such-file"}, (), "cannot be read"),
        ({"APIMART_API_KEY": "", "APIMART_API_KEY_FILE": "/dev/null"}, (), "no API key"),
        ({"APIMART_BASE_URL": "http://api.apimart-user.com"}, (), "must be https"),
        ({}, ("--base-url", "http://192.0.2.1"), "must be https"),
        ({}, ("--base-url", "http://localhost.apimart-user.com"), "must be https"),
        ({}, ("--base-url", "https://me:5ecret@api.apimart-user.com"), "must be like https://"),
        ({}, ("--base-url", "https://api.apimart-user.com/?k=5ecret"), "must be like https://"),
        ({}, ("--base-url", "ftp://127.0.0.1"), "must be https"),
        ({}, ("--base-url", "api.apimart-user.com"), "the base URL api.apimart-user.com"),
        ({"MOTION_PREFLIGHT_STATE": "/dev/null"}, (), "the ledger /dev/null/ledger.sqlite3"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_done(
    environment: dict[str, str], options: tuple[str, ...], says: str, rehearsal: Rehearsal
) -> None:
    done = rehearsal.submit(rehearsal.served(), "--yes", *options, **environment)
    assert (done.returncode, done.stdout) == (exit_codes.CANNOT_RUN, "")
    assert says in done.stderr
    assert "5ecret" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert rehearsal.sandbox.requests == []


def test_the_key_may_stand_in_a_file_and_the_base_url_end_in_its_version(
    rehearsal: Rehearsal,
) -> None:
    file = rehearsal.folder / "key"
    file.write_text(f"Bearer {KEY}\n", encoding="utf-8")
    settings = {"APIMART_API_KEY": "", "APIMART_API_KEY_FILE": str(file)}
    done = rehearsal.send(
        rehearsal.served(), "--base-url", f"{rehearsal.sandbox.base}/v1/", **settings
    )
    assert done.returncode == exit_codes.OK
    assert [post.authorized for post in rehearsal.posts] == [True]
    assert rehearsal.sandbox.keys_astray == []


def test_with_fix_a_local_picture_is_mended_and_the_new_one_is_sent(rehearsal: Rehearsal) -> None:
    picture, mended = rehearsal.folder / "me.png", rehearsal.folder / "me-for-image.png"
    shutil.copy(MEDIA / "image-299.png", picture)
    wanted = rehearsal.served(image_url=str(picture))
    shown = rehearsal.submit(wanted, "--fix", "--dry-run")
    assert "me.png would be mended, nothing was made" in words_of(shown)
    assert not mended.exists()

    done = rehearsal.send(wanted, "--fix")
    assert done.returncode == exit_codes.OK, done.stderr
    assert "scaled up to 300x301" in words_of(done)
    assert json.loads(done.stdout)["reports"][0]["request"]["image_url"].endswith(mended.name)
    assert len(rehearsal.posts) == 1

    again = rehearsal.send(wanted, "--fix")  # it makes the same bytes, so it is the same job
    assert again.returncode == exit_codes.BROKEN
    assert "an identical request is not over" in words_of(again)
    assert len(rehearsal.posts) == 1
    assert sorted(file.name for file in rehearsal.folder.glob("me*")) == [mended.name, "me.png"]


def test_a_local_video_is_not_sent_and_a_local_picture_is_uploaded(rehearsal: Rehearsal) -> None:
    picture = str(MEDIA / "image.png")
    done = rehearsal.submit(
        rehearsal.served(video_url=str(MEDIA / "clip-8s.mp4")), "--yes", "--accept-unsure", "-q"
    )
    assert done.returncode == exit_codes.BROKEN
    way = "publish it on the way with --publish DESTINATION, or put its direct link into video_url"
    assert way in words_of(done)
    assert (rehearsal.posts, rehearsal.rows) == ([], [])

    rehearsal.sandbox.fault("upload-500*1")
    done = rehearsal.submit(rehearsal.served(image_url=picture), "--yes", "-q")
    assert done.returncode == exit_codes.BROKEN
    assert "nothing was sent: the picture could not be uploaded (500" in words_of(done)
    assert (rehearsal.posts, rehearsal.rows) == ([], [])

    done = rehearsal.send(
        [rehearsal.served(1, image_url=picture), rehearsal.served(2, image_url=picture)]
    )
    assert done.returncode == exit_codes.OK, done.stderr
    assert len(rehearsal.sandbox.uploads) == 1
    links = {json.loads(post.body)["image_url"] for post in rehearsal.posts}
    assert links == {f"{rehearsal.sandbox.base}/uploads/1.png"}
    assert rehearsal.send(rehearsal.served(1, image_url=picture)).returncode == exit_codes.BROKEN


@pytest.mark.parametrize(
    ("rehearsal", "faults", "code", "says"),
    [
        ({"balance": Decimal("0.45")}, (), exit_codes.BROKEN,
         "the balance is 0.45, the least this may cost 0.45696"),
        ({"balance": Decimal(0)}, (), exit_codes.BROKEN, "the balance is 0"),
        ({"balance": Decimal(1)}, (), exit_codes.OK,
         "the balance is 1, and 1.7136 may be reserved"),
        ({"balance": None}, (), exit_codes.OK, ""),
        ({"balance": None, "account_balance": Decimal("0.1")}, (), exit_codes.BROKEN, "0.1"),
        ({}, ("balance-500",), exit_codes.OK, "the balance could not be read (500"),
        ({}, ("balance-false",), exit_codes.OK, "the balance could not be read ("),
        ({}, ("balance-odd",), exit_codes.OK, "the balance could not be read ("),
    ],
    indirect=["rehearsal"],
)  # fmt: skip
def test_the_balance_is_looked_at_first(
    faults: tuple[str, ...], code: int, says: str, rehearsal: Rehearsal
) -> None:
    rehearsal.sandbox.fault(*faults)
    done = rehearsal.submit(rehearsal.served(), "--yes", "-q")
    assert done.returncode == code, done.stderr
    assert says in words_of(done)
    assert ("the balance" in words_of(done)) == bool(says)
    assert len(rehearsal.posts) == len(rehearsal.rows) == (code == exit_codes.OK)


# --- waiting and fetching ------------------------------------------------------------------


@pytest.mark.parametrize("rehearsal", [{"polls": 0}], indirect=True)
def test_waiting_ends_with_what_became_of_the_tasks(rehearsal: Rehearsal) -> None:
    rehearsal.sandbox.fault("poll-failed*1", "poll-cancelled*1")
    requests = [rehearsal.served(number) for number in range(3)]
    done = rehearsal.submit(requests, "--yes", "-q", "--wait", "--format", "text",
                       "--format", f"json={rehearsal.folder / 'report.json'}")  # fmt: skip
    assert done.returncode == exit_codes.BROKEN
    assert rehearsal.states == ["failed", "cancelled", "completed"]
    written = json.loads((rehearsal.folder / "report.json").read_text("utf-8"))
    assert [item["receipt"]["state"] for item in written["reports"]] == rehearsal.states
    words = re.findall(r"^(\w+) +\S+\[\d\]$", done.stdout, re.MULTILINE)
    assert words[-3:] == rehearsal.states
    assert "billed USD" in done.stdout
    for row in rehearsal.rows:
        assert f"task {row['task_id']}" in words_of(done)


def test_the_end_of_the_wait_leaves_the_task_running(rehearsal: Rehearsal) -> None:
    done = rehearsal.send(rehearsal.served(), "--wait", "--wait-timeout", "0")
    assert done.returncode == exit_codes.UNSURE
    assert states(done) == ["submitted"]
    (row,) = rehearsal.rows
    assert rehearsal.sandbox.polls_of(row["task_id"]) == 1
    assert f"motion-preflight tasks wait {row['task_id']}" in done.stderr


@pytest.mark.parametrize("rehearsal", [{"polls": 0}], indirect=True)
def test_results_are_fetched_into_files_and_nothing_is_overwritten(rehearsal: Rehearsal) -> None:
    clip, results = (MEDIA / "clip-8s.mp4").read_bytes(), rehearsal.folder / "results"
    rehearsal.sandbox.fault("poll-two*1")
    done = rehearsal.submit(
        [rehearsal.served(0), rehearsal.served(1)], "--yes", "-q", "--download", "results"
    )
    assert done.returncode == exit_codes.OK, done.stderr
    two, one = (row["task_id"] for row in rehearsal.rows)
    names = {f"{two}.mp4", f"{two}-2.mp4", f"{one}.mp4"}
    clips = list(results.glob("*.mp4"))
    assert {file.name for file in clips} == names
    assert all(file.read_bytes() == clip for file in clips)
    assert json.loads(rehearsal.rows[1]["files"]) == [str(results / f"{one}.mp4")]
    for name in names:
        assert str(results / name) in words_of(done)

    # a file that somebody else has put there is kept
    other = rehearsal.folder / "other"
    other.mkdir()
    (other / f"{one}.mp4").write_bytes(b"mine")
    done = rehearsal.tasks("wait", one, "--download", other)
    assert done.returncode == exit_codes.BROKEN
    assert "is there already, and is not overwritten" in words_of(done)
    assert [file.read_bytes() for file in other.iterdir()] == [b"mine"]
    # and what was fetched before is no mistake
    assert rehearsal.tasks("wait", one, "--download", results).returncode == exit_codes.OK


@pytest.mark.parametrize("rehearsal", [{"polls": 0}], indirect=True)
def test_a_download_that_breaks_is_taken_up_where_it_ended(rehearsal: Rehearsal) -> None:
    rehearsal.sandbox.fault("result-cut")
    done = rehearsal.send(rehearsal.served(), "--download", "results")
    assert done.returncode == exit_codes.BROKEN
    assert states(done) == ["completed"]
    assert "what came is kept, try again" in done.stderr
    (row,) = rehearsal.rows
    (part,) = (rehearsal.folder / "results").iterdir()
    assert part.name.startswith(f".{row['task_id']}.mp4.")
    st_size = part.stat().st_size
    assert st_size > 10_000

    rehearsal.sandbox.clear_faults()
    done = rehearsal.tasks("wait", row["intent"], "--download", "results")
    assert done.returncode == exit_codes.OK, done.stderr
    (file,) = (rehearsal.folder / "results").glob("*.mp4")
    assert (file.name, file.read_bytes()) == (
        f"{row['task_id']}.mp4", (MEDIA / "clip-8s.mp4").read_bytes()
    )  # fmt: skip


@pytest.mark.parametrize("rehearsal", [{"polls": 0}], indirect=True)
def test_a_result_that_is_cut_short_at_its_host_has_no_length(rehearsal: Rehearsal) -> None:
    """All of its bytes come, and its tables name more of them."""
    request = rehearsal.served(video_url=rehearsal.sandbox.media_url("cut-faststart.mp4"))
    done = rehearsal.submit(request, "--yes", "-q", "--accept-unsure", "--download", "results")
    (row,) = rehearsal.rows
    assert [Path(file).exists() for file in json.loads(row["files"])] == [True]
    assert row["lengths"] is None
    assert "the result is cut short" in words_of(done)
    assert "received" not in words_of(done)


# --- names of results, and what stands beside them -----------------------------------------


@pytest.mark.parametrize("rehearsal", [{"polls": 0}], indirect=True)
def test_results_are_named_by_a_pattern_and_measured(rehearsal: Rehearsal) -> None:
    named = ("--download", "results", "--output", "{label}-{mode}-{task}.{ext}")
    done = rehearsal.submit(rehearsal.served(), "--yes", "-q", *named)
    assert done.returncode == exit_codes.OK, done.stderr
    (row,) = rehearsal.rows
    folder = rehearsal.folder / "results"
    (clip,) = folder.glob("*.mp4")
    assert clip.name == f"request-std-{row['task_id']}.mp4"
    paid = Decimal(row["cost"]) / Decimal(row["price_per_second"])
    assert f"{paid:.1f} s paid, 8.0 s received" in words_of(done)

    document = json.loads((folder / f"{clip.name}.json").read_text("utf-8"))
    assert document["schema"] == "motion-preflight/result/1"
    assert document["file"] == clip.name
    assert document["request"]["prompt"] == "dance number 0"
    task = document["task"]
    assert (task["intent"], task["cost"]) == (row["intent"], float(row["cost"]))
    assert task["estimate"] == {"low": float(row["low"]), "high": float(row["high"])}
    assert task["lengths"] == {str(clip): {"low": 8.0, "high": 8.0}}
    assert KEY not in json.dumps(document)


@pytest.mark.parametrize("rehearsal", [{"polls": 0}], indirect=True)
def test_results_of_one_name_are_told_apart_by_their_tasks(rehearsal: Rehearsal) -> None:
    rehearsal.sandbox.fault("poll-two*1")
    (rehearsal.folder / "results").mkdir()
    (rehearsal.folder / "results" / "std.mp4.json").write_text("mine")
    named = ("--download", "results", "--output", "{mode}.{ext}")
    requests = [rehearsal.served(number) for number in range(2)]
    done = rehearsal.submit(requests, "--yes", "-q", *named)
    assert done.returncode == exit_codes.OK, done.stderr
    two, one = (row["task_id"] for row in rehearsal.rows)
    folder = rehearsal.folder / "results"
    assert {file.name for file in folder.glob("*.mp4")} == {
        "std.mp4", "std-2.mp4", f"std-{one}.mp4",
    }  # fmt: skip
    assert (folder / "std.mp4.json").read_text() == "mine"
    assert "std.mp4.json: request and bill are not written beside it" in words_of(done)
    files = [set(json.loads(row["files"])) for row in rehearsal.rows]
    assert files == [
        {str(folder / "std.mp4"), str(folder / "std-2.mp4")}, {str(folder / f"std-{one}.mp4")},
    ]  # fmt: skip
    again = rehearsal.tasks("wait", two, *named)  # both are here
    assert again.returncode == exit_codes.OK
    assert len(list(folder.glob("*.mp4"))) == 3


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("{task}/{label}.{ext}", "without a folder of its own"),
        ("..\\{task}", "without a folder of its own"),
        ("{video}.mp4", "{video} is none of {label}, {model}"),
        ("{task!r}.mp4", "is none of"),
        ("{task.__class__}.mp4", "is none of"),
        ("{task:>9}.mp4", "is none of"),
        ("{task", "a brace of the name itself is doubled"),
        ("result.mp4", "every result would have the same name"),
    ],
)
def test_a_pattern_that_names_no_result_is_refused_before_anything_is_sent(
    rehearsal: Rehearsal, pattern: str, words: str
) -> None:
    done = rehearsal.send(rehearsal.served(), "--download", "results", "--output", pattern)
    assert done.returncode == exit_codes.CANNOT_RUN
    assert words in words_of(done)
    assert rehearsal.posts == []


def test_a_pattern_needs_a_folder(rehearsal: Rehearsal) -> None:
    done = rehearsal.send(rehearsal.served(), "--output", "{task}.{ext}")
    assert done.returncode == exit_codes.CANNOT_RUN
    assert "give --download DIR" in words_of(done)
    assert rehearsal.posts == []


# --- JSON ----------------------------------------------------------------------------------


def fits(value: object, shape: dict[str, Any], existing: dict[str, Any]) -> bool:
    """Whether a value has exactly the keys and types that a JSON Schema of ours names."""
    if "$ref" in shape:
        return fits(value, existing[shape["$ref"].rpartition("/")[2]], existing)
    if "anyOf" in shape:
        return any(fits(value, item, existing) for item in shape["anyOf"])
    if "enum" in shape or "const" in shape:
        return value in shape.get("enum", [shape.get("const")])
    if shape["type"] == "object" and "properties" in shape:
        fields = shape["properties"]
        return (
            isinstance(value, dict)
            and list(value) == list(fields)
            and all(fits(item, fields[name], existing) for name, item in value.items())
        )
    if shape["type"] == "array":
        return isinstance(value, list) and all(
            fits(item, shape["items"], existing) for item in value
        )
    types = {"string": str, "integer": int, "number": float, "boolean": bool, "null": type(None),
             "object": dict}  # fmt: skip
    return type(value) is types[shape["type"]]


@pytest.mark.parametrize("rehearsal", [{"polls": 0}], indirect=True)
def test_json_is_the_documented_shape_whatever_became_of_the_requests(rehearsal: Rehearsal) -> None:
    document = json.loads((FORMATS / "report.schema.json").read_text("utf-8"))
    rehearsal.sandbox.fault("400*1", "201-id*1", "cut-after*1")
    requests = [
        *mixed(rehearsal, "fail", "unsure"),
        *(rehearsal.served(number) for number in range(5)),
    ]
    done = rehearsal.send(requests, "--cleared-only", "--wait")
    assert done.returncode == exit_codes.UNKNOWN
    assert states(done) == [None, None, "rejected", "completed", "unknown", None, None]
    result = json.loads(done.stdout)
    assert fits(result, document, document["$defs"])
    assert result["reports"][3]["receipt"] == {
        "intent": rehearsal.rows[1]["intent"], "state": "completed",
        "task_id": rehearsal.rows[1]["task_id"], "cost": float(rehearsal.rows[1]["cost"]),
        "files": [], "already_done": False,
    }  # fmt: skip
    kept = rehearsal.submit(mixed(rehearsal, "pass", "fail"), "--dry-run", "--format", "json")
    assert fits(json.loads(kept.stdout), document, document["$defs"])
    assert receipts(kept) == [None, None]

    listed = json.loads(rehearsal.tasks("--format", "json").stdout)
    document = json.loads((FORMATS / "tasks.schema.json").read_text("utf-8"))
    assert fits(listed, document, document["$defs"])


# --- interruptions -------------------------------------------------------------------------

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and streams of POSIX")
SIGNALS = pytest.mark.parametrize(
    "number", [pytest.param(item, marks=POSIX) for item in (signal.SIGINT, signal.SIGTERM)]
)


def running(
    rehearsal: Rehearsal, content: object, *options: str, **streams: Any
) -> subprocess.Popen[str]:
    return started(
        "submit",
        rehearsal.file(content),
        "--yes",
        "--allow-private",
        "-q",
        *options,
        folder=rehearsal.folder,
        environment=customer(rehearsal.sandbox, rehearsal.folder),
        **streams,
    )


def ended(process: subprocess.Popen[str]) -> Done:
    stdout, stderr = process.communicate(timeout=60)
    return Done(process.args, process.returncode, stdout, stderr)


@SIGNALS
def test_an_interruption_before_anything_is_sent_sends_nothing(
    number: signal.Signals, rehearsal: Rehearsal
) -> None:
    with Host() as host:
        url = host.serve("clip.mp4", MEDIA / "clip-8s.mp4", Habit(stall_after=1000))
        process = running(rehearsal, [rehearsal.served(), rehearsal.served(1, video_url=url)])
        until(lambda: host.requests(url))
        process.send_signal(number)
        done = ended(process)
    assert done.returncode == (exit_codes.INTERRUPTED if number == signal.SIGINT else 143)
    assert (rehearsal.posts, rehearsal.rows) == ([], [])
    assert "Traceback" not in done.stderr


@SIGNALS
def test_an_interruption_during_the_post_is_an_unknown_outcome(
    number: signal.Signals, rehearsal: Rehearsal
) -> None:
    rehearsal.sandbox.fault("201-id*1", "stall")
    process = running(rehearsal, [rehearsal.served(number) for number in range(3)])
    until(lambda: len(rehearsal.posts) == 2 and rehearsal.posts[1].task_id)
    process.send_signal(number)
    done = ended(process)
    assert done.returncode == exit_codes.UNKNOWN
    assert rehearsal.states == ["submitted", "unknown"]
    assert len(rehearsal.posts) == 2
    assert f"motion-preflight tasks resolve {rehearsal.rows[1]['intent']} --task" in done.stderr
    assert re.findall(r"^(\w+(?: sent)?) +\S+\[\d\]$", done.stdout, re.MULTILINE)[-3:] == [
        "submitted", "unknown", "not sent"
    ]  # fmt: skip
    assert "Traceback" not in done.stderr


@POSIX
def test_a_second_interruption_changes_nothing_of_that(rehearsal: Rehearsal) -> None:
    """Who is impatient presses Ctrl-C twice: while the outcome is being written down, too."""
    rehearsal.sandbox.fault("stall")
    file = rehearsal.folder / "state" / "ledger.sqlite3"
    process = running(rehearsal, [rehearsal.served(), rehearsal.served(1)])
    until(lambda: rehearsal.posts and rehearsal.posts[0].task_id)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # so that the program is there when the second one comes
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        other.execute("ROLLBACK")
    done = ended(process)
    assert done.returncode == exit_codes.UNKNOWN
    assert rehearsal.rows[0]["intent"] in done.stderr
    assert len(rehearsal.posts) == 1


@SIGNALS
@pytest.mark.parametrize("rehearsal", [{"delay": 0.5}], indirect=True)
def test_an_interruption_while_the_answer_is_written_down_does_not_lose_it(
    number: signal.Signals, rehearsal: Rehearsal
) -> None:
    """The provider has given the task its id: nothing but this process knows it."""
    file = rehearsal.folder / "state" / "ledger.sqlite3"
    process = running(rehearsal, [rehearsal.served(), rehearsal.served(1)])
    until(lambda: len(rehearsal.rows) == 1)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        until(lambda: rehearsal.posts)
        connections = len(rehearsal.sandbox._listener._open)
        until(
            lambda: len(rehearsal.sandbox._listener._open) < connections
        )  # it has read the answer
        time.sleep(0.1)
        process.send_signal(number)
        time.sleep(0.3)
        other.execute("ROLLBACK")
    done = ended(process)
    (row,) = rehearsal.rows
    assert (row["state"], row["task_id"]) == ("submitted", rehearsal.posts[0].task_id)
    assert done.returncode == (exit_codes.INTERRUPTED if number == signal.SIGINT else 143)
    assert str(row["task_id"]) in done.stdout


@pytest.mark.parametrize("rehearsal", [{"delay": 0.5}], indirect=True)
@pytest.mark.parametrize(("fault", "code"), [("201-id", 5), ("400", 2), ("cut-after", 5)])
def test_an_answer_that_cannot_be_written_down_is_told(
    fault: str, code: int, rehearsal: Rehearsal
) -> None:
    """The ledger is lost while the POST is under way; then the second one cannot be sent."""
    rehearsal.sandbox.fault(fault)
    process = running(rehearsal, [rehearsal.served(), rehearsal.served(1)])
    until(lambda: len(rehearsal.posts) == 1)
    (row,) = rehearsal.rows
    shutil.rmtree(rehearsal.folder / "state")
    done = ended(process)
    assert done.returncode == code, done.stderr
    assert row["intent"] in words_of(done)
    assert "ledger.sqlite3 cannot be used" in done.stderr
    assert "Traceback" not in done.stderr
    assert re.findall(r"^(\w+(?: sent)?) +\S+\[\d\]$", done.stdout, re.MULTILINE)[-2:] == [
        {"201-id": "submitted", "400": "rejected"}.get(fault, "unknown"), "not sent"
    ]  # fmt: skip
    if fault == "201-id":
        assert f"task {rehearsal.posts[0].task_id}" in done.stderr
    assert len(rehearsal.posts) == 1


@SIGNALS
def test_an_interruption_while_waiting_leaves_the_tasks_and_their_receipts(
    number: signal.Signals, rehearsal: Rehearsal
) -> None:
    process = running(
        rehearsal, [rehearsal.served(), rehearsal.served(1)], "--wait", "--format", "json"
    )
    until(lambda: [path for _, path in rehearsal.sandbox.requests if path.startswith("/v1/tasks/")])
    process.send_signal(number)
    done = ended(process)
    assert done.returncode == (exit_codes.INTERRUPTED if number == signal.SIGINT else 143)
    assert rehearsal.states == ["submitted", "submitted"]
    assert "motion-preflight tasks wait" in done.stderr
    assert states(done) == ["submitted", "submitted"]


@SIGNALS
def test_an_interruption_between_two_attempts_leaves_what_was_answered(
    number: signal.Signals, rehearsal: Rehearsal
) -> None:
    rehearsal.sandbox.fault("429")
    process = running(rehearsal, [rehearsal.served(), rehearsal.served(1)])
    until(lambda: rehearsal.posts and rehearsal.posts[0].answered)
    time.sleep(0.2)
    process.send_signal(number)
    done = ended(process)
    assert done.returncode == (exit_codes.INTERRUPTED if number == signal.SIGINT else 143)
    assert rehearsal.states == ["rejected"]
    assert len(rehearsal.posts) == 1
    assert "not sent" in done.stdout


# --- where output goes ---------------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_nothing_is_sent_when_the_reports_cannot_be_shown(rehearsal: Rehearsal) -> None:
    with Path("/dev/full").open("w") as full:
        done = ended(running(rehearsal, rehearsal.served(), stdout=full))
    assert done.returncode == exit_codes.CANNOT_RUN
    assert "the output: cannot be written" in done.stderr
    assert (rehearsal.posts, rehearsal.rows) == ([], [])


@POSIX
def test_nothing_is_sent_when_the_reader_of_the_reports_has_left(rehearsal: Rehearsal) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = ended(running(rehearsal, rehearsal.served(), stdout=writing))
    finally:
        os.close(writing)
    assert (rehearsal.posts, rehearsal.rows) == ([], [])
    assert done.returncode == exit_codes.CANNOT_RUN


def test_nothing_is_sent_when_a_report_file_cannot_be_written(rehearsal: Rehearsal) -> None:
    missing = rehearsal.folder / "no-folder" / "report.json"
    done = ended(running(rehearsal, rehearsal.served(), "--format", f"json={missing}"))
    assert done.returncode == exit_codes.CANNOT_RUN
    assert str(missing) in done.stderr
    assert (rehearsal.posts, rehearsal.rows) == ([], [])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_receipt_that_cannot_be_written_at_the_end_is_told_on_stderr(
    rehearsal: Rehearsal,
) -> None:
    """The document is written when everything is over: what was sent must be said all the same."""
    with Path("/dev/full").open("w") as full:
        done = ended(running(rehearsal, rehearsal.served(), "--format", "json", stdout=full))
    assert done.returncode == exit_codes.CANNOT_RUN
    for row in rehearsal.rows:
        assert row["intent"] in done.stderr


@POSIX
def test_closed_streams_are_as_good_as_none(rehearsal: Rehearsal) -> None:
    """Who closes a stream wants to see nothing on it, as with /dev/null; nothing of it may end
    up in a file that got its number.
    """
    file = rehearsal.file([rehearsal.served(), rehearsal.served(1)])
    environment = surroundings(rehearsal.folder, **customer(rehearsal.sandbox, rehearsal.folder))
    done = warm().run(
        "submit", file, "--yes", "--allow-private",
        cwd=rehearsal.folder, env=environment, beginning={"closed": (0, 1, 2)},
    )  # fmt: skip
    assert done.returncode == exit_codes.OK
    assert rehearsal.states == ["submitted", "submitted"]
    assert rehearsal.tasks().returncode == exit_codes.OK


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("rehearsal", [{"polls": 0}], indirect=True)
def test_a_full_stderr_is_no_bug_and_hides_no_receipt(rehearsal: Rehearsal) -> None:
    with Path("/dev/full").open("w") as full:
        done = ended(
            running(rehearsal, rehearsal.served(), "--wait", "--format", "json", stderr=full)
        )
    assert done.returncode == exit_codes.OK
    assert states(done) == ["completed"]


# --- how many, how dear, and what it came to ------------------------------------------------


@pytest.mark.parametrize(("option", "setting", "sent"), [
    ("1", None, False), ("2", None, True), (None, 1, False), (None, 2, True), ("2", 1, False),
    ("1", 2, False),
])  # fmt: skip
def test_more_requests_than_allowed_are_not_sent(
    option: str | None,
    setting: int | None,
    sent: bool,  # noqa: FBT001
    rehearsal: Rehearsal,
) -> None:
    home = rehearsal.folder / "config"
    (home / "motion-preflight").mkdir(parents=True)
    if setting is not None:
        (home / "motion-preflight" / "config.toml").write_text(f"max_requests = {setting}\n")
    options = ["--max-requests", option] if option else []
    done = rehearsal.send(
        [rehearsal.served(0), rehearsal.served(1)], *options, XDG_CONFIG_HOME=str(home)
    )
    assert done.returncode == (exit_codes.OK if sent else exit_codes.OVER_BUDGET), done.stderr
    assert len(rehearsal.posts) == 2 * sent
    assert sent or "2 paid requests, and at most 1 may be sent" in done.stderr


def test_a_lower_price_of_yours_lifts_no_budget(rehearsal: Rehearsal) -> None:
    options = ("--price", "0.001", "--max-cost", "0.4")  # by the profile's price it is 0.46
    done = rehearsal.send(rehearsal.served(), *options)
    assert (done.returncode, rehearsal.posts) == (exit_codes.OVER_BUDGET, [])
    assert "USD 0.00 of 0.40 spent in this run, 0.40 left; this may cost 0.4" in done.stderr


def test_a_batch_ends_with_its_sums(rehearsal: Rehearsal) -> None:
    done = rehearsal.send([rehearsal.served(0), rehearsal.served(1)])
    assert (
        "2 of 2 requests sent, 0 done, 2 under way; billed not known yet; estimated " in done.stderr
    )
    done = rehearsal.submit([rehearsal.served(2), rehearsal.served(3)], "--yes")
    assert "2 of 2 requests sent, 0 done" in " ".join(done.stdout.split())
    assert "requests sent" not in words_of(rehearsal.submit(rehearsal.served(4), "--yes"))


# --- what is said of the money is what is paid --------------------------------------------


def test_the_total_is_of_what_will_be_paid(rehearsal: Rehearsal) -> None:
    """A second one of a request, and one under way, cost nothing: they are over no budget."""
    assert rehearsal.send(rehearsal.served(1)).returncode == exit_codes.OK
    requests = [rehearsal.served(1), rehearsal.served(2), rehearsal.served(2)]
    done = rehearsal.submit(requests, "--yes", "-q", "--max-cost", "0.5")
    assert len(rehearsal.posts) == 2
    assert "What may be sent would cost USD 0.46; the budget is USD 0.50: within it" in words_of(
        done
    )
    assert "OVER BUDGET" not in done.stdout


@pytest.mark.parametrize("form", ["json", "markdown", "html", "github", "junit"])
def test_no_document_of_a_run_that_paid_calls_it_over_budget(
    form: str, rehearsal: Rehearsal
) -> None:
    requests = [rehearsal.served(1), rehearsal.served(1)]
    done = rehearsal.submit(requests, "--yes", "--max-cost", "0.5", "--format", form)
    assert len(rehearsal.posts) == 1
    assert '"over_budget": true' not in done.stdout
    assert "over budget" not in done.stdout.lower()


@pytest.mark.parametrize("rehearsal", [{"polls": 0}], indirect=True)
@pytest.mark.parametrize("form", ["text", "markdown", "html", "github"])
def test_what_was_billed_before_is_not_billed_by_this_run(form: str, rehearsal: Rehearsal) -> None:
    requests = [rehearsal.served(number) for number in range(2)]
    assert rehearsal.send(requests, "--wait").returncode == exit_codes.OK
    done = rehearsal.submit(requests, "--yes", "--format", form)
    assert len(rehearsal.posts) == 2
    assert re.search(
        r"done already(, billed before: | \(billed before: )USD 0\.80?\b", words_of(done)
    )
    assert not re.search(r"Billed USD|billed not known", words_of(done))
    assert not re.search("0 done(?! already)", words_of(done))


@pytest.mark.parametrize("rehearsal", [{"polls": 0}], indirect=True)
def test_a_dry_run_has_one_closing_line(rehearsal: Rehearsal) -> None:
    requests = [rehearsal.served(number) for number in range(2)]
    assert rehearsal.send(requests, "--wait").returncode == exit_codes.OK
    done = rehearsal.submit([*requests, rehearsal.served(2)], "--dry-run", "-q")
    assert done.stdout.rstrip().endswith(
        "2 are done already; 1 POST, USD 0.46. Nothing was sent: a dry run."
    )


def test_a_reason_that_many_share_is_given_once(rehearsal: Rehearsal) -> None:
    requests = [rehearsal.served(number) for number in range(9)]
    done = rehearsal.submit(requests, "--yes", "-q", "--max-requests", "3")
    assert rehearsal.posts == []
    assert words_of(done).count("at most 3 may be sent") == 1
    assert "not sent    9 requests (" in done.stdout
    summary = rehearsal.submit(
        requests, "--yes", "--format", "markdown", "--max-requests", "3"
    ).stdout
    assert summary.count("at most 3 may be sent") == 1
    assert "and 4 more" in summary


def test_quiet_hides_no_warning_about_what_is_paid_for(rehearsal: Rehearsal) -> None:
    done = rehearsal.submit(rehearsal.served(krompt="she dances"), "-q", "--dry-run")
    assert "(1 warning: request-field-unknown)" in words_of(done)
