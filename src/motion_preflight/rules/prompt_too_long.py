"""A prompt of more characters than Kling's page allows

Kling's own page allows 2500 characters; APIMart's page is silent. How they are counted is not said:
many programs count a pictogram as two, so both counts are compared with the limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.rule import Rule, bounds_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="prompt-too-long",
    level=Level.WARNING,
    authority=Authority.KLING,
    source="kling-page",
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A warning when the prompt has more characters than the limit, in either way of counting."""
    limit, length = case.limits.prompt_length.maximum, len(case.draft.prompt)
    units = length + sum(character > "\uffff" for character in case.draft.prompt)
    if limit is not None and units > min(limit.values()):
        other = f" ({units:,} in UTF-16, which many programs count)" if units != length else ""
        message = f"the prompt has {length:,} characters{other}; allowed are {bounds_text(limit)}"
        source = case.limits.prompt_length
        yield RULE.finding(case, Level.WARNING, "prompt", message, "shorten it", source)
