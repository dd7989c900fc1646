"""Every frame decoded: clips that are whole, clips that are damaged, and runs that do not end."""

import itertools
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import ffmpeg as ffmpeg_python
import pytest
from encoded import encoded
from paths import MEDIA

from motion_preflight.media.errors import FfprobeFailed
from motion_preflight.media.facts import Decoded
from motion_preflight.media.programs import decode as module
from motion_preflight.media.programs.decode import decode, decoding_command
from motion_preflight.media.programs.decoders import decodable_codecs
from motion_preflight.media.programs.ffmpeg import find_ffmpeg
from motion_preflight.media.programs.ffprobe import CannotOpen, find_ffprobe
from motion_preflight.media.programs.limited_process import Bounds
from motion_preflight.testing import mp4_surgery as surgery

CLIP = MEDIA / "clip-8s.mp4"  # 240 frames

stand_ins = pytest.mark.skipif(os.name != "posix", reason="stands-in for ffprobe are shell scripts")
linux = pytest.mark.skipif(
    sys.platform != "linux", reason="this system lets nobody bound another process"
)


def ffmpeg(*arguments: str | Path) -> None:
    subprocess.run([find_ffmpeg(), "-v", "error", "-y", *map(str, arguments)], check=True)


def clip(path: Path, *encoding: str, side: int = 128, seconds: int = 2) -> Path:
    """A clip of 25 frames a second whose picture changes all over."""
    source = f"testsrc2=s={side}x{side}:r=25:d={seconds},noise=alls=20:allf=t"
    words = ("-f", "lavfi", "-i", source, *encoding)
    shutil.copy(encoded(path.parent, *words, name=path.name), path)
    return path


def copy(source: Path, target: Path, *options: str) -> Path:
    """The same packets in another file; options such as `-ss` come before the input."""
    ffmpeg(*options, "-i", source, "-c", "copy", target)
    return target


def hidden_frames(path: Path) -> int:
    """How many packets of a VP8 clip are never shown, or how many of a VP9 clip hold another frame
    beside the one that is.
    """
    data = copy(path, path.with_suffix(".ivf")).read_bytes()
    at, count, is_vp8 = 32, 0, data[8:12] == b"VP80"
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "little")
        first, last = data[at + 12], data[at + 11 + size]
        count += not first & 0x10 if is_vp8 else last & 0xE0 == 0xC0
        at += 12 + size
    return count


def packet_spans(path: Path) -> list[tuple[int, int]]:
    """Where the packets of the first stream stand in the file: the place and the size of each."""
    asked = ["-select_streams", "0", "-show_entries", "packet=size,pos", "-of", "csv=p=0"]
    done = subprocess.run(
        [find_ffprobe(), "-v", "error", *asked, str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line.split(",") for line in done.stdout.split()]
    return [(int(pos), int(size)) for size, pos in lines]


def stand_in(folder: Path, body: str) -> str:
    """A program in place of ffprobe."""
    path = folder / "ffprobe"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


# --- clips that are whole -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "frames"),
    [("clip-8s.mp4", 240), ("clip-8s.mkv", 80), ("live.webm", 80), ("fragmented.mp4", 99),
     ("clip-8s.avi", 80), ("mov-named.mp4", 80), ("rotated-8s.mp4", 80)],
)  # fmt: skip
def test_every_frame_of_a_fixture_decodes(name: str, frames: int, ffprobe: str) -> None:
    assert decode(MEDIA / name, ffprobe=ffprobe, stream=0) == Decoded(frames, 0)


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("frames-at-the-end-in-another-order.mp4", "-c:v libx264 -bf 3"),
        ("interlaced.ts", "-c:v libx264 -flags +ildct+ilme"),
        ("open-groups.ts", "-c:v libx264 -x264-params open-gop=1:keyint=12:scenecut=0"),
        ("refreshed-by-columns.mp4", "-c:v libx264 -x264-params intra-refresh=1"),
        ("ten-bit.mp4", "-c:v libx265 -x265-params log-level=error -pix_fmt yuv420p10le"),
        ("web.webm", "-c:v libvpx-vp9 -cpu-used 5 -b:v 200k"),
        ("old.ts", "-c:v mpeg2video -bf 2 -g 12 -flags +ildct+ilme"),
        ("old.mpg", "-c:v mpeg2video -bf 2 -g 12 -f vob"),
        ("old.avi", "-c:v mpeg4 -bf 2"),
        ("camera.mov", "-c:v prores_ks"),
        ("pictures.mov", "-c:v mjpeg"),
        ("raw.avi", "-c:v rawvideo -pix_fmt yuv420p"),
        ("stream.hevc", "-c:v libx265 -x265-params log-level=error"),
    ],
)
def test_what_an_encoder_writes_decodes_without_an_error(
    tmp_path: Path, name: str, encoding: str, ffprobe: str
) -> None:
    path = clip(tmp_path / name, *encoding.split())
    assert decode(path, ffprobe=ffprobe, stream=0) == Decoded(50, 0)


