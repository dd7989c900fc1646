"""The names of results inside the folder of a download, by a pattern such as
`{label}-{model}-{task}.{ext}`.

What fills a pattern comes from requests, links and the provider: it can lead to no other folder,
hide no file and be no option of a program.
"""

from __future__ import annotations

import re
from string import Formatter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motion_preflight.submission.receipt import Receipt

PLACEHOLDERS = ("label", "model", "mode", "task", "intent", "date", "ext")
USUAL_EXTENSION = "mp4"
_EXTENSIONS = frozenset({"mp4", "mov", "webm", "mkv", "gif"})  # those that a link may name
_VALUE = 80  # bytes of a filled-in value
# Bytes of a name without its extension: a temporary name, a task and a number come to it, and a
# name may have 255 bytes on the usual file systems.
_STEM = 120
# Separators, and what Windows allows in no name.
_FORBIDDEN = re.compile(r'[/\\:<>"|?*\[\]]+')
_FOLDERS = re.compile(r"^.*[/\\]", re.DOTALL)
_REQUEST_FILE = re.compile(r"\.(?:json|jsonl|ndjson|csv|tsv)(?=$|\[|:)", re.IGNORECASE)


def pattern_problem(pattern: str) -> str | None:
    """Why a text is no pattern, in words; `None` when it is one."""
    try:
        parts = list(Formatter().parse(pattern))
    except ValueError as error:
        return f"{error}; a brace of the name itself is doubled"
    names = [name for _, name, _, _ in parts if name is not None]
    for _, name, form, conversion in parts:
        if name is not None and (name not in PLACEHOLDERS or form or conversion):
            known = ", ".join(f"{{{one}}}" for one in PLACEHOLDERS)
            return f"{{{name}}} is none of {known}"
    literal = "".join(text for text, _, _, _ in parts)
    if "/" in literal or "\\" in literal:
        return "it is a name inside the folder of --download, without a folder of its own"
    if _clean(literal) != literal.lstrip("."):
        return "it holds characters that no name should have"
    return None if names else "without a placeholder every result would have the same name"


def result_names(pattern: str, receipt: Receipt, number: int, extension: str) -> tuple[str, str]:
    """The name of a task's result, and the one with its task that is taken where the first is that
    of another file. `number` counts the results of a task from 1, `extension` is that of the link.
    """
    ext = extension if extension in _EXTENSIONS else USUAL_EXTENSION
    values = {
        "label": _REQUEST_FILE.sub("", _FOLDERS.sub("", receipt.label)),
        "model": receipt.model,
        "mode": receipt.mode,
        "task": receipt.task_id,
        "intent": receipt.intent,
        "date": f"{receipt.created:%Y-%m-%d}" if receipt.intent else None,
        "ext": ext,
    }
    filled = pattern.format_map({name: fill_in(value) for name, value in values.items()})
    stem, dot, suffix = filled.rpartition(".") if filled.endswith(f".{ext}") else (filled, "", "")
    task = fill_in(receipt.task_id)
    stem = _cut(stem, _STEM).strip(" .-") or task
    end = f"{f'-{number}' if number > 1 else ''}{dot}{suffix}"
    return f"{stem}{end}", f"{stem}-{task}{end}"


def fill_in(value: str | None) -> str:
    """A value as a name may hold it: without separators, control characters and leading dots, and
    at most 80 bytes long. What is not known is `unknown`.
    """
    return _cut(_clean(value or ""), _VALUE).strip(" .-") or "unknown"


def _clean(text: str) -> str:
    """The text without characters that cannot be seen, and with a dash for each separator."""
    seen = "".join(sign for sign in text if sign.isprintable())
    return _FORBIDDEN.sub("-", seen).lstrip(".")


def _cut(text: str, size: int) -> str:
    """The text cut to so many bytes, without half a character at its end."""
    return text.encode()[:size].decode(errors="ignore")
