"""A reference video with too few frames to show a motion

One frame is a picture, and whether a service takes it for a video is not known: unsure, also when
one frame is held nearly all the time. Under five frames a second there is hardly a motion to
follow, as in a slide show: a warning.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.rule import Rule
from motion_preflight.text.numbers import format_decimal, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="video-motionless",
    level=Level.UNSURE,
    authority=Authority.INFERRED,
    source="a motion needs frames to be seen in",
    needs=("video", "video stream"),
)


_NEARLY_ALL = Decimal("0.95")


def check(case: RuleContext) -> Iterator[Finding]:
    """Unsure for a video that shows one frame nearly all the time, a warning for too few frames a
    second.
    """
    frames, durations = case.video_stream.frames, case.video_facts.durations
    remedy = "use a clip in which the motion can be seen, of some 24 frames a second"
    if frames == 1:
        message = "the reference video has a single frame: nothing moves in it"
        yield RULE.finding(case, Level.UNSURE, "video_url", message, remedy)
        return
    seconds, longest = durations.stored or durations.samples, case.video_stream.longest_frame
    if seconds and longest and longest >= seconds * _NEARLY_ALL:
        part = f"{format_decimal(longest)} of {format_decimal(seconds)} s"
        message = f"one frame of the reference video is held for {part}"
        yield RULE.finding(case, Level.UNSURE, "video_url", message, remedy)
        return
    limit = case.limits.video_frame_rate
    seconds = durations.samples or durations.stored or durations.video
    few = max(limit.minimum.values()) if limit.minimum else Decimal(0)
    if frames and seconds and frames < few * seconds:
        rate = (frames / seconds).quantize(Decimal("0.01"))
        message = (
            f"the reference video has {plural(frames, 'frame')} in {format_decimal(seconds)} s, "
            f"{format_decimal(rate)} a second; a motion is hard to follow below "
            f"{format_decimal(few)}"
        )
        yield RULE.finding(case, Level.WARNING, "video_url", message, remedy, limit)
