"""What stderr shows of a long run: on a real terminal, drawn over and gone; elsewhere in lines."""

from __future__ import annotations

import io
import os
import re
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import pytest
from builders import body, report, reports, seconds, video
from tqdm import tqdm

from motion_preflight.cli import progress
from motion_preflight.cli.commands import wait_progress
from motion_preflight.cli.commands.wait_progress import WaitProgress
from motion_preflight.cli.progress import Bar, Batch, Share, Steps, Ticker
from motion_preflight.provider.responses import Task
from motion_preflight.provider.state import State
from motion_preflight.report.totals import ReportTally
from motion_preflight.submission.polling import Followed

if TYPE_CHECKING:
    from collections.abc import Iterator

FULL = Path("/dev/full")


class Screen:
    """A terminal of some columns, and what it shows after all that was written to it."""

    def __init__(self, columns: int = 80) -> None:
        import fcntl  # noqa: PLC0415  not on every system
        import pty  # noqa: PLC0415
        import struct  # noqa: PLC0415
        import termios  # noqa: PLC0415

        self.columns = columns
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        os.set_blocking(self._master, False)
        self.stream: TextIO = os.fdopen(slave, "w", encoding="utf-8")
        self.written = ""

    def close(self) -> None:
        self.stream.close()
        os.close(self._master)

    @property
    def lines(self) -> list[str]:
        """What stands on it now, without blank ends and without lines of nothing."""
        return [line for item in self.shown() if (line := "".join(item).rstrip())]

    def shown(self) -> list[list[str]]:
        self._read()
        rows: list[list[str]] = [[]]
        column = 0
        for sign in re.findall("\x1b\\[[0-9;]*[A-Za-z]|.", self.written, re.DOTALL):
            row = rows[-1]
            if sign == "\r":
                column = 0
            elif sign == "\n":
                rows.append([])
                column = 0
            elif sign == "\x1b[K":
                del row[column:]
            elif not sign.startswith("\x1b"):
                row += [" "] * (column + 1 - len(row))
                row[column] = sign
                column += 1
                assert column <= self.columns, "a line that is too long wraps, and stays"
        return rows

    def _read(self) -> None:
        self.stream.flush()
        while True:
            try:
                piece = os.read(self._master, 1 << 16)
            except BlockingIOError:
                return
            self.written += piece.decode().replace("\r\n", "\n")


@pytest.fixture(params=[80, 120])
def screen(request: pytest.FixtureRequest) -> Iterator[Screen]:
    if os.name != "posix":
        pytest.skip("terminals of POSIX")
    built = Screen(request.param)
    yield built
    for bar in list(getattr(tqdm, "_instances", ())):
        bar.close()  # one that a failed test has left would take a line of the next one's
    built.close()


def shown_so_far(batch: Batch, tally: ReportTally, number: int = 3) -> None:
    """So many reports, slowly enough to be drawn."""
    built = reports()
    for index in range(number):
        tally.add(built[index % 3])
        time.sleep(0.12)
        batch.show(tally)


def test_a_terminal_shows_how_far_it_is_and_what_came_of_it(screen: Screen) -> None:
    batch, tally = Batch(screen.stream, lambda: 40, "USD"), ReportTally()
    shown_so_far(batch, tally, 6)
    (line,) = screen.lines
    assert re.match("6/40[ ,]", line)
    amount = tally.totals().amount
    cost = f"USD {amount.low:.2f} to {amount.high:.2f}"
    for item in ("2 pass", "2 fail", "2 unsure", cost, "/s", "left"):
        assert item in line
    assert ", ," not in line
    assert "; ," not in line
    batch.close()
    assert screen.lines == []


def test_a_long_run_of_much_money_fits_into_the_line_too(screen: Screen) -> None:
    batch, tally = Batch(screen.stream, lambda: 1_000_000, "USD"), ReportTally()
    dear = report(
        body(character_orientation="image"), video=video(durations=seconds("8", video="10.4"))
    )
    for _ in range(1234):
        tally.add(dear)
    batch._done = 123_456
    shown_so_far(batch, tally)
    (line,) = screen.lines
    assert re.match("123459/1000000[ ,]", line)
    assert "1 fail" in line
    assert f"{tally.totals().amount.high:.2f}" in line
    batch.close()
    assert screen.lines == []


@pytest.mark.parametrize("total", [None, 1, 2])
def test_how_many_there_are_may_not_be_known_or_be_wrong(total: int | None, screen: Screen) -> None:
    batch = Batch(screen.stream, lambda: total, "USD")
    shown_so_far(batch, ReportTally(), 4)
    (line,) = screen.lines
    assert line.startswith("4/")
    batch.close()
    assert screen.lines == []


