"""Faults of the machine, each of them real: disks that are full or may not be written, the kernel's
limits, a user without rights or without a home, another time of day, signals in bursts.

A `Bench` is the program with a provider to send to; `healthy` is what must hold however a run ends.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from paths import FIXTURES
from processes import customer, ledger_rows, served, surroundings
from warm import Beginning, suits, warm
from warm_process import MEASURING

from motion_preflight.cli import exit_codes
from motion_preflight.sandbox.server import Sandbox

MEDIA = FIXTURES / "media"
ENOUGH = 60.0  # seconds that no run may take
NEVER = 10**9  # polls until a task is over
CONTRACT = {
    exit_codes.OK,
    exit_codes.BROKEN,
    exit_codes.CANNOT_RUN,
    exit_codes.UNSURE,
    exit_codes.OVER_BUDGET,
    exit_codes.UNKNOWN,
}
Done = subprocess.CompletedProcess[str]
# What stderr may hold beside our own lines: how a task stands, how far many requests are.
_PROGRESS = re.compile(
    r"(\d+ of \d+ over; )?task \S+: .* after \d+ min \d\d s.*|\d+ requests: .*"
    r"|\d+ of \d+ tasks over.*, after \d+ min \d\d s.*|waiting for \d+ tasks, .*"
)
# One who may do nothing but what the files' modes allow, though they are root's.
_WITHOUT_RIGHTS = (
    "setpriv",
    "--bounding-set",
    "-dac_override,-dac_read_search,-fowner,-sys_admin,-sys_resource",
    "--inh-caps",
    "-all",
)


@dataclass
class Bench:
    """The program, the provider that it sends to, and the folder in which it all happens."""

    sandbox: Sandbox
    folder: Path

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @property
    def out(self) -> Path:
        return self.folder / "out"

    def environment(self, **more: str) -> dict[str, str]:
        values = {"TMPDIR": str(self.temporary)} | more
        return customer(self.sandbox, self.folder, **values)

    def requests(self, count: int = 1, **fields: Any) -> Path:
        """A file of so many requests that pass, with media of the sandbox."""
        built = [served(self.sandbox, number, **fields) for number in range(count)]
        return self.file(built[0] if count == 1 else built)

    def file(self, content: object, name: str = "requests.json") -> Path:
        file = self.folder / name
        text = content if isinstance(content, str) else json.dumps(content)
        file.write_text(text, encoding="utf-8")
        return file

    def run(
        self,
        *arguments: str | Path,
        code: str | None = None,
        limits: str = ":",
        streams: str = "",
        before: Sequence[str] = (),
        without: Sequence[str] = (),
        **environment: str,
    ) -> Done:
        """A run to its end; `code` is a script of Python that runs instead, `limits` what a shell
        does first, `streams` where it sends them, `before` a program before it all, and `without`
        are variables that it does not have.

        Memory and descriptors are needed by the imports too: with such limits Python starts anew.
        """
        # What a measuring of coverage writes would meet the fault.
        unmeasured = MEASURING if before or limits != ":" else ()
        variables = self._variables((*without, *unmeasured), environment)
        cold = before or not suits(environment) or re.search("ulimit -[nv]", limits)
        with ExitStack() as stack:
            if not cold:
                return warm().run(
                    *arguments,
                    cwd=self.folder,
                    env=variables,
                    errors="backslashreplace",
                    **_as_of_a_shell(code, limits, streams, stack),
                )
        assert code is None
        script = f'{limits}; exec "$0" "$@" {streams}'
        words = [*before, "sh", "-c", script, sys.executable, "-m", "motion_preflight"]
        return subprocess.run(
            [*words, *map(str, arguments)],
            cwd=self.folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="backslashreplace",
            timeout=ENOUGH,
            check=False,
        )

    def run_as_another(
        self,
        *arguments: str | Path,
        processes: int | None = None,
        without: Sequence[str] = (),
        **environment: str,
    ) -> Done:
        """The same by a user whom the machine does not know, with so many processes at most."""
        user = 50_000 + os.getpid() % 10_000  # of each worker of the tests another one
        return warm().run(
            *arguments,
            cwd=self.folder,
            env=self._variables((*without, *MEASURING), environment),
            beginning={
                "user": user,
                "limits": {} if processes is None else {"RLIMIT_NPROC": processes},
            },
            errors="backslashreplace",
        )

    def start(self, *arguments: str | Path, ignored: Sequence[str] = ()) -> subprocess.Popen[str]:
        """A run that can be sent signals: the program listens to them from here on, but not to
        those that it was to ignore.
        """
        process = warm().start(
            *arguments,
            cwd=self.folder,
            env=surroundings(self.folder, **self.environment()),
            beginning={"ignored": ignored, "session": True},
        )
        end = time.monotonic() + ENOUGH
        while process.poll() is None and not _listens(process.pid):
            assert time.monotonic() < end
            time.sleep(0.002)
        return process

    def _variables(self, without: Sequence[str], environment: dict[str, str]) -> dict[str, str]:
        values = surroundings(self.folder, **self.environment(**environment))
        return {name: value for name, value in values.items() if name not in without}

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows of the ledger; none where it could not even be made."""
        try:
            return ledger_rows(self.folder)
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return []
            raise

    @property
    def states(self) -> list[str]:
        return [row["state"] for row in self.rows]

    def healthy(self, done: Done, *codes: int, quiet: bool = False) -> None:
        """What must hold however it ended: the code is one of those (of the contract), stderr has
        whole lines and no traceback, nothing temporary is left, and every POST has its row.

        `quiet`: stderr could take nothing.
        """
        message = f"{done.returncode}: {done.stderr}\n{done.stdout[:600]}"
        assert done.returncode in (codes or CONTRACT), message
        lines = done.stderr.splitlines()
        ours = [line for line in lines if line.startswith("motion-preflight: ")]
        others = [line for line in lines if line not in ours and not _PROGRESS.fullmatch(line)]
        assert others == [], message
        once = [line for line in ours if "trying again in" not in line]
        assert len(set(once)) == len(once), message
        if done.returncode == exit_codes.CANNOT_RUN and not quiet:
            assert ours, message
        self.tidy()
        self.kept()

    def tidy(self) -> None:
        """Nothing is left behind: no temporary file, no lock of a run, no journal."""
        assert list(self.temporary.iterdir()) == []
        if self.state.is_dir():
            assert {path.name for path in self.state.iterdir()} <= {
                "ledger.sqlite3",
                "ledger.seen",
                "runs",
            }
            runs = self.state / "runs"
            assert not runs.is_dir() or list(runs.iterdir()) == []

    def kept(self) -> None:
        """Every POST has a row that does not deny it, and no request was sent a second time."""
        by_key = {row["idempotency_key"]: row for row in self.rows}
        keys = [post.headers["idempotency-key"] for post in self.sandbox.posts]
        assert len(keys) == len(set(keys))
        for post in self.sandbox.posts:
            row = by_key[post.headers["idempotency-key"]]
            assert row["task_id"] in {None, post.task_id}
            if post.task_id and not row["task_id"]:
                assert row["state"] in {"sending", "unknown"}


