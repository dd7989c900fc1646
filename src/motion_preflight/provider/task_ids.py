"""Where an answer to the paid POST holds the id of its task.

The documents name `data` as a list with `task_id`. Second-hand: `data` as an object with `id`,
`taskId` or `task.id`, `data` as the id itself, `task_id`, `taskId` or `id` beside it, and
`result.task_id`.

Missing an id would make a known outcome unknown, so every place is searched. A text that is not an
id would be polled for ever, so the ambiguous names come last.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from motion_preflight.provider.values import items_of, object_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST = 200  # characters; a longer text is not a task id
_NAMED = re.compile(r"task[_-]?\w[\w.:-]*", re.IGNORECASE)  # a sentence does not match
_EXPLICIT = ("task_id", "taskId", "taskID")
_EMPTY = frozenset({"null", "none", "nil", "undefined", "0"})  # texts that mean "no id"
# A task id in a text that is no JSON, or stands inside a text of JSON, where quotes are escaped.
_WRITTEN = re.compile(
    rb"\"task_?id\\*\"\s*:\s*([1-9]|\\*\"(?!\s*(null|none|nil|undefined|0)?\s*\\*\"))",
    re.IGNORECASE,
)


def task_id_in(data: Any, status: int) -> str | None:  # noqa: ANN401  JSON
    """The id of the task in an answer with that HTTP status; `None` when it holds none."""
    ids = (_usable(value) for value in _candidates(data, good=200 <= status < 300))
    return next((text for text in ids if text), None)


def names_task(body: bytes) -> bool:
    """Whether an answer names a task anywhere, also where `task_id_in` looks for none: in a text
    that broke off or is no JSON, or under a name that stands twice.
    """
    return _WRITTEN.search(body) is not None


def _candidates(data: Any, *, good: bool) -> Iterator[Any]:  # noqa: ANN401  JSON
    """Every value that may be the id, the most explicit first."""
    root = object_of(data)
    inner = [object_of(item) for item in items_of(root.get("data"))]
    inner += [object_of(item) for item in (data if isinstance(data, list) else [])]
    for part in inner:  # one after the other, because of two tasks the first counts
        yield from (part.get(name) for name in (*_EXPLICIT, "id"))
        yield from _nested(part)
    yield from (text for text in items_of(root.get("data")) if _is_named_task(text))
    yield from (root.get(name) for name in _EXPLICIT)
    yield from _nested(root)
    yield from (object_of(root.get("error")).get(name) for name in _EXPLICIT)
    if good or _is_named_task(root.get("id")):
        yield root.get("id")  # in a refusal it names the request or the error


def _nested(holder: dict[str, Any]) -> Iterator[Any]:
    """The ids one level deeper, under the names that hold a task in answers seen before."""
    for name in ("task", "data", "result", "output"):
        for item in items_of(holder.get(name)):
            inner = object_of(item)
            yield from (inner.get(key) for key in _EXPLICIT)
            if name in {"task", "data"}:
                yield inner.get("id")


def _is_named_task(value: Any) -> bool:  # noqa: ANN401  JSON
    return isinstance(value, str) and _NAMED.fullmatch(value.strip()) is not None


def _usable(value: Any) -> str | None:  # noqa: ANN401  JSON
    number = isinstance(value, int) and not isinstance(value, bool) and value > 0
    text = str(value).strip() if number or isinstance(value, str) else ""
    usable = text.isprintable() and len(text) <= _LONGEST and text.lower() not in _EMPTY
    return text if text and usable else None
