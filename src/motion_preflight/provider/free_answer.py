"""The answers to calls that cost nothing: their document, and the task in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from motion_preflight.provider.redirects import redirect_words
from motion_preflight.provider.responses import Task, message, parsed, retry_after, task
from motion_preflight.text.lazy_dataclass import replace
from motion_preflight.text.redaction import mask_secrets, without_long_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from motion_preflight.provider.raw_answer import RawAnswer


class CallFailed(Exception):  # noqa: N818  an outcome that each caller puts into its own words
    """A call that costs nothing had no usable answer. `status` is its HTTP status, `None` without
    an answer; `retry_after` is in seconds, `None` when the provider does not say.
    """

    def __init__(
        self, text: str, status: int | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(text)
        self.status = status
        self.retry_after = retry_after


def document_in(answer: RawAnswer, asked: str, key_forms: Sequence[str]) -> Any:  # noqa: ANN401  JSON
    """The JSON value of an answer from the URL `asked`. Raises `CallFailed`, with the key masked in
    each of its forms.
    """
    data = parsed(answer.body)
    if not 200 <= answer.status < 300:
        leads = redirect_words(asked, answer.headers.get("location"))
        text = (leads if 300 <= answer.status < 400 else "") or message(answer.body, data)
        text = mask_secrets(text, key_forms)
        raise CallFailed(
            f"{answer.status}{f' {text}' if text else ''}",
            answer.status,
            retry_after(answer.headers),
        )
    if not answer.whole or data is None:
        raise CallFailed("the answer is not whole" if not answer.whole else "it is not JSON")
    return data


def task_path(task_id: str) -> str:
    """The path below the base URL at which a task is asked for. Raises `CallFailed`."""
    # Dots would change the path, and a lone surrogate cannot be encoded.
    if task_id in {"", ".", ".."} or not task_id.isprintable():
        raise CallFailed("it is no task id", 404)
    return f"/v1/tasks/{quote(task_id, safe='')}"


def task_in(data: Any, hidden: Sequence[str]) -> Task:  # noqa: ANN401  JSON
    """The task in a document, with what is `hidden` masked. Raises `CallFailed`."""
    current = task(data)
    if current is None:
        raise CallFailed("the answer holds no task")
    error = mask_secrets(without_long_words(current.error), hidden) if current.error else None
    return replace(current, word=mask_secrets(current.word, hidden), error=error)
