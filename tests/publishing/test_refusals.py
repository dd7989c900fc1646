"""What a store answers when it refuses, and what is said of it. The answers are those that Amazon,
Google and Azure document; a server of raw bytes gives them.
"""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from peers import Peer, read_request

from motion_preflight.publishing.destination import parse_destination
from motion_preflight.publishing.errors import (
    CredentialsMissing,
    PublishError,
    StoreRefused,
    StoreUnreachable,
)
from motion_preflight.publishing.opening import open_store
from motion_preflight.publishing.store import Store

SECRET = "SeCrEt0123456789SeCrEt0123456789"


def xml(code: str, more: str = "") -> str:
    return f'<?xml version="1.0"?>\n<Error><Code>{code}</Code>{more}</Error>'


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"clip")
    return path


class Refusing(Peer):
    """A server that gives every request the same answer."""

    def __init__(self, status: int, body: str) -> None:
        answer = f"HTTP/1.1 {status} No\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"

        def talk(sock: socket.socket) -> None:
            is_head = read_request(sock).startswith(b"HEAD")
            sock.sendall((answer + ("" if is_head else body)).encode())

        super().__init__(talk)


@pytest.fixture
def keys(no_credentials: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    return no_credentials


def opened(server: Peer, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.base)
    return open_store(parse_destination("s3://clips"))


def put(store: Store, clip: Path) -> None:
    store.put("a.mp4", clip, size=4, content_type="video/mp4", progress=lambda _: None)


@pytest.mark.parametrize(
    ("answer", "kind", "message"),
    [
        ((400, xml("AuthorizationHeaderMalformed", "<Region>eu-west-3</Region>")), StoreRefused,
         r"lies in another region than us-east-1: set AWS_REGION=eu-west-3\."),
        ((301, xml("PermanentRedirect")), StoreRefused,
         r"another region .*Set AWS_REGION to that one"),
        ((400, xml("ExpiredToken")), CredentialsMissing, "credentials have ended"),
        ((403, xml("RequestTimeTooSkewed")), StoreRefused, r"clock is too far from the server's\."),
        ((403, xml("AccessDenied")), StoreRefused, "keys are not allowed to do this"),
        ((403, "<html>no</html>"), StoreRefused, "keys are not allowed to do this"),
        ((401, ""), StoreRefused, "keys are not accepted"),
        ((404, xml("NoSuchBucket")), StoreRefused, "There is no bucket clips at"),
        ((400, xml("EntityTooLarge", "<Message>Your clip\nis too large</Message>")), StoreRefused,
         'answers 400 EntityTooLarge: it says "Your clip is too large"'),
        ((400, xml("Odd", f"<Message>{SECRET} of https://h/?sig=abcd</Message>")), StoreRefused,
         r'answers 400 Odd: it says "… of https://h/\?sig=…'),
        ((400, '{"error": {"message": "No such project"}}'), StoreRefused,
         'answers 400: it says "No such project"'),
        ((418, "tea" * 100_000), StoreRefused, "answers 418$"),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("keys")
def test_a_refusal_is_said_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
    clip: Path,
    answer: tuple[int, str],
    kind: type[PublishError],
    message: str,
) -> None:
    with Refusing(*answer) as server:
        store = opened(server, monkeypatch)
        with pytest.raises(kind, match=message) as refused:
            put(store, clip)
        assert SECRET not in str(refused.value)
        assert len(str(refused.value)) < 500
        assert server.connections == 1  # it is not asked again


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.usefixtures("keys")
def test_a_store_that_is_overloaded_is_asked_again_and_then_said_to_be(
    monkeypatch: pytest.MonkeyPatch, clip: Path, status: int
) -> None:
    with Refusing(status, xml("SlowDown")) as server:
        store = opened(server, monkeypatch)
        with pytest.raises(StoreUnreachable, match=f"answers {status} SlowDown: it is overloaded"):
            put(store, clip)
        assert server.connections == 4


@pytest.mark.usefixtures("keys")
def test_a_file_that_the_keys_may_not_look_at_is_not_known_to_be_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Refusing(403, xml("AccessDenied")) as server:
        assert opened(server, monkeypatch).find("a.mp4") is None


@pytest.mark.usefixtures("keys")
def test_a_file_that_is_still_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        Refusing(403, xml("AccessDenied")) as server,
        pytest.raises(StoreRefused, match="keys are not allowed to do this"),
    ):
        opened(server, monkeypatch).delete("a.mp4")


@pytest.mark.usefixtures("keys")
def test_what_is_no_http_is_said_to_be_out_of_reach(
    monkeypatch: pytest.MonkeyPatch, clip: Path
) -> None:
    with Peer(lambda sock: sock.sendall(b"220 mail.example\r\n")) as server:
        store = opened(server, monkeypatch)
        with pytest.raises(StoreUnreachable, match="cannot be reached"):
            put(store, clip)


@pytest.mark.usefixtures("keys")
def test_a_password_in_the_endpoint_is_refused_because_links_would_show_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"https://me:{SECRET}@mine.example")
    with pytest.raises(
        CredentialsMissing, match=r"https://…@mine\.example holds a user"
    ) as refused:
        open_store(parse_destination("s3://clips"))
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "endpoint", ["mine.example:9000", "ftp://mine.example", "https://", "//mine.example"]
)
@pytest.mark.usefixtures("keys")
def test_an_endpoint_that_is_no_address_is_said(
    monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    with pytest.raises(CredentialsMissing, match=r"endpoint (or the region of S3 is|.* does) not"):
        open_store(parse_destination("s3://clips"))
