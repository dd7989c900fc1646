"""A location → its facts: the same by every way, or a reason in words."""

import os
import shutil
import socket
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NoReturn

import pytest
from paths import MEDIA
from peers import Peer, read_request
from peers import answer as http_answer
from processes import ffprobe_script

from motion_preflight.media.facts import (
    AudioStream,
    Durations,
    Kind,
    Measured,
    MediaFacts,
    Unmeasured,
    VideoStream,
)
from motion_preflight.media.measure import measure
from motion_preflight.media.programs.ffprobe import find_ffprobe
from motion_preflight.network.client import Web
from motion_preflight.network.errors import Reason
from motion_preflight.testing import mp4_surgery as surgery
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

NAMES = sorted(path.name for path in MEDIA.iterdir())
PICTURES = {".png", ".jpg", ".gif", ".webp", ".bmp", ".svg"}
USUAL: Any = object()  # as the kind: what the name says


def measured(
    location: str | Path,
    kind: Kind | None = USUAL,
    *,
    ffprobe: str | None = None,
    scan: bool = False,
) -> Measured:
    if kind is USUAL:
        kind = "image" if Path(location).suffix in PICTURES else "video"
    with Web(timeout=5, allow_private=True) as web:
        return measure(
            str(location),
            kind,
            cap=100 << 20,
            ffprobe=ffprobe or find_ffprobe(),
            web=lambda: web,
            scan=scan,
        )


def facts(location: str | Path, kind: Kind | None = USUAL, **options: Any) -> MediaFacts:
    result = measured(location, kind, **options)
    assert isinstance(result, MediaFacts), result
    return result


def bare(medium: Measured) -> Measured:
    """What was found, without where it comes from."""
    return replace(medium, location="", transfer=None)


# --- the same facts by every way --------------------------------------------------------------

