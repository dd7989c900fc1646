"""A child: whose it is, how it is ended, and what it leaves behind."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from motion_preflight import child
from motion_preflight.child import Ended, answer_of, end_children

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the children are shell scripts")

SLEEP = "exec sleep 60"
PIPE = subprocess.PIPE
KILLED = -signal.SIGKILL


def begun(script: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(["sh", "-c", script], stdin=PIPE, stdout=PIPE, stderr=PIPE)


def test_an_answer() -> None:
    ended = answer_of(begun("echo said; echo complained >&2; exit 3"))
    assert ended == Ended(3, b"said\n", b"complained\n", late=False)


def test_a_slow_answer_is_the_same() -> None:
    ended = answer_of(begun("echo one; echo 1 >&2; sleep 0.3; echo two; echo 2 >&2"))
    assert ended == Ended(0, b"one\ntwo\n", b"1\n2\n", late=False)


def test_it_is_given_nothing_to_read() -> None:
    assert answer_of(begun("cat; echo over")).out == b"over\n"


def test_one_that_takes_too_long_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "SECONDS", 0.2)
    process = begun(f"echo said; {SLEEP}")
    ended = answer_of(process)
    assert (ended.late, ended.out) == (True, b"said\n")
    assert process.returncode == KILLED


def test_who_leaves_waits_for_no_pipes_that_somebody_else_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a system that does not tell who that is."""
    monkeypatch.setattr(child, "_GRACE", 0.2)
    monkeypatch.setattr(child, "_below", lambda _: [])
    monkeypatch.setattr(child._Rounds, "add", interrupted)
    process, began = begun("sleep 5 & sleep 60; :"), time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        answer_of(process)
    assert time.monotonic() - began < 4
    assert process.wait() == KILLED
    for pipe in (process.stdout, process.stderr):
        assert pipe
        pipe.close()


def test_it_goes_on_after_a_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "SECONDS", 0.2)
    for _ in range(2):
        assert answer_of(begun(SLEEP)).late
        rounds = child._rounds._thread
        assert rounds
        rounds.join(30)  # nothing is awaited: its thread ends
        assert not rounds.is_alive()


def test_each_has_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    late: dict[str, bool] = {}

    def waiting(name: str) -> None:
        late[name] = answer_of(begun("sleep 1.5")).late

    threads = []
    for name, seconds in (("hasty", 0.1), ("calm", 30)):
        monkeypatch.setattr(child, "SECONDS", seconds)
        threads.append(threading.Thread(target=waiting, args=[name]))
        threads[-1].start()
        while len(child._rounds._awaited) < len(threads):
            time.sleep(0.001)
    for each in threads:
        each.join()
    assert late == {"hasty": True, "calm": False}


def test_what_else_the_thread_runs_is_not_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "SECONDS", 0.2)
    with subprocess.Popen(["sleep", "60"]) as other:
        assert answer_of(begun(SLEEP)).late
        assert other.poll() is None
        other.kill()


def test_the_children_of_some_threads_are_ended_at_once() -> None:
    codes: dict[str, int] = {}
    numbers: queue.SimpleQueue[int] = queue.SimpleQueue()

    def waiting(name: str, script: str) -> None:
        numbers.put(threading.get_native_id())
        codes[name] = answer_of(begun(script)).code

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


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def test_an_exception_leaves_no_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """As of Ctrl-C in the thread that waits."""
    monkeypatch.setattr(child._Rounds, "add", interrupted)
    process = begun(SLEEP)
    with pytest.raises(KeyboardInterrupt):
        answer_of(process)
    assert process.returncode == KILLED


def test_without_a_thread_left_it_has_no_more_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    while child._rounds._thread:  # of another test
        time.sleep(0.01)
    monkeypatch.setattr(threading.Thread, "start", refused)
    assert answer_of(begun("echo said")).out == b"said\n"
    monkeypatch.setattr(child, "SECONDS", 0.2)
    assert answer_of(begun(SLEEP)).late


def test_a_forked_process_ends_none_of_its_parent() -> None:
    numbers: queue.SimpleQueue[int] = queue.SimpleQueue()
    codes: list[int] = []

    def waiting() -> None:
        numbers.put(threading.get_native_id())
        codes.append(answer_of(begun("sleep 2")).code)

    thread = threading.Thread(target=waiting)
    thread.start()
    number = numbers.get()
    while number not in child._rounds._awaited:
        time.sleep(0.01)
    with child._rounds._lock:  # held by whoever is not there afterwards
        fork = os.fork()
    if fork == 0:  # pragma: no cover  another process
        code = 1
        try:
            end_children({number})
            code = answer_of(begun("exit 0")).code
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]) == 0
    thread.join()
    assert codes == [0]


def test_a_process_that_ends_leaves_none_behind(tmp_path: Path) -> None:
    code = (
        "import subprocess, threading, time\n"
        "from motion_preflight import child\n"
        "def run():\n"
        "    script = 'echo $$ > pid; exec sleep 60'\n"
        "    child.answer_of(subprocess.Popen(['sh', '-c', script], stdout=subprocess.PIPE))\n"
        "threading.Thread(target=run, daemon=True).start()\n"
        "while not open('pid', 'a+') or not open('pid').read(): time.sleep(0.05)\n"
        "while not child._rounds._awaited: time.sleep(0.01)\n"
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
