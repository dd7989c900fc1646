"""Signals: the first one ends the program, and tears nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from motion_preflight.cli import signals as interruption
from motion_preflight.cli.exit_codes import INTERRUPTED
from motion_preflight.cli.signals import code_of, defer_signals, listen, stop_handling

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
NUMBERS = (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)


@pytest.fixture(autouse=True)
def _usual() -> Iterator[None]:
    """Every handler as it was; none is ignored, however the tests were started (by `nohup`)."""
    before = {number: signal.getsignal(number) for number in NUMBERS}
    for number in NUMBERS:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def send(number: int) -> None:
    os.kill(os.getpid(), number)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGHUP, 129), (signal.SIGTERM, 143)]
)
def test_the_first_one_ends_it_and_those_that_follow_at_once_do_not(number: int, code: int) -> None:
    listen()
    with pytest.raises((KeyboardInterrupt, SystemExit)) as caught:
        send(number)
    assert code_of(caught.value) == code
    for item in NUMBERS:
        send(item)


def test_one_that_comes_later_ends_it_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one may have been lost in a place that swallows it."""
    listen()
    with pytest.raises(KeyboardInterrupt):
        send(signal.SIGINT)
    monkeypatch.setattr(interruption, "_BURST", 0.0)
    with pytest.raises(SystemExit):
        send(signal.SIGTERM)


def test_what_is_being_written_is_written_first() -> None:
    listen()
    written = []
    with pytest.raises(SystemExit) as caught, defer_signals():  # noqa: PT012  it raises at the end
        send(signal.SIGTERM)
        send(signal.SIGINT)
        written.append("whole")
    assert (written, code_of(caught.value)) == (["whole"], 143)
    with defer_signals():
        written.append("nothing is left over")


def test_who_wants_out_of_what_is_being_written_gets_out(monkeypatch: pytest.MonkeyPatch) -> None:
    listen()
    monkeypatch.setattr(interruption, "_BURST", 0.0)
    written = []
    with pytest.raises(KeyboardInterrupt), defer_signals():  # noqa: PT012  the second is to end it
        send(signal.SIGINT)
        send(signal.SIGINT)
        written.append("never")
    assert written == []


def test_what_is_over_is_not_interrupted() -> None:
    listen()
    stop_handling()
    for number in NUMBERS:
        send(number)
    listen()
    with pytest.raises(KeyboardInterrupt):
        send(signal.SIGINT)


@pytest.mark.parametrize("number", NUMBERS)
def test_what_was_to_be_ignored_stays_so(number: int) -> None:
    signal.signal(number, signal.SIG_IGN)
    listen()
    send(number)
    assert signal.getsignal(number) is signal.SIG_IGN


def test_the_last_steps_of_the_interpreter_change_no_exit_code() -> None:
    """It forgets handlers before it is gone."""
    script = (
        "import os, sys, threading, time\n"
        "from motion_preflight.cli.signals import ignore, listen\n"
        "listen()\n"
        "class Late:\n"
        "    def __del__(self):\n"
        "        for number in (1, 2, 15): os.kill(os.getpid(), number)\n"
        "late = sys.late = Late()\n"
        "late.itself = late\n"
        "ignore()\n"
        "sys.exit(5)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (5, b"")


@pytest.mark.parametrize("code", [None, "text"])
def test_an_exit_without_a_number_counts_as_an_interruption(code: str | None) -> None:
    assert code_of(SystemExit(code)) == INTERRUPTED
