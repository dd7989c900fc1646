"""Suggests the word that was probably intended."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_BEGINNING = 5  # letters from which on the beginning of a word is enough


# What people write for the API's words, without dashes and capitals.
_SYNONYMS = {
    "orientation": "characterorientation", "sound": "keeporiginalsound", "image": "imageurl",
    "video": "videourl", "watermark": "watermarkinfo", "modelname": "model",
}  # fmt: skip


_WORD_SYNONYMS = {
    "standard": "std", "professional": "pro", "true": "yes", "on": "yes", "false": "no",
    "off": "no", "picture": "image", "photo": "image", "clip": "video", "img": "image",
    "pic": "image", "vid": "video",
}  # fmt: skip


def plain_word(word: str) -> str:
    """The word in lower case without anything but letters and digits."""
    if not word.isascii():  # some keyboards write wide letters
        import unicodedata  # noqa: PLC0415  rarely needed

        word = unicodedata.normalize("NFKC", word)
    return re.sub("[^a-z0-9]", "", word.lower())


def near_miss(text: str, allowed: Iterable[str]) -> str | None:
    """The allowed word that was probably intended; `None` when none is near."""
    plain = {plain_word(word): word for word in allowed}
    word = plain_word(text)
    other = _WORD_SYNONYMS.get(word, word)
    for intended in (word, other, _SYNONYMS.get(other)):
        if intended in plain:
            return plain[intended]
    begun = [
        candidate for candidate in plain if len(word) >= _BEGINNING and candidate.startswith(word)
    ]
    if len(begun) == 1:
        return plain[begun[0]]
    from difflib import get_close_matches  # noqa: PLC0415  only for a wrong request

    cutoff = 0.8 if len(word) < _BEGINNING else 0.75  # one letter is a large part of a short word
    near = get_close_matches(word, plain, n=1, cutoff=cutoff)
    return plain[near[0]] if near else None
