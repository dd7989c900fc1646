"""One paid exchange: whatever happens on the way, one POST at most does something, and the ledger
says what became of it.
"""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import json
import os
import queue
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from threading import Barrier, Event, Thread, main_thread
from typing import Any

import pytest
import trustme
from builders import body, intent
from peers import Peer, answer, read_request

from motion_preflight.errors import PreflightError
from motion_preflight.provider.client import Api
from motion_preflight.provider.free_answer import CallFailed
from motion_preflight.provider.state import State
from motion_preflight.report.totals import Budget
from motion_preflight.sandbox.fault_table import FAULTS
from motion_preflight.sandbox.server import Sandbox
from motion_preflight.submission.errors import (
    InsufficientBalance,
    LedgerUnusable,
    NotSent,
    NotSentReason,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SubmitError,
)
from motion_preflight.submission.exchange import UNWRITTEN, send_once
from motion_preflight.submission.ledger import database as ledger_module
from motion_preflight.submission.ledger.database import MIGRATIONS, migrate
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.submission.receipt import Receipt
from motion_preflight.submission.resolution import resolve_in
from motion_preflight.text.redaction import url_secrets

KEY = "sk-never-to-be-seen-anywhere"
PROMPT = "a prompt that is nobody's business but mine"
SIGNED = "https://media.example/clip.mp4?signature=signed-and-secret&expires=99"
BODY = body(prompt=PROMPT, video_url=SIGNED)
SECRETS = [*url_secrets([SIGNED]), PROMPT]
TAKEN_BODY = {"code": 200, "data": [{"status": "submitted", "task_id": "task_7"}]}
TAKEN = answer(200, TAKEN_BODY)
PATIENCE = 10.0  # seconds that something may take
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX's")


@pytest.fixture(autouse=True)
def _without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.lower().endswith("_proxy") or name.startswith("SSL_CERT_"):
            monkeypatch.delenv(name)


@dataclass
class Run:
    """One intent sent over a ledger of its own, and what came of it."""

    folder: Path
    base: str
    timeout: float = 5.0
    strike: Callable[[float], None] = lambda _: None  # what the pauses do
    again: bool = False
    budget: Budget = field(default_factory=Budget)
    content: bytes = json.dumps(BODY).encode()
    pauses: list[float] = field(default_factory=list)

    def send(self, receipt: Receipt | None = None) -> Receipt | BaseException:
        """The receipt, or what was raised."""
        with Api(self.base, KEY, timeout=self.timeout) as api, Ledger(self.folder) as ledger:
            return self.over(api, ledger, receipt)

    def over(
        self, api: Api, ledger: Ledger, receipt: Receipt | None = None
    ) -> Receipt | BaseException:
        try:
            return send_once(
                receipt or intent(str(self.folder)),
                self.content,
                api=api,
                ledger=ledger,
                again=self.again,
                budget=self.budget,
                secrets=SECRETS,
                pause=self._pause,
            )
        except (PreflightError, KeyboardInterrupt, SystemExit) as error:
            return error

    @property
    def rows(self) -> list[Receipt]:
        """The rows as a later run finds them."""
        with Ledger(self.folder) as ledger:
            return ledger.rows()

    @property
    def row(self) -> Receipt:
        (result,) = self.rows
        return result

    def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.strike(seconds)


def until(holds: Callable[[], object]) -> None:
    """Waits for what another thread is about to do."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < PATIENCE
        time.sleep(0.005)


def serving(*answers: bytes) -> Peer:
    """A server whose connections carry any number of requests; the last answer is for the rest."""
    left = [*answers]

    def talk(sock: socket.socket) -> None:
        while read_request(sock):
            sock.sendall(left.pop(0) if len(left) > 1 else left[0])

    return Peer(talk)


@contextmanager
def nothing_listens() -> Iterator[str]:
    """The base URL of a port that is taken and refuses every connection."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"


# --- every fault of the sandbox ----------------------------------------------------------


@dataclass(frozen=True)
class Expected:
    error: type[SubmitError] | None
    state: State
    posts: int = 1
    tasks: int = 0
    timeout: float = 5.0


REFUSED = Expected(Rejected, State.REJECTED)
LATER = Expected(RateLimited, State.REJECTED, posts=4)
LOST = Expected(OutcomeUnknown, State.UNKNOWN)
BILLED = Expected(OutcomeUnknown, State.UNKNOWN, tasks=1)
GOOD = Expected(None, State.SUBMITTED, tasks=1)
OUTCOMES = {
    **dict.fromkeys(("400", "401", "403", "404", "405", "410", "413", "415", "422"), REFUSED),
    "402": Expected(InsufficientBalance, State.REJECTED),
    **dict.fromkeys(
        ("408", "409", "500", "502", "503", "504", "302", "500-html", "502-text"), LOST
    ),
    **dict.fromkeys(("520", "521", "522", "523", "524"), LOST),
    "429": LATER,
    "429-later": LATER,
    "429-much-later": Expected(RateLimited, State.REJECTED),
    "503-idempotency": REFUSED,
    "echo-key": REFUSED,
    "429-quota": Expected(InsufficientBalance, State.REJECTED),
    **dict.fromkeys(("409-in-progress", "307-elsewhere"), LOST),
    **dict.fromkeys(("200-id-root", "200-id-nested", "429-id", "503-id"), GOOD),
    "200-code-400": LOST,
    **dict.fromkeys(("504-billed", "200-no-id", "200-not-json", "200-empty"), BILLED),
    **dict.fromkeys(("201-id", "200-code-500-id", "202-object", "200-id-number"), GOOD),
    **dict.fromkeys(("cut-before", "reset-before", "cut-in-request", "cut-after-refused"), LOST),
    **dict.fromkeys(("cut-after", "cut-in-header", "cut-in-body"), BILLED),
    "cut-in-body-after-id": GOOD,
    **dict.fromkeys(
        ("stall", "slow"), Expected(OutcomeUnknown, State.UNKNOWN, tasks=1, timeout=0.3)
    ),
}


def test_every_fault_of_the_paid_post_is_in_the_table() -> None:
    assert set(OUTCOMES) == {name for name, fault in FAULTS.items() if fault.at == "submit"}


