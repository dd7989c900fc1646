"""A reference video that cannot be measured

ffprobe could not open it, it is something else than a video (a picture, a web page, half a file
without its index), it states no duration, or two that contradict. An error when the file is at
fault; unsure when only the measuring failed, or when its duration is in doubt: `--scan` reads every
packet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.media.containers.signature import ANY_PICTURE
from motion_preflight.media.facts import MediaFacts
from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.remedies import video_remedy
from motion_preflight.rules.rule import Rule, swapped, unmeasured
from motion_preflight.text.numbers import format_decimal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="video-unreadable",
    level=Level.ERROR,
    authority=Authority.APIMART,
    source="motion-control-page",
)

# These containers state no duration anywhere, so that every reader goes by their packets.
_WITHOUT_HEADER = {"mpegts", "mpeg"}


def check(case: RuleContext) -> Iterator[Finding]:
    """An error for a file that is not a usable video; unsure or a note when its measurement is in
    doubt.
    """
    unreadable = unmeasured(case.video, Reason.UNREADABLE)
    incomplete = unmeasured(case.video, Reason.INCOMPLETE)
    unsupported = unmeasured(case.video, Reason.UNSUPPORTED)
    if unreadable:
        message = f"the reference video is not usable: {unreadable.error}"
        remedy = (
            unreadable.remedy
            or "export or download it again as mp4 (H.264), and play it to its end"
        )
        if unreadable.container in ANY_PICTURE:
            remedy = "put the link of the clip there; a picture is for image_url"
        if unreadable.container in {"gif", "webp"}:
            remedy += " (a moving one is exported as mp4 first)"
        if swapped(case):
            remedy = "exchange image_url and video_url: they are swapped"
        yield RULE.finding(case, Level.ERROR, "video_url", message, remedy)
    elif incomplete:
        message = f"the reference video was not measured: {incomplete.error}"
        remedy = "get the whole clip: all its parts in one file, the beginning first"
        yield RULE.finding(case, Level.UNSURE, "video_url", message, remedy)
    elif unsupported:
        message = f"the reference video was not measured: {unsupported.error}"
        remedy = "see `motion-preflight doctor`, or export the clip again as mp4 (H.264)"
        yield RULE.finding(case, Level.UNSURE, "video_url", message, remedy)
    elif isinstance(case.video, MediaFacts):
        yield from _clocks(case, case.video)


def _clocks(case: RuleContext, facts: MediaFacts) -> Iterator[Finding]:
    """The findings about a measured video whose duration is in doubt."""
    if facts.unscanned:
        message = f"the scan of the reference video was not finished: {facts.unscanned}"
        remedy = "scan a shorter or smaller copy of it, or look at the clip to its end in a player"
        yield RULE.finding(case, Level.UNSURE, "video_url", message, remedy)
    if facts.clock_jump:
        message = f"the reference video has more than one clock: {facts.clock_jump}"
        remedy = f"to give it one clock, {video_remedy(case)}"
        yield RULE.finding(case, Level.NOTE, "video_url", message, remedy)
    if facts.contradiction:
        message = f"the reference video contradicts itself: {facts.contradiction}"
        remedy = f"to give it one clock, {video_remedy(case)}"
        yield RULE.finding(case, Level.UNSURE, "video_url", message, remedy)
    elif facts.video and not facts.durations.declared and facts.container not in _WITHOUT_HEADER:
        yield _undeclared(case, facts)


def _undeclared(case: RuleContext, facts: MediaFacts) -> Finding:
    """The finding about a video whose duration only its samples show.

    It is a warning where every frame was read and decoded, because then the file is at least
    intact.
    """
    message = "the reference video declares nowhere how long it is"
    samples = facts.durations.samples or facts.durations.scan
    if samples:
        parts = "packets" if facts.fragmented is None else "samples"
        message += (
            f"; its {parts} last {format_decimal(samples)} s, and a service that goes by its "
            "header finds "
            "nothing"
        )
    level = Level.WARNING if facts.durations.scan else Level.UNSURE
    remedy = f"to write a duration into it, {video_remedy(case)}"
    return RULE.finding(case, level, "video_url", message, remedy)
