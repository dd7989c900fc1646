"""The sandbox keeps its promises: every fault, seen from a plain client or a bare socket."""

from __future__ import annotations

import datetime as dt
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from threading import Thread
from threading import enumerate as enumerate_threads
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

import pytest
from paths import ROOT
from warm import warm

from motion_preflight.pipeline import default_profile
from motion_preflight.sandbox import wire
from motion_preflight.sandbox.documents import sample
from motion_preflight.sandbox.fault_table import FAULTS
from motion_preflight.sandbox.rehearsal import Rehearsal, rehearsal
from motion_preflight.sandbox.sample_media import CLIP, PICTURE, sample_media
from motion_preflight.sandbox.server import Sandbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SCRIPTS = ROOT / "scripts"
KEY = {"Authorization": "Bearer very-secret"}
PAID = "/v1/videos/generations"
UPLOADS = "/v1/uploads/images"
SILENCE = 0.2  # seconds that show that nothing more comes
PATIENCE = 5.0  # seconds that something may take
End = Literal["end", "reset", "silence"]


@dataclass
class Got:
    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool = True  # False: the body ended before it should have

    @property
    def document(self) -> Any:
        return json.loads(self.body)

    @property
    def data(self) -> Any:
        return self.document["data"]


def ask(
    sandbox: Sandbox,
    path: str,
    method: str = "GET",
    body: bytes | None = None,
    headers: dict[str, str] = KEY,
) -> Got:
    """One request over a connection of its own."""
    client = http.client.HTTPConnection(urlsplit(sandbox.base).netloc, timeout=5)
    try:
        client.request(method, path.removeprefix(sandbox.base), body, headers)
        reply = client.getresponse()
        results = {name.lower(): value for name, value in reply.getheaders()}
        try:
            return Got(reply.status, results, reply.read())
        except http.client.IncompleteRead as cut:
            return Got(reply.status, results, cut.partial, whole=False)
    finally:
        client.close()


def order(sandbox: Sandbox, **changes: object) -> bytes:
    """A request that is taken."""
    body = {
        "model": "kling-v2-6-motion-control",
        "image_url": sandbox.media_url("image.png"),
        "video_url": sandbox.media_url("clip-8s.mp4") + "?signature=hidden",
        "character_orientation": "image",
        "mode": "std",
    }
    return json.dumps(body | changes).encode()


def submit(sandbox: Sandbox, headers: dict[str, str] = KEY, **changes: object) -> Got:
    return ask(sandbox, PAID, "POST", order(sandbox, **changes), headers)


def poll(sandbox: Sandbox, task_id: str) -> Got:
    return ask(sandbox, f"/v1/tasks/{task_id}")


def created(sandbox: Sandbox) -> str:
    """The id of a task that was just made."""
    task_id = submit(sandbox).data[0]["task_id"]
    assert isinstance(task_id, str)
    return task_id


def form(data: bytes, name: str = "file", filename: str = "me.png") -> dict[str, Any]:
    parts = (
        b'--xx\r\nContent-Disposition: form-data; name="other"\r\n\r\nname="file"\r\n',
        f'--xx\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"'.encode(),
        b"\r\nContent-Type: image/png\r\n\r\n" + data + b"\r\n--xx--\r\n",
    )
    headers = KEY | {"Content-Type": "multipart/form-data; boundary=xx"}
    return {"method": "POST", "body": b"".join(parts), "headers": headers}


