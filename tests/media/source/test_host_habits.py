"""Hosts of good will with odd habits: the file is measured as it is, or it is said why not."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Program
from paths import MEDIA

from motion_preflight.media.facts import Measured, MediaFacts, Unmeasured
from motion_preflight.media.measure import is_version, measure
from motion_preflight.media.programs.ffprobe import find_ffprobe
from motion_preflight.network.client import Web
from motion_preflight.network.errors import Reason
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

CAP = 100 << 20


def measured(url: str) -> Measured:
    with Web(timeout=5, allow_private=True) as web:
        return measure(url, "video", cap=CAP, ffprobe=find_ffprobe(), web=lambda: web)


def same(url: str, text: str) -> bool:
    with Web(timeout=5, allow_private=True) as web:
        return is_version(url, text, folder=None, cap=CAP, web=lambda: web)


def padded(path: Path, size: int, name: str = "clip-8s.mp4") -> Path:
    """A clip that is followed by one long box, which is a hole."""
    data = (MEDIA / name).read_bytes()
    path.write_bytes(data + (size - len(data)).to_bytes(4, "big") + b"free")
    os.truncate(path, size)
    return path


def test_200_with_a_content_range_and_only_that_range_is_the_range(
    host: Host, tmp_path: Path
) -> None:
    path = padded(tmp_path / "clip.mp4", 5 << 20)
    result = measured(host.serve("clip.mp4", path, Habit(range_status=200)))
    assert isinstance(result, MediaFacts), result
    assert result.size == 5 << 20
    assert result.transfer
    assert result.transfer.requests == 1


def test_a_range_that_is_said_to_be_no_range_is_not_the_file(host: Host, tmp_path: Path) -> None:
    """200 without a Content-Range, in chunks: only its length tells that it is the range."""
    path = padded(tmp_path / "clip.mp4", 5 << 20)
    result = measured(host.serve("clip.mp4", path, Habit(range_status=200, range_unsaid=True)))
    assert isinstance(result, MediaFacts), result
    assert result.size == 5 << 20
    assert ["range" in seen.headers for seen in host.log] == [True, False]


def test_a_file_as_long_as_the_first_range_may_come_in_chunks(host: Host, tmp_path: Path) -> None:
    path = padded(tmp_path / "clip.mp4", 64 << 10)
    result = measured(host.serve("clip.mp4", path, Habit(ranges=False, chunked=True)))
    assert isinstance(result, MediaFacts), result
    assert result.size == 64 << 10


def test_120_mb_behind_a_host_that_calls_a_range_the_whole_do_not_pass(
    host: Host, tmp_path: Path, program: Program
) -> None:
    path = padded(tmp_path / "clip.mp4", 120_000_000)
    url = host.serve("clip.mp4", path, Habit(range_status=200))
    image = host.serve("image.png", MEDIA / "image.png", content_type="image/png")
    request = {
        "model": "kling-v2-6-motion-control", "mode": "std", "prompt": "she dances",
        "character_orientation": "image", "image_url": image, "video_url": url,
    }  # fmt: skip
    (tmp_path / "request.json").write_text(json.dumps(request))
    done = program("check", "request.json", "--allow-private", cwd=tmp_path)
    assert done.returncode == 1, done.stdout
    assert "video-too-large" in done.stdout


def first_fragments(data: bytes) -> bytes:
    """The half of a fragmented clip that ends where a fragment does."""
    at, ends = 0, []
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        at += size
        ends += [at] if data[at - size + 4 : at - size + 8] == b"mdat" else []
    return data[: ends[len(ends) // 2]]


PART = Habit(range_status=206, range_unsaid=True, wrong_range="206-to-plain")


def test_a_part_that_looks_whole_is_not_measured(host: Host) -> None:
    """Nothing in a fragmented clip tells how many fragments there are."""
    part = first_fragments((MEDIA / "fragmented-many.mp4").read_bytes())
    result = measured(host.serve("clip.mp4", part, PART))
    assert isinstance(result, Unmeasured), result
    assert result.reason is Reason.UNREACHABLE
    assert isinstance(measured(host.serve("whole.mp4", part)), MediaFacts)
    indexed = measured(host.serve("indexed.mp4", MEDIA / "clip-8s.mp4", PART))
    assert isinstance(indexed, MediaFacts), indexed  # its index names the last sample


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 416, 500, 501, 503])
def test_a_host_that_refuses_a_range_is_asked_once_without_one(host: Host, status: int) -> None:
    url = host.serve("clip.mp4", MEDIA / "clip-8s.mp4", Habit(range_status=status))
    assert isinstance(measured(url), MediaFacts)
    assert ["range" in seen.headers for seen in host.log] == [True, False]


@pytest.mark.parametrize(
    "coding", ["aws-chunked", "binary", "base64", "none", "utf-8", "aws-chunked, identity"]
)
def test_an_encoding_that_packs_nothing_is_judged_by_the_bytes(host: Host, coding: str) -> None:
    url = host.serve("clip.mp4", MEDIA / "clip-8s.mp4", Habit(coding=coding))
    assert isinstance(measured(url), MediaFacts)


def test_the_framing_of_an_upload_is_not_taken_for_media(host: Host) -> None:
    data = (MEDIA / "clip-8s.mp4").read_bytes()
    framed = f"{len(data):x};chunk-signature={'0' * 64}\r\n".encode() + data + b"\r\n0\r\n\r\n"
    result = measured(host.serve("clip.mp4", framed, Habit(coding="aws-chunked")))
    assert isinstance(result, Unmeasured)
    assert (result.reason, "aws-chunked" in result.error) == (Reason.UNREADABLE, True)


TAGS = [('"a"', '"b"'), ('"a"', 'W/"a"'), ('"a"', ""), ("", '"a"'), ('W/"a"', 'W/"b"')]


@pytest.mark.parametrize("tags", TAGS)
@pytest.mark.parametrize("dated", [True, False])
def test_validators_that_differ_from_server_to_server_are_no_change(
    host: Host, tmp_path: Path, tags: tuple[str, str], *, dated: bool
) -> None:
    path = padded(tmp_path / "clip.mkv", 2 << 20, "piped.mkv")
    for if_range in (True, False):
        habit = Habit(etags=tags, last_modified=dated, if_range=if_range)
        url = host.serve("clip.mkv", path, habit)
        result = measured(url)
        assert not isinstance(result, Unmeasured) or result.reason is not Reason.CHANGED
        assert result.size == 2 << 20


def test_a_file_without_validators_is_remembered_by_what_was_fetched(host: Host) -> None:
    habit = Habit(etag="none", last_modified=False)
    data = (MEDIA / "clip-8s.mp4").read_bytes()
    url = host.serve("clip.mp4", data, habit)
    result = measured(url)
    assert isinstance(result, MediaFacts)
    assert result.version
    assert same(url, result.version)
    host.serve("clip.mp4", data[:-1] + bytes([data[-1] ^ 1]), habit)
    assert not same(url, result.version)


def test_validators_that_flap_do_not_make_another_version(host: Host) -> None:
    url = host.serve("clip.mp4", MEDIA / "clip-8s.mp4", Habit(etags=('"a"', '"b"', '"c"')))
    result = measured(url)
    assert isinstance(result, MediaFacts)
    assert result.version
    assert same(url, result.version)


@pytest.mark.parametrize(
    ("location", "asked"),
    [
        ("/my clip.mp4", "/my%20clip.mp4"),
        ("/a%20b c.mp4?sig=a%2Fb+c", "/a%20b%20c.mp4?sig=a%2Fb+c"),
        ("/caf\xe9.mp4", "/caf%E9.mp4"),
        ('/a"<b>.mp4', "/a%22%3Cb%3E.mp4"),
        ("  /clip.mp4 ", "/clip.mp4"),
    ],
)
def test_a_location_with_raw_characters_is_encoded_as_browsers_do(
    host: Host, location: str, asked: str
) -> None:
    measured(host.serve("start.mp4", habit=Habit(redirect_to=location)))
    assert host.log[1].target == asked


def test_an_expired_link_says_so_and_shows_no_secret(host: Host) -> None:
    body = (
        b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message>"
        b"<StringToSign>SECRETSECRET</StringToSign></Error>"
    )
    for status in (400, 403):
        url = host.serve("clip.mp4", habit=Habit(status=status, error_body=body))
        result = measured(f"{url}?X-Amz-Signature=SECRETSECRET")
        assert isinstance(result, Unmeasured)
        assert result.reason is Reason.DENIED
        assert result.error.endswith("the link has expired")
        assert "SECRET" not in str(replace(result, location=""))
        assert "new signed link" in str(result.remedy)
