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
from build import KEY, Peer, customer, ledger_rows, served, started, surroundings
from conftest import FIXTURES, Program
from hosts import Habit, Host
from sandbox import Post, Sandbox

from motion_preflight import exit_codes
from motion_preflight.formats import schema

MEDIA = FIXTURES / "media"
FORMATS = Path(schema.__file__).parent
NEVER = 10**9  # polls until a task is over
Done = subprocess.CompletedProcess[str]


@dataclass
class Shop:
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
def shop(request: pytest.FixtureRequest, program: Program, tmp_path: Path) -> Iterator[Shop]:
    """Tests may give options of the sandbox; usually tasks never end, and no medium is measured."""
    options = {"probe": False, "polls": NEVER} | getattr(request, "param", {})
    with Sandbox(**options) as sandbox:
        yield Shop(sandbox, tmp_path, program)


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


def said(done: Done) -> str:
    """Both streams as one line, however they are wrapped."""
    return " ".join((done.stdout + done.stderr).split())


# --- what each answer means --------------------------------------------------------------


def test_what_is_refused_is_rejected_and_the_next_one_is_sent(shop: Shop) -> None:
    refusals = ["400", "404", "405", "410", "413", "415", "422", "503-idempotency", "echo-key",
                "429-much-later"]  # fmt: skip
    shop.sandbox.fault(*(f"{name}*1" for name in refusals))
    done = shop.send([shop.served(number) for number in range(len(refusals) + 1)])
    expected = ["rejected"] * len(refusals) + ["submitted"]
    assert done.returncode == exit_codes.BROKEN
    assert states(done) == expected
    assert len(shop.posts) == len({post.headers["idempotency-key"] for post in shop.posts})
    assert [json.loads(post.body)["prompt"] for post in shop.posts] == [
        f"dance number {number}" for number in range(len(expected))
    ]
    for row, name in zip(shop.rows, refusals, strict=False):
        assert row["error"].startswith("400" if name == "echo-key" else name[:3])

    listed = json.loads(shop.tasks("--format", "json").stdout)["tasks"]
    assert [task["state"] for task in reversed(listed)] == expected
    assert [task["task_id"] for task in reversed(listed)] == [post.task_id for post in shop.posts]


@pytest.mark.parametrize("fault", ["401", "402", "403"])
def test_after_a_refusal_that_all_would_meet_the_rest_is_not_sent(fault: str, shop: Shop) -> None:
    shop.sandbox.fault("400*1", fault)
    done = shop.submit([shop.served(number) for number in range(4)], "--yes", "-q")
    assert done.returncode == exit_codes.BROKEN
    assert shop.states == ["rejected", "rejected"]
    assert len(shop.posts) == 2
    words = re.findall(r"^(rejected|not sent) +\S+(\[\d\])$", done.stdout, re.MULTILINE)
    assert words == [("rejected", "[0]"), ("rejected", "[1]"),
                     ("not sent", "[2]"), ("not sent", "[3]")]  # fmt: skip
    assert said(done).count(f"the provider refused the one before with {fault}") == 2


def test_an_empty_account_ends_the_run_as_payment_does(shop: Shop) -> None:
    shop.sandbox.fault("429-quota")
    done = shop.submit([shop.served(number) for number in range(3)], "--yes", "-q")
    assert done.returncode == exit_codes.BROKEN
    assert (shop.states, len(shop.posts)) == (["rejected"], 1)
    assert said(done).count("the account has no money left: the provider refused") == 0
    assert said(done).count("refused the one before with 429: the account has no money left") == 2


def test_a_task_id_in_any_2xx_answer_is_taken(shop: Shop) -> None:
    answers = ["201-id", "200-code-500-id", "202-object", "200-id-number", "cut-in-body-after-id"]
    shop.sandbox.fault(*(f"{name}*1" for name in answers))
    done = shop.send([shop.served(number) for number in range(len(answers) + 1)])
    assert done.returncode == exit_codes.OK, done.stderr
    assert set(states(done)) == {"submitted"}
    assert [row["task_id"] for row in shop.rows] == [post.task_id for post in shop.posts]
    listed = json.loads(shop.tasks("list", "--format", "json").stdout)["tasks"]
    assert {task["state"] for task in listed} == {"submitted"}
    assert len(listed) == len(shop.posts)


UNKNOWN = ["302", "408", "409", "500-html", "502-text", "503", "504-billed", "520", "524",
           "200-code-400", "200-no-id", "200-not-json", "200-empty", "cut-before", "reset-before",
           "cut-in-request", "cut-after-refused", "cut-after", "cut-in-header", "cut-in-body",
           "stall", "slow"]  # fmt: skip


@pytest.mark.parametrize("fault", UNKNOWN)
def test_an_outcome_that_is_not_known_is_said_kept_and_ends_the_run(fault: str, shop: Shop) -> None:
    shop.sandbox.fault(fault)
    patience = ("--timeout", "0.5") if fault in {"stall", "slow"} else ()
    done = shop.send([shop.served(0), shop.served(1)], *patience)
    assert done.returncode == exit_codes.UNKNOWN
    assert states(done) == ["unknown", None]
    assert len(shop.posts) == 1
    (row,) = shop.rows
    assert (row["state"], row["task_id"]) == ("unknown", None)
    assert f"intent {row['intent']}" in done.stderr
    assert f"motion-preflight tasks resolve {row['intent']} --task TASK_ID" in done.stderr
    assert f"motion-preflight tasks resolve {row['intent']} --not-sent" in done.stderr
    assert "[1]: not sent: the outcome of the one before is not known" in done.stderr
    assert KEY not in said(done)


def test_what_was_left_unknown_is_listed_as_such(shop: Shop) -> None:
    shop.sandbox.fault("cut-after")
    shop.send(shop.served())
    (task,) = json.loads(shop.tasks("--format", "json").stdout)["tasks"]
    assert (task["state"], task["task_id"]) == ("unknown", None)
    assert task["intent"] == shop.rows[0]["intent"]
    assert list(task) == list(schema.TaskDocument.__annotations__)


def test_later_is_asked_again_later_with_the_same_key(shop: Shop) -> None:
    """At most three times more; each of the answers decides for itself."""
    shop.sandbox.fault("429-later*1", "201-id*1", "429-later*4", "429-later*1", "500*1")
    done = shop.send([shop.served(number) for number in range(3)])
    assert done.returncode == exit_codes.UNKNOWN
    assert states(done) == ["submitted", "rejected", "unknown"]
    keys = [post.headers["idempotency-key"] for post in shop.posts]
    assert [keys.count(row["idempotency_key"]) for row in shop.rows] == [2, 4, 2]
    assert shop.rows[1]["error"].startswith("429")


