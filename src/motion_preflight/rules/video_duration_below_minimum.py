"""The reference video is shorter than 3 seconds

The service takes 3 seconds at least, whatever the orientation. It probes the file itself, and which
of a file's several durations it reads is not known: a clip is refused here when every reading is
too short, and unsure when only some are. A clip that is a little short can be slowed down; a much
shorter one must be replaced.
"""

from __future__ import annotations

import operator
from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.facts import Standing
from motion_preflight.report import Authority, Level
from motion_preflight.rules import duration
from motion_preflight.rules.mend import mend_video
from motion_preflight.rules.rule import Rule, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from motion_preflight.report import Finding
    from motion_preflight.rules.rule import Case

_SLOWEST = Decimal("0.75")  # a slower motion is another motion

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
    standing, level = duration.standing(case, limit, operator.ge, -case.tolerance)
    if standing is Standing.MET:
        return
    facts = case.video_facts
    message = (
        f"the video is {duration.measured(facts.durations.judged)}; {duration.allowed(case)}. "
        f"{duration.why_they_differ(facts)}"
    ).strip()
    remedy = _remedy(case, limit)
    if level is Level.NOTE:
        message += f" Let through by the tolerance of {plain(case.tolerance)} s."
        remedy = "leave the tolerance out to see it as it is"
    yield RULE.finding(case, level, "video_url", message, remedy)


def _remedy(case: Case, limit: Mapping[str, Decimal]) -> str:
    durations = case.video_facts.durations
    long_enough = max(limit.values()) + duration.MARGIN
    real = durations.scan or durations.video or durations.judged.high
    if real >= long_enough:
        return f"to make the readings agree, {mend_video(case)}"
    tempo = (real / long_enough).quantize(Decimal("0.001"))
    if tempo >= _SLOWEST:
        slowed = mend_video(case, tempo=tempo)
        return f"use a longer clip; or, to slow it down to {plain(long_enough)} s, {slowed}"
    return "use a longer clip"
