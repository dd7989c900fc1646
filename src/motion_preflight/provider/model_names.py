"""The model of this API that another name for it means, judged by the version in the name.

Other sellers write `kling-2.6/motion-control` or `kling-video/v3/pro/motion-control`, and a person
writes `v3`. A model is suggested only when it is the only one with that version.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_VERSION = re.compile(
    r"(?:(?<![a-z])v|kling[-_/ ]?(?:video[-_/ ]?)?v?|[-_/ ])(\d)(?:[.\-_ ]?(\d))?(?!\d)"
)
_BARE = re.compile(r"\s*v?(\d)(?:[.\-_ ](\d))?\s*")
_LONGEST, _CLOSE = 100, 0.75  # characters of a name that are compared; 1 is equal
_QUALITY = re.compile(r"\b(standard|std|pro|professional)\b")


def suggest_model(name: str, models: Iterable[str]) -> tuple[str | None, str | None]:
    """The one model that a name stands for, and a remark for the user.

    Where no model or several fit, the model is `None` and the remark names them all. Both are
    `None` for a name of another family.
    """
    word, models = _typed(name).lower(), sorted(models)
    version = _version(word)
    if not models or not ("kling" in word or "motion" in word or _BARE.fullmatch(word)):
        return None, None
    same = [model for model in models if version and _version(model) == version]
    if len(same) == 1:
        return same[0], _remark(word)
    return None, _choice(models, version, has_version=bool(same))


def _typed(name: str) -> str:
    """A name as a keyboard writes it: a word processor writes other dashes, some keyboards wide
    letters.
    """
    if name.isascii():
        return name
    import unicodedata  # noqa: PLC0415  rarely needed

    return re.sub("[\u2010-\u2015\u2212]", "-", unicodedata.normalize("NFKC", name[:_LONGEST]))


def is_motion_control(name: str, models: Iterable[str]) -> bool:
    """Whether a name is that of a motion-control model, or was probably meant to be one. The other
    models of the family, like `kling-v3`, are none.
    """
    word = _plain(name)
    if "motioncontrol" in word or ("kling" in word and "motion" in word):
        return True
    from difflib import get_close_matches  # noqa: PLC0415  only where a client sends something

    return bool(get_close_matches(word[:_LONGEST], map(_plain, models), n=1, cutoff=_CLOSE))


def choice(words: Iterable[str]) -> str:
    """The words that may be written, as an instruction: `write "std" or "pro"`."""
    return "write " + " or ".join(f'"{word}"' for word in words)


def _plain(name: str) -> str:
    return re.sub("[^a-z0-9]", "", name.lower())


def _choice(models: list[str], version: tuple[str, str] | None, *, has_version: bool) -> str:
    if version and not has_version:
        number = ".".join(version).removesuffix(".0")
        return f"{choice(models)}: no model here is of version {number}, and their prices differ"
    if len(models) == 1:
        return choice(models)
    several = "both" if len(models) == 2 else "several"
    return f"{choice(models)}: the name fits {several}, and their prices differ"


def _remark(word: str) -> str | None:
    if _BARE.fullmatch(word):
        return None
    if "motion" not in word:
        return "the name alone is a model for text or pictures"
    if quality := _QUALITY.search(word):
        mode = "std" if quality[1].startswith("st") else "pro"
        return f'its quality goes into mode: "{mode}"'
    return None


def _version(name: str) -> tuple[str, str] | None:
    match = _BARE.fullmatch(name) or _VERSION.search(name)
    return (match[1], match[2] or "0") if match else None
