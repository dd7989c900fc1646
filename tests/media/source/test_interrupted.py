"""The program stopped while it measures: it ends at once and leaves no temporary file."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from processes import started

from motion_preflight.testing.habit import Habit
from motion_preflight.testing.host import Host

PROMPTLY = 20  # seconds
STALLS = {
    "before the answer": Habit(stall_header=True),
    "in the first range": Habit(stall_after=1000),
    "in a whole file": Habit(ranges=False, stall_after=9000),
}

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")


@pytest.fixture
def deaf() -> Iterator[str]:
    """A URL whose host takes no connection: connecting to it takes forever."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _ in range(8)]
        for item in waiting:
            item.settimeout(0)
            item.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/image.png"
        for item in waiting:
            item.close()


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    return folder


def start(temporary: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    words = (*arguments, "--timeout", "30", "--allow-private")
    variables = {"TMPDIR": str(temporary)} | environment
    return started(*words, folder=temporary.parent, environment=variables)


def until(happened: Callable[[], object], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


def stop(process: subprocess.Popen[str], number: signal.Signals) -> None:
    """Sends a signal: the process is gone promptly, with the exit code of the signal."""
    process.send_signal(number)
    try:
        output, errors = process.communicate(timeout=PROMPTLY)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        pytest.fail(f"still running {PROMPTLY} s after the signal")
    assert "Traceback" not in errors
    assert process.returncode == CODES[number], f"{output}{errors}"


CODES = {signal.SIGINT: 130, signal.SIGTERM: 128 + signal.SIGTERM}


@pytest.mark.parametrize("number", CODES)
@pytest.mark.parametrize("habit", STALLS.values(), ids=STALLS)
def test_a_probe_that_waits(
    host: Host, temporary: Path, media: Path, habit: Habit, number: signal.Signals
) -> None:
    url = host.serve("clip.mp4", media / "moov-last-8s.mp4", habit)
    process = start(temporary, "probe", url)
    until(lambda: host.log and (habit.stall_header or host.log[0].sent >= 1000))
    assert len(list(temporary.iterdir())) == 1
    stop(process, number)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("number", CODES)
@pytest.mark.parametrize(
    "stalling", [{"video"}, {"image"}, {"video", "image"}], ids=["video", "image", "both"]
)
def test_a_check_of_two_media_that_waits(
    host: Host, temporary: Path, media: Path, stalling: set[str], number: signal.Signals
) -> None:
    paths = {"video": media / "clip-8s.mp4", "image": media / "image.png"}
    silent = Habit(stall_after=500)
    urls = {kind: host.serve(kind, paths[kind], silent) for kind in stalling}
    values = {kind: urls.get(kind, str(path)) for kind, path in paths.items()}
    process = start(temporary, "check", "--video", values["video"], "--image", values["image"])
    until(lambda: sum(seen.sent for seen in host.log) == 500 * len(stalling))
    time.sleep(0.3)  # by then the medium that is here has been measured
    assert len(list(temporary.iterdir())) == len(stalling)
    stop(process, number)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("number", CODES)
@pytest.mark.parametrize("kind", ["video", "image"])
def test_a_check_that_waits_for_a_connection(
    media: Path, temporary: Path, deaf: str, kind: str, number: signal.Signals
) -> None:
    other = {"video": "image", "image": "video"}[kind]
    file = {"video": media / "clip-8s.mp4", "image": media / "image.png"}[other]
    process = start(temporary, "check", f"--{kind}", deaf, f"--{other}", str(file))
    until(lambda: list(temporary.iterdir()))
    time.sleep(0.2)
    stop(process, number)
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("number", CODES)
def test_a_probe_whose_ffprobe_hangs(
    host: Host, temporary: Path, media: Path, tmp_path: Path, number: signal.Signals
) -> None:
    hanging = tmp_path / "hanging"
    hanging.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 5\n")
    hanging.chmod(0o755)
    url = host.serve("clip.mp4", media / "clip-3s.mp4")
    process = start(temporary, "probe", url, MOTION_PREFLIGHT_FFPROBE=str(hanging))
    until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip())
    stop(process, number)
    assert list(temporary.iterdir()) == []