WAYS = {
    "ranges": Habit(),
    "no ranges": Habit(ranges=False),
    "chunked": Habit(ranges=False, chunked=True),
    "until close": Habit(ranges=False, until_close=True),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_url_has_the_facts_of_its_file(host: Host, name: str) -> None:
    path = MEDIA / name
    local = measured(path)
    for habit in WAYS.values():
        result = measured(host.serve(name, path, habit))
        if name == "html-named.mp4":  # over HTTP a page is no direct link
            assert isinstance(result, Unmeasured)
            assert result.reason is Reason.NOT_DIRECT
        else:
            assert bare(result) == bare(local)
        assert result.transfer is not None
        assert result.transfer.requests == 1
        assert result.transfer.bytes <= path.stat().st_size


SMALL_STEPS = {"STEP": 1 << 10, "_BEYOND": 512, "_REST": 0}


@pytest.mark.parametrize("name", [name for name in NAMES if (MEDIA / name).stat().st_size > 2048])
def test_a_url_read_in_small_steps_has_the_facts_of_its_file(
    host: Host, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the steps of 64 KiB do to large files, smaller ones do to these."""
    for constant, value in SMALL_STEPS.items():
        for module in ("remote", "byte_ranges"):
            place = f"motion_preflight.media.source.{module}.{constant}"
            monkeypatch.setattr(place, value, raising=module == "byte_ranges")
    result = measured(host.serve(name, MEDIA / name))
    assert bare(result) == bare(measured(MEDIA / name))
    assert result.transfer is not None
    assert result.transfer.requests == len(host.log) <= 20
    assert result.transfer.bytes <= (MEDIA / name).stat().st_size


def _comparable(medium: Measured) -> Measured:
    """Without what two versions of ffprobe may say in their own way."""
    if isinstance(medium, Unmeasured):
        return replace(medium, error="")
    return replace(medium, probed_by="")


@pytest.mark.parametrize("name", NAMES)
def test_the_facts_do_not_depend_on_the_version_of_ffprobe(
    name: str, both_ffprobes: tuple[str, str]
) -> None:
    one, other = (measured(MEDIA / name, ffprobe=ffprobe) for ffprobe in both_ffprobes)
    assert _comparable(one) == _comparable(other)


@pytest.mark.parametrize(
    "name", ["clip-8s.mp4", "fragmented.mp4", "live.webm", "piped.mkv", "cut-faststart.mp4"]
)
def test_a_scan_does_not_depend_on_the_version_of_ffprobe(
    name: str, both_ffprobes: tuple[str, str]
) -> None:
    one, other = (facts(MEDIA / name, ffprobe=ffprobe, scan=True) for ffprobe in both_ffprobes)
    assert one.durations.scan == other.durations.scan
    assert one.durations.scan is not None


# --- facts --------------------------------------------------------------------------------------


def test_the_facts_of_a_usual_clip() -> None:
    path = MEDIA / "clip-8s.mp4"
    result = facts(path)
    assert result.probed_by.startswith("ffprobe ")
    assert replace(result, probed_by="") == MediaFacts(
        location=str(path),
        size=path.stat().st_size,
        container="mp4",
        format_name="mov,mp4,m4a,3gp,3g2,mj2",
        brand="isom",
        probed_by="",
        durations=Durations(
            header=Decimal(8),
            container=Decimal(8),
            video=Decimal(8),
            audio=Decimal(8),
            samples=Decimal(8),
        ),
        faststart=True,
        fragmented=False,
        truncated=False,
        video=VideoStream(
            "h264",
            360,
            360,
            0,
            Fraction(30),
            Decimal(0),
            index=0,
            frames=240,
            longest_frame=Decimal("0.033333"),
            tracks=1,
            encrypted=False,
        ),
        audio=AudioStream("aac", 16000, 1),
    )


@pytest.mark.parametrize(
    ("name", "header", "video", "scan"),
    [
        ("clip-9.9s.mp4", "9.9", "9.9", "9.9"),
        ("clip-10.01s.mp4", "10.01", "10.01", "10.01"),
        ("audio-longer.mp4", "12", "9.9", "9.9"),
        ("late-start.mp4", "10.5", "9", "9"),
        ("header-halved.mp4", "6", "12", "12"),
        ("subtitles-longer.mp4", "16.6", "13", "13"),
        ("cut-faststart.mp4", "9.9", "9.9", None),
        ("live.webm", None, None, "8"),
        ("piped.mkv", None, None, "8"),
        ("mdhd-all-ones.mp4", None, None, "8.064"),
    ],
)
def test_a_duration_is_read_in_every_way(
    name: str, header: str | None, video: str | None, scan: str | None
) -> None:
    durations = facts(MEDIA / name, scan=True).durations
    expected = [None if item is None else Decimal(item) for item in (header, video, scan)]
    assert [durations.header, durations.video] == expected[:2]
    if scan is None:
        assert durations.scan is not None
        assert durations.scan < 6  # half of the bytes are missing
    else:
        assert durations.scan == expected[2]


@pytest.mark.parametrize(
    ("name", "container", "brand"),
    [
        ("clip-8s.mp4", "mp4", "isom"),
        ("clip-8s.mov", "mov", "qt"),
        ("mov-named.mp4", "mov", "qt"),
        ("mp4-named.webm", "mp4", "isom"),
        ("clip-8s.webm", "webm", None),
        ("live.webm", "webm", None),
        ("clip-8s.mkv", "matroska", None),
        ("piped.mkv", "matroska", None),
        ("clip-8s.avi", "avi", None),
    ],
)
def test_the_container_is_named_by_what_is_inside(
    name: str, container: str, brand: str | None
) -> None:
    result = facts(MEDIA / name, "video")
    assert (result.container, result.brand) == (container, brand)


@pytest.mark.parametrize(
    ("name", "container", "sides", "rotation"),
    [
        ("image.png", "png", (640, 640), 0),
        ("image.jpg", "jpeg", (640, 640), 0),
        ("rotated.jpg", "jpeg", (480, 640), 90),
        ("image.gif", "gif", (300, 300), 0),
        ("image.webp", "webp", (300, 300), 0),
        ("image.bmp", "bmp", (300, 300), 0),
        ("image-2.6to1.png", "png", (780, 300), 0),
    ],
)
def test_the_facts_of_a_picture(
    name: str, container: str, sides: tuple[int, int], rotation: int | None
) -> None:
    for kind in ("image", None):
        result = facts(MEDIA / name, kind)
        assert result.container == container
        assert result.video is not None
        assert (result.video.width, result.video.height) == sides
        assert result.video.rotation == rotation
        assert result.durations == Durations()
        assert result.audio is None


@pytest.mark.parametrize(
    ("name", "sides", "rotation"),
    [("rotated-8s.mp4", (480, 360), 90), ("wide-3852.mp4", (3852, 340), 0)],
)
def test_a_clip_s_sides_are_those_it_is_shown_with(
    name: str, sides: tuple[int, int], rotation: int
) -> None:
    video = facts(MEDIA / name).video
    assert video is not None
    assert (video.width, video.height) == sides
    assert video.rotation == rotation


@pytest.mark.parametrize(
    ("name", "video", "audio"),
    [
        ("silent-8s.mp4", True, False),
        ("audio-only.mp4", False, True),
        ("cover-only.m4a", False, True),  # a cover is no video
        ("with-cover.mp4", True, True),
    ],
)
def test_the_streams_that_count(name: str, *, video: bool, audio: bool) -> None:
    result = facts(MEDIA / name)
    assert (result.video is not None, result.audio is not None) == (video, audio)


@pytest.mark.parametrize(
    ("name", "truncated"),
    [
        ("clip-8s.mp4", False),
        ("cut-faststart.mp4", True),
        ("odd-tail.mp4", False),
        ("mdat-to-end.mp4", False),
        ("large-box.mp4", False),
        ("external-dref.mov", False),
        ("clip-8s.mkv", None),
        ("image.png", False),
        ("cut.png", True),
        ("image.webp", False),
    ],
)
def test_what_is_cut_short(name: str, *, truncated: bool | None) -> None:
    result = facts(MEDIA / name)
    assert result.truncated is truncated
    assert (result.truncation is not None) is bool(truncated)


@pytest.mark.parametrize(
    ("box", "number", "says"),
    [
        ("moov/mvhd", 8_000, None),
        ("moov/mvhd", 86_401_000, "its header says 86,401 seconds"),
        ("moov/mvhd", 0xFFFFFFFF, None),
        ("moov/trak/mdia/mdhd", None, None),  # its samples are a reading of their own
    ],
    ids=["none", "more than a day", "unknown", "samples"],
)
def test_what_contradicts_itself(
    host: Host, tmp_path: Path, ffprobe: str, *, box: str, number: int | None, says: str | None
) -> None:
    data = (MEDIA / "clip-8s.mp4").read_bytes()
    at = surgery.find(data, box)[-1][0] + surgery.DURATION
    usual = int.from_bytes(data[at : at + 4], "big")
    data = surgery.put_number(data, at, usual // 2 if number is None else number)
    path = tmp_path / "clip.mp4"
    path.write_bytes(data)
    for location in (path, host.serve("clip.mp4", data)):
        assert facts(location, ffprobe=ffprobe).contradiction == says


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("cut")])
def test_no_fixture_contradicts_itself(name: str) -> None:
    result = measured(MEDIA / name)
    assert isinstance(result, Unmeasured) or result.contradiction is None


# --- what cannot be measured --------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["video", "image"])
def test_a_pointer_of_git_lfs_is_told_from_text(kind: Kind, tmp_path: Path) -> None:
    pointer = tmp_path / "clip.mp4"
    pointer.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n")
    result = measured(pointer, kind)
    assert isinstance(result, Unmeasured)
    assert result.error == "it is a Git LFS pointer, not the file itself"
    assert result.remedy == "fetch the file with `git lfs pull`"


@pytest.mark.parametrize(
    ("name", "kind", "reason", "words"),
    [
        ("empty.mp4", "video", Reason.UNREADABLE, "it is empty"),
        ("empty.mp4", "image", Reason.UNREADABLE, "it is empty"),
        ("garbage.mp4", "video", Reason.UNREADABLE, "no video or picture that ffprobe can read ("),
        ("garbage.mp4", None, Reason.UNREADABLE, "no video or picture that ffprobe can read ("),
        ("garbage.mp4", "image", Reason.UNREADABLE, "it is no picture"),
        ("html-named.mp4", "video", Reason.UNREADABLE, "a web page"),
        ("playlist.mp4", "video", Reason.UNREADABLE, "a playlist"),
        ("concat-script.mp4", "video", Reason.UNREADABLE, "it is text"),
        ("concat-script.mp4", None, Reason.UNREADABLE, "it is text"),
        ("jpeg-named.mp4", "video", Reason.UNREADABLE, "it is a picture (JPEG)"),
        ("image.png", "video", Reason.UNREADABLE, "it is a picture (PNG)"),
        ("image-svg.svg", "image", Reason.UNSUPPORTED, "SVG"),
        ("image-svg.svg", None, Reason.UNSUPPORTED, "SVG"),
        ("image-svg.svg", "video", Reason.UNREADABLE, "SVG"),
        ("clip-8s.mp4", "image", Reason.UNREADABLE, "it is mp4, not a picture"),
        ("text-named.png", "image", Reason.UNREADABLE, "it is text"),
        ("cut-moov-last.mp4", "video", Reason.UNREADABLE, "no moov box (the index); it is cut"),
        ("none.mp4", "video", Reason.MISSING, "no such file"),
    ],
)
def test_why_something_was_not_measured(
    name: str, kind: Kind | None, reason: Reason, words: str, ffprobe: str
) -> None:
    result = measured(MEDIA / name, kind, ffprobe=ffprobe)
    assert isinstance(result, Unmeasured), result
    assert result.reason is reason
    assert words in result.error
    assert str(MEDIA) not in result.error
    assert result.size == ((MEDIA / name).stat().st_size if name != "none.mp4" else None)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"ID3\x04" + bytes(600), "sound without a picture (MP3)"),
        (b"fLaC" + bytes(600), "sound without a picture (FLAC)"),
        (b"RIFF\0\0\0\0WAVEfmt " + bytes(600), "sound without a picture (WAV)"),
        (b"<?xml version='1.0'?><Error/>", "an XML document"),
        (b'{"note": "for later"}', "text"),
    ],
    ids=["mp3", "flac", "wav", "xml", "text"],
)
@pytest.mark.parametrize("kind", ["video", "image", None])
def test_what_is_no_media_is_called_by_its_name(
    tmp_path: Path, host: Host, head: bytes, words: str, kind: Kind | None
) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(head)
    for location in (path, host.serve("clip.mp4", head)):
        result = measured(location, kind)
        assert isinstance(result, Unmeasured)
        assert (result.reason, result.error) == (Reason.UNREADABLE, f"it is {words}")


@pytest.mark.parametrize("name", ["playlist.mp4", "concat-script.mp4", "garbage.mp4"])
def test_what_is_called_media_opens_nothing_else(tmp_path: Path, name: str, ffprobe: str) -> None:
    """The clip that the script names lies beside it, and is not the answer."""
    for item in (name, "clip-8s.mp4"):
        shutil.copy(MEDIA / item, tmp_path)
    for kind in ("video", None):
        assert isinstance(measured(tmp_path / name, kind, ffprobe=ffprobe), Unmeasured)


def test_an_ffprobe_that_crashes_measures_nothing(tmp_path: Path) -> None:
    crashing = tmp_path / "ffprobe"
    crashing.write_text("#!/bin/sh\nkill -SEGV $$\n")
    crashing.chmod(0o755)
    result = measured(MEDIA / "clip-8s.mp4", ffprobe=str(crashing))
    assert isinstance(result, Unmeasured)
    assert result.reason is Reason.UNSUPPORTED  # of the tool, not of the clip
    assert (result.size, result.container) == ((MEDIA / "clip-8s.mp4").stat().st_size, "mp4")


@pytest.mark.parametrize("count", [2, 20])
@pytest.mark.parametrize(
    "name", ["clip-8s.mp4", "moov-last-8s.mp4", "fragmented.mp4", "clip-8s.mkv"]
)
def test_a_damaged_clip_is_an_outcome_by_every_way(host: Host, name: str, count: int) -> None:
    """Bytes overwritten at even distances: facts or a reason, and both ways the same ones."""
    data = bytearray((MEDIA / name).read_bytes())
    for at in range(len(data) // (count + 1), len(data), len(data) // count):
        data[at] ^= 0xFF
    for end in (len(data), len(data) * 2 // 3, 60, 7):
        ways = [measured(host.serve("clip", bytes(data[:end]), habit)) for habit in WAYS.values()]
        assert len({repr(bare(way)) for way in ways}) == 1


# --- what a host or a file would like to be believed ------------------------------------------


def test_a_scan_that_finds_no_packet_contradicts_the_headers(tmp_path: Path) -> None:
    """They may be all that there is."""
    nothing = """case "$*" in *packet=*) ;; *) real "$@";; esac"""
    result = measured(MEDIA / "clip-8s.mkv", ffprobe=ffprobe_script(tmp_path, nothing), scan=True)
    assert isinstance(result, MediaFacts)
    assert result.contradiction == "its headers promise a video, and there is no packet of it"
    assert result.durations.scan is None


@pytest.mark.parametrize("name", ["clip-8s.mkv", "clip-8s.webm"])
def test_headers_of_another_container_alone_are_no_video(
    tmp_path: Path, name: str, ffprobe: str
) -> None:
    """No box says whether there is anything behind them."""
    data = (MEDIA / name).read_bytes()
    headers = data[: data.index(bytes.fromhex("1f43b675"))]  # up to the first cluster
    (tmp_path / name).write_bytes(headers + bytes.fromhex("1f43b675 83 e78100"))  # an empty one
    result = measured(tmp_path / name, ffprobe=ffprobe)
    assert isinstance(result, MediaFacts)
    assert result.contradiction == "its headers promise a video, and there is no packet of it"


@pytest.mark.parametrize("name", ["clip-8s.mkv", "clip-8s.webm"])
def test_a_matroska_file_that_is_cut_is_seen(tmp_path: Path, name: str, ffprobe: str) -> None:
    data = (MEDIA / name).read_bytes()
    (tmp_path / name).write_bytes(data[: len(data) // 2])
    result = measured(tmp_path / name, ffprobe=ffprobe)
    assert isinstance(result, MediaFacts)
    assert result.truncated
    assert "the segment declares" in (result.truncation or "")


def test_a_picture_too_large_to_be_held_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "image.png"
    shutil.copy(MEDIA / "image.png", file)
    os.truncate(file, 1 << 40)  # a hole, which costs nobody anything
    result = measured(file, "image")
    assert isinstance(result, Unmeasured)
    assert (result.reason, result.size) == (Reason.TOO_LARGE, 1 << 40)


SIGNATURE = "5ecRe7tok3n-of-the-link"


@pytest.mark.parametrize(
    "answer",
    [
        f"HTTP/1.1 403 Signature {SIGNATURE} bad\r\n\r\n",
        f"HTTP/1.1 503 No\r\nRetry-After: {SIGNATURE}\r\n\r\n",
        f"HTTP/1.1 302 Found\r\nLocation: http://{SIGNATURE}.invalid/\r\n\r\n",
        f'HTTP/1.1 404 No\r\nContent-Type: video/{SIGNATURE}\r\nETag: "{SIGNATURE}"\r\n\r\n',
    ],
    ids=["reason", "retry", "redirect", "headers"],
)
def test_a_host_that_says_the_link_s_secret_back_is_not_quoted(answer: str) -> None:
    def talk(sock: socket.socket) -> None:
        read_request(sock)
        sock.sendall(answer.encode())

    with Peer(talk) as peer:
        result = measured(f"{peer.base}/clip.mp4?X-Amz-Signature={SIGNATURE}")
    assert isinstance(result, Unmeasured)
    assert SIGNATURE.lower() not in result.error.lower()
    assert result.transfer is not None
    assert SIGNATURE not in f"{result.transfer.content_type} {result.transfer.etag}"


def test_a_host_that_says_the_secret_of_its_redirect_back_is_not_quoted() -> None:
    body = f'{{"message": "no {SIGNATURE[:12]}"}}'
    lines = f'Content-Length: {len(body)}\r\nETag: "{SIGNATURE}"\r\nContent-Type: a/{SIGNATURE}'

    def talk(sock: socket.socket) -> None:
        while request := read_request(sock):
            if b"Signature" in request:
                sock.sendall(f"HTTP/1.1 404 No\r\n{lines}\r\n\r\n{body}".encode())
            else:
                to = f"/a.mp4?X-Amz-Signature={SIGNATURE}"
                sock.sendall(http_answer(302, Location=to))

    with Peer(talk) as peer:
        result = measured(f"{peer.base}/clip.mp4")
    assert isinstance(result, Unmeasured)
    assert 'it says "no …"' in result.error
    assert result.transfer is not None
    assert SIGNATURE not in f"{result.transfer.content_type} {result.transfer.etag}"


def test_a_type_that_a_link_asks_for_is_no_secret(host: Host) -> None:
    """Links of S3 name the type with which the file is to be served."""
    url = host.serve("clip.mp4", MEDIA / "clip-8s.mp4")
    query = "response-content-type=video%2Fmp4&X-Amz-Signature=" + SIGNATURE
    result = measured(f"{url}?{query}")
    assert isinstance(result, MediaFacts)
    assert result.transfer is not None
    assert result.transfer.content_type == "video/mp4"


def test_no_memory_left_is_an_outcome_of_this_medium() -> None:
    def web() -> NoReturn:
        raise MemoryError

    result = measure("https://clips.example/a.mp4", "video", cap=100 << 20, ffprobe="", web=web)
    assert isinstance(result, Unmeasured)
    assert (result.reason, "memory" in result.error) == (Reason.UNSUPPORTED, True)
