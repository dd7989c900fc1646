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

from fuzz.engine.case import Figures, Found, Hangs, run_cases

if TYPE_CHECKING:
    from collections.abc import Sequence
    from ctypes import c_int64
    from multiprocessing.process import BaseProcess
    from types import FrameType

    from fuzz.engine.case import Target

_ADDRESSES = 4 << 30  # bytes of address space for a process of ours; it only protects the machine
_GRACE = 30.0  # seconds for a process that hangs in what Python cannot interrupt
_PIECES, _PIECE = 20, 500  # at least so many pieces of a target, at most so many cases of one
_KEPT = 3  # cases of one finding that are saved
_fork = multiprocessing.get_context("fork")  # everything is imported once


@dataclass
class Row:
    """What is known of a target, and what is to be done."""

    target: type[Target]
    figures: Figures = field(default_factory=Figures)
    found: dict[str, list[Found]] = field(default_factory=dict)  # by place


@dataclass
class Piece:
    """Cases that one process takes; `alone`: its memory is that of one case."""

    row: Row
    numbers: Sequence[int]
    alone: bool = False


class Running:
    """A piece in its process."""

    def __init__(self, piece: Piece, seed: int, end: float, keep: Path) -> None:
        self.piece = piece
        self.finished = False
        self.folder = Path(tempfile.mkdtemp(prefix="motion-preflight-fuzz-", dir=_quick_folder()))
        self._number = _fork.RawValue("q", piece.numbers[0])
        self.pipe, theirs = _fork.Pipe(duplex=False)
        self.process: BaseProcess = _fork.Process(
            target=partial(
                _work,
                piece,
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
        return [item for item in self.piece.numbers if item > number]

    def death(self, seed: int) -> Found:
        """What a process that ended by itself says of its last case."""
        hang = self.folder / "hang.txt"
        trace = hang.read_text(errors="replace") if hang.exists() else ""
        what = "it hangs" if trace else f"the process died ({self.process.exitcode})"
        return Found(self.piece.row.target.name, seed, self._number.value, what, what, trace)

    def end(self) -> None:
        """Ends the process and its children, and takes its folder away."""
        with contextlib.suppress(OSError):
            os.killpg(self.process.pid or 0, signal.SIGKILL)
        self.process.kill()
        self.process.join()
        self.pipe.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _work(
    piece: Piece,
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
    signal.signal(signal.SIGALRM, _hangs)
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    isolate(folder)
    target = piece.row.target(folder)

    def begin(case: int) -> None:
        number.value = case
        signal.setitimer(signal.ITIMER_REAL, target.clock)
        faulthandler.dump_traceback_later(target.clock + _GRACE, exit=True, file=hang)

    with (folder / "hang.txt").open("w", encoding="utf-8") as hang, contextlib.closing(target):
        numbers = takewhile(lambda _: time.monotonic() < end, piece.numbers)
        figures = run_cases(
            target,
            seed,
            numbers,
            begin=begin,
            found=lambda item: pipe.send(item.save(keep)),
            alone=piece.alone,
        )
        signal.setitimer(signal.ITIMER_REAL, 0)
        faulthandler.cancel_dump_traceback_later()
        pipe.send(figures)


def _hangs(_signal: int, _frame: FrameType | None) -> None:
    raise Hangs


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


def pieces(rows: Sequence[Row], counts: Sequence[int]) -> list[Piece]:
    """The cases of all targets in pieces, so ordered that the targets come along side by side."""
    placed = []
    for position, (row, count) in enumerate(zip(rows, counts, strict=True)):
        size = min(max(count // _PIECES, 10), _PIECE)
        for start in range(0, count, size):
            numbers = range(start, min(start + size, count))
            placed.append((start / count, position, Piece(row, numbers)))
    return [piece for _, _, piece in sorted(placed, key=lambda item: item[:2])]


def work_off(todo: list[Piece], seed: int, *, jobs: int, end: float, keep: Path) -> None:
    """Has every piece worked off, those of before `end`."""
    running: dict[Connection, Running] = {}
    todo.reverse()
    try:
        while running or (todo and time.monotonic() < end):
            while todo and len(running) < jobs and time.monotonic() < end:
                piece = todo.pop()
                if piece.numbers:
                    started = Running(piece, seed, end, keep)
                    running[started.pipe] = started
            for pipe in wait(list(running)):
                assert isinstance(pipe, Connection)
                _hear(pipe, running, todo, seed, keep)
    finally:
        for item in running.values():
            item.end()


def _hear(
    pipe: Connection, running: dict[Connection, Running], todo: list[Piece], seed: int, keep: Path
) -> None:
    """One message of a process, or its end."""
    item = running[pipe]
    piece = item.piece
    try:
        answer = pipe.recv()
    except EOFError:
        del running[pipe]
        item.process.join(_GRACE)
        if not item.finished:
            piece.row.figures.cases += len(piece.numbers) - len(item.rest)
            _note(piece.row, item.death(seed).save(keep), keep)
            todo.append(Piece(piece.row, item.rest))
        item.end()
        return
    if isinstance(answer, Figures):
        item.finished = True
        figures = piece.row.figures
        figures.cases += answer.cases
        figures.seconds += answer.seconds
        figures.worst = max(figures.worst, answer.worst)
        if answer.suspect is not None:
            todo.append(Piece(piece.row, item.rest))
            todo.append(Piece(piece.row, [answer.suspect], alone=True))
    else:
        _note(piece.row, answer, keep)


def _note(row: Row, found: Found, keep: Path) -> None:
    same = row.found.setdefault(found.place, [])
    same.append(found)
    if len(same) > _KEPT:
        shutil.rmtree(found.kept(keep), ignore_errors=True)
    if len(same) == 1:
        print(f"{found.target}: {found.what}\n    {found.repeat}", flush=True)
