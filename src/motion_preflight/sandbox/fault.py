"""One thing that goes wrong on purpose, and what it does to an answer."""

from __future__ import annotations

import json
from http.client import responses
from typing import TYPE_CHECKING, Literal

from motion_preflight.sandbox.documents import Document, documented, refusal
from motion_preflight.sandbox.wire import SURPLUS, Answer
from motion_preflight.text.lazy_dataclass import dataclass, field, replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from motion_preflight.sandbox.wire import Request, Way

SourceLocation = Literal[
    "submit",
    "poll",
    "final",  # a poll of a task that has come to its end
    "balance",
    "usage",
    "upload",
    "result",
]
HTML = b"<!doctype html><title>Oops</title><p>Something went wrong. Please try again.</p>\n"
_UNNAMED = {520: "Unknown Error", 521: "Web Server Is Down", 522: "Connection Timed Out",
            523: "Origin Is Unreachable", 524: "A Timeout Occurred"}  # fmt: skip


def _same(_: Document) -> None:
    """Leaves an answer as it is."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that goes wrong. What is not named here goes as it should."""

    name: str
    at: SourceLocation
    about: str
    # How far it gets before that: the request's head is read, half of its body, all of it, or
    # what was asked for is done, so that only the answer suffers.
    after: Literal["head", "half", "body", "done"] = "done"
    status: int | None = None  # an error of the documented shape, where no page is given
    kind: str | None = None  # the error's type, where it is not that of the status
    message: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    page: tuple[str, bytes] | None = None  # content type and body
    bend: Callable[[Document], None] = _same  # what becomes of a good answer
    way: Way = "whole"
    form: Literal["list", "object"] | None = None  # of the answer to the paid POST
    number: bool = False  # the task's id is one
    keeps: bool = False  # a good answer goes out under the status of an error
    ends: Literal["failed", "cancelled"] | None = None  # what the task comes to, from then on


def instead(fault: Fault, request: Request) -> Answer:
    """The answer that a fault gives by itself."""
    status = fault.status or 200
    if fault.page:
        answer = Answer.of(status, *fault.page)
    else:
        named = responses.get(status) or _UNNAMED.get(status, "")
        message = fault.message or f"{named} (a fault that was asked for)"
        answer = refusal(status, message.format_map(_quotable(request)), fault.kind)
    return replace(answer, headers=answer.headers | fault.headers)


def spoilt(answer: Answer, fault: Fault, request: Request) -> Answer:
    """The answer to what was done, as the fault lets it go out. A refusal keeps its words."""
    if answer.status < 300:
        if fault.page or (fault.status and fault.status >= 300 and not fault.keeps):
            answer = instead(fault, request)
        elif answer.headers["Content-Type"] == "application/json":
            document = json.loads(b"".join(answer.body))
            fault.bend(document)
            answer = documented(fault.status or answer.status, document)
            surplus = SURPLUS if fault.way == "short" else 0
            answer = replace(answer, length=answer.length + surplus)
    return replace(answer, way=fault.way, fault=fault.name)


def _quotable(request: Request) -> dict[str, str]:
    """What an answer may repeat of the request, whole."""
    try:
        video = str(json.loads(request.body)["video_url"])
    except (ValueError, TypeError, LookupError):
        video = ""
    return {"authorization": request.headers.get("authorization", ""), "video": video}
