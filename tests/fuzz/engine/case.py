"""One case after the other in this process: what a target is, and what counts as a finding.

A case is made by its target's name, a seed and a number, and by nothing else.
"""

from __future__ import annotations

import os
import re
import resource
import sys
import time
import traceback
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import TYPE_CHECKING, ClassVar, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Self

    T = TypeVar("T")

MEMORY = 300_000_000  # bytes that this process and the largest of its children may hold together
_UNIT = 1 if sys.platform == "darwin" else 1024  # bytes of `ru_maxrss`
_INTERVAL = 0.003  # seconds
_PACKAGE = f"{os.sep}motion_preflight{os.sep}"
_NUMBERS = (
    0, 1, 2, 7, 8, 9, 12, 16, 127, 128, 255, 256, 1000, 1 << 15, (1 << 16) - 1, 1 << 16, 1 << 24,
    100 << 20, (1 << 31) - 1, 1 << 31, (1 << 32) - 1, 1 << 32, (1 << 63) - 1, 1 << 63,
    (1 << 64) - 1,
)  # fmt: skip


class Violation(Exception):  # noqa: N818  a finding, not an error of this program
    """Something that must hold does not."""


class CaseTimeout(BaseException):
    """A case takes longer than its target allows."""


class Dice(Random):
    """Where everything of a case comes from."""

    @classmethod
    def of(cls, target: str, seed: int, number: int) -> Self:
        return cls(f"{target} {seed} {number}")

    def likely(self, part: float) -> bool:
        """True in that part of the cases."""
        return self.random() < part

    def few(self, most: int) -> int:
        """A number from 1 to `most`, most often a small one."""
        return 1 + int((most - 1) * self.random() ** 3 + 0.5)

    def odd_number(self, most: int = (1 << 64) - 1) -> int:
        """A number as programs get wrong, from 0 to `most`."""
        number = self.choice(_NUMBERS) + self.choice((0, 0, 0, -1, 1))
        return min(max(number, 0), most) if self.likely(0.8) else self.randint(0, most)

    def pick(self, *choices: T) -> T:
        return self.choice(choices)


class Target(ABC):
    """One part of the program under cases. It works in `folder`, and `inputs` are what a finding
    saves: by file name, what the part was given.
    """

    name: ClassVar[str]
    share: ClassVar[int]  # of the cases of all targets, in relation to theirs
    clock: ClassVar[float] = 60.0  # seconds after which a case hangs
    processor: ClassVar[float] = 3.0  # seconds of this process that a case may need

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.memory = MEMORY  # what the case that runs may hold; one that decodes sets it higher
        self.inputs: dict[str, bytes] = {}

    @abstractmethod
    def run(self, dice: Dice) -> None:
        """One case. Whatever leaves it is a finding."""

    def close(self) -> None:  # noqa: B027  most have nothing to close
        """Ends what the target has running."""

    def note_input(self, name: str, what: bytes | str | object) -> None:
        """Notes what a part of the program is given."""
        if isinstance(what, bytes):
            self.inputs[name] = what
        else:
            text = what if isinstance(what, str) else _shown(what)
            self.inputs[name] = text.encode("utf-8", "surrogatepass")


def _shown(what: object) -> str:
    try:
        return repr(what)
    except ValueError:  # a number that is too long
        return f"a {type(what).__name__} that cannot be shown"


@dataclass(frozen=True)
class Finding:
    """One finding. Those of one `place` are taken for the same."""

    target: str
    seed: int
    number: int
    what: str
    place: str
    trace: str = ""
    inputs: dict[str, bytes] = field(default_factory=dict)

    @property
    def repeat(self) -> str:
        return f"scripts/fuzz --target {self.target} --seed {self.seed} --case {self.number}"

    def folder_in(self, keep: Path) -> Path:
        """The folder of the case."""
        return keep / f"{self.target}-{self.seed}-{self.number}"

    def save(self, keep: Path) -> Finding:
        """Writes the case into a folder of its own; what is left of it is small."""
        folder = self.folder_in(keep)
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in self.inputs.items():
            (folder / name).write_bytes(data)
        text = f"{self.repeat}\n\n{self.what}\n\n{self.trace}\n"
        (folder / "finding.txt").write_text(text, encoding="utf-8", errors="backslashreplace")
        return replace(self, inputs={})