def raw(sandbox: Sandbox, method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of a request."""
    named = {"Host": "sandbox", **KEY, "Content-Length": str(len(body)), **headers}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in named.items())
    return f"{method} {path.removeprefix(sandbox.base)} HTTP/1.1\r\n{lines}\r\n".encode() + body


def sent(sandbox: Sandbox, request: bytes, patience: float = PATIENCE) -> tuple[bytes, End]:
    """All that comes back over a connection of its own, and how that ended."""
    parts = urlsplit(sandbox.base)
    answer = b""
    with socket.create_connection((parts.hostname, parts.port), 5) as sock:
        sock.sendall(request)
        sock.settimeout(patience)
        try:
            while piece := sock.recv(1 << 16):
                answer += piece
        except ConnectionResetError:
            return answer, "reset"
        except TimeoutError:
            return answer, "silence"
    return answer, "end"


def split(answer: bytes) -> tuple[int, dict[str, str], bytes]:
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    named = (line.partition(": ") for line in lines)
    return int(first.split()[1]), {name.lower(): value for name, _, value in named}, body


def until(holds: Callable[[], object]) -> None:
    """Waits for what another thread is about to do: a client may be ahead of the log."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < PATIENCE
        time.sleep(0.005)


# --- the paid POST -----------------------------------------------------------------------


@dataclass(frozen=True)
class Cut:
    """What becomes of an exchange that ends early."""

    end: End
    billed: bool
    complete: bool = True  # the request was read
    status: int | None = None


CUTS = {
    "cut-before": Cut("end", billed=False, complete=False),
    "reset-before": Cut("reset", billed=False, complete=False),
    "cut-in-request": Cut("reset", billed=False, complete=False),
    "cut-after-refused": Cut("end", billed=False),
    "cut-after": Cut("end", billed=True),
    "cut-in-header": Cut("end", billed=True, status=200),
    "cut-in-body": Cut("end", billed=True, status=200),
    "cut-in-body-after-id": Cut("end", billed=True, status=200),
    "stall": Cut("silence", billed=True),
    "slow": Cut("silence", billed=True, status=200),
}
WITH_AN_ID = {"429-id": 429, "503-id": 503}  # statuses of an error under which a task is named
REFUSALS = {
    name: int(name[:3])
    for name in FAULTS
    if re.fullmatch(r"[345]\d\d.*", name) and name not in WITH_AN_ID
} | {"echo-key": 400}
SUCCESSES = {
    "200-no-id": 200,
    "200-code-400": 200,
    "200-not-json": 200,
    "200-empty": 200,
    "201-id": 201,
    "200-code-500-id": 200,
    "202-object": 202,
    "200-id-number": 200,
    "200-id-root": 200,
    "200-id-nested": 200,
    **WITH_AN_ID,
}
KINDS = {
    "503-idempotency": "idempotency_unavailable",
    "409-in-progress": "idempotency_in_progress",
    "429-quota": "insufficient_quota",
}
TYPES = {
    401: "authentication_error",
    402: "payment_required",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


def test_every_fault_of_the_paid_post_stands_in_a_table() -> None:
    named = {name for name, fault in FAULTS.items() if fault.at == "submit"}
    assert named == {*CUTS, *REFUSALS, *SUCCESSES}


@pytest.mark.parametrize("name", CUTS)
def test_a_cut(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "DRIP", 10)  # one byte, then silence
    expected = CUTS[name]
    with Sandbox(faults=[name], probe=False) as sandbox:
        request = order(sandbox)
        whole = raw(sandbox, "POST", PAID, request, Idempotency_Key="key-1")
        answer, end = sent(sandbox, whole, SILENCE if expected.end == "silence" else PATIENCE)
        until(lambda: sandbox.posts[0].status == expected.status)
        until(lambda: bool(sandbox.tasks) == expected.billed)
    [post], tasks = sandbox.posts, sandbox.tasks
    assert end == expected.end
    assert (post.status, post.complete) == (expected.status, expected.complete)
    assert not post.answered
    assert (post.task_id is not None, list(tasks)) == (
        expected.billed,
        [post.task_id] if expected.billed else [],
    )
    assert (post.number, post.authorized) == (1, True)
    assert post.headers["idempotency-key"] == "key-1"
    assert "very-secret" not in repr(post.headers)
    assert post.body == request if post.complete else len(post.body) in (0, len(request) // 2)
    assert bool(answer) == (expected.status is not None)


def test_where_a_cut_answer_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "DRIP", 0.0005)
    faults = ("cut-in-header*1", "cut-in-body*1", "cut-in-body-after-id*1", "slow*1")
    with Sandbox(faults=faults, probe=False) as sandbox:
        whole = raw(sandbox, "POST", PAID, order(sandbox), Connection="close")
        header, body, surplus, slow = (sent(sandbox, whole)[0] for _ in faults)
        posts = sandbox.posts
    assert header.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"\r\n\r\n" not in header
    _, headers, answer = split(body)
    assert len(answer) == int(headers["content-length"]) // 2
    _, headers, answer = split(surplus)
    assert json.loads(answer)["data"][0]["task_id"] == posts[2].task_id
    assert int(headers["content-length"]) > len(answer)
    _, headers, answer = split(slow)
    assert len(answer) == int(headers["content-length"])
    assert [post.answered for post in posts] == [False, False, False, True]


def test_a_dripping_answer_takes_its_time() -> None:
    with Sandbox(faults=["slow"], probe=False) as sandbox:
        parts = urlsplit(sandbox.base)
        with socket.create_connection((parts.hostname, parts.port), 5) as sock:
            sock.sendall(raw(sandbox, "POST", PAID, order(sandbox)))
            begun = time.monotonic()
            with sock.makefile("rb") as file:
                assert file.read(5) == b"HTTP/"
            assert time.monotonic() - begun > 3 * wire.DRIP
        assert sandbox.posts[0].status == 200
    assert not sandbox.posts[0].answered


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal(name: str) -> None:
    with Sandbox(faults=[name], probe=False) as sandbox:
        got = submit(sandbox)
        [post] = sandbox.posts
        assert got.status == post.status == REFUSALS[name]
        assert (post.complete, post.answered) == (True, True)
        assert bool(sandbox.tasks) == (post.task_id is not None) == (name == "504-billed")
    if name in ("500-html", "502-text"):
        assert got.headers["content-type"] == ("text/html" if "html" in name else "text/plain")
    else:
        kind = TYPES.get(
            got.status, "invalid_request_error" if got.status < 500 else "server_error"
        )
        error = got.document["error"]
        assert set(error) == set(sample("error")["error"])
        assert error["code"] == got.status
        assert error["type"] == KINDS.get(name, kind)
        assert error["message"]


def test_what_goes_with_a_refusal() -> None:
    faults = ("429*1", "429-later*1", "429-much-later*1", "echo-key*1", "302*1")
    with Sandbox(faults=faults, probe=False) as sandbox:
        plain, later, much_later, echo, moved = (submit(sandbox) for _ in faults)
        assert "retry-after" not in plain.headers
        assert later.headers["retry-after"] == "1"
        assert much_later.headers["retry-after"] == "3600"
        assert "Bearer very-secret" in echo.document["error"]["message"]
        assert "clip-8s.mp4?signature=hidden" in echo.document["error"]["message"]
        assert moved.headers["location"] == "/v1/moved"
        assert ask(sandbox, "/v1/moved", "POST", b"{}").status == 404
        assert sandbox.requests == [("POST", PAID)] * 5 + [("POST", "/v1/moved")]
        assert len(sandbox.posts) == 5


@pytest.mark.parametrize("name", SUCCESSES)
def test_an_odd_success(name: str) -> None:
    with Sandbox(faults=[name], probe=False) as sandbox:
        got = submit(sandbox)
        [post] = sandbox.posts
        assert got.status == post.status == SUCCESSES[name]
        assert post.answered
        assert list(sandbox.tasks) == ([] if name == "200-code-400" else [post.task_id])
        task_id: object = post.task_id
        if name == "200-empty":
            assert got.body == b""
        elif name == "200-not-json":
            with pytest.raises(json.JSONDecodeError):
                json.loads(got.body)
        elif name == "200-no-id":
            assert got.document == {"code": 200, "data": []}
        elif name == "200-code-400":
            assert got.document["code"] == 400
            assert "data" not in got.document
        elif name == "200-id-root":
            assert got.document == {"code": 200, "task_id": task_id}
        elif name == "200-id-nested":
            assert got.document == {"code": 200, "data": {"task": {"id": task_id}}}
        elif name == "503-id":
            assert got.document["data"]["id"] == task_id
        elif name == "202-object":
            assert got.document == {"code": 202, "data": {"id": task_id, "status": "queued"}}
        else:
            code = 500 if "500" in name else 200
            answer = int(str(task_id)) if "number" in name else task_id
            data = [{"status": "submitted", "task_id": answer}]
            assert got.document == {"code": code, "data": data}
        if post.task_id:
            assert poll(sandbox, post.task_id).data["id"] == post.task_id


def test_a_request_is_written_down_before_it_has_arrived() -> None:
    with Sandbox(probe=False) as sandbox:
        parts = urlsplit(sandbox.base)
        with socket.create_connection((parts.hostname, parts.port), 5) as sock:
            sock.sendall(raw(sandbox, "POST", PAID, b"{}" * 100)[:-150])
            until(lambda: sandbox.posts)
            [post] = sandbox.posts
            assert (post.complete, post.status, post.task_id) == (False, None, None)
        until(lambda: sandbox.posts[0].body)
        [post] = sandbox.posts
        assert (len(post.body), post.complete, post.status) == (50, False, None)
        assert sandbox.tasks == {}


def test_the_delay_is_slept_when_the_task_is_made() -> None:
    with Sandbox(probe=False, delay=0.5) as sandbox:
        begun = time.monotonic()
        thread = Thread(target=submit, args=(sandbox,))
        thread.start()
        until(lambda: sandbox.tasks)
        assert sandbox.posts[0].status is None
        thread.join()
        assert time.monotonic() - begun >= 0.5
        assert sandbox.posts[0].answered


def test_both_forms_and_the_samples() -> None:
    with Sandbox(probe=False) as sandbox, Sandbox(probe=False, form="object") as newer:
        got, other = submit(sandbox), submit(newer)
    assert got.document == sample("submitted-list") | {"data": got.data}
    assert set(got.data[0]) == set(sample("submitted-list")["data"][0])
    assert other.status == 202
    assert set(other.data) == set(sample("submitted-object")["data"])
    assert other.data["id"].startswith("task_")


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer "}, {"Authorization": "very"}])
def test_a_key_is_needed_everywhere(headers: dict[str, str]) -> None:
    with Sandbox(probe=False) as sandbox:
        task = created(sandbox)
        answers = [
            submit(sandbox, headers),
            ask(sandbox, f"/v1/tasks/{task}", headers=headers),
            ask(sandbox, "/v1/balance", headers=headers),
            ask(sandbox, "/v1/user/balance", headers=headers),
            ask(sandbox, UPLOADS, "POST", b"", headers),
        ]
        for got in answers:
            assert got.status == 401
            assert got.document["error"]["type"] == "authentication_error"
        assert [post.authorized for post in sandbox.posts] == [True, False]
        assert len(sandbox.tasks) == 1
        assert sandbox.keys_astray == []


def test_only_its_own_key_is_taken_and_it_is_for_the_api_only() -> None:
    with Sandbox(probe=False, key="the key") as sandbox:
        assert submit(sandbox).status == 401
        good = {"Authorization": "Bearer the key"}
        assert submit(sandbox, good).status == 200
        assert [post.authorized for post in sandbox.posts] == [False, True]
        ask(sandbox, "/media/image.png", headers=good)
        assert sandbox.keys_astray == ["/media/image.png"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000])
def test_what_is_no_request_is_refused(body: bytes) -> None:
    with Sandbox(probe=False) as sandbox:
        got = ask(sandbox, PAID, "POST", body)
        assert got.status == 400
        assert got.document["error"]["type"] == "invalid_request_error"
        assert sandbox.posts[0].complete


def test_a_body_that_cannot_be_read_is_refused() -> None:
    with Sandbox(probe=False) as sandbox:
        chunked = raw(sandbox, "POST", PAID, b"0\r\n\r\n", Transfer_Encoding="chunked")
        large = raw(sandbox, "POST", PAID).replace(b"Length: 0", b"Length: 99999999999")
        assert [split(sent(sandbox, item)[0])[0] for item in (chunked, large)] == [411, 413]
        assert [post.complete for post in sandbox.posts] == [False, False]


def test_paths_and_methods_that_are_not_there() -> None:
    with Sandbox(probe=False) as sandbox:
        for method, path in (("GET", PAID), ("GET", "/"), ("POST", "/v1/tasks/x"), ("GET", "/v1")):
            got = ask(sandbox, path + "?token=1", method)
            assert got.document["error"]["type"] == "not_found_error"
            assert sandbox.requests[-1] == (method, path)
        assert sandbox.posts == []
        sent(sandbox, b"nonsense\r\n\r\n")
        assert submit(sandbox).status == 200


# --- faults, counted ---------------------------------------------------------------------


def test_faults_come_in_their_order_and_are_used_up() -> None:
    with Sandbox(faults=["500*2", "poll-404*1", "401*1"], probe=False) as sandbox:
        assert [submit(sandbox).status for _ in range(4)] == [500, 500, 401, 200]
        assert poll(sandbox, sandbox.posts[-1].task_id or "").status == 404
        sandbox.fault("429", "400*1")
        assert [submit(sandbox).status for _ in range(2)] == [429, 429]
        sandbox.clear_faults()
        assert submit(sandbox).status == 200
        assert [post.number for post in sandbox.posts] == list(range(1, 8))


@pytest.mark.parametrize("name", ["no-such", "500*0", "500*", "500*x", "*1", ""])
def test_an_unknown_fault_names_the_others(name: str) -> None:
    answer = "how often" if name.startswith("500") else "cut-before.*result-short"
    with pytest.raises(ValueError, match=answer):
        Sandbox(faults=["400", name])
    with Sandbox(probe=False) as sandbox:
        with pytest.raises(ValueError, match=answer):
            sandbox.fault("400", name)
        assert submit(sandbox).status == 200


def test_it_listens_on_loopback_only() -> None:
    with pytest.raises(ValueError, match="loopback"):
        Sandbox(address="0.0.0.0")


def test_over_ipv6() -> None:
    try:
        running = Sandbox(address="::1", probe=False)
    except OSError:
        pytest.skip("no IPv6 loopback here")
    with running as sandbox:
        assert ask(sandbox, sandbox.media_url("image.png")).status == 200


# --- polls -------------------------------------------------------------------------------


@pytest.mark.parametrize("polls", [0, 1, 3])
def test_a_task_is_polled_until_it_is_completed(polls: int) -> None:
    with Sandbox(probe=False, polls=polls) as sandbox:
        task = created(sandbox)
        words = [poll(sandbox, task).data["status"] for _ in range(polls + 2)]
        assert words == ["processing"] * polls + ["completed"] * 2
        assert sandbox.polls_of(task) == polls + 2
        assert sandbox.tasks[task].status == "completed"
        data = poll(sandbox, task).data
        assert poll(sandbox, "task_unknown").status == 404
        assert sandbox.polls_of("task_other") == 0
        assert ask(sandbox, data["result"]["videos"][0]["url"][0]).status == 200
    assert set(data) == set(sample("task-completed")["data"])
    assert (data["cost"], data["credits_cost"], data["progress"]) == (0.4, 4.0, 100)
    assert data["result"]["videos"][0]["expires_at"] > time.time()


def test_what_a_processing_task_does_not_have() -> None:
    with Sandbox(probe=False) as sandbox:
        data = poll(sandbox, created(sandbox)).data
    assert set(data) == set(sample("task-processing")["data"])
    assert not {"result", "error"} & set(data)


@pytest.mark.parametrize("status", [401, 404, 429, 500, 502])
def test_a_poll_that_is_refused_is_not_an_answer(status: int) -> None:
    with Sandbox(probe=False, faults=[f"poll-{status}*2"]) as sandbox:
        task = created(sandbox)
        answers = [poll(sandbox, task) for _ in range(4)]
        assert [got.status for got in answers] == [status, status, 200, 200]
        assert answers[0].document["error"]["code"] == status
        assert [got.data["status"] for got in answers[2:]] == ["processing", "completed"]
        assert sandbox.polls_of(task) == 4


def test_polls_without_an_answer() -> None:
    with Sandbox(probe=False, faults=["poll-html*1", "poll-cut*1", "poll-stall*1"]) as sandbox:
        task = created(sandbox)
        got = poll(sandbox, task)
        assert (got.status, got.headers["content-type"]) == (200, "text/html")
        assert not poll(sandbox, task).whole
        request = raw(sandbox, "GET", f"/v1/tasks/{task}")
        assert sent(sandbox, request, SILENCE) == (b"", "silence")
        assert sandbox.polls_of(task) == 3


def test_a_task_in_limbo() -> None:
    with Sandbox(probe=False, faults=["poll-odd*1"], polls=0) as sandbox:
        task = created(sandbox)
        odd, then = (poll(sandbox, task).data for _ in range(2))
    assert (odd["status"], "result" in odd) == ("in_limbo", False)
    assert then["status"] == "completed"


@pytest.mark.parametrize(
    ("name", "word", "code"),
    [
        ("poll-failed", "failed", 500),
        ("poll-failed-text", "failed", "content_policy_violation"),
        ("poll-cancelled", "cancelled", None),
    ],
)
def test_a_task_that_fails_stays_so(name: str, word: str, code: object) -> None:
    with Sandbox(probe=False, faults=[f"{name}*1"]) as sandbox:
        task = created(sandbox)
        assert poll(sandbox, task).data["status"] == "processing"
        for _ in range(2):
            data = poll(sandbox, task).data
            assert data["status"] == word
            assert "result" not in data
            assert data.get("error", {}).get("code") == code
            assert set(data) == set(sample("task-failed")["data"]) - (
                {"error"} if code is None else set()
            )
            sandbox.clear_faults()
        assert sandbox.tasks[task].status == word
        created(sandbox)
        other = list(sandbox.tasks)[1]
        assert [poll(sandbox, other).data["status"] for _ in range(2)][1] == "completed"


def test_odd_ways_to_be_completed() -> None:
    names = ("no-cost", "credits", "url-text", "two", "expired", "no-video")
    with Sandbox(probe=False, faults=[f"poll-{name}*1" for name in names], polls=0) as sandbox:
        task = created(sandbox)
        results = {name: poll(sandbox, task).data for name in names}
        assert poll(sandbox, task).data["cost"] == 0.4
        url = f"{sandbox.base}/results/{task}.mp4"
        two = [video["url"][0] for video in results["two"]["result"]["videos"]]
        assert [ask(sandbox, item).status for item in two] == [200, 200]
    assert {item["status"] for item in results.values()} == {"completed"}
    assert not {"cost", "credits_cost"} & set(results["no-cost"])
    assert (results["credits"].get("cost"), results["credits"]["credits_cost"]) == (None, 4.0)
    assert results["url-text"]["result"]["videos"][0]["url"] == url
    assert two == [url, url.replace(".mp4", "-2.mp4")]
    assert results["expired"]["result"]["videos"][0]["expires_at"] < time.time()
    assert results["no-video"]["result"] == {"videos": []}


# --- money -------------------------------------------------------------------------------


def test_a_task_is_paid_from_both_balances() -> None:
    with Sandbox(
        probe=False, balance=Decimal(1), account_balance=Decimal("0.9"), credit=False
    ) as sandbox:
        assert [submit(sandbox).status for _ in range(3)] == [200, 200, 402]
        own, account = (ask(sandbox, f"/v1/{path}balance").document for path in ("", "user/"))
    assert set(own) == set(sample("balance"))
    assert (own["remain_balance"], own["used_balance"]) == (0.2, 0.8)
    assert (account["remain_balance"], account["used_balance"]) == (0.1, 0.8)
    assert own["success"] is True
    assert own["unlimited_quota"] is False


def test_balances_without_an_end() -> None:
    with Sandbox(probe=False, balance=None) as sandbox:
        assert submit(sandbox).status == 200
        for path in ("/v1/balance", "/v1/user/balance"):
            expected = sample("balance-unlimited") | {"used_balance": 0.4}
            assert ask(sandbox, path).document == expected
    with Sandbox(probe=False, balance=None, account_balance=Decimal(0)) as sandbox:
        assert ask(sandbox, "/v1/balance").document["remain_balance"] == -1
        assert ask(sandbox, "/v1/user/balance").document["remain_balance"] == 0
        assert submit(sandbox).status == 200
        assert ask(sandbox, "/v1/user/balance").document["remain_balance"] == 0
    with Sandbox(probe=False, balance=Decimal("0.39"), credit=False) as sandbox:
        assert submit(sandbox).document["error"]["type"] == "payment_required"


def test_balances_that_go_wrong() -> None:
    faults = ("balance-401*1", "balance-500*1", "balance-false*1", "balance-odd*1")
    with Sandbox(faults=faults) as sandbox:
        refused, broken, false, odd, then = (ask(sandbox, "/v1/balance") for _ in range(5))
    assert (refused.status, broken.status, then.status) == (401, 500, 200)
    assert (false.status, false.document) == (200, sample("balance-refused"))
    assert (odd.status, odd.document["remain_balance"]) == (200, "plenty")


# --- the usage page ----------------------------------------------------------------------


def usage(days: int) -> str:
    """The usage page of so many days, the last of which is tomorrow."""
    end = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    return f"/v1/usage?start={end - dt.timedelta(days=days)}&end={end}&group_by=model&tz=UTC"


def test_the_usage_page_books_tasks_that_completed() -> None:
    with Sandbox(probe=False, polls=0) as sandbox:
        tasks = [created(sandbox) for _ in range(3)]
        before = ask(sandbox, usage(2))
        sandbox.fault("poll-failed*1")
        for task in tasks:
            poll(sandbox, task)
        after = ask(sandbox, usage(2))
        assert set(before.document["data"]) == set(sample("usage")["data"])
        assert before.data["items"] == []  # none is over
        assert after.data["items"] == [  # one has failed
            {"model": "kling-v2-6-motion-control", "amount_usd": "0.800000", "calls": 2}
        ]
        assert ask(sandbox, usage(31)).status == 200
        assert ask(sandbox, usage(32)).status == 400
        assert ask(sandbox, usage(-1)).status == 400
        assert ask(sandbox, "/v1/usage?start=2026-09-01&end=soon&group_by=model").status == 400
        assert ask(sandbox, "/v1/usage?start=2026-09-01&end=2026-09-02").status == 400
        assert ask(sandbox, usage(2), headers={}).status == 401


def test_a_usage_page_that_goes_wrong() -> None:
    faults = [f"usage-{name}*1" for name in ("503", "429", "odd", "total")]
    with Sandbox(probe=False, faults=faults) as sandbox:
        away, soon, odd, total, then = (ask(sandbox, usage(1)) for _ in range(5))
    assert (away.status, away.document["error"]["type"]) == (503, "usage_unavailable")
    assert (soon.status, soon.headers["retry-after"]) == (429, "1")
    assert odd.data["items"][0]["amount_usd"] == "plenty"
    assert (total.data["amount_usd"], "items" in total.data) == ("0.000000", False)
    assert then.data["items"] == []


# --- measuring ---------------------------------------------------------------------------


def test_the_seconds_that_were_found_are_billed() -> None:
    price = default_profile().price("kling-v2-6-motion-control", "std")
    assert price
    cost = 8 * price.per_second
    with Sandbox() as sandbox:
        task = created(sandbox)
        assert sandbox.tasks[task].cost == cost
        assert [poll(sandbox, task).data["cost"] for _ in range(2)] == [0, float(cost)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"video": "clip-12s.mp4"}, "12.000 s"),
        ({"video": "no-such.mp4"}, "404"),
        ({"mode": "best"}, "mode"),
        ({"model": "gpt"}, "model"),
        ({"image_url": "../fixtures/media/image.png"}, "image"),
    ],
)
def test_a_documented_limit_is_held(changes: dict[str, str], message: str, media: Path) -> None:
    with Sandbox(media) as sandbox:
        if "video" in changes:
            changes = {"video_url": sandbox.media_url(changes["video"])}
        got = ask(sandbox, PAID, "POST", order(sandbox, **changes))
        assert (got.status, sandbox.tasks) == (400, {})
        assert got.document["error"]["type"] == "invalid_request_error"
        assert message in got.document["error"]["message"]


