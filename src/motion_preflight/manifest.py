"""Requests out of JSON files: an object is one request, a list several."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from motion_preflight.errors import ManifestInvalid
from motion_preflight.source.location import is_url, printable, redacted
from motion_preflight.source.signature import signature

if TYPE_CHECKING:
    from collections.abc import Iterator

_LARGEST = 16 << 20  # bytes; a request is a few hundred
_DEEPEST = 32  # levels; a request has two
_CURLY = "\u201c\u201d\u201e\u2018\u2019"  # what word processors make of straight quotes


@dataclass(frozen=True, slots=True)
class Entry:
    """One request as it was written, and where."""

    label: str
    body: dict[str, Any]
    folder: Path | None = field(default=None)  # where its relative paths start


def read_requests(name: str) -> Iterator[Entry | ManifestInvalid]:
    """The requests of a file; a place that holds none gives the error that says so, and what to do,
    and the others are read all the same.
    """
    label = printable(name)
    try:
        path = Path.home() / name[2:] if name.startswith("~/") else Path(name)
        data = _parsed(path, name)
    except ManifestInvalid as error:
        yield error
        return
    for index, body in enumerate(data if isinstance(data, list) else [data]):
        place = f"{label}[{index}]" if isinstance(data, list) else label
        if not isinstance(body, dict):
            yield ManifestInvalid(f'{place}: a request is a JSON object like {{"model": …}}')
        elif str(body.get("schema", "")).startswith("motion-preflight/"):
            yield ManifestInvalid(f"{place}: this is a report of ours, not a request")
        elif _deeper(body, _DEEPEST):
            yield ManifestInvalid(f"{place}: nested more than {_DEEPEST} levels deep")
        else:
            yield Entry(place, body, path.parent)


def _parsed(path: Path, name: str) -> Any:  # noqa: ANN401  JSON
    """The content of a JSON file. Raises `ManifestInvalid`."""
    if is_url(name):
        raise ManifestInvalid(_medium(redacted(name)))
    label = printable(name)
    try:
        if not path.is_file():
            there = "not a regular file" if path.exists() else "no such file"
            raise ManifestInvalid(f"{label}: {there}; a request is a .json file")
        if path.stat().st_size > _LARGEST:
            raise ManifestInvalid(_medium(label))
        text = path.read_bytes()
    except (OSError, ValueError) as error:
        cause = getattr(error, "strerror", None) or error
        raise ManifestInvalid(f"{label}: cannot be read ({cause})") from None
    try:
        data = json.loads(
            text.removeprefix(b"\xef\xbb\xbf"),
            object_pairs_hook=_once,
            parse_float=_finite,
            parse_constant=_finite,
        )
    except (ValueError, RecursionError) as error:
        if signature(text[:512]) not in {None, "text"} or b"\0" in text[:512]:
            raise ManifestInvalid(_medium(label)) from None
        raise ManifestInvalid(f"{label}: not JSON: {_mistake(text, error)}") from None
    if data == []:
        raise ManifestInvalid(f"{label}: the list holds no request")
    return data


def _mistake(text: bytes, error: Exception) -> str:
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


def _deeper(value: Any, levels: int) -> bool:  # noqa: ANN401  JSON
    """Whether a value is nested deeper than so many levels."""
    layer = [value]
    for _ in range(levels):
        layer = [
            inner
            for each in layer
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return bool(layer)


def _medium(label: str) -> str:
    label = quote(label)
    return (
        f"{label} is a medium or another file, not a request. To see what it is good for: "
        f"`motion-preflight probe {label}`. To check it in a request: "
        "`motion-preflight check --video … --image … --model … --orientation … --mode …`"
    )