def test_what_cannot_be_reached_was_not_sent(shop: Shop) -> None:
    with Sandbox() as gone:
        pass
    done = shop.send(shop.served(), APIMART_BASE_URL=gone.base)
    assert done.returncode == exit_codes.BROKEN
    assert states(done) == shop.states == ["not-sent"]
    assert "nothing was sent: " in done.stderr


def test_a_failure_of_tls_means_that_nothing_was_sent(shop: Shop) -> None:
    with Peer(lambda sock: sock.sendall(sock.recv(1) + b"this is no TLS\r\n")) as peer:
        base = peer.base.replace("http:", "https:")
        done = shop.send(shop.served(), APIMART_BASE_URL=base)
    assert done.returncode == exit_codes.BROKEN
    assert states(done) == shop.states == ["not-sent"]
    assert "nothing was sent: " in done.stderr


def test_a_proxy_that_refuses_means_that_nothing_was_sent(shop: Shop) -> None:
    """The sandbox takes no CONNECT."""
    proxied = {"APIMART_BASE_URL": "https://api.apimart-user.com", "HTTPS_PROXY": shop.sandbox.base}
    done = shop.send(shop.served(), **proxied)
    assert ("CONNECT", "api.apimart-user.com:443") in shop.sandbox.requests
    assert done.returncode == exit_codes.BROKEN
    assert states(done) == shop.states == ["not-sent"]
    assert "nothing was sent: " in done.stderr


# --- several requests --------------------------------------------------------------------


def mixed(shop: Shop, *kinds: str) -> list[object]:
    """Requests of which some are not cleared, and something that is no request."""
    made: list[object] = []
    for number, kind in enumerate(kinds):
        video = {"fail": "clip-30.1s.mp4", "unsure": "live.webm"}.get(kind, "clip-8s.mp4")
        request = shop.served(number, video_url=shop.sandbox.media_url(video))
        made.append(3 if kind == "mistake" else request)
    return made


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
    shop: Shop, kinds: str, options: str, faults: str, *, code: int, posts: int
) -> None:
    shop.sandbox.fault(*faults.split())
    done = shop.send(mixed(shop, *kinds.split()), *options.split())
    assert done.returncode == code, done.stderr
    assert (len(shop.posts), len(shop.rows)) == (posts, posts)
    made = json.loads(done.stdout)["reports"]
    without = [report["label"] for report in made if report["receipt"] is None]
    for label in without:  # each of them is told why
        assert f"{label}: not sent: " in done.stderr
    assert len(made) - len(without) == posts


def test_a_request_is_not_sent_twice_in_one_run(shop: Shop) -> None:
    """However its links are signed, and whichever of its fields are left out."""
    link = shop.sandbox.media_url("clip-8s.mp4")
    first = shop.served(video_url=f"{link}?X-Amz-Signature=1&X-Amz-Expires=900")
    second = shop.served(video_url=f"{link}?X-Amz-Signature=2&X-Amz-Expires=900")
    del second["keep_original_sound"]
    other = shop.served(1)
    done = shop.submit([first, second, other], "--yes", "-q")
    assert done.returncode == exit_codes.BROKEN
    assert shop.states == ["submitted", "submitted"]
    assert [json.loads(post.body) for post in shop.posts] == [first, other]
    assert "stands twice in this run; --again sends it twice" in said(done)

    done = shop.submit([first, second], "--yes", "-q", "--again")
    assert done.returncode == exit_codes.OK
    assert [json.loads(post.body) for post in shop.posts[2:]] == [first, second]


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
    shop: Shop, one: str, other: str
) -> None:
    link = shop.sandbox.media_url("clip-8s.mp4")
    both = [shop.served(video_url=f"{link}{signed}") for signed in (one, other)]
    done = shop.submit(both, "--yes", "-q")
    assert len(shop.posts) == 1, said(done)
    assert done.returncode == exit_codes.BROKEN


def test_a_request_like_one_under_way_is_refused_until_that_is_over(shop: Shop) -> None:
    first = shop.send(shop.served())
    (receipt,) = receipts(first)
    assert receipt is not None
    asked = shop.sandbox.polls_of(receipt["task_id"])

    done = shop.send([shop.served(), shop.served(1)])
    assert done.returncode == exit_codes.BROKEN
    assert states(done) == [None, "submitted"]
    assert shop.sandbox.polls_of(receipt["task_id"]) == asked + 1  # it might have been over
    assert f"motion-preflight tasks wait {receipt['intent']}" in done.stderr
    assert len(shop.posts) == 2

    done = shop.send(shop.served(), "--again")
    assert (done.returncode, states(done)) == (exit_codes.OK, ["submitted"])
    assert len(shop.posts) == 3


# --- what is done already ----------------------------------------------------------------

AT_ONCE = pytest.mark.parametrize("shop", [{"polls": 0}], indirect=True)


@AT_ONCE
def test_a_completed_request_is_not_paid_for_again_by_repeating_the_command(shop: Shop) -> None:
    """It was running when the ledger was last written, and is looked at before it is judged."""
    assert states(shop.send(shop.served())) == ["submitted"]
    for _ in range(2):
        done = shop.send(shop.served())
        assert done.returncode == exit_codes.OK, done.stderr
        (row,) = shop.rows
        assert receipts(done) == [{
            "intent": row["intent"], "state": "completed", "task_id": row["task_id"],
            "cost": float(row["cost"]), "files": [], "already_done": True,
        }]  # fmt: skip
        assert f"done already: intent {row['intent']}" in said(done)
    text = shop.submit(shop.served(), "--yes")
    assert text.returncode == exit_codes.OK
    assert re.search(r"^done already +\S*request\.json", text.stdout, re.MULTILINE)
    assert f"task {row['task_id']}" in said(text)
    assert f"billed USD {row['cost']}" in said(text)
    assert f"`motion-preflight tasks wait {row['task_id']} --download DIR`" in said(text)
    dry = shop.submit(shop.served(), "--dry-run")
    assert dry.returncode == exit_codes.OK
    assert "1 is done already; 0 POSTs, nothing to pay. Nothing was sent: a dry run." in said(dry)
    assert len(shop.posts) == 1


