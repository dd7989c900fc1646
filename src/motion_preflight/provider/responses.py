"""What the provider's answers mean, as functions of status, headers and bytes.

The answer to the paid POST is read by one table, in which the first matching row counts:

    any status with a task id, whatever its `code`      → Submitted: nothing is sent after it
    any other that names a task as nobody reads it      → Ambiguous
    400-405, 410, 413, 415, 422                         → Refused
    402, or one of these or 429 of an empty account     → Refused, `payment`: it ends the run
    429 that came whole                                 → Refused, `later`: it may be sent again
    503 with the type `idempotency_unavailable`         → Refused (it says: not executed)
    everything else                                     → Ambiguous: it may have been accepted

Sources: APIMart's API page of motion control (documented). The form with `id` and `queued`, an id
in an answer that is not a 2xx, and the details of the last four rows are second-hand.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from motion_preflight.provider.empty_account import account_is_empty
from motion_preflight.provider.redirects import redirect_words
from motion_preflight.provider.state import State
from motion_preflight.provider.task_ids import names_task, task_id_in
from motion_preflight.provider.task_results import (
    reason_in,
    state_of,
    task_in,
    videos_in,
    word_of,
)
from motion_preflight.provider.values import number_of, object_of
from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.locations import sanitize_external_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_REFUSALS = frozenset({400, 401, 402, 403, 404, 405, 410, 413, 415, 422})
_REQUEST_IDS = ("x-request-id", "request-id", "x-oneapi-request-id", "cf-ray")
_MESSAGES = ("message", "msg", "error_message", "fail_reason", "detail", "error_msg", "reason")
_MESSAGE = 300  # characters of a message that are shown
_MARKUP = re.compile(r"<(script|style).*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_LINK = re.compile(r"https?://[^\s/\x00-\x1f][^\s\x00-\x1f\x7f]*", re.IGNORECASE)
_CREDIT = Decimal(10)  # credits to a dollar (documented)
_RESULTS = 16  # results of one task that are kept; one is usual, and each may have gigabytes
_EXPIRED = "the provider let it expire"
_DEAREST = Decimal(10**9)


@dataclass(frozen=True, slots=True)
class Submitted:
    """The provider accepted the request and gave it a task. `request_id` is `None` when it gave
    none.
    """

    task_id: str
    request_id: str | None
    answer: str | None = None  # the provider's own words, when they say more than an id


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider refused the request, so that nothing is billed. `message` is in its
    own words.
    """

    status: int
    message: str
    request_id: str | None
    later: bool = False  # the same request may be sent again later
    payment: bool = False  # the account is empty, so the next request would be refused too
    retry_after: float | None = None  # seconds that the provider asks for, if it does


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """Whether the provider accepted the request is not known, so it may be billed."""

    message: str
    request_id: str | None
    answer: str | None = None  # the provider's own words, short and without secrets


Meaning = Submitted | Refused | Ambiguous


@dataclass(frozen=True, slots=True)
class Task:
    """A task as the answer to a poll describes it."""

    word: str  # the provider's own status word
    state: State  # SUBMITTED until the word is a final one
    progress: int | None  # percent, 0 to 100
    cost: Decimal | None  # USD
    error: str | None
    # Links of the results with their signatures, which are never shown or stored.
    urls: tuple[str, ...]
    expires_at: int | None  # seconds since 1970, when the first of those links ends


def classify_response(
    status: int, headers: Mapping[str, str], body: bytes, *, whole: bool = True
) -> Meaning:
    """What the answer to the paid POST means.

    `headers` have names in lower case; `whole` is False when the connection broke before the end of
    the body.
    """
    data = parsed(body)
    request_id = _request_id(headers, data)
    task_id = task_id_in(data, status)
    if task_id:
        return Submitted(task_id, request_id)
    words = message(body, data)
    hidden = names_task(body)
    refused = None if hidden else _refused(status, headers, data, words, request_id, whole=whole)
    if refused:
        return refused
    what = f"the answer was {status}{'' if whole else ', and broke off'}"
    if 200 <= status < 300:
        what += f", without a task id{_code_words(data)}"
    elif hidden:
        what += ", and names a task in a way that is not understood"
    return Ambiguous(f"{what}: {words}" if words else what, request_id)


def _refused(
    status: int,
    headers: Mapping[str, str],
    data: Any,  # noqa: ANN401  JSON
    words: str,
    request_id: str | None,
    *,
    whole: bool,
) -> Refused | None:
    """The refusal that an answer without a task id means; `None` when it may mean more."""
    if status in _REFUSALS or (status == 503 and _type(data) == "idempotency_unavailable"):
        empty = account_is_empty(status, data, words)
        return Refused(status, words, request_id, payment=empty)
    if status != 429:
        return None
    if account_is_empty(status, data, words):
        return Refused(status, words, request_id, payment=True)
    if not whole:
        return None  # the rest may name a task, and the request would be sent again
    later = retry_after(headers)
    return Refused(status, words, request_id, later=True, retry_after=later)


