"""A path's bytes: regular files of any name, nothing that blocks or never ends."""

import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from processes import unprivileged

from motion_preflight.media.facts import MediaFacts, Unmeasured
from motion_preflight.media.measure import measure
from motion_preflight.media.programs.ffprobe import find_ffprobe
from motion_preflight.media.source.local import open_path
from motion_preflight.media.source.opening import open_source
from motion_preflight.network.client import Web
from motion_preflight.network.errors import MediaUnavailable, Reason

CAP = 1 << 40


def no_web() -> Web:
    raise AssertionError("a path needs no network")


def refused(path: Path) -> MediaUnavailable:
    with pytest.raises(MediaUnavailable) as caught, open_path(path):
        pass
    return caught.value


@pytest.fixture
def clip(tmp_path: Path, media: Path) -> Path:
    return Path(shutil.copy(media / "clip-3s.mp4", tmp_path / "clip.mp4"))


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder with a short name: that of a socket is limited to some hundred bytes."""
    folder = Path("/tmp") / f"mp-{os.getpid()}"
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


def test_a_regular_file_is_read_where_asked(clip: Path) -> None:
    data = clip.read_bytes()
    with open_path(clip) as source:
        assert (source.size, source.path, source.transfer) == (len(data), clip, None)
        assert source.read(10, 20) == data[10:30]
        assert source.read(len(data) - 5, 100) == data[-5:]
        assert source.read(len(data) + 5, 100) == b""
        assert source.read(0, 0) == b""
        assert source.has(0, CAP)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.mp4").reason is Reason.MISSING


def test_a_file_below_a_file(clip: Path) -> None:
    assert refused(clip / "more.mp4").reason is Reason.MISSING


@pytest.mark.parametrize("name", ["a\0b.mp4", "x" * 300])
def test_a_name_that_no_file_can_have(tmp_path: Path, name: str) -> None:
    assert refused(tmp_path / name).reason is Reason.MISSING


def test_a_symlink_that_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "link.mp4").symlink_to("none.mp4")
    assert refused(tmp_path / "link.mp4").reason is Reason.MISSING


def test_a_symlink_that_leads_to_itself(tmp_path: Path) -> None:
    (tmp_path / "link.mp4").symlink_to("link.mp4")
    assert refused(tmp_path / "link.mp4").reason is Reason.MISSING


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_a_file_of_somebody_else(clip: Path) -> None:
    clip.chmod(0)
    with unprivileged():
        assert refused(clip).reason is Reason.DENIED


def test_a_folder(tmp_path: Path) -> None:
    error = refused(tmp_path)
    assert (error.reason, error.message) == (Reason.NOT_REGULAR, "it is a folder")


def test_a_named_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "clip.mp4")
    began = time.monotonic()
    error = refused(tmp_path / "clip.mp4")
    assert (error.reason, error.message) == (Reason.NOT_REGULAR, "it is a named pipe")
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null", "/dev/stdin"])
def test_a_device(name: str) -> None:
    if not Path(name).is_char_device():
        pytest.skip(f"{name} is no device here")
    error = refused(Path(name))
    assert (error.reason, error.message) == (Reason.NOT_REGULAR, "it is a device")


def test_a_socket(short_folder: Path) -> None:
    path = short_folder / "clip.mp4"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        error = refused(path)
    assert (error.reason, error.message) == (Reason.NOT_REGULAR, "it is a socket")


def test_a_symlink_to_a_device_is_a_device(tmp_path: Path) -> None:
    (tmp_path / "clip.mp4").symlink_to("/dev/zero")
    assert refused(tmp_path / "clip.mp4").reason is Reason.NOT_REGULAR


def test_a_file_that_becomes_a_pipe_after_the_look_is_refused(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = clip.stat()
    clip.unlink()
    os.mkfifo(clip)
    monkeypatch.setattr(Path, "stat", lambda _: looked)
    began = time.monotonic()
    assert refused(clip).reason is Reason.NOT_REGULAR
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    "name",
    [
        "a clip.mp4", "-clip.mp4", "--help", "-i", "two\nlines.mp4", "tab\there.mp4",
        "frame%03d.mp4", "100%.mp4", "%d", "a:b.mp4", "take:2", "concat:a|b.mp4", "pipe:0",
        "file:x.mp4", "'quoted\".mp4", "$(id).mp4", "`id`", "*?[].mp4", "größe.mp4", "ÅA\u030a.mp4",
        "\u202egpm.mp4", "subfile,,start,1,end,2,,.mp4", "Option", "~clip.mp4", "\\clip.mp4",
        "\x1b[31m",
    ],
)  # fmt: skip
def test_a_file_of_any_name_is_measured(
    clip: Path, tmp_path: Path, name: str, ffprobe: str
) -> None:
    (tmp_path / "folder").mkdir()
    clip.rename(tmp_path / "folder" / name)
    location = name if not name.startswith(("~", "file:")) else f"./{name}"
    result = measure(
        location, "video", cap=CAP, ffprobe=ffprobe, web=no_web, folder=tmp_path / "folder"
    )
    assert isinstance(result, MediaFacts), result
    assert result.video is not None
    assert result.location == location


def test_a_name_that_is_not_utf_8(clip: Path, tmp_path: Path, ffprobe: str) -> None:
    name = os.fsdecode(b"\xff\xfe clip.mp4")
    try:
        clip.rename(tmp_path / name)
    except OSError:
        pytest.skip("this file system has names of UTF-8 only")
    result = measure(name, "video", cap=CAP, ffprobe=ffprobe, web=no_web, folder=tmp_path)
    assert isinstance(result, MediaFacts)
    assert result.video is not None


@pytest.mark.parametrize("name", ["frame%03d.png", "100%.png", "a?b.png", "-.png", "a*b"])
def test_a_picture_of_any_name_is_itself(
    tmp_path: Path, media: Path, name: str, ffprobe: str
) -> None:
    """Given a pattern for a name, ffprobe would rather look for `frame001.png`."""
    shutil.copy(media / "image-300.png", tmp_path / name)
    shutil.copy(media / "image-299.png", tmp_path / "frame001.png")
    result = measure(name, "image", cap=CAP, ffprobe=ffprobe, web=no_web, folder=tmp_path)
    assert isinstance(result, MediaFacts), result
    assert result.video is not None
    assert (result.video.width, result.video.height) == (300, 300)


def test_a_symlink_to_a_file_is_followed(clip: Path, tmp_path: Path, ffprobe: str) -> None:
    (tmp_path / "link").symlink_to(clip)
    result = measure(str(tmp_path / "link"), "video", cap=CAP, ffprobe=ffprobe, web=no_web)
    assert isinstance(result, MediaFacts)
    assert result.size == clip.stat().st_size


def test_a_relative_path_starts_at_the_folder_and_an_absolute_one_does_not(
    clip: Path, tmp_path: Path
) -> None:
    for location in ("clip.mp4", "./clip.mp4", str(clip)):
        with open_source(location, folder=tmp_path, cap=CAP, web=no_web) as source:
            assert source.path.samefile(clip)


def test_a_path_may_start_at_the_home_folder(
    clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with open_source("~/clip.mp4", folder=Path("/"), cap=CAP, web=no_web) as source:
        assert source.path.samefile(clip)


def test_a_home_that_nobody_has_is_a_missing_file(tmp_path: Path) -> None:
    result = measure(
        "~nobody-of-that-name/clip.mp4",
        "video",
        cap=CAP,
        ffprobe=find_ffprobe(),
        web=no_web,
        folder=tmp_path,
    )
    assert isinstance(result, Unmeasured)
    assert result.reason is Reason.MISSING


def test_a_file_called_like_a_home_is_measured(clip: Path, tmp_path: Path) -> None:
    clip.rename(tmp_path / "~clip.mp4")
    result = measure(
        "~clip.mp4", "video", cap=CAP, ffprobe=find_ffprobe(), web=no_web, folder=tmp_path
    )
    assert isinstance(result, MediaFacts), result