@pytest.mark.parametrize("encoder", ["libvpx", "libvpx-vp9"])
def test_frames_that_are_never_shown_are_no_errors(
    tmp_path: Path, encoder: str, ffprobe: str
) -> None:
    """Others refer to them. An encoder makes them in its second pass only."""
    path, log = tmp_path / "hidden.webm", tmp_path / "passes"
    words = ("-f", "lavfi", "-i", "testsrc2=s=160x120:r=25:d=2", "-c:v", encoder, "-b:v", "100k",
             "-auto-alt-ref", "1", "-lag-in-frames", "25", "-passlogfile", log)  # fmt: skip
    ffmpeg(*words, "-pass", "1", "-f", "null", "-")
    ffmpeg(*words, "-pass", "2", path)
    assert hidden_frames(path)
    assert decode(path, ffprobe=ffprobe, stream=0) == Decoded(50, 0)


def test_frames_of_uneven_length_decode(tmp_path: Path, ffprobe: str) -> None:
    path = clip(tmp_path / "uneven.mp4", "-vf", r"select=not(mod(n\,3))+gt(n\,30)",
                "-fps_mode", "vfr", "-c:v", "libx264", "-bf", "3")  # fmt: skip
    assert decode(path, ffprobe=ffprobe, stream=0) == Decoded(30, 0)


def test_frames_that_an_edit_list_hides_are_no_errors(tmp_path: Path, ffprobe: str) -> None:
    path = copy(CLIP, tmp_path / "trimmed.mp4", "-ss", "2.5")
    assert decode(path, ffprobe=ffprobe, stream=0) == Decoded(165, 0)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
@pytest.mark.parametrize("encoder", ["libx264", "libx265"])
def test_frames_that_refer_to_what_was_cut_off_are_no_errors(
    tmp_path: Path, encoder: str, suffix: str, ffprobe: str
) -> None:
    """An open group of pictures: the first frames behind its keyframe are shown before it."""
    params = "open-gop=1:keyint=12:min-keyint=12:scenecut=0:bframes=3"
    if encoder == "libx265":
        params += ":log-level=error"
    source = clip(tmp_path / "open.mp4", "-c:v", encoder, f"-{encoder[3:]}-params", params)
    path = copy(source, tmp_path / f"cut{suffix}", "-ss", "1")
    decoded = decode(path, ffprobe=ffprobe, stream=0)
    assert decoded.frames >= 25
    assert decoded.errors == 0


def test_the_stream_is_chosen_by_its_index(tmp_path: Path, ffprobe: str) -> None:
    short, long = clip(tmp_path / "1.mp4", seconds=1), clip(tmp_path / "2.mp4", seconds=2)
    both = tmp_path / "both.mp4"
    ffmpeg("-i", short, "-i", long, "-map", "0:v", "-map", "1:v", "-c", "copy", both)
    assert decode(both, ffprobe=ffprobe, stream=0).frames == 25
    assert decode(both, ffprobe=ffprobe, stream=1).frames == 50


