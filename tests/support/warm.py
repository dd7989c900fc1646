"""Processes of the program that need no time to import it: a warm process has, and forks them.

Most of a start is the import. What is started is the program in everything else: a process with
arguments, streams, limits, a folder and an environment of its own, which is sent signals and ends
as every process does. What Python reads from the environment before the program begins
(`PYTHON…`, the locale) is that of the warm process, unless it is about the streams. The forks come
from `warm_process.py`.
"""

from __future__ import annotations

import inspect
import json
import socket
import subprocess
import sys
import threading
from functools import cache
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import TYPE_CHECKING, Any, TypedDict

from warm_process import NUMBER

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

_FOLDER = Path(__file__).parent
ENOUGH = 120.0  # seconds; by then a program that hangs is ended
_PLACE = gettempdir()  # asked for before a test has a TMPDIR of its own
_COLD = ("PYTHON", "LC_", "LANG")  # variables that Python reads before the program begins
_STREAMS = {"PYTHONIOENCODING", "PYTHONUNBUFFERED"}  # which a fork reads itself


class Beginning(TypedDict, total=False):
    """What a process begins with, beside its folder, its environment and its streams.

    code     a script of Python that runs instead of the program
    limits   by the names of `resource`, such as `RLIMIT_FSIZE`
    ignored  signals by their names, such as `SIGHUP`
    closed   streams by their numbers
    session  whether it leads a session, and so a process group, of its own
    user     another user whose process it is
    """

    code: str | None
    limits: Mapping[str, int]
    ignored: Sequence[str]
    closed: Collection[int]
    session: bool
    user: int | None


class Warm:
    """Starts the program in forks of a process that has imported all of it."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(dir=_PLACE)
        self.address = str(Path(self._folder.name) / "orders")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(self.address)
            listener.listen(128)
            self._process = subprocess.Popen(
                [sys.executable, _FOLDER / "warm_process.py",
                 str(listener.fileno())],
                pass_fds=[listener.fileno()],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
            )  # fmt: skip

    def close(self) -> None:
        self._process.communicate()
        self._folder.cleanup()

    @property
    def command(self) -> list[str]:
        """The words that start the program where a command does it, such as a shell."""
        return [sys.executable, "-I", "-S", str(_FOLDER / "warm_start.py"), self.address]

    def start(
        self,
        *arguments: str | Path,
        cwd: Path,
        env: Mapping[str, str],
        beginning: Beginning | None = None,
        **streams: Any,
    ) -> subprocess.Popen[str]:
        """Begins the program. `streams` are those of `subprocess.Popen`, and how they are read
        (`errors`); without them stdin is empty, and stdout and stderr are pipes.
        """
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        options = {"cwd": cwd, "env": env} | pipes | streams
        return _Fork(self.address, beginning or {}, arguments, **options)

    def run(self, *arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        """Runs the program to its end, as `subprocess.run` does; the options are `start`'s."""
        with self.start(*arguments, **options) as process:
            try:
                output, errors = process.communicate(timeout=ENOUGH)
            except subprocess.TimeoutExpired:
                process.kill()
                output, errors = process.communicate()
        results = output or "", errors or ""  # of what went elsewhere there is nothing
        return subprocess.CompletedProcess(process.args, process.returncode, *results)


class _Fork(subprocess.Popen[str]):
    """A process that the warm one begins and waits for; the rest is that of `subprocess`."""

    def __init__(
        self,
        address: str,
        beginning: Beginning,
        arguments: Sequence[str | Path],
        **options: Any,
    ) -> None:
        self._address, self._beginning = address, dict[str, Any](beginning)
        self._lock = threading.Lock()
        super().__init__(list(map(str, arguments)), text=True, encoding="utf-8", **options)

    def _execute_child(self, *values: Any) -> None:
        """Orders the process. The values are those that `subprocess` starts one with."""
        by_name = inspect.signature(super()._execute_child).bind(*values).arguments  # type: ignore[misc]
        streams = [by_name["p2cread"], by_name["c2pwrite"], by_name["errwrite"]]
        streams = [number if stream == -1 else stream for number, stream in enumerate(streams)]
        closed = self._beginning.pop("closed", ())
        order = self._beginning | {
            "streams": [number for number in range(3) if number not in closed],
            "arguments": by_name["args"],
            "cwd": str(by_name["cwd"]),
            "env": dict(by_name["env"]),
        }
        self._answers = socket.socket(socket.AF_UNIX)
        self._answers.connect(self._address)
        socket.send_fds(self._answers, [b"!"], [streams[number] for number in order["streams"]])
        self._answers.sendall(json.dumps(order).encode())
        self._answers.shutdown(socket.SHUT_WR)
        self.pid = self._answer()
        self._child_created = True
        names = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
        self._close_pipe_fds(*(by_name[name] for name in names))  # type: ignore[attr-defined]

    def _answer(self) -> int:
        answer = self._answers.recv(NUMBER.size, socket.MSG_WAITALL)
        if not answer:
            raise RuntimeError("the warm process has ended")
        return int(NUMBER.unpack(answer)[0])

    def _internal_poll(self, _deadstate: int | None = None) -> int | None:
        return self._code(0)

    def _wait(self, timeout: float | None) -> int:
        code = self._code(timeout)
        if code is None:
            assert timeout is not None
            raise subprocess.TimeoutExpired(self.args, timeout)
        return code

    def _code(self, timeout: float | None) -> int | None:
        """The exit code, when it comes in so many seconds."""
        if self.returncode is None and wait([self._answers], timeout):
            with self._lock:
                if self.returncode is None:
                    self.returncode = self._answer()
                    self._answers.close()
        return self.returncode


@cache
def warm() -> Warm:
    """The one of this process."""
    return Warm()


def suits(environment: Mapping[str, str]) -> bool:
    """Whether a warm process would read these variables too."""
    return not any(name.startswith(_COLD) and name not in _STREAMS for name in environment)