@contextmanager
def bench(folder: Path, **options: Any) -> Iterator[Bench]:
    """A bench in a folder; the options are those of the sandbox."""
    (folder / "tmp").mkdir()
    with Sandbox(**({"probe": False, "polls": NEVER} | options)) as sandbox:
        yield Bench(sandbox, folder)


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that every user may reach and write, unlike those of pytest."""
    folder = Path(tempfile.mkdtemp(prefix="faults-", dir="/tmp"))
    try:
        folder.chmod(0o777)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# --- what this machine permits --------------------------------------------------------------


def as_root() -> None:
    """Skips where the test cannot change its user."""
    if os.getuid() != 0:
        pytest.skip("needs to change its user")


def without_rights() -> tuple[str, ...]:
    """The words before a command by which it may write only what the modes of files allow."""
    if os.getuid() != 0:
        return ()
    if not shutil.which("setpriv"):
        pytest.skip("root may write everything; `setpriv` of util-linux would take that away")
    return _WITHOUT_RIGHTS


def at(moment: str) -> tuple[str, ...]:
    """The words before a command by which it believes in another time of day."""
    if not shutil.which("faketime"):
        pytest.skip("needs Debian's package `faketime`")
    return ("env", "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1", "faketime", moment)


@contextmanager
def disk(folder: Path, size: str, *options: str) -> Iterator[Path]:
    """A disk of so many bytes at a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", ",".join([f"size={size}", "mode=777", *options])]
    try:
        done = subprocess.run(
            [*words, "tmpfs", str(folder)], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("there is no `mount` here")
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def grow(folder: Path, size: str) -> None:
    """Gives a disk more room."""
    subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Takes every byte that a disk has left; returns the file that has them."""
    file = folder / "filler"
    with suppress(OSError), file.open("wb", buffering=0) as opened:
        while opened.write(bytes(4096)):
            pass
    return file


def _as_of_a_shell(code: str | None, limits: str, streams: str, stack: ExitStack) -> dict[str, Any]:
    """The options of a start that mean what these words of a shell do."""
    blocks = re.search(r"ulimit -f (\d+)", limits)
    beginning: Beginning = {
        "code": code,
        "limits": {"RLIMIT_FSIZE": int(blocks[1]) * 512} if blocks else {},
        "ignored": [f"SIG{name}" for name in re.findall(r"trap '' (\w+)", limits)],
    }
    options: dict[str, Any] = {}
    closed = set()
    for number, way, file in re.findall(r"(\d?)([<>])(\S+)", streams):
        stream = int(number or way == ">")
        if file == "&-":
            closed.add(stream)
        else:
            opened = Path(file).open("rb" if way == "<" else "wb")  # noqa: SIM115
            options[("stdin", "stdout", "stderr")[stream]] = stack.enter_context(opened)
    return options | {"beginning": beginning | {"closed": closed}}


# --- signals --------------------------------------------------------------------------------


def _listens(pid: int) -> bool:
    """Whether a process has said what SIGTERM does to it."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return False
    caught = re.search(r"^SigCgt:\s*([0-9a-f]+)$", status, re.MULTILINE)
    return caught is not None and bool(int(caught[1], 16) >> (signal.SIGTERM - 1) & 1)


def burst(process: subprocess.Popen[str], *signals: int, pauses: Sequence[float]) -> None:
    """Sends one signal after the other; Ctrl-C goes to what it has started too."""
    for number, pause in zip(signals, pauses, strict=True):
        if process.poll() is not None:
            return
        with suppress(ProcessLookupError):
            if number == signal.SIGINT:
                os.killpg(process.pid, number)
            else:
                process.send_signal(number)
        time.sleep(pause)
