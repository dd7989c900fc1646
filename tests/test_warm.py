"""A fork of the warm process begins, is sent signals and ends as a process of its own does."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from processes import started, surroundings
from warm import Beginning, warm
from warm_process import MEASURING

from motion_preflight.cli import exit_codes

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="/proc of Linux")

# All that a program can see of how its process was begun.
STATE = """
import json, os, signal, sys, threading, time
streams = [
    stream and (stream.mode, stream.encoding, stream.errors, stream.line_buffering,
                stream.write_through, stream.isatty())
    for stream in (sys.stdin, sys.stdout, sys.stderr)
]
state = {
    "descriptors": sorted(set(os.listdir("/proc/self/fd")))[:4],
    "threads": [len(os.listdir("/proc/self/task")), threading.active_count()],
    "signals": [str(signal.getsignal(number)) for number in sorted(signal.valid_signals())],
    "masks": [line for line in open("/proc/self/status") if line.startswith(("Sig", "Shd"))][1:],
    "limits": open("/proc/self/limits").read(),
    "arguments": sys.argv, "folder": os.getcwd(), "environment": dict(os.environ),
    "name": __name__, "zone": time.tzname, "streams": streams, "leads": os.getsid(0) == os.getpid(),
}
with open(sys.argv[1], "w") as file:
    json.dump(state, file)
"""


def cold(
    limits: str, streams: str, environment: dict[str, str], folder: Path, *, leads: bool = False
) -> dict[str, Any]:
    """What a process sees that a shell begins."""
    subprocess.run(
        ["sh", "-c", f'{limits}; exec "$0" -c "$1" state {streams}', sys.executable, STATE],
        cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=True,
        start_new_session=leads,
    )  # fmt: skip
    state: dict[str, Any] = json.loads((folder / "state").read_text("utf-8"))
    return state


@pytest.mark.parametrize(
    ("beginning", "limits", "streams", "variables"),
    [
        ({}, ":", "", {"TZ": "Asia/Tokyo"}),
        ({}, ":", "", {"PYTHONUNBUFFERED": "1"}),
        ({}, ":", "", {"PYTHONIOENCODING": "ascii:replace"}),
        ({"closed": (0, 2)}, ":", "<&- 2>&-", {"PYTHONIOENCODING": "utf-8"}),
        ({"closed": (0, 1, 2)}, ":", "<&- >&- 2>&-", {}),
        ({"ignored": ("SIGHUP", "SIGINT")}, "trap '' HUP INT", "", {}),
        (
            {"limits": {"RLIMIT_NOFILE": 50, "RLIMIT_FSIZE": 1 << 19}},
            "ulimit -n 50; ulimit -f 1024",
            "",
            {},
        ),
        ({"session": True}, ":", "", {}),
    ],
)
def test_a_fork_begins_as_a_process_does(
    beginning: Beginning, limits: str, streams: str, variables: dict[str, str], tmp_path: Path
) -> None:
    environment = surroundings(tmp_path, PYTHONUNBUFFERED="") | variables
    for name in MEASURING:  # what it writes would meet the limits
        environment.pop(name, None)
    options: Beginning = {"code": STATE, **beginning}
    done = warm().run("state", cwd=tmp_path, env=environment, beginning=options)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    forked = json.loads((tmp_path / "state").read_text("utf-8"))
    assert forked.pop("environment") == environment
    (tmp_path / "state").unlink()
    state = cold(limits, streams, environment, tmp_path, leads=beginning.get("session", False))
    assert forked == {name: state[name] for name in forked}


def test_a_terminal_is_one_in_a_fork_too(tmp_path: Path) -> None:
    master, terminal = pytest.importorskip("pty").openpty()
    variables = surroundings(tmp_path, PYTHONUNBUFFERED="")
    streams = {"stdin": terminal, "stdout": terminal, "stderr": terminal}
    warm().run("state", cwd=tmp_path, env=variables, beginning={"code": STATE}, **streams)
    forked = json.loads((tmp_path / "state").read_text("utf-8"))
    subprocess.run(
        [sys.executable, "-c", STATE, "state"], cwd=tmp_path, env=variables, check=True, **streams
    )
    assert forked == json.loads((tmp_path / "state").read_text("utf-8")) | {
        "arguments": ["-c", "state"]
    }
    os.close(master)
    os.close(terminal)


def test_several_run_at_a_time_and_each_ends_in_its_own_way(tmp_path: Path) -> None:
    code = "import sys; print('here', flush=True); sys.exit(int(sys.stdin.read()))"
    running = [
        warm().start(
            cwd=tmp_path, env=surroundings(tmp_path), beginning={"code": code},
            stdin=subprocess.PIPE,
        )
        for _ in range(4)
    ]  # fmt: skip
    for process in running:
        assert process.stdout
        assert process.stdout.readline() == "here\n"
        assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        running[0].wait(0.01)
    running[0].kill()
    running[1].terminate()
    running[2].communicate("7")
    assert [process.wait() for process in running[:3]] == [-signal.SIGKILL, -signal.SIGTERM, 7]
    assert running[3].poll() is None
    assert running[3].communicate("0") == ("", "")
    assert running[3].returncode == 0
    for process in running[:2]:
        process.communicate()


def test_an_error_of_a_script_is_shown(tmp_path: Path) -> None:
    done = warm().run(cwd=tmp_path, env=surroundings(tmp_path), beginning={"code": "1 / 0"})
    assert done.returncode == 1
    assert done.stderr.endswith("\nZeroDivisionError: division by zero\n")


def test_the_program_is_a_fork(tmp_path: Path) -> None:
    with started("--version", folder=tmp_path, environment={}) as process:
        output, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")
    assert output.startswith("motion-preflight ")


@pytest.mark.parametrize("streams", ["", "<&-", ">&-", "<&- >&- 2>&-"])
def test_a_command_is_the_program_too(streams: str, tmp_path: Path) -> None:
    script = f'cd "$1"; {shlex.join(warm().command)} check - {streams}; echo $?'
    done = subprocess.run(
        ["sh", "-c", script, "sh", tmp_path], env=surroundings(tmp_path),
        input="[]", capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1] == str(exit_codes.CANNOT_RUN)
    assert ("motion-preflight: -: " in done.stderr) == ("2>" not in streams)


def test_a_command_that_is_terminated_terminates_the_program(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*warm().command, "sandbox"], env=surroundings(tmp_path), stdout=subprocess.PIPE, text=True
    ) as command:
        assert command.stdout
        assert command.stdout.readline()
        command.terminate()
        assert command.wait(30) == exit_codes.OK
        command.stdout.read()  # nobody has the other end any more
