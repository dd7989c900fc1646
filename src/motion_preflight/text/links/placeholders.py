"""Texts from examples that stand where the user's own link belongs."""

from __future__ import annotations

import re

# RFC 2606 and RFC 6761: names that are reserved for documentation and tests, and belong to nobody.
_RESERVED = re.compile(r"(?:^|\.)example\.(?:com|net|org)$")
_RESERVED_ENDS = re.compile(r"(?:^|\.)(?:example|test|invalid)$")
_YOURS = re.compile(
    r"(?:^|\.)your[-_]?(?:own[-_]?)?(?:domain|site|website|web|server|host|hostname|cdn|bucket"
    r"|bucket[-_]?name|storage|company|app|provider|gateway|file[-_]?host|url|account|name)\."
    r"|^(?:\.{2,}|…)$"
)
# A name in brackets, as templates of every kind write it. A GUID in braces is not a placeholder.
_TEMPLATE = re.compile(
    r"\$?\{\{?\s*(?![0-9A-Fa-f]{8}-)[A-Za-z_][\w .:|-]{0,60}\}?\}"
    r"|<\s*[A-Za-z_][\w .'-]{0,60}>|%\([A-Za-z_]\w{0,40}\)s|\$\([A-Za-z_]\w{0,40}\)"
)
_WORD = re.compile(
    r"#(?:\w{1,10}[!?/]|N/A|NV)|\$[A-Za-z_]\w*|%[A-Za-z_]\w*%|:[A-Za-z_]\w*_url|__\w+__"
    r"|[<\[({]*\s*(?:(?:please\s+)?(?:paste|put|insert|enter|add|replace)[\s_-].{0,60}"
    r"|(?:your|my|the|some|a|an)?[\s_-]*(?:own|public|direct|reference|source|input|target)?[\s_-]*"
    r"(?:video|image|picture|clip|media|file|character|motion)?[\s_-]*(?:url|link|uri|href)"
    r"(?:[\s_-]*(?:here|goes[\s_-]here))?"
    r"|your[\s_-].{1,60}|[\w\s-]{0,40}[\s_-]here|replace[\s_-]?me|change[\s_-]?me|todo|tbd|fixme"
    r"|placeholder|string|none|null|nil|undefined|nan|n/a|xxx+|\.\.\.|…|foo|bar)\s*[>\])}]*",
    re.IGNORECASE,
)
_LONGEST = 2000  # characters that are searched
_SHOWN = 60


def reserved_host(name: str) -> bool:
    """Whether a host name is reserved for examples, so that nobody can publish a file there."""
    return _RESERVED.search(name) is not None or _YOURS.search(name) is not None


def reserved_ending(name: str) -> bool:
    """Whether the last part of a host name is reserved for documentation and tests. Some private
    networks use such names all the same.
    """
    return _RESERVED_ENDS.search(name) is not None


def placeholder_in(text: str) -> str | None:
    """The placeholder that was not filled in; `None` when there is none.

    The path of a file may contain brackets, so in a text that is not a link only the whole text
    counts.
    """
    text = text.strip(" \t\r\n\"'`")
    if len(text) > _LONGEST:
        return None
    if re.match("https?://", text, re.IGNORECASE):
        template = _TEMPLATE.search(text) or re.match(r"https?://(\.{2,}|…)(?=[/\s]|$)", text)
        return template[0][:_SHOWN] if template else None
    named = re.search(r"\.[A-Za-z0-9]{2,5}$", text)  # a file may have any name
    whole = _TEMPLATE.fullmatch(text) or (not named and _WORD.fullmatch(text))
    return text[:_SHOWN] if whole else None
