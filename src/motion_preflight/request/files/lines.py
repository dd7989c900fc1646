"""JSON lines, one request a line, and stdin, which may hold lines or one JSON document."""

from __future__ import annotations

from itertools import chain
from typing import IO, TYPE_CHECKING

from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.files.document import requests_of_document
from motion_preflight.request.files.encoding import stream_with, utf8_stream
from motion_preflight.request.files.entry import LARGEST
from motion_preflight.request.files.json_mistakes import mistake
from motion_preflight.request.files.json_text import parsed
from motion_preflight.request.files.table_header import starts_table
from motion_preflight.request.files.wrappers import entries_of
from motion_preflight.text.locations import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from motion_preflight.request.files.entry import RequestEntry

_LONGEST = 1 << 20  # bytes of a line


def requests_of_lines(
    file: IO[bytes], name: str, folder: Path | None
) -> Iterator[RequestEntry | ManifestInvalid]:
    """The request of each line. Blank lines hold none, but count for the line numbers."""
    yield from _requests(_lines(utf8_stream(file)), name, folder)


def requests_of_stream(stream: IO[bytes]) -> Iterator[RequestEntry | ManifestInvalid]:
    """The requests of stdin: JSON lines if the first line is an object by itself, a table if it
    names fields, otherwise a JSON document.
    """
    stream = utf8_stream(stream)
    lines = [stream.readline(LARGEST)]
    if _is_object(lines[0]):
        yield from _requests(chain(lines, _lines(stream)), "-", None)
        return
    if starts_table(lines[0]):
        from motion_preflight.request.files.table import requests_of_table  # noqa: PLC0415  rare

        yield from requests_of_table(stream_with(lines[0], stream), "-", None)
        return
    left = LARGEST - len(lines[0])
    while left > 0 and (line := stream.readline(left)):
        lines.append(line)
        left -= len(line)
    if left > 0 and not any(_is_object(line) for line in lines[1:]):
        # Raises when it is not a document.
        yield from requests_of_document(b"".join(lines), "-", None)
    else:  # only a list has further lines that are whole objects
        if left <= 0 and not lines[-1].endswith(b"\n"):  # the size limit cut this line
            lines[-1] += stream.readline(_LONGEST)
            _leave(stream, lines[-1])
        try:
            document = [] if left <= 0 else list(requests_of_document(b"".join(lines), "-", None))
        except ManifestInvalid:
            document = []
        yield from document or _requests(chain(lines, _lines(stream)), "-", None)


def _requests(
    lines: Iterable[bytes], name: str, folder: Path | None
) -> Iterator[RequestEntry | ManifestInvalid]:
    label, none = printable(name), True
    for number, whole in enumerate(lines, 1):
        place, line = f"{label}:{number}", whole.rstrip(b"\r\n")
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        none = none and not line.strip()
        if len(line) > _LONGEST:
            yield ManifestInvalid(f"{place}: the line is longer than {_LONGEST:,} bytes")
        elif line.strip():
            try:
                yield from entries_of(parsed(line), place, folder)
            except (ValueError, RecursionError) as error:
                text = mistake(line, error).removeprefix("line 1: ")
                text = text.replace("; write a list, or name the file .jsonl", "; one a line")
                yield ManifestInvalid(f"{place}: not JSON: {text}")
    if none:
        yield ManifestInvalid(f"{label}: it holds no request")


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """The lines of a file. Of a line that is too long only the beginning is given, longer than the
    limit.
    """
    while line := file.readline(_LONGEST + 3):  # room for the line's end
        yield line
        _leave(file, line)


def _leave(file: IO[bytes], line: bytes) -> None:
    """Skips the rest of a line that is too long."""
    while len(line) > _LONGEST and not line.endswith(b"\n"):
        piece = file.readline(_LONGEST)
        if not piece or piece.endswith(b"\n"):
            return


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(parsed(line), dict)
    except (ValueError, RecursionError):
        return False
