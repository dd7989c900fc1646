"""Children that take too long, of callers that have no handle on them."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from motion_preflight import watchdog
from motion_preflight.watchdog import Watchdog

pytestmark = pytest.mark.skipif(
    not Path("/proc/thread-self/children").exists(),
    reason="this system does not tell the children of a thread",
)

SLEEP = ["sleep", "60"]
KILLED = -9


def test_a_child_that_takes_too_long_is_killed() -> None:
    with Watchdog().watch(0.1) as watched:
        assert subprocess.run(SLEEP, check=False).returncode == KILLED
    assert watched


def test_a_child_in_time_is_not() -> None:
    with Watchdog().watch(30) as watched:
        assert subprocess.run(["true"], check=False).returncode == 0
    assert watched


def test_what_ran_before_is_not_touched() -> None:
    """The caller's own programs are children of the same thread."""
    with subprocess.Popen(SLEEP) as other:
        with Watchdog().watch(0.1):
            assert subprocess.run(SLEEP, check=False).returncode == KILLED
        assert other.poll() is None
        other.kill()


def test_what_other_threads_run_is_not_touched() -> None:
    codes: list[int] = []
    thread = threading.Thread(
        target=lambda: codes.append(subprocess.run(["sleep", "1"], check=False).returncode)
    )
    thread.start()
    with Watchdog().watch(0.1):
        assert subprocess.run(SLEEP, check=False).returncode == KILLED
    thread.join()
    assert codes == [0]


def test_the_children_of_the_child_are_killed_with_it() -> None:
    """They hold its pipes, so that a caller who reads them would wait on."""
    began = time.monotonic()
    with Watchdog().watch(0.1):
        done = subprocess.run(
            ["sh", "-c", "(sleep 60; :) & sleep 60; :"], stdout=subprocess.PIPE, check=False
        )
    assert done.returncode == KILLED
    assert time.monotonic() - began < 30


def test_each_thread_has_its_own_time() -> None:
    dog, codes = Watchdog(), {}

    def run(seconds: float, name: str) -> None:
        with dog.watch(seconds):
            codes[name] = subprocess.run(["sleep", "1.5"], check=False).returncode

    threads = [threading.Thread(target=run, args=each) for each in ((0.1, "hasty"), (30, "calm"))]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert codes == {"hasty": KILLED, "calm": 0}


def test_it_goes_on_after_a_pause() -> None:
    dog = Watchdog()
    for _ in range(2):
        with dog.watch(0.1):
            assert subprocess.run(SLEEP, check=False).returncode == KILLED
        rounds = dog._rounds
        assert rounds
        rounds.join(30)  # nobody is watched: its thread ends
        assert not rounds.is_alive()


def test_a_forked_process_has_a_watchdog_of_its_own() -> None:
    dog = Watchdog()
    with dog.watch(30):
        child = os.fork()
        if child == 0:  # pragma: no cover  another process
            code = 1
            try:
                with dog.watch(0.1):
                    code = 0 if subprocess.run(SLEEP, check=False).returncode == KILLED else 2
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_where_children_are_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "_PROC", str(tmp_path))
    with Watchdog().watch(0.1) as watched:
        assert not watched
        assert subprocess.run(["sleep", "0.5"], check=False).returncode == 0


def test_without_a_thread_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    with Watchdog().watch(0.1) as watched:
        assert not watched


def test_a_process_that_ends_leaves_none_behind(tmp_path: Path) -> None:
    code = (
        "import subprocess, threading, time; from motion_preflight.watchdog import Watchdog\n"
        "def run():\n"
        "    with dog.watch(60): subprocess.run(['sh', '-c', 'echo $$ > pid; exec sleep 60'])\n"
        "dog = Watchdog(); threading.Thread(target=run, daemon=True).start()\n"
        "while not open('pid', 'a+') or not open('pid').read(): time.sleep(0.05)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=30)
    child = Path("/proc", (tmp_path / "pid").read_text().strip(), "stat")
    until = time.monotonic() + 30
    while child.exists() and ") Z " not in child.read_text():  # or left for this system's init
        assert time.monotonic() < until
        time.sleep(0.05)
