"""A child: what is heard of it, whose it is, how it is ended, and what it leaves behind."""

import os
import queue
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from motion_preflight.media.programs import limited_process as child
from motion_preflight.media.programs.limited_process import (
    Bounds,
    ProcessResult,
    end_children,
    run_limited,
)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the children are shell scripts")

SLEEP = "exec sleep 60"
KILLED = -signal.SIGKILL


def begun(script: str) -> "subprocess.Popen[bytes]":
    return child.start(["sh", "-c", script])


# --- what is heard of it --------------------------------------------------------------------


def test_an_answer() -> None:
    ended = run_limited(begun("echo said; echo complained >&2; exit 3"))
    assert ended == ProcessResult(3, b"said\n", b"complained\n", late=False)


def test_a_slow_answer_is_the_same() -> None:
    ended = run_limited(begun("echo one; echo 1 >&2; sleep 0.3; echo two; echo 2 >&2"))
    assert ended == ProcessResult(0, b"one\ntwo\n", b"1\n2\n", late=False)


def test_a_long_answer_is_whole() -> None:
    ended = run_limited(begun("head -c 5000000 /dev/zero"))
    assert ended == ProcessResult(0, bytes(5_000_000), b"", late=False)


def test_it_is_given_nothing_to_read() -> None:
    assert run_limited(begun("cat; echo over")).out == b"over\n"


def test_an_answer_without_end_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "USUAL", Bounds(output=1 << 20))
    ended = run_limited(begun("exec yes"))
    assert (ended.code, ended.late) == (KILLED, False)
    assert len(ended.out) < 2 << 20


def test_complaints_without_end_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "USUAL", Bounds(complaints=1 << 20))
    ended = run_limited(begun("exec yes >&2"))
    assert (ended.code, ended.late) == (KILLED, False)


def test_of_many_complaints_the_last_ones_are_kept() -> None:
    ended = run_limited(begun("yes complaint | head -n 100000 >&2; echo the last >&2; echo said"))
    assert (ended.code, ended.out) == (0, b"said\n")
    assert len(ended.error) <= 2 * child._ERROR + child._PIECE
    assert ended.error.endswith(b"complaint\nthe last\n")


# --- how it is ended ------------------------------------------------------------------------


def test_one_that_takes_too_long_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "USUAL", Bounds(seconds=0.2))
    process = begun(f"echo said; {SLEEP}")
    assert run_limited(process) == ProcessResult(KILLED, b"said\n", b"", late=True)
    assert process.returncode == KILLED


def test_one_that_closes_its_pipes_and_goes_on_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "USUAL", Bounds(seconds=0.2))
    assert run_limited(begun("exec >&- 2>&-; sleep 60; :")).late


@pytest.mark.parametrize("script", ["(sleep 20 &); echo over", "setsid sleep 20 & echo over"])
def test_nobody_waits_for_pipes_that_are_left_to_others(script: str) -> None:
    began = time.monotonic()
    assert run_limited(begun(script)) == ProcessResult(0, b"over\n", b"", late=False)
    assert time.monotonic() - began < 15


def test_where_the_system_does_not_tell_who_holds_the_pipes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(child, "USUAL", Bounds(seconds=0.2))
    monkeypatch.setattr(child, "_below", lambda _: [])
    began = time.monotonic()
    assert run_limited(begun("sleep 20 & sleep 60; :")).late
    assert time.monotonic() - began < 15


def test_what_else_the_thread_runs_is_not_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "USUAL", Bounds(seconds=0.2))
    with subprocess.Popen(["sleep", "60"]) as other:
        assert run_limited(begun(SLEEP)).late
        assert other.poll() is None
        other.kill()


def test_the_children_of_some_threads_are_ended_at_once() -> None:
    codes: dict[str, int] = {}
    numbers: queue.SimpleQueue[int] = queue.SimpleQueue()

    def waiting(name: str, script: str) -> None:
        numbers.put(threading.get_native_id())
        codes[name] = run_limited(begun(script)).code

    ended = threading.Thread(target=waiting, args=["ended", "sleep 600; :"])
    calm = threading.Thread(target=waiting, args=["calm", "sleep 1"])
    ended.start()
    number = numbers.get()
    calm.start()
    while ended.is_alive():  # it may not have begun its child yet
        end_children({number})
        time.sleep(0.01)
    calm.join()
    assert codes == {"ended": KILLED, "calm": 0}


@pytest.mark.skipif(sys.platform != "linux", reason="this system lets nobody bound another process")
def test_a_tighter_bound_is_not_loosened(tmp_path: Path) -> None:
    script = f"ulimit -t 7; ulimit -c 0; sleep 0.3; ulimit -t >{tmp_path}/limit"
    run_limited(begun(script))
    assert (tmp_path / "limit").read_text() == "7\n"


# --- what is left behind --------------------------------------------------------------------


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_exception_leaves_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of Ctrl-C in the thread that waits."""
    monkeypatch.setattr(child, "_bound", interrupted)
    process = begun(SLEEP)
    with pytest.raises(KeyboardInterrupt):
        run_limited(process)
    assert process.returncode == KILLED
    assert not child._running


def test_nothing_is_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "USUAL", Bounds(seconds=0.1))
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    open_now = len([*Path("/dev/fd").iterdir()])
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_now + 12, limit[1]))
    try:
        for script in ["echo said", SLEEP, "exec yes"] * 5:
            run_limited(begun(script))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limit)


def test_a_forked_process_ends_none_of_its_parent() -> None:
    numbers: queue.SimpleQueue[int] = queue.SimpleQueue()
    codes: list[int] = []

    def waiting() -> None:
        numbers.put(threading.get_native_id())
        codes.append(run_limited(begun("sleep 2")).code)

    thread = threading.Thread(target=waiting)
    thread.start()
    number = numbers.get()
    while number not in child._running:
        time.sleep(0.01)
    with child._LOCK:  # held by whoever is not there afterwards
        fork = os.fork()
    if fork == 0:  # pragma: no cover  another process
        code = 1
        try:
            end_children({number})
            code = run_limited(begun("exit 0")).code
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]) == 0
    thread.join()
    assert codes == [0]


def test_a_process_that_ends_leaves_none_behind(tmp_path: Path) -> None:
    code = (
        "import threading, time\n"
        "from motion_preflight.media.programs import limited_process as child\n"
        "def run():\n"
        "    script = 'echo $$ > pid; exec sleep 60'\n"
        "    child.run_limited(child.start(['sh', '-c', script]))\n"
        "threading.Thread(target=run, daemon=True).start()\n"
        "while not open('pid', 'a+') or not open('pid').read(): time.sleep(0.05)\n"
        "while not child._running: time.sleep(0.01)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=30)
    number = (tmp_path / "pid").read_text().strip()
    until = time.monotonic() + 30
    while _state(number) not in {"", "Z"}:  # gone, or left for the init of this system
        assert time.monotonic() < until
        time.sleep(0.05)


def _state(number: str) -> str:
    shown = subprocess.run(
        ["ps", "-o", "stat=", "-p", number], capture_output=True, text=True, check=False
    )
    return shown.stdout.strip()[:1]
