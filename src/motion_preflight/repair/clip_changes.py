"""What changes about a clip and why, in a sentence each."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.repair.clip_plan import CHANNELS
from motion_preflight.repair.clip_shape import figures, frame_seconds, side_limits
from motion_preflight.text.numbers import format_decimal

if TYPE_CHECKING:
    from fractions import Fraction

    from motion_preflight.media.facts import MediaFacts
    from motion_preflight.media.stream_details import StreamDetails
    from motion_preflight.provider.limits import Limits
    from motion_preflight.repair.clip_plan import ClipPlan
    from motion_preflight.repair.options import FixOptions

_TOGETHER = Decimal("0.1")  # seconds; what is nearer begins together for a person
_ENDS_TOGETHER = Decimal("0.5")  # seconds; the last packets of most files miss one another


def changes_of(
    plan: ClipPlan, facts: MediaFacts, wish: FixOptions, limits: Limits
) -> tuple[str, ...]:
    """The sentences about a plan for a clip with these facts."""
    details = facts.details
    assert details is not None
    return (
        *(() if plan.copied else _cuts(plan, wish)),
        *_size(facts, limits),
        *_scaling(plan, limits),
        *_conversions(plan, facts, details, limits, wish),
    )


def _cuts(plan: ClipPlan, wish: FixOptions) -> list[str]:
    """The sentences about which seconds are kept."""
    available, longest, frame = plan.available, plan.longest, frame_seconds(plan.rate)
    length = format_decimal(round(plan.source_seconds, 3))
    wished = "the longest shot" if wish.best_shot else "as asked"
    sentences = []
    if available - plan.source_seconds > 2 * frame:
        where = f"from second {format_decimal(wish.start)} on" if wish.start else "the beginning"
        why = f"at most {format_decimal(longest)} s are allowed" if longest else ""
        if longest and available <= longest:
            why = f"every reading must stay within {format_decimal(longest)} s"
        asked = wish.seconds is not None and wish.seconds < plan.source_seconds + frame
        why = wished if asked else why
        total = format_decimal(round(available + wish.start, 3))
        sentences.append(f"cut to {length} of {total} s ({where}): {why}".removesuffix(": "))
    elif wish.start:
        sentences.append(
            f"cut to {length} s, from second {format_decimal(wish.start)} on: {wished}"
        )
    if plan.source_seconds - available > frame:
        sentences.append(
            f"its last frame stays until {length} s: every reading must be above the least"
        )
    if plan.tempo != 1:
        sentences.append(
            f"slowed to {format_decimal(plan.tempo * 100)} % of its speed, "
            f"{format_decimal(round(plan.seconds, 3))} s long: it was too short"
        )
    return sentences


def _conversions(
    plan: ClipPlan,
    facts: MediaFacts,
    details: StreamDetails,
    limits: Limits,
    wish: FixOptions,
) -> list[str]:
    """The sentences about what becomes another kind of thing."""
    changes = []
    if facts.container not in limits.video_container.allowed:
        changes.append(f"{facts.container} becomes MP4")
    if facts.durations.stored is not None:
        changes.append("what its edit list hides is left out")
    if details.other_streams:
        changes.append("only the judged video and one sound track are kept")
    if wish.mute and details.audio:
        changes.append("the sound is left out: as asked")
    elif details.audio and not plan.audio:
        changes.append("the sound is left out: nothing here knows its codec")
    changes += [] if plan.copied else _sound(plan, facts, wish)
    if plan.copied:
        return [*changes, "the index is in front, and picture and sound are copied as they are"]
    name = "H.264" if details.codec == "h264" else f"{details.codec} becomes H.264"
    rate = f"{name} at a constant {_rate_text(plan.rate)} frames a second"
    return [*_pictures(facts, details), *changes, rate]


def _size(facts: MediaFacts, limits: Limits) -> list[str]:
    """The sentence about a file of too many bytes."""
    most = min(figures(limits.video_size.below), default=None)
    if most is None or facts.size is None or facts.size < most:
        return []
    return [f"it has {facts.size:,} bytes, fewer than {most:,} are allowed: saved smaller"]


def _sound(plan: ClipPlan, facts: MediaFacts, wish: FixOptions) -> list[str]:
    """The sentences about a sound of another kind, and about one that begins or ends apart from
    the picture.
    """
    audio, video, changes = plan.audio, facts.video, []
    if audio is None or video is None:
        return []
    fewer = f"2 channels instead of {audio.channels}" if (audio.channels or 0) > CHANNELS else ""
    if audio.codec != "aac":
        changes.append(f"{audio.codec} sound becomes AAC" + (f", with {fewer}" if fewer else ""))
    elif fewer:
        changes.append(f"its sound has {fewer}")
    start, heard = video.start or Decimal(0), facts.durations.audio
    late = (start if audio.start is None else audio.start) - start
    length = format_decimal(round(abs(late), 3))
    if late > _TOGETHER:
        changes.append(f"its sound begins {length} s after its picture: silence stands before it")
    elif -late > _TOGETHER:
        changes.append(f"its sound begins {length} s before its picture: that part is left out")
    if heard is None or plan.available - plan.source_seconds > _ENDS_TOGETHER:
        return changes
    later = late + heard - plan.available - wish.start
    length = format_decimal(round(abs(later), 3))
    if later > _ENDS_TOGETHER:
        changes.append(f"its sound ends {length} s after its picture: that part is left out")
    elif -later > _ENDS_TOGETHER:
        changes.append(f"its sound ends {length} s before its picture: silence follows it")
    return changes


def _pictures(facts: MediaFacts, details: StreamDetails) -> list[str]:
    """The sentences about how the pictures change."""
    assert facts.video is not None
    turn, changes = facts.video.rotation, []
    if details.hdr:
        changes.append(f"HDR ({details.hdr}) becomes SDR (BT.709)")
    elif details.wide:
        changes.append("BT.2020 colours become BT.709")
    if details.interlaced:
        changes.append("interlaced fields become whole frames")
    if details.clear:
        changes.append("it can be transparent: laid on black")
    if details.mirrored:
        changes.append("mirrored as a tag says, without the tag")
    elif turn:
        changes.append(f"turned upright, by {turn} degrees, instead of a tag that says so")
    if details.pixel_shape != 1:
        changes.append("its pixels become square")
    return changes


def _rate_text(rate: Fraction) -> str:
    return format_decimal(round(1 / frame_seconds(rate), 3))


def _scaling(plan: ClipPlan, limits: Limits) -> list[str]:
    """The sentence about sides that had to change by more than a pixel."""
    shown = [round(side) for side in plan.shown]
    if all(abs(one - other) <= 1 for one, other in zip(shown, plan.sides, strict=True)):
        return []
    low, high = side_limits(limits)
    text = "scaled from {}x{} to {}x{} pixels: ".format(*shown, *plan.sides)
    if plan.sides[0] > shown[0]:
        return [f"{text}a side has at least {round(low)}. It gets no sharper: better a larger one"]
    return [f"{text}a side has at most {round(high)}"]
