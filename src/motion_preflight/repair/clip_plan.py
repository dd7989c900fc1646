"""What has to change about a clip, and why: facts, limits and wishes → a plan. Nothing is read.

A result keeps every reading of its duration inside the limits, so it gets a constant frame rate, no
frame that is shown before it is decoded, and sound that ends before the picture. The clock starts
at the first frame of the judged track: sound before it is trimmed, sound that starts later is
filled with silence, so both stay together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

from motion_preflight.repair.errors import CannotFix
from motion_preflight.text.numbers import format_decimal

if TYPE_CHECKING:
    from motion_preflight.media.facts import MediaFacts
    from motion_preflight.media.programs.stream_details import AudioDetails, StreamDetails
    from motion_preflight.provider.limits import Bound, Limits
    from motion_preflight.repair.options import FixOptions, Orientation

# Usual frame rates; a result has the nearest one, or the next higher one.
RATES = (
    *(Fraction(rate) for rate in (10, 12, 15, 20)),
    Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(30),
    Fraction(48), Fraction(50), Fraction(60000, 1001), Fraction(60),
)  # fmt: skip
_NEAR = Fraction(2, 100)  # part by which an average rate may miss the one that is meant
_UNKNOWN_RATE = Fraction(30)
_SLOWEST = Decimal("0.75")  # at a lower speed it would be another motion
_MARGIN = Decimal("0.1")  # seconds inside a limit, and at least two frames
_STRICT_MARGIN = Decimal("0.5")  # seconds, of the second attempt
_SIZE = Decimal("0.5")  # part of the size limit to use: 100MB is never near
_FASTEST = 20_000  # kilobits a second; more is not seen
_LEAST = 100  # kilobits a second
_SOUND = 192  # kilobits a second of the AAC sound
_COPIED = {"h264"}
_COPIED_SOUND = {None, "aac"}
_COPIED_PIXELS = {"yuv420p"}


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """What a new clip is made of.

    copied      the streams are copied as they are, only the container is new
    stream      the index of the video stream in the source
    audio       the sound; `None`: the result has none
    origin      the first moment of the result, in seconds on the source's clock
    tempo       speed as a part of the original; 1 is unchanged
    frames      number of frames of the result, at `rate` a second
    sides       width and height in pixels
    kilobits    the most a second
    changes     what changes and why, a sentence each
    """

    copied: bool
    stream: int
    audio: AudioDetails | None
    origin: Decimal
    tempo: Decimal
    frames: int
    rate: Fraction
    hold: Decimal  # seconds that the last frame may have to be held
    sides: tuple[int, int]
    deinterlaced: bool
    hdr: str | None
    wide: bool
    transfer: str | None
    kilobits: int
    changes: tuple[str, ...]

    @property
    def seconds(self) -> Decimal:
        """The length of the result."""
        exact = self.frames / self.rate
        return Decimal(exact.numerator) / Decimal(exact.denominator)

    @property
    def source_seconds(self) -> Decimal:
        """The seconds of the source that the result shows."""
        return self.seconds * self.tempo


def plan_clip(  # noqa: PLR0917  the order in which a plan is made
    facts: MediaFacts,
    details: StreamDetails,
    wish: FixOptions,
    limits: Limits,
    orientations: tuple[Orientation, ...],
    *,
    strict: bool = False,
) -> ClipPlan:
    """The smallest change that makes a clip fit these orientations.

    With `strict`, the plan for a second attempt: everything is made anew and stays further inside
    the limits. Raises `CannotFix`.
    """
    video = facts.video
    assert video is not None
    if facts.truncated:
        raise CannotFix("the file is cut short: first get the whole file")
    rate = _rate(video.frame_rate, strict=strict)
    longest, shortest = _duration_limits(limits, orientations)
    sides, change_of_sides = _sides(details, video.rotation or 0, limits)
    available = _available(facts) - wish.start
    if available <= 0:
        raise CannotFix(
            f"--start {format_decimal(wish.start)} lies behind the end: the clip has "
            f"{format_decimal(_available(facts))} s"
        )
    wanted = min(available, wish.seconds or available)
    copied = (
        not (strict or wish.changes_content or change_of_sides)
        and (longest is None or wanted <= longest)
        and (shortest is None or wanted >= shortest)
        and _copyable(facts, details, limits)
    )
    margin = max(_STRICT_MARGIN if strict else _MARGIN, _seconds(2 / rate))
    if longest is not None and not copied:
        wanted = min(wanted, longest - margin)
    tempo = _tempo(wanted, shortest, margin, wish)
    plan = ClipPlan(
        copied=copied,
        stream=video.index or 0,
        audio=None if wish.mute else details.audio,
        origin=(video.start or Decimal(0)) + wish.start,
        tempo=tempo,
        frames=_frames(wanted / tempo, rate, shortest),
        rate=rate,
        hold=(video.longest_frame or Decimal(0)) + _seconds(1 / rate),
        sides=sides,
        deinterlaced=details.interlaced,
        hdr=details.hdr,
        wide=details.wide,
        transfer=details.transfer,
        kilobits=0,
        changes=(),
    )
    plan = replace(plan, kilobits=_kilobits(plan, limits, strict=strict))
    return replace(
        plan,
        changes=(
            *(() if copied else _cuts(plan, wish, available, longest)),
            *change_of_sides,
            *_conversions(plan, facts, details, limits, wish),
        ),
    )


def _seconds(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)


def _available(facts: MediaFacts) -> Decimal:
    """The seconds of picture that the clip really has, by its best reading."""
    times = facts.durations
    known = times.samples or times.scan or times.video
    if known:
        return known
    if not times.judged:
        raise CannotFix("no duration could be read from the clip")
    return times.judged.high


def _rate(rate: Fraction | None, *, strict: bool) -> Fraction:
    """A usual frame rate for a source; at most 30 for a second attempt."""
    if rate is None:
        return _UNKNOWN_RATE
    nearest = min(RATES, key=lambda usual: abs(usual - rate))
    above = next((usual for usual in RATES if usual >= rate), RATES[-1])
    usual = nearest if abs(nearest - rate) <= rate * _NEAR else above
    return min(usual, Fraction(30)) if strict else usual


def _duration_limits(
    limits: Limits, orientations: tuple[Orientation, ...]
) -> tuple[Decimal | None, Decimal | None]:
    """The most and the fewest seconds that fit all of the orientations; `None`: no such limit."""
    most, fewest = [], []
    for orientation in orientations:
        limit = limits.video_duration.of(orientation)
        most += _figures(limit.maximum)
        fewest += _figures(limit.minimum)
    return min(most, default=None), max(fewest, default=None)


def _figures(bound: Bound | None) -> list[Decimal]:
    return list(bound.values()) if bound else []


def _tempo(wanted: Decimal, shortest: Decimal | None, margin: Decimal, wish: FixOptions) -> Decimal:
    """The speed that makes a short clip long enough; 1 for any other."""
    if shortest is None or wanted >= shortest:
        return Decimal(1)
    tempo = (wanted / (shortest + margin)).quantize(Decimal("0.001"), ROUND_FLOOR)
    short = f"{format_decimal(wanted)} s are too short, at least {format_decimal(shortest)} s are needed"
    if tempo < _SLOWEST:
        raise CannotFix(f"{short}: slowing it so much would be another motion")
    if not wish.slow:
        raise CannotFix(
            f"{short}; --slow makes it {format_decimal(shortest + margin)} s long, at "
            f"{format_decimal(tempo * 100)} % of its speed"
        )
    return tempo


def _frames(seconds: Decimal, rate: Fraction, shortest: Decimal | None) -> int:
    """The whole frames of a length: never more than it has, but never below the limit."""
    frames = floor(Fraction(seconds) * rate + Fraction(1, 1000))
    if shortest is not None and frames < Fraction(shortest) * rate:
        frames = floor(Fraction(shortest) * rate) + 1
    return max(frames, 1)


def _sides(
    details: StreamDetails, rotation: int, limits: Limits
) -> tuple[tuple[int, int], list[str]]:
    """The even sides of the upright result, and the sentence about them if they had to change."""
    if not details.width or not details.height:
        raise CannotFix("the sides of the picture are not known")
    shown = Fraction(details.width) * details.pixel_shape, Fraction(details.height)
    width, height = shown if rotation % 180 == 0 else shown[::-1]
    limit = limits.video_side
    low = Fraction(max(_figures(limit.minimum), default=Decimal(2)))
    high = Fraction(min(_figures(limit.maximum), default=Decimal(8192)))
    short, long = sorted((width, height))
    scale = max(Fraction(1), low / short) if short < low else min(Fraction(1), high / long)
    if long * scale > high + 1:
        raise CannotFix(
            f"{round(width)}x{round(height)} pixels cannot keep their shape inside the limits: each "
            f"side may have {round(low)} to {round(high)} pixels. Crop it first"
        )
    sides = _even(width * scale, low, high), _even(height * scale, low, high)
    if scale == 1:
        return sides, []
    text = f"scaled from {round(width)}x{round(height)} to {sides[0]}x{sides[1]} pixels: "
    if scale > 1:
        return sides, [
            f"{text}a side has at least {round(low)}. It gets no sharper: a larger original is better"
        ]
    return sides, [f"{text}a side has at most {round(high)}"]


def _even(side: Fraction, low: Fraction, high: Fraction) -> int:
    """The nearest even number of pixels inside the limits."""
    number = round(side / 2) * 2
    number += 2 if number < low else -2 if number > high else 0
    return max(number, 2)


def _kilobits(plan: ClipPlan, limits: Limits, *, strict: bool) -> int:
    """The most kilobits a second that keep the file well below the size limit."""
    allowed = min(_figures(limits.video_size.below), default=Decimal(100_000_000)) * _SIZE
    rate = int(allowed * 8 / 1000 / plan.seconds) - _SOUND
    return max(min(rate // 2 if strict else rate, _FASTEST), _LEAST)


def _copyable(facts: MediaFacts, details: StreamDetails, limits: Limits) -> bool:
    """Whether the streams are fine as they are, so that only the container is made anew."""
    video, times = facts.video, facts.durations
    assert video is not None
    audio = details.audio.codec if details.audio else None
    size_limit = min(_figures(limits.video_size.below), default=None)
    return (
        details.codec in _COPIED
        and details.pixel_format in _COPIED_PIXELS
        and not (details.interlaced or details.wide or video.rotation or facts.undecodable)
        and details.pixel_shape == 1
        and audio in _COPIED_SOUND
        and times.stored is None
        and not (facts.contradiction or facts.longer_track or facts.clock_jump)
        and (facts.size is None or size_limit is None or facts.size < size_limit)
        and bool(video.width and video.height and video.width % 2 == video.height % 2 == 0)
    )


def _cuts(
    plan: ClipPlan, wish: FixOptions, available: Decimal, longest: Decimal | None
) -> list[str]:
    """The sentences about which seconds are kept."""
    length = format_decimal(round(plan.source_seconds, 3))
    sentences = []
    if available - plan.source_seconds > _seconds(2 / plan.rate):
        where = f"from second {format_decimal(wish.start)} on" if wish.start else "the beginning"
        why = f"at most {format_decimal(longest)} s are allowed" if longest else ""
        why = "as asked" if wish.seconds is not None and wish.seconds < available else why
        total = format_decimal(round(available + wish.start, 3))
        sentences.append(f"cut to {length} of {total} s ({where}): {why}".removesuffix(": "))
    elif wish.start:
        sentences.append(
            f"cut to {length} s, from second {format_decimal(wish.start)} on: as asked"
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
    video = facts.video
    assert video is not None
    changes = []
    if facts.container not in limits.video_container.allowed:
        changes.append(f"{facts.container} becomes MP4")
    if plan.copied:
        return [*changes, "the index is in front, and picture and sound are copied as they are"]
    if details.hdr:
        changes.append(f"HDR ({details.hdr}) becomes SDR (BT.709)")
    elif details.wide:
        changes.append("BT.2020 colours become BT.709")
    if details.interlaced:
        changes.append("interlaced fields become whole frames")
    if video.rotation:
        changes.append(
            f"turned upright, by {video.rotation} degrees, instead of a tag that says so"
        )
    if details.pixel_shape != 1:
        changes.append("its pixels become square")
    if details.other_streams:
        changes.append("only the judged video and one sound track are kept")
    if wish.mute and details.audio:
        changes.append("the sound is left out: as asked")
    name = "H.264" if details.codec == "h264" else f"{details.codec} becomes H.264"
    return [*changes, f"{name} at a constant {_rate_text(plan.rate)} frames a second"]


def _rate_text(rate: Fraction) -> str:
    return format_decimal(round(_seconds(rate), 3))
