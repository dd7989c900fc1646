"""The provider's HTTP: what is asked, where the key goes, and what is made of odd answers."""

from __future__ import annotations

import gzip
import json
import os
import re
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from email.message import Message
from email.parser import BytesParser
from threading import Event
from typing import Any

import pytest
from builders import body
from paths import MEDIA
from peers import Peer, answer, read_request

from motion_preflight.errors import SettingsInvalid
from motion_preflight.provider.base_url import BASE_URL, checked_base
from motion_preflight.provider.client import Api, Unsent
from motion_preflight.provider.free_answer import CallFailed
from motion_preflight.provider.responses import Ambiguous, Refused, Submitted
from motion_preflight.provider.state import State
from motion_preflight.sandbox.documents import sample
from motion_preflight.sandbox.server import Sandbox
from motion_preflight.text.redaction import url_secrets

SIGNATURE = "deadbeefcafe0123456789abcdef0123456789ab"
KEY = "sk-never-to-be-seen-anywhere"
TAKEN = {"data": [{"task_id": "task_7"}]}
CALLS: dict[str, Callable[[Api], object]] = {
    "task": lambda api: api.task("task_7"),
    "balance": lambda api: api.balance(),
    "upload": lambda api: api.upload(b"picture", "png"),
}


@pytest.fixture(autouse=True)
def _without_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@dataclass
class Provider:
    """An API over a server that answers every request with the same bytes."""

    api: Api
    peer: Peer
    requests: list[bytes] = field(default_factory=list)

    def generate(self, **options: Any) -> object:
        usual = {"idempotency_key": "key-of-the-intent", "secrets": ()}
        return self.api.generate(json.dumps(body()).encode(), **usual | options)

    @property
    def lines(self) -> list[str]:
        """The first line of each request."""
        return [request.partition(b"\r\n")[0].decode() for request in self.requests]

    def headers(self) -> Message:
        """The headers of the last request."""
        return BytesParser().parsebytes(self.requests[-1].partition(b"\r\n")[2])


@contextmanager
def provider(data: bytes, *, path: str = "", timeout: float = 5) -> Iterator[Provider]:
    requests: list[bytes] = []

    def talk(sock: socket.socket) -> None:
        while request := read_request(sock):
            requests.append(request)
            sock.sendall(data)

    with Peer(talk) as peer, Api(peer.base + path, KEY, timeout=timeout) as api:
        yield Provider(api, peer, requests)


# --- where the key goes ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "base", "origin", "here"),
    [
        (None, BASE_URL, BASE_URL, False),
        ("", BASE_URL, BASE_URL, False),
        ("https://api.example", "https://api.example", "https://api.example", False),
        (" https://api.example/ ", "https://api.example", "https://api.example", False),
        ("https://api.example/v1", "https://api.example", "https://api.example", False),
        ("https://api.example/v1/", "https://api.example", "https://api.example", False),
        (
            "https://api.example/v1/videos/generations",
            "https://api.example",
            "https://api.example",
            False,
        ),
        (
            "https://api.example/a/v1/videos/generations/",
            "https://api.example/a",
            "https://api.example",
            False,
        ),
        (
            "https://api.example//v1//tasks/task_7",
            "https://api.example",
            "https://api.example",
            False,
        ),
        (
            "https://api.example/v1/gateway",
            "https://api.example/v1/gateway",
            "https://api.example",
            False,
        ),
        ("https://api.example/a/v1", "https://api.example/a", "https://api.example", False),
        ("HTTPS://API.Example:443", "https://API.Example:443", "https://api.example", False),
        ("https://api.example:8443", "https://api.example:8443", "https://api.example:8443", False),
        ("http://127.0.0.1:80", "http://127.0.0.1:80", "http://127.0.0.1", True),
        ("http://127.9.9.9:8", "http://127.9.9.9:8", "http://127.9.9.9:8", True),
        ("http://localhost:8", "http://localhost:8", "http://localhost:8", True),
        ("http://LOCALHOST:8", "http://LOCALHOST:8", "http://localhost:8", True),
        ("http://[::1]:8", "http://[::1]:8", "http://[::1]:8", True),
        ("https://10.0.0.1", "https://10.0.0.1", "https://10.0.0.1", False),
    ],
)
def test_a_base_url_that_the_key_may_go_to(
    value: str | None, base: str, origin: str, *, here: bool
) -> None:
    assert checked_base(value) == (base, origin, here)


