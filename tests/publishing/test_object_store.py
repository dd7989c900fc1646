"""Files in object stores, at servers that speak S3 and Azure."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from object_servers import S3Server, fetch

from motion_preflight.publishing.destination import parse_destination
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
