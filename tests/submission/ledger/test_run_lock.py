"""A run's lock lives as long as its process: not a moment longer, whatever it started."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from warm import warm

from motion_preflight.submission.ledger.run_lock import RunLock, ended

POSIX = os.name == "posix"
HOLDS = """
import subprocess, sys
from pathlib import Path
from motion_preflight.submission.ledger.run_lock import RunLock

lock = RunLock(Path(sys.argv[1]))
sleeper = 0
if sys.argv[2:]:
    quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    sleeper = subprocess.Popen(["sleep", "30"], close_fds=sys.argv[2] == "closed", **quiet).pid
print(lock.run, sleeper, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@contextmanager
def holder(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str, int]]:
    """A process that holds a lock until its input ends, its run, and what it started."""
    with warm().start(
        folder,
        *arguments,
        cwd=folder.parent,
        env=os.environ,
        beginning={"code": HOLDS},
        stdin=subprocess.PIPE,
        stderr=None,
    ) as process:
        assert process.stdout
        run, sleeper = process.stdout.readline().split()
        try:
            yield process, run, int(sleeper)
        finally:
            process.kill()
            if int(sleeper):
                with suppress(ProcessLookupError):
                    os.kill(int(sleeper), signal.SIGTERM)


def over(folder: Path, run: str) -> bool:
    with ended(folder, run) as result:
        return result


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_lock_that_is_held_is_that_of_a_live_run(folder: Path) -> None:
    lock = RunLock(folder)
    for _ in range(2):
        assert not over(folder, lock.run)
    assert files(folder) == [f"{lock.run}.lock"]
    lock.release()


def test_a_lock_that_was_released_leaves_nothing(folder: Path) -> None:
    lock = RunLock(folder)
    lock.release()
    assert files(folder) == []
    assert over(folder, lock.run)
    assert files(folder) == []


def test_a_run_that_nobody_knows_is_over(folder: Path) -> None:
    assert over(folder, "0123")  # even the folder is not there
    folder.mkdir()
    assert over(folder, "0123")
    assert files(folder) == []


def test_two_locks_of_one_process_are_strangers(folder: Path) -> None:
    one, two = RunLock(folder), RunLock(folder)
    assert one.run != two.run
    assert not over(folder, one.run)
    one.release()
    assert over(folder, one.run)
    assert not over(folder, two.run)
    assert files(folder) == [f"{two.run}.lock"]
    two.release()


@pytest.mark.skipif(not POSIX, reason="modes of POSIX")
def test_only_its_user_may_look(folder: Path) -> None:
    before = os.umask(0)
    try:
        lock = RunLock(folder)
        modes = [stat.S_IMODE(item.stat().st_mode) for item in (folder, *folder.iterdir())]
        assert modes == [0o700, 0o600]
        lock.release()
    finally:
        os.umask(before)


@pytest.mark.parametrize("where", ["no/such/place", "a file"])
def test_a_lock_that_cannot_be_made_is_an_oserror(where: str, tmp_path: Path) -> None:
    (tmp_path / "a file").touch()
    with pytest.raises(OSError, match=r"."):
        RunLock(tmp_path / where)


def test_the_lock_of_a_live_process_is_held(folder: Path) -> None:
    with holder(folder) as (process, run, _):
        assert not over(folder, run)
        process.communicate("\n", timeout=30)
        assert over(folder, run)  # it ended without releasing it
        assert files(folder) == []


def test_the_lock_of_a_killed_process_can_be_taken_and_its_file_goes(folder: Path) -> None:
    with holder(folder) as (process, run, _):
        process.kill()
        process.wait()
        assert files(folder) == [f"{run}.lock"]
        assert over(folder, run)
        assert files(folder) == []
        assert over(folder, run)


@pytest.mark.skipif(not POSIX, reason="looks at a process as POSIX does")
@pytest.mark.parametrize("descriptors", ["closed", "open"])
def test_what_a_killed_run_started_does_not_keep_it_alive(descriptors: str, folder: Path) -> None:
    with holder(folder, descriptors) as (process, run, sleeper):
        assert not over(folder, run)
        process.kill()
        process.wait()
        os.kill(sleeper, 0)  # it lives on
        assert over(folder, run)
        assert files(folder) == []


def test_the_file_stays_until_the_run_was_dealt_with(folder: Path) -> None:
    with holder(folder) as (process, run, _):
        process.kill()
        process.wait()
    with ended(folder, run) as first:
        assert first
        with ended(folder, run) as second:  # another one looks meanwhile, and leaves it to us
            assert not second
        assert files(folder) == [f"{run}.lock"]
    assert files(folder) == []


def test_a_run_that_could_not_be_dealt_with_is_left_for_the_next(folder: Path) -> None:
    with holder(folder) as (process, run, _):
        process.kill()
        process.wait()
    with pytest.raises(KeyError), ended(folder, run):
        raise KeyError
    assert files(folder) == [f"{run}.lock"]
    assert over(folder, run)
    assert files(folder) == []


@pytest.mark.skipif(not POSIX, reason="signals of POSIX")
def test_a_process_that_is_stopped_still_runs(folder: Path) -> None:
    with holder(folder) as (process, run, _):
        process.send_signal(signal.SIGSTOP)
        assert not over(folder, run)
        process.send_signal(signal.SIGCONT)