@AT_ONCE
def test_again_pays_for_another(shop: Shop) -> None:
    shop.send(shop.served(), "--wait")
    done = shop.send(shop.served(), "--again")
    assert (done.returncode, states(done)) == (exit_codes.OK, ["submitted"])
    assert [receipt and receipt["already_done"] for receipt in receipts(done)] == [False]
    assert shop.states == ["completed", "submitted"]


@AT_ONCE
def test_of_a_batch_of_12_of_which_8_are_done_4_are_sent_and_it_says_so_before(shop: Shop) -> None:
    shop.send([shop.served(number) for number in range(8)], "--wait")
    everything = [shop.served(number) for number in range(12)]
    dry = shop.submit(everything, "--dry-run")
    assert "8 are done already; 4 POSTs" in said(dry)
    done = shop.send(everything)
    assert done.returncode == exit_codes.OK, done.stderr
    assert states(done) == ["completed"] * 8 + ["submitted"] * 4
    assert "8 are done already; sending 4 paid requests (" in said(done)
    assert len(shop.posts) == 12
    amount = json.loads(done.stdout)["summary"]["amount"]["high"]
    assert amount == pytest.approx(4 * float(shop.rows[0]["high"]))


@AT_ONCE
def test_what_is_done_already_counts_against_no_budget(shop: Shop) -> None:
    shop.send([shop.served(0), shop.served(1)], "--wait")
    high = Decimal(shop.rows[0]["high"])
    done = shop.send([shop.served(number) for number in range(3)], "--max-cost", str(high))
    assert done.returncode == exit_codes.OK, done.stderr
    assert states(done) == ["completed", "completed", "submitted"]
    assert json.loads(done.stdout)["summary"]["over_budget"] is False


@AT_ONCE
def test_one_that_is_done_is_in_nobodys_way_though_its_link_is_gone(shop: Shop) -> None:
    """A link that ended since cannot be measured: then the URL decides."""
    with Host() as host:
        url = host.serve("clip.mp4", MEDIA / "clip-8s.mp4")
        gone = shop.served(0, video_url=f"{url}?X-Amz-Signature=one")
        shop.send([gone], "--wait")
    assert shop.states == ["completed"]
    gone["video_url"] = gone["video_url"].replace("=one", "=two")
    done = shop.send([gone, shop.served(1)])
    assert done.returncode == exit_codes.OK, done.stderr
    assert states(done) == ["completed", "submitted"]


@AT_ONCE
@pytest.mark.parametrize(
    ("fault", "state"), [("poll-failed*1", "failed"), ("poll-cancelled*1", "cancelled"),
                         ("422*1", "rejected")]
)  # fmt: skip
def test_one_that_came_to_nothing_is_sent_and_its_bill_is_shown_first(
    fault: str, state: str, shop: Shop
) -> None:
    shop.sandbox.fault(fault)
    shop.send(shop.served(), "--wait")
    assert shop.states == [state]
    bill = shop.rows[0]["cost"]
    done = shop.send(shop.served())
    assert (done.returncode, states(done)) == (exit_codes.OK, ["submitted"])
    assert ("one like it is over" in said(done)) is (state != "rejected")
    assert (f"billed USD {bill}" in said(done)) is (bill is not None)
    assert len(shop.posts) == 2


@AT_ONCE
def test_a_result_that_is_here_is_named_and_one_that_is_not_is_fetched(shop: Shop) -> None:
    target = shop.folder / "results"
    shop.send(shop.served(), "--wait")
    done = shop.send(shop.served(), "--download", target)
    assert done.returncode == exit_codes.OK, done.stderr
    (file,) = target.iterdir()
    assert receipts(done)[0] == receipts(done)[0] | {"files": [str(file)], "already_done": True}  # type: ignore[operator]
    text = shop.submit(shop.served(), "--yes")
    assert f"file {file}" in said(text)
    assert "no file of it is here" not in said(text)
    file.unlink()
    assert "no file of it is here" in said(shop.submit(shop.served(), "--yes"))
    assert len(shop.posts) == 1


@AT_ONCE
def test_a_result_whose_link_has_expired_is_said_to_be_gone(shop: Shop) -> None:
    shop.send(shop.served(), "--wait")
    shop.sandbox.fault("poll-expired")
    done = shop.send(shop.served())
    assert done.returncode == exit_codes.OK
    assert "no file of it is here, and its link has expired (at 2001-09-09" in said(done)
    assert "--again pays for another one" in said(done)


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
    style: str, shop: Shop
) -> None:
    shop.sandbox.fault("cut-after*1")
    url = shop.sandbox.media_url("clip-8s.mp4")
    shop.send(shop.served(video_url=f"{url}?{style.format('0421')}"))
    assert shop.states == ["unknown"]
    done = shop.send(shop.served(video_url=f"{url}?{style.format('1307')}"))
    assert (done.returncode, states(done)) == (exit_codes.UNKNOWN, [None])
    assert "an identical request is not over" in said(done)
    assert len(shop.posts) == 1


def test_the_same_clip_on_another_host_is_the_same_job(shop: Shop) -> None:
    shop.sandbox.fault("cut-after*1")
    shop.send(shop.served())
    with Host() as host:
        moved = host.serve("moved.mp4", MEDIA / "clip-8s.mp4")
        picture = host.serve("me.png", MEDIA / "image.png")
        done = shop.send(shop.served(video_url=moved, image_url=picture))
    assert (done.returncode, len(shop.posts)) == (exit_codes.UNKNOWN, 1)


def test_other_bytes_behind_the_same_link_are_another_job(shop: Shop) -> None:
    with Host() as host:
        url = host.serve("clip.mp4", MEDIA / "clip-8s.mp4")
        assert states(shop.send(shop.served(video_url=url))) == ["submitted"]
        host.serve("clip.mp4", MEDIA / "clip-9.9s.mp4")
        assert states(shop.send(shop.served(video_url=url))) == ["submitted"]
    assert len(shop.posts) == 2


def test_a_token_that_names_the_file_makes_two_jobs_of_two_files(shop: Shop) -> None:
    """`?token=` is a signature elsewhere; what was measured says that these are two clips."""
    with Host() as host:
        urls = [
            host.serve(f"get?token={name}", MEDIA / clip)
            for name, clip in (("FILEA", "clip-8s.mp4"), ("FILEB", "clip-9.9s.mp4"))
        ]
        requests = [shop.served(video_url=url) for url in urls]
        assert states(shop.send(requests)) == ["submitted", "submitted"]
        shop.send(requests)
    assert len(shop.posts) == 2


