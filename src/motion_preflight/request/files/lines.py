"""JSON lines, one request a line, and stdin, which may hold lines or one JSON document."""

from __future__ import annotations

from itertools import chain
from typing import IO, TYPE_CHECKING

from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.files.document import requests_of_document
from motion_preflight.request.files.encoding import stream_with, utf8_stream
from motion_preflight.request.files.entry import LARGEST
from motion_preflight.request.files.json_mistakes import COMMA_BEHIND, SECOND_OBJECT, mistake
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
    """The request of each line. Blank lines hold none, but count for the line numbers. A document
    that is written on several lines is read as one.
    """
    stream = utf8_stream(file)
    lines = _lines(stream)
    first = next(lines, b"")
    if first.removeprefix(b"\xef\xbb\xbf").strip() not in {b"{", b"[", b"[{"}:
        yield from _requests(chain([first], lines), name, folder)
        return
    read = [first]
    try:
        yield from _of_document_or_lines(read, stream, name, folder)
    except ManifestInvalid as error:
        if SECOND_OBJECT not in str(error):
            yield from _requests(read, name, folder)
            return
        several = "a second object; write each on one line, or a list of them"
        yield ManifestInvalid(str(error).replace(SECOND_OBJECT, several))


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
    yield from _of_document_or_lines(lines, stream, "-", None)


def _of_document_or_lines(
    lines: list[bytes], stream: IO[bytes], name: str, folder: Path | None
) -> Iterator[RequestEntry | ManifestInvalid]:
    """The requests of a text of which the first lines are read: those of its lines when one of the
    others is an object by itself, otherwise those of the document. Raises `ManifestInvalid` when
    it is none; `lines` are all of its lines then.
    """
    left = LARGEST - len(lines[0])
    while left > 0 and (line := stream.readline(left)):
        lines.append(line)
        left -= len(line)
    if left > 0 and not any(_is_object(line) for line in lines[1:]):
        # Raises when it is not a document.
        yield from requests_of_document(b"".join(lines), name, folder)
    else:  # only a list has further lines that are whole objects
        if left <= 0 and not lines[-1].endswith(b"\n"):  # the size limit cut this line
            lines[-1] += stream.readline(_LONGEST)
            _leave(stream, lines[-1])
        try:
            document = (
                [] if left <= 0 else list(requests_of_document(b"".join(lines), name, folder))
            )
        except ManifestInvalid:
            document = []
        yield from document or _requests(chain(lines, _lines(stream)), name, folder)


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
                text = text.replace(SECOND_OBJECT, "a second object; one a line")
                text = text.replace(COMMA_BEHIND, "a comma after the end; take it out")
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
