"""Everything that can go wrong on purpose, as `motion-preflight sandbox --list-faults` shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from motion_preflight.sandbox.fault import HTML, Fault

if TYPE_CHECKING:
    from collections.abc import Callable

    from motion_preflight.sandbox.documents import Document
    from motion_preflight.sandbox.fault import SourceLocation
    from motion_preflight.sandbox.wire import Way


def _put(**fields: object) -> Callable[[Document], None]:
    """Sets fields of the document itself."""
    return lambda document: document.update(fields)


def _drop(*names: str) -> Callable[[Document], None]:
    def bend(document: Document) -> None:
        for name in names:
            document.pop(name, None)
            document.get("data", {}).pop(name, None)

    return bend


def _number(document: Document) -> None:
    document["data"][0]["task_id"] = int(document["data"][0]["task_id"])


def _at_the_root(document: Document) -> None:
    document["task_id"] = document.pop("data")[0]["task_id"]


def _nested(document: Document) -> None:
    document["data"] = {"task": {"id": document["data"][0]["task_id"]}}


def _odd(document: Document) -> None:
    document["data"]["status"] = "in_limbo"
    _drop("result", "error", "completed")(document)


def _code_in_words(document: Document) -> None:
    document["data"]["error"]["code"] = "content_policy_violation"


def _no_video(document: Document) -> None:
    document["data"]["result"]["videos"] = []


def _bare_url(document: Document) -> None:
    for video in document["data"]["result"]["videos"]:
        video["url"] = video["url"][0]


def _two_videos(document: Document) -> None:
    videos = document["data"]["result"]["videos"]
    second = videos[0]["url"][0].removesuffix(".mp4") + "-2.mp4"
    videos.append(videos[0] | {"url": [second]})


def _expired(document: Document) -> None:
    for video in document["data"]["result"]["videos"]:
        video["expires_at"] = 1_000_000_000  # in 2001


def _refused_balance(document: Document) -> None:
    document.clear()
    document.update(success=False, message="the balance cannot be read just now")


def _odd_amounts(document: Document) -> None:
    document["data"]["items"] = [{"model": "kling-v2-6-motion-control", "amount_usd": "plenty"}]


def _total_alone(document: Document) -> None:
    items = document["data"].pop("items")
    document["data"]["amount_usd"] = f"{sum(float(item['amount_usd']) for item in items):.6f}"


def _status(place: SourceLocation, status: int, prefix: str = "", **rest: Any) -> Fault:  # noqa: ANN401
    """A refusal; nothing was done."""
    about = f"refused with {status}; nothing is done"
    named: dict[str, Any] = {"name": f"{prefix}{status}", "about": about, **rest}
    return Fault(at=place, after="body", status=status, **named)


def _lost(name: str, about: str, way: Way) -> Fault:
    return Fault(name=name, at="submit", about=f"a task is made; {about}", way=way)


_MOVED = {"Location": "/v1/moved"}
_REFUSED = (400, 401, 402, 403, 404, 405, 408, 409, 410, 413, 415, 422, 429, 500, 502, 503, 504,
            520, 521, 522, 523, 524)  # fmt: skip
_SUBMIT = (
    *(_status("submit", status) for status in _REFUSED),
    _status("submit", 429, name="429-later", about="429 with Retry-After: 1; nothing is done",
            headers={"Retry-After": "1"}),
    _status("submit", 429, name="429-much-later", headers={"Retry-After": "3600"},
            about="429 with Retry-After: 3600; nothing is done"),
    _status("submit", 429, name="429-quota", kind="insufficient_quota",
            message="You exceeded your current quota, please check your plan",
            about="429 of the type insufficient_quota; nothing is done"),
    _status("submit", 307, name="307-elsewhere",
            headers={"Location": "https://elsewhere.example/v1/videos/generations?key=hidden"},
            about="a redirect to another host; nothing is done"),
    _status("submit", 409, name="409-in-progress", kind="idempotency_in_progress",
            headers={"Retry-After": "1"}, about="409 of the type idempotency_in_progress"),
    _status("submit", 503, name="503-idempotency", kind="idempotency_unavailable",
            about="503 of the type idempotency_unavailable; nothing is done"),
    _status("submit", 302, headers=_MOVED, about="a redirect to /v1/moved; nothing is done"),
    _status("submit", 500, name="500-html", page=("text/html", HTML),
            about="500 with a page in HTML; nothing is done"),
    _status("submit", 502, name="502-text", page=("text/plain", b"upstream connect error\n"),
            about="502 with plain text; nothing is done"),
    _status("submit", 400, name="echo-key", message="not valid: {authorization} {video}",
            about="400 that repeats the key and the video's whole URL; nothing is done"),
    _status("submit", 200, name="200-code-400",
            page=("application/json", b'{"code": 400, "message": "the prompt is not allowed"}'),
            about="200 whose body says 400, without an id; nothing is done"),
    Fault(name="504-billed", at="submit", status=504, about="a task is made; 504 is answered"),
    Fault(name="200-no-id", at="submit", form="list", bend=_put(data=[]),
          about="a task is made; 200 with an empty list"),
    Fault(name="200-not-json", at="submit", page=("application/json", b'{"code": 200, "data": ['),
          about="a task is made; 200 with half a JSON text, of the right length"),
    Fault(name="200-empty", at="submit", page=("application/json", b""),
          about="a task is made; 200 without a body"),
    Fault(name="201-id", at="submit", status=201, form="list",
          about="a task is made; 201 with its id"),
    Fault(name="200-code-500-id", at="submit", form="list", bend=_put(code=500),
          about="a task is made; 200 with its id, whose body says 500"),
    Fault(name="202-object", at="submit", form="object",
          about="a task is made; 202 with its id in the newer form"),
    Fault(name="200-id-number", at="submit", form="list", number=True, bend=_number,
          about="a task is made; its id is a number"),
    Fault(name="200-id-root", at="submit", form="list", bend=_at_the_root,
          about="a task is made; its id stands at the root"),
    Fault(name="200-id-nested", at="submit", form="list", bend=_nested,
          about="a task is made; its id stands in data.task.id"),
    Fault(name="429-id", at="submit", status=429, form="list", keeps=True,
          about="a task is made; 429 with its id"),
    Fault(name="503-id", at="submit", status=503, form="object", keeps=True,
          about="a task is made; 503 with its id"),
    Fault(name="cut-before", at="submit", after="head", way="cut",
          about="closed before the body is read"),
    Fault(name="reset-before", at="submit", after="head", way="reset",
          about="reset before the body is read"),
    Fault(name="cut-in-request", at="submit", after="half", way="reset",
          about="half of the body is read, then the connection is reset"),
    Fault(name="cut-after-refused", at="submit", after="body", way="cut",
          about="all is read, nothing is done, the connection is closed"),
    _lost("cut-after", "the connection is closed without a byte", "cut"),
    _lost("cut-in-header", "closed in the middle of the answer's header", "half-header"),
    _lost("cut-in-body", "closed in the middle of the answer's body", "half-body"),
    _lost("cut-in-body-after-id", "the body is whole, but more was announced", "short"),
    _lost("stall", "no answer until the sandbox ends", "stall"),
    _lost("slow", "the answer drips, 0.05 s a byte", "drip"),
)  # fmt: skip
_POLL = (
    *(_status("poll", status, "poll-") for status in (401, 404, 429, 500, 502)),
    Fault(name="poll-html", at="poll", after="body", page=("text/html", HTML),
          about="200 with a page in HTML"),
    Fault(name="poll-cut", at="poll", way="half-body", about="closed in the middle of the body"),
    Fault(name="poll-stall", at="poll", way="stall", about="no answer until the sandbox ends"),
    Fault(name="poll-odd", at="poll", bend=_odd, about="a status word that nobody documents"),
    Fault(name="poll-failed", at="final", ends="failed", about="the task has failed, for good"),
    Fault(name="poll-failed-text", at="final", ends="failed", bend=_code_in_words,
          about="the task has failed, for good; the error's code is a text"),
    Fault(name="poll-cancelled", at="final", ends="cancelled",
          about="the task was cancelled, for good"),
    Fault(name="poll-no-cost", at="final", bend=_drop("cost", "credits_cost"),
          about="completed, without a cost"),
    Fault(name="poll-credits", at="final", bend=_drop("cost"),
          about="completed, with its cost in credits only"),
    Fault(name="poll-url-text", at="final", bend=_bare_url,
          about="completed; the video's URL is a text, not a list"),
    Fault(name="poll-two", at="final", bend=_two_videos, about="completed, with two videos"),
    Fault(name="poll-expired", at="final", bend=_expired,
          about="completed, with a link that has expired"),
    Fault(name="poll-no-video", at="final", bend=_no_video, about="completed, without a video"),
)  # fmt: skip
_OTHERS = (
    *(_status("balance", status, "balance-") for status in (401, 500)),
    Fault(name="balance-false", at="balance", bend=_refused_balance,
          about="200 that says it did not succeed"),
    Fault(name="balance-odd", at="balance", bend=_put(remain_balance="plenty"),
          about="a balance that is not a number"),
    _status("usage", 401, "usage-"),
    _status("usage", 429, name="usage-429", headers={"Retry-After": "1"},
            about="429 with Retry-After: 1"),
    _status("usage", 503, name="usage-503", kind="usage_unavailable",
            message="usage data is temporarily unavailable",
            about="503 of the type usage_unavailable, which is not zero"),
    Fault(name="usage-odd", at="usage", bend=_odd_amounts,
          about="amounts that are not numbers"),
    Fault(name="usage-total", at="usage", bend=_total_alone,
          about="a total alone, without models"),
    Fault(name="usage-cut", at="usage", way="half-body", about="closed in the middle of the body"),
    *(_status("upload", status, "upload-") for status in (400, 413, 500)),
    Fault(name="upload-cut", at="upload", way="cut",
          about="the file is kept; the connection is closed without a byte"),
    Fault(name="upload-odd", at="upload", bend=_drop("url"),
          about="the file is kept; no URL in the answer"),
    _status("result", 404, "result-"),
    Fault(name="result-html", at="result", after="body", page=("text/html", HTML),
          about="200 with a page in HTML"),
    Fault(name="result-cut", at="result", way="half-body",
          about="closed after half of what was asked for; ranges work"),
    Fault(name="result-short", at="result", way="short",
          about="more bytes are announced than there are, in ranges too"),
    Fault(name="result-no-ranges", at="result", way="no-ranges",
          about="the whole file, whatever range was asked for"),
    Fault(name="result-no-length", at="result", way="chunked",
          about="chunked: no length, no ranges"),
)  # fmt: skip
FAULTS = {fault.name: fault for fault in (*_SUBMIT, *_POLL, *_OTHERS)}
