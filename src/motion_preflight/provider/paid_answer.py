"""What the answer to the paid POST means, and what of it may be shown and kept: nothing secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.provider.kept_answer import kept_answer
from motion_preflight.provider.responses import (
    Ambiguous,
    Meaning,
    Refused,
    Submitted,
    classify_response,
    parsed,
    redirected,
)
from motion_preflight.text.lazy_dataclass import replace
from motion_preflight.text.redaction import mask_secrets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from motion_preflight.provider.raw_answer import RawAnswer

_LONG_SECRET = 16  # characters from which on a secret is not in an id by chance


def paid_meaning(
    answer: RawAnswer, asked: str, key_forms: Sequence[str], secrets: Sequence[str]
) -> Meaning:
    """What the answer to a paid POST to the URL `asked` means. The key, in each of its forms, and
    the `secrets` are masked in whatever the provider says.
    """
    hidden = [*key_forms, *secrets]
    meaning = _meaning(answer, asked, hidden)
    shown = mask_secrets(meaning.request_id, hidden) if meaning.request_id else None
    if not isinstance(meaning, Submitted):
        return replace(meaning, message=mask_secrets(meaning.message, hidden), request_id=shown)
    if _holds_secret(meaning.task_id, key_forms, secrets):
        text = "the task id in the answer holds a secret, so that it is not kept"
        return Ambiguous(text, shown, meaning.answer)
    return replace(meaning, request_id=shown)


def no_answer(why: str, key_forms: Sequence[str], secrets: Sequence[str]) -> Ambiguous:
    """The meaning of a paid POST that was not answered."""
    return Ambiguous(mask_secrets(f"no answer came: {why}", [*key_forms, *secrets]), None)


def _meaning(answer: RawAnswer, asked: str, hidden: Sequence[str]) -> Meaning:
    """The answer itself is kept for support when it is ambiguous, or when it holds a task id and
    an error.
    """
    meaning = classify_response(answer.status, answer.headers, answer.body, whole=answer.whole)
    meaning = redirected(meaning, answer.status, asked, answer.headers.get("location"))
    plain = isinstance(meaning, Submitted) and 200 <= answer.status < 300
    if plain or isinstance(meaning, Refused):
        return meaning
    return replace(meaning, answer=kept_answer(answer.body, parsed(answer.body), hidden))


def _holds_secret(task_id: str, key_forms: Sequence[str], secrets: Sequence[str]) -> bool:
    """Whether an id contains a piece of the key, or a whole long secret of a link.

    A short secret may stand in an id by chance, and dropping the id would make the outcome
    unknown.
    """
    long = [secret for secret in secrets if len(secret) >= _LONG_SECRET]
    return mask_secrets(task_id, key_forms) != task_id or any(secret in task_id for secret in long)
