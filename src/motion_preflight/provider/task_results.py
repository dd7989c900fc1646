"""What the answer to a poll holds: how the task ended, the links of its results, why it failed.

Documented are `completed`, `failed`, `cancelled`, `result.videos[].url` and `error`. The other
words and places are second-hand: programs that call this provider and similar ones read them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from motion_preflight.provider.state import State
from motion_preflight.provider.values import items_of, number_of, object_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENDS = {
    "completed": State.COMPLETED,
    "succeeded": State.COMPLETED,
    "success": State.COMPLETED,
    "failed": State.FAILED,
    "failure": State.FAILED,
    "error": State.FAILED,
    "expired": State.FAILED,
    "cancelled": State.CANCELLED,
    "canceled": State.CANCELLED,
}
_WORDS = ("status", "task_status", "state")
_RESULTS = ("result", "task_result", "results", "output")
_LINKS = ("videos", "video", "url", "urls", "video_url", "video_urls", "result_url")
_REASONS = ("error", "error_message", "fail_reason", "failure_reason", "errorMessage",
            "failReason", "error_msg", "task_status_msg")  # fmt: skip
_DEPTH = 6  # levels of lists and objects inside each other
_LINK = re.compile(r"https?://[^\s/]\S*", re.IGNORECASE)


def task_in(data: Any) -> dict[str, Any] | None:  # noqa: ANN401  JSON
    """The object that describes the task; `None` when the answer holds none.

    Without `data` it is the answer itself, if that names a task beside its status.
    """
    root = object_of(data)
    if "data" not in root:
        named = any(root.get(name) for name in ("task_id", "taskId", "id"))
        return root if named and word_of(root) else None
    items = items_of(root["data"])
    first = object_of(items[0] if items else None)
    inside = (object_of(first.get(name)) for name in ("task", "data"))
    return next((task for task in (first, *inside) if word_of(task)), None)


def word_of(task: dict[str, Any]) -> str | None:
    """The provider's own status word; `None` when there is none."""
    words = (task.get(name) for name in _WORDS)
    return next((word for word in words if isinstance(word, str) and word.strip()), None)


def state_of(word: str, urls: tuple[str, ...]) -> State:
    """The state that a status word means. An unknown word means a task that still runs."""
    plain = word.strip().lower()
    # Many answers say "success" only because they answer at all.
    if plain == "success" and not urls:
        return State.SUBMITTED
    return _ENDS.get(plain, State.SUBMITTED)


def videos_in(task: dict[str, Any]) -> list[tuple[str, int | None]]:
    """The links of the results, each once, with its expiry in seconds since 1970 (`None`: not
    stated).
    """
    links: dict[str, int | None] = {}
    for name in _RESULTS:
        value = task.get(name)
        if isinstance(value, str) and not _LINK.fullmatch(value.strip()):
            continue  # a text about the result, not a link
        for url, end in _links(value, None):
            links.setdefault(url, end)
    # Some similar providers put the link of a success there.
    for name in ("result_url", "fail_reason"):
        text = task.get(name)
        if not links and isinstance(text, str) and _LINK.fullmatch(text.strip()):
            links[text.strip()] = None
    return list(links.items())


def reason_in(task: dict[str, Any], root: Any) -> Any:  # noqa: ANN401  JSON
    """What the answer says about a failure, an object or a text; `None` when it says nothing."""
    for holder in (task, object_of(task.get("result")), object_of(root)):
        for name in _REASONS:
            reason = holder.get(name)
            link = isinstance(reason, str) and _LINK.fullmatch(reason.strip())
            if reason and isinstance(reason, dict | str) and not link:
                return reason
    return None


def _links(
    value: Any,  # noqa: ANN401  JSON
    end: int | None,
    depth: int = 0,
) -> Iterator[tuple[str, int | None]]:
    """The links in a result, by the names that hold them. Links of pictures have other names."""
    if isinstance(value, str):
        if value.strip():
            yield value, end
    elif isinstance(value, list) and depth < _DEPTH:
        for item in value:
            yield from _links(item, end, depth + 1)
    elif isinstance(value, dict) and depth < _DEPTH:
        end = _moment(value.get("expires_at")) or end
        for name in _LINKS:
            yield from _links(value.get(name), end, depth + 1)


def _moment(value: Any) -> int | None:  # noqa: ANN401  JSON
    """A moment in seconds since 1970; a large number is taken for milliseconds. `None` when it is
    not a moment.
    """
    number = number_of(value)
    if number is None:
        return None
    if 10**12 <= number < 10**14:
        return int(number / 1000)
    return int(number) if 0 < number < 10**11 else None
