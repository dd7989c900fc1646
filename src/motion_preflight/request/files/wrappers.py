"""A request inside of something else: a line of a batch, `input`, `requests`, `data`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.files.entry import entry
from motion_preflight.request.files.json_text import parsed
from motion_preflight.request.parse import FIELDS, names_a_link
from motion_preflight.text.lazy_dataclass import replace
from motion_preflight.text.locations import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from motion_preflight.request.files.entry import RequestEntry

# Fields into which batch files, queues, workflow programs and other sellers put a body.
WRAPPERS = (
    "body", "input", "inputs", "request", "requests", "data", "payload", "params", "parameters",
    "arguments", "args", "json", "raw", "items", "jobs", "batch", "kwargs", "request_body",
)  # fmt: skip
# Fields of a batch line that say nothing about the request.
_ENVELOPE = {"custom_id", "method", "url"}
_DEEPEST = 4  # wrappers inside each other
_DEEPEST_INSIDE, _MOST = 8, 1000  # levels, and values of each, in which a request is searched
_LEAST = 2  # fields of the API make an object a request, when one of them is a link
# Fields that only another kind of file has, and what that file is.
_OTHER_FILES = {
    "task_id": "this is an answer of the provider, not a request",
    "info": "this is a Postman collection; save the body of its request as a file",
    "openapi": "this is a description of an API (OpenAPI), not a request",
    "flow": "this is a workflow of another program, not a request",
    "nodes": "this is a workflow of another program, not a request",
    "log": "this is a recording of a browser (HAR); save the body of its request as a file",
}


def entries_of(
    value: Any,  # noqa: ANN401  JSON
    place: str,
    folder: Path | None,
) -> Iterator[RequestEntry | ManifestInvalid]:
    """The requests that a JSON value holds, or the one error that says why it holds none."""
    yield from _entries(value, {}, place, folder, _DEEPEST)


def _entries(
    value: Any,  # noqa: ANN401  JSON
    around: dict[str, Any],
    place: str,
    folder: Path | None,
    levels: int,
) -> Iterator[RequestEntry | ManifestInvalid]:
    name = _wrapper(value) if levels else None
    if name is None:
        other = _other_file(value)
        own = ManifestInvalid(f"{place}: {other}") if other else entry(value, place, folder)
        yield own if isinstance(own, ManifestInvalid) else _with_surroundings(own, around)
        return
    inner = _as_json(value[name])
    around = around | {key: other for key, other in value.items() if key != name}
    if isinstance(inner, list):
        for index, body in enumerate(inner):
            yield from _entries(body, around, f"{place}[{index}]", folder, levels - 1)
    else:
        yield from _entries(inner, around, place, folder, levels - 1)


def _wrapper(value: object) -> str | None:
    """The field of a value that holds its requests; `None` when the value is a request itself or
    holds none.
    """
    if not isinstance(value, dict):
        return None
    for name in WRAPPERS:
        inner = _as_json(value.get(name)) if name in value else None
        several = inner if isinstance(inner, list) else [inner]
        if any(_holds_a_request(body) for body in several):
            return name
    return None


def _holds_a_request(value: object) -> bool:
    """Whether a value, or what it wraps, has fields of the API or links under others' names."""
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
    """The value, or the JSON value of a text that holds JSON."""
    if not isinstance(value, str) or value.lstrip()[:1] not in {"{", "["}:
        return value
    try:
        return parsed(value.encode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return value


def _other_file(value: object) -> str | None:
    """What a document without any field of a request is: another kind of file, or one with a
    request deep inside of it; `None` for others.
    """
    if not isinstance(value, dict) or any(name in value for name in FIELDS):
        return None
    known = next((text for name, text in _OTHER_FILES.items() if name in value), None)
    if known or any(isinstance(node, dict) and "class_type" in node for node in value.values()):
        return known or "this is a workflow of ComfyUI, not a request"
    inside = None if any(map(names_a_link, value)) else _place_inside(value)
    place = printable(".".join(inside))[:100] if inside else None
    return place and (
        f'the request stands inside of "{place}"; save what stands there as a file of its own'
    )


def _place_inside(value: dict[str, Any]) -> tuple[str, ...] | None:
    """The names that lead to the first request inside of a document; `None` when it holds none."""
    layer: list[tuple[tuple[str, ...], Any]] = [((), value)]
    for _ in range(_DEEPEST_INSIDE):
        layer = [
            ((*names, str(name)), _as_json(inner))
            for names, outer in layer
            for name, inner in (outer.items() if isinstance(outer, dict) else enumerate(outer))
            if isinstance(inner, dict | list | str)
        ]
        layer = [(names, inner) for names, inner in layer if isinstance(inner, dict | list)][:_MOST]
        for names, inner in layer:
            if isinstance(inner, dict) and _looks_like_a_request(inner):
                return names
    return None


def _looks_like_a_request(value: dict[str, Any]) -> bool:
    links = [name for name in value if names_a_link(name)]
    return bool(links) and len({*links, *(value.keys() & FIELDS)}) >= _LEAST


def _with_surroundings(
    request: RequestEntry, around: dict[str, Any]
) -> RequestEntry | ManifestInvalid:
    """The request with those fields of the API that stand around it; other fields are left out."""
    for name, value in around.items():
        if name in FIELDS and name in request.body and value != request.body[name]:
            return ManifestInvalid(
                f"{request.label}: {printable(name)} stands twice, around the request and in it"
            )
    if not around:
        return request
    beside = {name: value for name, value in around.items() if name in FIELDS}
    rest = {name: value for name, value in around.items() if name not in {*beside, *_ENVELOPE}}
    return replace(request, body=beside | request.body, left_out=rest)