@AT_ONCE
def test_two_of_one_request_are_both_done_by_one_task(shop: Shop) -> None:
    shop.send(shop.served(), "--wait")
    done = shop.send([shop.served(), shop.served()])
    assert (done.returncode, states(done)) == (exit_codes.OK, ["completed"] * 2)
    assert len(shop.posts) == 1


def test_a_request_like_one_that_is_unknown_is_refused_and_both_are_told(shop: Shop) -> None:
    shop.sandbox.fault("cut-after*1")
    shop.send(shop.served())
    (row,) = shop.rows

    done = shop.submit([shop.served(), shop.served(1)], "--yes", "-q")
    assert done.returncode == exit_codes.UNKNOWN
    assert shop.states == ["unknown", "submitted"]
    assert len(shop.posts) == 2
    assert f"motion-preflight tasks show {row['intent']}" in said(done)
    assert f"motion-preflight tasks resolve {row['intent']} --not-sent" in done.stderr

    dry = shop.submit([shop.served(), shop.served(1)], "--dry-run", "-q")
    assert dry.returncode == exit_codes.UNKNOWN
    assert len(shop.posts) == 2

    done = shop.send(shop.served(), "--again")
    assert (done.returncode, states(done)) == (exit_codes.OK, ["submitted"])
    assert shop.states == ["unknown", "submitted", "submitted"]


@pytest.mark.parametrize("shop", [{"delay": 0.3}], indirect=True)
def test_processes_that_send_the_same_at_the_same_time_send_it_once(shop: Shop) -> None:
    file = shop.file(shop.served())
    environment = customer(shop.sandbox, shop.folder)
    processes = [
        started("submit", file, "--yes", "--allow-private", folder=shop.folder,
                environment=environment)
        for _ in range(3)
    ]  # fmt: skip
    for process in processes:
        process.communicate(timeout=60)
    assert sorted(process.returncode for process in processes) == [0, 1, 1]
    assert len(shop.posts) == len(shop.rows) == 1


# --- asking ------------------------------------------------------------------------------


def asked(shop: Shop, content: object, typed: bytes, *options: str, **environment: str) -> Done:
    """The program on a terminal where somebody types; stderr is what the terminal shows."""
    master, terminal = pytest.importorskip("pty").openpty()
    try:
        process = started(
            "submit",
            shop.file(content),
            "--allow-private",
            "-q",
            *options,
            folder=shop.folder,
            environment=customer(shop.sandbox, shop.folder, **environment),
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


def test_without_a_terminal_nothing_is_sent_unasked(shop: Shop) -> None:
    file, environment = shop.file(shop.served()), customer(shop.sandbox, shop.folder)
    process = started("submit", file, folder=shop.folder, environment=environment)
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout) == (exit_codes.CANNOT_RUN, "")
    assert "give --yes to send" in stderr
    assert "--dry-run" in stderr
    assert shop.sandbox.requests == []


@pytest.mark.parametrize("typed", [b"y\n", b"YES\n"])
def test_a_yes_sends_what_was_counted(typed: bytes, shop: Shop) -> None:
    done = asked(shop, [shop.served(), shop.served(1)], typed)
    assert done.returncode == exit_codes.OK, done.stderr
    names = f"{shop.folder / 'request.json'}[0], {shop.folder / 'request.json'}[1]"
    question = f"Send 2 paid requests ({names}), USD 0.91, to {shop.sandbox.base}? [y/N] "
    assert question in done.stderr
    assert "PASS" in done.stdout  # the reports stand before the question
    assert len(shop.posts) == 2


@pytest.mark.parametrize("typed", [b"\n", b"n\n", b"yep\n", b"\x04", b"yy\n", b"\xe9y\n"])
def test_anything_but_a_yes_sends_nothing(typed: bytes, shop: Shop) -> None:
    done = asked(shop, shop.served(), typed, PYTHONIOENCODING="utf-8")
    assert done.returncode == exit_codes.INTERRUPTED, done.stderr
    assert "not sent" in done.stdout
    assert (shop.posts, shop.rows) == ([], [])


def test_the_question_counts_only_what_would_be_sent(shop: Shop) -> None:
    """What is identical to one under way is refused anyway, and needs no yes."""
    assert shop.send(shop.served()).returncode == exit_codes.OK
    done = asked(shop, [shop.served(), shop.served(1)], b"n\n")
    assert f"Send 1 paid request ({shop.folder / 'request.json'}[1]), USD 0.46" in done.stderr
    assert len(shop.posts) == 1


@pytest.mark.parametrize("shop", [{"polls": 0}], indirect=True)
def test_the_question_says_first_what_is_done_already(shop: Shop) -> None:
    shop.send([shop.served(number) for number in range(2)], "--wait")
    done = asked(shop, [shop.served(number) for number in range(3)], b"y\n")
    assert "2 are done already; send 1 paid request (" in done.stderr
    assert len(shop.posts) == 3


# --- what is needed, and what it may cost --------------------------------------------------


def test_a_dry_run_shows_the_exact_bodies_and_sends_nothing(shop: Shop) -> None:
    link = shop.sandbox.media_url("clip-8s.mp4")
    first = {
        "prompt": "Grüße\n\u202ea dance",
        "mode": "std",
        "model": "kling-v2-6-motion-control",
        "image_url": shop.sandbox.media_url("image.png"),
        "video_url": f"{link}?X-Amz-Signature=s3cret&part",
        "character_orientation": "video",
        "watermark_info": {"enabled": True},
    }
    done = shop.submit([first, shop.served(1)], "--dry-run", "--yes", "-q", APIMART_API_KEY="")
    assert done.returncode == exit_codes.OK, done.stderr
    assert "2 POSTs, USD 0.91. Nothing was sent: a dry run." in done.stdout
    assert "s3cret" not in done.stdout
    shown = re.findall(r"^POST (\S+) .*\n(\{\n(?:  .*\n)*\})$", done.stdout, re.MULTILINE)
    assert [url for url, _ in shown] == [f"{shop.sandbox.base}/v1/videos/generations"] * 2
    redacted = first | {"video_url": f"{link}?X-Amz-Signature=…&…", "prompt": shown[0][1]}
    body = json.loads(shown[0][1])
    assert list(body) == list(first)
    assert body | {"prompt": shown[0][1]} == redacted
    assert "Grüße" in body["prompt"]
    assert json.loads(shown[1][1]) == shop.served(1)
    assert {path for _, path in shop.sandbox.requests} == {
        "/media/clip-8s.mp4", "/media/image.png"
    }  # fmt: skip
    assert shop.rows == []


