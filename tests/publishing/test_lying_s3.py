"""The servers of these tests do what other tests build on."""

from __future__ import annotations

import urllib.request
from datetime import timedelta
from pathlib import Path
from urllib.error import HTTPError

import pytest
from lying_s3 import LIES, LyingS3
from object_servers import S3Server, fetch

from motion_preflight.publishing.destination import parse_destination
from motion_preflight.publishing.opening import open_store

CONTENT = b"0123456789" * 1_000


def published(server: S3Server, folder: Path) -> str:
    """The link of a file at a server that this process is set up for."""
    clip = folder / "clip.mp4"
    clip.write_bytes(CONTENT)
    store = open_store(parse_destination(f"s3://{server.new_bucket()}"))
    store.put("a.mp4", clip, size=len(CONTENT), content_type="video/mp4", progress=lambda _: None)
    stored = store.find("a.mp4")
    assert stored
    assert stored.size == len(CONTENT)  # a look at the file finds nothing wrong
    return store.link("a.mp4", timedelta(days=1)).url


@pytest.mark.parametrize("lie", LIES)
def test_an_endpoint_lies_about_what_it_has_kept(
    s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lie: str
) -> None:
    with LyingS3(s3.base, LIES[lie]) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.base)
        link = published(s3, tmp_path)
        try:
            with fetch(link) as answer:
                seen = (answer.read(), answer.headers["Content-Type"])
        except HTTPError as error:
            error.close()
            seen = (b"", str(error.code))
    assert seen != (CONTENT, "video/mp4")


def test_a_range_is_answered_with_200_and_content_range(
    signed_s3: S3Server, tmp_path: Path
) -> None:
    request = urllib.request.Request(published(signed_s3, tmp_path), headers={"Range": "bytes=0-9"})
    with fetch(request) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Range"] == f"bytes 0-9/{len(CONTENT)}"
        assert answer.read() == CONTENT[:10]
