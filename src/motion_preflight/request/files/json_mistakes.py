"""What is wrong with a text that is not JSON, in terms of what somebody did, and how to
repair it.
"""

from __future__ import annotations

import json
import re

from motion_preflight.text.locations import printable

_CURLY = "\u201c\u201d\u201e\u2018\u2019"  # word processors turn straight quotes into these
_WORDS = {
    "none": ("Python's None", "null"), "true": ("True", "true"), "false": ("False", "false"),
    "null": ("a null in other letters", "null"), "nil": ("nil", "null"),
    "undefined": ("JavaScript's undefined", "null"),
    "nan": ("NaN, which is not a number that JSON has", "null"),
    "infinity": ("Infinity, which is not a number that JSON has", "null"),
}  # fmt: skip
_COMMENT = "a comment ({}), which JSON has not; take it out"
# What stands where the parser stopped, and the cause.
_BEGINNINGS = {
    "//": _COMMENT.format("//"), "/*": _COMMENT.format("/* */"), "#": _COMMENT.format("#"),
    "```": "a code fence of Markdown (```); take it out", "\0": "a NUL character; take it out",
    "'": "single quotes ('); write double ones (\")",
}  # fmt: skip
_NUMBER = "a number as JSON has none (01, +1 and .5 are not)"
SECOND_OBJECT = "a second object; write a list, or name the file .jsonl"
COMMA_BEHIND = "a comma after the end; several requests stand in a list ([ … ])"


def mistake(text: bytes, error: Exception) -> str:
    """The cause on one line, with the number of the line where it stands.

    Nothing of the text but the names of fields is shown, because it may contain a key.
    """
    if not text.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"):
        return "the file is empty"
    if isinstance(error, UnicodeDecodeError):
        return "it is neither UTF-8 nor UTF-16; save it as UTF-8"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if not isinstance(error, json.JSONDecodeError):
        if "digits" in str(error):
            return "a number of more than 4,300 digits"
        return printable(str(error))[:200]
    cause, at = _cause(error.doc, error.pos, error.msg)
    return f"line {error.doc.count(chr(10), 0, at) + 1}: {cause}"


def _cause(doc: str, at: int, message: str) -> tuple[str, int]:
    """What is wrong, and the position in the text."""
    if "trailing comma" in message:  # Python 3.13 and later; the position is that of the comma
        return "a comma that nothing follows; take it out", at
    if message.startswith("Unterminated string"):
        return _unended(doc, doc.find("\n", at)), at
    if message.startswith("Invalid control character"):
        return _unended(doc, at) if doc[at] in "\r\n" else _CONTROL, at
    if message.startswith("Invalid \\"):
        return "a single backslash in a text; write two (\\\\), or / in a path", at
    return _by_character(doc, at, message)


_CONTROL = "a tab or another control character inside a text; write \\t, or a space"


def _unended(doc: str, end: int) -> str:
    """What is wrong with a text that continues beyond its line: a missing closing quote, or a raw
    line break.
    """
    rest = doc[end:].lstrip() if end >= 0 else ""
    if not rest or rest[0] in "}]" or re.match(r'"[^"\n]*"\s*:', rest):
        return 'a text without its closing quote (")'
    return "a line break inside a text; write \\n, or all of it on one line"


def _by_character(doc: str, at: int, message: str) -> tuple[str, int]:
    """The cause, judged by the character where the parser stopped."""
    here, before = doc[at : at + 1], doc[:at].rstrip()
    if not here:
        return "it is cut short: a value, a } or a ] is missing at its end", len(before)
    if here in _CURLY:
        return 'curly quotes; write straight ones (")', at
    for sign, cause in _BEGINNINGS.items():
        if doc.startswith(sign, at):
            return cause, at
    if here in "}]" and before.endswith(","):
        return "a comma that nothing follows; take it out", len(before)
    if message.startswith("Extra data"):
        return _extra(here), at
    if message.startswith("Expecting ','"):
        return _no_comma(doc, at, before)
    if message.startswith("Expecting ':'"):
        return "a colon (:) is missing between a name and its value", at
    return _no_value(doc, at, message), at


def _extra(here: str) -> str:
    if here == "{":
        return SECOND_OBJECT
    if here == ",":
        return COMMA_BEHIND
    if here in "}]":
        return f"one {here} too many"
    return "something stands behind the value"


def _no_comma(doc: str, at: int, before: str) -> tuple[str, int]:
    same_line = "\n" not in doc[len(before) : at]
    if before.endswith('"') and same_line and (doc[at].isalnum() or doc[at] in "_$-.!?"):
        return 'a double quote (") inside a text; write \\"', at
    if doc[at].isdigit() and at == len(before):
        return _NUMBER, at
    if doc[at] in "}]":
        return f"a {doc[at]} where the other kind of bracket has to close first", at
    return "a comma is missing between two fields or values", len(before)


def _no_value(doc: str, at: int, message: str) -> str:
    """What is wrong where a name or a value should begin."""
    word = re.match(r"[A-Za-z_$][\w$-]*", doc[at:])
    name_expected = "property name" in message
    if word and not name_expected and word[0].lower() in _WORDS:
        shown, right = _WORDS[word[0].lower()]
        return f"{shown}; write {right}"
    if word and at == len(doc) - len(doc.lstrip("\ufeff \t\r\n")):
        return "it begins with a word; a request is a JSON object like {…}"
    if word:
        return f'a {"name" if name_expected else "text"} without quotes; write it in "…"'
    if doc[at] in ",}]":
        return "a value is missing, or a comma is too many"
    if doc[at] in "0123456789+.-":
        return _NUMBER
    if doc[at] == "<":
        return "it is HTML or XML, not a request"
    if doc[at] == "`":
        return 'a backtick (`); write double quotes (")'
    return 'a name in "…" is missing' if name_expected else "no value begins like this"
