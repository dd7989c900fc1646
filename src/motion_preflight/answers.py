"""What the provider's answers mean. Pure: status, headers and bytes in, meaning out.

The answer to the paid POST is read by one table, the first row that fits:

    any status with a task id, whatever its `code`      → Submitted: nothing is sent after it
    400-405, 410, 413, 415, 422                         → Refused
    402, or one of these or 429 of an empty account     → Refused, `payment`: it ends the run
    429                                                 → Refused, `later`: it may be asked again
    503 with the type `idempotency_unavailable`         → Refused (it says: not executed)
    everything else                                     → Unclear: it may have been taken

Sources: APIMart's API page of motion control (documented); the form with `id` and `queued`, an id
in an answer that is no 2xx, and the last four rows' details are second-hand.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from motion_preflight.provider.empty_account import account_is_empty
from motion_preflight.provider.redirects import redirect_words
from motion_preflight.provider.task_ids import task_id_in
from motion_preflight.provider.task_results import (
    reason_in,
    state_of,
    task_in,
    videos_in,
    word_of,
)
from motion_preflight.provider.values import number_of, object_of
from motion_preflight.receipt import State
from motion_preflight.source.location import scrubbed

if TYPE_CHECKING:
    from collections.abc import Mapping

_REFUSALS = frozenset({400, 401, 402, 403, 404, 405, 410, 413, 415, 422})
_REQUEST_IDS = ("x-request-id", "request-id", "x-oneapi-request-id", "cf-ray")
_MESSAGES = ("message", "msg", "error_message", "fail_reason", "detail", "error_msg", "reason")
_MESSAGE = 300  # characters of a message that are shown
_MARKUP = re.compile(r"<(script|style).*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s/\x00-\x1f][^\s\x00-\x1f\x7f]*", re.IGNORECASE)
_CREDIT = Decimal(10)  # credits to a dollar (documented)
_RESULTS = 16  # of one task, of which one is usual; each may have gigabytes
_EXPIRED = "the provider let it expire"
_DEAREST = Decimal(10**9)


@dataclass(frozen=True, slots=True)
class Submitted:
    task_id: str
    request_id: str | None
    answer: str | None = None  # the provider's own words where they say more than an id


@dataclass(frozen=True, slots=True)
class Refused:
    status: int
    message: str
    request_id: str | None
    later: bool = False
    payment: bool = False  # the account is empty: the next request would meet the same
    retry_after: float | None = None  # seconds, as the provider asks; `None`: it does not say


@dataclass(frozen=True, slots=True)
class Unclear:
    message: str
    request_id: str | None
    answer: str | None = None  # the provider's own words, short and without secrets


Meaning = Submitted | Refused | Unclear


@dataclass(frozen=True, slots=True)
class Task:
    """A task as a poll shows it."""

    word: str  # the provider's own status word
    state: State  # submitted, until the word is final
    progress: int | None  # per cent
    cost: Decimal | None  # USD
    error: str | None
    urls: tuple[str, ...]  # of the results, with their signatures: never shown nor stored
    expires_at: int | None  # seconds since 1970, when those links end


def meaning(status: int, headers: Mapping[str, str], body: bytes, *, whole: bool = True) -> Meaning:
    """What the answer to the paid POST means. `headers` have names in lower case; `whole` is False
    when the connection broke before the body's end.
    """
    data = parsed(body)
    request_id = _request_id(headers, data)
    task_id = task_id_in(data, status)
    if task_id:
        return Submitted(task_id, request_id)
    said = message(body, data)
    if status in _REFUSALS or (status == 503 and _type(data) == "idempotency_unavailable"):
        empty = account_is_empty(status, data, said)
        return Refused(status, said, request_id, payment=empty)
    if status == 429:
        if account_is_empty(status, data, said):
            return Refused(status, said, request_id, payment=True)
        later = retry_after(headers)
        return Refused(status, said, request_id, later=True, retry_after=later)
    what = f"the answer was {status}{'' if whole else ', and broke off'}"
    if 200 <= status < 300:
        what += f", without a task id{_code_words(data)}"
    return Unclear(f"{what}: {said}" if said else what, request_id)


def redirected(found: Meaning, status: int, asked: str, location: str | None) -> Meaning:
    """The meaning of an answer to the URL `asked`, with the words on where its redirect leads."""
    words = redirect_words(asked, location) if 300 <= status < 400 else ""
    if not words or not isinstance(found, Unclear):
        return found
    return Unclear(f"the answer was {status}: {words}", found.request_id, found.answer)


def task(data: Any) -> Task | None:  # noqa: ANN401  JSON
    """The task in the answer to a poll; `None` when it holds none."""
    found = task_in(data)
    word = word_of(found) if found else None
    if found is None or word is None:
        return None
    progress = number_of(found.get("progress"))
    videos = videos_in(found)
    urls = tuple(url for url, _ in videos)
    state = state_of(word, urls)
    error = _error(reason_in(found, data)) if state is not State.COMPLETED else None
    return Task(
        word=scrubbed(word)[:40],
        state=state,
        progress=None if progress is None or not 0 <= progress <= 100 else int(progress),
        cost=_cost(found),
        error=error or (_EXPIRED if word.strip().lower() == "expired" else None),
        urls=urls[:_RESULTS],
        expires_at=min((end for _, end in videos if end is not None), default=None),
    )


def balance(data: Any) -> Decimal | None:  # noqa: ANN401  JSON
    """What is left, `None` for an unlimited quota. Raises `ValueError` when the answer is none."""
    if not isinstance(data, dict) or data.get("success") is False:
        raise ValueError(message(b"", data) or "the answer is no balance")
    left = number_of(data.get("remain_balance"))
    if data.get("unlimited_quota") is True or left == -1:
        return None
    if left is None:
        raise ValueError("the answer holds no remain_balance")
    return left


def uploaded_url(data: Any) -> str | None:  # noqa: ANN401  JSON
    """The link of an uploaded picture, `None` when the answer holds none."""
    found = data.get("data", data) if isinstance(data, dict) else None
    url = found.get("url") if isinstance(found, dict) else None
    usable = isinstance(url, str) and _LINK.fullmatch(url)
    return url if usable else None


def parsed(body: bytes) -> Any:  # noqa: ANN401  JSON
    """The JSON of a body, `None` when it is none."""
    try:
        return json.loads(body, parse_float=_decimal, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None


def message(body: bytes, data: Any) -> str:  # noqa: ANN401  JSON
    """The provider's own words on one line, out of JSON, text or a web page; `""` for none."""
    error = data.get("error") if isinstance(data, dict) else None
    if isinstance(error, dict):
        words = [str(error[key]) for key in ("type", "code", "message") if error.get(key)]
        error = ": ".join(words)
    if isinstance(data, dict):
        texts = (error, *(data.get(name) for name in _MESSAGES))
        words = [text for text in texts if isinstance(text, str) and text.strip()]
        return scrubbed(words[0] if words else "")[:_MESSAGE]
    return scrubbed(_MARKUP.sub(" ", body[:20_000].decode("utf-8", "replace")))[:_MESSAGE]


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds of a Retry-After; a date counts as a day, since nobody waits for one; `None`
    where it says nothing.
    """
    text = headers.get("retry-after", "").strip()
    if text.endswith("GMT"):
        return 86_400.0
    return float(text) if re.fullmatch(r"\d{1,20}(\.\d{1,9})?", text, re.ASCII) else None


def _code_words(data: Any) -> str:  # noqa: ANN401  JSON
    """The `code` of an answer that means no success, in words; `""` for the others."""
    code = object_of(data).get("code")
    number = isinstance(code, int) and not isinstance(code, bool) and code >= 300
    text = isinstance(code, str) and code.strip().lower() not in {"", "success", "ok", "200", "0"}
    return f", with the code {scrubbed(str(code))[:40]}" if number or text else ""


def _type(data: Any) -> str | None:  # noqa: ANN401  JSON
    error = data.get("error") if isinstance(data, dict) else None
    kind = error.get("type") if isinstance(error, dict) else None
    return kind if isinstance(kind, str) else None


def _request_id(headers: Mapping[str, str], data: Any) -> str | None:  # noqa: ANN401  JSON
    found = [headers.get(name) for name in _REQUEST_IDS]
    if isinstance(data, dict):
        error = data.get("error")
        found += [each.get("request_id") for each in (error, data) if isinstance(each, dict)]
    text = next((each for each in found if isinstance(each, str) and each.strip()), None)
    return scrubbed(text)[:100] if text else None


def _cost(found: Mapping[str, Any]) -> Decimal | None:
    """What was billed in USD; `None` when the answer does not say."""
    cost, credits_cost = number_of(found.get("cost")), number_of(found.get("credits_cost"))
    if cost is None and credits_cost is not None:
        cost = credits_cost / _CREDIT
    return cost if cost is not None and 0 <= cost < _DEAREST else None


def _error(error: Any) -> str | None:  # noqa: ANN401  JSON
    if isinstance(error, dict | str):
        return message(b"", {"error": error}) or None
    return None


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond those of `Decimal`
        return None
