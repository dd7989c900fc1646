"""Where output goes: reports to stdout or files, what went wrong and questions to stderr."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight.formats.style import Style
from motion_preflight.source.location import printable
from motion_preflight.text.workflow_commands import json_without_commands, without_commands

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TextIO

    from motion_preflight.budget import Totals
    from motion_preflight.errors import ManifestInvalid
    from motion_preflight.formats.writer import Writer
    from motion_preflight.receipt import Receipt
    from motion_preflight.report import Report

_JSON = frozenset(("json", "jsonl", "sarif"))


def prepare_streams() -> None:
    """Makes both streams take whatever is printed, also when they are closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by who started us
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, TextIOWrapper):  # a path may hold what the stream cannot show
            stream.reconfigure(errors="backslashreplace")


def write_all(
    formats: Sequence[tuple[str, Path | None]],
    render: Callable[[str, Style], str],
    *,
    must_be_read: bool = False,
) -> bool:
    """Writes every format that was asked for; False when one could not be written, or, if it must
    be read, when its reader has left.
    """
    written = True
    for name, path in formats:
        try:
            content = render(name, Style.of(sys.stdout) if path is None else Style())
            _write(_harmless(name, content), path)
        except BrokenPipeError:  # the reader has left, and the exit code still tells the verdict
            print_nowhere()
            written = written and not must_be_read
        except OSError as error:
            say(f"motion-preflight: {path or 'the output'}: cannot be written ({error.strerror})")
            written = False
            if path is None:
                print_nowhere()
    return written


class Sinks:
    """Writers, each with the stream or file that it goes to, opened when there is something to
    write. One that cannot be written is named once, and the others go on.
    """

    def __init__(
        self,
        formats: Sequence[tuple[str, Path | None]],
        make: Callable[[str, Style], Writer],
        before_printing: Callable[[], None] = lambda: None,
    ) -> None:
        self._formats = formats
        self._make = make
        self._before_printing = before_printing
        self._open: list[tuple[str, Writer, Path | None, TextIO | None]] | None = None
        self._written = True

    def report(self, report: Report, receipt: Receipt | None = None) -> None:
        self._each(lambda writer: writer.report(report, receipt))

    def mistake(self, mistake: ManifestInvalid) -> None:
        self._each(lambda writer: writer.mistake(mistake))

    def failure(self, message: str) -> None:
        self._each(lambda writer: writer.failure(message))

    def end(self, totals: Totals) -> bool:
        """Finishes all of them; False when one could not be written."""
        self._each(lambda writer: writer.end(totals))
        for _, _, path, file in self._open or []:
            try:
                if file is not None:
                    file.close()
            except BrokenPipeError:  # as above
                pass
            except OSError as error:
                self._lost(path, error)
        return self._written

    def _each(self, part: Callable[[Writer], str]) -> None:
        if self._open is None:
            self._open = list(self._opened())
            self._each(lambda writer: writer.begin())
        for sink in list(self._open):
            name, writer, path, file = sink
            content = _harmless(name, part(writer))
            try:
                if file is not None:
                    file.write(content)
                elif content:
                    self._before_printing()
                    _print(content)
            except OSError as error:
                self._open.remove(sink)
                if file is not None:
                    with suppress(OSError):
                        file.close()
                if not isinstance(error, BrokenPipeError):
                    self._lost(path, error)
                elif file is None:  # the reader has left; the exit code still tells the verdict
                    print_nowhere()

    def _opened(self) -> Iterator[tuple[str, Writer, Path | None, TextIO | None]]:
        for name, path in self._formats:
            writer = self._make(name, Style.of(sys.stdout) if path is None else Style())
            try:
                yield name, writer, path, None if path is None else _created(path)
            except OSError as error:
                self._lost(path, error)

    def _lost(self, path: Path | None, error: OSError) -> None:
        say(f"motion-preflight: {path or 'the output'}: cannot be written ({error.strerror})")
        self._written = False
        if path is None:
            print_nowhere()


def writable(path: Path) -> bool:
    """Whether a file can be written; said if not. One that is not there is made."""
    try:
        path.open("a", encoding="utf-8").close()
    except OSError as error:
        say(f"motion-preflight: {path}: cannot be written ({error.strerror})")
        return False
    return True


def _created(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", errors="backslashreplace")


def _print(content: str) -> None:
    """All of it on stdout, also where Python does not buffer it and a signal comes in between."""
    sys.stdout.flush()
    binary, encoding = sys.stdout.buffer, sys.stdout.encoding
    left = memoryview(content.encode(encoding, "backslashreplace"))
    while left:
        left = left[binary.write(left) or 0 :]
    binary.flush()


def print_nowhere() -> None:
    """Sends what is still to be printed nowhere, so that nobody complains at the end."""
    with suppress(OSError), Path(os.devnull).open("wb") as nowhere:  # no descriptor may be left
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def say(message: str, *, traceback: bool = False) -> None:
    """One line on stderr, wrapped on a terminal; with the traceback of what is being handled."""
    if traceback:
        from traceback import format_exc  # noqa: PLC0415

        with suppress(OSError):
            print(without_commands(format_exc()), end="", file=sys.stderr, flush=True)
    message = "\n".join(printable(line) for line in message.splitlines())
    if sys.stderr.isatty():  # elsewhere it is one line
        message = "\n".join(Style.of(sys.stderr).wrap(message, "  ", ""))
    with suppress(OSError):
        print(without_commands(message), file=sys.stderr, flush=True)


def can_ask() -> bool:
    """Whether somebody is there to answer."""
    return sys.stdin is not None and sys.stdin.isatty()


def agreed(question: str) -> bool:
    """Whether the answer to a question is yes; anything else is no."""
    with suppress(OSError):
        print(f"{without_commands(question)} [y/N] ", end="", file=sys.stderr, flush=True)
    try:
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        say("")
        return False
    except (OSError, ValueError):  # the terminal is gone, or it sends what is no text
        return False
    return answer.strip().lower() in {"y", "yes"}


def _harmless(name: str, content: str) -> str:
    """The content of a format, which no runner takes for commands unless that is its purpose."""
    if name == "github":
        return content
    return json_without_commands(content) if name in _JSON else without_commands(content)


def _write(content: str, path: Path | None) -> None:
    if path is None:
        print(content, flush=True)
    else:
        path.write_text(f"{content}\n", encoding="utf-8", errors="backslashreplace")
