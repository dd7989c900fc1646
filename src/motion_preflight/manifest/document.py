"""A JSON document: an object is one request, a list several."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from motion_preflight.errors import ManifestInvalid
from motion_preflight.manifest.entry import entry, medium_hint
from motion_preflight.source.location import printable
from motion_preflight.source.signature import signature

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from motion_preflight.manifest.entry import Entry

_CURLY = "\u201c\u201d\u201e\u2018\u2019"  # what word processors make of straight quotes


def requests_of_document(
    text: bytes, name: str, folder: Path | None
) -> Iterator[Entry | ManifestInvalid]:
    """The requests of a document. Raises `ManifestInvalid` when it is no JSON."""
    label = printable(name)
    try:
        data = parsed(text)
    except (ValueError, RecursionError) as error:
        if signature(text[:512]) not in {None, "text"} or b"\0" in text[:512]:
            raise ManifestInvalid(medium_hint(label)) from None
        raise ManifestInvalid(f"{label}: not JSON: {mistake(text, error)}") from None
    if data == []:
        raise ManifestInvalid(f"{label}: the list holds no request")
    if not isinstance(data, list):
        yield entry(data, label, folder)
        return
    for index, body in enumerate(data):
        yield entry(body, f"{label}[{index}]", folder)


def parsed(text: bytes) -> Any:  # noqa: ANN401  JSON
    """The value of a JSON text, a byte order mark before it or not, in which no field stands twice
    and every number is one. Raises `ValueError` and `RecursionError`.
    """
    return json.loads(
        text.removeprefix(b"\xef\xbb\xbf"),
        object_pairs_hook=_once,
        parse_float=_finite,
        parse_constant=_finite,
    )


def mistake(text: bytes, error: Exception) -> str:
    """What is wrong with a text that is not JSON, in words where it is one of the usual things."""
    if not text.strip():
        return "the file is empty"
    if not isinstance(error, json.JSONDecodeError):
        return printable(str(error))[:200]
    before, here = error.doc[: error.pos].rstrip(), error.doc[error.pos : error.pos + 1]
    if here and here in _CURLY:
        return f'line {error.lineno}: curly quotes; write straight ones (")'
    if "trailing comma" in error.msg or (before.endswith(",") and here in {"}", "]"}):
        line = before.count("\n") + 1  # from Python 3.13 on it points at the comma itself
        return f"line {line}: a comma that nothing follows; take it out"
    if error.msg == "Extra data" and here == "{":
        return f"line {error.lineno}: a second object; write a list, or name the file .jsonl"
    return f"line {error.lineno}: {error.msg}"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which no field stands twice: which one a server takes is not known."""
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise ValueError(f'"{printable(name)[:60]}" stands twice in one object')
        made[name] = value
    return made


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is not a number that JSON has")
    return number
