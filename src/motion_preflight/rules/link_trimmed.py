"""White space or invisible characters around a link

They come along when a link is copied: a line break, a no-break space, a zero-width space. They are
taken off, so that what is measured and what is sent is the same link without them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="link-trimmed",
    level=Level.NOTE,
    authority=Authority.INFERRED,
    source="a link holds no white space (RFC 3986), and what stands around it is not of it",
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A note for each link that had white space or invisible characters around it."""
    words = {field: word for field, word, _ in case.media()}
    for field, around in case.draft.trimmed:
        message = (
            f"{around} around the link of the {words[field]} was taken off: it is measured and "
            "sent without"
        )
        remedy = "take it out of the request too, for other tools"
        yield RULE.finding(case, Level.NOTE, field, message, remedy)