def test_the_bar_makes_room_for_other_lines_and_comes_back(screen: Screen) -> None:
    batch, tally = Batch(screen.stream, lambda: 40, "USD"), ReportTally()
    shown_so_far(batch, tally)
    batch.clear()
    assert screen.lines == []
    screen.stream.write("motion-preflight: a.jsonl:3: not JSON\n")
    shown_so_far(batch, tally)
    answer, bar = screen.lines
    assert answer == "motion-preflight: a.jsonl:3: not JSON"
    assert re.match("6/40[ ,]", bar)
    batch.close()
    assert screen.lines == ["motion-preflight: a.jsonl:3: not JSON"]


def test_one_request_needs_no_bar_and_nobody_counts_them(screen: Screen) -> None:
    def expected() -> int:
        raise AssertionError("it reads a whole file")

    batch = Batch(screen.stream, expected, "USD")
    shown_so_far(batch, ReportTally(), 1)
    batch.clear()
    batch.close()
    assert screen.written == ""
    assert screen.lines == []


def test_no_terminal_gets_a_line_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_LINES", 0.0)
    stream = io.StringIO()
    batch, tally = Batch(stream, lambda: 9, "USD"), ReportTally()
    shown_so_far(batch, tally, 4)
    batch.clear()
    batch.close()
    assert stream.getvalue().splitlines() == [
        "2 requests so far: 1 pass, 1 fail, 0 unsure, USD 0.46",
        "3 requests so far: 1 pass, 1 fail, 1 unsure, USD 0.91 to 1.09",
        "4 requests so far: 2 pass, 1 fail, 1 unsure, USD 1.37 to 1.54",
    ]


def test_no_terminal_gets_nothing_of_a_short_run_or_of_one_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = io.StringIO()
    shown_so_far(Batch(stream, lambda: None, "USD"), ReportTally(), 4)
    monkeypatch.setattr(progress, "_LINES", 0.0)
    shown_so_far(Batch(stream, lambda: None, "USD"), ReportTally(), 1)
    assert stream.getvalue() == ""


def test_what_is_counted_and_what_stands_beside_the_number_are_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress, "_LINES", 0.0)
    stream = io.StringIO()
    steps = Steps(stream, lambda: 3, "media")
    for unmeasured in range(3):
        steps.step(f"{unmeasured} not measured".format)
    steps.close()
    assert stream.getvalue().splitlines() == [
        "2 media: 1 not measured",
        "3 media: 2 not measured",
    ]