def redirected(meaning: Meaning, status: int, asked: str, location: str | None) -> Meaning:
    """The meaning with words about where its redirect leads, when the answer to the URL `asked` is
    an ambiguous redirect; otherwise as it was.
    """
    words = redirect_words(asked, location) if 300 <= status < 400 else ""
    if not words or not isinstance(meaning, Ambiguous):
        return meaning
    return Ambiguous(f"the answer was {status}: {words}", meaning.request_id, meaning.answer)


def task(data: Any) -> Task | None:  # noqa: ANN401  JSON
    """The task in the answer to a poll; `None` when it holds none."""
    task_object = task_in(data)
    word = word_of(task_object) if task_object else None
    if task_object is None or word is None:
        return None
    progress = number_of(task_object.get("progress"))
    videos = videos_in(task_object)
    urls = tuple(url for url, _ in videos)
    state = state_of(word, urls)
    error = _error(reason_in(task_object, data)) if state is not State.COMPLETED else None
    return Task(
        word=sanitize_external_text(word)[:40],
        state=state,
        progress=None if progress is None or not 0 <= progress <= 100 else int(progress),
        cost=_cost(task_object),
        error=error or (_EXPIRED if word.strip().lower() == "expired" else None),
        urls=urls[:_RESULTS],
        expires_at=min((end for _, end in videos if end is not None), default=None),
    )


def balance(data: Any) -> Decimal | None:  # noqa: ANN401  JSON
    """The balance that is left, `None` for an unlimited quota. Raises `ValueError` when the answer
    states none.
    """
    if not isinstance(data, dict) or data.get("success") is False:
        raise ValueError(message(b"", data) or "the answer is no balance")
    left = number_of(data.get("remain_balance"))
    if data.get("unlimited_quota") is True or left == -1:
        return None
    if left is None:
        raise ValueError("the answer holds no remain_balance")
    return left


def uploaded_url(data: Any) -> str | None:  # noqa: ANN401  JSON
    """The link of an uploaded picture; `None` when the answer holds none."""
    upload = data.get("data", data) if isinstance(data, dict) else None
    url = upload.get("url") if isinstance(upload, dict) else None
    usable = isinstance(url, str) and _LINK.fullmatch(url)
    return url if usable else None


def parsed(body: bytes) -> Any:  # noqa: ANN401  JSON
    """The JSON value of a body; `None` when it is not JSON."""
    try:
        return json.loads(body, parse_float=_decimal, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None


def message(body: bytes, data: Any) -> str:  # noqa: ANN401  JSON
    """The provider's own words on one line, from JSON, text or a web page; `""` when there are
    none.
    """
    error = data.get("error") if isinstance(data, dict) else None
    if isinstance(error, dict):
        words = [str(error[key]) for key in ("type", "code", "message") if error.get(key)]
        error = ": ".join(words)
    if isinstance(data, dict):
        texts = (error, *(data.get(name) for name in _MESSAGES))
        words = [text for text in texts if isinstance(text, str) and text.strip()]
        return sanitize_external_text(words[0] if words else "")[:_MESSAGE]
    return sanitize_external_text(_MARKUP.sub(" ", body[:20_000].decode("utf-8", "replace")))[
        :_MESSAGE
    ]


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds of a Retry-After header; `None` where it says nothing.

    A date counts as a day, because nobody waits for one here.
    """
    text = headers.get("retry-after", "").strip()
    if text.endswith("GMT"):
        return 86_400.0
    return float(text) if re.fullmatch(r"\d{1,20}(\.\d{1,9})?", text, re.ASCII) else None


def _code_words(data: Any) -> str:  # noqa: ANN401  JSON
    """The `code` of an answer in words when it does not mean success; otherwise `""`."""
    code = object_of(data).get("code")
    number = isinstance(code, int) and not isinstance(code, bool) and code >= 300
    text = isinstance(code, str) and code.strip().lower() not in {"", "success", "ok", "200", "0"}
    return f", with the code {sanitize_external_text(str(code))[:40]}" if number or text else ""


def _type(data: Any) -> str | None:  # noqa: ANN401  JSON
    error = data.get("error") if isinstance(data, dict) else None
    kind = error.get("type") if isinstance(error, dict) else None
    return kind if isinstance(kind, str) else None


def _request_id(headers: Mapping[str, str], data: Any) -> str | None:  # noqa: ANN401  JSON
    ids = [headers.get(name) for name in _REQUEST_IDS]
    if isinstance(data, dict):
        error = data.get("error")
        ids += [part.get("request_id") for part in (error, data) if isinstance(part, dict)]
    text = next((one for one in ids if isinstance(one, str) and one.strip()), None)
    return sanitize_external_text(text)[:100] if text else None


def _cost(answer: Mapping[str, Any]) -> Decimal | None:
    """The billed cost in USD; `None` when the answer does not say."""
    cost, credits_cost = number_of(answer.get("cost")), number_of(answer.get("credits_cost"))
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
    except InvalidOperation:  # its exponent is beyond the range of `Decimal`
        return None
