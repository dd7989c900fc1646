"""Where output goes: reports to stdout or files, errors and questions to stderr."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight.formats.source_location import place_of
from motion_preflight.formats.style import Style, kept
from motion_preflight.text.locations import extension, printable
from motion_preflight.text.workflow_commands import json_without_commands, without_commands

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import TextIO

    from motion_preflight.formats.writer import Writer
    from motion_preflight.report.findings import Report
    from motion_preflight.report.totals import Totals
    from motion_preflight.request.errors import ManifestInvalid
    from motion_preflight.submission.receipt import Receipt

_LONGEST = 4000  # characters of a message, which may repeat an input of any length
_JSON = frozenset(("json", "jsonl", "sarif"))


def prepare_streams() -> None:
    """Makes both streams accept whatever is printed, also when they are closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the program that started us
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif isinstance(stream, TextIOWrapper):  # the stream may be unable to show a path
            stream.reconfigure(errors="backslashreplace")


def write_all(
    formats: Sequence[tuple[str, Path | None]],
    render: Callable[[str, Style], str],
    *,
    must_be_read: bool = False,
) -> bool:
    """Writes every format that was asked for. False when one could not be written, or, with
    `must_be_read`, when the reader of stdout has left.
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


class ReportOutputs:
    """Writes reports in several formats, each to its stream or file, which is opened when there is
    something to write. An output that fails is reported once, and the others go on.

    `make` gives the writer of a format; it is called now, because it may import a module, for which
    a file must be opened: when media are being measured, no file descriptor may be left.
    """

    def __init__(
        self,
        formats: Sequence[tuple[str, Path | None]],
        make: Callable[[str, Style], Writer],
        before_printing: Callable[[], None] = lambda: None,
    ) -> None:
        self._writers = [
            (name, make(name, Style.of(sys.stdout) if path is None else Style()), path)
            for name, path in formats
        ]
        self._before_printing = before_printing
        self._open: list[tuple[str, Writer, Path | None, TextIO | None]] | None = None
        self._written = True

    def report(self, report: Report, receipt: Receipt | None = None) -> None:
        """Writes one report, with its receipt where it was sent, to every output."""
        self._write_part(lambda writer: writer.report(report, receipt))

    def invalid_entry(self, mistake: ManifestInvalid) -> None:
        """Writes to every output that a place holds no request."""
        self._write_part(lambda writer: writer.invalid_entry(mistake))

    def failure(self, message: str) -> None:
        """Writes to every output what ended the run."""
        self._write_part(lambda writer: writer.failure(message))

    def end(self, totals: Totals) -> bool:
        """Writes the end of every output and closes the files; False when one could not be
        written.
        """
        self._write_part(lambda writer: writer.end(totals))
        for _, _, path, file in self._open or []:
            try:
                if file is not None:
                    file.close()
            except BrokenPipeError:  # as above
                pass
            except OSError as error:
                self._lost(path, error)
        return self._written

    def _write_part(self, part: Callable[[Writer], str]) -> None:
        if self._open is None:
            self._open = list(self._opened())
            self._write_part(lambda writer: writer.begin())
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
                elif file is None:  # the reader left; the exit code still tells the verdict
                    print_nowhere()

    def _opened(self) -> Iterator[tuple[str, Writer, Path | None, TextIO | None]]:
        for name, writer, path in self._writers:
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
    """Whether a file can be written; if not, stderr says why. A missing file is created."""
    try:
        path.open("a", encoding="utf-8").close()
    except OSError as error:
        say(f"motion-preflight: {path}: cannot be written ({error.strerror})")
        return False
    return True


def _created(path: Path) -> TextIO:
    return path.open("w", encoding="utf-8", errors="backslashreplace")


def _print(content: str) -> None:
    """Prints all of it on stdout, also where Python does not buffer and a signal interrupts a
    write.
    """
    sys.stdout.flush()
    binary, encoding = sys.stdout.buffer, sys.stdout.encoding
    left = memoryview(content.encode(encoding, "backslashreplace"))
    while left:
        left = left[binary.write(left) or 0 :]
    binary.flush()


def print_nowhere(stream: TextIO | None = None) -> None:
    """Discards what is still printed on a stream, `None`: stdout, so that nothing complains about
    it at the end.
    """
    # OSError: no file descriptor may be left. ValueError: the stream is closed.
    with suppress(OSError, ValueError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), (stream or sys.stdout).fileno())


def say(message: str, *, traceback: bool = False) -> None:
    """Prints a message on stderr, wrapped on a terminal; `traceback` adds that of the current
    exception.
    """
    if traceback:
        from traceback import format_exc  # noqa: PLC0415

        with suppress(OSError):
            print(without_commands(format_exc()), end="", file=sys.stderr, flush=True)
    message = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"
    message = "\n".join(printable(line) for line in message.splitlines())
    if sys.stderr.isatty():  # elsewhere the message stays on one line
        message = "\n".join(Style.of(sys.stderr).paragraph(_place_kept(message), "  ", ""))
    with suppress(OSError):
        print(without_commands(message), file=sys.stderr, flush=True)


def _place_kept(message: str) -> str:
    """The message, in which no line is broken within the file that it begins with."""
    program, colon, rest = message.partition(": ")
    name, _, _ = rest.partition(": ")
    ending = extension(place_of(name).name)
    named = len(name) < len(rest) and ending.isalnum() and not ending.isdecimal()
    return f"{program}{colon}{kept(name) if named else name}{rest[len(name) :]}"


def can_ask() -> bool:
    """Whether stdin is a terminal, where somebody may answer."""
    return sys.stdin is not None and sys.stdin.isatty()


def agreed(question: str) -> bool:
    """Asks a yes-or-no question; True for yes, False for any other answer."""
    question = f"{question} [y/N]"
    if sys.stderr.isatty():
        question = "\n".join(Style.of(sys.stderr).paragraph(question, "  ", ""))
    with suppress(OSError):
        print(f"{without_commands(question)} ", end="", file=sys.stderr, flush=True)
    try:
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        say("")
        return False
    except (OSError, ValueError):  # the terminal is gone, or sends bytes that are no text
        return False
    return answer.strip().lower() in {"y", "yes"}


def _harmless(name: str, content: str) -> str:
    """The content of a format, in which no CI runner finds commands, unless those are its
    purpose.
    """
    if name == "github":
        return content
    return json_without_commands(content) if name in _JSON else without_commands(content)


def _write(content: str, path: Path | None) -> None:
    if path is None:
        print(content, flush=True)
    else:
        path.write_text(f"{content}\n", encoding="utf-8", errors="backslashreplace")
