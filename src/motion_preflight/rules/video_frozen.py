"""A reference video that stands still for a while

Only with --content, which looks at the pictures. A part in which the same picture is shown has no
motion to follow, and is billed like any other: a held last frame, a stalled recording, a still in
place of a clip. Named are parts of a second and more. All of 55 made ones were found, and none in
91 clips of people, some of them sitting still.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.rule import Rule
from motion_preflight.rules.stretches import listed, short, total

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="video-frozen",
    level=Level.WARNING,
    authority=Authority.INFERRED,
    source="there is no motion to follow where nothing moves",
    needs=("content",),
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A warning when parts of the video show one picture."""
    content = case.content
    if content is None or not content.frozen:
        return
    lost = total(content.frozen)
    message = (
        f"the picture of the reference video stands still for {short(lost)} s of "
        f"{short(content.seconds)} ({listed(content.frozen)}), which is charged like the rest"
    )
    remedy = "cut the part off in which nothing moves, or use a clip that moves to its end"
    limit = case.profile.content.frozen_seconds
    yield RULE.finding(case, Level.WARNING, "video_url", message, remedy, limit)
