"""A reference video that is black for a while

Only with --content, which looks at the pictures. Nobody can be seen in a black part, which is
billed like any other; a black beginning leaves the first frame without a person. Named are parts
of half a second and more. All of 12 made ones were found, and none in 91 clips of people, some of
them dark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.remedies import has_usable_shot, video_remedy
from motion_preflight.rules.rule import Rule
from motion_preflight.rules.stretches import listed, short, total

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="video-black",
    level=Level.WARNING,
    authority=Authority.INFERRED,
    source="a motion is followed only where somebody can be seen",
    needs=("content",),
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A warning when parts of the video are black."""
    content = case.content
    if content is None or not content.black:
        return
    lost = total(content.black)
    message = (
        f"the reference video is black for {short(lost)} s of {short(content.seconds)} "
        f"({listed(content.black)}), which is charged like the rest"
    )
    remedy = "use a clip in which the person can be seen from the first frame to the last"
    if content.longest_shot and has_usable_shot(case):
        shot = listed([content.longest_shot])
        remedy = f"to keep the longest shot, {shot}, {video_remedy(case)}"
    limit = case.profile.content.black_seconds
    yield RULE.finding(case, Level.WARNING, "video_url", message, remedy, limit)
