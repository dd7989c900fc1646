"""Credentials, endpoints and links of S3, as the tools of that world read them."""

from __future__ import annotations

import json
import shlex
import socket
import ssl
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import trustme
from object_servers import S3Server, fetch
from peers import Peer, answer, read_request
from tcp_proxy import Line

from motion_preflight.publishing.destination import parse_destination
from motion_preflight.publishing.errors import (
    CredentialsMissing,
    StoreProgramMissing,
    StoreRefused,
    StoreUnreachable,
)
from motion_preflight.publishing.opening import open_store
from motion_preflight.publishing.store import Store
from motion_preflight.text.links.expiry import link_validity

DAY = timedelta(days=1)


def opened(text: str = "s3://clips/p", **options: bool | str) -> Store:
    return open_store(parse_destination(text), **options)  # type: ignore[arg-type]


@pytest.fixture
def keys(no_credentials: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keys for Amazon itself, in the environment; the home."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "SeCrEt0123456789")
    return no_credentials


def test_missing_credentials_are_said_with_what_to_set(no_credentials: Path) -> None:
    assert no_credentials.exists()
    with pytest.raises(CredentialsMissing, match=r"no credentials for S3\. Set AWS_ACCESS_KEY_ID"):
        opened()


def test_half_a_pair_of_keys_is_said(no_credentials: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert no_credentials.exists()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    with pytest.raises(CredentialsMissing, match="credentials for S3 are not complete"):
        opened()


def test_an_unknown_profile_is_named(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert keys.exists()
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(CredentialsMissing, match="AWS_PROFILE names the profile nobody"):
        opened()


def test_a_login_that_has_ended_is_said_with_the_command_that_renews_it(
    no_credentials: Path,
) -> None:
    (no_credentials / "aws-config").write_text(
        "[default]\nsso_session = mine\nsso_account_id = 123456789012\nsso_role_name = clips\n"
        "[sso-session mine]\nsso_region = eu-west-1\nsso_start_url = https://mine.example/start\n"
    )
    with pytest.raises(CredentialsMissing, match="login to AWS has ended: `aws sso login`"):
        opened()


def test_a_program_for_credentials_that_fails_is_not_quoted(no_credentials: Path) -> None:
    (no_credentials / "aws-config").write_text(
        "[default]\ncredential_process = sh -c 'echo SeCrEt0123456789 >&2; exit 1'\n"
    )
    with pytest.raises(CredentialsMissing, match=r"cannot be had \(CredentialRetr") as missing:
        opened()
    assert "SeCrEt" not in str(missing.value)


def test_profile_endpoint_and_region_come_from_the_shared_files(
    moto_s3: S3Server, no_credentials: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (no_credentials / "aws-config").write_text(
        "[profile clips]\nregion = eu-central-1\nservices = mine\n"
        f"[services mine]\ns3 =\n  endpoint_url = {moto_s3.base}\n"
    )
    (no_credentials / "aws-credentials").write_text(
        "[clips]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = SeCrEt0123456789\n"
    )
    monkeypatch.setenv("AWS_PROFILE", "clips")
    bucket = moto_s3.new_bucket()
    link = opened(f"s3://{bucket}/p").link("a.mp4", DAY)
    assert link.url.startswith(f"{moto_s3.base}/{bucket}/p/a.mp4?")
    assert "eu-central-1" in link.url
    assert "SeCrEt" not in link.url


@pytest.mark.parametrize(
    ("endpoint", "text", "address"),
    [
        (None, "s3://clips/p", "https://clips.s3.eu-west-1.amazonaws.com/p/a.mp4"),
        (None, "s3://my.clips", "https://s3.eu-west-1.amazonaws.com/my.clips/a.mp4"),
        ("https://mine.example/", "s3://clips", "https://mine.example/clips/a.mp4"),
        ("http://10.0.0.1:9000", "s3://clips/ü p", "http://10.0.0.1:9000/clips/%C3%BC%20p/a.mp4"),
    ],
)
def test_the_bucket_stands_in_the_host_at_amazon_and_in_the_path_elsewhere(
    keys: Path, monkeypatch: pytest.MonkeyPatch, endpoint: str | None, text: str, address: str
) -> None:
    assert keys.exists()
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    if endpoint:
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", endpoint)
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://never.example")
    assert opened(text).link("a.mp4", DAY).url.partition("?")[0] == address
    public = opened(text, public=True).link("a.mp4", DAY)
    assert (public.url, public.expires, public.note) == (address, None, None)


def test_a_profile_may_ask_for_the_bucket_in_the_host(
    keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (keys / "aws-config").write_text("[default]\ns3 =\n  addressing_style = virtual\n")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "https://mine.example:8443")
    link = opened("s3://clips/p").link("a.mp4", DAY)
    assert link.url.startswith("https://clips.mine.example:8443/p/a.mp4?")


def test_a_domain_of_ones_own_stands_before_the_name(keys: Path) -> None:
    assert keys.exists()
    link = opened(public_url="https://cdn.example/clips/").link("a b.mp4", DAY)
    assert (link.url, link.expires) == ("https://cdn.example/clips/a%20b.mp4", None)


@pytest.mark.parametrize(("asked", "signed"), [(DAY, DAY), (timedelta(days=30), timedelta(days=7))])
def test_a_link_lasts_as_long_as_asked_and_a_week_at_most(
    keys: Path, asked: timedelta, signed: timedelta
) -> None:
    assert keys.exists()
    link = opened().link("a.mp4", asked)
    validity = link_validity(link.url)
    assert validity
    assert validity.start
    assert link.expires == validity.end == validity.start + signed
    assert link.note is None


def temporary(home: Path, ends: datetime) -> None:
    """Credentials of a session, from a program of the user's own, as `aws-vault` is one."""
    answer = {
        "Version": 1,
        "AccessKeyId": "ASIAEXAMPLE",
        "SecretAccessKey": "SeCrEt0123456789",
        "SessionToken": "ToKeN0123456789",
        "Expiration": ends.isoformat(),
    }
    command = f"echo {shlex.quote(json.dumps(answer))}"
    (home / "aws-config").write_text(f"[default]\ncredential_process = {command}\n")


def test_the_end_of_the_credentials_is_the_end_of_the_link(no_credentials: Path) -> None:
    ends = datetime.now(UTC) + timedelta(hours=1)
    temporary(no_credentials, ends)
    link = opened().link("a.mp4", DAY)
    validity = link_validity(link.url)
    assert validity
    assert link.expires
    assert link.expires == validity.end
    assert ends - timedelta(minutes=1) < link.expires <= ends
    assert link.note is None


def test_credentials_that_have_ended_are_said(no_credentials: Path) -> None:
    temporary(no_credentials, datetime.now(UTC) - timedelta(hours=1))
    with pytest.raises(CredentialsMissing, match="credentials for S3 have ended"):
        opened()


def test_a_session_whose_end_is_not_known_is_said_beside_its_link(
    moto_s3: S3Server, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert keys.exists()
    monkeypatch.setenv("AWS_SESSION_TOKEN", "ToKeN0123456789")
    monkeypatch.setenv("AWS_ENDPOINT_URL", moto_s3.base)
    bucket = moto_s3.new_bucket()
    moto_s3.client().put_object(Bucket=bucket, Key="a.mp4", Body=b"clip")
    link = opened(f"s3://{bucket}").link("a.mp4", DAY)
    assert link.note
    assert "whose end is not known" in link.note
    with fetch(link.url) as answer:
        assert answer.read() == b"clip"


def test_a_server_with_a_certificate_of_ones_own_is_trusted_when_it_is_named(
    s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    bundle = tmp_path / "bundle.pem"
    trustme.CA().cert_pem.write_to_path(str(bundle))
    with Line(s3.base, tls=context) as line:
        monkeypatch.setenv("AWS_ENDPOINT_URL", line.base)
        text = f"s3://{s3.new_bucket()}"
        with pytest.raises(StoreUnreachable, match="its certificate is not trusted"):
            opened(text).find("a.mp4")
        authority.cert_pem.write_to_path(str(bundle), append=True)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(bundle))
        assert opened(text).find("a.mp4") is None
    monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "absent.pem"))
    with pytest.raises(CredentialsMissing, match=r"cannot be read: .*absent\.pem: No such file"):
        opened(text)


@pytest.mark.parametrize(
    ("kind", "library"),
    [("s3", "botocore"), ("s3", "obstore"), ("gs", "obstore"), ("az", "obstore")],
)
def test_a_missing_library_is_said_with_the_command_that_installs_it(
    keys: Path, monkeypatch: pytest.MonkeyPatch, kind: str, library: str
) -> None:
    assert keys.exists()
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(StoreProgramMissing, match=r"pip install 'motion-preflight\[publish\]'"):
        opened(f"{kind}://clips")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("action", ["find", "put", "delete"])
def test_a_server_that_sends_on_to_another_gets_no_keys_there(
    keys: Path, monkeypatch: pytest.MonkeyPatch, status: int, action: str
) -> None:
    seen: list[bytes] = []

    def content(sock: socket.socket) -> None:
        while request := read_request(sock):
            seen.append(request)
            sock.sendall(answer(200, b"x"))

    with Peer(content) as other:

        def send_on(sock: socket.socket) -> None:
            while read_request(sock):
                to = f"{other.base.replace('127.0.0.1', 'localhost')}/clips/a.mp4"
                sock.sendall(answer(status, Location=to))

        with Peer(send_on) as server:
            monkeypatch.setenv("AWS_SESSION_TOKEN", "token of a session")
            monkeypatch.setenv("AWS_ENDPOINT_URL", server.base)
            clip = keys / "clip.mp4"
            clip.write_bytes(b"clip")
            store = opened()
            send = partial(store.put, file=clip, size=4, content_type="", progress=lambda _: None)
            calls: dict[str, Callable[[str], object]] = {
                "find": store.find, "put": send, "delete": store.delete,
            }  # fmt: skip
            with pytest.raises(StoreRefused, match=r"sends on to another host, localhost:\d+, "):
                calls[action]("a.mp4")
    assert seen == []


def test_a_server_that_sends_on_within_itself_is_no_other_host(
    keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def send_on(sock: socket.socket) -> None:
        while request := read_request(sock):
            status = 200 if b" /moved " in request.splitlines()[0] else 307
            sock.sendall(answer(status, b"", Location="/moved", ETag='"1"',
                                Last_Modified="Tue, 01 Jan 2019 05:00:00 GMT"))  # fmt: skip

    with Peer(send_on) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.base)
        assert keys.exists()
        assert opened().find("a.mp4") is not None


@pytest.mark.parametrize("action", ["find", "delete"])
def test_keys_without_a_session_go_to_no_other_host(
    keys: Path, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    """The library follows here; it leaves the signature behind."""
    seen: list[bytes] = []

    def refuse(sock: socket.socket) -> None:
        while request := read_request(sock):
            seen.append(request)
            sock.sendall(answer(403))

    with Peer(refuse) as other:

        def send_on(sock: socket.socket) -> None:
            while read_request(sock):
                to = f"{other.base.replace('127.0.0.1', 'localhost')}/clips/a.mp4"
                sock.sendall(answer(307, Location=to))

        with Peer(send_on) as server:
            monkeypatch.setenv("AWS_ENDPOINT_URL", server.base)
            assert keys.exists()
            with suppress(StoreRefused):
                getattr(opened(), action)("a.mp4")
    assert seen
    for request in seen:
        for part in (b"AKIDEXAMPLE", b"SeCrEt", b"Signature", b"uthorization"):
            assert part not in request


@pytest.mark.parametrize("status", [200, 206])
@pytest.mark.parametrize(
    "listed",
    [
        b"",
        b"it works",
        b"<html><p>it works</html>",
        b'{"uploads": []}',
        b"<ListMultipartUploadsResult><Upload/></ListMultipartUploadsResult>",
        b"<ListMultipartUploadsResult><Upload><Key>p/a.mp4</Key></Upload></ListMultipartUploadsResult>",
    ],
    ids=["nothing", "text", "page", "JSON", "no key", "no id"],
)
def test_a_server_that_lists_its_uploads_in_its_own_way_still_deletes(
    keys: Path, monkeypatch: pytest.MonkeyPatch, listed: bytes, status: int
) -> None:
    asked: list[bytes] = []

    def respond(sock: socket.socket) -> None:
        while request := read_request(sock):
            asked.append(request.split()[0])
            sock.sendall(answer(200 if request.startswith(b"DELETE") else status, listed))

    with Peer(respond) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.base)
        assert keys.exists()
        opened().delete("a.mp4")
    assert asked[-1] == b"DELETE"
