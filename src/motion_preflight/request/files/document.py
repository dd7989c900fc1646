"""A JSON document: an object is one request, a list holds several."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

from motion_preflight.media.containers.signature import signature
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.files.encoding import encoding_of
from motion_preflight.request.files.entry import WORKBOOK, is_workbook, medium_hint
from motion_preflight.request.files.json_mistakes import mistake
from motion_preflight.request.files.json_text import parsed
from motion_preflight.request.files.table_header import starts_table
from motion_preflight.request.files.wrappers import entries_of
from motion_preflight.text.locations import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from motion_preflight.request.files.entry import RequestEntry

# A call of curl at the beginning of a line, or after a prompt, a variable or `name=$(`.
_CALL = re.compile(r"""^[^#{\["'\n]{0,200}?(?<![\w.-])curl(?:\.exe)?[ \t\\^`]""", re.MULTILINE)
_TABLE_START = 1 << 16  # bytes within which the first row of a table must end
_TEXTS = {"html", "xml"}  # their message says that the text is one of these


def requests_of_document(
    text: bytes, name: str, folder: Path | None
) -> Iterator[RequestEntry | ManifestInvalid]:
    """The requests of a document: JSON, the `curl` command that sends it, or a table.

    Raises `ManifestInvalid` when it is none of them.
    """
    label = printable(name)
    try:
        data = parsed(text)
    except (ValueError, RecursionError) as error:
        command = _command(text)
        if command is not None:
            from motion_preflight.request.files.curl import requests_of_command  # noqa: PLC0415  rare

            yield from requests_of_command(command, label, folder)
            return
        if _is_table(text):
            from motion_preflight.request.files.table import requests_of_table  # noqa: PLC0415  rare

            yield from requests_of_table(BytesIO(text), name, folder)
            return
        if is_workbook(text):
            raise ManifestInvalid(f"{label}: {WORKBOOK}") from None
        binary = b"\0" in text[:512] and encoding_of(text) is None and not _begins_json(text)
        if binary or signature(text[:512]) not in {None, "text", *_TEXTS}:
            raise ManifestInvalid(medium_hint(label)) from None
        raise ManifestInvalid(f"{label}: not JSON: {mistake(text, error)}") from None
    if data == []:
        raise ManifestInvalid(f"{label}: the list holds no request")
    if not isinstance(data, list):
        yield from entries_of(data, label, folder)
        return
    for index, body in enumerate(data):
        yield from entries_of(body, f"{label}[{index}]", folder)


def _begins_json(text: bytes) -> bool:
    return text.lstrip()[:1] in {b"{", b"["}


def _is_table(text: bytes) -> bool:
    """Whether a text that is not JSON is a table, which a spreadsheet may save under any name."""
    encoding = encoding_of(text)
    start = text[:_TABLE_START]
    return starts_table(start.decode(encoding, "replace").encode() if encoding else start)


def _command(text: bytes) -> str | None:
    """The text of a file that calls `curl`; `None` when it does not."""
    try:
        written = text.decode(encoding_of(text) or "utf-8").lstrip("\ufeff")
    except UnicodeDecodeError:
        return None
    return written if "http" in written and _CALL.search(written) else None
