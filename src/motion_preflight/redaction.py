"""Secrets taken out of texts that others wrote, whole or in pieces."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_plus

from motion_preflight.text.links.link import LONGEST_LINK
from motion_preflight.text.links.secrets import path_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable

_PIECE = 8  # characters of a secret that must not be seen; messages often show its beginning
_LONG_WORD = re.compile(r"(?=[A-Za-z+/_=%]*[0-9])[A-Za-z0-9+/_=%]{33,}")
_PROSE = 24  # the same of a secret with white space in it, whose words are everybody's


def without(text: str, secrets: Iterable[str]) -> str:
    """The text with every piece of a secret of 8 characters or more as `…`. It takes time by the
    length of the text, and by that of the secrets, not by their product: a link may be long.
    """
    pieces: dict[int, set[str]] = {}
    for secret in {form for each in secrets for form in (each, " ".join(each.split()))}:
        size = min(_PROSE, len(secret)) if " " in secret else _PIECE
        if size >= _PIECE:
            found = pieces.setdefault(size, set())
            found.update(secret[start : start + size] for start in range(len(secret) - size + 1))
    hidden = [False] * len(text)
    for size, found in pieces.items():
        for start in range(len(text) - size + 1):
            if text[start : start + size] in found:
                hidden[start : start + size] = [True] * size
    shown = "".join("\0" if hide else sign for sign, hide in zip(text, hidden, strict=True))
    return re.sub("\0+", "…", shown)


def without_long_words(text: str) -> str:
    """The text with long runs of letters and digits, as signatures and keys are, as `…`; links keep
    their place without their query, and an id of 32 signs or with dashes stays.
    """
    return _LONG_WORD.sub("…", text)


def key_forms(key: str) -> list[str]:
    """A key as it may come back: as it is, reversed, in base64 at any place of a longer text, in
    hex and with every letter escaped. Each is long enough to be looked for in pieces.
    """
    data = key.encode("utf-8", "replace")
    forms = [key, key[::-1]]
    for written in (data, data[::-1]):
        forms += [form for skip in range(3) for form in _base64_forms(written, skip)]
        hexed = written.hex()
        escaped = "".join(f"%{byte:02x}" for byte in written)
        forms += [hexed, hexed.upper(), escaped, escaped.upper()]
    forms.append(quote(key, safe=""))
    return list(dict.fromkeys(forms))


def _base64_forms(data: bytes, skip: int) -> list[str]:
    """The letters of base64 that hang on these bytes alone, where `skip` others come first."""
    text = b64encode(bytes(skip) + data).decode("ascii").rstrip("=")
    first = (0, 2, 3)[skip]
    last = len(text) - ((skip + len(data)) % 3 != 0)
    text = text[first:last]
    return [text, text.translate(str.maketrans("+/", "-_"))]


def url_secrets(urls: Iterable[str]) -> list[str]:
    """What in URLs must not be shown: query values, fragments and secret parts of the path, as
    written and decoded.
    """
    found = []
    for url in urls:
        if len(url) > LONGEST_LINK:
            continue  # it is sent to nobody, so that nobody can say it again
        query = url.partition("?")[2].replace("#", "&")
        values = [part.partition("=")[2] or part for part in re.split("[&;]", query)]
        values += [url.partition("#")[2], url.partition("://")[2].rpartition("@")[0]]
        found += [form for value in values for form in (value, unquote_plus(value))]
        if "://" in url:
            found += path_secrets(url)
    return [value for value in found if value]
