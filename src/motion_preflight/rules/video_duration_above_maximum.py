"""The reference video is longer than its orientation allows

With `character_orientation` "image" the service takes 3 to 10 seconds, with "video" 3 to 30, both
ends included. It probes the file itself, and which of a file's several durations it reads is not
known: a clip is refused here when every reading is too long, and unsure when only some are.
Cut the clip, or choose the orientation that allows its length.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Literal

from motion_preflight.facts import Standing
from motion_preflight.report import Authority, Level
from motion_preflight.rules import duration
from motion_preflight.rules.mend import mend_video
from motion_preflight.rules.rule import Rule, limit_of, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report import Finding
    from motion_preflight.rules.rule import Case

RULE = Rule(
    id="video-duration-above-maximum",
    level=Level.ERROR,
    authority=Authority.APIMART,
    source="motion-control-page",
    needs=("video", "video stream", "duration", "orientation"),
)


def check(case: Case) -> Iterator[Finding]:
    limit = case.duration_limit.maximum
    if limit is None:
        return
    standing, level = duration.standing(case, limit, operator.le, case.tolerance)
    if standing is Standing.MET:
        return
    facts = case.video_facts
    message = (
        f"the video is {duration.measured(facts.durations.judged)}; {duration.allowed(case)}. "
        f"{duration.why_they_differ(facts)}"
    ).strip()
    if level is Level.NOTE:
        message += f" Let through by the tolerance of {plain(case.tolerance)} s."
        yield RULE.finding(
            case, level, "video_url", message, "leave the tolerance out to see it as it is"
        )
        return
    longest = min(limit.values()) - duration.MARGIN
    wanted = min([longest, *([facts.durations.video] if facts.durations.video else [])])
    remedy = f"to cut it to {plain(wanted)} s, {mend_video(case, seconds=wanted)}"
    if _fits(case, "video"):
        remedy += '; or set character_orientation to "video", which allows it'
    yield RULE.finding(case, level, "video_url", message, remedy)


def _fits(case: Case, orientation: Literal["image", "video"]) -> bool:
    """Whether the clip would be allowed with another orientation."""
    limit = limit_of(case.profile, orientation).maximum or {}
    readings = case.video_facts.durations.judged
    return readings.against(limit, operator.le) is Standing.MET
