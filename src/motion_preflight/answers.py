"""What the provider's answers mean. Pure: status, headers and bytes in, meaning out.

The answer to the paid POST is read by one table, the first row that fits:

    any 2xx that holds a task id, whatever its `code`   → Submitted
    400-405, 410, 413, 415, 422                         → Refused
    429                                                 → Refused, `later`: it may be asked again
    503 with the type `idempotency_unavailable`         → Refused (it says: not executed)
    everything else                                     → Unclear: it may have been taken

Sources: APIMart's API page of motion control (documented); the form with `id` and `queued` and the
last two rows' details are second-hand.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from motion_preflight.receipt import State
from motion_preflight.source.location import scrubbed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_REFUSALS = frozenset({400, 401, 402, 403, 404, 405, 410, 413, 415, 422})
_REQUEST_IDS = ("x-request-id", "request-id", "x-oneapi-request-id", "cf-ray")
_FINAL = {word: State(word) for word in ("completed", "failed", "cancelled")}
_LONGEST_ID = 200  # characters; what is longer is no task id
_MESSAGE = 300  # characters of a message that are shown
_MARKUP = re.compile(r"<(script|style).*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s/\x00-\x1f][^\s\x00-\x1f\x7f]*", re.IGNORECASE)
_CREDIT = Decimal(10)  # credits to a dollar (documented)
_RESULTS = 16  # of one task, of which one is usual; each may have gigabytes
_DEAREST = Decimal(10**9)


@dataclass(frozen=True, slots=True)
class Submitted:
    task_id: str
    request_id: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    status: int
    message: str
    request_id: str | None
    later: bool = False
    retry_after: float | None = None  # seconds, as the provider asks; `None`: it does not say


@dataclass(frozen=True, slots=True)
class Unclear:
    message: str
    request_id: str | None


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
    task_id = _task_id(data) if 200 <= status < 300 else None
    if task_id:
        return Submitted(task_id, request_id)
    said = message(body, data)
    if status in _REFUSALS or (status == 503 and _type(data) == "idempotency_unavailable"):
        return Refused(status, said, request_id)
    if status == 429:
        later = retry_after(headers)
        return Refused(status, said, request_id, later=True, retry_after=later)
    broken = "" if whole else ", and broke off"
    what = f"the answer was {status}{broken}" + ("" if status >= 300 else ", without a task id")
    return Unclear(f"{what}: {said}" if said else what, request_id)


def task(data: Any) -> Task | None:  # noqa: ANN401  JSON
    """The task in the answer to a poll; `None` when it holds none."""
    found = data.get("data") if isinstance(data, dict) else None
    if isinstance(found, list):
        found = found[0] if found else None
    word = found.get("status") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(word, str) or not word.strip():
        return None
    progress = _number(found.get("progress"))
    videos = list(_videos(found.get("result")))
    ends = [end for _, end in videos if end is not None]
    return Task(
        word=scrubbed(word)[:40],
        state=_FINAL.get(word.strip().lower(), State.SUBMITTED),
        progress=None if progress is None or not 0 <= progress <= 100 else int(progress),
        cost=_cost(found),
        error=_error(found.get("error")),
        urls=tuple(url for urls, _ in videos for url in urls)[:_RESULTS],
        expires_at=min(ends, default=None),
    )


def balance(data: Any) -> Decimal | None:  # noqa: ANN401  JSON
    """What is left, `None` for an unlimited quota. Raises `ValueError` when the answer is none."""
    if not isinstance(data, dict) or data.get("success") is False:
        raise ValueError(message(b"", data) or "the answer is no balance")
    left = _number(data.get("remain_balance"))
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
        texts = (error, data.get("message"), data.get("msg"))
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


def _task_id(data: Any) -> str | None:  # noqa: ANN401  JSON
    found = data.get("data") if isinstance(data, dict) else None
    for each in found if isinstance(found, list) else [found]:
        if isinstance(each, dict):
            for value in (each.get("task_id"), each.get("id")):
                number = isinstance(value, int) and not isinstance(value, bool) and value > 0
                text = str(value).strip() if number or isinstance(value, str) else ""
                if text and text.isprintable() and len(text) <= _LONGEST_ID:
                    return text
    return None


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


def _videos(result: Any) -> Iterator[tuple[list[str], int | None]]:  # noqa: ANN401  JSON
    """The links of each video of a result, and when they end."""
    videos = result.get("videos") if isinstance(result, dict) else None
    for video in videos if isinstance(videos, list) else []:
        if isinstance(video, dict):
            given, end = video.get("url"), _number(video.get("expires_at"))
            urls = given if isinstance(given, list) else [given]
            moment = int(end) if end is not None and 0 < end < 10**11 else None
            yield [url for url in urls if isinstance(url, str) and url], moment


def _cost(found: Mapping[str, Any]) -> Decimal | None:
    """What was billed in USD; `None` when the answer does not say."""
    cost, credits_cost = _number(found.get("cost")), _number(found.get("credits_cost"))
    if cost is None and credits_cost is not None:
        cost = credits_cost / _CREDIT
    return cost if cost is not None and 0 <= cost < _DEAREST else None


def _error(error: Any) -> str | None:  # noqa: ANN401  JSON
    if isinstance(error, dict | str):
        return message(b"", {"error": error}) or None
    return None


def _number(value: Any) -> Decimal | None:  # noqa: ANN401  JSON
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    number = Decimal(value)
    sane = number.adjusted() < 40 and int(number.as_tuple().exponent) > -40
    return number if sane else None


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond those of `Decimal`
        return None