# --- pictures ----------------------------------------------------------------------------

PICTURES = [("image.png", "image/png"), ("image.jpg", "image/jpeg"), ("image.webp", "image/webp"),
            ("image.gif", "image/gif")]  # fmt: skip


@pytest.mark.parametrize(("name", "kind"), PICTURES)
def test_a_picture_is_kept_and_served(media: Path, name: str, kind: str) -> None:
    data = (media / name).read_bytes()
    with Sandbox() as sandbox:
        got = ask(sandbox, UPLOADS, **form(data, filename="ünï.x"))
        assert set(got.document) == set(sample("upload"))
        assert (got.document["bytes"], got.document["content_type"]) == (len(data), kind)
        assert got.document["filename"] == "ünï.x"
        served = ask(sandbox, got.document["url"])
        assert (served.body, served.headers["content-type"]) == (data, kind)
        part = ask(sandbox, got.document["url"], headers={"Range": "bytes=1-3"})
        assert (part.status, part.body) == (206, data[1:4])
        assert sandbox.uploads == [data]
        assert ask(sandbox, "/uploads/2.png").status == 404


def test_what_is_no_picture_is_refused(media: Path) -> None:
    picture = b"\x89PNG\r\n\x1a\n"
    with Sandbox() as sandbox:
        video = (media / "clip-3s.mp4").read_bytes()
        assert ask(sandbox, UPLOADS, **form(video)).status == 400
        assert ask(sandbox, UPLOADS, **form(picture, name="picture")).status == 400
        assert ask(sandbox, UPLOADS, "POST", b"what").status == 400
        assert ask(sandbox, UPLOADS, **form(picture + bytes(20_000_001 - 8))).status == 413
        assert sandbox.uploads == []
        assert ask(sandbox, UPLOADS, **form(picture + bytes(20_000_000 - 8))).status == 200


