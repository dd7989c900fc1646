"""The sound is to be kept and there is none

`keep_original_sound` is "yes", which is also its default, and the reference video has no sound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report import Authority, Level
from motion_preflight.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report import Finding
    from motion_preflight.rules.rule import Case

RULE = Rule(
    id="video-sound-missing",
    level=Level.WARNING,
    authority=Authority.INFERRED,
    source="a sound that is not there cannot be kept",
    needs=("video",),
)


def check(case: Case) -> Iterator[Finding]:
    if case.draft.keep_original_sound == "yes" and case.video_facts.audio is None:
        given = "" if "keep_original_sound" in case.draft.body else " (the default)"
        message = f'keep_original_sound is "yes"{given}, and the reference video has no sound'
        remedy = 'set keep_original_sound to "no", or use the clip that has its sound'
        yield RULE.finding(case, Level.WARNING, "keep_original_sound", message, remedy)
