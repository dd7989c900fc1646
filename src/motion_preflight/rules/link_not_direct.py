"""A link that answers with a web page instead of the file

Share pages of Google Drive, Dropbox, GitHub and the like show the file to a person; the server
gets their HTML. Use the direct form of the link, which this rule names for hosts it knows, or
another host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.media.facts import Unmeasured
from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.rule import Rule
from motion_preflight.text.locations import is_url, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="link-not-direct",
    level=Level.ERROR,
    authority=Authority.APIMART,
    source="motion-control-page",
)


_OTHERWISE = "use the link that downloads the file itself, and try it in a browser"


def check(case: RuleContext) -> Iterator[Finding]:
    """An error for each link that leads to a page instead of the file."""
    for field, word, medium in case.media():
        if not isinstance(medium, Unmeasured) or not is_url(medium.location or ""):
            continue
        direct = direct_form(medium.location or "")
        if medium.reason is Reason.NOT_DIRECT:
            message = f"the link of the {word} answers with a web page, not with the file"
            remedy = direct or _second_form(medium.location or "") or _OTHERWISE
            yield RULE.finding(case, Level.ERROR, field, message, remedy)
        elif direct:
            message = f"the link of the {word} is that of a page, not of the file"
            yield RULE.finding(case, Level.ERROR, field, message, direct)


def direct_form(url: str) -> str | None:
    """What to do about a link to a page of a well-known site; `None` for other links."""
    from motion_preflight.text.links.direct import (  # noqa: PLC0415  most media are measured
        page_remedy,
    )

    remedy = page_remedy(url)
    return printable(remedy) if remedy else None


def _second_form(url: str) -> str | None:
    from motion_preflight.text.links.direct import (  # noqa: PLC0415  most media are measured
        second_form,
    )

    remedy = second_form(url)
    return printable(remedy) if remedy else None
