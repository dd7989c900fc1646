"""The reference video is shorter than 3 seconds

The service takes 3 seconds at least, whatever the orientation. It probes the file itself, and which
of a file's several durations it reads is not known: a clip is refused here when every reading is
too short, and unsure when only some are. A clip that is a little short can be slowed down; a much
shorter one must be replaced.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from motion_preflight.report import Authority, Level
from motion_preflight.rules import duration
from motion_preflight.rules.mend import mend_video, plan, real
from motion_preflight.rules.rule import Rule, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report import Finding
    from motion_preflight.rules.rule import Case

RULE = Rule(
    id="video-duration-below-minimum",
    level=Level.ERROR,
    authority=Authority.APIMART,
    source="motion-control-page",
    needs=("video", "video stream", "duration", "orientation"),
)


def check(case: Case) -> Iterator[Finding]:
    limit = case.duration_limit.minimum
    if limit is None:
        return
    found = duration.finding(case, RULE, (limit, operator.ge, -case.tolerance), _remedy)
    if found:
        yield found


def _remedy(case: Case) -> str:
    long_enough = max((case.duration_limit.minimum or {}).values()) + duration.MARGIN
    if real(case.video_facts.durations) >= long_enough:
        return f"to make the readings agree, {mend_video(case)}"
    if plan(case).tempo:
        slowed = f"to slow it down to {plain(long_enough)} s, {mend_video(case)}"
        return f"use a longer clip; or, {slowed}"
    return "use a longer clip"
