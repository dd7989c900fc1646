"""CSV: the names of fields on top, a request a row; an empty cell is an absent field."""

from __future__ import annotations

import csv
from io import TextIOWrapper
from typing import IO, TYPE_CHECKING, Any

from motion_preflight.errors import ManifestInvalid
from motion_preflight.manifest.entry import entry
from motion_preflight.request import FIELDS
from motion_preflight.source.location import printable

if TYPE_CHECKING:
    from _csv import Reader as Rows
    from collections.abc import Iterator
    from pathlib import Path

    from motion_preflight.manifest.entry import Entry

_LONGEST = 2 << 20  # characters of a line; a cell has at most 131,072
_WORDS = {"true": True, "false": False}


def requests_of_table(
    file: IO[bytes], name: str, folder: Path | None
) -> Iterator[Entry | ManifestInvalid]:
    """The request of each row. Raises `ManifestInvalid` when the first row names no fields."""
    # a byte that is no UTF-8 becomes half a surrogate pair, so that its row can be named
    with TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="") as text:
        yield from _requests(csv.reader(_Lines(text), strict=True), printable(name), folder)


class _Lines:
    """The lines of a text; one that is too long is an error, and not held."""

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


def _requests(rows: Rows, label: str, folder: Path | None) -> Iterator[Entry | ManifestInvalid]:
    try:
        first: list[str] = next(rows, [])
    except csv.Error as error:
        raise ManifestInvalid(f"{label}: not CSV: {printable(str(error))}") from None
    if not _is_utf8(first):
        raise ManifestInvalid(f"{label}: not CSV: it is not UTF-8")
    header = _header(first, label)
    none = True
    while True:
        place = f"{label}:{rows.line_num + 1}"
        try:
            row = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            yield ManifestInvalid(f"{place}: not CSV: {printable(str(error))}")
            continue
        if not any(row):
            continue
        none = False
        if not _is_utf8(row):
            yield ManifestInvalid(f"{place}: not CSV: it is not UTF-8")
        elif len(row) > len(header):
            text_of = f"{len(row)} cells, and the first row names {len(header)} fields"
            yield ManifestInvalid(f"{place}: {text_of}; a cell with a comma is put in quotes")
        else:
            yield entry(_body(header, row), place, folder)
    if none:
        raise ManifestInvalid(f"{label}: it holds no request")


def _header(row: list[str], label: str) -> list[str]:
    """The names of the fields. Raises `ManifestInvalid`."""
    names = [name.strip() for name in row]
    twice = sorted({name for name in names if names.count(name) > 1})
    if not any(name in FIELDS for name in names):
        semicolons = "; use commas, not semicolons" if ";" in "".join(row) else ""
        raise ManifestInvalid(
            f"{label}: the first row must name the fields ({', '.join(FIELDS)}){semicolons}"
        )
    if twice or "" in names:
        what = f'"{printable(twice[0])}" stands twice' if twice and twice[0] else "a name is empty"
        raise ManifestInvalid(f"{label}: the first row: {what}")
    return names


def _body(header: list[str], row: list[str]) -> dict[str, Any]:
    body: dict[str, Any] = {
        name: cell for name, cell in zip(header, row, strict=False) if cell.strip()
    }
    watermark = body.get("watermark_info")
    if watermark is not None and watermark.strip().lower() in _WORDS:
        body["watermark_info"] = {"enabled": _WORDS[watermark.strip().lower()]}
    return body


def _is_utf8(row: list[str]) -> bool:
    try:
        "".join(row).encode()
    except UnicodeEncodeError:
        return False
    return True
