"""The reference video is shorter than 3 seconds

The service takes 3 seconds at least, whatever the orientation. It probes the file itself, and which
of a file's several durations it reads is not known: a clip is refused here when every reading is
too short, and unsure when only some are. A clip that is a little short can be slowed down; a much
shorter one must be replaced.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules import duration
from motion_preflight.rules.remedies import real, slowed, video_remedy
from motion_preflight.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="video-duration-below-minimum",
    level=Level.ERROR,
    authority=Authority.APIMART,
    source="motion-control-page",
    needs=("video", "video stream", "duration", "orientation"),
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A finding when some or all readings of the duration are below the minimum."""
    limit = case.duration_limit.minimum
    if limit is None:
        return
    finding = duration.finding(case, RULE, (limit, operator.ge, -case.options.tolerance), _remedy)
    if finding:
        yield finding


def _remedy(case: RuleContext) -> str:
    long_enough = max((case.duration_limit.minimum or {}).values()) + duration.MARGIN
    if real(case.video_facts.durations) >= long_enough:
        return f"to make the readings agree, {video_remedy(case)}"
    if slowed(case):
        return f"use a longer clip; or, to slow it down, {video_remedy(case)}"
    return "use a longer clip"