def test_a_dry_run_ends_as_the_run_would(shop: Shop) -> None:
    requests = [shop.served(), shop.served()]
    done = shop.submit(requests, "--dry-run", "-q")
    assert done.returncode == exit_codes.BROKEN
    assert "stands twice" in said(done)
    assert "1 POST, USD 0.46." in done.stdout
    assert shop.submit(mixed(shop, "fail"), "--dry-run", "-q").returncode == exit_codes.BROKEN
    over = shop.submit(shop.served(), "--dry-run", "-q", "--max-cost", "0.1")
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
    options: tuple[str, ...], settings: str, code: int, shop: Shop
) -> None:
    configuration = shop.folder / "config" / "motion-preflight" / "config.toml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text(settings, encoding="utf-8")
    done = shop.send([shop.served(), shop.served(1)], *options)
    assert done.returncode == code, done.stderr
    assert len(shop.posts) == (2 if code == exit_codes.OK else 0)
    assert len(shop.rows) == len(shop.posts)
    if code == exit_codes.CANNOT_RUN:
        assert str(configuration) in done.stderr
        return
    assert json.loads(done.stdout)["summary"]["over_budget"] is (code == exit_codes.OVER_BUDGET)
    assert ("this may cost" in done.stderr or "requests may cost" in done.stderr) == (
        code == exit_codes.OVER_BUDGET
    )


def test_the_budget_of_a_day_is_that_of_all_its_runs(shop: Shop) -> None:
    configuration = shop.folder / "config" / "motion-preflight" / "config.toml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text("max_cost_per_day = 1", encoding="utf-8")
    shop.sandbox.fault("400*1", "cut-after*1")
    codes = [shop.send(shop.served(number)).returncode for number in range(4)]
    # what is refused costs nothing, and what is unknown may have been billed
    assert codes == [exit_codes.BROKEN, exit_codes.UNKNOWN, exit_codes.OK, exit_codes.OVER_BUDGET]
    assert shop.states == ["rejected", "unknown", "submitted"]


@pytest.mark.parametrize("limit", ["option", "day", "none"])
def test_what_has_no_price_is_over_every_budget(limit: str, shop: Shop) -> None:
    profile = shop.folder / "profile.toml"
    profile.write_text("[models.new-motion-control]\n", encoding="utf-8")
    configuration = shop.folder / "config" / "motion-preflight" / "config.toml"
    configuration.parent.mkdir(parents=True)
    configuration.write_text("max_cost_per_day = 100" if limit == "day" else "", encoding="utf-8")
    request = shop.served(model="new-motion-control")
    options = ("--max-cost", "100") if limit == "option" else ()
    done = shop.submit(request, "--yes", "-q", "--profile", profile, *options)
    if limit == "none":
        assert (done.returncode, len(shop.posts)) == (exit_codes.OK, 1)
        assert "1 paid request (" in done.stderr
        assert ", no known cost, to " in done.stderr
    else:
        assert (done.returncode, shop.posts, shop.rows) == (exit_codes.OVER_BUDGET, [], [])
        assert "it has no known price" in said(done)


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
    environment: dict[str, str], options: tuple[str, ...], says: str, shop: Shop
) -> None:
    done = shop.submit(shop.served(), "--yes", *options, **environment)
    assert (done.returncode, done.stdout) == (exit_codes.CANNOT_RUN, "")
    assert says in done.stderr
    assert "5ecret" not in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert shop.sandbox.requests == []


def test_the_key_may_stand_in_a_file_and_the_base_url_end_in_its_version(shop: Shop) -> None:
    file = shop.folder / "key"
    file.write_text(f"Bearer {KEY}\n", encoding="utf-8")
    settings = {"APIMART_API_KEY": "", "APIMART_API_KEY_FILE": str(file)}
    done = shop.send(shop.served(), "--base-url", f"{shop.sandbox.base}/v1/", **settings)
    assert done.returncode == exit_codes.OK
    assert [post.authorized for post in shop.posts] == [True]
    assert shop.sandbox.keys_astray == []


def test_a_local_video_is_not_sent_and_a_local_picture_is_uploaded(shop: Shop) -> None:
    picture = str(MEDIA / "image.png")
    done = shop.submit(
        shop.served(video_url=str(MEDIA / "clip-8s.mp4")), "--yes", "--accept-unsure", "-q"
    )
    assert done.returncode == exit_codes.BROKEN
    assert "publish it, and put its direct link into video_url" in said(done)
    assert (shop.posts, shop.rows) == ([], [])

    shop.sandbox.fault("upload-500*1")
    done = shop.submit(shop.served(image_url=picture), "--yes", "-q")
    assert done.returncode == exit_codes.BROKEN
    assert "nothing was sent: the picture could not be uploaded (500" in said(done)
    assert (shop.posts, shop.rows) == ([], [])

    done = shop.send([shop.served(1, image_url=picture), shop.served(2, image_url=picture)])
    assert done.returncode == exit_codes.OK, done.stderr
    assert len(shop.sandbox.uploads) == 1
    links = {json.loads(post.body)["image_url"] for post in shop.posts}
    assert links == {f"{shop.sandbox.base}/uploads/1.png"}
    assert shop.send(shop.served(1, image_url=picture)).returncode == exit_codes.BROKEN


@pytest.mark.parametrize(
    ("shop", "faults", "code", "says"),
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
    indirect=["shop"],
)  # fmt: skip
def test_the_balance_is_looked_at_first(
    faults: tuple[str, ...], code: int, says: str, shop: Shop
) -> None:
    shop.sandbox.fault(*faults)
    done = shop.submit(shop.served(), "--yes", "-q")
    assert done.returncode == code, done.stderr
    assert says in said(done)
    assert ("the balance" in said(done)) == bool(says)
    assert len(shop.posts) == len(shop.rows) == (code == exit_codes.OK)


# --- waiting and fetching ------------------------------------------------------------------


@pytest.mark.parametrize("shop", [{"polls": 0}], indirect=True)
def test_waiting_ends_with_what_became_of_the_tasks(shop: Shop) -> None:
    shop.sandbox.fault("poll-failed*1", "poll-cancelled*1")
    requests = [shop.served(number) for number in range(3)]
    done = shop.submit(requests, "--yes", "-q", "--wait", "--format", "text",
                       "--format", f"json={shop.folder / 'report.json'}")  # fmt: skip
    assert done.returncode == exit_codes.BROKEN
    assert shop.states == ["failed", "cancelled", "completed"]
    written = json.loads((shop.folder / "report.json").read_text("utf-8"))
    assert [each["receipt"]["state"] for each in written["reports"]] == shop.states
    words = re.findall(r"^(\w+) +\S+\[\d\]$", done.stdout, re.MULTILINE)
    assert words[-3:] == shop.states
    assert "billed USD" in done.stdout
    for row in shop.rows:
        assert f"task {row['task_id']}" in said(done)