@pytest.mark.parametrize(
    "value",
    [
        "http://api.example",
        "http://10.0.0.1",
        "http://127.0.0.1.example",
        "http://localhost.example",
        "http://0.0.0.0",
        "http://[::ffff:10.0.0.1]",
        "ftp://127.0.0.1",
        "api.example",
        "//api.example",
        "https://",
        "https:///v1",
        "https://me:password@api.example",
        "https://@api.example",
        "https://api.example?key=secret",
        "https://api.example/#top",
        "https://api.example:port",
        "https://api.example:99999",
        "https://api .example",
        "https://api.example\\@evil.example",
        "https://api.example\nX: y",
        "https://[::1",
        "https://256.256.256.256",
        "https://example.com",
        "https://API.Example.com./v1",
        "https://api.example.org/v1",
        "https://your-provider.com",
        "https://<host>",
        "https://{base_url}/v1",
        "  ",
    ],
)
def test_a_base_url_that_the_key_must_not_go_to(value: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        Api(value, KEY)
    assert "base URL" in str(caught.value)
    for secret in ("password", "secret", KEY, "\n"):
        assert secret not in str(caught.value)


@pytest.mark.parametrize("call", [*CALLS, "generate"])
@pytest.mark.parametrize("path", ["", "/v1", "/some/where"])
def test_every_call_bears_the_key_once(call: str, path: str) -> None:
    with provider(answer(404), path=path) as result:
        if call == "generate":
            result.generate()
        else:
            with pytest.raises(CallFailed):
                CALLS[call](result.api)
        headers = result.headers()
        assert headers.get_all("Authorization") == [f"Bearer {KEY}"]
        assert headers.get_all("User-Agent") == ["motion-preflight"]
        assert headers.get_all("Accept-Encoding") == ["identity"]
        assert headers.get_all("Host") == [f"127.0.0.1:{result.peer.port}"]
        assert result.lines[0].split()[1].startswith(f"{path.removesuffix('/v1')}/v1/")
        assert KEY not in result.lines[0]


@pytest.mark.parametrize("call", [*CALLS, "generate"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(call: str, status: int) -> None:
    with Sandbox(probe=False) as elsewhere:
        with provider(answer(status, Location=f"{elsewhere.base}/v1/moved")) as result:
            if call == "generate":
                assert isinstance(result.generate(), Ambiguous)
            else:
                with pytest.raises(CallFailed, match=str(status)):
                    CALLS[call](result.api)
            assert len(result.requests) == 1
        assert elsewhere.requests == []


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_is_not_used_for_this_machine(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be sent the key over plain HTTP."""
    with Peer(socket.socket.close) as proxy, Sandbox(probe=False) as sandbox:
        monkeypatch.setenv(name, proxy.base)
        with Api(sandbox.base, KEY, timeout=5) as api:
            assert api.balance() == 100
            assert isinstance(api.generate(b"{}", idempotency_key="k", secrets=()), Submitted)
            assert api.upload(b"GIF89a", "gif")
        assert proxy.connections == 0


# --- the paid POST -----------------------------------------------------------------------


def test_the_paid_post_as_it_goes_out() -> None:
    with provider(answer(200, TAKEN, X_Request_Id="req_9")) as result:
        before = result.api.sent
        assert result.generate() == Submitted("task_7", "req_9")
        assert (before, result.api.sent) == (False, True)
        headers = result.headers()
        (request,) = result.requests
        assert result.lines == ["POST /v1/videos/generations HTTP/1.1"]
        assert headers.get_all("Content-Type") == ["application/json"]
        assert headers.get_all("Idempotency-Key") == ["key-of-the-intent"]
        assert "Transfer-Encoding" not in headers
        assert json.loads(request.partition(b"\r\n\r\n")[2]) == body()


SIGNED = "https://media.example/clip.mp4?sig=signed-and-secret&x=%C3%A4%2Bunreadable#fragmented"
PROMPT = "she dances, and nobody is to know how she does it"


@pytest.mark.parametrize(
    "message",
    [
        f"invalid key Bearer {KEY}",
        f"invalid key {KEY[:14]}...",
        f"invalid key ****{KEY[-10:]}",
        f"cannot fetch {SIGNED}",
        "cannot verify signed-and-secret",
        "cannot verify ä+unreadable or %C3%A4%2Bunreadable",
        f'the prompt "{PROMPT}" is not allowed',
        f"not allowed: {PROMPT[5:40]}",
        f"{'x' * 290} {KEY}",
    ],
)
@pytest.mark.parametrize("status", [400, 401, 500, 200])
def test_secrets_are_taken_out_of_what_the_provider_says(status: int, message: str) -> None:
    shapes = {
        "error": json.dumps({"error": {"message": message, "type": "t", "code": 1}}),
        "message": json.dumps({"message": message}),
        "text": message,
        "page": f"<html><body><p>{message}</p></body></html>",
    }
    words = (KEY[:8], KEY[-8:], "signed-and", "unreadable", "fragmented", PROMPT[10:34])
    for shape, output in shapes.items():
        with provider(answer(status, output.encode())) as result:
            intended = result.generate(secrets=[*url_secrets([SIGNED]), PROMPT])
        assert isinstance(intended, Refused | Ambiguous), shape
        assert intended.message, shape
        assert not [word for word in words if word in intended.message], shape


def test_the_key_is_taken_out_of_every_failure() -> None:
    output = {"error": {"message": f"no such key: {KEY}", "code": KEY, "type": KEY}}
    for call in CALLS.values():
        with provider(answer(401, output)) as result, pytest.raises(CallFailed) as caught:
            call(result.api)
        assert caught.value.status == 401
        assert KEY[:8] not in str(caught.value)
    with Sandbox(faults=["echo-key"], probe=False) as sandbox, Api(sandbox.base, KEY) as api:
        request = json.dumps(body(video_url=SIGNED)).encode()
        intended = api.generate(request, idempotency_key="k", secrets=url_secrets([SIGNED]))
        assert isinstance(intended, Refused)
        assert KEY[:8] not in intended.message
        assert "signed-and" not in intended.message


def test_the_key_is_taken_out_of_a_failed_task() -> None:
    document = sample("task-failed")
    document["data"]["error"] = {"message": f"upstream said {KEY}"}
    with provider(answer(200, document)) as result:
        task = result.api.task("task_7")
    assert task.state is State.FAILED
    assert task.error == "upstream said …"


@pytest.mark.parametrize("task_id", [KEY, f"task_{KEY}", KEY[3:20], SIGNATURE, f"a-{SIGNATURE}"])
def test_a_task_id_that_holds_a_secret_is_not_kept(task_id: str) -> None:
    link = f"https://cdn.apimart-user.com/a.mp4?sig={SIGNATURE}"
    with provider(answer(200, {"data": [{"task_id": task_id}]})) as result:
        intended = result.generate(secrets=url_secrets([link]))
    assert isinstance(intended, Ambiguous)
    assert task_id not in f"{intended.message} {intended.answer}"


def test_a_task_id_may_hold_a_word_of_a_link() -> None:
    """An id that is lost makes the outcome of a paid request unknown."""
    with provider(answer(200, {"data": [{"task_id": "task_dance-video-01"}]})) as result:
        intended = result.generate(secrets=url_secrets(["https://a.io/a?name=dance-video"]))
    assert isinstance(intended, Submitted)


def test_the_secrets_of_a_request_are_taken_out_of_its_failed_task() -> None:
    document = sample("task-failed")
    output = f"cannot fetch sig {SIGNATURE} {SIGNATURE[:12]}, prompt {PROMPT}"
    document["data"]["error"] = {"message": output}
    with provider(answer(200, document)) as result:
        later = result.api.task("task_7")  # a run that did not send it knows no secret
        result.generate(secrets=[SIGNATURE, PROMPT])
        task = result.api.task("task_7")
    assert SIGNATURE not in str(later.error)
    assert SIGNATURE[:12] not in str(task.error)
    assert PROMPT not in str(task.error)


def test_an_unsent_request_names_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://{KEY}.invalid:1")
    with Api("https://provider.example", KEY, timeout=1) as api:
        result = api.generate(b"{}", idempotency_key="k", secrets=())
    assert isinstance(result, Unsent)
    assert KEY not in result.message
    assert not api.sent


# --- odd answers -------------------------------------------------------------------------

LONG = 3 << 20
BOMB = gzip.compress(b" " * 20_000_000, 9)
ZIPPED = gzip.compress(json.dumps(sample("task-processing")).encode())


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (answer(200, b"[" + b" " * LONG + b"]"), "not whole"),
        (answer(500, b"x" * LONG), "500"),
        (answer(200, BOMB, Content_Encoding="gzip"), "not whole"),
        (answer(200, ZIPPED[:-20], Content_Encoding="gzip"), "not JSON|not whole"),
        (answer(200, b"plain", Content_Encoding="gzip"), "not whole"),
        (answer(200, ZIPPED), "not JSON"),
        (answer(200, b""), "not JSON"),
        (answer(204), "204|not JSON"),
        (answer(200, b"null"), "not JSON"),
        (answer(200, b"[]"), "no task|no link|no balance"),
        (answer(200, b"[" * 100_000), "not JSON"),
        (answer(200, b"<html>hello</html>"), "not JSON"),
        (answer(502, b"<html><title>Bad gateway</title></html>"), "502 Bad gateway"),
        (answer(404, b"\x1b[31mred\x07\n\n\nlines"), "404 .*red.* lines"),
        (answer(429, b"", Retry_After="7"), "429"),
        (b"nonsense\r\n\r\n", ""),
    ],
    ids=range(16),
)
@pytest.mark.parametrize("call", CALLS)
def test_an_answer_that_cannot_be_used(call: str, payload: bytes, why: str) -> None:
    with provider(payload) as result, pytest.raises(CallFailed) as caught:
        CALLS[call](result.api)
    assert re.search(why, str(caught.value))
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 400
    assert caught.value.retry_after == (7 if b"Retry-After: 7" in payload else None)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_compressed_answer_is_read(coding: str) -> None:
    text = json.dumps(sample("task-processing")).encode()
    packed = gzip.compress(text) if coding == "gzip" else zlib.compress(text)
    with provider(answer(200, packed, Content_Encoding=coding)) as result:
        assert result.api.task("task_7").state is State.SUBMITTED


def test_a_long_answer_is_not_read_to_its_end() -> None:
    """Of a server that never ends."""

    def talk(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            sock.sendall(b" " * 65536)

    with Peer(talk) as peer, Api(peer.base, KEY) as api:
        with pytest.raises(CallFailed, match="not whole"):
            api.balance()
        result = api.generate(b"{}", idempotency_key="k", secrets=())
        assert isinstance(result, Ambiguous)
        assert "broke off" in result.message


def test_an_answer_that_drips_ends_in_time() -> None:
    """Each byte comes in time, all of them never do."""

    def talk(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            sock.sendall(b" ")
            time.sleep(0.05)

    with Peer(talk) as peer, Api(peer.base, KEY, timeout=0.3) as api:
        with pytest.raises(CallFailed, match="not whole"):
            api.balance()
        assert isinstance(api.generate(b"{}", idempotency_key="k", secrets=()), Ambiguous)


@pytest.mark.parametrize(
    "number",
    ["1e99999999999999999999", "1e-99999999999999999999", "1e9999999", "9" * 4000],
    ids=["too large", "too small", "large", "long"],
)
def test_numbers_beyond_sense_break_nothing(number: str) -> None:
    """Of a task everything else is still told; a balance is then not known."""
    task = f'{{"data": {{"status": "completed", "cost": {number}, "progress": {number}}}}}'
    for text in (task, task.replace("cost", "credits_cost")):
        with provider(answer(200, text.encode())) as result:
            assert result.api.task("task_7").cost is None
    with provider(answer(200, f'{{"remain_balance": {number}}}'.encode())) as result:
        assert len(_message_of(result.api)) < 1000


def _message_of(api: Api) -> str:
    """A balance, or why there is none, as it is shown."""
    try:
        return f"{api.balance():f}"
    except CallFailed as failed:
        return str(failed)


# --- tasks, balance, upload --------------------------------------------------------------


@pytest.mark.parametrize(
    ("task_id", "path"),
    [
        ("task_01J-x.y~z", "task_01J-x.y~z"),
        ("a/b", "a%2Fb"),
        ("../balance", "..%2Fbalance"),
        ("a?b#c", "a%3Fb%23c"),
        ("a%2Fb", "a%252Fb"),
        ("ä b", "%C3%A4%20b"),
    ],
)
def test_a_task_id_is_one_part_of_the_path(task_id: str, path: str) -> None:
    with provider(answer(200, sample("task-processing"))) as result:
        result.api.task(task_id)
        assert result.lines == [f"GET /v1/tasks/{path} HTTP/1.1"]


@pytest.mark.parametrize("task_id", [".", "..", "", "a\r\nX-Evil: y", "a\ud800"])
def test_a_task_id_that_is_no_part_of_a_path_asks_for_nothing_else(task_id: str) -> None:
    with provider(answer(200, sample("task-processing"))) as result:
        with pytest.raises(CallFailed):
            result.api.task(task_id)
        assert all(line.startswith("GET /v1/tasks/") for line in result.lines)


@pytest.mark.parametrize(
    ("key", "account", "left"),
    [
        ({"remain_balance": 12.34}, None, Decimal("12.34")),
        ({"remain_balance": 0}, None, Decimal(0)),
        ({"remain_balance": -3}, None, Decimal(-3)),
        ({"remain_balance": 0.1, "success": True}, None, Decimal("0.1")),
        ({"remain_balance": -1}, {"remain_balance": 5}, Decimal(5)),
        ({"remain_balance": 7, "unlimited_quota": True}, {"remain_balance": 5}, Decimal(5)),
        ({"unlimited_quota": True}, {"remain_balance": -1}, None),
    ],
)
def test_a_balance(
    key: dict[str, object], account: dict[str, object] | None, left: Decimal | None
) -> None:
    paths = []

    def talk(sock: socket.socket) -> None:
        while request := read_request(sock):
            paths.append(request.split()[1].decode())
            result = key if len(paths) == 1 else account or {}
            sock.sendall(answer(200, dict(result)))

    with Peer(talk) as peer, Api(peer.base, KEY) as api:
        assert api.balance() == left
    assert paths == ["/v1/balance", "/v1/user/balance"][: 1 if account is None else 2]


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        ({"success": False, "message": "no quota for you"}, "no quota for you"),
        ({"success": False, "remain_balance": 5}, "no balance"),
        ({}, "no remain_balance"),
        ({"remain_balance": "plenty"}, "no remain_balance"),
        ({"remain_balance": True}, "no remain_balance"),
        ({"remain_balance": None}, "no remain_balance"),
    ],
)
def test_what_is_no_balance(payload: dict[str, object], why: str) -> None:
    with provider(answer(200, payload)) as result, pytest.raises(CallFailed, match=why):
        result.api.balance()


@pytest.mark.parametrize(
    ("container", "name", "kind"),
    [
        ("jpeg", "image.jpg", "image/jpeg"),
        ("png", "image.png", "image/png"),
        ("webp", "image.webp", "image/webp"),
        ("gif", "image.gif", "image/gif"),
    ],
)
def test_an_upload_as_the_provider_wants_it(container: str, name: str, kind: str) -> None:
    data = bytes(range(256)) * 400 + b"\r\n--not a boundary--\r\n"
    with provider(answer(200, {"url": "https://cdn.example/1"})) as result:
        assert result.api.upload(data, container) == "https://cdn.example/1"
        headers = result.headers()
        (request,) = result.requests
    assert result.lines == ["POST /v1/uploads/images HTTP/1.1"]
    assert headers.get_content_type() == "multipart/form-data"
    assert "Transfer-Encoding" not in headers
    boundary = str(headers.get_boundary()).encode()
    before, part, after = request.partition(b"\r\n\r\n")[2].split(b"--" + boundary)
    assert (before, after) == (b"", b"--\r\n")
    head, _, content = part.partition(b"\r\n\r\n")
    about = BytesParser().parsebytes(head.strip())
    assert about["Content-Disposition"] == f'form-data; name="file"; filename="{name}"'
    assert about["Content-Type"] == kind
    assert content == data + b"\r\n"


@pytest.mark.parametrize(
    ("payload", "url"),
    [
        (sample("upload"), sample("upload")["url"]),
        ({"data": {"url": "https://cdn.example/1?sig=x"}}, "https://cdn.example/1?sig=x"),
        ({"url": "HTTPS://cdn.example/1"}, "HTTPS://cdn.example/1"),
        ({"url": ""}, None),
        ({"url": None}, None),
        ({"url": "/uploads/1.png"}, None),
        ({"url": "javascript:alert(1)"}, None),
        ({"url": ["https://cdn.example/1"]}, None),
        ({"data": []}, None),
    ],
)
def test_the_link_of_an_upload(payload: dict[str, Any], url: str | None) -> None:
    with provider(answer(200, payload)) as result:
        if url is None:
            with pytest.raises(CallFailed, match="no link"):
                result.api.upload(b"x", "png")
        else:
            assert result.api.upload(b"x", "png") == url


def test_the_sandbox_takes_every_picture() -> None:
    with Sandbox(probe=False) as sandbox, Api(sandbox.base, KEY) as api:
        for container, name in (("jpeg", "image.jpg"), ("png", "image.png")):
            api.upload((MEDIA / name).read_bytes(), container)
        assert sandbox.uploads == [
            (MEDIA / name).read_bytes() for name in ("image.jpg", "image.png")
        ]


def test_a_picture_may_take_the_time_that_a_slow_line_needs() -> None:
    """It goes out all the time, at more than 256 KiB a second: there is no silence in it."""
    size = 2_000_000

    def talk(sock: socket.socket) -> None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        left = size
        while left > 0:
            left -= len(sock.recv(65536))
            time.sleep(0.05)
        sock.sendall(answer(200, {"url": "https://cdn.example/1"}))

    with Peer(talk) as peer, Api(peer.base, KEY, timeout=0.5) as api:
        assert api.upload(b"x" * size, "png")


def test_a_call_after_one_that_failed_goes_well() -> None:
    faults = ["poll-cut*1", "poll-500*1", "poll-html*1"]
    with Sandbox(faults=faults, probe=False) as sandbox, Api(sandbox.base, KEY, timeout=5) as api:
        built = api.generate(b"{}", idempotency_key="k", secrets=())
        assert isinstance(built, Submitted)
        for _ in range(3):
            with pytest.raises(CallFailed):
                api.task(built.task_id)
        assert api.task(built.task_id).word == "processing"


def test_a_connection_that_died_meanwhile_is_not_used() -> None:
    """It is kept for the next poll, and the server closes it in between."""
    closed = Event()

    def talk(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(answer(200, sample("task-processing")))
        sock.close()
        closed.set()

    with Peer(talk) as peer, Api(peer.base, KEY, timeout=5) as api:
        for count in (1, 2, 3):
            assert api.task("task_7").word
            assert closed.wait(5)
            closed.clear()
            assert peer.connections == count


def test_a_proxy_gets_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    heads = []

    def talk(sock: socket.socket) -> None:
        heads.append(read_request(sock))

    with Peer(talk) as proxy, Api("https://provider.example", KEY, timeout=5) as api:
        monkeypatch.setenv("HTTPS_PROXY", proxy.base)
        for call in CALLS.values():
            with pytest.raises(CallFailed):
                call(api)
    assert len(heads) == 3
    assert KEY.encode() not in b"".join(heads)
