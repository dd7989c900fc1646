"""Where output goes: reports to stdout or files, what went wrong and questions to stderr."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight.formats.style import Style

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def prepare_streams() -> None:
    """Makes both streams take whatever is printed, also when they are closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by who started us
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, TextIOWrapper):  # a path may hold what the stream cannot show
            stream.reconfigure(errors="backslashreplace")


def write_all(
    formats: Sequence[tuple[str, Path | None]], render: Callable[[str, Style], str]
) -> bool:
    """Writes every format that was asked for; False when one could not be written."""
    written = True
    for name, path in formats:
        try:
            _write(render(name, Style.of(sys.stdout) if path is None else Style()), path)
        except BrokenPipeError:  # the reader has left, and the exit code still tells the verdict
            print_nowhere()
        except OSError as error:
            say(f"motion-preflight: {path or 'the output'}: cannot be written ({error.strerror})")
            written = False
            if path is None:
                print_nowhere()
    return written


def print_nowhere() -> None:
    """Sends what is still to be printed nowhere, so that nobody complains at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(message: str, *, traceback: bool = False) -> None:
    """One line on stderr, wrapped on a terminal; with the traceback of what is being handled."""
    if traceback:
        from traceback import print_exc  # noqa: PLC0415

        print_exc()
    if sys.stderr.isatty():  # elsewhere it is one line
        message = "\n".join(Style.of(sys.stderr).wrap(message, "  ", ""))
    with suppress(OSError):
        print(message, file=sys.stderr, flush=True)


def can_ask() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin is not None and sys.stdin.isatty()


def agreed(question: str) -> bool:
    """Whether the answer to a question is yes; anything else is no."""
    with suppress(OSError):
        print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _write(content: str, path: Path | None) -> None:
    if path is None:
        print(content, flush=True)
    else:
        path.write_text(f"{content}\n", encoding="utf-8", errors="backslashreplace")
