"""Files in Azure Blob Storage, at Microsoft's own emulator."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from pathlib import Path

import pytest
from object_servers import AZURE_ACCOUNT, AZURE_KEY, AzureServer, fetch
from peers import Peer, answer, read_request

from motion_preflight.publishing.destination import parse_destination
from motion_preflight.publishing.errors import CredentialsMissing, StoreRefused
from motion_preflight.publishing.opening import open_store
from motion_preflight.publishing.store import Store
from motion_preflight.text.links.expiry import link_validity

DAY = timedelta(days=1)
SAS = "sv=2021-08-06&ss=b&srt=sco&sp=rwdlac&se=2030-01-01T00:00:00Z&sig=c2VjcmV0"
LARGE = 12_000_000  # bytes; sent in three parts


@pytest.fixture
def az(azure: AzureServer, no_credentials: Path, monkeypatch: pytest.MonkeyPatch) -> AzureServer:
    """Azurite, and this process set up to publish to it."""
    for name, value in azure.environment(no_credentials).items():
        monkeypatch.setenv(name, value)
    return azure


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"0123456789abcdef" * 5_000)
    return path


def opened(text: str, **options: bool | str) -> Store:
    return open_store(parse_destination(text), **options)  # type: ignore[arg-type]


def put(store: Store, name: str, file: Path) -> int:
    steps: list[int] = []
    size = file.stat().st_size
    store.put(name, file, size=size, content_type="video/mp4", progress=steps.append)
    return sum(steps)


@pytest.mark.parametrize("size", [80_000, LARGE])
def test_a_file_is_sent_seen_fetched_and_removed(az: AzureServer, clip: Path, size: int) -> None:
    with clip.open("wb") as file:
        file.truncate(size)
    store = opened(f"az://{az.new_container()}/clips/of-mine")
    assert store.find("a.mp4") is None
    assert put(store, "a.mp4", clip) == size
    stored = store.find("a.mp4")
    assert stored
    assert (stored.name, stored.size, stored.content_type) == ("a.mp4", size, "video/mp4")
    link = store.link("a.mp4", DAY)
    validity = link_validity(link.url)
    assert validity
    assert validity.start
    assert link.expires == validity.end == validity.start + DAY
    with fetch(link.url) as reply:
        assert reply.read() == bytes(size)
    store.delete("a.mp4")
    assert store.find("a.mp4") is None
    store.delete("a.mp4")


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, ZeroDivisionError])
def test_an_interrupted_upload_leaves_nothing(
    az: AzureServer, clip: Path, interruption: type[BaseException]
) -> None:
    with clip.open("wb") as file:
        file.truncate(LARGE)
    store = opened(f"az://{az.new_container()}")

    def interrupt(_: int) -> None:
        raise interruption

    with pytest.raises(interruption):
        store.put("a.mp4", clip, size=LARGE, content_type="video/mp4", progress=interrupt)
    assert store.find("a.mp4") is None


def test_a_missing_container_is_named(az: AzureServer, clip: Path) -> None:
    store = opened("az://misspelled/p")
    for action in (lambda: store.find("a.mp4"), lambda: put(store, "a.mp4", clip)):
        with pytest.raises(StoreRefused, match=r"no container misspelled at 127\.0\.0\.1:\d+:"):
            action()
    assert az.base


def test_a_wrong_key_is_refused_and_not_shown(
    az: AzureServer, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "c2VjcmV0MDEyMzQ1Njc4OXNlY3JldDAxMjM0NTY3ODk="
    container = az.new_container()
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", az.connection.replace(AZURE_KEY, key))
    store = opened(f"az://{container}")
    for action in (
        lambda: store.find("a.mp4"),
        lambda: put(store, "a.mp4", clip),
        lambda: store.delete("a.mp4"),
    ):
        with pytest.raises(StoreRefused, match=r"keys are not accepted\. Look at AZURE") as wrong:
            action()
        assert key not in str(wrong.value)


def test_account_key_and_endpoint_may_be_set_one_by_one(
    azure: AzureServer, no_credentials: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert no_credentials.exists()
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT", AZURE_ACCOUNT)
    monkeypatch.setenv("AZURE_STORAGE_KEY", AZURE_KEY)
    monkeypatch.setenv("AZURE_STORAGE_SERVICE_ENDPOINT", f"{azure.base}/{AZURE_ACCOUNT}/")
    container = azure.new_container()
    store = opened(f"az://{container}")
    put(store, "a.mp4", clip)
    assert store.find("a.mp4")
    address = f"{azure.base}/{AZURE_ACCOUNT}/{container}/a.mp4"
    assert opened(f"az://{container}", public=True).link("a.mp4", DAY).url == address


def test_a_shared_access_signature_is_never_handed_out(
    no_credentials: Path, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert no_credentials.exists()
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT", "mine")
    monkeypatch.setenv("AZURE_STORAGE_SAS_TOKEN", "?sv=2023-11-03&sp=rwd&sig=SeCrEt0123456789")
    store = opened("az://clips")
    for action in (lambda: put(store, "a.mp4", clip), lambda: store.link("a.mp4", DAY)):
        with pytest.raises(CredentialsMissing, match="signs no further links") as unsigned:
            action()
        assert "SeCrEt" not in str(unsigned.value)
    public = opened("az://clips", public=True).link("a.mp4", DAY)
    assert public.url == "https://mine.blob.core.windows.net/clips/a.mp4"


def test_a_folder_that_links_cannot_be_signed_for_is_refused_before_anything_is_sent(
    az: AzureServer, clip: Path
) -> None:
    container = az.new_container()
    store = opened(f"az://{container}/clips of mine")
    with pytest.raises(CredentialsMissing, match="name another folder"):
        put(store, "a.mp4", clip)
    assert store.find("a.mp4") is None
    put(opened(f"az://{container}/clips of mine", public=True), "a.mp4", clip)
    assert store.find("a.mp4")


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "There is no account for Azure Blob Storage: set AZURE_STORAGE_CONN"),
        ({"AZURE_STORAGE_ACCOUNT": "mine"}, "There are no credentials for Azure Blob Storage"),
        ({"AZURE_STORAGE_ACCOUNT": "mine", "AZURE_STORAGE_KEY": "no base64!"}, "not well-formed"),
    ],
)
def test_what_is_missing_is_said(
    no_credentials: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], message: str
) -> None:
    monkeypatch.setenv("PATH", str(no_credentials))  # without the Azure CLI
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(CredentialsMissing, match=message):
        opened("az://clips").find("a.mp4")


def logged_in(home: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An Azure CLI that answers what a script prints."""
    program = home / "az"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{home}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT", "mine")