def nobody_reads() -> TextIO:
    """A stream into a pipe whose reader has left."""
    reader, writer = os.pipe()
    os.close(reader)
    return os.fdopen(writer, "w")


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
@pytest.mark.parametrize("kind", ["full", "left"])
def test_a_stderr_that_takes_nothing_ends_no_run(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_LINES", 0.0)
    stream = FULL.open("w") if kind == "full" else nobody_reads()
    try:
        batch = Batch(stream, lambda: None, "USD")
        shown_so_far(batch, ReportTally(), 3)
        batch.close()
        ticker = Ticker(stream)
        ticker.show("a", "running", "a is running")
        ticker.clear()
    finally:
        with suppress(OSError):
            stream.close()


# Whole files


def test_the_bar_of_a_file_is_drawn_over_and_gone(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_PERIOD", 0.0)
    bar = Bar(screen.stream)
    bar(1 << 20, 4 << 20)
    assert screen.lines == ["downloading: [######..................] 1.0 of 4.2 MB"]
    bar(4 << 20, 4 << 20)
    assert screen.lines == ["downloading: [########################] 4.2 of 4.2 MB"]
    bar(9 << 20, 4 << 20)  # it was longer than it said
    assert screen.lines == ["downloading: [########################] 9.4 of 4.2 MB"]
    bar(2 << 20, None)
    assert screen.lines == ["downloading: 2.1 MB"]
    bar.clear()
    bar.clear()
    assert screen.lines == []


@pytest.fixture(params=[20, 40, 50, 57, 58])
def narrow(request: pytest.FixtureRequest) -> Iterator[Screen]:
    if os.name != "posix":
        pytest.skip("terminals of POSIX")
    built = Screen(request.param)
    yield built
    built.close()


def test_a_narrow_terminal_is_left_as_it_was(
    narrow: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_PERIOD", 0.0)
    monkeypatch.delenv("COLUMNS", raising=False)
    screen, columns = narrow, narrow.columns
    bar, share = Bar(screen.stream), Share(screen.stream, "making the clip")
    bar(512 << 20, 1 << 30)
    (line,) = screen.lines
    assert line.startswith("downloading: ")
    assert ("[" in line) == (columns >= 50)
    bar.clear()
    share(0.5)
    (line,) = screen.lines
    assert line.startswith("making the clip: "[: columns - 1])
    share.clear()
    batch = Batch(screen.stream, lambda: 40, "USD")
    shown_so_far(batch, ReportTally())
    (line,) = screen.lines
    assert line.startswith("3/40"[:columns])
    batch.close()
    assert screen.lines == []


def test_the_bar_of_a_small_file_is_none(screen: Screen) -> None:
    bar = Bar(screen.stream)
    bar(1000, (1 << 20) - 1)
    bar(1000, None)
    bar.clear()
    assert screen.lines == []
    assert screen.written == ""


def test_no_terminal_gets_no_bar_of_a_file() -> None:
    stream = io.StringIO()
    bar = Bar(stream)
    bar(1 << 20, 4 << 20)
    bar.clear()
    assert stream.getvalue() == ""


# Waiting


def test_a_terminal_shows_what_is_waited_for_on_one_line(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(screen.columns))
    ticker = Ticker(screen.stream)
    for text in ("a: pending", "a: running, 5 %", "b: " + "x" * 500):
        ticker.show("a", "running", text)
        assert screen.lines == [text[: screen.columns - 1]]
    ticker.clear()
    assert screen.lines == []


def test_a_narrow_terminal_shows_how_a_task_is_doing_rather_than_its_name(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(screen.columns))
    name = "task_" + "0" * (screen.columns - 20)
    Ticker(screen.stream).show(name, "running", f"1 of 3 over; task {name}: running, 5 %")
    assert screen.lines == ["1 of 3 over; running, 5 %"]


def test_no_terminal_gets_a_line_when_something_changes_and_now_and_then(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = io.StringIO()
    ticker = Ticker(stream)
    for name, state in [("a", "x"), ("a", "x"), ("b", "x"), ("a", "y"), ("a", "x"), ("b", "x")]:
        ticker.show(name, state, f"{name} {state}")
    ticker.clear()
    assert stream.getvalue().splitlines() == ["a x", "b x", "a y", "a x"]
    monkeypatch.setattr(progress, "_QUIET", 0.0)
    ticker.show("a", "x", "still a x")
    assert stream.getvalue().splitlines()[-1] == "still a x"


def test_lines_that_come_too_soon_are_left_out_but_for_the_last() -> None:
    stream = io.StringIO()
    ticker = Ticker(stream, pause=1000.0)
    for number in range(4):
        ticker.show("", str(number), f"{number} of 4")
    assert stream.getvalue().splitlines() == ["0 of 4"]
    ticker.show("", "3", "3 of 4", last=True)
    ticker.show("", "3", "3 of 4", last=True)  # nothing is new
    assert stream.getvalue().splitlines() == ["0 of 4", "3 of 4"]


def untimed(lines: list[str]) -> list[str]:
    return [re.sub(", after [0-9]+ min [0-9]+ s", "", line) for line in lines]


def followed(number: int, state: State | None, **more: Any) -> Followed:
    """A task as a poll has shown it; `None`: no poll was answered."""
    task = Task("a word", state, None, None, None, (), None) if state else None
    return Followed(f"task_{number}", ours=True, task=task, **more)


def test_of_many_tasks_no_terminal_gets_their_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wait_progress, "_PERIOD", 0.0)
    stream = io.StringIO()
    shown = WaitProgress(stream, 6, 600)
    shown.show(followed(1, State.SUBMITTED))
    shown.show(followed(2, State.SUBMITTED))  # the counts are the same
    shown.show(followed(1, State.COMPLETED))
    shown.show(followed(2, State.FAILED, doubted=True))
    shown.show(followed(2, State.FAILED))
    shown.show(followed(3, None, trouble="502 Bad"))
    shown.show(followed(3, None, trouble="401 Unauthorized", given_up=True))
    shown.end()
    assert untimed(stream.getvalue().splitlines()) == [
        "waiting for 6 tasks, 10 min 00 s at most",
        "0 of 6 tasks over; 6 under way",
        "1 of 6 tasks over: 1 completed; 5 under way",
        "2 of 6 tasks over: 1 completed, 1 failed; 4 under way",
        "2 of 6 tasks over: 1 completed, 1 failed; 4 under way (no answer about 1: 502 Bad)",
        "3 of 6 tasks over: 1 completed, 1 failed, 1 asked no more; 3 under way",
    ]


def test_of_few_tasks_each_is_told(screen: Screen) -> None:
    stream = io.StringIO()
    for target in (stream, screen.stream):
        shown = WaitProgress(target, 2, 600)
        shown.show(followed(1, State.SUBMITTED))
        shown.show(followed(2, State.COMPLETED))
    lines = ["0 of 2 over; task task_1: a word", "1 of 2 over; task task_2: a word"]
    assert untimed(stream.getvalue().splitlines()) == lines
    assert untimed(screen.lines) == lines[1:]
    shown.end()
    assert screen.lines == []


@pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")
def test_what_a_terminal_shows_is_read_back_here_as_it_is() -> None:
    screen = Screen(80)
    screen.stream.write("abc\rx\n\r\x1b[Kdef\x1b[31m g\x1b[0m\r\x1b[K\n12345\r   \r")
    assert ["".join(row) for row in screen.shown()] == ["xbc", "", "   45"]
    screen.close()