@dataclass
class Figures:
    """What some cases came to."""

    cases: int = 0
    seconds: float = 0.0
    worst: int = 0  # bytes held at most, with the largest child
    suspect: int | None = None  # the case after which they were too many, whose ever they are


def run_cases(
    target: Target,
    seed: int,
    numbers: Iterable[int],
    *,
    begin: Callable[[int], None] = lambda _: None,
    report: Callable[[Finding], None],
    alone: bool = False,
) -> Figures:
    """Cases one after the other. Too much memory is a finding of a case that is `alone` in its
    process; in a row of cases it ends the row, because an earlier one may be to blame.
    """
    figures = Figures()
    for number in numbers:
        begin(number)
        target.inputs = {}
        _forget_peak()
        watch = Watch() if alone else None
        start, busy = time.monotonic(), time.process_time()
        what, place, trace = _problem(target, Dice.of(target.name, seed, number))
        busy = time.process_time() - busy
        figures.seconds += time.monotonic() - start
        memory = watch.end() if watch else peak()
        if memory > target.memory and not alone:
            figures.suspect = number
            break
        figures.cases += 1
        figures.worst = max(figures.worst, memory)
        if not what and busy > target.processor:
            what = place = f"it takes more than {target.processor:g} s of the processor"
            what += f" ({busy:.1f} s)"
        if not what and memory > target.memory:
            what, place = f"it takes {memory // 1_000_000} MB with children", "memory"
        if what:
            what = "".join(sign if sign.isprintable() else "·" for sign in what)[:300]
            report(Finding(target.name, seed, number, what, place, trace, dict(target.inputs)))
    return figures


def _problem(target: Target, dice: Dice) -> tuple[str, str, str]:
    """What is wrong with a case, where, and the whole story; empty when nothing is."""
    try:
        target.run(dice)
    except Violation as wrong:
        text = str(wrong)
        return text, re.sub(r"\d+", "N", text.partition(":")[0]), traceback.format_exc(limit=-3)
    except CaseTimeout:
        text = f"it takes more than {target.clock:g} s"
        return text, text, traceback.format_exc(limit=-12)
    except Exception as error:  # noqa: BLE001  every one of them is a finding
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if _PACKAGE in frame.filename] or list(frames)
        where = f"{Path(ours[-1].filename).name}:{ours[-1].lineno}"
        text = f"{type(error).__name__} at {where}: {error}"[:500]
        return text, f"{type(error).__name__} {where}", traceback.format_exc(limit=-12)
    return "", "", ""


def _forget_peak() -> None:
    """Lets the kernel count this process's peak anew."""
    if sys.platform == "linux":
        Path("/proc/self/clear_refs").write_bytes(b"5")


def peak() -> int:
    """Bytes that this process has held at most since `_forget_peak`, and the largest of all of its
    children: at most what they held together.
    """
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * _UNIT
    if sys.platform == "linux":
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        match = re.search(r"VmHWM:\s+(\d+) kB", status)
        if match:
            return int(match[1]) * 1024 + child
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT + child


class Watch(Thread):
    """Sees how much memory this process and its children hold at the same moment, now and then;
    `peak` can only say how much each held at its worst. For processes that lead a session.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._most, self._over = 0, Event()
        self.start()

    def run(self) -> None:
        while not self._over.wait(_INTERVAL):
            self._most = max(self._most, _memory_now())

    def end(self) -> int:
        """Bytes held at most."""
        self._over.set()
        self.join()
        child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * _UNIT
        return max(self._most, peak() - child, child)


def _memory_now() -> int:
    """Bytes that the processes of this session hold; 0 where the system does not tell."""
    session, pages = os.getsid(0), 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it may have ended
            parts = path.read_text(errors="replace").rpartition(")")[2].split()
            pages += int(parts[21]) if int(parts[3]) == session else 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def spread(shares: Sequence[int], cases: int) -> list[int]:
    """So many cases by shares; every share gets one at least."""
    return [max(round(cases * share / sum(shares)), 1) for share in shares]
