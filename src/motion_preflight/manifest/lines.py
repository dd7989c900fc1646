"""JSON lines: a request a line; and stdin, where they are told apart from a JSON document."""

from __future__ import annotations

from itertools import chain
from typing import IO, TYPE_CHECKING

from motion_preflight.errors import ManifestInvalid
from motion_preflight.manifest.document import mistake, parsed, requests_of_document
from motion_preflight.manifest.entry import LARGEST, entry
from motion_preflight.source.location import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from motion_preflight.manifest.entry import Entry

_LONGEST = 1 << 20  # bytes of a line
_MARK = b"\xef\xbb\xbf"  # a byte order mark


def requests_of_lines(
    file: IO[bytes], name: str, folder: Path | None
) -> Iterator[Entry | ManifestInvalid]:
    """The request of each line; blank lines count and hold none."""
    yield from _requests(_lines(file), name, folder)


def requests_of_stream(stream: IO[bytes]) -> Iterator[Entry | ManifestInvalid]:
    """The requests of stdin: a JSON document, or lines if the first line is a value of its own."""
    first = next(_lines(stream), b"")
    if _is_object(first):
        yield from _requests(chain([first], _lines(stream)), "-", None)
        return
    held = first + stream.read(LARGEST - len(first))
    more = len(held) == LARGEST
    lines = held.splitlines(keepends=True)
    if not more and not any(_is_object(line) for line in lines[1:]):
        yield from requests_of_document(held, "-", None)  # raises where it is none
    else:  # one document has no second line that is a whole object, but within a list
        try:
            document = list(requests_of_document(held, "-", None))
        except ManifestInvalid:
            document = []
        if more:  # the last line goes on
            lines[-1] += next(_lines(stream), b"")
        yield from document or _requests(chain(lines, _lines(stream)), "-", None)


def _requests(
    lines: Iterable[bytes], name: str, folder: Path | None
) -> Iterator[Entry | ManifestInvalid]:
    label, none = printable(name), True
    for number, given in enumerate(lines, 1):
        place = f"{label}:{number}"
        line = given.removeprefix(_MARK) if number == 1 else given
        line = line.rstrip(b"\r\n")
        if not line.strip():
            continue
        none = False
        if len(line) > _LONGEST:
            yield ManifestInvalid(f"{place}: the line is longer than {_LONGEST:,} bytes")
            continue
        try:
            yield entry(parsed(line), place, folder)
        except (ValueError, RecursionError) as error:
            text = mistake(line, error).removeprefix("line 1: ")
            yield ManifestInvalid(f"{place}: not JSON: {text}")
    if none:
        yield ManifestInvalid(f"{label}: it holds no request")


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    """Lines; one that is too long comes as its beginning, too long by as little as can be."""
    most = _LONGEST + 3  # a line end, and one byte more
    while line := file.readline(most):
        yield line
        while len(line) == most and not line.endswith(b"\n"):
            line = file.readline(most)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(parsed(line), dict)
    except (ValueError, RecursionError):
        return False