@pytest.mark.parametrize("fault", OUTCOMES)
def test_what_comes_of_every_fault(fault: str, tmp_path: Path) -> None:
    expected = OUTCOMES[fault]
    with Sandbox(faults=[fault], probe=False) as sandbox:
        run = Run(tmp_path, sandbox.base, timeout=expected.timeout)
        sending = intent()
        outcome = run.send(sending)
        until(lambda: len(sandbox.posts) == expected.posts)
        until(lambda: len(sandbox.tasks) == expected.tasks)
        if expected.error is None:
            assert isinstance(outcome, Receipt)
            assert [outcome.task_id] == list(sandbox.tasks)
        else:
            assert type(outcome) is expected.error
            assert isinstance(outcome, SubmitError)
            assert outcome.receipt == run.row
        receipt = outcome if isinstance(outcome, Receipt) else run.row
        assert receipt == run.row
        assert (receipt.intent, receipt.state) == (sending.intent, expected.state)
        assert bool(receipt.error) == (expected.error is not None)
        if isinstance(outcome, Rejected):
            assert str(outcome.status) == (fault[:3] if fault[0].isdigit() else "400")
        assert {post.headers["idempotency-key"] for post in sandbox.posts} == {
            sending.idempotency_key
        }
        assert {path for _, path in sandbox.requests} == {"/v1/videos/generations"}
        assert sandbox.keys_astray == []
    for secret in (KEY, "very-secret", "signed-and-secret", PROMPT):
        assert secret not in f"{outcome} {receipt}"
        assert secret.encode() not in (tmp_path / "ledger.sqlite3").read_bytes()


@pytest.mark.parametrize("status", [302, 400, 401, 402, 409, 422, 429, 500, 503, 504, 524])
def test_after_an_answer_with_a_task_id_nothing_is_sent_whatever_its_status(
    status: int, tmp_path: Path
) -> None:
    content = {"error": {"type": "rate_limit_error", "message": "busy"}, "task_id": "task_7"}
    with serving(answer(status, content, Retry_After="0", X_Request_Id="r-1")) as peer:
        run = Run(tmp_path, peer.base)
        receipt = run.send()
        assert isinstance(receipt, Receipt)
        assert (receipt.state, receipt.task_id) == (State.SUBMITTED, "task_7")
        assert (peer.connections, run.pauses) == (1, [])
        assert receipt.request_id == "r-1"
        assert "busy" in (receipt.answer or "")
        assert receipt == run.row


def test_an_unclear_answer_is_kept_short_and_without_secrets(tmp_path: Path) -> None:
    message = {
        "code": 500,
        "key": KEY,
        "backwards": KEY[::-1],
        "packed": base64.b64encode(f"Bearer {KEY}".encode()).decode(),
        "access_token": "a-token-of-somebody",
        "link": SIGNED,
        "prompt": PROMPT,
        "hint": "ask for ticket 4711",
        "more": "x" * 5000,
    }
    with serving(answer(500, message, X_Request_Id="r-1")) as peer:
        run = Run(tmp_path, peer.base)
        outcome = run.send()
    assert isinstance(outcome, OutcomeUnknown)
    row = run.row
    assert row.request_id == "r-1"
    kept = row.answer or ""
    assert len(kept.encode()) <= 2048
    assert "ask for ticket 4711" in kept
    assert "https://media.example/clip.mp4?signature=…&expires=…" in kept
    content = (tmp_path / "ledger.sqlite3").read_bytes()
    for secret in (KEY, KEY[::-1], message["packed"], "a-token-of-somebody", "signed-and-secret",
                   PROMPT):  # fmt: skip
        assert str(secret) not in kept
        assert str(secret).encode() not in content


@pytest.mark.parametrize("kind", ["text", "html", "half"])
def test_an_unclear_answer_that_is_no_json_is_kept_too(kind: str, tmp_path: Path) -> None:
    body = {
        "text": f"upstream broke {SIGNED} {KEY}".encode(),
        "html": f'<h1>upstream broke</h1><a href="{SIGNED}">{KEY}</a>'.encode(),
        "half": f'{{"why": "upstream broke", "link": "{SIGNED}", "key": "{KEY}'.replace(
            "/", "\\/"
        ).encode(),
    }[kind]
    with serving(answer(502, body)) as peer:
        run = Run(tmp_path, peer.base)
        assert isinstance(run.send(), OutcomeUnknown)
    kept = run.row.answer or ""
    assert "upstream broke" in kept
    assert KEY not in kept
    assert "signed-and-secret" not in kept


def test_a_clear_refusal_keeps_no_answer(tmp_path: Path) -> None:
    with Sandbox(faults=["400"], probe=False) as sandbox:
        run = Run(tmp_path, sandbox.base)
        run.send()
    assert (run.row.state, run.row.answer) == (State.REJECTED, None)


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (429, {"type": "insufficient_quota", "message": "You exceeded your current quota"}),
        (429, {"code": "insufficient_user_quota", "message": "no"}),
        (429, {"type": "rate_limit_error", "message": "insufficient balance, please recharge"}),
        (429, {"message": "账户余额不足，请充值"}),
        (403, {"code": "insufficient_user_quota", "message": "quota is used up"}),
        (402, {"message": "payment required"}),
    ],
)
def test_an_empty_account_is_payment_and_not_asked_again(
    status: int, error: dict[str, str], tmp_path: Path
) -> None:
    with serving(answer(status, {"error": error}, Retry_After="0")) as peer:
        run = Run(tmp_path, peer.base)
        outcome = run.send()
        assert type(outcome) is InsufficientBalance
        assert outcome.status == status
        assert (peer.connections, run.pauses) == (1, [])
    assert "top it up" in str(run.row.error)


@pytest.mark.parametrize(
    "words",
    ["slow down", "too many requests", "Quota exceeded for requests per minute", "rate limit quota",
     "the load balancer is busy"],
)  # fmt: skip
def test_one_request_too_many_is_no_empty_account(words: str, tmp_path: Path) -> None:
    with serving(answer(429, {"error": {"message": words}}, Retry_After="0"), TAKEN) as peer:
        assert isinstance(Run(tmp_path, peer.base).send(), Receipt)
        assert peer.connections == 2


@pytest.mark.parametrize(
    "kind",
    ["idempotency_in_progress", "idempotency_key_reused", "idempotency_result_indeterminate"],
)
def test_every_409_stays_unknown(kind: str, tmp_path: Path) -> None:
    error = {"error": {"type": kind, "message": "see the first one"}}
    with serving(answer(409, error, Retry_After="0")) as peer:
        run = Run(tmp_path, peer.base)
        assert isinstance(run.send(), OutcomeUnknown)
        assert (peer.connections, run.row.state) == (1, State.UNKNOWN)
    assert kind in (run.row.error or "")


