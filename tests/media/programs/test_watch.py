"""Made clips and what their pictures show, by the ffmpeg that is found here and by others."""

from __future__ import annotations

import os
import shutil
import subprocess
from decimal import Decimal
from pathlib import Path

import pytest
from builders import with_stream
from encoded import encoded
from paths import MEDIA

from motion_preflight.media.content import Content, content_of, pictures_in
from motion_preflight.media.errors import FfmpegFailed, FfmpegMissing
from motion_preflight.media.programs import watch as module
from motion_preflight.media.programs.ffmpeg import find_ffmpeg, from_fix_extra
from motion_preflight.media.programs.ffprobe import bundled
from motion_preflight.media.programs.limited_process import Bounds
from motion_preflight.media.programs.watch import watch, watching_command
from motion_preflight.media.watcher import Watcher
from motion_preflight.provider.profile import Profile

THRESHOLDS = Profile.load().content
FOUND = (from_fix_extra(), shutil.which("ffmpeg"), bundled("ffmpeg"))
PROGRAMS = sorted({ffmpeg for ffmpeg in FOUND if ffmpeg})
stand_ins = pytest.mark.skipif(os.name != "posix", reason="stands-in for ffmpeg are shell scripts")

# Pictures of the tests: one that moves, and quite another one.
MOVING = "testsrc2=s=320x240:r=25:d=2"
OTHER = "mandelbrot=s=320x240:r=25,trim=end=2"
HALF = "if(lt(mod(n,{0}),{1}),0.25,-0.25)"  # brightness by the number of the frame


def clip(folder: Path, graph: str, *options: str, name: str = "clip.mp4") -> Path:
    """A clip of what a graph of filters makes, whose outputs are all taken."""
    x264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
    return encoded(folder, "-filter_complex", graph, *x264, *options, name=name)


def content(path: Path, *, ffmpeg: str | None = None, stream: int = 0) -> Content:
    """What the pictures show, without a search for faces, which has tests of its own."""
    level = THRESHOLDS.dark_level.value
    text = watch(path, ffmpeg=ffmpeg or find_ffmpeg(), stream=stream, dark_level=level)
    return content_of(pictures_in(text), THRESHOLDS, None)


def seconds(stretches: object) -> list[tuple[float, float]]:
    return [(float(start), float(end)) for start, end in stretches]  # type: ignore[attr-defined]


def script(folder: Path, body: str) -> str:
    file = folder / "ffmpeg-script"
    file.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    file.chmod(0o755)
    return str(file)


@pytest.mark.parametrize("ffmpeg", PROGRAMS)
def test_hard_cuts_are_found_at_their_frame_by_every_ffmpeg(tmp_path: Path, ffmpeg: str) -> None:
    path = clip(tmp_path, f"{MOVING}[a];{OTHER}[b];{MOVING},negate[c];[a][b][c]concat=n=3")
    shown = content(path, ffmpeg=ffmpeg)
    assert seconds(shown.shots) == [(0, 2), (2, 4), (4, 6)]
    assert not shown.black
    assert not shown.frozen
    assert shown.seconds == 6


@pytest.mark.parametrize(
    "graph",
    [
        pytest.param(MOVING, id="motion"),
        pytest.param(f"{MOVING},eq=brightness='0.6*between(n,20,20)':eval=frame", id="flash"),
        pytest.param(f"{MOVING},eq=brightness='0.6*between(n,20,26)':eval=frame", id="long flash"),
        pytest.param(f"{MOVING},eq=brightness='{HALF.format(8, 4)}':eval=frame", id="stroboscope"),
        pytest.param(f"{OTHER},eq=brightness='{HALF.format(36, 18)}':eval=frame", id="light"),
        pytest.param(
            "testsrc2=s=1920x240:r=25:d=4,crop=320:240:x='800+800*sin(4*t)':y=0", id="fast pan"
        ),
        pytest.param(f"{MOVING},fps=6", id="few frames a second"),
        pytest.param(f"{MOVING},fps=6,fps=25", id="frames shown several times"),
    ],
)
def test_a_single_shot_has_no_cut(tmp_path: Path, graph: str) -> None:
    assert len(content(clip(tmp_path, graph)).shots) == 1


def test_a_cut_at_the_very_end_takes_nothing_away(tmp_path: Path) -> None:
    path = clip(tmp_path, f"{MOVING}[a];{OTHER},trim=end_frame=2[b];[a][b]concat=n=2")
    assert len(content(path).shots) == 1


def test_a_black_beginning_and_end_are_no_part_of_the_shot(tmp_path: Path) -> None:
    black = "tpad=start_duration=1:stop_duration=0.6:color=black"
    shown = content(clip(tmp_path, f"{MOVING},{black}"))
    assert seconds(shown.black) == [(0, 1), (3, 3.6)]
    assert seconds(shown.shots) == [(1, 3)]
    assert shown.frozen == ()


def test_a_moment_of_black_is_not_named(tmp_path: Path) -> None:
    assert content(clip(tmp_path, f"{MOVING},tpad=start_duration=0.3:color=black")).black == ()


def test_all_black_has_no_shot(tmp_path: Path) -> None:
    shown = content(clip(tmp_path, "color=black:s=320x240:r=25:d=2"))
    assert seconds(shown.black) == [(0, 2)]
    assert shown.longest_shot is None


