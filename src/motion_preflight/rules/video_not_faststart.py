"""The index of the reference video stands at its end

With the moov box in front (faststart) a server can measure the clip from its first bytes; with it
at the end it must fetch more. Nothing is wrong with such a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.remedies import video_remedy
from motion_preflight.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="video-not-faststart",
    level=Level.NOTE,
    authority=Authority.INFERRED,
    source="a probe over the network needs the moov box first",
    needs=("video",),
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A note when the moov box stands at the end of the video."""
    if case.video_facts.faststart is False and case.video_facts.video is not None:
        message = "the moov box (the index) stands at the end of the reference video"
        remedy = f"that is allowed; to move it to the front, {video_remedy(case)}"
        if case.video_facts.truncated:
            remedy = video_remedy(case)
        yield RULE.finding(case, Level.NOTE, "video_url", message, remedy)
