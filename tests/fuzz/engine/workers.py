"""Cases in processes of their own: what hangs, dies or eats memory takes nothing along."""

from __future__ import annotations

import contextlib
import faulthandler
import multiprocessing
import os
import resource
import shutil
import signal
import tempfile
import time
from dataclasses import dataclass, field
from functools import partial
from itertools import takewhile
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING

from fuzz.engine.case import CaseTimeout, Figures, Finding, run_cases

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ctypes import c_int64
    from multiprocessing.process import BaseProcess
    from types import FrameType

    from fuzz.engine.case import Target

_ADDRESSES = 4 << 30  # bytes of address space for a process of ours; it only protects the machine
_GRACE = 30.0  # seconds for a process that hangs in what Python cannot interrupt
_ASSIGNMENTS = 20  # of a target, at least
_MOST_CASES = 500  # of an assignment
_MOST_SAVED = 3  # cases of one finding that are saved
_fork = multiprocessing.get_context("fork")  # everything is imported once


@dataclass
class TargetResult:
    """What the cases of a target came to."""

    target: type[Target]
    figures: Figures = field(default_factory=Figures)
    findings: dict[str, list[Finding]] = field(default_factory=dict)  # by place


@dataclass
class Assignment:
    """Cases that one process takes; `alone`: its memory is that of one case."""

    row: TargetResult
    numbers: Sequence[int]
    alone: bool = False


class Worker:
    """A process with its assignment."""

    def __init__(self, assignment: Assignment, seed: int, end: float, keep: Path) -> None:
        self.assignment = assignment
        self.finished = False
        self.folder = Path(tempfile.mkdtemp(prefix="motion-preflight-fuzz-", dir=_quick_folder()))
        self._number = _fork.RawValue("q", assignment.numbers[0])
        self.pipe, theirs = _fork.Pipe(duplex=False)
        self.process: BaseProcess = _fork.Process(
            target=partial(
                _run,
                assignment,
                seed,
                end,
                folder=self.folder,
                keep=keep,
                pipe=theirs,
                number=self._number,
            )
        )
        self.process.start()
        theirs.close()  # else the pipe would not end with its process

    @property
    def rest(self) -> Sequence[int]:
        """The cases behind the one that is being tried."""
        number = int(self._number.value)
        return [item for item in self.assignment.numbers if item > number]

    def death(self, seed: int) -> Finding:
        """What a process that ended by itself says of its last case."""
        hang = self.folder / "hang.txt"
        trace = hang.read_text(errors="replace") if hang.exists() else ""
        what = "it hangs" if trace else f"the process died ({self.process.exitcode})"
        return Finding(self.assignment.row.target.name, seed, self._number.value, what, what, trace)

    def end(self) -> None:
        """Ends the process and its children, and takes its folder away."""
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.kill()
        self.process.join()
        self.pipe.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _run(
    assignment: Assignment,
    seed: int,
    end: float,
    *,
    folder: Path,
    keep: Path,
    pipe: Connection,
    number: c_int64,
) -> None:
    """A process of its own: what it finds goes into `keep` and the pipe, its figures last."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, _time_out)
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    isolate(folder)
    target = assignment.row.target(folder)

    def begin(case: int) -> None:
        number.value = case
        signal.setitimer(signal.ITIMER_REAL, target.clock)
        faulthandler.dump_traceback_later(target.clock + _GRACE, exit=True, file=hang)

    with (folder / "hang.txt").open("w", encoding="utf-8") as hang, contextlib.closing(target):
        numbers = takewhile(lambda _: time.monotonic() < end, assignment.numbers)
        figures = run_cases(
            target,
            seed,
            numbers,
            begin=begin,
            report=lambda item: pipe.send(item.save(keep)),
            alone=assignment.alone,
        )
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        pipe.send(figures)


def _time_out(_signal: int, _frame: FrameType | None) -> None:
    raise CaseTimeout


def isolate(folder: Path) -> None:
    """Keeps the user's own settings, key, ledger and proxies out of this process."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.startswith(("MOTION_PREFLIGHT_", "APIMART_")):
            del os.environ[name]
    os.environ |= {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}
    os.environ |= {"XDG_STATE_HOME": str(folder / "state"), "TMPDIR": str(folder)}
    tempfile.tempdir = None  # TMPDIR is looked at anew


def _quick_folder() -> str | None:
    """Memory in place of a disk, where there is some: nothing here must outlive a power cut."""
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def assignments(rows: Sequence[TargetResult], counts: Sequence[int]) -> list[Assignment]:
    """The cases of all targets, in an order that lets all targets come along side by side."""
    placed = []
    for position, (row, count) in enumerate(zip(rows, counts, strict=True)):
        size = min(max(count // _ASSIGNMENTS, 10), _MOST_CASES)
        for start in range(0, count, size):
            numbers = range(start, min(start + size, count))
            placed.append((start / count, position, Assignment(row, numbers)))
    return [assignment for _, _, assignment in sorted(placed, key=lambda item: item[:2])]


def run_all(todo: list[Assignment], seed: int, *, jobs: int, end: float, keep: Path) -> None:
    """Has every assignment done that can be started before `end`."""
    running: dict[Connection, Worker] = {}
    todo.reverse()
    try:
        while running or (todo and time.monotonic() < end):
            while todo and len(running) < jobs and time.monotonic() < end:
                assignment = todo.pop()
                if assignment.numbers:
                    started = Worker(assignment, seed, end, keep)
                    running[started.pipe] = started
            for pipe in wait(list(running)):
                assert isinstance(pipe, Connection)
                _receive(pipe, running, todo, seed, keep)
    finally:
        for item in running.values():
            item.end()


def _receive(
    pipe: Connection,
    running: dict[Connection, Worker],
    todo: list[Assignment],
    seed: int,
    keep: Path,
) -> None:
    """One message of a process, or its end."""
    item = running[pipe]
    assignment = item.assignment
    try:
        answer = pipe.recv()
    except EOFError:
        del running[pipe]
        item.process.join(_GRACE)
        if not item.finished:
            assignment.row.figures.cases += len(assignment.numbers) - len(item.rest)
            _record(assignment.row, item.death(seed).save(keep), keep)
            todo.append(Assignment(assignment.row, item.rest))
        item.end()
        return
    if isinstance(answer, Figures):
        item.finished = True
        figures = assignment.row.figures
        figures.cases += answer.cases
        figures.seconds += answer.seconds
        figures.worst = max(figures.worst, answer.worst)
        if answer.suspect is not None:
            todo.append(Assignment(assignment.row, item.rest))
            todo.append(Assignment(assignment.row, [answer.suspect], alone=True))
    else:
        _record(assignment.row, answer, keep)


def _record(row: TargetResult, finding: Finding, keep: Path) -> None:
    same = row.findings.setdefault(finding.place, [])
    same.append(finding)
    if len(same) > _MOST_SAVED:
        shutil.rmtree(finding.folder_in(keep), ignore_errors=True)
    if len(same) == 1:
        print(f"{finding.target}: {finding.what}\n    {finding.repeat}", flush=True)
