"""A side of the reference image is too short or too long

Kling's own page wants sides of 300 to 65,536 pixels; APIMart's page is silent. Sides are judged as
the picture is shown, turned as its Exif block says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.remedies import image_remedy
from motion_preflight.rules.rule import Rule, tightest
from motion_preflight.text.numbers import format_decimal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="image-dimensions",
    level=Level.WARNING,
    authority=Authority.KLING,
    source="kling-page",
    needs=("image",),
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A warning for each side beyond its limit, a note when the sides are not known."""
    limit, picture = case.limits.image_side, case.image_facts.video
    if not limit.minimum and not limit.maximum:
        return
    if not picture or not picture.width or not picture.height:
        message = "the sides of the reference image are not known"
        yield RULE.finding(case, Level.NOTE, "image_url", message, "save it as JPEG or PNG")
        return
    low, high = tightest(limit)
    short, long = sorted((picture.width, picture.height))
    sides = f"the reference image is {picture.width}x{picture.height} pixels"
    if short < low:
        message = f"{sides}; each side must be {format_decimal(low)} at least"
        remedy = f"use a larger picture; or, to scale it up, {image_remedy(case)}"
        yield RULE.finding(case, Level.WARNING, "image_url", message, remedy, limit)
    if long > high:
        message = f"{sides}; each side must be {high:,f} at most"
        remedy = "crop it, or scale it down"
        yield RULE.finding(case, Level.WARNING, "image_url", message, remedy, limit)
