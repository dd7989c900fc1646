"""Files in object stores, at servers that speak S3 and Azure."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from object_servers import S3Server, fetch
from tcp_proxy import Line

from motion_preflight.publishing.destination import parse_destination
from motion_preflight.publishing.errors import (
    FileChanged,
    FileUnreadable,
    StoreRefused,
    StoreUnreachable,
)
from motion_preflight.publishing.opening import open_store
from motion_preflight.publishing.store import Store

DAY = timedelta(days=1)
SMALL, LARGE = 100_000, 12_000_000  # bytes; sent in one piece, in three parts


def bytes_of(size: int) -> bytes:
    return (b"0123456789abcdef" * (size // 16 + 1))[:size]


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(bytes_of(SMALL))
    return path


@pytest.fixture
def large_clip(tmp_path: Path) -> Path:
    path = tmp_path / "large.mp4"
    path.write_bytes(bytes_of(LARGE))
    return path


def opened(text: str, **options: bool | str) -> Store:
    return open_store(parse_destination(text), **options)  # type: ignore[arg-type]


def put(store: Store, name: str, file: Path) -> list[int]:
    steps: list[int] = []
    size = file.stat().st_size
    store.put(name, file, size=size, content_type="video/mp4", progress=steps.append)
    return steps


@pytest.fixture(params=["s3", "signed_s3"])
def server(request: pytest.FixtureRequest) -> S3Server:
    """Each of the two that speak S3."""
    result: S3Server = request.getfixturevalue(request.param)
    return result


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_file_is_sent_seen_fetched_and_removed(
    server: S3Server, tmp_path: Path, size: int
) -> None:
    bucket, clip = server.new_bucket(), tmp_path / "clip.mp4"
    clip.write_bytes(bytes_of(size))
    store = opened(f"s3://{bucket}/clips of mine/ü")
    assert store.find("a.mp4") is None
    assert sum(put(store, "a.mp4", clip)) == size
    stored = store.find("a.mp4")
    assert stored
    assert (stored.name, stored.size, stored.content_type) == ("a.mp4", size, "video/mp4")
    with fetch(store.link("a.mp4", DAY).url) as answer:
        assert answer.read() == bytes_of(size)
    store.delete("a.mp4")
    assert store.find("a.mp4") is None
    store.delete("a.mp4")
    store.close()


def test_the_store_looks_at_the_file_of_that_name_alone(s3: S3Server, clip: Path) -> None:
    bucket = s3.new_bucket()
    store = opened(f"s3://{bucket}/p")
    put(store, "a.mp4", clip)
    put(store, "a.mp4.other/b.mp4", clip)
    assert s3.names(bucket) == ["p/a.mp4", "p/a.mp4.other/b.mp4"]
    assert opened(f"s3://{bucket}").find("p") is None
    assert opened(f"s3://{bucket}").find("a.mp4") is None


def test_wrong_keys_are_refused_before_anything_is_sent(
    signed_s3: S3Server, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket, secret = signed_s3.new_bucket(), "neverShowThisSecret0123456789"
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret)
    store = opened(f"s3://{bucket}")
    for action in (
        lambda: store.find("a.mp4"),
        lambda: put(store, "a.mp4", clip),
        lambda: store.delete("a.mp4"),
    ):
        with pytest.raises(StoreRefused, match=r"keys are not accepted\. Look at AWS_") as refused:
            action()
        assert secret not in str(refused.value)
        assert "Signature" not in str(refused.value)
    assert signed_s3.names(bucket) == []


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_missing_bucket_is_named_and_not_made(
    server: S3Server, tmp_path: Path, size: int
) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(bytes_of(size))
    store = opened("s3://misspelled/p")
    for action in (
        lambda: store.find("a.mp4"),
        lambda: put(store, "a.mp4", clip),
        lambda: store.delete("a.mp4"),
    ):
        with pytest.raises(
            StoreRefused, match=r"no bucket misspelled at 127\.0\.0\.1:\d+: create it"
        ):
            action()
    assert "misspelled" not in {e["Name"] for e in server.client().list_buckets()["Buckets"]}


@pytest.mark.parametrize(
    ("endpoint", "cause"),
    [
        ("http://127.0.0.1:9", "nothing answers at that port"),
        ("http://no-such-host.invalid", "its name is not known"),
        ("https://{server}", "it does not speak TLS; is http:// meant"),
    ],
)
def test_a_server_out_of_reach_is_said_with_the_cause(
    s3: S3Server, monkeypatch: pytest.MonkeyPatch, endpoint: str, cause: str
) -> None:
    address = endpoint.format(server=s3.base.removeprefix("http://"))
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    with pytest.raises(StoreUnreachable, match=re.escape(f"cannot be reached: {cause}")):
        opened("s3://clips").find("a.mp4")


def test_a_clock_that_is_wrong_is_said(signed_s3: S3Server) -> None:
    if not shutil.which("faketime"):
        pytest.skip("needs Debian's package `faketime`")
    clock = ("env", "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1", "faketime", "-f")
    code = _PROGRAM.format(text=f"s3://{signed_s3.new_bucket()}", action='store.find("a.mp4")')
    done = subprocess.run(
        [*clock, "+2h", sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert re.search(
        r"this machine's clock is too far from the server's, which is \S+ \(UTC\) there\. Set the",
        done.stderr.splitlines()[-1],
    )


@pytest.mark.parametrize("cut_at", [LARGE // 2, LARGE + 1_000])
def test_a_line_that_is_cut_once_delays_the_file(
    s3: S3Server, large_clip: Path, monkeypatch: pytest.MonkeyPatch, cut_at: int
) -> None:
    bucket = s3.new_bucket()
    with Line(s3.base, cut_at=cut_at, cuts=1) as line:
        monkeypatch.setenv("AWS_ENDPOINT_URL", line.base)
        assert sum(put(opened(f"s3://{bucket}"), "a.mp4", large_clip)) == LARGE
        assert line.was_cut == 1
        assert line.passed < 2 * LARGE  # no more than the part that was cut goes up twice
    assert s3.content(bucket, "a.mp4") == bytes_of(LARGE)
    assert s3.unfinished(bucket) == []


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_a_line_that_stays_cut_ends_the_upload_and_no_half_file_is_seen(
    s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    bucket, clip = s3.new_bucket(), tmp_path / "clip.mp4"
    clip.write_bytes(bytes_of(size))
    with Line(s3.base, cut_at=size // 2) as line:
        monkeypatch.setenv("AWS_ENDPOINT_URL", line.base)
        with pytest.raises(StoreUnreachable) as cut:
            put(opened(f"s3://{bucket}"), "a.mp4", clip)
    assert ("an unfinished upload may lie there" in str(cut.value)) is (size == LARGE)
    assert s3.names(bucket) == []


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, ZeroDivisionError])
def test_an_interrupted_upload_leaves_nothing(
    s3: S3Server,
    large_clip: Path,
    monkeypatch: pytest.MonkeyPatch,
    interruption: type[BaseException],
) -> None:
    bucket = s3.new_bucket()
    with Line(s3.base, speed=10_000_000) as line:
        monkeypatch.setenv("AWS_ENDPOINT_URL", line.base)
        with pytest.raises(interruption):
            interrupt(opened(f"s3://{bucket}"), large_clip, interruption)
        assert line.passed < LARGE
    assert (s3.names(bucket), s3.unfinished(bucket)) == ([], [])


def interrupt(store: Store, clip: Path, interruption: type[BaseException]) -> None:
    def progress(_: int) -> None:
        raise interruption

    size = clip.stat().st_size
    store.put("a.mp4", clip, size=size, content_type="video/mp4", progress=progress)


def test_an_interruption_after_the_last_byte_leaves_nothing_either(
    server: S3Server, clip: Path
) -> None:
    bucket = server.new_bucket()
    with pytest.raises(KeyboardInterrupt):
        interrupt(opened(f"s3://{bucket}"), clip, KeyboardInterrupt)
    assert server.names(bucket) == []


_PROGRAM = """
import sys, resource
from pathlib import Path
from motion_preflight.publishing.destination import parse_destination
from motion_preflight.publishing.opening import open_store
store = open_store(parse_destination({text!r}))
def put(path, progress):
    size = path.stat().st_size
    store.put("a.mp4", path, size=size, content_type="video/mp4", progress=progress)
{action}
"""


def test_ctrl_c_ends_an_upload_at_once_and_leaves_nothing(
    s3: S3Server, large_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = s3.new_bucket()
    action = f'put(Path({str(large_clip)!r}), lambda sent: print("sent", sent, flush=True))'
    with Line(s3.base, speed=6_000_000) as line:
        monkeypatch.setenv("AWS_ENDPOINT_URL", line.base)
        code = _PROGRAM.format(text=f"s3://{bucket}", action=action)
        with subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            assert process.stdout
            assert process.stderr
            assert process.stdout.readline() == b"sent 5242880\n"
            process.send_signal(signal.SIGINT)
            assert process.stderr.read().rstrip().endswith(b"KeyboardInterrupt")
    assert process.returncode == -signal.SIGINT
    assert (s3.names(bucket), s3.unfinished(bucket)) == ([], [])


def test_half_a_gigabyte_streams_through_little_memory(signed_s3: S3Server, tmp_path: Path) -> None:
    clip, bucket = tmp_path / "sparse.mp4", signed_s3.new_bucket()
    with clip.open("wb") as file:
        file.truncate(500_000_000)
    action = (
        'store.find("a.mp4"); before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n'
        f"put(Path({str(clip)!r}), lambda _: None)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)"
    )
    code = _PROGRAM.format(text=f"s3://{bucket}", action=action)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 60_000  # KiB
    stored = opened(f"s3://{bucket}").find("a.mp4")
    assert stored
    assert stored.size == 500_000_000


def test_two_processes_may_publish_the_same_file_at_once(
    server: S3Server, large_clip: Path
) -> None:
    bucket = server.new_bucket()
    action = f"put(Path({str(large_clip)!r}), lambda _: None)"
    code = _PROGRAM.format(text=f"s3://{bucket}/p", action=action)
    both = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert server.names(bucket) == ["p/a.mp4"]
    assert server.content(bucket, "p/a.mp4") == bytes_of(LARGE)


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("change", [-1, 1])
def test_a_file_that_changed_since_it_was_checked_is_not_published(
    s3: S3Server, tmp_path: Path, size: int, change: int
) -> None:
    bucket, clip = s3.new_bucket(), tmp_path / "clip.mp4"
    clip.write_bytes(bytes_of(size + change))
    with pytest.raises(FileChanged, match=f"it had {size} bytes when it was checked"):
        opened(f"s3://{bucket}").put(
            "a.mp4", clip, size=size, content_type="video/mp4", progress=lambda _: None
        )
    assert s3.names(bucket) == []


def test_a_file_that_is_not_there_is_said(s3: S3Server, tmp_path: Path) -> None:
    with pytest.raises(FileUnreadable, match=r"absent\.mp4 cannot be read: No such file"):
        opened(f"s3://{s3.new_bucket()}").put(
            "a.mp4",
            tmp_path / "absent.mp4",
            size=1,
            content_type="video/mp4",
            progress=lambda _: None,
        )
