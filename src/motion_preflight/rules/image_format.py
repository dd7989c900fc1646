"""A reference image that is neither JPEG nor PNG, or has the colours of print

Kling's own page names .jpg, .jpeg and .png; APIMart's page is silent. A picture in CMYK, the
colours of printers, is shown with other colours or not at all by programs that expect RGB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.remedies import image_remedy
from motion_preflight.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="image-format",
    level=Level.WARNING,
    authority=Authority.KLING,
    source="kling-page",
    needs=("image",),
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A warning for a format that is not allowed, or for a picture in CMYK."""
    facts, allowed = case.image_facts, case.limits.image_container.allowed
    if facts.container not in allowed:
        container = facts.container or "of an unknown kind"
        message = f"the reference image is {container}; Kling's page names {' and '.join(allowed)}"
        source = case.limits.image_container
        yield RULE.finding(case, Level.WARNING, "image_url", message, image_remedy(case), source)
    elif facts.colour == "CMYK":
        message = f"the reference image is a {facts.container} in the colours of print (CMYK)"
        remedy = "open it in a picture program, and save it in RGB"
        yield RULE.finding(case, Level.WARNING, "image_url", message, remedy)
