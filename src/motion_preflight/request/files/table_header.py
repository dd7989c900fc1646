"""The first row of a table: the separator of its cells, and the fields that its columns name."""

from __future__ import annotations

import re

from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.files.wrappers import WRAPPERS
from motion_preflight.request.parse import FIELDS, REQUIRED, field_near
from motion_preflight.text.credentials import shown_name
from motion_preflight.text.links.white_space import UNSEEN

_NAMES = {*FIELDS, *WRAPPERS}
_PLAIN = {re.sub("[^a-z]", "", field): field for field in FIELDS}
_SEPARATORS = ",;\t|"  # the first of them when no other names more fields
# What spreadsheets write above the table; it may have been saved as a row of its own.
_SEPARATOR_LINE = re.compile(r'"?sep=(\\t|[^\w"])"?[,;\t ]*', re.IGNORECASE)
LEAST_FIELDS = 2  # fields that a first line must name to make a text without a telling name a table
_LONGEST = 1 << 16  # characters of a line in which they are looked for


def column_name(cell: str) -> str:
    """The field that a column names, whatever its case and the signs between its words (`Image
    URL`, `imageUrl`). A name that is not a field is returned as it was written.
    """
    name = cell.strip(UNSEEN).strip('"').strip(UNSEEN)
    return name if name in _NAMES else _PLAIN.get(re.sub(r"[\s_.-]", "", name.lower()), name)


def other_separator(header: list[str], row: list[str]) -> str | None:
    """The separator of a row that was not taken apart, because the first row has another one;
    `None` when it was.
    """
    if len(row) != 1 or len(header) == 1:
        return None
    cells = {sign: row[0].count(sign) + 1 for sign in _SEPARATORS}
    return next((sign for sign, count in cells.items() if count == len(header)), None)


def announced_separator(line: str) -> str | None:
    """The separator that a line `sep=;` announces; `None` for any other line."""
    announced = _SEPARATOR_LINE.fullmatch(line.strip("\r\n"))
    return announced[1].replace("\\t", "\t") if announced else None


def separator_of(line: str) -> str:
    """The separator of a first row: the one by which the row names most fields."""
    return max(_SEPARATORS, key=lambda sign: _fields_named(line, sign))


def starts_table(text: bytes) -> bool:
    """Whether the first line of a text in UTF-8 is that of a table, judged by the
    fields it names.
    """
    first = text.lstrip(b"\xef\xbb\xbf\r\n \t")[:_LONGEST].splitlines()[:1]
    line = first[0].decode("utf-8", "replace") if first else ""
    if announced_separator(line):
        return True
    return _fields_named(line, separator_of(line)) >= LEAST_FIELDS


def _fields_named(line: str, sign: str) -> int:
    return fields_in(line.split(sign))


def fields_in(row: list[str]) -> int:
    """How many cells of a row are names of fields, as those of the first row must be."""
    return sum(column_name(cell) in _NAMES for cell in row)


def read_header(row: list[str], label: str) -> list[str]:
    """The names of the columns, without empty ones at the end.

    Raises `ManifestInvalid`, once for all rows, when a name makes requests impossible.
    """
    written = [cell.strip(UNSEEN) for cell in row]
    while written and not written[-1]:
        del written[-1]
    # When one column has the exact name of a field, a column of a similar name is not that field.
    names = [name if (column := column_name(name)) in written else column for name in written]
    if not any(name in _NAMES for name in names):
        raise ManifestInvalid(f"{label}: the first row must name the fields ({', '.join(FIELDS)})")
    for name in sorted({name for name in names if names.count(name) > 1}):
        what = f'"{shown_name(name)}" stands twice' if name else "names are empty"
        raise ManifestInvalid(f"{label}: the first row: {what}")
    if not any(name in WRAPPERS for name in names):
        _refuse_other_names(names, label)
    return names


def _refuse_other_names(names: list[str], label: str) -> None:
    """Raises `ManifestInvalid` when a required field stands under another name."""
    others = {field_near(name): name for name in reversed(names) if name not in FIELDS}
    changes = [
        f'"{field}" in place of "{shown_name(others[field])}"'
        for field in REQUIRED
        if field not in names and field in others
    ]
    if changes:
        raise ManifestInvalid(f"{label}: the first row: write {', '.join(changes)}")
