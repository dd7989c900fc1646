"""What a provider may answer: bodies, headers and raw bytes; and what they mean, as a target."""

from __future__ import annotations

import gzip
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from builders import VIDEO_URL
from odd_texts import HOSTILE
from paths import ROOT

from fuzz.corpus import mutations
from fuzz.engine.case import Target, Violation
from motion_preflight.provider.responses import (
    Ambiguous,
    Refused,
    Submitted,
    balance,
    classify_response,
    message,
    parsed,
    retry_after,
    task,
    uploaded_url,
)
from motion_preflight.provider.state import State

if TYPE_CHECKING:
    from fuzz.engine.case import Dice

CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\ud800-\udfff]")
_SAMPLES = tuple(
    path.read_bytes() for path in sorted((ROOT / "src/motion_preflight/sandbox/answers").iterdir())
)
REFUSALS = {400, 401, 402, 403, 404, 405, 410, 413, 415, 422, 429}
_STATUSES = (
    *REFUSALS, 200, 200, 200, 201, 202, 204, 206, 299, 300, 302, 307, 406, 408, 409, 418, 425, 451,
    500, 502, 503, 503, 504, 520, 524, 599,
)  # fmt: skip
_WORDS = (
    "completed",
    "failed",
    "cancelled",
    "submitted",
    "COMPLETED ",
    "Succeeded",
    "success",
    "failure",
    "expired",
    "canceled",
    "processing",
    "complete",
    "",
)
_LATER = ("0", "1", "60", "1e9", "nan", "inf", "-1", "999999999999999999999", "0.5", " 5 ",
          "\u0665", "Wed, 21 Oct 2026 07:28:00 GMT", "1" * 400, "")  # fmt: skip
_BROKEN_HEADS = (
    b"HTTP/1.1 200", b"HTTP/1.1", b"HTTP/0.9 200 OK", b"HTTP/2 200 OK", b"HTTP/1.1 2000 OK",
    b"HTTP/1.1 -20 OK", b"HTTP/1.1 200 \xff\xfe\0", b"ICY 200 OK", b"", b"\0" * 100, b"<html>",
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK", b"HTTP/1.1 101 Switching", b"HTTP/1.1 099 x",
    b"SSH-2.0-OpenSSH", b"HTTP/1.1 999 x", b"HTTP/1.1 600 x",
)  # fmt: skip
_HEADERS = (
    b"Content-Length: -1", b"Content-Length: 99999999999999999999", b"Content-Length: 5, 5",
    b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked", b"Content-Encoding: gzip",
    b"Content-Encoding: br", b"Content-Encoding: deflate, deflate, gzip", b"\xff: \xff", b": x",
    b"X-Request-Id: " + b"r" * 3000, b"CF-Ray: \x1b[31m\xe2\x80\xae", b"Connection: close, x",
    b" folded: x", b"Set-Cookie: a=b", b"Location: https://evil.example/", b"X: " + b"y" * 90_000,
    b"Content-Type: text/html; charset=utf-7", b"Retry-After: 1", b"Content-Length: 3",
)  # fmt: skip

_ENDS = {
    "completed": State.COMPLETED, "succeeded": State.COMPLETED, "success": State.COMPLETED,
    "failed": State.FAILED, "failure": State.FAILED, "error": State.FAILED,
    "expired": State.FAILED, "cancelled": State.CANCELLED, "canceled": State.CANCELLED,
}  # fmt: skip


@dataclass(frozen=True)
class CannedAnswer:
    """One answer as it goes out, and what it says by its own lights."""

    raw: bytes
    content: bytes | None  # the body before it was framed; `None`: nobody knows
    close: bool

    @property
    def status(self) -> int | None:
        """The status of the first line that is not an interim answer's; `None` without one."""
        match = re.match(
            rb"(?:HTTP/1\.[01] 1\d\d[^\r\n]*\r?\n\r?\n)*HTTP/1\.[01] (\d{3})\b", self.raw
        )
        return int(match[1]) if match else None


def canned_answer(dice: Dice, secrets: list[str]) -> CannedAnswer:
    """An answer that may be wrong in any way, and may tell secrets back."""
    content = body(dice)
    if secrets and dice.likely(0.3):
        notice = f"no: {dice.choice(secrets)} {dice.choice(secrets)[: dice.few(40)]} {VIDEO_URL}"
        content = mutations.as_json({"error": {"message": notice, "type": dice.choice(HOSTILE)}})
    status = dice.choice(_STATUSES)
    framed, headers = content, [b"Content-Length: %d" % len(content)]
    way = dice.random()
    if way < 0.1:
        framed, headers = gzip.compress(content), [b"Content-Encoding: gzip"]
    elif way < 0.2:
        framed = b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)
        headers = [b"Transfer-Encoding: chunked"]
    elif way < 0.3:
        headers = []
    if status in {429, 503}:
        headers.append(b"Retry-After: " + dice.choice(_LATER).encode("utf-8"))
    first = b"HTTP/1.1 %d Said" % status
    clean = dice.likely(0.75)
    if not clean:
        headers += [dice.choice(_HEADERS) for _ in range(dice.few(4))]
        first = dice.choice(_BROKEN_HEADS) if dice.likely(0.3) else first
    raw = b"\r\n".join([first, *headers, b"", b""]) + framed
    if dice.likely(0.15):
        raw, clean = mutations.mutated(dice, raw, list(_SAMPLES)), False
    if dice.likely(0.1):
        raw, clean = raw[: dice.randint(0, len(raw))], False
    return CannedAnswer(raw, content if clean else None, close=not clean or dice.likely(0.8))