# --- clips that are damaged ---------------------------------------------------------------------


def test_of_media_bytes_that_are_zero_no_frame_decodes(tmp_path: Path, ffprobe: str) -> None:
    """As of a download that reserved its space and stopped."""
    data = CLIP.read_bytes()
    start, end = surgery.find(data, "mdat")[0]
    path = tmp_path / "zeros.mp4"
    path.write_bytes(surgery.put(data, start + 8, bytes(end - start - 8)))
    assert decode(path, ffprobe=ffprobe, stream=0) == Decoded(0, 240)


def test_frames_before_the_first_keyframe_are_left_out(tmp_path: Path, ffprobe: str) -> None:
    whole = clip(tmp_path / "whole.mp4", "-c:v", "libx264", "-g", "20", "-bf", "0",
                 "-sc_threshold", "0")  # fmt: skip
    path = tmp_path / "headless.mp4"
    ffmpeg("-i", whole, "-c", "copy", "-bsf:v", "noise=drop=eq(n\\,0)", path)
    assert decode(path, ffprobe=ffprobe, stream=0) == Decoded(30, 19)


@pytest.mark.parametrize("suffix", [".mp4", ".avi"])
def test_a_packet_that_is_overwritten_is_an_error(
    tmp_path: Path, suffix: str, ffprobe: str
) -> None:
    path = clip(tmp_path / f"clip{suffix}", "-c:v", "libx264", "-bf", "0", "-g", "10")
    place, size = packet_spans(path)[25]
    data = path.read_bytes()
    path.write_bytes(surgery.put(data, place, b"\xff" * size))
    decoded = decode(path, ffprobe=ffprobe, stream=0)
    assert decoded.frames in {49, 50}
    assert 1 <= decoded.errors <= 10


def test_both_versions_count_the_same(tmp_path: Path, both_ffprobes: tuple[str, str]) -> None:
    path = clip(tmp_path / "clip.mp4", "-c:v", "libx264", "-g", "10")
    data = path.read_bytes()
    for place, size in packet_spans(path)[5::7]:
        data = surgery.put(data, place + 8, b"\xff" * (size - 8))
    path.write_bytes(data)
    ours, theirs = (decode(path, ffprobe=ffprobe, stream=0) for ffprobe in both_ffprobes)
    assert ours == theirs
    assert ours.errors >= 5


