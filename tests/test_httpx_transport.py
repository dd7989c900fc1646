"""Clients on httpx behind the guard: what is not cleared never leaves, what leaves leaves once, and
everything else passes as if nothing stood there.
"""

from __future__ import annotations

import gzip
import json
import ssl
import typing
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from processes import KEY, ledger_rows, served

from motion_preflight import NotCleared, NotSent, NotSentReason, OutcomeUnknown, interruption
from motion_preflight.httpx_transport import AsyncPreflightTransport, PreflightTransport
from motion_preflight.sandbox.server import Sandbox
from motion_preflight.submission.ledger.ledger import Ledger
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

PATH = "/v1/videos/generations"
# Every server here speaks http, and reading the certificates of this machine takes 30 ms each time.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Client:
    """One of httpx's clients behind the guard. Each request has a client of its own."""

    def __init__(self, kind: str, base: str, *, inner: Any = None, **options: Any) -> None:
        self.kind, self.base, self.inner = kind, base, inner
        self.options: dict[str, Any] = {"base_url": base, "allow_private": True, **options}

    def post(self, request: object, path: str = PATH) -> httpx.Response:
        return self.ask("POST", path, json=request)

    def ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        if self.kind == "threads":
            transport = PreflightTransport(
                self.inner or httpx.HTTPTransport(verify=NO_TLS), **self.options
            )
            with httpx.Client(transport=transport, base_url=self.base) as client:
                return client.request(method, path, **self._keyed(content))

        async def ask() -> httpx.Response:
            inner = self.inner or httpx.AsyncHTTPTransport(verify=NO_TLS)
            transport = AsyncPreflightTransport(inner, **self.options)
            async with httpx.AsyncClient(transport=transport, base_url=self.base) as client:
                return await client.request(method, path, **self._keyed(content))

        return anyio.run(ask, backend=self.kind)

    def stream(self, pieces: list[bytes]) -> Iterator[bytes] | AsyncIterator[bytes]:
        """A body that is not in memory."""

        async def later() -> AsyncIterator[bytes]:
            for piece in pieces:
                yield piece

        return iter(pieces) if self.kind == "threads" else later()

    @staticmethod
    def _keyed(content: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {KEY}"} | content.pop("headers", {})
        return {"headers": headers, **content}


@pytest.fixture(autouse=True)
def _own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTION_PREFLIGHT_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("APIMART_API_KEY", "APIMART_API_KEY_FILE", "APIMART_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=["threads", "asyncio", "trio"])
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def bodies(sandbox: Sandbox) -> list[bytes]:
    return [post.body for post in sandbox.posts]


def states(folder: Path) -> list[str]:
    return [row["state"] for row in ledger_rows(folder)]


def test_what_is_cleared_leaves_as_it_is_and_is_written_down(
    kind: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    content = json.dumps(served(sandbox), indent=3).encode()
    headers = {"Content-Type": "application/json", "Idempotency-Key": "mine"}
    response = Client(kind, sandbox.base).ask("POST", PATH, content=content, headers=headers)
    (post,) = sandbox.posts
    assert post.body == content
    assert post.headers["idempotency-key"] == "mine"
    assert (response.status_code, response.reason_phrase) == (200, "OK")
    assert response.json()["data"][0]["task_id"] == post.task_id
    (row,) = ledger_rows(tmp_path)
    assert (row["state"], row["task_id"], row["idempotency_key"]) == (
        "submitted", post.task_id, "mine",
    )  # fmt: skip
    assert KEY not in str(row)


def test_what_is_not_cleared_never_leaves(kind: str, sandbox: Sandbox, tmp_path: Path) -> None:
    client = Client(kind, sandbox.base)
    with pytest.raises(NotCleared, match="mode is null"):
        client.post(served(sandbox, mode=None))
    short = served(sandbox, video_url=sandbox.media_url("not-there.mp4"))
    with pytest.raises(NotCleared, match="media-unreachable"):
        client.post(short)
    assert sandbox.posts == []
    assert states(tmp_path) == []


def test_an_identical_request_that_is_under_way_is_not_sent(kind: str) -> None:
    with Sandbox(polls=5) as sandbox:
        client = Client(kind, sandbox.base)
        client.post(served(sandbox))
        with pytest.raises(NotSent, match="is not over") as raised:
            client.post(served(sandbox))
    assert raised.value.because is NotSentReason.IDENTICAL
    assert raised.value.receipt
    assert [post.task_id for post in sandbox.posts] == [raised.value.receipt.task_id]


def test_an_identical_request_that_is_completed_is_not_sent(kind: str) -> None:
    """Its task is asked for over the same transport, with the client's own key."""
    with Sandbox(polls=0) as sandbox:
        client = Client(kind, sandbox.base)
        client.post(served(sandbox))
        with pytest.raises(NotSent, match="done already") as raised:
            client.post(served(sandbox))
    assert raised.value.because is NotSentReason.DONE
    assert raised.value.receipt
    assert raised.value.receipt.cost is not None
    assert len(sandbox.posts) == 1


def test_a_request_whose_task_has_failed_is_sent_again(tmp_path: Path) -> None:
    with Sandbox(polls=0, faults=["poll-failed*1"]) as sandbox:
        client = Client("threads", sandbox.base)
        client.post(served(sandbox))
        assert client.post(served(sandbox)).status_code == 200
    assert len(sandbox.posts) == 2
    assert states(tmp_path) == ["failed", "submitted"]


@pytest.mark.parametrize(
    ("fault", "status", "state"),
    [
        ("400", 400, "rejected"),
        ("429", 429, "rejected"),
        ("504-billed", 504, "unknown"),
        ("500-html", 500, "unknown"),
        ("307-elsewhere", 307, "unknown"),
        ("503-id", 503, "submitted"),
    ],
)
def test_the_response_is_given_back_whatever_it_says(
    kind: str, fault: str, status: int, state: str, tmp_path: Path
) -> None:
    with Sandbox(faults=[fault]) as sandbox:
        plain = httpx.post(
            sandbox.base + PATH, verify=NO_TLS, headers={"Authorization": f"Bearer {KEY}"}, json={}
        )
        response = Client(kind, sandbox.base).post(served(sandbox))
    assert response.status_code == status
    if state == "rejected":
        assert (response.json(), len(sandbox.posts)) == (plain.json(), 2)
    assert states(tmp_path) == [state]


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ("cut-before", "unknown"),
        ("cut-after", "unknown"),
        ("cut-in-body", "unknown"),
        ("cut-in-body-after-id", "submitted"),
    ],
)
def test_an_answer_that_breaks_off_is_the_clients_own_error_and_is_not_sent_again(
    kind: str, fault: str, state: str, tmp_path: Path
) -> None:
    with Sandbox(polls=5, faults=[fault]) as sandbox:
        client = Client(kind, sandbox.base)
        with pytest.raises(httpx.TransportError) as raised:
            client.post(served(sandbox))
        with pytest.raises(NotSent, match="is not over"):
            client.post(served(sandbox))
    if fault == "cut-after":
        assert isinstance(raised.value.__cause__, OutcomeUnknown)
    assert states(tmp_path) == [state]
    assert len(sandbox.posts) == 1


def test_nothing_is_owed_when_no_connection_came_about(
    kind: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    with Host() as host:
        closed = host.base
    client = Client(kind, closed)
    for _ in range(2):
        with pytest.raises(httpx.ConnectError) as raised:
            client.post(served(sandbox))
        assert isinstance(raised.value.__cause__, NotSent)
    assert states(tmp_path) == ["not-sent", "not-sent"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {KEY}\n"},  # as a file holds it
        {"Authorization": f"Token {KEY}\r\n"},
        {"Authorization": f"Bearer {KEY}", "Cookie": f" session={KEY[::2]}"},
    ],
    ids=["line end", "another scheme", "another header"],
)
def test_a_header_that_http_does_not_allow_is_not_sent_and_not_quoted(
    kind: str, headers: dict[str, str], sandbox: Sandbox, tmp_path: Path
) -> None:
    with pytest.raises(httpx.LocalProtocolError) as raised:
        Client(kind, sandbox.base).ask("POST", PATH, json=served(sandbox), headers=headers)
    assert isinstance(raised.value.__cause__, NotSent)
    assert "white space" in str(raised.value.__cause__)
    assert states(tmp_path) == ["not-sent"]
    assert sandbox.posts == []
    written = str(raised.value.__cause__) + str(ledger_rows(tmp_path))
    assert KEY not in written
    assert KEY[::2] not in written


def test_an_answer_that_is_packed_is_understood(
    kind: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    """By a transport of its own, because the sandbox packs nothing."""
    answer = b'{"code": 200, "data": [{"status": "submitted", "task_id": "task_7"}]}'
    packed = httpx.MockTransport(
        lambda _: httpx.Response(
            200, headers={"Content-Encoding": "gzip"}, content=gzip.compress(answer)
        )
    )
    response = Client(kind, sandbox.base, inner=packed).post(served(sandbox))
    assert response.content == answer
    assert response.headers["Content-Encoding"] == "gzip"
    assert [row["task_id"] for row in ledger_rows(tmp_path)] == ["task_7"]


OTHERS = ["kling-v3", "kling-v2-6", "kling-v2-1-master", "kling-v3-omni", "sora-2", "wan2.6",
          "gpt-image-1", "hailuo-2.3", "v3", "motion", "animate-motion-2", ""]  # fmt: skip


@pytest.mark.parametrize("model", OTHERS)
def test_other_models_pass_untouched(model: str, sandbox: Sandbox, tmp_path: Path) -> None:
    content = json.dumps({"model": model, "prompt": "a cat"}, indent=1).encode()
    client = Client("threads", sandbox.base)
    response = client.ask("POST", PATH, content=content)
    assert response.status_code == 400  # the sandbox has motion control alone
    assert bodies(sandbox) == [content]
    assert states(tmp_path) == []


@pytest.mark.parametrize(
    "model",
    [
        "kling-v3-motion-control",
        "kling-v2-6-motion-control",
        "KLING-V3-MOTION-CONTROL ",
        "kling-v3-motoin-control",
        "kling_v3_motion_control",
        "kling-v3-motion",
        "kling-2.6/motion-control",
        "kling-video/v3/pro/motion-control",
        "klingv3motioncontrl",
    ],
)
def test_a_near_miss_of_the_models_name_is_checked(model: str, sandbox: Sandbox) -> None:
    with pytest.raises(NotCleared):
        Client("threads", sandbox.base).post({"model": model, "prompt": "a cat"})
    assert sandbox.posts == []


@pytest.mark.parametrize(
    "content",
    [b"", b"no JSON", b"[]", b'"model"', b'{"model": 3}', b"\xff\xfe", b"[" * 100_000, b"{}"],
)
def test_a_body_that_names_no_model_passes(content: bytes, sandbox: Sandbox) -> None:
    Client("threads", sandbox.base).ask("POST", PATH, content=content)
    assert bodies(sandbox) == [content]


@pytest.mark.parametrize(
    "content",
    [
        b'{"model": "kling-v3-motion-control", "model": "sora-2"}',
        b'{"model": "sora-2", "model": "kling-v3-motion-control"}',
        b'{"Model": "kling-v3-motion-control"}',
        b'[{"model": "kling-v3-motion-control"}]',
        b'{"model": "kling-v3-motion-control", "n": NaN}',
        b"model=kling-v3-motion-control&mode=std",
        b'{"model": "kling-v3-motion-control"',
    ],
)
def test_a_body_in_which_the_model_is_hidden_does_not_leave(
    content: bytes, sandbox: Sandbox
) -> None:
    with pytest.raises(NotCleared):
        Client("threads", sandbox.base).ask("POST", PATH, content=content)
    assert sandbox.posts == []


def test_a_packed_body_is_unpacked_for_the_check_alone(sandbox: Sandbox) -> None:
    client = Client("threads", sandbox.base)
    packed = {"Content-Encoding": "gzip"}
    other = gzip.compress(b'{"model": "sora-2"}')
    client.ask("POST", PATH, content=other, headers=packed)
    content = gzip.compress(b'{"model": "kling-v3-motion-control"}')
    with pytest.raises(NotCleared, match="video_url is missing"):
        client.ask("POST", PATH, content=content, headers=packed)
    for content, coding in ((b"not gzip", "gzip"), (b"?", "br")):
        with pytest.raises(NotCleared, match="it is packed"):
            client.ask("POST", PATH, content=content, headers={"Content-Encoding": coding})
    assert bodies(sandbox) == [other]


def test_other_paths_methods_and_origins_pass_untouched(
    kind: str, sandbox: Sandbox, host: Host, tmp_path: Path
) -> None:
    client = Client(kind, sandbox.base)
    request = served(sandbox, mode=None)
    for path in ("/v1/chat/completions", "/v1/videos", "/v1/videos/generations/7"):
        assert client.post(request, path).status_code == 404
    assert client.ask("GET", "/v1/balance").json()["success"] is True
    client.ask("GET", PATH, content=json.dumps(request).encode())
    client.post(request, host.base + PATH)
    assert [entry.target for entry in host.log] == [PATH]
    assert sandbox.posts == []
    assert states(tmp_path) == []


@pytest.mark.parametrize("path", [PATH + "/", "//v1/videos//generations", "/v1/Videos/generations",
                                  "/v1/videos/generation%73", "/v1/%2e/x/%2E./videos/generations",
                                  PATH + "?trace=1"])  # fmt: skip
def test_the_endpoint_is_known_however_it_is_written(path: str, sandbox: Sandbox) -> None:
    with pytest.raises(NotCleared):
        Client("threads", sandbox.base).post(served(sandbox, mode=None), sandbox.base + path)
    assert sandbox.posts == []


def test_the_base_url_may_have_a_path_and_come_from_the_settings(
    monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, host: Host
) -> None:
    monkeypatch.setenv("APIMART_BASE_URL", f"{host.base}/proxy/v1")
    client = Client("threads", host.base, base_url=None)
    with pytest.raises(NotCleared):
        client.post(served(sandbox, mode=None), "/proxy" + PATH)
    client.post(served(sandbox, mode=None))
    assert [entry.target for entry in host.log] == [PATH]


def test_a_body_that_is_streamed_is_read_once_and_sent_whole(kind: str) -> None:
    # The sandbox takes no chunks, as it says: a length is given.
    with Sandbox() as sandbox:
        client = Client(kind, sandbox.base)
        for fields in (served(sandbox), {"model": "sora-2", "prompt": "a cat"}):
            content = json.dumps(fields).encode()
            pieces = [content[:10], b"", content[10:]]
            headers = {"Content-Length": str(len(content))}
            client.ask("POST", PATH, content=client.stream(pieces), headers=headers)
            assert bodies(sandbox)[-1] == content
        with pytest.raises(NotCleared):
            client.ask(
                "POST", PATH, content=client.stream([b'{"model": "kling-v3-motion', b'-control"}'])
            )
    assert len(sandbox.posts) == 2


def test_a_budget_holds_for_each_request(kind: str, sandbox: Sandbox, tmp_path: Path) -> None:
    for ledger in (True, False):
        client = Client(kind, sandbox.base, max_cost=Decimal("0.01"), ledger=ledger)
        with pytest.raises(NotSent, match=r"of 0\.01 spent in this run") as raised:
            client.post(served(sandbox))
        assert raised.value.because is NotSentReason.OVER_BUDGET
    roomy = Client(kind, sandbox.base, max_cost=Decimal(1))
    assert {roomy.post(served(sandbox, number)).status_code for number in range(3)} == {200}
    assert states(tmp_path) == ["submitted"] * 3


def test_the_budgets_of_the_settings_hold_too(sandbox: Sandbox, tmp_path: Path) -> None:
    config = tmp_path / "config" / "motion-preflight" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("max_cost_per_day = 1.00\n", encoding="utf-8")
    client = Client("threads", sandbox.base)
    client.post(served(sandbox, 1))
    client.post(served(sandbox, 2))
    with pytest.raises(NotSent, match=r"of 1\.00 spent today"):
        client.post(served(sandbox, 3))
    assert len(sandbox.posts) == 2


def test_what_is_unsure_passes_only_where_that_is_accepted(sandbox: Sandbox, host: Host) -> None:
    busy = host.serve("clip.mp4", b"", Habit(status=503))
    request = served(sandbox, video_url=busy)
    with pytest.raises(NotCleared, match="the check is unsure"):
        Client("threads", sandbox.base).post(request)
    assert sandbox.posts == []
    Client("threads", sandbox.base, accept_unsure=True).post(request)
    assert len(sandbox.posts) == 1


def test_without_a_ledger_it_is_checked_only(kind: str, sandbox: Sandbox, tmp_path: Path) -> None:
    client = Client(kind, sandbox.base, ledger=False)
    for _ in range(2):
        assert client.post(served(sandbox)).status_code == 200
    with pytest.raises(NotCleared):
        client.post(served(sandbox, mode=None))
    assert len(sandbox.posts) == 2
    assert not (tmp_path / "state").exists()


def test_the_key_of_the_client_does_not_leave_in_a_body(sandbox: Sandbox) -> None:
    key = "a-customer-of-this-shop"  # which does not look like one
    client, headers = Client("threads", sandbox.base), {"Authorization": f"bearer {key}"}
    with pytest.raises(NotSent, match="the API key stands in the request") as raised:
        client.ask("POST", PATH, json=served(sandbox, prompt=f"dance {key}"), headers=headers)
    assert key not in str(raised.value)
    assert sandbox.posts == []


def test_a_key_that_the_provider_repeats_is_not_written_down(
    kind: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Sandbox(faults=["echo-key"]) as sandbox:
        response = Client(kind, sandbox.base).post(served(sandbox))
    assert KEY in response.text
    (row,) = ledger_rows(tmp_path)
    assert "not valid" in row["error"]
    assert KEY not in str(row) + caplog.text


@pytest.mark.parametrize("scheme", ["Token ", "Basic ", ""])
def test_a_key_of_another_scheme_is_not_written_down(
    scheme: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    inner = httpx.MockTransport(lambda _: httpx.Response(500, text=f"the token {KEY} is odd"))
    client = Client("threads", sandbox.base, inner=inner)
    headers = {"Authorization": f"{scheme}{KEY}"}
    client.ask("POST", PATH, json=served(sandbox), headers=headers)
    (row,) = ledger_rows(tmp_path)
    assert "is odd" in row["answer"]
    assert KEY not in str(row)


def test_what_would_have_to_be_changed_first_does_not_leave(sandbox: Sandbox, media: Path) -> None:
    client = Client("threads", sandbox.base)
    with pytest.raises(NotCleared, match="local file"):
        client.post(served(sandbox, image_url=str(media / "image.png")))
    with pytest.raises(NotCleared, match="white space"):
        client.post(served(sandbox, video_url=sandbox.media_url("clip-8s.mp4") + " "))
    assert sandbox.posts == []


def test_options_of_a_wrong_type_are_named() -> None:
    wrong: dict[str, Any] = {"allow_private": "no", "accept_unsure": 1, "ledger": None}
    for name, value in wrong.items():
        with pytest.raises(TypeError, match=f"^{name} must be a bool"):
            PreflightTransport(httpx.HTTPTransport(), **{name: value})
    with pytest.raises(TypeError, match="max_cost must be a Decimal"):
        AsyncPreflightTransport(httpx.AsyncHTTPTransport(), max_cost=0.5)  # type: ignore[arg-type]


def test_type_hints_can_be_read_at_run_time() -> None:
    for transport in (PreflightTransport, AsyncPreflightTransport):
        assert typing.get_type_hints(transport.__init__)["ledger"] is bool
        for name, method in vars(transport).items():
            assert not callable(method) or "return" in typing.get_type_hints(method), name


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_cancellation_during_the_post_says_that_its_outcome_is_unknown(
    backend: str, tmp_path: Path
) -> None:
    async def main(sandbox: Sandbox) -> None:
        inner = httpx.AsyncHTTPTransport(verify=NO_TLS)
        transport = AsyncPreflightTransport(inner, base_url=sandbox.base, allow_private=True)
        keyed = {"Authorization": f"Bearer {KEY}"}
        client = httpx.AsyncClient(transport=transport, timeout=None, headers=keyed)
        async with client, anyio.create_task_group() as group:

            async def post() -> None:
                with pytest.raises(OutcomeUnknown, match="interrupted before the answer came"):
                    await client.post(sandbox.base + PATH, json=served(sandbox))
                ended.set()

            ended = anyio.Event()
            group.start_soon(post)
            with anyio.fail_after(30):
                while not any(post.task_id for post in sandbox.posts):  # noqa: ASYNC110  a thread's
                    await anyio.sleep(0.01)
            group.cancel_scope.cancel()
        assert ended.is_set()

    with Sandbox(faults=["stall"]) as sandbox:
        anyio.run(main, sandbox, backend=backend)
    assert states(tmp_path) == ["unknown"]
    assert len(sandbox.posts) == 1


class Answering(httpx.AsyncBaseTransport):
    """Gives one answer, or raises it."""

    def __init__(self, answer: httpx.Response | Exception) -> None:
        self.answer, self.calls = answer, 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:  # noqa: ARG002
        self.calls += 1
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def cancelled_after(
    step: str, inner: Answering, sandbox: Sandbox, backend: str, monkeypatch: pytest.MonkeyPatch
) -> bool:
    """Posts, and is cancelled at the end of a step of the ledger. Returns whether the cancellation
    went on; raises what came in its place.
    """
    usual = getattr(Ledger, step)

    async def main() -> bool:
        transport = AsyncPreflightTransport(inner, base_url=sandbox.base, allow_private=True)
        with anyio.CancelScope() as scope:

            def struck(*arguments: Any, **named: Any) -> Any:
                result = usual(*arguments, **named)
                anyio.from_thread.run_sync(scope.cancel)
                with pytest.raises(interruption.Interrupted):
                    interruption.sleep(60)
                return result

            monkeypatch.setattr(Ledger, step, struck)
            async with httpx.AsyncClient(transport=transport, timeout=None) as client:
                await client.post(sandbox.base + PATH, json=served(sandbox))
        return scope.cancelled_caught

    return anyio.run(main, backend=backend)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize("answer", [httpx.Response(500), httpx.ReadError("broken")], ids=str)
def test_an_unknown_outcome_is_said_though_a_cancellation_comes_while_it_is_written(
    answer: httpx.Response | Exception,
    backend: str,
    sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(OutcomeUnknown):
        cancelled_after("settle", Answering(answer), sandbox, backend, monkeypatch)
    assert states(tmp_path) == ["unknown"]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_what_is_cancelled_before_it_leaves_is_not_sent(
    backend: str, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = Answering(httpx.Response(500))
    assert cancelled_after("begin", inner, sandbox, backend, monkeypatch)
    assert states(tmp_path) == ["not-sent"]
    assert inner.calls == 0


def test_of_identical_requests_at_the_same_time_one_leaves(sandbox: Sandbox) -> None:
    inner = httpx.HTTPTransport()
    transport = PreflightTransport(inner, base_url=sandbox.base, allow_private=True)
    request, headers = served(sandbox), {"Authorization": f"Bearer {KEY}"}
    with httpx.Client(transport=transport, headers=headers) as client:

        def post(_: int) -> object:
            try:
                return client.post(sandbox.base + PATH, json=request).status_code
            except NotSent as error:
                return error.because

        with ThreadPoolExecutor(4) as threads:
            results = sorted(threads.map(post, range(4)), key=str)
    assert results[0] == 200
    assert set(results[1:]) <= {NotSentReason.IDENTICAL, NotSentReason.DONE}
    assert len(sandbox.posts) == 1


def test_a_client_that_tries_again_by_itself_pays_once(tmp_path: Path) -> None:
    """That of OpenAI repeats a request after a 504, twice. The first one was billed."""
    import openai  # noqa: PLC0415  it takes a second

    with Sandbox(faults=["504-billed"]) as sandbox:
        inner = httpx.HTTPTransport()
        transport = PreflightTransport(inner, base_url=sandbox.base, allow_private=True)
        with (
            openai.OpenAI(
                api_key=KEY,
                base_url=f"{sandbox.base}/v1",
                max_retries=1,
                http_client=httpx.Client(transport=transport),
            ) as client,
            pytest.raises(openai.APIConnectionError) as raised,
        ):
            client.post("/videos/generations", body=served(sandbox), cast_to=httpx.Response)
    assert isinstance(raised.value.__cause__, NotSent)
    assert len(sandbox.posts) == 1
    assert states(tmp_path) == ["unknown"]
