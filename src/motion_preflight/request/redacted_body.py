"""The body of a request as it may be shown and stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from motion_preflight.request.parse import FIELDS, names_a_link
from motion_preflight.text.credentials import separate_credentials
from motion_preflight.text.links.embedded import embedded_file
from motion_preflight.text.locations import is_url, redacted, redacted_path, redacted_text

_WORDS = {*FIELDS} - {"prompt"}  # what takes a word or a link, and no sentences
_LONG_TEXT = 1000  # characters from which on a text is examined for an embedded file


def redacted_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body as it may be shown and stored: without credentials, and with every URL redacted."""
    shown: dict[str, Any] = _redacted(separate_credentials(body)[0])
    paths = {
        name: value
        for name, value in shown.items()
        if isinstance(value, str) and (name in _WORDS or names_a_link(name)) and not is_url(value)
    }
    return shown | {name: redacted_path(path) for name, path in paths.items()}


def _redacted(value: Any) -> Any:  # noqa: ANN401  JSON
    if isinstance(value, str):
        inside = embedded_file(value) if len(value) > _LONG_TEXT else None
        if inside:
            return f"({inside})"
        return redacted(value) if is_url(value) else redacted_text(value)
    if isinstance(value, Mapping):
        return {_redacted(name): _redacted(inner) for name, inner in value.items()}
    return [_redacted(inner) for inner in value] if isinstance(value, list) else value
