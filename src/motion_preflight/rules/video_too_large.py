"""A reference video of 100MB or more

The API page says "under 100MB" and not which MB: under 100,000,000 bytes meets it, 104,857,600 (100
MiB) and more breaks it, and between the two it depends. A URL that is known to be too big is not
read any further.
"""

from __future__ import annotations

import operator
from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.media.facts import MediaFacts, Readings
from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.remedies import video_remedy
from motion_preflight.rules.rule import Rule, bounds_text, level_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="video-too-large",
    level=Level.ERROR,
    authority=Authority.APIMART,
    source="motion-control-page",
    needs=("video size",),
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A finding when the video is, or may be, as large as the limit or larger."""
    limit = case.limits.video_size.below
    if limit is None:
        return
    size = case.video.size
    # A video without a size was read up to the cap.
    too_large = max(limit.values()) if size is None else Decimal(size)
    level = level_of(
        Readings({"size": too_large}).compare_to(limit, operator.lt), Level.ERROR, Level.UNSURE
    )
    if level:
        count = f"{size:,} bytes" if size is not None else f"at least {too_large:,} bytes"
        message = f"the reference video has {count}; it must be under {bounds_text(limit, 'bytes')}"
        source = case.limits.video_size
        yield RULE.finding(case, level, "video_url", message, _remedy(case), source)


def _remedy(case: RuleContext) -> str:
    if not isinstance(case.video, MediaFacts) or not case.video.durations.judged:
        return "cut it, or export it with a lower bit rate"
    return f"to make it smaller, {video_remedy(case)}"
