"""`probe` of many media as a process: several at a time, in order, each once, and interrupted."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from conftest import Program
from paths import FIXTURES
from processes import ffprobe_script, started
from processes import wait_until as until

from motion_preflight.cli import exit_codes
from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

if TYPE_CHECKING:
    import subprocess

MEDIA = FIXTURES / "media"
CODES = {signal.SIGINT: exit_codes.INTERRUPTED, signal.SIGTERM: 128 + signal.SIGTERM}
posix = pytest.mark.skipif(os.name != "posix", reason="signals and scripts of POSIX")


def start(folder: Path, *arguments: str | Path, **environment: str) -> subprocess.Popen[str]:
    temporary = folder / "temporary"
    temporary.mkdir(exist_ok=True)
    environment |= {"TMPDIR": str(temporary)}
    command = ["probe", *arguments, "--allow-private", "--timeout", "30"]
    return started(*command, folder=folder, environment=environment)


def reports(text: str) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = json.loads(text)["reports"]
    return parts


@posix
@pytest.mark.parametrize(("options", "number"), [([], 8), (["--jobs", "2"], 2)])
def test_so_many_are_fetched_at_a_time(
    tmp_path: Path, host: Host, options: list[str], number: int
) -> None:
    """A host that answers nobody has them all before it."""
    silent = Habit(stall_header=True)
    urls = [host.serve(f"{n}.mp4", MEDIA / "clip-3s.mp4", silent) for n in range(12)]
    process = start(tmp_path, *urls, *options)
    until(lambda: len(host.log) >= number, process)
    time.sleep(0.5)
    assert len(host.log) == number
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)


@posix
@pytest.mark.parametrize("number", CODES)
def test_an_interruption_ends_every_transfer(
    tmp_path: Path, host: Host, number: signal.Signals
) -> None:
    stalling = Habit(ranges=False, stall_after=9000)
    urls = [host.serve(f"{n}.mp4", MEDIA / "clip-8s.mp4", stalling) for n in range(5)]
    # The last transfer begins when the clip that is here has been measured.
    process = start(tmp_path, MEDIA / "clip-3s.mp4", *urls, "--jobs", "5")
    until(lambda: sum(seen.sent >= 9000 for seen in host.log) == len(urls), process)
    process.send_signal(number)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == CODES[number]
    assert output.startswith(f"{MEDIA / 'clip-3s.mp4'}  orientation")  # what was done is shown
    assert "0.mp4" not in output
    assert "Traceback" not in errors
    assert list((tmp_path / "temporary").iterdir()) == []


@pytest.mark.skipif(not Path("/proc").exists(), reason="this system tells no processes")
@pytest.mark.parametrize("number", CODES)
def test_an_interruption_ends_every_ffprobe(tmp_path: Path, number: signal.Signals) -> None:
    pids = tmp_path / "pids"
    ffprobe = ffprobe_script(tmp_path, f'echo $$ >>"{pids}"; exec sleep 600')
    clips = [MEDIA / name for name in ("clip-3s.mp4", "clip-8s.mp4", "clip-8s.mkv")]
    process = start(tmp_path, *clips, MOTION_PREFLIGHT_FFPROBE=ffprobe)
    until(lambda: pids.exists() and len(pids.read_text().split()) == len(clips), process)
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode == CODES[number]
    stats = [Path("/proc", pid, "stat") for pid in pids.read_text().split()]
    assert [stat for stat in stats if stat.exists() and ") Z " not in stat.read_text()] == []


def test_the_results_are_in_the_order_of_the_command_line(program: Program, host: Host) -> None:
    slow = host.serve("slow.mp4", MEDIA / "clip-8s.mp4", Habit(trickle_header=0.002))
    fast = host.serve("fast.mp4", MEDIA / "clip-3s.mp4")
    here = str(MEDIA / "image.png")
    done = program("probe", slow, fast, here, "--allow-private", "--format", "json")
    assert done.returncode == exit_codes.OK
    assert [report["label"] for report in reports(done.stdout)] == [slow, fast, here]


def test_a_medium_that_is_named_twice_is_measured_once(program: Program, host: Host) -> None:
    url = host.serve("clip.mp4", MEDIA / "clip-8s.mp4")
    program("probe", url, "--allow-private")
    once = len(host.requests(url))
    host.clear()
    done = program("probe", url, url, url, "--allow-private", "--format", "json")
    assert len(host.requests(url)) == once
    first, second, third = reports(done.stdout)
    assert first == second == third


def test_the_text_of_many_is_that_of_each_and_an_empty_line_between(program: Program) -> None:
    media = [MEDIA / "clip-12s.mp4", MEDIA / "image.png", MEDIA / "empty.mp4"]
    together = program("probe", *media)
    alone = [program("probe", medium).stdout for medium in media]
    assert together.stdout == "\n".join(alone)
    assert together.stderr == ""
    assert together.returncode == exit_codes.BROKEN


def test_all_of_many_are_scanned(program: Program) -> None:
    media = [MEDIA / "clip-8s.mp4", MEDIA / "piped.mkv", MEDIA / "image.png"]
    done = program("probe", *media, "--scan", "--format", "json")
    assert done.returncode == exit_codes.OK
    facts = [
        report["facts"]["video"] or report["facts"]["image"] for report in reports(done.stdout)
    ]
    assert [bool(medium["durations"]["scan"]) for medium in facts] == [True, True, False]


@posix
def test_a_missing_ffprobe_is_named_once(program: Program) -> None:
    media = [MEDIA / "clip-8s.mp4", MEDIA / "clip-3s.mp4"]
    done = program("probe", *media, MOTION_PREFLIGHT_FFPROBE="/no/such/ffprobe")
    assert done.returncode == exit_codes.CANNOT_RUN
    assert done.stdout == ""
    assert done.stderr.count("/no/such/ffprobe") == 1


def test_a_number_of_jobs_that_is_none_is_refused(program: Program) -> None:
    done = program("probe", MEDIA / "clip-8s.mp4", "--jobs", "0")
    assert done.returncode == exit_codes.CANNOT_RUN
    assert "not a number from 1 to 1000" in done.stderr
