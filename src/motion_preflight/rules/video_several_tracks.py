"""A reference video with more than one video track

The track that is judged is the only enabled one (the default track). When several are enabled, or
none, it is the largest. A service may read another one, such as the first.
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
    id="video-several-tracks",
    level=Level.WARNING,
    authority=Authority.INFERRED,
    source="which of several tracks a service reads is said nowhere",
    needs=("video", "video stream"),
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A warning when the video has more than one video track."""
    stream = case.video_stream
    if stream.tracks and stream.tracks > 1:
        which = "" if stream.index is None else f", stream {stream.index} of the file"
        sides = f"{stream.width or '?'}x{stream.height or '?'}"
        message = (
            f"the reference video has {stream.tracks} video tracks; judged is the one of {sides} "
            f"pixels{which}"
        )
        remedy = f"to keep that one alone, {video_remedy(case)}"
        yield RULE.finding(case, Level.WARNING, "video_url", message, remedy)