def test_uploads_that_go_wrong() -> None:
    statuses = (400, 413, 500)
    faults = [f"upload-{status}*1" for status in statuses]
    with Sandbox(faults=[*faults, "upload-cut*1", "upload-odd*1"]) as sandbox:
        one = form(b"\xff\xd8\xff picture")
        assert [ask(sandbox, UPLOADS, **one).status for _ in statuses] == list(statuses)
        assert sandbox.uploads == []
        with pytest.raises(http.client.RemoteDisconnected):
            ask(sandbox, UPLOADS, **one)
        got = ask(sandbox, UPLOADS, **one)
        assert (got.status, "url" in got.document) == (200, False)
        assert len(sandbox.uploads) == 2


# --- files -------------------------------------------------------------------------------


def test_the_media_folder_is_served_in_parts(media: Path) -> None:
    data = (media / "clip-8s.mp4").read_bytes()
    with Sandbox(media) as sandbox:
        url = sandbox.media_url("clip-8s.mp4")
        whole = ask(sandbox, url)
        assert (whole.status, whole.body, whole.headers["content-type"]) == (200, data, "video/mp4")
        head = ask(sandbox, url, "HEAD")
        assert (head.status, head.body) == (200, b"")
        assert head.headers["content-length"] == str(len(data))
        for expected, part in (
            ("bytes=0-99", slice(0, 100)),
            ("bytes=100-", slice(100, None)),
            ("bytes=-7", slice(-7, None)),
            ("bytes=5-99999999", slice(5, None)),
        ):
            got = ask(sandbox, url, headers={"Range": expected})
            assert (got.status, got.body) == (206, data[part])
            start = len(data[: part.start]) if (part.start or 0) >= 0 else len(data) - 7
            covers = f"bytes {start}-{start + len(got.body) - 1}/{len(data)}"
            assert got.headers["content-range"] == covers
        beyond = ask(sandbox, url, headers={"Range": f"bytes={len(data)}-"})
        assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{len(data)}")
        for ignored in ("bytes=0-1,4-5", "lines=0-1", "bytes=9-1", "bytes=-"):
            assert ask(sandbox, url, headers={"Range": ignored}).status == 200


