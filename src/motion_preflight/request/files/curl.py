"""The `curl` command of a documentation page or of a browser: its body is the request.

Nothing else of the command is used: no key, no header, no address. Messages show nothing else of it
either, because it contains a key.
"""

from __future__ import annotations

import re
from shlex import quote
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.request.files.json_mistakes import mistake
from motion_preflight.request.files.json_text import parsed
from motion_preflight.request.files.shell_words import (
    UnclosedQuote,
    Word,
    plain_command,
    words_of,
)
from motion_preflight.request.files.wrappers import entries_of
from motion_preflight.text.locations import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from motion_preflight.request.files.entry import RequestEntry

_START = re.compile(r"(?<![\w.-])curl(?:\.exe)?(?=[ \t\\^`])")
_HEREDOC = re.compile(
    r"<<-?[ \t]*['\"\\]?(\w+)['\"]?([^\n]*)\n(.*?)\n[ \t]*\1(?=[ \t]*(?:\n|$|\)))", re.DOTALL
)
_BODY = ("--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "--data", "--json")
_MOST = 1000  # the most commands of a file that are read


class _Heredoc(NamedTuple):
    text: str
    expands: bool  # whether a shell replaces variables in it


def requests_of_command(
    text: str, label: str, folder: Path | None
) -> Iterator[RequestEntry | ManifestInvalid]:
    """The request of each `curl` command that has a body. Raises `ManifestInvalid` when none has
    one.
    """
    text = re.sub(r"(?m)^[ \t]*(?:#|REM\s|::).*$|^[ \t]*>[ \t]", "", text)
    heredocs: list[_Heredoc] = []

    def move(heredoc: re.Match[str]) -> str:
        quoted = re.match(r"<<-?[ \t]*['\"\\]", heredoc[0])
        heredocs.append(_Heredoc(heredoc[3], not quoted))
        return heredoc[2]

    text = _HEREDOC.sub(move, text)
    bodies = _bodies(text, heredocs, label)
    if not bodies:
        raise ManifestInvalid(f"{label}: the curl command sends no body (-d '{{…}}')")
    for index, body in enumerate(bodies):
        place = label if len(bodies) == 1 else f"{label}[{index}]"
        if isinstance(body, ManifestInvalid):
            yield body
        else:
            yield from _requests(body, place, folder)


def _bodies(text: str, heredocs: list[_Heredoc], label: str) -> list[Word | ManifestInvalid]:
    """The body of each command, or why it cannot be read."""
    bodies: list[Word | ManifestInvalid] = []
    (text, escape), at = plain_command(text), 0
    while (call := _START.search(text, at)) and len(bodies) < _MOST:
        try:
            words, at = words_of(text, call.end(), escape)
        except UnclosedQuote:
            bodies.append(ManifestInvalid(f"{label}: {_unclosed(text[call.end() :])}"))
            break
        body = _body(words, heredocs, label)
        if body is not None:
            bodies.append(body)
    return bodies


def _unclosed(command: str) -> str:
    if re.search(r"'\s*[{\[]", command):
        return (
            "the curl command has a quote that nothing closes: an apostrophe inside of '…' ends "
            "it; write it as '\\'', or put the body alone into a .json file"
        )
    return "the curl command has a quote that nothing closes"


def _body(words: list[Word], heredocs: list[_Heredoc], label: str) -> Word | ManifestInvalid | None:
    """What a command sends; `None` when it sends nothing."""
    bodies = [value for index in range(len(words)) if (value := _value(words, index)) is not None]
    if not bodies:
        forms = any(word.text.startswith(("-F", "--form")) for word in words)
        text = "the curl command sends a form (-F); the API takes a JSON body (-d '{…}')"
        return ManifestInvalid(f"{label}: {text}") if forms else None
    if len(bodies) > 1:
        return ManifestInvalid(f"{label}: the curl command has several bodies (-d); write one")
    value = bodies[0]
    if value.text.startswith(("@-", "$(cat")) and heredocs:
        heredoc = heredocs.pop(0)
        variables = re.findall(r"\$\{?([A-Za-z_]\w*)", heredoc.text) if heredoc.expands else []
        return Word(heredoc.text, variables)
    if value.text.startswith("@-"):
        return ManifestInvalid(f"{label}: the curl command reads its body from another program")
    if value.text.startswith("@"):
        name = printable(value.text[1:])[:80]
        text = f"the body of the curl command is in the file {name}; name that file instead: "
        return ManifestInvalid(f"{label}: {text}motion-preflight check {quote(name)}")
    return value


def _value(words: list[Word], index: int) -> Word | None:
    """The body that the word at this index gives, alone or with the next word; `None` when it gives
    none.
    """
    text = words[index].text
    following = words[index + 1] if index + 1 < len(words) else None
    if text in _BODY or re.fullmatch("-[a-zA-Z]*d", text):
        return following
    for name in _BODY:
        if text.startswith(f"{name}="):
            return Word(text[len(name) + 1 :], words[index].variables)
    if re.match(r"-d[={@$\[]", text):
        return Word(text[2:].removeprefix("="), words[index].variables)
    return None


def _requests(
    body: Word, place: str, folder: Path | None
) -> Iterator[RequestEntry | ManifestInvalid]:
    if body.variables:
        names = ", ".join(f"${name}" for name in dict.fromkeys(body.variables))[:80]
        yield ManifestInvalid(
            f"{place}: the body of the curl command holds a variable of the shell ({names}); "
            "write its value there"
        )
        return
    try:
        value = parsed(_encoded(body.text))
    except (ValueError, RecursionError) as error:
        try:  # PowerShell passes each quote to a program with a backslash before it
            value = parsed(_encoded(body.text.replace('\\"', '"')))
        except (ValueError, RecursionError):
            cause = mistake(_encoded(body.text), error)
            yield ManifestInvalid(f"{place}: the body of the curl command is not JSON: {cause}")
            return
    several = value if isinstance(value, list) else [value]
    for index, inner in enumerate(several):
        yield from entries_of(
            inner, f"{place}[{index}]" if isinstance(value, list) else place, folder
        )


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
