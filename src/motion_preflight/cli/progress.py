"""What stderr shows while something takes long: a bar for bytes or requests, a line for waiting."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from motion_preflight.formats.terminal import columns_of
from motion_preflight.report.findings import Verdict
from motion_preflight.text.numbers import format_cents
from motion_preflight.text.workflow_commands import without_commands

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import NoReturn, TextIO

    from tqdm import tqdm

    from motion_preflight.report.totals import ReportTally

T = TypeVar("T")
_PERIOD = 0.1  # seconds between two drawings of a bar
_CELLS = 24  # of a bar, at most
_FEWEST = 6  # cells of a bar; where there is no room for them, the numbers stand alone
_TELLING = 0.05  # part of a work after which the time it took tells something
_WORTH = 1 << 20  # bytes; a smaller file arrives too soon for a bar
_LINES = 10.0  # seconds between two lines about a long run
_QUIET = 60.0  # seconds between two lines that say the same


class Bar:
    """A bar for the bytes of a download. It is drawn over its own line and removed at the end."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._on = stream.isatty()
        self._next = 0.0
        self._drawn = False
        self._lock = threading.Lock()

    def __call__(self, done: int, total: int | None) -> None:
        with self._lock:
            now = time.monotonic()
            if not self._on or now < self._next or (total or done) < _WORTH:
                return
            self._next, self._drawn = now + _PERIOD, True
            _draw(self._stream, "downloading", *_bytes(done, total))

    def for_one_of(self, things: Iterable[T]) -> Iterator[T]:
        """Passes things on. There is a bar while the first is the only one: with more of them the
        bytes of several files would be mixed.
        """
        for number, thing in enumerate(things):
            if number == 1:
                self.clear()
                self._on = False
            yield thing

    def clear(self) -> None:
        """Removes the bar from the terminal."""
        with self._lock:
            if self._drawn:
                _put(self._stream, "\r\x1b[K")
                self._drawn = False


def _bytes(done: int, total: int | None) -> tuple[float | None, str]:
    if not total:
        return None, f"{done / 1e6:.1f} MB"
    return done / total, f"{done / 1e6:.1f} of {total / 1e6:.1f} MB"


class Share:
    """A bar for work whose end is known, with the time that is left; nothing where no person looks
    on. It is drawn over its own line and removed at the end.
    """

    def __init__(self, stream: TextIO, work: str) -> None:
        self._stream = stream
        self._work = work
        self._on = stream.isatty()
        self._began = time.monotonic()
        self._drawn = False

    def __call__(self, done: float) -> None:
        if not self._on:
            return
        self._drawn = True
        passed = time.monotonic() - self._began
        left = f", {passed / done * (1 - done):.0f} s left" if done > _TELLING else ""
        _draw(self._stream, self._work, done, f"{done:.0%}{left}")

    def clear(self) -> None:
        """Removes the bar from the terminal."""
        if self._drawn:
            _put(self._stream, "\r\x1b[K")
            self._drawn = False


class Steps:
    """Shows how many things are done: as a bar on a terminal (drawn by tqdm), elsewhere as a line
    every ten seconds. A single thing or a short run shows nothing.
    """

    def __init__(self, stream: TextIO, expected: Callable[[], int | None], things: str) -> None:
        self._stream = stream
        self._expected = expected
        self._things = things
        self._bar: tqdm[NoReturn] | None = None
        self._done = 0
        self._next = time.monotonic() + _LINES

    def step(self, text: Callable[[], str]) -> None:
        """Counts one more as done; `text` makes the words beside the number, where they
        are shown.
        """
        self._done += 1
        if self._done < 2:
            return  # a single thing needs no bar
        if self._stream.isatty():
            bar = self._bar if self._bar is not None else self._new_bar()
            bar.set_postfix_str(text(), refresh=False)
            bar.update(self._done - bar.n)
        elif time.monotonic() >= self._next:
            self._next = time.monotonic() + _LINES
            _put(self._stream, f"{self._done:,} {self._things}: {text()}\n")

    def clear(self) -> None:
        """Removes the bar for now, so that another line can be printed."""
        if self._bar is not None:
            self._bar.clear()

    def close(self) -> None:
        """Removes the bar for good."""
        if self._bar is not None:
            self._bar.close()

    def _new_bar(self) -> tqdm[NoReturn]:
        from tqdm import tqdm  # noqa: PLC0415  needed on a terminal only

        self._bar = tqdm(
            total=self._expected(),
            file=self._stream,
            leave=False,
            dynamic_ncols=True,
            unit="",
            miniters=1,
            bar_format="{n_fmt}/{total_fmt}{postfix}, {rate_fmt}, {remaining} left {bar}",
        )
        return self._bar


class Batch(Steps):
    """Shows how many requests are done, with their verdicts and cost."""

    def __init__(self, stream: TextIO, expected: Callable[[], int | None], currency: str) -> None:
        super().__init__(stream, expected, "requests so far")
        self._currency = currency

    def show(self, tally: ReportTally) -> None:
        """Counts one more report; `tally` sums up all of them."""
        self.step(lambda: self._text(tally))

    def _text(self, tally: ReportTally) -> str:
        totals = tally.totals()
        counted = ", ".join(f"{totals.verdicts[verdict]:,} {verdict}" for verdict in Verdict)
        cost = format_cents(totals.amount.low, totals.amount.high, self._currency)
        return f"{counted}, {cost}"


class Ticker:
    """Shows what is being waited for: on a terminal one line that is drawn over; elsewhere a line
    when something changes, but none within `pause` seconds of the one before, and once a minute.
    """

    def __init__(self, stream: TextIO, pause: float = 0.0) -> None:
        self._stream = stream
        self._on = stream.isatty()
        self._pause = pause
        self._lines: dict[str, tuple[str, float]] = {}  # the state of the last line, and its time

    def show(self, name: str, state: str, text: str, *, last: bool = False) -> None:
        """Shows how the task `name` is doing. Another `state` counts as a change, for which the
        `last` line does not wait. Where there is no room for its name, the rest is shown.
        """
        if self._on:
            columns = columns_of(self._stream) - 1
            short = text if len(text) <= columns else text.replace(f"task {name}: ", "", 1)
            _put(self._stream, f"\r\x1b[K{short[:columns]}")
            return
        now = time.monotonic()
        line = self._lines.get(name)
        changed = line is None or state != line[0]
        passed = float("inf") if line is None else now - line[1]
        if passed >= _QUIET or (changed and (last or passed >= self._pause)):
            self._lines[name] = state, now
            _put(self._stream, f"{without_commands(text)}\n")

    def clear(self) -> None:
        """Removes the line from the terminal."""
        if self._on:
            _put(self._stream, "\r\x1b[K")


def _draw(stream: TextIO, work: str, share: float | None, numbers: str) -> None:
    """Draws a line over the last one: the work, a bar of the share that is done (`None`: it is not
    known), and numbers. It is never wider than the terminal, where it could not be removed.
    """
    columns = columns_of(stream) - 1  # a sign in the last column may begin a new line
    cells = min(columns - len(f"{work}: [] {numbers}"), _CELLS)
    bar = ""
    if share is not None and cells >= _FEWEST:
        full = min(int(share * cells), cells)
        bar = f"[{'#' * full}{'.' * (cells - full)}] "
    _put(stream, f"\r\x1b[K{f'{work}: {bar}{numbers}'[:columns]}")


def _put(stream: TextIO, text: str) -> None:
    """Writes a text at once; a stream that no longer accepts any is not a reason to stop."""
    with suppress(OSError):
        stream.write(text)
        stream.flush()