def test_the_end_of_the_wait_leaves_the_task_running(shop: Shop) -> None:
    done = shop.send(shop.served(), "--wait", "--wait-timeout", "0")
    assert done.returncode == exit_codes.UNSURE
    assert states(done) == ["submitted"]
    (row,) = shop.rows
    assert shop.sandbox.polls_of(row["task_id"]) == 1
    assert f"motion-preflight tasks wait {row['task_id']}" in done.stderr


@pytest.mark.parametrize("shop", [{"polls": 0}], indirect=True)
def test_results_are_fetched_into_files_and_nothing_is_overwritten(shop: Shop) -> None:
    clip, results = (MEDIA / "clip-8s.mp4").read_bytes(), shop.folder / "results"
    shop.sandbox.fault("poll-two*1")
    done = shop.submit([shop.served(0), shop.served(1)], "--yes", "-q", "--download", "results")
    assert done.returncode == exit_codes.OK, done.stderr
    two, one = (row["task_id"] for row in shop.rows)
    names = {f"{two}.mp4", f"{two}-2.mp4", f"{one}.mp4"}
    assert {file.name for file in results.iterdir()} == names
    assert all(file.read_bytes() == clip for file in results.iterdir())
    assert json.loads(shop.rows[1]["files"]) == [str(results / f"{one}.mp4")]
    for name in names:
        assert str(results / name) in said(done)

    # a file that somebody else has put there is kept
    other = shop.folder / "other"
    other.mkdir()
    (other / f"{one}.mp4").write_bytes(b"mine")
    done = shop.tasks("wait", one, "--download", other)
    assert done.returncode == exit_codes.BROKEN
    assert "is there already, and is not overwritten" in said(done)
    assert [file.read_bytes() for file in other.iterdir()] == [b"mine"]
    # and what was fetched before is no mistake
    assert shop.tasks("wait", one, "--download", results).returncode == exit_codes.OK


@pytest.mark.parametrize("shop", [{"polls": 0}], indirect=True)
def test_a_download_that_breaks_is_taken_up_where_it_ended(shop: Shop) -> None:
    shop.sandbox.fault("result-cut")
    done = shop.send(shop.served(), "--download", "results")
    assert done.returncode == exit_codes.BROKEN
    assert states(done) == ["completed"]
    assert "what came is kept, try again" in done.stderr
    (row,) = shop.rows
    (part,) = (shop.folder / "results").iterdir()
    assert part.name.startswith(f".{row['task_id']}.mp4.")
    held = part.stat().st_size
    assert held > 10_000

    shop.sandbox.clear_faults()
    done = shop.tasks("wait", row["intent"], "--download", "results")
    assert done.returncode == exit_codes.OK, done.stderr
    (file,) = (shop.folder / "results").iterdir()
    assert (file.name, file.read_bytes()) == (
        f"{row['task_id']}.mp4", (MEDIA / "clip-8s.mp4").read_bytes()
    )  # fmt: skip


# --- JSON ----------------------------------------------------------------------------------


def fits(value: object, shape: dict[str, Any], known: dict[str, Any]) -> bool:
    """Whether a value has exactly the keys and types that a JSON Schema of ours names."""
    if "$ref" in shape:
        return fits(value, known[shape["$ref"].rpartition("/")[2]], known)
    if "anyOf" in shape:
        return any(fits(value, each, known) for each in shape["anyOf"])
    if "enum" in shape or "const" in shape:
        return value in shape.get("enum", [shape.get("const")])
    if shape["type"] == "object" and "properties" in shape:
        fields = shape["properties"]
        return (
            isinstance(value, dict)
            and list(value) == list(fields)
            and all(fits(each, fields[name], known) for name, each in value.items())
        )
    if shape["type"] == "array":
        return isinstance(value, list) and all(fits(each, shape["items"], known) for each in value)
    types = {"string": str, "integer": int, "number": float, "boolean": bool, "null": type(None),
             "object": dict}  # fmt: skip
    return type(value) is types[shape["type"]]


@pytest.mark.parametrize("shop", [{"polls": 0}], indirect=True)
def test_json_is_the_documented_shape_whatever_became_of_the_requests(shop: Shop) -> None:
    document = json.loads((FORMATS / "report.schema.json").read_text("utf-8"))
    shop.sandbox.fault("400*1", "201-id*1", "cut-after*1")
    requests = [*mixed(shop, "fail", "unsure"), *(shop.served(number) for number in range(5))]
    done = shop.send(requests, "--cleared-only", "--wait")
    assert done.returncode == exit_codes.UNKNOWN
    assert states(done) == [None, None, "rejected", "completed", "unknown", None, None]
    found = json.loads(done.stdout)
    assert fits(found, document, document["$defs"])
    assert found["reports"][3]["receipt"] == {
        "intent": shop.rows[1]["intent"], "state": "completed",
        "task_id": shop.rows[1]["task_id"], "cost": float(shop.rows[1]["cost"]),
        "files": [], "already_done": False,
    }  # fmt: skip
    held = shop.submit(mixed(shop, "pass", "fail"), "--dry-run", "--format", "json")
    assert fits(json.loads(held.stdout), document, document["$defs"])
    assert receipts(held) == [None, None]

    listed = json.loads(shop.tasks("--format", "json").stdout)
    document = json.loads((FORMATS / "tasks.schema.json").read_text("utf-8"))
    assert fits(listed, document, document["$defs"])


# --- interruptions -------------------------------------------------------------------------

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals and streams of POSIX")
SIGNALS = pytest.mark.parametrize(
    "number", [pytest.param(each, marks=POSIX) for each in (signal.SIGINT, signal.SIGTERM)]
)


def running(shop: Shop, content: object, *options: str, **streams: Any) -> subprocess.Popen[str]:
    return started(
        "submit",
        shop.file(content),
        "--yes",
        "--allow-private",
        "-q",
        *options,
        folder=shop.folder,
        environment=customer(shop.sandbox, shop.folder),
        **streams,
    )


def ended(process: subprocess.Popen[str]) -> Done:
    stdout, stderr = process.communicate(timeout=60)
    return Done(process.args, process.returncode, stdout, stderr)


