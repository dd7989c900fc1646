"""Why a text is not the link that it should be, and what to do, judged by the text alone."""

from __future__ import annotations

import re

from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.links.link import LONGEST_LINK

SEPARATE_REQUESTS = "make a request of each"
# A link without anything unusual, or the name of a file: most texts are one of the two.
_PLAIN = re.compile(
    r"https?://(?!https?[:/]|\.|[^,;]*[,;]https?://)[\w.-]+(?::[0-9]+)?(?:/[A-Za-z0-9._~:/?@!$&*+,;=%#-]*)?",
    re.ASCII,
)
_PATH = re.compile(r"(?!www\.|//|[htxHTX]{1,5}[pP])[\w ./-]{1,200}\.\w{2,5}", re.ASCII)
# What a sentence or a copied line leaves behind a link.
_BEHIND = (".", ",", ";", ":", "!", "%20", "%09", "%0A", "%0a", "%0D", "%0d", "%A0", "%a0")
_ESCAPED = re.compile("&(?:amp|#)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LinkProblem:
    """What is wrong with a text, in words that follow the name of the field.

    `link` is the link that was probably intended, `None` when there is none. `remedy` is what to
    do, `None` when that is to write this link.
    """

    what: str
    link: str | None = None
    remedy: str | None = None


def link_problem(text: str, medium: str) -> LinkProblem | None:
    """What is wrong with a text that should be a link; `None` for links and for names of files.

    `medium` is the word for what the link should name: `video` or `image`.
    """
    is_plain = len(text) <= LONGEST_LINK and _PLAIN.fullmatch(text)
    unusual = _ESCAPED.search(text) or text.endswith(_BEHIND)
    if _PATH.fullmatch(text) or (is_plain and not unusual):
        return None
    from motion_preflight.text.links.embedded import embedded_file  # noqa: PLC0415  rarely needed
    from motion_preflight.text.links.mistakes import (  # noqa: PLC0415  rarely needed
        link_mistake,
        links_in,
    )

    local = _local_scheme(text)
    if local:
        return LinkProblem(local, None, _PUBLISH)
    inside = embedded_file(text)
    if inside:
        return LinkProblem(f"holds the {medium} itself ({inside}), not a link", None, _PUBLISH)
    is_link = re.match("https?://", text, re.IGNORECASE) is not None
    if len(text) > LONGEST_LINK:
        return LinkProblem(long_words(text), None, _SHORTER) if is_link else None
    placeholder = _placeholder(text, medium) if is_link else None
    if placeholder:
        return placeholder
    if links_in(text) > 1:
        several = f"holds {links_in(text)} links, and takes one"
        return LinkProblem(several, None, SEPARATE_REQUESTS)
    mistake = link_mistake(text)
    if mistake:
        what = f"is a link {mistake.what}"
        return _placeholder(mistake.link, medium) or LinkProblem(what, mistake.link)
    return None if is_link else _placeholder(text, medium)


def long_words(link: str) -> str:
    """Says how long a link is that is too long, in words that follow the name of the field."""
    return f"has {len(link):,} characters, and few hosts take links of more than 8,000"


_SHORTER = "publish the file under a shorter link"


# What may stand before a scheme: quotes, brackets, the name of a field, `view-source:`.
_LEAD = r"[\s\"'`<(\[{]*(?:[A-Za-z_][\w -]{0,40}[\"']?\s*[:=]\s*)?[\"'<(]*"
_SCHEMES = re.compile(
    rf"{_LEAD}(blob|filesystem|intent|(?:chrome|moz|edge|safari-web)-extension):"
    r"(?=https?:|file:|null/|//|[0-9a-f]{8}-)",
    re.IGNORECASE,
)


def _local_scheme(text: str) -> str | None:
    """What is wrong with a link that only one program can use (such as `blob:`), in words that
    follow the name of the field; `None` for others. Any link inside it does not count.
    """
    match = _SCHEMES.match(text[:_LEADING])
    if match is None:
        return None
    scheme = match[1].lower()
    if scheme == "intent":
        return 'is an "intent:" link, which opens an app of a phone and gives no file'
    if scheme.endswith("extension"):
        return f'is a "{scheme}:" link, which only an extension of one browser understands'
    return f'is a "{scheme}:" link, which lives in one browser tab only: nobody else can fetch it'


_LEADING = 200  # characters within which a scheme must begin
_PUBLISH = "publish the file, and put its direct link there"


def _placeholder(text: str, medium: str) -> LinkProblem | None:
    from motion_preflight.text.links.placeholders import placeholder_in  # noqa: PLC0415  rare

    name = placeholder_in(text)
    remedy = f"put the direct link of your own {medium} in its place"
    return LinkProblem(f'holds the placeholder "{name}"', None, remedy) if name else None