def test_the_login_of_the_azure_cli_is_used_and_may_be_too_small_to_sign_links(
    no_credentials: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = (
        '{"accessToken": "ToKeN0123456789", "expiresOn": "2999-01-01 00:00:00.000000", '
        '"expires_on": 32472144000, "tokenType": "Bearer"}'
    )
    logged_in(no_credentials, f"echo '{token}'", monkeypatch)
    requests = []

    def talk(sock: socket.socket) -> None:
        requests.append(read_request(sock))
        is_link = b"userdelegationkey" in requests[-1]
        sock.sendall(answer(403 if is_link else 404))

    with Peer(talk) as server:
        monkeypatch.setenv("AZURE_STORAGE_SERVICE_ENDPOINT", server.base)
        store = opened("az://clips")
        assert store.find("a.mp4") is None
        assert b"ToKeN" not in requests[0]  # the look at whether the endpoint answers itself
        assert b"authorization: Bearer ToKeN0123456789\r\n" in requests[1]
        with pytest.raises(CredentialsMissing, match=r"may not sign links. Give it the role Stor"):
            store.link("a.mp4", DAY)


def test_a_login_of_the_azure_cli_that_has_ended_is_said(
    no_credentials: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    logged_in(no_credentials, "echo 'Please run az login' >&2; exit 1", monkeypatch)
    with pytest.raises(CredentialsMissing, match=r"login did not work. Look at .* or `az login`"):
        opened("az://clips").find("a.mp4")


@pytest.mark.parametrize("credentials", [f"AccountKey={AZURE_KEY}", f"SharedAccessSignature={SAS}"])
@pytest.mark.parametrize("action", ["find", "delete"])
def test_an_endpoint_that_sends_on_to_another_host_gets_no_keys_there(
    no_credentials: Path, monkeypatch: pytest.MonkeyPatch, credentials: str, action: str
) -> None:
    """The library would take a signature in the address there as the Referer, and more in the body
    of what deletes.
    """
    seen: list[bytes] = []

    def take(sock: socket.socket) -> None:
        while request := read_request(sock):
            seen.append(request)
            sock.sendall(answer(200))

    with Peer(take) as other:

        def send_on(sock: socket.socket) -> None:
            while read_request(sock):
                to = other.base.replace("127.0.0.1", "localhost")
                sock.sendall(answer(307, Location=f"{to}/a.mp4?sig=SECRET"))

        with Peer(send_on) as server:
            connection = f"AccountName={AZURE_ACCOUNT};BlobEndpoint={server.base};{credentials}"
            monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", connection)
            assert no_credentials.exists()
            store = opened("az://clips/p")
            with pytest.raises(StoreRefused, match=r"another host, localhost:\d+, ") as refused:
                getattr(store, action)("a.mp4")
    assert seen == []
    assert "SECRET" not in str(refused.value)
