"""A request inside of something else: a line of a batch, `input`, `requests`, `data`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from motion_preflight.errors import ManifestInvalid
from motion_preflight.manifest.entry import entry
from motion_preflight.manifest.json_text import parsed
from motion_preflight.request import FIELDS, names_a_link
from motion_preflight.source.location import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from motion_preflight.manifest.entry import Entry

# What batch files, queues, workflow programs and other sellers put a body into.
WRAPPERS = (
    "body", "input", "inputs", "request", "requests", "data", "payload", "params", "parameters",
    "arguments", "args", "json", "raw", "items", "jobs", "batch", "kwargs", "request_body",
)  # fmt: skip
_ENVELOPE = {"custom_id", "method", "url"}  # of a batch line, and of no interest in the request
_DEEPEST = 4  # one in another
# A field that only a file of another kind has, and what that file is.
_OTHER_FILES = {
    "task_id": "this is an answer of the provider, not a request",
    "info": "this is a Postman collection; save the body of its request as a file",
    "openapi": "this is a description of an API (OpenAPI), not a request",
    "nodes": "this is a workflow of another program, not a request",
    "log": "this is a recording of a browser (HAR); save the body of its request as a file",
}


def entries_of(
    value: Any,  # noqa: ANN401  JSON
    place: str,
    folder: Path | None,
) -> Iterator[Entry | ManifestInvalid]:
    """The requests that a JSON value holds, or the one error that says why it holds none."""
    yield from _entries(value, {}, place, folder, _DEEPEST)


def _entries(
    value: Any,  # noqa: ANN401  JSON
    around: dict[str, Any],
    place: str,
    folder: Path | None,
    levels: int,
) -> Iterator[Entry | ManifestInvalid]:
    name = _wrapper(value) if levels else None
    if name is None:
        other = _other_file(value)
        made = ManifestInvalid(f"{place}: {other}") if other else entry(value, place, folder)
        yield made if isinstance(made, ManifestInvalid) else _with_surroundings(made, around)
        return
    inner = _as_json(value[name])
    around = around | {key: each for key, each in value.items() if key != name}
    if isinstance(inner, list):
        for index, each in enumerate(inner):
            yield from _entries(each, around, f"{place}[{index}]", folder, levels - 1)
    else:
        yield from _entries(inner, around, place, folder, levels - 1)


def _wrapper(value: object) -> str | None:
    """The field of a value that holds its requests, `None` when it is one itself or holds none."""
    if not isinstance(value, dict):
        return None
    for name in WRAPPERS:
        inner = _as_json(value.get(name)) if name in value else None
        several = inner if isinstance(inner, list) else [inner]
        if any(_holds_a_request(each) for each in several):
            return name
    return None


def _holds_a_request(value: object) -> bool:
    """Whether fields of the API, or links as others call them, are in it or in what it wraps."""
    if not isinstance(value, dict):
        return False
    if any(name in value for name in FIELDS if name != "model"):
        return True
    if any(names_a_link(name) for name in value):
        return True
    return "task_id" in value or any(
        _holds_a_request(_as_json(value[name])) for name in WRAPPERS if name in value
    )


def _as_json(value: Any) -> Any:  # noqa: ANN401  JSON
    """The value, or what a text of JSON in its place says."""
    if not isinstance(value, str) or value.lstrip()[:1] not in {"{", "["}:
        return value
    try:
        return parsed(value.encode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return value


def _other_file(value: object) -> str | None:
    """What a document is that has the marks of another kind of file, and no field of a request."""
    if not isinstance(value, dict) or any(name in value for name in FIELDS):
        return None
    return next((text for name, text in _OTHER_FILES.items() if name in value), None)


def _with_surroundings(found: Entry, around: dict[str, Any]) -> Entry | ManifestInvalid:
    """The request with the fields of the API that stand beside it; the others are left out."""
    for name, value in around.items():
        if name in FIELDS and name in found.body and value != found.body[name]:
            return ManifestInvalid(
                f"{found.label}: {printable(name)} stands twice, around the request and in it"
            )
    if not around:
        return found
    beside = {name: value for name, value in around.items() if name in FIELDS}
    rest = {name: value for name, value in around.items() if name not in {*beside, *_ENVELOPE}}
    return replace(found, body=beside | found.body, left_out=rest)