def test_damage_to_the_very_first_frame_is_an_error(tmp_path: Path, ffprobe: str) -> None:
    """The decoder keeps it back, so its complaint stands beside no frame."""
    path = clip(tmp_path / "clip.mp4", "-c:v", "libx264", "-bf", "3")
    place, size = packet_spans(path)[0]
    path.write_bytes(surgery.put(path.read_bytes(), place + size // 2, b"\x55" * (size // 4)))
    decoded = decode(path, ffprobe=ffprobe, stream=0)
    assert decoded.frames >= 49
    assert decoded.errors >= 1


def test_damage_to_the_sound_is_no_error_of_the_video(tmp_path: Path, ffprobe: str) -> None:
    path = tmp_path / "clip.mp4"
    data = CLIP.read_bytes()
    asked = ["-select_streams", "1", "-show_entries", "packet=size,pos", "-of", "csv=p=0"]
    done = subprocess.run(
        ["ffprobe", "-v", "error", *asked, str(CLIP)], capture_output=True, text=True, check=True
    )
    for line in done.stdout.split():
        size, place = map(int, line.rstrip(",").split(",")[:2])
        data = surgery.put(data, place, b"\xff" * size)
    path.write_bytes(data)
    assert decode(path, ffprobe=ffprobe, stream=0) == Decoded(240, 0)


def test_no_media_is_refused(ffprobe: str) -> None:
    with pytest.raises(CannotOpen):
        decode(MEDIA / "garbage.mp4", ffprobe=ffprobe, stream=0)


# --- what cannot be finished --------------------------------------------------------------------


def test_a_codec_without_a_decoder_is_not_called_undecodable(tmp_path: Path, ffprobe: str) -> None:
    path = clip(tmp_path / "clip.mp4", "-c:v", "libaom-av1", "-cpu-used", "8", seconds=1)
    if "av1" in decodable_codecs(ffprobe):
        assert decode(path, ffprobe=ffprobe, stream=0) == Decoded(25, 0)
    else:
        with pytest.raises(FfprobeFailed, match="this ffprobe has no decoder for av1"):
            decode(path, ffprobe=ffprobe, stream=0)


def test_a_codec_that_nobody_knows_is_not_called_undecodable(tmp_path: Path, ffprobe: str) -> None:
    path = tmp_path / "private.mp4"
    path.write_bytes(CLIP.read_bytes().replace(b"avc1", b"bvc2"))
    with pytest.raises(FfprobeFailed, match="does not know the codec"):
        decode(path, ffprobe=ffprobe, stream=0)


@stand_ins
@pytest.mark.parametrize("words", ["get_buffer() failed", "Cannot allocate memory"])
def test_too_little_memory_is_not_taken_for_damage(tmp_path: Path, words: str) -> None:
    """Frames that there is no memory for are passed over, and ffprobe ends with exit code 0."""
    body = f"echo packet,0,900,K__; echo '[hevc @ 0x7f] {words}' >&2"
    with pytest.raises(FfprobeFailed, match="more memory than it is given"):
        decode(CLIP, ffprobe=stand_in(tmp_path, body), stream=0)


@stand_ins
def test_one_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "BOUNDS", Bounds(seconds=0.3))
    began = time.monotonic()
    with pytest.raises(FfprobeFailed, match="took more than"):
        decode(CLIP, ffprobe=stand_in(tmp_path, "exec sleep 60"), stream=0)
    assert time.monotonic() - began < 20


@linux
def test_decoding_may_take_more_than_reading_headers_and_is_bounded(tmp_path: Path) -> None:
    body = f'sleep 0.3; for each in t d v; do ulimit -$each; done >"{tmp_path}/limits"; echo'
    with pytest.raises(FfprobeFailed, match="ended after 0 of at least 1 packets"):
        decode(CLIP, ffprobe=stand_in(tmp_path, body), stream=0)
    seconds, data, memory = map(int, (tmp_path / "limits").read_text().split())
    assert 20 < seconds <= 300
    assert 128 << 10 < data <= 1 << 20  # KiB
    assert data < memory <= 2 << 20


@stand_ins
def test_a_list_of_another_shape_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(FfprobeFailed, match="not the one that was asked for"):
        decode(CLIP, ffprobe=stand_in(tmp_path, "echo packet,7"), stream=0)


@stand_ins
def test_a_list_that_ends_early_is_a_failure(tmp_path: Path) -> None:
    listed = stand_in(tmp_path, "echo packet,7,90,K__; echo frame,7,0; echo stream,h264")
    assert decode(CLIP, ffprobe=listed, stream=0) == Decoded(1, 0)
    with pytest.raises(FfprobeFailed, match="ended after 1 of at least 240 packets"):
        decode(CLIP, ffprobe=listed, stream=0, least=240)


def test_the_graph_of_a_scan_is_built_by_ffmpeg_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its command line reads the file with every bound, and writes nothing."""
    graphs: list[object] = []
    compiled = ffmpeg_python.compile

    def seen(graph: object, **options: object) -> object:
        graphs.append(graph)
        return compiled(graph, **options)

    monkeypatch.setattr(ffmpeg_python, "compile", seen)
    command = decoding_command(MEDIA / "clip-3s.mp4", "/bin/ffprobe", 1)
    assert len(graphs) == 1
    assert command[0] == "/bin/ffprobe"
    assert command[-2:] == ["-i", str(MEDIA / "clip-3s.mp4")]
    options = dict(itertools.pairwise(command[1:-2]))
    assert options["-protocol_whitelist"] == "file"
    assert options["-select_streams"] == "1"
    assert "-f" not in command
