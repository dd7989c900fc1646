"""A link that answers with a web page instead of the file

Share pages of Google Drive, Dropbox, GitHub and the like show the file to a person; the server
gets their HTML. Use the direct form of the link, which this rule names for hosts it knows, or
another host.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from motion_preflight.facts import Reason, Unmeasured
from motion_preflight.report import Authority, Level
from motion_preflight.rules.rule import Rule
from motion_preflight.source.location import is_url, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report import Finding
    from motion_preflight.rules.rule import Case

RULE = Rule(
    id="link-not-direct",
    level=Level.ERROR,
    authority=Authority.APIMART,
    source="motion-control-page",
)


_DIRECT = (
    (
        r"drive\.google\.com/file/d/([\w-]+)",
        r"https://drive.google.com/uc?export=download&id=ID, where ID is \1",
    ),
    (r"drive\.google\.com/open", "https://drive.google.com/uc?export=download&id=ID"),
    (r"(www\.)?dropbox\.com/(?!.*[?&](dl|raw)=1)", "the same link with dl=1 in place of dl=0"),
    (r"github\.com/([^/]+/[^/]+)/blob/([^?#]+)", r"https://raw.githubusercontent.com/\1/\2"),
    (r"gitlab\.com/.+/-/blob/", "the same link with /-/raw/ in place of /-/blob/"),
    (r"huggingface\.co/.+/blob/", "the same link with /resolve/ in place of /blob/"),
    (r"(1drv\.ms|onedrive\.live\.com)/", "the link of its download button, with download=1"),
)
_PLAYERS = ("youtube.com", "youtu.be", "tiktok.com", "instagram.com", "vimeo.com", "bilibili.com")


def check(case: Case) -> Iterator[Finding]:
    for field, word, medium in case.media():
        if not isinstance(medium, Unmeasured) or not is_url(medium.location or ""):
            continue
        known = direct_form(medium.location or "")
        if medium.reason is Reason.NOT_DIRECT:
            message = f"the link of the {word} answers with a web page, not with the file"
            otherwise = "use the link that downloads the file itself, and try it in a browser"
            yield RULE.finding(case, Level.ERROR, field, message, known or otherwise)
        elif known:
            message = f"the link of the {word} is that of a page, not of the file"
            yield RULE.finding(case, Level.ERROR, field, message, known)


def direct_form(url: str) -> str | None:
    """What to do about a page of a well-known site, `None` when it is none."""
    address = url.partition("://")[2]
    for pattern, direct in _DIRECT:
        found = re.match(pattern, address, re.IGNORECASE)
        if found:
            return f"use its direct form: {printable(found.expand(direct))}"
    host = address.partition("/")[0].lower()
    if re.sub(r"^(www|m|vm)\.", "", host) in _PLAYERS:  # their other hosts may give files
        return "this site plays videos and gives no files: publish the file itself elsewhere"
    return None
