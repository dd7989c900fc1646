"""A file without a video stream

Sound with cover art is not a video: the picture is one frame, and the server finds no motion in it.
Unsure where ffprobe does not know what a stream is: another reader may find a video in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="video-stream-missing",
    level=Level.ERROR,
    authority=Authority.APIMART,
    source="motion-control-page",
    needs=("video",),
)


def check(case: RuleContext) -> Iterator[Finding]:
    """An error for a file without video; unsure when a stream is of an unknown kind."""
    facts = case.video_facts
    if facts.video is None and facts.undecodable:
        message = f"whether the reference video holds a video is not known: {facts.undecodable}"
        remedy = "export it again as mp4 (H.264) from its original"
        yield RULE.finding(case, Level.UNSURE, "video_url", message, remedy)
    elif facts.video is None:
        content = (
            "sound only (cover art does not count)" if facts.audio else "no stream that is a video"
        )
        message = f"the reference video holds {content}"
        yield RULE.finding(
            case, Level.ERROR, "video_url", message, "use the file that has the picture"
        )
