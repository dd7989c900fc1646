"""Secrets taken out of texts that others wrote, whole or in pieces."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from motion_preflight.text.links.secrets import path_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable

_PIECE = 8  # characters of a secret that must not be seen; messages often show its beginning
_PROSE = 24  # the same of a secret with white space in it, whose words are everybody's


def without(text: str, secrets: Iterable[str]) -> str:
    """The text with every piece of a secret of 8 characters or more as `…`."""
    hidden = [False] * len(text)
    for secret in {form for each in secrets for form in (each, " ".join(each.split()))}:
        size = min(_PROSE, len(secret)) if " " in secret else _PIECE
        if size < _PIECE:
            continue
        pieces = {secret[start : start + size] for start in range(len(secret) - size + 1)}
        for start in range(len(text) - size + 1):
            if text[start : start + size] in pieces:
                hidden[start : start + size] = [True] * size
    shown = "".join("\0" if hide else sign for sign, hide in zip(text, hidden, strict=True))
    return re.sub("\0+", "…", shown)


def url_secrets(urls: Iterable[str]) -> list[str]:
    """What in URLs must not be shown: query values, fragments and secret parts of the path, as
    written and decoded.
    """
    found = []
    for url in urls:
        query = url.partition("?")[2].replace("#", "&")
        values = [part.partition("=")[2] or part for part in re.split("[&;]", query)]
        values += [url.partition("#")[2], url.partition("://")[2].rpartition("@")[0]]
        found += [form for value in values for form in (value, unquote_plus(value))]
        if "://" in url:
            found += path_secrets(url)
    return [value for value in found if value]
