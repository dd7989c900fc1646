"""Answers in the shapes that the API documents: good ones to be filled in, and refusals."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

from motion_preflight.sandbox.wire import Answer

Document = dict[str, Any]
_TYPES = {
    401: "authentication_error", 402: "payment_required", 403: "permission_error",
    404: "not_found_error", 429: "rate_limit_error",
}  # fmt: skip


class Refused(Exception):  # noqa: N818  an answer, not an error of this program
    """What was asked for is not done; the answer says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.answer = refusal(status, message)


def refusal(status: int, message: str, kind: str | None = None) -> Answer:
    """An error of the documented shape."""
    kind = kind or _TYPES.get(status, "invalid_request_error" if status < 500 else "server_error")
    return documented(status, {"error": {"code": status, "message": message, "type": kind}})


def documented(status: int, document: Document) -> Answer:
    """An answer in JSON."""
    return Answer.of(status, "application/json", json.dumps(document).encode())


def sample(name: str) -> dict[str, Any]:
    """A documented answer, to be filled in."""
    document: dict[str, Any] = json.loads(_sample(name))
    return document


@cache
def _sample(name: str) -> str:
    return (
        resources.files(__package__).joinpath("answers", f"{name}.json").read_text(encoding="utf-8")
    )
