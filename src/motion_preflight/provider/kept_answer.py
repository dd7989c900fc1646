"""The text of an ambiguous answer, kept for support: short, and without secrets."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from motion_preflight.text.locations import printable, redacted_text
from motion_preflight.text.redaction import mask_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable

_KEPT = 2048  # bytes of UTF-8
_READ = 20_000  # characters that are examined, because secrets are masked before the text is cut
_SECRET_NAME = re.compile(
    r"(access_?|auth_?|bearer_?|refresh_?)?token|secret|password|authorization|cookie"
    r"|api_?key|(x_)?signature|credential",
    re.IGNORECASE,
)


def kept_answer(body: bytes, data: Any, secrets: Iterable[str]) -> str | None:  # noqa: ANN401  JSON
    """The body of an answer on one line of at most 2 KB; `None` for an empty one.

    Every query value of a link, every text under the name of a secret, and every piece of the
    `secrets` is replaced by `…`.
    """
    text = ""
    if isinstance(data, dict | list):
        try:
            text = json.dumps(_masked(data), ensure_ascii=False, default=str)
        except (RecursionError, ValueError):
            text = ""
    text = text or _masked_text(body[:_READ].decode("utf-8", "replace"))
    text = mask_secrets(printable(" ".join(text[:_READ].split())), secrets)
    return text.encode("utf-8", "replace")[:_KEPT].decode("utf-8", "ignore") or None


def _masked(value: Any) -> Any:  # noqa: ANN401  JSON
    if isinstance(value, dict):
        return {
            _plain(name): "…"
            if isinstance(inner, str) and _SECRET_NAME.fullmatch(name.replace("-", "_"))
            else _masked(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_masked(inner) for inner in value]
    return _plain(value) if isinstance(value, str) else value


def _plain(text: str) -> str:
    return redacted_text(text[:_READ])


def _masked_text(text: str) -> str:
    """The text of a page, or of JSON that broke off, with its links redacted. A link in it ends at
    a quotation mark.
    """
    return '"'.join(redacted_text(part) for part in text.replace("\\/", "/").split('"'))