def test_a_part_is_only_given_of_the_same_file(media: Path) -> None:
    with Sandbox(media) as sandbox:
        url = sandbox.media_url("clip-8s.mp4")
        first = ask(sandbox, url, headers={"Range": "bytes=0-9"})
        for name, status in (("etag", 206), ("last-modified", 206), ("content-type", 200)):
            headers = {"Range": "bytes=10-", "If-Range": first.headers[name]}
            assert ask(sandbox, url, headers=headers).status == status


@pytest.mark.parametrize(
    "path",
    ["/media/no.mp4", "/media/", "/media/../api/error.json", "/media/%2e%2e/api/error.json",
     "/media//etc/hostname", "/media/%2Fetc%2Fhostname", "/media/%00", "/results/task_1.mp4",
     "/uploads/1.png", "/results/x"],
)  # fmt: skip
def test_nothing_else_is_served(path: str) -> None:
    with Sandbox() as sandbox:
        assert ask(sandbox, path).status == 404


def test_a_name_is_quoted_and_results_are_the_requests_own_video(tmp_path: Path) -> None:
    (tmp_path / "a clip ü.mp4").write_bytes(b"own")
    (tmp_path / "other.mp4").write_bytes(b"other")
    with Sandbox(tmp_path, probe=False) as sandbox:
        url = sandbox.media_url("a clip ü.mp4")
        assert ask(sandbox, url).body == b"own"
        submit(sandbox, video_url=url + "?a=b")
        (tmp_path / "clip-8s.mp4").write_bytes(b"default")
        submit(sandbox, video_url="https://apimart-user.com/clip.mp4")
        results = [ask(sandbox, f"/results/{task}.mp4").body for task in sandbox.tasks]
    assert results == [b"own", b"default"]


