# ruff: noqa: RUF001  the quotes and brackets of other languages are what this is about
"""What people wrap around a link by mistake, and the link inside it."""

from __future__ import annotations

import re
from urllib.parse import unquote

from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.links.white_space import UNSEEN

_LINK = re.compile(r"https?://[^\s/?#<>\"'`]+", re.IGNORECASE)
_LONGEST = 20_000  # characters; a longer link is not examined here
_ROUNDS = 8  # the most wrappers around each other that are removed
_SOME = 3  # the most mistakes that a message names
_QUOTE = "\"'`´“”„‟‘’‚‛«»‹›「」『』＂＇"
_OPENING, _CLOSING = f"{_QUOTE}<([{{《〈（", f"{_QUOTE}>)]}}》〉）"
_NAME = r"[A-Za-z_][\w -]{0,40}?"
_TOP = (  # last parts of host names that are rarely extensions of files
    "com|org|net|io|ai|co|cn|dev|app|info|biz|xyz|top|site|online|store|cloud|me|tv|cc|us|uk|de|fr"
    "|jp|kr|in|ru|br|it|es|nl|eu|ca|au|sg|hk|tw|edu|gov|pro|live|video|media|link|page|art|tech"
)
_BARE = re.compile(
    rf"(?:[\w-]+\.)+(?:{_TOP})(?::[0-9]{{1,5}})?/\S+|www\.[\w-]+(?:\.[\w-]+)+(?:/\S*)?",
    re.IGNORECASE,
)
_MEDIUM = re.compile(r"\.(?:mp4|mov|m4v|webm|mkv|avi|jpe?g|png|webp|gif|heic)\b", re.IGNORECASE)
# The name of a medium at the end of a path, and what a sentence leaves behind it.
_END = re.compile(
    rf"^[^?#]+{_MEDIUM.pattern}([.,;:!。、，；！…]|(?:%20|%0[9AD]|%C2%A0)+)$", re.IGNORECASE
)
# A link that ends with the name of a medium, before words that cannot be a part of it.
_BEHIND = re.compile(
    rf"(?P<link>https?://[^\s?#]+{_MEDIUM.pattern})\s+(?=[^\s?&#=])", re.IGNORECASE
)
_SCHEME = re.compile(
    r"(?:h{0,2}[tx]{1,3}ps{0,2}|https?|http?s)(?:\s{0,2}[:;：]+\s{0,2}[/\\／]{1,4}\s{0,2}|[/\\]{2}|:(?=[\w-]+(?:\.[\w-]+)+/))"
    r"(?=[\w-]+\.[\w.-]+)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class LinkMistake:
    """What is wrong with the text of a link, in words that follow "is a link", and the link inside
    it.
    """

    what: str
    link: str


def link_mistake(text: str) -> LinkMistake | None:
    """What is wrong with a text that contains a link but is not one; `None` for links and for
    paths.
    """
    text = text.strip(UNSEEN)
    if len(text) > _LONGEST:
        return None
    kinds: list[str] = []
    for _ in range(_ROUNDS):
        step = next(filter(None, (mend(text) for mend in _MENDS)), None)
        if step is None or step[1] == text:
            break
        kinds.append(step[0])
        text = step[1].strip(UNSEEN)
    if not kinds or not _LINK.match(text):
        return None
    return LinkMistake(" and ".join(list(dict.fromkeys(kinds))[:_SOME]), text)


def links_in(text: str) -> int:
    """How many links stand in a text one after the other, with white space or commas between."""
    return len(re.findall(r"(?:^|[\s,;|])[\"'<(\[]*https?://", text[:_LONGEST], re.IGNORECASE))


def bare_link(text: str) -> str | None:
    """The link that a path becomes with "https://" before it; `None` for other paths.

    This is a guess, because a folder may be named like a host.
    """
    return f"https://{text}" if len(text) <= _LONGEST and _BARE.fullmatch(text) else None


_Step = tuple[str, str] | None


def _markup(text: str) -> _Step:
    for kind, pattern in _MARKUP:
        match = pattern.match(text)
        if match and kind == _BEFORE:
            return f'{kind} "{match["name"]}"', match["link"]
        if match:
            return kind, match["link"]
    return None


_BEFORE = "that begins with"
_MARKUP = (
    ("in Markdown", re.compile(
        r"!?\[[^\]]{0,2000}\]\(\s*<?(?P<link>[^\s<>]+?)>?(?:\s+[\"'(].*)?\)[.,;]?$", re.DOTALL)),
    ("in Markdown", re.compile(r"(?P<link>https?://[^\s\]]+)\]\(.*\)?$")),
    ("in Markdown", re.compile(rf"\[{_NAME}\]:\s*<?(?P<link>https?://[^\s>]+)>?$")),
    ("in an HTML tag", re.compile(
        r"<\s*[A-Za-z]+\s[^>]{0,2000}?(?:href|src|content)\s*=\s*[\"']?(?P<link>[^\"'\s>]+)",
        re.IGNORECASE)),
    ("in BBCode", re.compile(
        r"\[(?:url|img|video|media)[^\]]{0,2000}\](?P<link>[^\[\s]+)\[/", re.IGNORECASE)),
    ("in angle brackets", re.compile(
        r"<\s*(?:URL:)?\s*(?P<link>[^<>|\s]+)(?:\|[^>]*)?\s*>[.,;]?$")),
    ("in a formula of a spreadsheet", re.compile(
        r"=\s*(?:[\w.]{2,30}\(\s*)?\"(?P<link>https?://[^\"\s]+)\"(?:\s*[,;)].*)?$",
        re.IGNORECASE)),
    ("in the url() of a style sheet", re.compile(r"url\((?P<link>[^()]+)\)[;]?$", re.IGNORECASE)),
    (_BEFORE, re.compile(
        rf"[\"'{{]*(?P<name>{_NAME}[\"']?\s*[:=]+)\s*(?P<link>[\"'<(]*https?://\S+)$",
        re.IGNORECASE)),
)  # fmt: skip


def _wrapped(text: str) -> _Step:
    """Removes quotes and brackets, also when one of a pair is missing."""
    bare = text.replace("&quot;", '"').replace("&#39;", "'").replace("&lt;", "<")
    bare = bare.replace("&gt;", ">").replace('\\"', '"').replace("\\'", "'").strip()
    first = bare[:1]
    if first and first in _OPENING and len(bare) > 2:
        inner = bare[1:].strip()
        end = inner.rstrip(",;. ")
        return _wrapping(first), end[:-1] if end[-1:] in _CLOSING else inner
    last = bare.rstrip(",;")[-1:]
    if _LINK.match(bare) and last and _unbalanced(bare, last):
        return _wrapping(last), bare.rstrip(",;")[:-1]
    return None


def _wrapping(sign: str) -> str:
    if sign in _QUOTE:
        return "in quotes"
    return "in angle brackets" if sign in "<>《》〈〉" else "in brackets"


def _unbalanced(text: str, last: str) -> bool:
    """Whether the last character of a link closes a bracket or quote that opened before
    the link.
    """
    if last in '"`':
        return text.count(last) % 2 == 1
    opening = dict(zip(">)]}”’»》」", "<([{“‘«《「", strict=True)).get(last)
    return opening is not None and text.count(last) > text.count(opening)


def _escaped(text: str) -> _Step:
    """Undoes the escapes with which some language writes the characters of a link."""
    if re.match(r"https?:\\/\\/", text, re.IGNORECASE):
        return 'with "\\/" in place of "/"', text.replace("\\/", "/")
    if re.match("https?%3a(?:%2f|/){2}", text, re.IGNORECASE):
        return "encoded as a whole (%3A%2F%2F)", unquote(text)
    if not _LINK.match(text):
        return None
    if re.search(r"&(?:amp|#0*38|#x0*26);", text, re.IGNORECASE):
        plain = re.sub(r"&(?:amp;|#0*38;|#x0*26;)+", "&", text, flags=re.IGNORECASE)
        plain = re.sub("&(?:amp;)+", "&", plain)
        return 'with "&amp;" in place of "&"', plain
    if re.search(r"\\u00(?:26|3d|2f|3f|25)", text, re.IGNORECASE):
        plain = re.sub(
            r"\\u00(26|3d|2f|3f|25)", lambda code: chr(int(code[1], 16)), text, flags=re.IGNORECASE
        )
        return "with the escapes of JSON in it", plain
    return None


def _schemed(text: str) -> _Step:
    """Corrects a scheme that is missing, misspelt or doubled."""
    if _LINK.match(text):
        twice = re.match(r"(?:https?:/{1,2}){1,3}(?=https?:?//)", text, re.IGNORECASE)
        if twice:
            return "that names its scheme twice", re.sub(
                "^(https?):?//", r"\1://", text[twice.end() :]
            )
        return None
    if re.match(r"//[\w-]+\.[\w.-]+(?:[:/]|$)", text):
        return "without its scheme", f"https:{text}"
    if re.match(r"www\.[\w-]+\.[\w.-]+", text, re.IGNORECASE) and not re.search(r"\s", text):
        return "without its scheme", f"https://{text}"
    wrong = _SCHEME.match(text)
    if wrong:
        word = re.match("[A-Za-z]*", wrong[0])
        scheme = "https" if word and "s" in word[0].lower() else "http"
        rest = text[wrong.end() :].lstrip("/\\／ ")
        rest = rest.replace("\\", "/") if "\\" in wrong[0] else rest
        return f'with "{wrong[0]}" in place of "{scheme}://"', f"{scheme}://{rest}"
    return None


def _inside(text: str) -> _Step:
    """Removes invisible characters inside a link, and joins lines that it was broken into."""
    if not _LINK.match(text):
        return None
    if last := _END.search(text):
        return f'with "{last[1]}" at its end', text[: last.start(1)]
    if re.search(r"[\r\n]", text) and links_in(text) == 1:
        return "with a line break in it", re.sub(r"[^\S\r\n]*[\r\n]+\s*", "", text)
    unseen = set(text) & (set(UNSEEN) - set(" \t\r\n\xa0\u3000"))
    if unseen:
        return "with invisible characters in it", "".join(s for s in text if s not in unseen)
    return None


def _surrounded(text: str) -> _Step:
    """Takes the only link out of a sentence or a command."""
    behind = _BEHIND.match(text)
    if behind and not _MEDIUM.search(text, behind.end()):
        return "with other text around it", behind["link"]
    match = re.fullmatch(
        r"(?:[^\s:/]\S*\s+|\S*：\s*)(?:.*\s)?([\"'<(\[`]*https?://\S+)(?:\s.*)?",
        text,
        re.DOTALL | re.IGNORECASE,
    )
    return ("with other text around it", match[1]) if match and links_in(text) == 1 else None


_MENDS = (_markup, _wrapped, _escaped, _schemed, _inside, _surrounded)
