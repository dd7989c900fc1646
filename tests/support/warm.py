"""Processes of the program that need no time to import it: a warm process has, and forks them.

Most of a start is the import. What is started is the program in everything else: it has arguments,
streams, a folder and an environment of its own, and ends as every process does. What Python reads
from the environment before the program begins (`PYTHON…`, the locale) is that of the warm process.
"""

from __future__ import annotations

import atexit
import importlib
import json
import logging
import os
import pkgutil
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

ENOUGH = 120.0  # seconds; by then a program that hangs is ended
# Imported while the program runs, which another user may not do: this Python may be root's alone.
_LATER = (
    "concurrent.futures.thread", "encodings.idna", "ffmpeg", "httpcore._sync.http11", "tomllib",
    "traceback",
)  # fmt: skip
_COLD = ("PYTHON", "LC_", "LANG")  # variables that Python reads before the program begins


class Warm:
    """Starts the program in forks of a process that has imported all of it."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,  # streams of another kind would be set up otherwise
                stderr=subprocess.PIPE,
            )
        self._answers = self._channel.makefile("r", encoding="utf-8")

    def close(self) -> None:
        self._answers.close()
        self._channel.close()
        self._process.communicate()

    def run(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        errors: str = "strict",
        user: int | None = None,
        processes: int | None = None,
        log: Path | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Runs the program to its end, as `subprocess.run` does.

        user       another user whose process it is
        processes  the most that this user may have
        log        a file for all that any library logs
        """
        order = json.dumps(
            {
                "arguments": list(arguments), "cwd": str(cwd), "env": dict(env),
                "user": user, "processes": processes, "log": log and str(log),
            }
        )  # fmt: skip
        pipes = os.pipe(), os.pipe()
        socket.send_fds(self._channel, [b"!"], [writing for _, writing in pipes])
        for _, writing in pipes:
            os.close(writing)
        self._channel.sendall(order.encode() + b"\n")
        pid = int(self._answers.readline())
        hanging = threading.Timer(ENOUGH, os.kill, (pid, signal.SIGKILL))
        hanging.start()
        texts = ["", ""]
        error = threading.Thread(target=_read_into, args=(texts, 1, pipes[1][0], errors))
        error.start()
        _read_into(texts, 0, pipes[0][0], errors)
        error.join()
        code = int(self._answers.readline())
        hanging.cancel()
        hanging.join()
        return subprocess.CompletedProcess(list(arguments), code, *texts)


@cache
def warm() -> Warm:
    """The one of this process."""
    return Warm()


def suits(environment: Mapping[str, str]) -> bool:
    """Whether a warm process would read these variables too."""
    return not any(name.startswith(_COLD) for name in environment)


def _read_into(texts: list[str], number: int, stream: int, errors: str) -> None:
    with open(stream, encoding="utf-8", errors=errors) as file:
        texts[number] = file.read()


def _serve(channel: socket.socket) -> None:
    """Forks the program for every order, and tells its process and then its exit code."""
    orders = channel.makefile("r", encoding="utf-8")
    while True:
        _, streams, *_ = socket.recv_fds(channel, 1, 2)
        if not streams:
            return
        order = json.loads(orders.readline())
        pid = os.fork()
        if pid == 0:
            orders.close()
            channel.close()
            _become_the_program(order, streams)
        for stream in streams:
            os.close(stream)
        channel.sendall(f"{pid}\n".encode())
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        with suppress(BrokenPipeError):
            channel.sendall(f"{code}\n".encode())


def _become_the_program(order: dict[str, Any], streams: list[int]) -> NoReturn:
    from motion_preflight.__main__ import main  # noqa: PLC0415  it is imported by now

    for number, stream in enumerate(streams, start=1):
        os.dup2(stream, number)
        os.close(stream)
    if order["user"] is not None:
        atexit._clear()  # a measuring of coverage may not write its file as another user
        os.setgroups([])
        os.setgid(order["user"])
        os.setuid(order["user"])
    if order["processes"] is not None:
        resource.setrlimit(resource.RLIMIT_NPROC, (order["processes"],) * 2)
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"])
    time.tzset()
    if order["log"] is not None:
        logging.basicConfig(level=logging.DEBUG, filename=order["log"])
        logging.captureWarnings(capture=True)
    sys.argv = ["motion-preflight", *order["arguments"]]
    try:
        code = main()
    except SystemExit as ended:
        if not isinstance(ended.code, int):
            raise
        code = ended.code
    _end(code)


def _end(code: int) -> NoReturn:
    """Ends as Python does, but without taking apart all that was imported: that would take ten
    times as long as most commands.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):  # Python has words of its own for that
        sys.exit(code)
    os._exit(code)


def _import_all() -> None:
    import motion_preflight  # noqa: PLC0415  the process of the tests has no need of all of it

    for module in pkgutil.walk_packages(motion_preflight.__path__, "motion_preflight."):
        with suppress(ImportError):  # an extra that is not installed
            importlib.import_module(module.name)
    for name in _LATER:
        importlib.import_module(name)


if __name__ == "__main__":
    _import_all()
    _serve(socket.socket(fileno=int(sys.argv[1])))
