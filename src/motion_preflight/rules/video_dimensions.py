"""A side of the reference video is too short or too long

Kling's own page allows sides of 340 to 3850 pixels; APIMart's page is silent. Sides are judged as
the video is shown, turned by its display matrix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.remedies import scalable, video_remedy
from motion_preflight.rules.rule import Rule, range_text, tightest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="video-dimensions",
    level=Level.WARNING,
    authority=Authority.KLING,
    source="kling-page",
    needs=(
        "video",
        "video stream",
    ),
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A warning for a side beyond its limits, a note when the sides are not known."""
    limit, stream = case.limits.video_side, case.video_stream
    if not stream.width or not stream.height:
        message = "the sides of the reference video are not known"
        yield RULE.finding(case, Level.NOTE, "video_url", message, "look at the clip in a player")
        return
    low, high = tightest(limit)
    if all(low <= side <= high for side in (stream.width, stream.height)):
        return
    message = (
        f"the reference video is {stream.width}x{stream.height} pixels; "
        f"each side must be {range_text(limit)}"
    )
    if scalable(case):
        remedy = f"to scale it, {video_remedy(case)}"
    else:
        remedy = "its sides are too unequal to be scaled: cut it to another shape"
    yield RULE.finding(case, Level.WARNING, "video_url", message, remedy, limit)
