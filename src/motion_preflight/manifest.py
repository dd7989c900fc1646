"""Requests out of JSON files: an object is one request, a list several."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from motion_preflight.errors import ManifestInvalid
from motion_preflight.source.location import is_url, printable, redacted
from motion_preflight.source.signature import signature

if TYPE_CHECKING:
    from collections.abc import Iterator

_CURLY = "\u201c\u201d\u201e\u2018\u2019"  # what word processors make of straight quotes
_LARGEST = 64 << 20  # bytes; a request is a few hundred


@dataclass(frozen=True, slots=True)
class Entry:
    """One request as it was written, and where."""

    label: str
    body: dict[str, Any]
    folder: Path | None = field(default=None)  # where its relative paths start


def read_requests(name: str) -> Iterator[Entry]:
    """The requests of a file. Raises `ManifestInvalid` with the place and what to do."""
    label = printable(name)
    data = _parsed(name, label)
    folder = Path(name).parent
    entries = data if isinstance(data, list) else [data]
    if not entries:
        raise ManifestInvalid(f"{label}: the list holds no request")
    for index, body in enumerate(entries):
        place = f"{label}[{index}]" if isinstance(data, list) else label
        if not isinstance(body, dict):
            raise ManifestInvalid(f'{place}: a request is a JSON object like {{"model": …}}')
        yield Entry(place, body, folder)


def _parsed(name: str, label: str) -> Any:  # noqa: ANN401  JSON
    if is_url(name):
        raise ManifestInvalid(_medium(redacted(name)))
    path = Path(name).expanduser()
    try:
        if not path.is_file():
            there = "not a regular file" if path.exists() else "no such file"
            raise ManifestInvalid(f"{label}: {there}; a request is a .json file")
        if path.stat().st_size > _CURLY = "\u201c\u201d\u201e\u2018\u2019"  # what word processors make of straight quotes
_LARGEST:
            raise ManifestInvalid(_medium(label))
        text = path.read_bytes()
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise ManifestInvalid(f"{label}: cannot be read ({cause})") from None
    try:
        return json.loads(text.removeprefix(b"\xef\xbb\xbf"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        if signature(text[:512]) not in {None, "text"} or b"\0" in text[:512]:
            raise ManifestInvalid(_medium(label)) from None
        raise ManifestInvalid(f"{label}: not JSON: {_mistake(text, error)}") from None


def _mistake(text: bytes, error: Exception) -> str:
    """What is wrong with a text that is not JSON, in words where it is one of the usual things."""
    if not text.strip():
        return "the file is empty"
    at = getattr(error, "pos", None)
    if at is None:
        return printable(str(error))[:200]
    line, around = getattr(error, "lineno", 0), text.decode("utf-8", "replace")
    before, here = around[:at].rstrip(), around[at : at + 1]
    if here in _CURLY:
        return f'line {line}: curly quotes; write straight ones (")'
    if before.endswith(",") and here in "}]":
        return f"line {before.count(chr(10)) + 1}: a comma that nothing follows; take it out"
    return f"line {line}: {printable(getattr(error, 'msg', ''))}"


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object in which no field stands twice: which one a server takes is not known."""
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f'"{printable(twice)}" stands twice in one object')
    return dict(pairs)


def _medium(label: str) -> str:
    return (
        f"{label} is a medium or another file, not a request. To see what it is good for: "
        f"`motion-preflight probe {label}`. To check it in a request: "
        "`motion-preflight check --video … --image … --model … --orientation … --mode …`"
    )