def test_a_held_last_frame_is_frozen_whatever_the_keyframes(tmp_path: Path) -> None:
    held = f"{MOVING},tpad=stop_mode=clone:stop_duration=2.5"
    shown = content(clip(tmp_path, held, "-g", "25", "-crf", "30"))
    [(start, end)] = seconds(shown.frozen)
    assert 1.9 <= start <= 2.4
    assert end == pytest.approx(4.5, abs=0.05)


def test_a_frame_that_lasts_long_is_frozen(tmp_path: Path) -> None:
    """Of a variable frame rate: from one frame to the next there are two seconds."""
    late = f"{MOVING},setpts='PTS+gte(N,25)*2/TB'"
    shown = content(clip(tmp_path, late, "-fps_mode", "vfr"))
    assert seconds(shown.frozen) == [(0.96, 3)]


def test_cuts_of_a_variable_frame_rate_stand_at_their_times(tmp_path: Path) -> None:
    graph = f"{MOVING}[a];{OTHER}[b];[a][b]concat=n=2,select='not(mod(n,3))+lt(n,20)'"
    path = clip(tmp_path, graph, "-fps_mode", "vfr")
    assert [start for start, _ in seconds(content(path).shots)] == [0, pytest.approx(2.04)]


def test_times_count_from_the_first_frame_of_the_track(tmp_path: Path) -> None:
    graph = f"{MOVING}[a];{OTHER}[b];[a][b]concat=n=2"
    path = clip(tmp_path, graph, "-output_ts_offset", "1.5", name="late.mkv")
    assert seconds(content(path).shots) == [(0, 2), (2, 4)]


def test_the_track_that_is_asked_for_is_looked_at(tmp_path: Path) -> None:
    graph = f"{MOVING},split[a][one];{OTHER}[b];[a][b]concat=n=2[two]"
    path = clip(tmp_path, graph, "-map", "[one]", "-map", "[two]")
    assert len(content(path, stream=0).shots) == 1
    assert len(content(path, stream=1).shots) == 2


def test_pictures_of_another_size_go_on_where_the_others_ended(tmp_path: Path) -> None:
    small = clip(tmp_path, MOVING, "-f", "mpegts", name="small.ts")
    large = clip(tmp_path, f"{OTHER},scale=640:480", "-f", "mpegts", name="large.ts")
    both = tmp_path / "both.ts"
    both.write_bytes(small.read_bytes() + large.read_bytes())
    shown = content(both)
    assert [start for start, _ in seconds(shown.shots)] == [0, pytest.approx(2, abs=0.05)]
    assert shown.frozen == ()


@stand_ins
@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("echo 'it cannot' >&2; exit 8", "ffmpeg failed: it cannot"),
        ("echo '[dec @ 0x7f] it cannot' >&2; exit 183", "ffmpeg failed: dec: it cannot"),
        ("exit 8", "crashed, or needed more time or memory"),
        ("kill -SEGV $$", "crashed, or needed more time or memory"),
        ("exit 0", "decoded no picture"),
        ("echo 'frame:0 pts:0 pts_time:soon'", "decoded no picture"),
    ],
)
def test_an_ffmpeg_that_fails_says_why(tmp_path: Path, body: str, why: str) -> None:
    watcher = Watcher(script(tmp_path, body), THRESHOLDS)
    with pytest.raises(FfmpegFailed, match=why):
        watcher.content(MEDIA / "clip-3s.mp4", 0)


@stand_ins
def test_one_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BOUNDS", Bounds(seconds=0.3))
    with pytest.raises(FfmpegFailed, match="took more than 0 s"):
        content(MEDIA / "clip-3s.mp4", ffmpeg=script(tmp_path, "exec sleep 60"))


def test_one_that_is_not_there_is_missing() -> None:
    with pytest.raises(FfmpegMissing, match="cannot be run"):
        content(MEDIA / "clip-3s.mp4", ffmpeg="/no/such/ffmpeg")


def test_encrypted_pictures_are_not_looked_at() -> None:
    """Some players show them as if they were in the clear, all of one grey."""
    facts = Watcher("/no/such/ffmpeg", THRESHOLDS).watched(
        with_stream(index=0, encrypted=True), MEDIA / "clip-3s.mp4"
    )
    assert (facts.stretches, facts.unwatched) == (None, "they are encrypted")


def test_a_playlist_is_not_followed(tmp_path: Path) -> None:
    """A list of files may name any file of this machine, whatever its own name says."""
    listed = tmp_path / "list.mp4"
    listed.write_text(f"ffconcat version 1.0\nfile '{MEDIA / 'clip-3s.mp4'}'\n", encoding="utf-8")
    with pytest.raises(FfmpegFailed):
        content(listed)


def test_the_command_names_the_stream_and_every_bound() -> None:
    command = watching_command(MEDIA / "clip-3s.mp4", "/bin/ffmpeg", 3, Decimal(32))
    assert command[:2] == ["/bin/ffmpeg", "-nostdin"]
    before = command[: command.index("-i")]
    assert before[before.index("-protocol_whitelist") + 1] == "file"
    assert "concat" not in before[before.index("-format_whitelist") + 1].split(",")
    assert "[0:3]" in command[command.index("-filter_complex") + 1]
    done = subprocess.run([find_ffmpeg(), *command[1:]], capture_output=True, check=False)
    assert done.returncode != 0  # the clip has no fourth stream
