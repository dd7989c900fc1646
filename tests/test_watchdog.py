"""Children that take too long, of callers that have no handle on them."""

import os
import queue
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from motion_preflight import watchdog
from motion_preflight.watchdog import MARK, Watchdog, Watched

pytestmark = pytest.mark.skipif(
    not Path("/proc/thread-self/children").exists(),
    reason="this system does not tell the children of a thread",
)

SLEEP = ["sleep", "60"]
KILLED = -9


def run(watched: Watched | None, *command: str) -> int:
    """The exit code of a program that has the mark."""
    environment = {**os.environ, MARK: watched.mark if watched else ""}
    return subprocess.run(command or SLEEP, env=environment, check=False).returncode


def test_a_child_that_takes_too_long_is_killed() -> None:
    with Watchdog().watch(0.1) as watched:
        assert watched
        assert run(watched) == KILLED


def test_a_child_in_time_is_not() -> None:
    with Watchdog().watch(30) as watched:
        assert run(watched, "true") == 0
    assert watched


def test_every_watch_has_a_mark_of_its_own() -> None:
    dog = Watchdog()
    marks = []
    for _ in range(3):
        with dog.watch(30) as watched:
            assert watched
            marks.append(watched.mark)
    assert len(set(marks)) == 3


def test_what_else_the_thread_runs_is_not_touched() -> None:
    """The caller's own programs are children of the same thread."""
    with subprocess.Popen(SLEEP) as before:
        with Watchdog().watch(0.1) as watched, subprocess.Popen(SLEEP) as inside:
            assert run(watched) == KILLED
            assert inside.poll() is None
            inside.kill()
        assert before.poll() is None
        before.kill()


def test_what_other_threads_run_is_not_touched() -> None:
    codes: list[int] = []
    thread = threading.Thread(
        target=lambda: codes.append(subprocess.run(["sleep", "1"], check=False).returncode)
    )
    thread.start()
    with Watchdog().watch(0.1) as watched:
        assert run(watched) == KILLED
    thread.join()
    assert codes == [0]


def test_what_a_thread_that_ended_has_left_is_not_touched() -> None:
    """Its programs become children of a thread that goes on."""
    left: list[subprocess.Popen[bytes]] = []
    with Watchdog().watch(1) as watched:
        thread = threading.Thread(target=lambda: left.append(subprocess.Popen(SLEEP)))
        thread.start()
        thread.join()
        assert run(watched) == KILLED
    assert left[0].poll() is None
    left[0].kill()
    left[0].wait()


def test_the_children_of_the_child_are_killed_with_it() -> None:
    """They hold its pipes, so that a caller who reads them would wait on."""
    began = time.monotonic()
    with Watchdog().watch(0.1) as watched:
        done = subprocess.run(
            ["sh", "-c", "(sleep 60; :) & sleep 60; :"],
            env={**os.environ, MARK: watched.mark if watched else ""},
            stdout=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == KILLED
    assert time.monotonic() - began < 30


def test_one_that_a_shell_has_begun_is_killed_with_the_shell() -> None:
    with Watchdog().watch(0.1) as watched:
        assert watched
        command = f"export {MARK}={watched.mark}; sleep 60; :"
        assert subprocess.run(["sh", "-c", command], check=False).returncode == KILLED
    assert watched.killed


def test_an_exception_leaves_no_child() -> None:
    """As of Ctrl-C, while a library waits that has no handle for it either."""
    children: list[subprocess.Popen[bytes]] = []
    with pytest.raises(KeyboardInterrupt), Watchdog().watch(30) as watched:  # noqa: PT012  all of it
        assert watched
        children.append(subprocess.Popen(SLEEP, env={**os.environ, MARK: watched.mark}))
        raise KeyboardInterrupt
    assert children[0].wait() == KILLED


def test_the_children_of_some_threads_are_ended_at_once() -> None:
    dog, codes = Watchdog(), {}
    numbers: queue.SimpleQueue[int] = queue.SimpleQueue()

    def waiting(name: str) -> None:
        with dog.watch(600) as watched:
            numbers.put(threading.get_native_id())
            codes[name] = run(watched, "sleep", "600" if name == "ended" else "1")

    threads = [threading.Thread(target=waiting, args=[name]) for name in ("ended", "calm")]
    threads[0].start()
    ended = numbers.get()
    threads[1].start()
    while threads[0].is_alive():  # it may not have begun its child yet
        dog.end({ended})
        time.sleep(0.01)
    for each in threads:
        each.join()
    assert codes == {"ended": KILLED, "calm": 0}


def test_each_thread_has_its_own_time() -> None:
    dog, codes = Watchdog(), {}

    def waiting(seconds: float, name: str) -> None:
        with dog.watch(seconds) as watched:
            codes[name] = run(watched, "sleep", "1.5")

    threads = [
        threading.Thread(target=waiting, args=each) for each in ((0.1, "hasty"), (30, "calm"))
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert codes == {"hasty": KILLED, "calm": 0}


def test_it_goes_on_after_a_pause() -> None:
    dog = Watchdog()
    for _ in range(2):
        with dog.watch(0.1) as watched:
            assert run(watched) == KILLED
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
                with dog.watch(0.1) as watched:
                    code = 0 if run(watched) == KILLED else 2
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_where_children_are_not_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "_PROC", str(tmp_path))
    with Watchdog().watch(0.1) as watched:
        assert watched is None
        assert run(watched, "sleep", "0.5") == 0


def test_without_a_thread_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refused)
    with Watchdog().watch(0.1) as watched:
        assert watched is None


def test_a_process_that_ends_leaves_none_behind(tmp_path: Path) -> None:
    code = (
        "import os, subprocess, threading, time\n"
        "from motion_preflight.watchdog import MARK, Watchdog\n"
        "def run():\n"
        "    with dog.watch(60) as watched:\n"
        "        environment = {**os.environ, MARK: watched.mark}\n"
        "        command = ['sh', '-c', 'echo $$ > pid; exec sleep 60']\n"
        "        subprocess.run(command, env=environment)\n"
        "dog = Watchdog(); threading.Thread(target=run, daemon=True).start()\n"
        "while not open('pid', 'a+') or not open('pid').read(): time.sleep(0.05)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=30)
    child = Path("/proc", (tmp_path / "pid").read_text().strip(), "stat")
    until = time.monotonic() + 30
    while child.exists() and ") Z " not in child.read_text():  # or left for this system's init
        assert time.monotonic() < until
        time.sleep(0.05)
