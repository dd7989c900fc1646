"""A reference video whose frames may not decode

No reader here knows its codec, its first frame is no keyframe, or its bytes are zeros. With --scan
every frame is decoded: an error when none decodes, unsure when some do not. Other faults of frames
show only then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.remedies import video_remedy
from motion_preflight.rules.rule import Rule
from motion_preflight.text.numbers import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.media.facts import Decoded
    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="video-undecodable",
    level=Level.ERROR,
    authority=Authority.INFERRED,
    source="the codec, the first frame and, with --scan, every frame of the file itself",
    needs=("video", "video stream"),
)


_FEW = 20  # a clip may lose one frame in this many without becoming another clip


def are_few(decoded: Decoded) -> bool:
    """Whether the frames that do not decode may be left out."""
    return decoded.errors * _FEW <= decoded.frames


def check(case: RuleContext) -> Iterator[Finding]:
    """An error when no frame decodes; unsure when some do not, or when they may not."""
    facts, decoded = case.video_facts, case.video_facts.decoded
    if case.video_stream.encrypted:
        return  # video-encrypted says why nothing decodes
    if decoded and not decoded.frames:
        message = "no frame of the reference video decodes"
        remedy = "export the clip again as mp4 (H.264) from its original, and play it to its end"
        yield RULE.finding(case, Level.ERROR, "video_url", message, remedy)
    elif decoded and decoded.errors:
        failed = plural(decoded.errors, "frame")
        message = f"{failed} of the reference video did not decode, {decoded.frames:,} did"
        message += f"; {facts.undecodable}" if facts.undecodable else ""
        remedy = "get the clip again from its source, and play it to its end"
        if are_few(decoded) and not facts.truncated:
            remedy += f"; or, to leave them out, {video_remedy(case)}"
        yield RULE.finding(case, Level.UNSURE, "video_url", message, remedy)
    elif facts.undecodable:
        message = f"the reference video may not play: {facts.undecodable}"
        remedy = (
            "get it again from its source, or export it again as mp4 (H.264), and play it from its "
            "start to its end"
        )
        yield RULE.finding(case, Level.UNSURE, "video_url", message, remedy)