def test_a_200_whose_code_is_an_error_is_unknown_and_shows_its_code_and_text(
    tmp_path: Path,
) -> None:
    with serving(answer(200, {"code": 4031, "message": "the prompt is odd"})) as peer:
        run = Run(tmp_path, peer.base)
        outcome = run.send()
    assert isinstance(outcome, OutcomeUnknown)
    assert "with the code 4031: the prompt is odd" in str(outcome)


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        (
            "https://elsewhere.example/api/v1/videos/generations?key=hidden-hidden",
            "make https://elsewhere.example/api the base URL (APIMART_BASE_URL)",
        ),
        ("http://login.example/", "the API key is sent to https only"),
        ("https://h/" + "page/" * 1800, "it leads to https://h/page/page"),
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_shown_and_never_followed(
    status: int, location: str, shown: str, tmp_path: Path
) -> None:
    with serving(answer(status, b"", Location=location)) as peer:
        run = Run(tmp_path, peer.base)
        outcome = run.send()
        assert isinstance(outcome, OutcomeUnknown)
        assert shown in str(outcome)
        assert "it leads to http" in str(outcome)
        assert "and is not followed" in str(outcome)
        assert "hidden" not in str(outcome)
        assert len(str(outcome)) < 1200
        assert peer.connections == 1
        with Api(peer.base, KEY) as api, pytest.raises(CallFailed) as failed:
            api.task("task_7")
        assert shown in str(failed.value)
        assert peer.connections == 2


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("no complete upper body detected in the video", "no whole upper body"),
        ("blocked by content policy", "filter of contents"),
        ("task concurrency exceeds the limit", "as many tasks run"),
        ("build_request_failed", "its own request"),
        ("the character in the reference image or the first frame is invalid", "first frame"),
        ("failed to download file from url", "could not fetch"),
    ],
)
def test_a_known_refusal_is_explained(words: str, cause: str, tmp_path: Path) -> None:
    with serving(answer(400, {"error": {"message": words}})) as peer:
        run = Run(tmp_path, peer.base)
        outcome = run.send()
    assert isinstance(outcome, Rejected)
    for text in (str(outcome), str(run.row.error)):
        assert words in text
        assert cause in text
        assert "What to do: " in text


def test_a_request_that_is_taken_gives_its_receipt(tmp_path: Path) -> None:
    with Sandbox(probe=False) as sandbox:
        run = Run(tmp_path, sandbox.base)
        receipt = run.send()
        (post,) = sandbox.posts
        assert isinstance(receipt, Receipt)
        assert (receipt.state, receipt.task_id) == (State.SUBMITTED, post.task_id)
        assert re.fullmatch("req_[0-9]+", receipt.request_id or "")
        assert (post.complete, post.answered, post.authorized) == (True, True, True)
        assert post.body == run.content
        assert post.headers["content-type"] == "application/json"
        assert post.headers["x-apimart-response-version"] == "2026-07-27"
        assert receipt == run.row


@pytest.mark.parametrize("taken", [1, 2, 3])
def test_what_is_too_much_now_is_taken_later(taken: int, tmp_path: Path) -> None:
    with Sandbox(faults=[f"429*{taken}"], probe=False) as sandbox:
        run = Run(tmp_path, sandbox.base)
        assert isinstance(run.send(), Receipt)
        assert run.pauses == [2, 4, 8][:taken]
        assert len(sandbox.posts) == taken + 1
        assert len({post.headers["idempotency-key"] for post in sandbox.posts}) == 1
        assert {post.headers["x-apimart-response-version"] for post in sandbox.posts} == {
            "2026-07-27"
        }
        assert len({post.body for post in sandbox.posts}) == 1
        assert len(sandbox.tasks) == 1


@pytest.mark.parametrize(
    ("payload", "waits"),
    [
        (None, [2, 4, 8]),
        ("0", [0.1, 0.1, 0.1]),
        ("1", [1, 1, 1]),
        ("2.5", [2.5, 2.5, 2.5]),
        ("20", [20, 20, 20]),
        ("30", [30, 30]),  # 60 s in all
        ("60", [60]),
        ("61", []),
        ("999999999", []),
        ("Wed, 21 Oct 2099 07:28:00 GMT", []),  # nobody waits for a date
        ("-5", [2, 4, 8]),
        ("soon", [2, 4, 8]),
    ],
)
def test_a_retry_after_is_believed_within_a_minute(
    payload: str | None, waits: list[float], tmp_path: Path
) -> None:
    headers = {} if payload is None else {"Retry_After": payload}
    with serving(answer(429, {"error": {"message": "slow down"}}, **headers)) as peer:
        run = Run(tmp_path, peer.base)
        outcome = run.send()
        assert isinstance(outcome, RateLimited)
        assert "slow down" in str(outcome)
        assert run.pauses == waits
        assert sum(waits) <= 60
        assert peer.connections == len(waits) + 1
        assert run.row.state is State.REJECTED


def test_each_post_goes_over_a_connection_of_its_own(tmp_path: Path) -> None:
    later = answer(429, b"", Retry_After="0")
    with (
        serving(answer(200, {"remain_balance": 5}), later, later, TAKEN) as peer,
        Api(peer.base, KEY) as api,
        Ledger(tmp_path) as ledger,
    ):
        assert api.balance() == 5  # its connection stays open
        assert isinstance(Run(tmp_path, peer.base).over(api, ledger), Receipt)
        assert peer.connections == 4


def test_another_intent_has_another_key(tmp_path: Path) -> None:
    with Sandbox(probe=False) as sandbox:
        for number in range(3):
            Run(tmp_path, sandbox.base).send(intent(str(number)))
        keys = [post.headers["idempotency-key"] for post in sandbox.posts]
    assert len(set(keys)) == 3
    assert all(re.fullmatch("[!-~]{1,191}", key) for key in keys)


# --- answers that no document knows ------------------------------------------------------