def test_a_cut_result_can_be_taken_up_again(media: Path) -> None:
    data = (media / "clip-8s.mp4").read_bytes()
    with Sandbox(media, probe=False, faults=["result-cut*2"]) as sandbox:
        path = f"/results/{created(sandbox)}.mp4"
        assert ask(sandbox, path, "HEAD").status == 200
        got = ask(sandbox, path)
        assert (got.whole, got.body) == (False, data[: len(data) // 2])
        rest = {"Range": f"bytes={len(got.body)}-", "If-Range": got.headers["etag"]}
        again = ask(sandbox, path, headers=rest)
        assert (again.status, again.whole) == (206, False)
        rest = {"Range": f"bytes={len(got.body + again.body)}-"}
        assert got.body + again.body + ask(sandbox, path, headers=rest).body == data


def test_results_that_go_wrong(media: Path) -> None:
    data = (media / "clip-8s.mp4").read_bytes()
    names = ("404", "html", "no-ranges", "no-length")
    faults = [f"result-{name}*1" for name in names]
    with Sandbox(media, probe=False, faults=faults) as sandbox:
        path = f"/results/{created(sandbox)}.mp4"
        part = {"Range": "bytes=100-"}
        missing, page, no_ranges, no_length = (ask(sandbox, path, headers=part) for _ in names)
        assert missing.status == 404
        assert (page.status, page.headers["content-type"]) == (200, "text/html")
        for got in (no_ranges, no_length):
            assert (got.status, got.body, "accept-ranges" in got.headers) == (200, data, False)
        assert no_length.headers["transfer-encoding"] == "chunked"
        assert "content-length" not in no_length.headers
        sandbox.fault("result-short")
        short = ask(sandbox, path)
        assert (short.status, short.whole, short.body) == (200, False, data)
        answer = int(short.headers["content-length"])
        rest = ask(sandbox, path, headers={"Range": f"bytes={len(data)}-"})
        assert (rest.status, rest.whole, rest.body) == (206, False, b"")
        assert rest.headers["content-range"] == f"bytes {len(data)}-{answer - 1}/{answer}"


# What a bare socket sees of every fault but those of the paid POST: the status (0: no answer), how
# it ended, and whether as many bytes came as were announced.
OTHERS: dict[str, tuple[int, End, bool]] = {
    **{f"poll-{status}": (status, "end", True) for status in (401, 404, 429, 500, 502)},
    "poll-html": (200, "end", True),
    "poll-cut": (200, "end", False),
    "poll-stall": (0, "silence", True),
    "poll-odd": (200, "end", True),
    "poll-failed": (200, "end", True),
    "poll-failed-text": (200, "end", True),
    "poll-cancelled": (200, "end", True),
    "poll-no-cost": (200, "end", True),
    "poll-credits": (200, "end", True),
    "poll-url-text": (200, "end", True),
    "poll-two": (200, "end", True),
    "poll-expired": (200, "end", True),
    "poll-no-video": (200, "end", True),
    **{f"balance-{status}": (status, "end", True) for status in (401, 500)},
    "balance-false": (200, "end", True),
    "balance-odd": (200, "end", True),
    **{f"usage-{status}": (status, "end", True) for status in (401, 429, 503)},
    "usage-odd": (200, "end", True),
    "usage-total": (200, "end", True),
    "usage-cut": (200, "end", False),
    **{f"upload-{status}": (status, "end", True) for status in (400, 413, 500)},
    "upload-cut": (0, "end", True),
    "upload-odd": (200, "end", True),
    "result-404": (404, "end", True),
    "result-cut": (200, "end", False),
    "result-html": (200, "end", True),
    "result-short": (200, "end", False),
    "result-no-ranges": (200, "end", True),
    "result-no-length": (200, "end", True),
}


def test_every_other_fault_stands_in_the_table() -> None:
    assert {name for name, fault in FAULTS.items() if fault.at != "submit"} == set(OTHERS)


@pytest.mark.parametrize("name", OTHERS)
def test_any_other_fault_on_a_bare_socket(name: str) -> None:
    status, end, whole = OTHERS[name]
    with Sandbox(probe=False, polls=0) as sandbox:
        task = created(sandbox)
        sandbox.fault(f"{name}*1")
        upload = form(b"GIF89a")
        kind = upload["headers"]["Content-Type"]
        request = {
            "poll": raw(sandbox, "GET", f"/v1/tasks/{task}"),
            "balance": raw(sandbox, "GET", "/v1/balance"),
            "usage": raw(sandbox, "GET", usage(1)),
            "upload": raw(sandbox, "POST", UPLOADS, upload["body"], Content_Type=kind),
            "result": raw(sandbox, "GET", f"/results/{task}.mp4"),
        }[name.partition("-")[0]].replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)
        answer, ended = sent(sandbox, request, SILENCE if end == "silence" else PATIENCE)
        assert ended == end
        if status == 0:
            assert answer == b""
        else:
            result, headers, body = split(answer)
            assert result == status
            assert (len(body) == int(headers.get("content-length", len(body)))) == whole
            assert headers["x-request-id"]
        assert len(sandbox.posts) == len(sandbox.tasks) == 1
        sandbox.clear_faults()
        assert ask(sandbox, "/v1/balance").status == 200


# --- connections -------------------------------------------------------------------------


def test_a_connection_carries_several_requests() -> None:
    with Sandbox(probe=False) as sandbox:
        client = http.client.HTTPConnection(urlsplit(sandbox.base).netloc, timeout=5)
        for path in ("/v1/balance", "/media/image.png", "/v1/nothing", "/v1/balance"):
            client.request("GET", path, headers=KEY)
            reply = client.getresponse()
            assert re.fullmatch(r"req_\d+", reply.headers["x-request-id"])
            reply.read()
            client.request("POST", PAID, order(sandbox), KEY)
            assert client.getresponse().read()
        client.close()
        assert len(sandbox.posts) == 4


def test_many_clients_at_once() -> None:
    with Sandbox(probe=False) as sandbox:
        body = order(sandbox)

        def work() -> None:
            for _ in range(25):
                ask(sandbox, PAID, "POST", body)

        threads = [Thread(target=work) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        posts = sandbox.posts
        assert len({post.task_id for post in posts}) == len(sandbox.tasks) == 400
        assert sorted(post.number for post in posts) == list(range(1, 401))
        assert Counter(post.answered for post in posts) == {True: 400}
        assert ask(sandbox, "/v1/balance").document["used_balance"] == 160


def test_leaving_closes_stalled_clients_at_once() -> None:
    socks = []
    with Sandbox(faults=["stall*1", "slow"], probe=False) as sandbox:
        parts = urlsplit(sandbox.base)
        for count in (1, 2, 3):  # the last one says nothing
            socks.append(socket.create_connection((parts.hostname, parts.port), 5))
            if count < 3:
                socks[-1].sendall(raw(sandbox, "POST", PAID, order(sandbox)))
                until(lambda: len(sandbox.posts) == count)  # noqa: B023  at once
        begun = time.monotonic()
    assert time.monotonic() - begun < 1
    for sock in socks:
        sock.close()
    assert not [thread for thread in enumerate_threads() if "_talk" in thread.name]


# --- the command -------------------------------------------------------------------------


@contextmanager
def command(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The command, to which a warning is an error."""
    code = (
        "import sys, warnings; warnings.simplefilter('error'); "
        "from motion_preflight.__main__ import main; sys.exit(main())"
    )
    with warm().start(
        "sandbox", *arguments, cwd=ROOT, env=os.environ, beginning={"code": code}
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process")
@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM])
def test_the_command_says_what_to_copy_and_ends_quietly(way: signal.Signals) -> None:
    options = ("--fault", "500*1", "cut-after*1", "--key", "very-secret", "--no-probe")
    with command(*options) as process:
        assert process.stdout
        opening = ""
        while "--wait" not in opening and process.poll() is None:
            opening += process.stdout.readline()
        base = re.search(r"export APIMART_BASE_URL=(http://127\.0\.0\.1:\d+)\n", opening)
        assert base
        client = http.client.HTTPConnection(urlsplit(base[1]).netloc, timeout=5)
        client.request("GET", "/media/image.png?token=hidden")
        client.getresponse().read()
        client.request("POST", PAID + "?token=hidden", b"{}", KEY)
        assert client.getresponse().read()
        client.request("POST", PAID, b"{}", KEY)
        with pytest.raises(http.client.RemoteDisconnected):
            client.getresponse()
        client.close()
        process.send_signal(way)
        rest, log = process.communicate(timeout=10)
        assert process.returncode == 0
    assert log.splitlines() == [
        "GET /media/image.png  200",
        f"POST {PAID}  500  500",
        f"POST {PAID}  no answer  cut-after",
    ]
    assert not re.search("secret|hidden", opening + rest + log)
    for url in re.findall(r"http://\S+/media/(\S+)", opening):
        assert url in ("image.png", "clip-8s.mp4")
    assert "--allow-private --model kling-v2-6-motion-control --mode std" in opening


@pytest.mark.skipif(sys.platform == "win32", reason="the lines are those of a POSIX shell")
def test_the_lines_can_be_copied_into_a_shell_as_they_are(tmp_path: Path) -> None:
    """Whoever installed by pip has no checkout: the program's own clip goes the paid way."""
    with command("--polls", "0") as process:
        assert process.stdout
        printed = list(iter(process.stdout.readline, "\n"))  # to the first empty line
        printed += [process.stdout.readline() for _ in range(5)]
        lines = [line for line in printed if line.startswith(("export ", "motion-preflight "))]
        assert len(lines) == 3
        script = "".join(lines).replace(" --wait", " --yes --wait")
        done = subprocess.run(
            ["sh", "-euc", script],
            cwd=tmp_path,
            env={name: text for name, text in os.environ.items() if not name.endswith("_proxy")}
            | {
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
                "HOME": str(tmp_path),
                "XDG_CONFIG_HOME": str(tmp_path),
                "MOTION_PREFLIGHT_STATE": str(tmp_path / "state"),
            },
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "completed" in done.stdout


@pytest.mark.parametrize(
    ("names", "video", "image"),
    [
        (["clip-12s.mp4", "clip-9.9s.mp4", "cut.png", "image.jpg"],
         "media/clip-9.9s.mp4", "media/image.jpg"),
        (["clip-12s.mp4", "garbage.mp4"], "samples/clip-8s.mp4", "samples/image.png"),
        (["clip-3s.mp4"], "media/clip-3s.mp4", "samples/image.png"),
        ([], "samples/clip-8s.mp4", "samples/image.png"),
    ],
)  # fmt: skip
def test_what_is_proposed_passes(
    names: list[str], video: str, image: str, media: Path, tmp_path: Path
) -> None:
    for name in names:
        shutil.copyfile(media / name, tmp_path / name)
    with Sandbox(tmp_path) as sandbox:
        result = rehearsal(sandbox, tmp_path)
        assert result == Rehearsal(f"{sandbox.base}/{video}", f"{sandbox.base}/{image}")
        got = submit(sandbox, video_url=result.video, image_url=result.image)
        assert got.status == 200


def test_what_comes_with_the_package_is_small_and_passes() -> None:
    assert sum(len(sample_media(name) or b"") for name in (CLIP, PICTURE)) <= 50_000
    assert sample_media("../answers/error.json") is None
    with Sandbox() as sandbox:
        result = rehearsal(sandbox, None)
        got = submit(sandbox, video_url=result.video, image_url=result.image)
        assert got.status == 200
        task_id = got.data[0]["task_id"]
        assert ask(sandbox, f"/results/{task_id}.mp4").body == sample_media(CLIP)


def test_without_an_ffprobe_the_own_clip_is_proposed(
    media: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTION_PREFLIGHT_FFPROBE", str(tmp_path / "no-such"))
    with Sandbox(media) as sandbox:
        assert rehearsal(sandbox, media).video == sandbox.sample_url(CLIP)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--list-faults"], 0, "cut-in-body-after-id"),
        (["--fault", "400", "no-such"], 2, "no-such"),
        (["--media", "no-such"], 2, "no-such is not a folder"),
        (["--balance", "much"], 2, "much"),
        (["--port", "99999"], 2, "port"),
    ],
)
def test_the_command_refuses_what_it_does_not_know(
    arguments: list[str], code: int, message: str
) -> None:
    with command(*arguments) as process:
        out, errors = process.communicate(timeout=10)
    assert process.returncode == code
    assert message in (errors if code else out)
    assert "Traceback" not in errors


def test_every_fault_is_listed() -> None:
    with command("--list-faults") as process:
        out, _ = process.communicate(timeout=10)
    assert [line.split()[0] for line in out.splitlines()] == list(FAULTS)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_the_script_can_be_run() -> None:
    assert (SCRIPTS / "sandbox").stat().st_mode & 0o111
