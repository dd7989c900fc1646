"""CSV, a request a row. The first row names the fields, and an empty cell is an absent field.

Cells are separated by commas, semicolons, tabs or bars. Columns that no request has are left out.
Names may differ in case and in the signs between their words: `Image URL` is `image_url`.
"""

from __future__ import annotations

import csv
import re
from contextlib import suppress
from io import TextIOWrapper
from itertools import chain, islice
from typing import IO, TYPE_CHECKING, Any

from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.files.encoding import utf8_stream
from motion_preflight.request.files.entry import WORKBOOK, is_workbook
from motion_preflight.request.files.json_mistakes import mistake
from motion_preflight.request.files.json_text import parsed
from motion_preflight.request.files.table_header import (
    LEAST_FIELDS,
    announced_separator,
    fields_in,
    other_separator,
    read_header,
    separator_of,
)
from motion_preflight.request.files.wrappers import WRAPPERS, entries_of
from motion_preflight.request.parse import FIELDS
from motion_preflight.text.lazy_dataclass import replace
from motion_preflight.text.locations import printable

if TYPE_CHECKING:
    from _csv import Reader as Rows
    from collections.abc import Iterator
    from pathlib import Path

    from motion_preflight.request.files.entry import RequestEntry

_LONGEST = 2 << 20  # characters of a line; the csv module allows 131,072 a cell
_TITLE = 10  # the most rows above the names in which they are searched
_NOT_UTF8 = 'it is not UTF-8; save it as "CSV UTF-8"'
_WORDS = {
    **dict.fromkeys(("true", "yes", "y", "1", "on"), True),
    **dict.fromkeys(("false", "no", "n", "0", "off"), False),
}


def requests_of_table(
    file: IO[bytes], name: str, folder: Path | None
) -> Iterator[RequestEntry | ManifestInvalid]:
    """The request of each row. Raises `ManifestInvalid` when the first row names no fields."""
    # A byte that is not UTF-8 becomes a lone surrogate, so that a message can name its row.
    with TextIOWrapper(
        utf8_stream(file), encoding="utf-8-sig", errors="surrogateescape", newline=""
    ) as text:
        lines = _Lines(text)
        label = printable(name)
        sign, first, skipped = _start(lines, label)
        rows = csv.reader(chain(first, lines), strict=True, delimiter=sign)
        yield from _requests(rows, label, folder, skipped)


def _start(lines: Iterator[str], label: str) -> tuple[str, list[str], int]:
    """The separator of the cells, the line of the first row, and how many lines stood before it."""
    skipped = 0
    try:
        while not (line := next(lines)).strip():
            skipped += 1
    except StopIteration:
        raise ManifestInvalid(f"{label}: the file is empty") from None
    except csv.Error as error:
        raise ManifestInvalid(f"{label}: not CSV: {_cause(error)}") from None
    sign = announced_separator(line)
    return (sign, [], skipped + 1) if sign else (separator_of(line), [line], skipped)


class _Lines:
    """The lines of a text. A line that is too long raises `csv.Error`, and is not held
    in memory.
    """

    def __init__(self, text: TextIOWrapper) -> None:
        self._text = text

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(_LONGEST)
        if not line:
            raise StopIteration
        if len(line) < _LONGEST or line.endswith(("\n", "\r")):
            return line
        while line and not line.endswith(("\n", "\r")):
            line = self._text.readline(_LONGEST)
        raise csv.Error(f"the line is longer than {_LONGEST:,} characters")


def _requests(
    rows: Rows, label: str, folder: Path | None, skipped: int
) -> Iterator[RequestEntry | ManifestInvalid]:
    try:
        first: list[str] = next(rows, [])
    except csv.Error as error:
        raise ManifestInvalid(f"{label}: not CSV: {_cause(error)}") from None
    if is_workbook("".join(first).encode("utf-8", "surrogateescape")):
        raise ManifestInvalid(f"{label}: {WORKBOOK}")
    if not _is_utf8(first):
        raise ManifestInvalid(f"{label}: not CSV: {_NOT_UTF8}")
    if not fields_in(first):
        _refuse_title(rows, label, skipped)
    header = read_header(first, label)
    # Where the names are padded with spaces, white space is of the table and not of its cells.
    padded = any(name != name.strip(" ") for name in first)
    none = True
    while True:
        place = f"{label}:{rows.line_num + 1 + skipped}"
        try:
            row = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            none = False
            yield ManifestInvalid(f"{place}: not CSV: {_cause(error)}")
            continue
        if not any(cell.strip() for cell in row) or _is_ruler(row):
            continue
        none = False
        row = [cell.strip() for cell in row] if padded else row
        yield from _of_row(header, row, place, folder, rows.dialect.delimiter)
    if none:
        raise ManifestInvalid(f"{label}: it holds no request")


