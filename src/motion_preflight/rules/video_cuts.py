"""A reference video of more than one shot

Only with --content, which looks at the pictures. The service follows one continuous shot: after a
cut it may leave out the rest of the clip, and still charge for all of it.

A cut is a picture that differs suddenly from the one before it. Of 250 hard cuts 249 were found,
and nothing else was taken for one, neither in 91 clips of people nor in 202 made ones with flashes,
stroboscopes, lights that are switched, pans and shakes. Not found are dissolves, fades, shots
shorter than half a second, and most jumps within one view.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.remedies import has_usable_shot, video_remedy
from motion_preflight.rules.rule import Rule
from motion_preflight.rules.stretches import listed, moments, short
from motion_preflight.text.numbers import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="video-cuts",
    level=Level.WARNING,
    authority=Authority.KLING,
    source="kling-page",
    needs=("content",),
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A warning when the pictures of the video have cuts."""
    content = case.content
    longest = content.longest_shot if content else None
    if content is None or longest is None or len(content.shots) < 2:
        return
    cuts = [shot.start for shot in content.shots[1:]]
    message = (
        f"the reference video has {plural(len(cuts), 'cut')} (at {moments(cuts)}); the longest "
        f"shot is {short(longest.seconds)} s of {short(content.seconds)}; the rest may be cut off "
        "and is still charged"
    )
    remedy = "use a clip of one continuous shot"
    if has_usable_shot(case):
        remedy = f"to keep the longest one, {listed([longest])}, {video_remedy(case)}"
    yield RULE.finding(case, Level.WARNING, "video_url", message, remedy)