@SIGNALS
def test_an_interruption_before_anything_is_sent_sends_nothing(
    number: signal.Signals, shop: Shop
) -> None:
    with Host() as host:
        url = host.serve("clip.mp4", MEDIA / "clip-8s.mp4", Habit(stall_after=1000))
        process = running(shop, [shop.served(), shop.served(1, video_url=url)])
        until(lambda: host.requests(url))
        process.send_signal(number)
        done = ended(process)
    assert done.returncode == (exit_codes.INTERRUPTED if number == signal.SIGINT else 143)
    assert (shop.posts, shop.rows) == ([], [])
    assert "Traceback" not in done.stderr


@SIGNALS
def test_an_interruption_during_the_post_is_an_unknown_outcome(
    number: signal.Signals, shop: Shop
) -> None:
    shop.sandbox.fault("201-id*1", "stall")
    process = running(shop, [shop.served(number) for number in range(3)])
    until(lambda: len(shop.posts) == 2 and shop.posts[1].task_id)
    process.send_signal(number)
    done = ended(process)
    assert done.returncode == exit_codes.UNKNOWN
    assert shop.states == ["submitted", "unknown"]
    assert len(shop.posts) == 2
    assert f"motion-preflight tasks resolve {shop.rows[1]['intent']} --task" in done.stderr
    assert re.findall(r"^(\w+(?: sent)?) +\S+\[\d\]$", done.stdout, re.MULTILINE)[-3:] == [
        "submitted", "unknown", "not sent"
    ]  # fmt: skip
    assert "Traceback" not in done.stderr


@POSIX
def test_a_second_interruption_changes_nothing_of_that(shop: Shop) -> None:
    """Who is impatient presses Ctrl-C twice: while the outcome is being written down, too."""
    shop.sandbox.fault("stall")
    file = shop.folder / "state" / "ledger.sqlite3"
    process = running(shop, [shop.served(), shop.served(1)])
    until(lambda: shop.posts and shop.posts[0].task_id)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # so that the program is there when the second one comes
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        other.execute("ROLLBACK")
    done = ended(process)
    assert done.returncode == exit_codes.UNKNOWN
    assert shop.rows[0]["intent"] in done.stderr
    assert len(shop.posts) == 1


@SIGNALS
@pytest.mark.parametrize("shop", [{"delay": 0.5}], indirect=True)
def test_an_interruption_while_the_answer_is_written_down_does_not_lose_it(
    number: signal.Signals, shop: Shop
) -> None:
    """The provider has given the task its id: nothing but this process knows it."""
    file = shop.folder / "state" / "ledger.sqlite3"
    process = running(shop, [shop.served(), shop.served(1)])
    until(lambda: len(shop.rows) == 1)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        until(lambda: shop.posts)
        connections = len(shop.sandbox._open)
        until(lambda: len(shop.sandbox._open) < connections)  # it has read the answer
        time.sleep(0.1)
        process.send_signal(number)
        time.sleep(0.3)
        other.execute("ROLLBACK")
    done = ended(process)
    (row,) = shop.rows
    assert (row["state"], row["task_id"]) == ("submitted", shop.posts[0].task_id)
    assert done.returncode == (exit_codes.INTERRUPTED if number == signal.SIGINT else 143)
    assert str(row["task_id"]) in done.stdout


@pytest.mark.parametrize("shop", [{"delay": 0.5}], indirect=True)
@pytest.mark.parametrize(("fault", "code"), [("201-id", 5), ("400", 2), ("cut-after", 5)])
def test_an_answer_that_cannot_be_written_down_is_told(fault: str, code: int, shop: Shop) -> None:
    """The ledger is lost while the POST is under way; then the second one cannot be sent."""
    shop.sandbox.fault(fault)
    process = running(shop, [shop.served(), shop.served(1)])
    until(lambda: len(shop.posts) == 1)
    (row,) = shop.rows
    shutil.rmtree(shop.folder / "state")
    done = ended(process)
    assert done.returncode == code, done.stderr
    assert row["intent"] in said(done)
    assert "ledger.sqlite3 cannot be used" in done.stderr
    assert "Traceback" not in done.stderr
    assert re.findall(r"^(\w+(?: sent)?) +\S+\[\d\]$", done.stdout, re.MULTILINE)[-2:] == [
        {"201-id": "submitted", "400": "rejected"}.get(fault, "unknown"), "not sent"
    ]  # fmt: skip
    if fault == "201-id":
        assert f"task {shop.posts[0].task_id}" in done.stderr
    assert len(shop.posts) == 1


@SIGNALS
def test_an_interruption_while_waiting_leaves_the_tasks_and_their_receipts(
    number: signal.Signals, shop: Shop
) -> None:
    process = running(shop, [shop.served(), shop.served(1)], "--wait", "--format", "json")
    until(lambda: [path for _, path in shop.sandbox.requests if path.startswith("/v1/tasks/")])
    process.send_signal(number)
    done = ended(process)
    assert done.returncode == (exit_codes.INTERRUPTED if number == signal.SIGINT else 143)
    assert shop.states == ["submitted", "submitted"]
    assert "motion-preflight tasks wait" in done.stderr
    assert states(done) == ["submitted", "submitted"]


@SIGNALS
def test_an_interruption_between_two_attempts_leaves_what_was_answered(
    number: signal.Signals, shop: Shop
) -> None:
    shop.sandbox.fault("429")
    process = running(shop, [shop.served(), shop.served(1)])
    until(lambda: shop.posts and shop.posts[0].answered)
    time.sleep(0.2)
    process.send_signal(number)
    done = ended(process)
    assert done.returncode == (exit_codes.INTERRUPTED if number == signal.SIGINT else 143)
    assert shop.states == ["rejected"]
    assert len(shop.posts) == 1
    assert "not sent" in done.stdout


# --- where output goes ---------------------------------------------------------------------


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_nothing_is_sent_when_the_reports_cannot_be_shown(shop: Shop) -> None:
    with Path("/dev/full").open("w") as full:
        done = ended(running(shop, shop.served(), stdout=full))
    assert done.returncode == exit_codes.CANNOT_RUN
    assert "the output: cannot be written" in done.stderr
    assert (shop.posts, shop.rows) == ([], [])


@POSIX
def test_nothing_is_sent_when_the_reader_of_the_reports_has_left(shop: Shop) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = ended(running(shop, shop.served(), stdout=writing))
    finally:
        os.close(writing)
    assert (shop.posts, shop.rows) == ([], [])
    assert done.returncode == exit_codes.CANNOT_RUN


