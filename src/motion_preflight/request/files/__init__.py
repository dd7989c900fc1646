"""Requests from JSON, JSON lines, CSV and stdin, one after the other. A bad one stops no other.

Only the current request is held in memory, or one JSON document, whose size is bounded. So a
million lines need no more memory than a thousand.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from motion_preflight.media.source.local import path_of
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.files.document import requests_of_document
from motion_preflight.request.files.encoding import utf8_stream
from motion_preflight.request.files.entry import RequestEntry, medium_hint, opened
from motion_preflight.request.files.lines import requests_of_lines, requests_of_stream
from motion_preflight.request.files.table import requests_of_table
from motion_preflight.text.locations import extension, is_url, redacted

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINES = {"jsonl", "ndjson"}
_TABLES = {"csv", "tsv", "tab"}
__all__ = ["RequestEntry", "quick_count", "read_requests"]


def quick_count(name: str) -> int | None:
    """About how many requests a file holds, for a progress bar; `None` when that is not known."""
    path, kind = path_of(name, None), extension(name)
    if kind not in {*_LINES, *_TABLES}:
        return None if name == "-" else sum(1 for _ in read_requests(name))
    try:
        with opened(path, name, bounded=False) as file:
            # A table begins with the names of the fields.
            lines, last, above = 0, b"\n", kind in _TABLES
            text = utf8_stream(file)
            for block in iter(lambda: text.read(1 << 20), b""):
                if not lines and above and b"sep=" in block[:16].lower():
                    lines -= 1
                lines, last = lines + block.count(b"\n"), block[-1:]
            lines += last != b"\n"
    except ManifestInvalid:
        return 0
    return max(lines - above, 1)


def read_requests(name: str) -> Iterator[RequestEntry | ManifestInvalid]:
    """The requests of a file, or of stdin for `-`.

    A place without a valid request gives an error that says so and what to do, and the others are
    still read. `.jsonl` and `.ndjson` hold a request a line; `.csv` and `.tsv` hold one a row, with
    the names of the fields in the first row. Everything else is JSON (one request or a list), the
    `curl` command that sends one, or a table. On stdin JSON, JSON lines and tables are told apart.
    """
    if is_url(name):
        yield ManifestInvalid(medium_hint(redacted(name)))
        return
    try:
        if name == "-" and sys.stdin is None:
            raise ManifestInvalid("-: stdin is closed")  # noqa: TRY301  handled like all others
        if name == "-":
            yield from requests_of_stream(sys.stdin.buffer)
            return
        path, kind = path_of(name, None), extension(name)
        with opened(path, name, bounded=kind not in {*_LINES, *_TABLES}) as file:
            if kind in _LINES:
                yield from requests_of_lines(file, name, path.parent)
            elif kind in _TABLES:
                yield from requests_of_table(file, name, path.parent)
            else:
                yield from requests_of_document(file.read(), name, path.parent)
    except ManifestInvalid as error:
        yield error
    except OSError as error:  # reading stdin failed; for a file that is a ManifestInvalid
        yield ManifestInvalid(f"-: cannot be read ({error.strerror or error})")
