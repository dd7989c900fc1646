"""A reference video that is encrypted

Its sample entries (encv, sinf) or its Matroska ContentEncryption say that the frames are locked.
Without the key nobody can see them, whatever the metadata say.
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
    id="video-encrypted",
    level=Level.ERROR,
    authority=Authority.INFERRED,
    source="nobody without the key can show the frames",
    needs=("video", "video stream"),
)


def check(case: RuleContext) -> Iterator[Finding]:
    """An error when the frames of the video are encrypted."""
    if case.video_stream.encrypted:
        message = "the reference video is encrypted (DRM): its frames cannot be read without a key"
        remedy = "use the clip as it was before it was protected"
        yield RULE.finding(case, Level.ERROR, "video_url", message, remedy)