ODD = {
    "nothing": (b"", State.UNKNOWN),
    "half a status line": (b"HTTP/1.1 2", State.UNKNOWN),
    "another protocol": (b"SSH-2.0-OpenSSH_9.7\r\n\r\n", State.UNKNOWN),
    "a header without an end": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000, State.UNKNOWN),
    "two lengths": (
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        State.UNKNOWN,
    ),
    "a length beyond sense": (
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n{}",
        State.UNKNOWN,
    ),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", State.UNKNOWN),
    "HTTP/1.0 without a length": (
        b"HTTP/1.0 200 OK\r\n\r\n" + json.dumps(TAKEN_BODY).encode(),
        State.SUBMITTED,
    ),
    "interim answers first": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + TAKEN,
        State.SUBMITTED,
    ),
    "an interim answer and no other": (b"HTTP/1.1 100 Continue\r\n\r\n", State.UNKNOWN),
    "an odd header": (TAKEN.replace(b"Said\r\n", b"Said\r\nX-Odd: \xff\xfe\r\n"), State.SUBMITTED),
    "a chunk, then the end": (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + f"{len(json.dumps(TAKEN_BODY)):x}\r\n{json.dumps(TAKEN_BODY)}\r\n".encode(),
        State.SUBMITTED,
    ),
    "a refusal whose body is cut": (
        b"HTTP/1.1 400 Bad Request\r\nContent-Length: 99\r\n\r\nno",
        State.REJECTED,
    ),
    "compressed, it says": (
        answer(200, TAKEN_BODY, Content_Encoding="gzip"),
        State.UNKNOWN,
    ),
    "too deep": (answer(200, b"[" * 200_000), State.UNKNOWN),
    "too long": (
        answer(200, b'{"data": {"id": "x"}, "more": "' + b"x" * (1 << 21) + b'"}'),
        State.UNKNOWN,
    ),
    "a number beyond Decimal": (
        answer(200, b'{"data": [{"task_id": "task_7"}], "x": 1e99999999999999999999}'),
        State.SUBMITTED,
    ),
    "a number beyond int": (
        answer(200, b'{"data": [{"task_id": "task_7"}], "x": ' + b"9" * 5000 + b"}"),
        State.UNKNOWN,
    ),
    "not numbers": (
        answer(200, b'{"data": [{"task_id": "task_7"}], "x": [NaN, -Infinity]}'),
        State.SUBMITTED,
    ),
    "a task id that is a page": (
        answer(200, {"data": {"id": "x" * 5000}}),
        State.UNKNOWN,
    ),
    "a refusal in the wrong encoding": (answer(400, b"\xff\xfe\x00n\x00o"), State.REJECTED),
    "later, whose body is cut": (
        b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 99\r\n\r\n{",
        State.UNKNOWN,
    ),
    "later, whose packed body is cut": (
        answer(429, gzip.compress(json.dumps(TAKEN_BODY).encode())[:-20], Content_Encoding="gzip"),
        State.UNKNOWN,
    ),
    "later, packed as nobody reads it": (
        answer(429, b"odd", Content_Encoding="br"),
        State.UNKNOWN,
    ),
    "later, with an id that cannot be read": (
        answer(429, json.dumps(TAKEN_BODY).encode() * 2),
        State.UNKNOWN,
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_what_comes_of_odd_answers(name: str, tmp_path: Path) -> None:
    output, state = ODD[name]

    def talk(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(output)
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(1 << 16):
            pass

    with Peer(talk) as peer:
        run = Run(tmp_path, peer.base)
        outcome = run.send()
        assert peer.connections == 1
    assert run.row.state is state
    errors = {State.UNKNOWN: OutcomeUnknown, State.REJECTED: Rejected, State.SUBMITTED: Receipt}
    assert type(outcome) is errors[state]
    assert "bug" not in str(outcome)
    assert run.pauses == []


def test_a_refusal_before_the_whole_request_was_read_is_a_refusal(tmp_path: Path) -> None:
    def talk(sock: socket.socket) -> None:
        sock.recv(1000)
        sock.sendall(answer(413, b"too much"))
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(1 << 20):
            pass

    with Peer(talk) as peer:
        outcome = Run(tmp_path, peer.base, content=b"x" * 10_000_000).send()
    assert isinstance(outcome, Rejected)
    assert outcome.status == 413


# --- connections that break --------------------------------------------------------------


def _at_once(_: socket.socket) -> None:
    """Closes before a byte is read."""


def _reset(sock: socket.socket) -> None:
    linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def _in_request(sock: socket.socket) -> None:
    sock.recv(1000)
    _reset(sock)


def _after_request(sock: socket.socket) -> None:
    read_request(sock)


@pytest.mark.parametrize("talk", [_at_once, _in_request, _after_request])
def test_a_connection_that_breaks_leaves_the_outcome_unknown(
    talk: Callable[[socket.socket], None], tmp_path: Path
) -> None:
    with Peer(talk) as peer:
        run = Run(tmp_path, peer.base, content=b"x" * 10_000_000)
        outcome = run.send()
        assert peer.connections == 1
    assert type(outcome) is OutcomeUnknown
    assert (run.row.state, run.pauses) == (State.UNKNOWN, [])
    assert run.row.intent in str(outcome)


def test_a_connection_that_is_reset_at_once(tmp_path: Path) -> None:
    """The reset may be there before the first byte is written, or just after it."""
    with Peer(_reset) as peer:
        run = Run(tmp_path, peer.base)
        outcome = run.send()
        attempts = peer.connections
    if type(outcome) is NotSent:
        assert (run.row.state, attempts) == (State.NOT_SENT, 3)
    else:
        assert type(outcome) is OutcomeUnknown
        assert run.row.state is State.UNKNOWN
    assert len(run.pauses) == attempts - 1


class _Dawdling(queue.SimpleQueue[object]):
    """Who puts something in goes on later than who takes it out, as happens on a busy machine."""

    def put(self, item: object, *arguments: Any, **options: Any) -> None:
        super().put(item, *arguments, **options)
        time.sleep(0.05)


def test_a_connection_stays_open_whichever_thread_is_faster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is made in a thread of its own, which must not close what was taken from it."""
    monkeypatch.setattr("motion_preflight.network.backend.queue.SimpleQueue", _Dawdling)

    def talk(sock: socket.socket) -> None:
        read_request(sock)
        time.sleep(0.1)
        sock.sendall(TAKEN)

    with Peer(talk) as peer:
        assert isinstance(Run(tmp_path, peer.base).send(), Receipt)


# --- nothing could be sent ---------------------------------------------------------------


def not_sent(run: Run) -> NotSent:
    """What is raised after three attempts of which none got anywhere."""
    outcome = run.send()
    assert type(outcome) is NotSent
    assert outcome.because is NotSentReason.UNREACHABLE
    assert run.pauses == [0.5, 1.0]
    assert run.row.state is State.NOT_SENT
    assert outcome.receipt == run.row
    assert str(outcome) == f"nothing was sent: {run.row.error}"
    assert run.row.error
    assert KEY not in f"{outcome} {run.row}"
    return outcome


def test_a_port_where_nothing_listens(tmp_path: Path) -> None:
    with nothing_listens() as base:
        not_sent(Run(tmp_path, base))


def test_a_name_that_is_not_there(tmp_path: Path) -> None:
    not_sent(Run(tmp_path, "https://provider.invalid", timeout=1))


def test_https_where_plain_http_is_spoken(tmp_path: Path) -> None:
    def talk(sock: socket.socket) -> None:
        sock.recv(1000)
        sock.sendall(answer(400))

    with Peer(talk) as peer:
        not_sent(Run(tmp_path, peer.base.replace("http:", "https:")))
        assert peer.connections == 3


def test_an_unreachable_provider_that_comes_back(tmp_path: Path) -> None:
    with Sandbox(probe=False) as sandbox:
        port = int(sandbox.base.rpartition(":")[2])

    def begin(_: float) -> None:
        late.append(Sandbox(probe=False, port=port).__enter__())

    late: list[Sandbox] = []
    run = Run(tmp_path, sandbox.base, strike=begin)
    try:
        assert isinstance(run.send(), Receipt)
        assert (run.pauses, len(late[0].posts)) == ([0.5], 1)
    finally:
        for item in late:
            item.__exit__()


def test_later_and_then_unreachable_is_not_sent(tmp_path: Path) -> None:
    ended = Event()

    def talk(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(answer(429))

    with nothing_listens(), Peer(talk) as peer:

        def end(_: float) -> None:
            if not ended.is_set():
                ended.set()
                peer.__exit__()

        run = Run(tmp_path, peer.base, strike=end)
        outcome = run.send()
        assert peer.connections == 1
    assert type(outcome) is NotSent
    assert run.pauses == [2, 0.5, 1.0]
    assert run.row.state is State.NOT_SENT


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


def tls(authority: trustme.CA, name: str = "127.0.0.1") -> ssl.SSLContext:
    """The server's side of TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def trusted(authority: trustme.CA, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "authority.pem"))


def _answered(sock: socket.socket) -> None:
    while read_request(sock):
        sock.sendall(TAKEN)


def test_a_certificate_that_is_not_trusted(authority: trustme.CA, tmp_path: Path) -> None:
    with Peer(_answered, tls=tls(authority)) as peer:
        assert "certificate" in str(not_sent(Run(tmp_path, peer.base)))
        assert peer.connections == 3


def test_a_certificate_for_another_name(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted(authority, tmp_path, monkeypatch)
    with Peer(_answered, tls=tls(authority, "another.example")) as peer:
        assert "certificate" in str(not_sent(Run(tmp_path / "state", peer.base)))


def test_a_certificate_that_is_trusted(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted(authority, tmp_path, monkeypatch)
    with Peer(_answered, tls=tls(authority)) as peer:
        assert isinstance(Run(tmp_path / "state", peer.base).send(), Receipt)


def test_authorities_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "none.pem").write_text("no certificate", encoding="ascii")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with Peer(_answered) as peer:
        run = Run(tmp_path / "state", peer.base.replace("http:", "https:"))
        assert "SSL_CERT_FILE" in str(not_sent(run))
        assert peer.connections == 0


# --- proxies -----------------------------------------------------------------------------

PROVIDER = "https://provider.example"


def through(
    proxy: Peer | str, folder: Path, monkeypatch: pytest.MonkeyPatch, timeout: float = 5.0
) -> Run:
    """A run whose provider can be reached by a proxy only."""
    monkeypatch.setenv("HTTPS_PROXY", proxy.base if isinstance(proxy, Peer) else proxy)
    return Run(folder / "state", PROVIDER, timeout)


@pytest.mark.parametrize(
    "payload",
    [answer(403), answer(407, b"who are you?"), answer(502, b"no"), b"", b"HTTP/1.1 200 OK\r\n"],
    ids=["403", "407", "502", "nothing", "half an answer"],
)
def test_a_proxy_that_does_not_connect(
    payload: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = []

    def talk(sock: socket.socket) -> None:
        heads.append(read_request(sock))
        sock.sendall(payload)

    with Peer(talk) as proxy:
        not_sent(through(proxy, tmp_path, monkeypatch))
        assert proxy.connections == 3
    assert all(head.startswith(b"CONNECT provider.example:443 ") for head in heads)
    assert KEY.encode() not in b"".join(heads)


def test_a_proxy_that_connects_and_breaks_before_tls(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def talk(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        sock.recv(1000)  # the beginning of TLS

    with Peer(talk) as proxy:
        not_sent(through(proxy, tmp_path, monkeypatch))
        assert proxy.connections == 3


def test_a_proxy_that_never_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def talk(sock: socket.socket) -> None:
        while sock.recv(1000):
            pass

    with Peer(talk) as proxy:
        not_sent(through(proxy, tmp_path, monkeypatch, timeout=0.3))
        assert proxy.connections == 3


def test_a_proxy_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with nothing_listens() as base:
        not_sent(through(base, tmp_path, monkeypatch))


def test_a_proxy_setting_that_is_no_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "proxy" in str(not_sent(through("ftp://[nowhere", tmp_path, monkeypatch)))


@pytest.mark.parametrize("breaks", [False, True])
def test_a_proxy_that_connects(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, breaks: bool
) -> None:
    """It is the provider too, behind the tunnel."""
    trusted(authority, tmp_path, monkeypatch)
    context = tls(authority, "provider.example")
    heads = []

    def talk(sock: socket.socket) -> None:
        heads.append(read_request(sock))
        sock.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        with context.wrap_socket(sock, server_side=True) as tunnel:
            heads.append(read_request(tunnel))
            if not breaks:
                tunnel.sendall(TAKEN)

    with Peer(talk) as proxy:
        run = through(proxy, tmp_path, monkeypatch)
        outcome = run.send()
        assert proxy.connections == 1
    assert run.pauses == []
    assert type(outcome) is (OutcomeUnknown if breaks else Receipt)
    assert run.row.state is (State.UNKNOWN if breaks else State.SUBMITTED)
    assert KEY.encode() not in heads[0]
    assert heads[1].startswith(b"POST /v1/videos/generations HTTP/1.1\r\n")
    assert b"Authorization: Bearer " + KEY.encode() in heads[1]


# --- interruptions -----------------------------------------------------------------------


def inside(function: str) -> bool:
    """Whether the main thread is in a function of that name."""
    frame = sys._current_frames().get(main_thread().ident or 0)
    while frame is not None and frame.f_code.co_name != function:
        frame = frame.f_back
    return frame is not None


@contextmanager
def struck(
    when: Callable[[], object],
    error: BaseException,
    then: Callable[[], object] = lambda: None,
) -> Iterator[None]:
    """A signal that raises an error in the main thread, once something has come about."""

    def raised(*_: object) -> None:
        raise error

    def run() -> None:
        while not over.is_set():
            if when():
                over.wait(0.05)  # else it may come just before a call that waits, and not wake it
                os.kill(os.getpid(), signal.SIGUSR1)
                then()
                return
            time.sleep(0.005)

    over, before = Event(), signal.signal(signal.SIGUSR1, raised)
    striker = Thread(target=run)
    striker.start()
    try:
        yield
    finally:
        over.set()
        striker.join()
        signal.signal(signal.SIGUSR1, before)


INTERRUPTS = pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), SystemExit(143)], ids=["KeyboardInterrupt", "SystemExit"]
)


@INTERRUPTS
def test_interrupted_between_attempts_that_sent_nothing(
    error: BaseException, tmp_path: Path
) -> None:
    def strike(_: float) -> None:
        raise error

    with nothing_listens() as base:
        run = Run(tmp_path, base, strike=strike)
        assert run.send() is error
    assert len(run.pauses) == 1
    assert run.row.state is State.NOT_SENT


@INTERRUPTS
def test_interrupted_while_it_waits_for_later(error: BaseException, tmp_path: Path) -> None:
    def strike(_: float) -> None:
        raise error

    with Sandbox(faults=["429"], probe=False) as sandbox:
        run = Run(tmp_path, sandbox.base, strike=strike)
        assert run.send() is error
        assert len(sandbox.posts) == 1
    assert run.row.state is State.REJECTED


@POSIX
@INTERRUPTS
def test_interrupted_while_the_answer_is_awaited(error: BaseException, tmp_path: Path) -> None:
    with Sandbox(faults=["stall"], probe=False) as sandbox:
        run = Run(tmp_path, sandbox.base, timeout=10)
        with struck(lambda: sandbox.tasks, error):
            outcome = run.send()
        assert type(outcome) is OutcomeUnknown
        assert outcome.__cause__ is error
        assert len(sandbox.posts) == 1
    assert outcome.receipt == run.row
    assert run.row.state is State.UNKNOWN
    assert run.row.error == "it was interrupted before the answer came"


@POSIX
def test_a_bug_of_ours_while_the_answer_is_awaited(tmp_path: Path) -> None:
    """It is one like any other end: the outcome is not known, and what it was is named."""
    with Sandbox(faults=["stall"], probe=False) as sandbox:
        run = Run(tmp_path, sandbox.base, timeout=10)
        with struck(lambda: sandbox.tasks, ZeroDivisionError()):
            outcome = run.send()
    assert type(outcome) is OutcomeUnknown
    assert type(outcome.__cause__) is ZeroDivisionError
    error = "a bug of ours ended it (ZeroDivisionError) before the answer came"
    assert (run.row.state, run.row.error) == (State.UNKNOWN, error)


@POSIX
@INTERRUPTS
def test_interrupted_while_the_request_goes_out(error: BaseException, tmp_path: Path) -> None:
    """The server reads nothing, so that the body stands in the way."""
    begun, over = Event(), Event()

    def talk(sock: socket.socket) -> None:
        sock.recv(10)
        begun.set()
        over.wait(PATIENCE)

    with Peer(talk) as peer:
        run = Run(tmp_path, peer.base, timeout=10, content=b"x" * 50_000_000)
        with struck(begun.is_set, error):
            outcome = run.send()
        over.set()
        assert peer.connections == 1
    assert type(outcome) is OutcomeUnknown
    assert run.row.state is State.UNKNOWN


def _silent(sock: socket.socket) -> None:
    while sock.recv(1000):
        pass


@POSIX
@INTERRUPTS
def test_interrupted_while_tls_begins(error: BaseException, tmp_path: Path) -> None:
    with Peer(_silent) as peer:
        run = Run(tmp_path, peer.base.replace("http:", "https:"), timeout=10)
        with struck(lambda: inside("start_tls"), error):
            assert run.send() is error
        until(lambda: peer.connections == 1)  # the listener may come to it later
    assert run.row.state is State.NOT_SENT


@POSIX
@INTERRUPTS
def test_interrupted_while_a_proxy_connects(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Peer(_silent) as proxy:
        run = through(proxy, tmp_path, monkeypatch, timeout=10)
        with struck(lambda: inside("_receive_response_headers"), error):
            assert run.send() is error
        assert proxy.connections == 1
    assert run.row.state is State.NOT_SENT


@pytest.mark.skipif(sys.platform != "linux", reason="a full backlog is silent on Linux only")
@INTERRUPTS
def test_interrupted_while_connecting(error: BaseException, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        address = full.getsockname()
        others = [socket.socket() for _ in range(4)]
        for other in others:
            other.settimeout(0)
            with suppress(BlockingIOError):
                other.connect(address)
        run = Run(tmp_path, f"http://127.0.0.1:{address[1]}", timeout=3)
        with struck(lambda: inside("_run_in_thread"), error):
            assert run.send() is error
        for other in others:
            other.close()
    assert (run.row.state, run.row.error) == (State.NOT_SENT, "it was interrupted before")


@contextmanager
def locked(path: Path) -> Iterator[sqlite3.Connection]:
    """Another process at work on the ledger, until it is rolled back."""
    other = sqlite3.connect(path, timeout=5, check_same_thread=False, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        yield other
    finally:
        other.close()


@POSIX
@INTERRUPTS
def test_interrupted_while_the_intent_is_written(error: BaseException, tmp_path: Path) -> None:
    """Another process holds the ledger; afterwards it can be used again, by the same run."""
    with Sandbox(probe=False) as sandbox:
        run = Run(tmp_path, sandbox.base)
        with Api(sandbox.base, KEY) as api, Ledger(tmp_path) as ledger:
            with (
                locked(ledger.path) as other,
                struck(lambda: inside("begin"), error, lambda: other.execute("ROLLBACK")),
            ):
                assert run.over(api, ledger) is error
            assert [row.state for row in ledger.rows()] in ([], [State.NOT_SENT])
            assert sandbox.posts == []
            assert isinstance(run.over(api, ledger), Receipt)
        assert len(sandbox.posts) == 1


@POSIX
def test_interrupted_before_the_next_is_sent(tmp_path: Path) -> None:
    """That a byte of the request before it left says nothing about this one."""
    error = KeyboardInterrupt()
    with Sandbox(probe=False) as sandbox, Api(sandbox.base, KEY) as api, Ledger(tmp_path) as ledger:
        run = Run(tmp_path, sandbox.base)
        assert isinstance(run.over(api, ledger, intent("the first")), Receipt)
        with (
            locked(ledger.path) as other,
            struck(lambda: inside("begin"), error, lambda: other.execute("ROLLBACK")),
        ):
            assert run.over(api, ledger, intent("the second")) is error
        assert len(sandbox.posts) == 1
        second = ledger.rows()[1:]
    results = [(row.state, row.error) for row in second]
    assert results in ([], [(State.NOT_SENT, "it was interrupted before")])


@POSIX
@INTERRUPTS
def test_interrupted_while_the_outcome_is_written(error: BaseException, tmp_path: Path) -> None:
    """The task is made and its id is here: it must not get lost."""
    holding: list[sqlite3.Connection] = []

    def talk(sock: socket.socket) -> None:
        read_request(sock)
        other = sqlite3.connect(
            tmp_path / "ledger.sqlite3", check_same_thread=False, isolation_level=None
        )
        holding.append(other)
        other.execute("BEGIN IMMEDIATE")
        sock.sendall(TAKEN)

    with Peer(talk) as peer:
        run = Run(tmp_path, peer.base)
        with struck(lambda: inside("settle"), error, lambda: holding[0].execute("ROLLBACK")):
            outcome = run.send()
        holding[0].close()
        assert peer.connections == 1
    assert "task_7" in f"{outcome} {run.row.task_id}"
    assert outcome is error or type(outcome) is OutcomeUnknown


# --- the ledger --------------------------------------------------------------------------


@pytest.mark.parametrize("answer", [TAKEN, b""], ids=["answered", "cut"])
def test_the_intent_is_on_the_disk_before_the_first_byte(answer: bytes, tmp_path: Path) -> None:
    results: list[tuple[str, ...]] = []

    def talk(sock: socket.socket) -> None:
        """Reads the ledger before it reads the request."""
        other = sqlite3.connect(f"file:{tmp_path}/ledger.sqlite3?mode=ro", uri=True)
        results.extend(other.execute("SELECT intent, state, idempotency_key FROM intents"))
        other.close()
        read_request(sock)
        sock.sendall(answer)

    with Peer(talk) as peer:
        run = Run(tmp_path, peer.base)
        run.send()
    assert results == [(run.row.intent, "sending", run.row.idempotency_key)]


@contextmanager
def no_more_bytes() -> Iterator[Callable[[float], None]]:
    """What makes the disk full for this process, until the end of the block."""
    import resource  # noqa: PLC0415  POSIX

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        yield lambda _: resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@POSIX
def test_a_full_disk_after_the_answer(tmp_path: Path) -> None:
    with Sandbox(faults=["429-later*1"], probe=False) as sandbox, no_more_bytes() as fill:
        run = Run(tmp_path, sandbox.base, strike=fill)
        outcome = run.send()
        (task,) = sandbox.tasks
        assert len(sandbox.posts) == 2
    assert type(outcome) is OutcomeUnknown
    assert task in str(outcome)
    assert outcome.receipt
    assert outcome.receipt.task_id == task
    assert (run.row.state, run.row.intent) == (State.UNKNOWN, outcome.receipt.intent)


@POSIX
def test_a_full_disk_before_the_request(tmp_path: Path) -> None:
    with Sandbox(probe=False) as sandbox:
        run = Run(tmp_path, sandbox.base)
        with Api(sandbox.base, KEY) as api, Ledger(tmp_path) as ledger:
            with no_more_bytes() as fill:
                fill(0)
                assert type(run.over(api, ledger)) is LedgerUnusable
            assert ledger.rows() == []
            assert sandbox.posts == []
            assert isinstance(run.over(api, ledger), Receipt)  # there is room again


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be removed there")
@pytest.mark.parametrize(
    ("payload", "error", "status"),
    [
        (TAKEN, OutcomeUnknown, None),
        (b"", OutcomeUnknown, None),
        (answer(500), OutcomeUnknown, None),
        (answer(400), Rejected, 400),
        (answer(401), Rejected, 401),  # after which nothing else is sent
    ],
    ids=["taken", "cut", "500", "400", "401"],
)
def test_a_ledger_that_is_gone_after_the_answer(
    payload: bytes, error: type[SubmitError], status: int | None, tmp_path: Path
) -> None:
    folder = tmp_path / "state"

    def talk(sock: socket.socket) -> None:
        read_request(sock)
        shutil.rmtree(folder)
        sock.sendall(payload)

    with Peer(talk) as peer:
        outcome = Run(folder, peer.base).send()
        assert peer.connections == 1
    assert isinstance(outcome, error)
    assert ("task_7" in str(outcome)) == (payload == TAKEN)
    assert outcome.receipt
    assert outcome.receipt.task_id == ("task_7" if payload == TAKEN else None)
    state = State.REJECTED if error is Rejected else State.UNKNOWN
    assert outcome.receipt.state is (State.SUBMITTED if payload == TAKEN else state)
    if isinstance(outcome, Rejected):
        assert outcome.status == status


def test_a_ledger_that_another_process_keeps_after_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "_PATIENCE", 0.1)
    over = Event()

    def talk(sock: socket.socket) -> None:
        read_request(sock)
        with locked(tmp_path / "ledger.sqlite3"):
            sock.sendall(TAKEN)
            over.wait(PATIENCE)

    with Peer(talk) as peer:
        run = Run(tmp_path, peer.base)
        outcome = run.send()
        over.set()
    assert type(outcome) is OutcomeUnknown
    assert "task_7" in str(outcome)
    assert run.row.state is State.UNKNOWN


def test_an_answer_to_what_was_settled_as_not_sent_meanwhile_is_told(tmp_path: Path) -> None:
    """Somebody removed the locks of the runs, so that a later run took this one for dead."""

    def talk(sock: socket.socket) -> None:
        read_request(sock)
        shutil.rmtree(tmp_path / "runs")
        with Ledger(tmp_path) as other:
            (row,) = other.rows(State.UNKNOWN)
            resolve_in(other, row, task_id=None)
        sock.sendall(TAKEN)

    with Peer(talk) as peer:
        run = Run(tmp_path, peer.base)
        outcome = run.send()
    assert type(outcome) is OutcomeUnknown
    assert outcome.receipt
    assert outcome.receipt.task_id == "task_7"
    assert "task_7" in str(outcome)
    assert UNWRITTEN in str(outcome)
    command = f"`motion-preflight tasks resolve {outcome.receipt.intent} --task task_7`"
    assert command in outcome.in_words_of_command()
    with Ledger(tmp_path) as ledger:
        settled = resolve_in(ledger, ledger.rows()[0], task_id="task_7")
    assert settled.state is State.SUBMITTED


def test_nothing_sent_and_nothing_written_is_still_not_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger_module, "_PATIENCE", 0.1)
    with nothing_listens() as base:
        holding: list[sqlite3.Connection] = []

        def strike(_: float) -> None:
            if not holding:
                path = tmp_path / "ledger.sqlite3"
                holding.append(sqlite3.connect(path, isolation_level=None))
                holding[0].execute("BEGIN IMMEDIATE")

        outcome = Run(tmp_path, base, strike=strike).send()
        holding[0].close()
    assert type(outcome) is NotSent


def test_an_identical_intent_is_refused_by_the_ledger_itself(tmp_path: Path) -> None:
    with Sandbox(faults=["cut-after*1"], probe=False) as sandbox:
        run = Run(tmp_path, sandbox.base)
        assert type(run.send(intent("one"))) is OutcomeUnknown
        refused = run.send(intent("one"))
        assert type(refused) is NotSent
        assert refused.because is NotSentReason.IDENTICAL
        assert refused.receipt == run.row
        assert len(sandbox.posts) == 1
        run.again = True
        assert isinstance(run.send(intent("one")), Receipt)
        assert len(sandbox.posts) == 2
    assert [row.state for row in run.rows].count(State.UNKNOWN) == 1


@pytest.mark.parametrize("moment", range(6))
def test_a_ledger_that_another_run_makes_at_the_same_moment(moment: int, tmp_path: Path) -> None:
    """Between any two statements of this one."""
    seen: list[str] = []

    def make(statement: str) -> None:
        seen.append(statement)
        if len(seen) == moment + 1:
            with closing(sqlite3.connect(path, isolation_level=None, timeout=0)) as other:
                migrate(other, MIGRATIONS[: 0 if database.in_transaction else None])

    path = tmp_path / "ledger.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.set_trace_callback(make)
        migrate(database, MIGRATIONS)
        database.set_trace_callback(None)
    assert len(seen) > moment
    with Ledger(tmp_path) as ledger:
        assert ledger.rows() == []


def test_of_identical_intents_at_the_same_moment_one_is_sent(tmp_path: Path) -> None:
    outcomes: list[Receipt | BaseException] = []
    with Sandbox(probe=False, delay=0.2) as sandbox:
        together = Barrier(6)

        def work() -> None:
            run = Run(tmp_path, sandbox.base)
            with Api(sandbox.base, KEY) as api, Ledger(tmp_path) as ledger:
                together.wait(PATIENCE)
                outcomes.append(run.over(api, ledger, intent("one")))

        threads = [Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(sandbox.posts) == 1
    assert sum(isinstance(outcome, Receipt) for outcome in outcomes) == 1
    assert sum(type(outcome) is NotSent for outcome in outcomes) == 5


def test_a_budget_holds_for_intents_at_the_same_moment(tmp_path: Path) -> None:
    outcomes: list[Receipt | BaseException] = []
    now = dt.datetime.now(dt.UTC)  # they count against the day on which they are sent
    with Sandbox(probe=False) as sandbox:
        together = Barrier(6)

        def work(number: int) -> None:
            run = Run(tmp_path, sandbox.base, budget=Budget(day=Decimal(1)))  # two of 0.46
            with Api(sandbox.base, KEY) as api, Ledger(tmp_path) as ledger:
                together.wait(PATIENCE)
                outcomes.append(run.over(api, ledger, intent(str(number), created=now)))

        threads = [Thread(target=work, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(sandbox.posts) == 2
    refused = [outcome.because for outcome in outcomes if isinstance(outcome, NotSent)]
    assert refused == [NotSentReason.OVER_BUDGET] * 4


def test_every_outcome_says_what_it_is_about(tmp_path: Path) -> None:
    """What is unknown names the intent, the model and the moment, and both ways to settle it."""
    with Sandbox(faults=["500"], probe=False) as sandbox:
        outcome: Any = Run(tmp_path, sandbox.base).send()
    receipt = outcome.receipt
    for words in (
        receipt.label,
        receipt.intent,
        receipt.model,
        "2026-12-01 12:00 UTC",
        "resolve(error.receipt, task_id=TASK_ID)",
        "500",
    ):
        assert words in str(outcome)
    assert "\n" not in str(outcome)


@pytest.mark.parametrize(
    ("payload", "error"),
    [
        pytest.param(answer(422), "422", id="nothing more"),
        pytest.param(
            answer(400, {"error": {"message": "no such model"}}), "400 no such model", id="why"
        ),
        pytest.param(
            answer(400, {"error": {"message": "no", "request_id": "req_1"}}),
            "400 no (request id req_1)",
            id="the request's id",
        ),
        pytest.param(
            answer(429, {"error": {"message": "slow down"}}, Retry_After="3600"),
            "429 slow down; send it again after 3600 s, as it asks",
            id="later",
        ),
    ],
)
def test_a_refusal_says_what_the_provider_said(payload: bytes, error: str, tmp_path: Path) -> None:
    with serving(payload) as peer:
        run = Run(tmp_path, peer.base)
        outcome = run.send()
    assert str(outcome) == f"the provider refused it: {error}"
    assert run.row.error == error
