"""How many pictures a clip shows: not what is stored, but what a viewer sees."""

from __future__ import annotations

import struct
import subprocess
from typing import TYPE_CHECKING

import pytest
from paths import MEDIA

from motion_preflight.media.facts import MediaFacts, VideoStream
from motion_preflight.media.measure import measure
from motion_preflight.media.programs.ffmpeg import find_ffmpeg
from motion_preflight.media.programs.ffprobe import find_ffprobe
from motion_preflight.network.client import Web
from motion_preflight.testing import mp4_surgery as surgery

if TYPE_CHECKING:
    from pathlib import Path

FRAMES = 72
SOURCE = ("-f", "lavfi", "-i", "testsrc2=s=160x120:r=24:d=3")


def ffmpeg(*words: str | Path) -> None:
    subprocess.run([find_ffmpeg(), "-v", "error", "-y", *map(str, words)], check=True)


def facts(path: Path, ffprobe: str) -> MediaFacts:
    with Web(timeout=5, allow_private=False) as web:
        measured = measure(str(path), "video", cap=100 << 20, ffprobe=ffprobe, web=lambda: web)
    assert isinstance(measured, MediaFacts), measured
    return measured


def video(path: Path, ffprobe: str) -> VideoStream:
    stream = facts(path, ffprobe).video
    assert stream is not None
    return stream


def without_superframes(data: bytes) -> bytes:
    """An IVF file of VP9 in which every frame has a packet of its own, as some programs write."""
    result, at = bytearray(data[:32]), 32
    while at < len(data):
        size, time = int.from_bytes(data[at : at + 4], "little"), data[at + 4 : at + 12]
        packet = data[at + 12 : at + 12 + size]
        at += 12 + size
        sizes = [size]
        if packet[-1] & 0xE0 == 0xC0:
            count, width = (packet[-1] & 7) + 1, (packet[-1] >> 3 & 3) + 1
            index = packet[-1 - count * width : -1]
            sizes = [int.from_bytes(index[n * width :][:width], "little") for n in range(count)]
        start = 0
        for length in sizes:
            result += length.to_bytes(4, "little") + time + packet[start : start + length]
            start += length
    return bytes(result)


@pytest.fixture(scope="module")
def alt_refs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Clips with frames that others refer to and nobody sees. An encoder makes them in its second
    pass only.
    """
    folder = tmp_path_factory.mktemp("alt-refs")
    for name, encoder in (("vp8", "libvpx"), ("vp9", "libvpx-vp9")):
        words = (*SOURCE, "-c:v", encoder, "-b:v", "100k", "-auto-alt-ref", "1",
                 "-lag-in-frames", "25", "-passlogfile", folder / name)  # fmt: skip
        ffmpeg(*words, "-pass", "1", "-f", "null", "-")
        ffmpeg(*words, "-pass", "2", folder / f"{name}.webm")
    return {name: folder / f"{name}.webm" for name in ("vp8", "vp9")}


@pytest.mark.parametrize("suffix", [".webm", ".mkv", ".avi", ".ivf"])
def test_frames_of_vp8_that_nobody_sees_do_not_count(
    alt_refs: dict[str, Path], tmp_path: Path, suffix: str, ffprobe: str
) -> None:
    path = tmp_path / f"copy{suffix}"
    ffmpeg("-i", alt_refs["vp8"], "-c", "copy", path)
    assert video(path, ffprobe).frames == FRAMES


def test_frames_of_vp8_with_transparency_are_counted(tmp_path: Path, ffprobe: str) -> None:
    """An older ffprobe writes the hash of such a packet on a line of its own."""
    path = tmp_path / "clear.webm"
    ffmpeg(*SOURCE, "-vf", "format=yuva420p", "-c:v", "libvpx", "-auto-alt-ref", "0", path)
    assert video(path, ffprobe).frames == FRAMES


def test_frames_of_vp8_that_cannot_be_found_are_not_counted(
    alt_refs: dict[str, Path], tmp_path: Path, ffprobe: str
) -> None:
    """The pages of Ogg cut frames into pieces."""
    path = tmp_path / "copy.ogv"
    ffmpeg("-i", alt_refs["vp8"], "-c", "copy", path)
    assert video(path, ffprobe).frames is None


def test_frames_of_vp9_that_nobody_sees_do_not_count(
    alt_refs: dict[str, Path], tmp_path: Path, ffprobe: str
) -> None:
    path = tmp_path / "copy.ivf"
    ffmpeg("-i", alt_refs["vp9"], "-c", "copy", path)
    assert video(path, ffprobe).frames == FRAMES
    apart = without_superframes(path.read_bytes())
    assert apart != path.read_bytes()
    path.write_bytes(apart)
    assert video(path, ffprobe).frames == FRAMES


@pytest.fixture(scope="module")
def open_groups(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip whose keyframes are followed by frames that are shown before them."""
    path = tmp_path_factory.mktemp("open") / "open.mp4"
    options = "log-level=error:open-gop=1:keyint=24:min-keyint=24:scenecut=0:bframes=3:b-adapt=0"
    ffmpeg(*SOURCE, "-c:v", "libx265", "-x265-params", options, path)
    return path


