"""The reference video is longer than its orientation allows

With `character_orientation` "image" the service takes 3 to 10 seconds, with "video" 3 to 30, both
ends included. It probes the file itself, and which of a file's several durations it reads is not
known: a clip is refused here when every reading is too long, and unsure when only some are.
Cut the clip, or choose the orientation that allows its length.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from motion_preflight.media.facts import Compliance
from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules import duration
from motion_preflight.rules.remedies import real, video_remedy
from motion_preflight.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="video-duration-above-maximum",
    level=Level.ERROR,
    authority=Authority.APIMART,
    source="motion-control-page",
    needs=("video", "video stream", "duration", "orientation"),
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A finding when some or all readings of the duration are above the maximum."""
    limit = case.duration_limit.maximum
    if limit is None:
        return
    finding = duration.finding(case, RULE, (limit, operator.le, case.options.tolerance), _remedy)
    if finding:
        yield finding


def _remedy(case: RuleContext) -> str:
    longest = min((case.duration_limit.maximum or {}).values())
    fits = real(case.video_facts.durations) <= longest - duration.MARGIN
    what_for = "make the readings agree" if fits else "cut it"
    remedy = f"to {what_for}, {video_remedy(case)}"
    of_video = case.limits.video_duration.video.maximum or {}
    if case.video_facts.durations.judged.compare_to(of_video, operator.le) is Compliance.MET:
        remedy += '; or set character_orientation to "video", which allows it'
    return remedy
