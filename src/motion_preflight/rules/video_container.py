"""A reference video that is neither MP4 nor MOV

The API page recommends mp4 and mov. Whether others are accepted is not known.
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
    id="video-container",
    level=Level.WARNING,
    authority=Authority.APIMART,
    source="motion-control-page",
    needs=(
        "video",
        "video stream",
    ),
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A warning for a container that is not among the recommended ones."""
    facts, allowed = case.video_facts, case.limits.video_container.allowed
    if facts.container not in allowed:
        container = facts.container or "of an unknown container"
        message = f"the reference video is {container}; recommended are {' and '.join(allowed)}"
        source = case.limits.video_container
        yield RULE.finding(case, Level.WARNING, "video_url", message, video_remedy(case), source)
