"""A link that answers with a web page instead of the file

Share pages of Google Drive, Dropbox, GitHub and the like show the file to a person; the server
gets their HTML. Use the direct form of the link, which this rule names for hosts it knows, or
another host.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from motion_preflight.facts import Reason
from motion_preflight.report import Authority, Level
from motion_preflight.rules.rule import Rule, unmeasured

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
    (r"drive\.google\.com/(file/d/|open)", "https://drive.google.com/uc?export=download&id=ID"),
    (r"(www\.)?dropbox\.com/", "the same link with dl=1 in place of dl=0"),
    (r"github\.com/[^/]+/[^/]+/blob/", "https://raw.githubusercontent.com/OWNER/NAME/BRANCH/PATH"),
    (r"gitlab\.com/.+/-/blob/", "the same link with /-/raw/ in place of /-/blob/"),
    (r"huggingface\.co/.+/blob/", "the same link with /resolve/ in place of /blob/"),
    (r"(1drv\.ms|onedrive\.live\.com)/", "the link of its download button, with download=1"),
)
_PLAYERS = ("youtube.com", "youtu.be", "tiktok.com", "instagram.com", "vimeo.com", "bilibili.com")


def check(case: Case) -> Iterator[Finding]:
    for field, word, medium in case.media():
        page = unmeasured(medium, Reason.NOT_DIRECT)
        if page is not None:
            message = f"the link of the {word} answers with a web page, not with the file"
            yield RULE.finding(case, Level.ERROR, field, message, _remedy(page.location or ""))


def _remedy(url: str) -> str:
    address = url.partition("://")[2]
    for pattern, direct in _DIRECT:
        if re.match(pattern, address, re.IGNORECASE):
            return f"use its direct form: {direct}"
    host = address.partition("/")[0].lower()
    if any(host == player or host.endswith(f".{player}") for player in _PLAYERS):
        return "this site plays videos and gives no files: publish the file itself elsewhere"
    return "use the link that downloads the file itself (often behind the page's download button)"
