"""What has to change about a clip, and why: facts, limits and wishes → a plan. Nothing is read.

A result keeps every reading of its duration inside the limits, so it gets a constant frame rate, no
frame that is shown before it is decoded, and sound that ends before the picture. The clock starts
at the first frame of the judged track: sound before it is trimmed, sound that starts later is
filled with silence, so both stay together.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

from motion_preflight.repair.clip_shape import (
    RATES,
    figures,
    fitting_sides,
    frame_seconds,
    shown_sides,
    usual_rate,
)
from motion_preflight.repair.errors import CannotFix
from motion_preflight.rules.duration import margin
from motion_preflight.rules.remedies import tempo_for
from motion_preflight.text.lazy_dataclass import dataclass, replace
from motion_preflight.text.numbers import format_decimal

if TYPE_CHECKING:
    from motion_preflight.media.facts import MediaFacts
    from motion_preflight.media.stream_details import AudioDetails, StreamDetails
    from motion_preflight.provider.limits import Limits
    from motion_preflight.repair.options import FixOptions, Orientation

_STRICT_MARGIN = Decimal("0.5")  # seconds, of the second attempt
_SIZE = Decimal("0.5")  # part of the size limit to use: 100MB is never near
_FASTEST = 20_000  # kilobits a second; more is not seen
_LEAST = 100  # kilobits a second
_SOUND = 192  # kilobits a second of the AAC sound
_COPIED = {"h264"}
_COPIED_PIXELS = {"yuv420p"}
_INDEXED = {"mp4", "mov", "3gp", "matroska", "webm"}
_RUN_UP = Decimal(10)  # seconds before the first frame from which on a file is decoded
_CHANNELS = 2  # of sound that is copied
_TOGETHER = Decimal("0.025")  # seconds between the beginnings of picture and sound, if copied


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """What a new clip is made of.

    copied      the streams are copied as they are, only the container is new
    stream      the index of the video stream in the source
    audio       the sound; `None`: the result has none
    jumps       the source's clock starts again or jumps ahead, so it is not the one to go by
    origin      the first moment of the result, in seconds on the source's clock; where that jumps,
                in seconds after the first stream begins
    tempo       speed as a part of the original; 1 is unchanged
    frames      number of frames of the result, at `rate` a second
    skip        seconds from its start on that need not be read
    hold        seconds that the last frame may have to be held
    shown       width and height in pixels as the source is displayed
    sides       width and height in pixels
    available   seconds of the source from `origin` on
    longest     the most seconds that are allowed; `None`: no limit
    source      the picture as it is coded in the source
    kilobits    the most a second
    """

    copied: bool
    stream: int
    audio: AudioDetails | None
    jumps: bool
    origin: Decimal
    tempo: Decimal
    frames: int
    rate: Fraction
    skip: Decimal
    hold: Decimal
    shown: tuple[Fraction, Fraction]
    sides: tuple[int, int]
    available: Decimal
    longest: Decimal | None
    source: StreamDetails
    kilobits: int

    @property
    def seconds(self) -> Decimal:
        """The length of the result."""
        return Decimal(self.frames * self.rate.denominator) / self.rate.numerator

    @property
    def source_seconds(self) -> Decimal:
        """The seconds of the source that the result shows."""
        return self.seconds * self.tempo


def plan_clip(
    facts: MediaFacts,
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
    video, details = facts.video, facts.details
    assert video is not None
    assert details is not None
    _ensure_readable(facts, details)
    rate = usual_rate(video.frame_rate, details.base_rate, strict=strict)
    longest, shortest = _duration_limits(limits, orientations)
    shown = shown_sides(details, video.rotation or 0)
    sides = fitting_sides(shown, limits)
    available = _available(facts) - wish.start
    if available <= 0:
        raise CannotFix(
            f"a start of {format_decimal(wish.start)} s lies behind the end: the clip has "
            f"{format_decimal(_available(facts))} s"
        )
    wanted = min(available, wish.seconds or available)
    copied = (
        not (strict or wish.changes_content or tuple(map(Fraction, sides)) != shown)
        and (longest is None or wanted <= longest)
        and (shortest is None or wanted >= shortest)
        and _copyable(facts, details, limits)
    )
    inside = max(_STRICT_MARGIN if strict else Decimal(0), margin(rate))
    if longest is not None and not copied:
        wanted = min(wanted, longest - inside)
    tempo = _tempo(wanted, shortest, inside, wish)
    plan = ClipPlan(
        copied=copied,
        stream=video.index or 0,
        audio=None if wish.mute or not details.audio or not details.audio.codec else details.audio,
        jumps=facts.clock_jump is not None,
        origin=_first_moment(facts, details) + wish.start,
        tempo=tempo,
        frames=_frames(wanted / tempo, rate, shortest),
        rate=rate,
        skip=_skipped(facts, wish),
        hold=(video.longest_frame or Decimal(0)) + 2 * frame_seconds(rate),
        shown=shown,
        sides=sides,
        available=available,
        longest=longest,
        source=details,
        kilobits=0,
    )
    return replace(plan, kilobits=_kilobits(plan, limits, strict=strict))


def _ensure_readable(facts: MediaFacts, details: StreamDetails) -> None:
    """Raises `CannotFix` for what no ffmpeg can make a clip of."""
    assert facts.video is not None
    if facts.truncated:
        raise CannotFix("the file is cut short: first get the whole file")
    if facts.video.encrypted:
        raise CannotFix("it is encrypted: use the clip as it was before it was protected")
    if facts.video.frames == 1:
        raise CannotFix("it has one frame only, and nothing moves: take a clip of the motion")
    if details.codec in {None, "unknown", "none"}:
        reason = facts.undecodable or "no reader here knows its codec"
        raise CannotFix(f"{reason}: save it as H.264 with the program that made it")


def _skipped(facts: MediaFacts, wish: FixOptions) -> Decimal:
    """The seconds that are not even decoded, where a file has an index to leap by."""
    leaps = facts.container in _INDEXED and facts.clock_jump is None
    return max(wish.start - _RUN_UP, Decimal(0)) if leaps else Decimal(0)


def _first_moment(facts: MediaFacts, details: StreamDetails) -> Decimal:
    """The second in which the picture begins, on the clock that ffmpeg is told to use."""
    assert facts.video is not None
    start = facts.video.start or Decimal(0)
    if facts.clock_jump is None:
        return start
    sound = details.audio.start if details.audio else None
    return start - min(start, start if sound is None else sound)


def _available(facts: MediaFacts) -> Decimal:
    """The seconds of picture that the clip really has, by its best reading."""
    times = facts.durations
    known = times.samples or times.scan or times.video
    if known:
        return known
    if not times.judged:
        raise CannotFix(
            "no duration could be read from the clip: save it as MP4 with the program that made it"
        )
    return times.judged.high


def _duration_limits(
    limits: Limits, orientations: tuple[Orientation, ...]
) -> tuple[Decimal | None, Decimal | None]:
    """The most and the fewest seconds that fit all of the orientations; `None`: no such limit."""
    most, fewest = [], []
    for orientation in orientations:
        limit = limits.video_duration.of(orientation)
        most += figures(limit.maximum)
        fewest += figures(limit.minimum)
    return min(most, default=None), max(fewest, default=None)


def _tempo(wanted: Decimal, shortest: Decimal | None, inside: Decimal, wish: FixOptions) -> Decimal:
    """The speed that makes a short clip long enough, so many seconds inside the limit; 1 for any
    other clip.
    """
    if shortest is None or wanted >= shortest:
        return Decimal(1)
    tempo = tempo_for(wanted, shortest + inside)
    short = (
        f"{format_decimal(round(wanted, 3))} s are too short, "
        f"{format_decimal(shortest)} s is the least"
    )
    if (wish.seconds is not None or wish.start) and not wish.slow:
        raise CannotFix(f"{short}: choose more with the options `start` and `seconds`")
    if tempo is None:
        raise CannotFix(f"{short}: slowing it so much would be another motion")
    if not wish.slow:
        length = format_decimal(round(shortest + inside, 3))
        raise CannotFix(
            f"{short}; the option `slow` makes it {length} s long, at "
            f"{format_decimal(tempo * 100)} % of its speed"
        )
    return tempo


def _frames(seconds: Decimal, rate: Fraction, shortest: Decimal | None) -> int:
    """The whole frames of a length: no more than it has, but more than one above the limit."""
    frames = floor(Fraction(seconds) * rate + Fraction(1, 1000))
    fewest = floor(Fraction(shortest) * rate) + 2 if shortest else 1
    return max(frames, fewest)


def _kilobits(plan: ClipPlan, limits: Limits, *, strict: bool) -> int:
    """The most kilobits a second that keep the file well below the size limit."""
    allowed = min(figures(limits.video_size.below), default=Decimal(100_000_000)) * _SIZE
    rate = int(allowed * 8 / 1000 / plan.seconds) - _SOUND
    return max(min(rate // 2 if strict else rate, _FASTEST), _LEAST)


def _copyable(facts: MediaFacts, details: StreamDetails, limits: Limits) -> bool:
    """Whether the streams are fine as they are, so that only the container is made anew."""
    video, times = facts.video, facts.durations
    assert video is not None
    size_limit = min(figures(limits.video_size.below), default=None)
    return (
        details.codec in _COPIED
        and details.pixel_format in _COPIED_PIXELS
        and not (details.interlaced or details.wide or video.rotation or facts.undecodable)
        and details.pixel_shape == 1
        and _is_constant(facts, details.base_rate)
        and _is_usual_sound(details.audio, video.start or Decimal(0))
        and times.stored is None
        and not (facts.contradiction or facts.longer_track or facts.clock_jump)
        and (facts.size is None or size_limit is None or facts.size < size_limit)
        and bool(video.width and video.height and video.width % 2 == video.height % 2 == 0)
    )


def _is_constant(facts: MediaFacts, rate: Fraction | None) -> bool:
    """Whether it has as many frames as a usual rate has in its time. Fewer are left out or held."""
    frames = facts.video.frames if facts.video else None
    seconds = facts.durations.samples
    if rate not in RATES or frames is None or seconds is None:
        return False
    return abs(Fraction(seconds) * rate - frames) <= Fraction(1, 2)


def _is_usual_sound(audio: AudioDetails | None, start: Decimal) -> bool:
    """Whether a sound, if there is one, is AAC that begins with the picture."""
    if audio is None:
        return True
    late = abs((audio.start or Decimal(0)) - start)
    return audio.codec == "aac" and (audio.channels or 9) <= _CHANNELS and late <= _TOGETHER