def body(dice: Dice) -> bytes:
    """The body of an answer."""
    way = dice.random()
    if way < 0.35:
        return mutations.mutated(dice, dice.choice(_SAMPLES), list(_SAMPLES), mutations.JSON_TOKENS)
    if way < 0.45:
        around = dice.pick((b"", b""), (b'{"error":{"message":', b"}}"), (b'{"data":', b"}"))
        return around[0] + mutations.nested(dice, dice.few(1500)) + around[1]
    if way < 0.55:
        piece = dice.pick(b"<", b"<script", b"<style>", b"</script>", b"<!--", b"a ", b"http://")
        return piece * dice.pick(10, 3000, 40_000)
    return mutations.as_json(_document(dice))


def _document(dice: Dice) -> dict[str, Any]:
    ids = {"task_id": dice.pick("task_1", mutations.value(dice)), "id": mutations.value(dice)}
    built: dict[str, Any] = {name: value for name, value in ids.items() if dice.likely(0.6)}
    built |= {
        "status": dice.pick(*_WORDS, mutations.value(dice)),
        "progress": mutations.value(dice),
        "cost": dice.pick(0.46, -1, 10**12, mutations.value(dice)),
        "credits_cost": mutations.value(dice),
        "error": mutations.value(dice),
        "result": {
            "videos": [
                {
                    "url": dice.pick(mutations.url(dice), [mutations.url(dice)]),
                    "expires_at": mutations.value(dice),
                }
                for _ in range(dice.randrange(3))
            ]
        },
        "url": mutations.url(dice),
    }
    error = {name: mutations.value(dice) for name in ("type", "code", "message", "request_id")}
    error |= {"type": "idempotency_unavailable"} if dice.likely(0.4) else {}
    return {
        "code": dice.pick(200, 202, 400, mutations.value(dice)),
        "data": dice.pick(built, [built], [mutations.value(dice), built], mutations.value(dice)),
        "error": dice.pick(None, error, mutations.value(dice)),
        "message": mutations.value(dice),
        "success": dice.choice((True, False, None)),
        "remain_balance": mutations.value(dice),
    }


def ids_in(content: bytes) -> set[str]:
    """Every word and number of a JSON text, as a task id would be written."""
    result, todo = set[str](), [parsed(content)]
    while todo:
        item = todo.pop()
        if isinstance(item, dict | list):
            todo += item.values() if isinstance(item, dict) else item
        elif isinstance(item, str | int):
            result.add(str(item).strip())
    return result


class Answers(Target):
    """What answers mean: no bytes may be taken for more than they say."""

    name = "answers"
    share = 140
    processor = 1.5

    def run(self, dice: Dice) -> None:
        content, status = body(dice), dice.choice(_STATUSES)
        headers = {"retry-after": dice.choice(_LATER), "x-request-id": mutations.text(dice)}
        headers = {name: value for name, value in headers.items() if dice.likely(0.5)}
        self.inputs["body"] = content
        self.note_input("head.txt", (status, headers))
        whole = dice.likely(0.8)
        result = classify_response(status, headers, content, whole=whole)
        _check_meaning(result, status, content, whole=whole)
        data = parsed(content)
        shown = message(content, data)
        if len(shown) > 300 or CONTROL.search(shown):
            raise Violation(f"a message that cannot be shown: {shown!r}")
        later = retry_after(headers)
        if later is not None and not 0 <= later < float("inf"):
            raise Violation(f"to be asked again after {later} s")
        _check_task(data)
        with suppress(ValueError):
            left = balance(data)
            if left is not None and not left.is_finite():
                raise Violation(f"a balance of {left}")
        link = uploaded_url(data)
        if link is not None and not re.match("(?i)https?://[^\\s]+$", link):
            raise Violation(f"a picture at {link!r}")


def _check_meaning(
    meaning: Submitted | Refused | Ambiguous, status: int, content: bytes, *, whole: bool
) -> None:
    """By the table of the provider's page, written a second time."""
    if isinstance(meaning, Submitted):
        if meaning.task_id not in ids_in(content):
            raise Violation(f"{status} is taken for the task {meaning.task_id!r}")
    elif isinstance(meaning, Refused):
        executed = status == 503 and b"idempotency_unavailable" not in content
        if executed or status not in REFUSALS | {503}:
            raise Violation(f"{status} is taken for a refusal")
        if meaning.later > (status == 429) or (status == 429 and meaning.later == meaning.payment):
            raise Violation(f"{status} is asked again")
        if meaning.later and not whole:
            raise Violation(f"{status} that broke off is asked again")
    elif status in REFUSALS and (whole or status != 429) and b"task" not in content.lower():
        raise Violation(f"{status} is not taken for a refusal")


def _check_task(data: object) -> None:
    status = task(data)
    if status is None:
        return
    if status.state is not _ENDS.get(status.word.strip().lower(), State.SUBMITTED) and not (
        status.word.strip().lower() == "success" and not status.urls
    ):
        raise Violation(f"{status.word!r} is taken for {status.state}")
    if status.cost is not None and not Decimal(0) <= status.cost < 10**9:
        raise Violation(f"a cost of {status.cost}")
    json.dumps([status.progress, status.error, status.urls, status.expires_at])
