"""A reference image that is too wide or too tall

Kling's own page allows shapes from 1:2.5 to 2.5:1, both included; APIMart's page is silent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.rule import Rule, range_text, tightest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="image-aspect-ratio",
    level=Level.WARNING,
    authority=Authority.KLING,
    source="kling-page",
    needs=("image",),
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A warning for a shape that the limit excludes, a note when the sides are not known."""
    limit, picture = case.limits.image_aspect_ratio, case.image_facts.video
    if not picture or not picture.width or not picture.height:
        message = "the shape of the reference image is not known"
        yield RULE.finding(case, Level.NOTE, "image_url", message, "save it as JPEG or PNG")
        return
    width, height = picture.width, picture.height
    low, high = tightest(limit)
    if not low * height <= width <= high * height:  # without a division this is exact
        message = (
            f"the reference image is {width}x{height} pixels, {width / height:.4g} to 1; "
            f"allowed are {range_text(limit)}"
        )
        yield RULE.finding(
            case, Level.WARNING, "image_url", message, "crop it to a shape nearer a square", limit
        )