@pytest.mark.parametrize(
    ("name", "options", "frames"),
    [
        ("cut.mp4", "", 48),  # its edit list begins with the keyframe
        ("cut.mkv", "", None),  # a decoder leaves out what refers to the part that was cut off
        ("cut.ts", "", None),
        ("bare.mp4", "-use_editlist 0", None),
        ("pieces.mp4", "-movflags frag_keyframe+empty_moov", None),
    ],
)
def test_frames_that_lead_into_a_clip_may_not_be_shown(
    open_groups: Path, tmp_path: Path, name: str, options: str, frames: int | None
) -> None:
    whole, cut = tmp_path / f"whole-{name}", tmp_path / name
    ffmpeg("-i", open_groups, "-c", "copy", *options.split(), whole)
    ffmpeg("-ss", "1", "-i", open_groups, "-c", "copy", *options.split(), cut)
    assert video(whole, find_ffprobe()).frames == FRAMES
    assert video(cut, find_ffprobe()).frames == frames


@pytest.mark.parametrize(
    ("edits", "frames"),
    [
        ([(8000, 0, 1)], 80),
        ([(0, 0, 1), (2000, 0, 1)], 20),  # an edit without a length shows nothing
        ([(2000, 0, 1)], 20),
        ([(2000, 10_240, 1)], 20),
        ([(500, -1, 1), (3000, 0, 1), (3000, 0, 1)], 60),  # shown twice
        ([(2000, 0, 1), (4000, 20_480, 0)], 21),  # the last one is held
        ([(41, 0, 1)], 1),
    ],
)
def test_what_an_edit_list_hides_does_not_count(
    tmp_path: Path, edits: list[tuple[int, int, int]], frames: int, ffprobe: str
) -> None:
    data = (MEDIA / "moov-last-8s.mp4").read_bytes()  # 80 frames of 1024 ticks
    table = struct.pack(">2I", 0, len(edits))
    table += b"".join(struct.pack(">IiI", *edit[:2], edit[2] << 16) for edit in edits)
    start, end = surgery.find(data, "moov/trak/edts")[-1]
    new = struct.pack(">I4sI4s", len(table) + 16, b"edts", len(table) + 8, b"elst") + table
    for at, _ in surgery.find(data, "moov/trak/edts")[:-1]:
        size = int.from_bytes(data[at : at + 4], "big")
        data = surgery.put_number(data, at, size + len(new) - (end - start))
    path = tmp_path / "edited.mp4"
    path.write_bytes(data[:start] + new + data[end:])
    assert video(path, ffprobe).frames == frames


@pytest.mark.parametrize("suffix", [".mp4", ".ts"])
def test_fields_may_be_stored_as_frames(tmp_path: Path, suffix: str, ffprobe: str) -> None:
    """A sample or packet of interlaced H.264 may hold a frame, or half of one."""
    path = tmp_path / f"interlaced{suffix}"
    ffmpeg(*SOURCE, "-c:v", "libx264", "-flags", "+ildct+ilme", path)
    assert video(path, ffprobe).frames is None