def test_nothing_is_sent_when_a_report_file_cannot_be_written(shop: Shop) -> None:
    missing = shop.folder / "no-folder" / "report.json"
    done = ended(running(shop, shop.served(), "--format", f"json={missing}"))
    assert done.returncode == exit_codes.CANNOT_RUN
    assert str(missing) in done.stderr
    assert (shop.posts, shop.rows) == ([], [])


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_receipt_that_cannot_be_written_at_the_end_is_told_on_stderr(shop: Shop) -> None:
    """The document is written when everything is over: what was sent must be said all the same."""
    with Path("/dev/full").open("w") as full:
        done = ended(running(shop, shop.served(), "--format", "json", stdout=full))
    assert done.returncode == exit_codes.CANNOT_RUN
    for row in shop.rows:
        assert row["intent"] in done.stderr


@POSIX
def test_closed_streams_are_as_good_as_none(shop: Shop) -> None:
    """Who closes a stream wants to see nothing on it, as with /dev/null; nothing of it may end
    up in a file that got its number.
    """
    file = shop.file([shop.served(), shop.served(1)])
    environment = surroundings(shop.folder, **customer(shop.sandbox, shop.folder))
    script = '"$0" -m motion_preflight submit "$1" --yes --allow-private <&- >&- 2>&-'
    command = ["sh", "-c", script, sys.executable, str(file)]
    done = subprocess.run(command, env=environment, timeout=60, check=False)
    assert done.returncode == exit_codes.OK
    assert shop.states == ["submitted", "submitted"]
    assert shop.tasks().returncode == exit_codes.OK


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("shop", [{"polls": 0}], indirect=True)
def test_a_full_stderr_is_no_bug_and_hides_no_receipt(shop: Shop) -> None:
    with Path("/dev/full").open("w") as full:
        done = ended(running(shop, shop.served(), "--wait", "--format", "json", stderr=full))
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
    shop: Shop,
) -> None:
    home = shop.folder / "config"
    (home / "motion-preflight").mkdir(parents=True)
    if setting is not None:
        (home / "motion-preflight" / "config.toml").write_text(f"max_requests = {setting}\n")
    options = ["--max-requests", option] if option else []
    done = shop.send([shop.served(0), shop.served(1)], *options, XDG_CONFIG_HOME=str(home))
    assert done.returncode == (exit_codes.OK if sent else exit_codes.OVER_BUDGET), done.stderr
    assert len(shop.posts) == 2 * sent
    assert sent or "2 paid requests, and at most 1 may be sent" in done.stderr


def test_a_lower_price_of_yours_lifts_no_budget(shop: Shop) -> None:
    options = ("--price", "0.001", "--max-cost", "0.4")  # by the profile's price it is 0.46
    done = shop.send(shop.served(), *options)
    assert (done.returncode, shop.posts) == (exit_codes.OVER_BUDGET, [])
    assert "USD 0.00 of 0.40 spent in this run, 0.40 left; this may cost 0.4" in done.stderr


def test_a_batch_ends_with_its_sums(shop: Shop) -> None:
    done = shop.send([shop.served(0), shop.served(1)])
    assert "2 of 2 requests sent, 0 done; billed not known yet; estimated " in done.stderr
    done = shop.submit([shop.served(2), shop.served(3)], "--yes")
    assert "2 of 2 requests sent, 0 done" in " ".join(done.stdout.split())
    assert "requests sent" not in said(shop.submit(shop.served(4), "--yes"))


# --- what is said of the money is what is paid --------------------------------------------


def test_the_total_is_of_what_will_be_paid(shop: Shop) -> None:
    """A second one of a request, and one under way, cost nothing: they are over no budget."""
    assert shop.send(shop.served(1)).returncode == exit_codes.OK
    requests = [shop.served(1), shop.served(2), shop.served(2)]
    done = shop.submit(requests, "--yes", "-q", "--max-cost", "0.5")
    assert len(shop.posts) == 2
    assert "What may be sent would cost USD 0.46; the budget is USD 0.50: within it" in said(done)
    assert "OVER BUDGET" not in done.stdout


@pytest.mark.parametrize("form", ["json", "markdown", "github", "junit"])
def test_no_document_of_a_run_that_paid_calls_it_over_budget(form: str, shop: Shop) -> None:
    requests = [shop.served(1), shop.served(1)]
    done = shop.submit(requests, "--yes", "--max-cost", "0.5", "--format", form)
    assert len(shop.posts) == 1
    assert '"over_budget": true' not in done.stdout
    assert "over budget" not in done.stdout.lower()


@pytest.mark.parametrize("shop", [{"polls": 0}], indirect=True)
@pytest.mark.parametrize("form", ["text", "markdown", "github"])
def test_what_was_billed_before_is_not_billed_by_this_run(form: str, shop: Shop) -> None:
    requests = [shop.served(number) for number in range(2)]
    assert shop.send(requests, "--wait").returncode == exit_codes.OK
    done = shop.submit(requests, "--yes", "--format", form)
    assert len(shop.posts) == 2
    assert re.search(r"done already(, billed before: | \(billed before: )USD 0\.80?\b", said(done))
    assert not re.search(r"Billed USD|billed not known", said(done))
    assert not re.search("0 done(?! already)", said(done))


@pytest.mark.parametrize("shop", [{"polls": 0}], indirect=True)
def test_a_dry_run_has_one_closing_line(shop: Shop) -> None:
    requests = [shop.served(number) for number in range(2)]
    assert shop.send(requests, "--wait").returncode == exit_codes.OK
    done = shop.submit([*requests, shop.served(2)], "--dry-run", "-q")
    assert done.stdout.rstrip().endswith(
        "2 are done already; 1 POST, USD 0.46. Nothing was sent: a dry run."
    )


def test_a_reason_that_many_share_is_given_once(shop: Shop) -> None:
    requests = [shop.served(number) for number in range(9)]
    done = shop.submit(requests, "--yes", "-q", "--max-requests", "3")
    assert shop.posts == []
    assert said(done).count("at most 3 may be sent") == 1
    assert "not sent    9 requests (" in done.stdout
    summary = shop.submit(requests, "--yes", "--format", "markdown", "--max-requests", "3").stdout
    assert summary.count("at most 3 may be sent") == 1
    assert "and 4 more" in summary


def test_quiet_hides_no_warning_about_what_is_paid_for(shop: Shop) -> None:
    done = shop.submit(shop.served(krompt="she dances"), "-q", "--dry-run")
    assert "(1 warning: request-field-unknown)" in said(done)
