"""A reference video that shows little more than a face

Only with --content, and with the `people` extra, which brings a detector of faces. The service
wants the head, the arms and the upper body in the picture. Users report clips that it refused with
"no complete upper body detected".

The largest face is looked for in eight pictures of the clip. It is a close-up when at least half of
them end less than the height of that face below the chin: the arms and the waist are out of the
picture then. Of 242 public clips 44 were called so, rightly all of them: 28 of the 30 that show a
head and shoulders were among them, and none of the 69 that show a whole upper body or more. Of 276
single pictures 45 were called so, one of them wrongly. Not found are people who are too small,
turned away or hidden, clips without anybody, and most clips that end at the chest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.rule import Rule
from motion_preflight.text.numbers import format_decimal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="video-close-up",
    level=Level.WARNING,
    authority=Authority.INFERRED,
    source="a motion of the body is followed only where the body can be seen",
    needs=("framing",),
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A warning when the video shows a head and shoulders only."""
    framing = case.content.framing if case.content else None
    if framing is None or framing.face is None or framing.room is None:
        return
    limit = case.profile.content.face_pictures
    if framing.close * 100 < limit.value * framing.pictures:
        return
    message = (
        f"the reference video shows little more than a face: in {framing.close} of "
        f"{framing.pictures} pictures it takes {format_decimal(framing.face)}% of the height, and "
        f"the picture ends {format_decimal(framing.room)} times that below the chin. Others met "
        '"no complete upper body detected" as the answer to such a clip'
    )
    remedy = "use a clip that shows the person with both arms, from the head to the waist at least"
    yield RULE.finding(case, Level.WARNING, "video_url", message, remedy, limit)
