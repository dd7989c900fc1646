"""A reference image of which nothing can be seen

Every pixel of it is transparent: programs that leave transparency out show one colour, others
nothing, and neither shows a character.
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
    id="image-transparent",
    level=Level.WARNING,
    authority=Authority.INFERRED,
    source="a picture without a visible pixel shows no character",
    needs=("image",),
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A warning when every pixel of the picture is transparent."""
    if case.image_facts.transparent:
        message = "every pixel of the reference image is transparent"
        remedy = "export it again with its layers shown, without transparency"
        yield RULE.finding(case, Level.WARNING, "image_url", message, remedy)
