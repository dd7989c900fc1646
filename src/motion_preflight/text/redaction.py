"""Removes secrets, whole or in pieces, from texts that others wrote."""

from __future__ import annotations

import re
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_plus

from motion_preflight.text.links.link import LONGEST_LINK
from motion_preflight.text.links.secrets import path_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable

# Characters; messages often show the beginning of a secret, so each piece of it is hidden.
_PIECE = 8
_LONG_WORD = re.compile(r"(?=[A-Za-z+/_=%]*[0-9])[A-Za-z0-9+/_=%]{33,}")
_MEDIA_TYPE = re.compile(r"(?:video|image|application|binary)/[a-z0-9.+-]{1,20}")
_PROSE = 24  # the same for a secret with white space, because anybody may use its single words


def mask_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text with every piece of a secret of 8 characters or more replaced by `…`.

    The time it takes grows with the length of the text plus that of the secrets, not with their
    product, because a link may be long.
    """
    pieces: dict[int, set[str]] = {}
    forms = {form for secret in secrets for form in (secret, " ".join(secret.split()))}
    for secret in forms:
        size = min(_PROSE, len(secret)) if " " in secret else _PIECE
        if size >= _PIECE:
            pieces.setdefault(size, set()).update(
                secret[start : start + size] for start in range(len(secret) - size + 1)
            )
    hidden = [False] * len(text)
    for size, pieces_of_size in pieces.items():
        for start in range(len(text) - size + 1):
            if text[start : start + size] in pieces_of_size:
                hidden[start : start + size] = [True] * size
    shown = "".join("\0" if hide else sign for sign, hide in zip(text, hidden, strict=True))
    return re.sub("\0+", "…", shown)


def without_long_words(text: str) -> str:
    """The text with long runs of letters and digits, such as signatures and keys, replaced by `…`.

    A link keeps everything but its query. An id of 32 characters, or one with dashes, stays.
    """
    return _LONG_WORD.sub("…", text)


def key_forms(key: str) -> list[str]:
    """The spellings in which somebody may repeat a key: as it is, reversed, in base64 at any place
    of a longer text, in hex, and with every letter escaped.

    Each one is long enough to be searched for in pieces.
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
    """The base64 letters that depend on these bytes alone, when `skip` other bytes stand before
    them.
    """
    text = b64encode(bytes(skip) + data).decode("ascii").rstrip("=")
    first = (0, 2, 3)[skip]
    last = len(text) - ((skip + len(data)) % 3 != 0)
    text = text[first:last]
    return [text, text.translate(str.maketrans("+/", "-_"))]


def url_secrets(urls: Iterable[str]) -> list[str]:
    """The parts of the URLs that must not be shown: query values, fragments and secret parts of the
    path, both as written and decoded. A media type is none: signed links name the one that the
    file is to be served with, and the host then says it.
    """
    secrets = []
    for url in urls:
        if len(url) > LONGEST_LINK:
            continue  # no host gets so long a link, so no answer can repeat it
        query = url.partition("?")[2].replace("#", "&")
        values = [part.partition("=")[2] or part for part in re.split("[&;]", query)]
        values += [url.partition("#")[2], url.partition("://")[2].rpartition("@")[0]]
        secrets += [form for value in values for form in (value, unquote_plus(value))]
        if "://" in url:
            secrets += path_secrets(url)
    return [value for value in secrets if value and not _MEDIA_TYPE.fullmatch(value)]
