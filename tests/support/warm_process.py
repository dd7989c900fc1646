"""The warm process itself, which `warm.py` starts: it forks the program for every order.

An order comes over a connection of its own: the descriptors that become the fork's streams, then
a JSON object. The answers are two numbers: the fork's process and, when it has ended, its exit
code as `subprocess` has it.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import json
import os
import pkgutil
import resource
import select
import signal
import socket
import struct
import sys
import threading
import time
import types
from contextlib import suppress
from typing import Any, NoReturn

NUMBER = struct.Struct("!i")  # of an answer
# What an order leaves out; `Beginning` of `warm.py` tells what it means.
_USUAL: dict[str, Any] = {"code": None, "limits": {}, "ignored": [], "session": False, "user": None}
# Imported while the program runs, which another user may not do: this Python may be root's alone.
_LATER = (
    "anyio._backends._asyncio", "concurrent.futures.thread", "difflib", "encodings.idna", "ffmpeg",
    "httpcore._sync.http11", "statistics", "tomllib", "traceback",
)  # fmt: skip
# By these, coverage is measured in processes of the program.
MEASURING = {"COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"}


class _Server:
    """Takes orders until the tests close its stdin, and knows which forks are running."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._running: dict[int, socket.socket] = {}  # by process
        self._wakes, self._waker = socket.socketpair()
        os.set_blocking(self._waker.fileno(), False)
        signal.set_wakeup_fd(self._waker.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)  # that a fork has ended wakes `select`

    def serve(self) -> None:
        while True:
            ready, *_ = select.select([sys.stdin, self._wakes, self._listener], [], [])
            if self._wakes in ready:
                self._wakes.recv(1 << 10)
                self._tell_who_ended()
            elif self._listener in ready:
                self._fork()
            else:
                return

    def _fork(self) -> None:
        client, _ = self._listener.accept()
        _, streams, *_ = socket.recv_fds(client, 1, 3)
        with client.makefile("rb") as file:
            order = _USUAL | json.load(file)
        pid = os.fork()
        if pid == 0:
            client.close()
            self._forget()
            _become(order, streams)
        for stream in streams:
            os.close(stream)
        self._running[pid] = client
        self._answer(client, pid)

    def _tell_who_ended(self) -> None:
        """A number is free for other processes after its owner was waited for: it is told before,
        so that no signal of a test finds another process.
        """
        options = os.WEXITED | os.WNOHANG | os.WNOWAIT
        while self._running and (ended := os.waitid(os.P_ALL, 0, options)):
            pid, code = ended.si_pid, ended.si_status
            with self._running.pop(pid) as client:
                self._answer(client, code if ended.si_code == os.CLD_EXITED else -code)
            os.waitpid(pid, 0)

    def _answer(self, client: socket.socket, number: int) -> None:
        with suppress(ConnectionError):  # who ordered it has gone
            client.sendall(NUMBER.pack(number))

    def _forget(self) -> None:
        """In a fork: what a process that begins does not have."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for item in (self._listener, self._wakes, self._waker, *self._running.values()):
            item.close()


def _become(order: dict[str, Any], streams: list[int]) -> NoReturn:
    """Makes of this fork what was ordered, in the order of `subprocess`, and runs it to its end."""
    os.chdir(order["cwd"])
    os.closerange(0, 3)
    for number, stream in zip(order["streams"], streams, strict=True):
        os.dup2(stream, number)
    for stream in streams:
        os.close(stream)
    for name in order["ignored"]:
        signal.signal(signal.Signals[name], signal.SIG_IGN)
    if order["session"]:
        os.setsid()
    if order["user"] is not None:
        os.setgroups([])
        os.setgid(order["user"])
        os.setuid(order["user"])
    for name, most in order["limits"].items():
        resource.setrlimit(getattr(resource, name), (most, most))
    os.environ.clear()
    os.environ.update(order["env"])
    time.tzset()
    if not MEASURING & order["env"].keys():
        _measure_no_coverage()
    _open_streams()
    sys.path[0] = order["cwd"]
    sys.argv = ["motion-preflight" if order["code"] is None else "-c", *order["arguments"]]
    _run(order["code"])


def _measure_no_coverage() -> None:
    if "coverage" in sys.modules and (measuring := sys.modules["coverage"].Coverage.current()):
        measuring.stop()
        atexit.unregister(measuring._atexit)  # which writes a file


def _open_streams() -> None:
    """Sets `sys.stdin` and the others as Python does when it begins; one that is closed is `None`,
    and a terminal is written to line by line.
    """
    unbuffered = bool(os.environ.get("PYTHONUNBUFFERED"))
    encoding, _, errors = os.environ.get("PYTHONIOENCODING", "").partition(":")
    for number, (name, mode) in enumerate({"stdin": "r", "stdout": "w", "stderr": "w"}.items()):
        stream, before = None, getattr(sys, f"__{name}__")
        at_once = unbuffered and number > 0
        usual_errors = errors or ("strict" if encoding else before.errors)
        with suppress(OSError):
            stream = io.TextIOWrapper(
                io.open(number, f"{mode}b", 0 if at_once else -1, closefd=False),  # noqa: SIM115, UP020  it stays open
                encoding or before.encoding,
                "backslashreplace" if number == 2 else usual_errors,
                newline="\n",
                line_buffering=not at_once and (number == 2 or os.isatty(number)),
                write_through=unbuffered,
            )
            vars(stream)["mode"] = mode
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _run(code: str | None) -> NoReturn:
    """Runs the program, or the code of a script instead."""
    try:
        if code is None:
            from motion_preflight.__main__ import main  # noqa: PLC0415  it is imported by now

            end = main()
        else:
            sys.modules["__main__"] = script = types.ModuleType("__main__")
            exec(compile(code, "<string>", "exec"), vars(script))
            end = 0
    except SystemExit as ended:
        if isinstance(ended.code, str):  # which Python prints
            raise
        end = ended.code or 0
    _end(end)


def _end(code: int) -> NoReturn:
    """Ends as Python does, but without taking apart all that was imported: that would take ten
    times as long as most commands.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except (OSError, ValueError):  # Python has words of its own for that
        sys.exit(code)
    os._exit(code)


def _import_all() -> None:
    import motion_preflight  # noqa: PLC0415  the process of the tests has no need of all of it

    for module in pkgutil.walk_packages(motion_preflight.__path__, "motion_preflight."):
        with suppress(ImportError):  # an extra that is not installed
            importlib.import_module(module.name)
    for name in _LATER:
        importlib.import_module(name)


def _build_classes() -> None:
    """Builds the dataclasses of the program, which it does when it first makes an instance of one:
    every fork would do it again.
    """
    for cls in gc.get_objects():
        if isinstance(cls, type) and "__lazy_fields__" in vars(cls):
            with suppress(
                TypeError, AttributeError
            ):  # it is called without values, and for nothing
                cls.__init__(None)  # type: ignore[misc]


if __name__ == "__main__":
    _import_all()
    _build_classes()
    _Server(socket.socket(fileno=int(sys.argv[1]))).serve()
