"""A side of the reference image is too short

Kling's own page wants sides of 300 pixels at least; APIMart's page is silent. Sides are judged as
the picture is shown, turned as its Exif block says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report import Authority, Level
from motion_preflight.rules.mend import mend_image
from motion_preflight.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report import Finding
    from motion_preflight.rules.rule import Case

RULE = Rule(
    id="image-dimensions",
    level=Level.WARNING,
    authority=Authority.KLING,
    source="kling-page",
    needs=("image",),
)


def check(case: Case) -> Iterator[Finding]:
    limit, picture = case.profile.limits.image_side.minimum, case.image_facts.video
    if limit is None:
        return
    if not picture or not picture.width or not picture.height:
        message = "the sides of the reference image are not known"
        yield RULE.finding(case, Level.NOTE, "image_url", message, "save it as JPEG or PNG")
        return
    low, short = max(limit.values()), min(picture.width, picture.height)
    if short < low:
        message = (
            f"the reference image is {picture.width}x{picture.height} pixels; "
            f"each side must be {low} at least"
        )
        remedy = f"use a larger picture; or, to scale it up, {mend_image(case)}"
        source = case.profile.limits.image_side
        yield RULE.finding(case, Level.WARNING, "image_url", message, remedy, source)
