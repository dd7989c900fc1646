"""The sound is to be kept and there is none

`keep_original_sound` is "yes", which is also its default, and the reference video has no sound.
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
    id="video-sound-missing",
    level=Level.WARNING,
    authority=Authority.INFERRED,
    source="a sound that is not there cannot be kept",
    needs=("video",),
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A warning when the sound is to be kept and the video has none."""
    if case.draft.keep_original_sound == "yes" and case.video_facts.audio is None:
        default = "" if "keep_original_sound" in case.draft.body else " (the default)"
        message = f'keep_original_sound is "yes"{default}, and the reference video has no sound'
        remedy = 'set keep_original_sound to "no", or use the clip that has its sound'
        yield RULE.finding(case, Level.WARNING, "keep_original_sound", message, remedy)