def _refuse_title(rows: Rows, label: str, skipped: int) -> None:
    """Raises `ManifestInvalid` when a row below names the fields, in place of the first one."""
    with suppress(csv.Error):
        for row in islice(rows, _TITLE):
            if fields_in(row) >= LEAST_FIELDS:
                line = f"the fields are named in line {rows.line_num + skipped}"
                text = f"{line}, and the first row must name them; take out what stands above"
                raise ManifestInvalid(f"{label}: {text}")


def _of_row(
    header: list[str], row: list[str], place: str, folder: Path | None, sign: str
) -> Iterator[RequestEntry | ManifestInvalid]:
    """The requests of a row, more than one where a cell holds several, or why it holds none."""
    while len(row) > len(header) and not row[-1].strip():
        row = row[:-1]
    if not _is_utf8(row):
        yield ManifestInvalid(f"{place}: not CSV: {_NOT_UTF8}")
    elif other := other_separator(header, row):
        text = f'the cells are separated by "{other}", those of the first row by "{sign}"'
        yield ManifestInvalid(f"{place}: {text}; write the same in both")
    elif len(row) > len(header):
        text = f"{len(row)} cells, and the first row names {len(header)} fields; "
        json = any(cell.lstrip()[:1] == "{" for cell in row)
        text += "a cell with a comma is put in quotes"
        yield ManifestInvalid(f"{place}: {text}{', its own quotes doubled' if json else ''}")
    else:
        try:
            body = _body(header, row)
        except ValueError as error:
            yield ManifestInvalid(f"{place}: {error}")
            return
        for entry in entries_of(body, place, folder):
            yield entry if isinstance(entry, ManifestInvalid) else _without_columns(entry)


def _body(header: list[str], row: list[str]) -> dict[str, Any]:
    """The cells of a row by their columns. Raises `ValueError` for a cell with invalid JSON."""
    body: dict[str, Any] = {
        name: cell for name, cell in zip(header, row, strict=False) if cell.strip()
    }
    for name, cell in body.items():
        if name == "watermark_info" and cell.strip().lower() in _WORDS:
            body[name] = {"enabled": _WORDS[cell.strip().lower()]}
        elif (name == "watermark_info" or name in WRAPPERS) and cell.lstrip()[:1] in {"{", "["}:
            body[name] = _json(name, cell)
    return body


def _json(name: str, cell: str) -> Any:  # noqa: ANN401  JSON
    """The JSON value of a cell. Raises `ValueError` that says what is wrong with it."""
    text = cell.encode("utf-8", "surrogatepass")
    try:
        return parsed(text)
    except (ValueError, RecursionError) as error:
        cause = mistake(text, error).removeprefix("line 1: ")
        raise ValueError(f'"{name}" holds no JSON: {cause}') from None


def _without_columns(entry: RequestEntry) -> RequestEntry:
    """The request without the columns that no request has, because people keep notes in them."""
    rest = {name: entry.body[name] for name in entry.body if name not in FIELDS}
    if not rest:
        return entry
    body = {name: value for name, value in entry.body.items() if name in FIELDS}
    return replace(entry, body=body, left_out=entry.left_out | rest)


def _is_ruler(row: list[str]) -> bool:
    """Whether a row is the line below the names of a table in Markdown."""
    return all(re.fullmatch(r"\s*(?::?-{2,}:?)?\s*", cell) for cell in row)


def _cause(error: csv.Error) -> str:
    """What is wrong with a row, in words for people."""
    text = printable(str(error))
    if "expected after" in text:
        return 'text behind the closing quote of a cell; write a quote inside of a cell twice ("")'
    return 'a quote (") that nothing closes' if text == "unexpected end of data" else text


def _is_utf8(row: list[str]) -> bool:
    try:
        "".join(row).encode()
    except UnicodeEncodeError:
        return False
    return True
