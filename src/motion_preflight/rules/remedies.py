"""The remedy that names the one ffmpeg command for a clip or a picture, whatever is wrong with it.

Every remedy that names a command names this one, because two commands for a part each would undo
each other's work.
"""

from __future__ import annotations

import operator
import os
import shlex
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from math import ceil
from typing import TYPE_CHECKING
from urllib.parse import unquote

from motion_preflight.media.facts import Compliance, Readings
from motion_preflight.rules import duration
from motion_preflight.rules.rule import tightest
from motion_preflight.text.locations import file_name, is_url, printable
from motion_preflight.text.numbers import format_decimal

if TYPE_CHECKING:
    from motion_preflight.media.facts import Durations
    from motion_preflight.rules.rule import RuleContext

_SLOWEST = Decimal("0.75")  # at a lower speed it would be another motion
_ROOM = Decimal("0.9")  # part of the size limit to use, because rate control may overshoot
_SOUND = 200  # kilobits a second, a generous allowance
_FRAME = 1024  # samples of an AAC frame; the padding of the last one would outlast the picture
_ROTATIONS = {90: "transpose=1", 180: "hflip,vflip", 270: "transpose=2"}  # degrees clockwise
_SLOWEST_SOUND = 8000  # samples a second, for a sound whose rate is not known


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to change about a clip. `None` means that nothing has to, or that no
    change helps.
    """

    seconds: Decimal | None  # cut to this length
    tempo: Decimal | None  # slow down to this part of the speed
    sides: tuple[int, int] | None  # scale to this width and height, in pixels
    kilobits: int | None  # the most a second


def plan(case: RuleContext) -> Plan:
    """What has to change about the measured clip for the request's orientation."""
    seconds, tempo = _seconds(case), _tempo(case)
    # The option -t counts seconds of the slowed clip.
    if seconds and tempo and case.duration_limit.minimum:
        seconds = max(case.duration_limit.minimum.values()) + duration.MARGIN
    return Plan(seconds, tempo, _sides(case), _kilobits(case, seconds))


def offered(case: RuleContext) -> bool:
    """Whether some rule names the command of `video_remedy` for this clip."""
    facts, containers = case.video_facts, case.limits.video_container.allowed
    unclear = not facts.durations.declared or facts.contradiction is not None
    return (
        plan(case) != Plan(None, None, None, None)
        or _disagrees(case)
        or (facts.video is not None and (unclear or facts.container not in containers))
    )


def video_remedy(case: RuleContext) -> str:
    """What to do, with the command between backticks.

    The new clip starts at its first frame, has all tracks on one clock, and is cut, slowed, scaled
    and made smaller as far as necessary.
    """
    if case.video_facts.truncated:
        return "first get the whole file: it is cut short"
    change, sound = plan(case), case.video_facts.audio is not None
    source = _local_name(case, case.draft.video_url, "clip.mp4")
    slower = f"{format_decimal(1 / change.tempo)[:8]}*" if change.tempo else ""
    filters = [f"setpts={slower}(PTS-STARTPTS)" if slower else "setpts=PTS-STARTPTS"]
    filters += [f"scale={change.sides[0]}:{change.sides[1]}"] if change.sides else []
    sounds = ["asetpts=PTS-STARTPTS"] + (
        [f"atempo={format_decimal(change.tempo)}"] if change.tempo else []
    )
    sounds += [f"atrim=end={format_decimal(end)}"] if (end := _end_of_sound(case, change)) else []
    command = ["ffmpeg", "-i", source, "-map", _judged_stream(case)]
    command += ["-map", "0:a:0"] if sound else []
    command += ["-t", format_decimal(change.seconds)] if change.seconds else []
    command += ["-vf", ",".join(filters), *(["-af", ",".join(sounds), "-c:a", "aac"] * sound)]
    command += ["-c:v", "libx264", "-crf", "18", "-pix_fmt", "yuv420p"]
    if change.kilobits:
        command += ["-maxrate", f"{change.kilobits}k", "-bufsize", f"{2 * change.kilobits}k"]
    ending = f"-for-{case.draft.character_orientation or 'both'}.mp4"
    command += ["-movflags", "+faststart", _beside(source, ending)]
    return _with_links(case.draft.video_url, command)


def faststart_remedy(case: RuleContext) -> str:
    """What to do to move the index: a command that copies the streams to a file with the moov box
    in front.
    """
    source = _local_name(case, case.draft.video_url, "clip.mp4")
    command = ["ffmpeg", "-i", source, "-c", "copy", "-movflags", "+faststart"]
    return _with_links(case.draft.video_url, [*command, _beside(source, "-faststart.mp4")])


def image_remedy(case: RuleContext) -> str:
    """What to do, with the command between backticks: it writes an upright JPEG with long enough
    sides.

    Versions of ffmpeg differ in which pictures they rotate by themselves, so that is switched off.
    """
    if case.image_facts.truncated or case.image_facts.undecodable:
        return "first get the whole picture: this one is broken"
    source = _local_name(case, case.draft.image_url, "image.png")
    picture, limit = case.image_facts.video, case.limits.image_side.minimum
    rotation = _ROTATIONS.get(picture.rotation or 0) if picture else None
    filters = [rotation] if rotation else []
    if picture and picture.width and picture.height and limit:
        short, low = min(picture.width, picture.height), max(limit.values())
        if short < low:  # the division rounds, so it comes last
            sides = (ceil(side * low / short) for side in (picture.width, picture.height))
            filters.append("scale={}:{}".format(*sides))
    command = ["ffmpeg", *(["-noautorotate"] if rotation else []), "-i", source]
    command += ["-vf", ",".join(filters)] if filters else []
    command += ["-q:v", "2", "-frames:v", "1", _beside(source, "-mended.jpg")]
    return _with_links(case.draft.image_url, command)


def _seconds(case: RuleContext) -> Decimal | None:
    """The seconds to which to cut a clip that may be too long; `None` when it need not be cut."""
    times = case.video_facts.durations
    if case.draft.character_orientation is None or not times.judged:
        return None
    limit = case.duration_limit.maximum
    if (
        not limit
        or duration.compliance(case, limit, operator.le, case.options.tolerance) is Compliance.MET
    ):
        return None
    longest = min(limit.values()) - duration.MARGIN
    return min(longest, real(times))


def _end_of_sound(case: RuleContext, change: Plan) -> Decimal | None:
    """The second at which the sound of the repaired clip ends, one audio frame before
    its picture.
    """
    facts = case.video_facts
    if facts.audio is None or not facts.durations.judged:
        return None
    lasts = real(facts.durations) / (change.tempo or 1)
    lasts = min(lasts, change.seconds) if change.seconds else lasts
    end = lasts - Decimal(_FRAME) / (facts.audio.sample_rate or _SLOWEST_SOUND)
    return end.quantize(Decimal("0.001"), ROUND_FLOOR) if end > 0 else None


def _judged_stream(case: RuleContext) -> str:
    """The judged video stream as ffmpeg selects it: the only one that is not cover art, or its
    number.
    """
    stream = case.video_facts.video
    several = stream and stream.tracks and stream.tracks > 1 and stream.index is not None
    return f"0:{stream.index}" if stream and several else "0:V:0"


def _disagrees(case: RuleContext) -> bool:
    """Whether only some readings are too short although the clip is long enough."""
    times = case.video_facts.durations
    if case.draft.character_orientation is None or not times.judged:
        return False
    limit = case.duration_limit.minimum
    if not limit or real(times) < max(limit.values()) + duration.MARGIN:
        return False
    depends = duration.compliance(case, limit, operator.ge, -case.options.tolerance)
    return depends is Compliance.DEPENDS


def real(times: Durations) -> Decimal:
    """The seconds of picture that the clip really has, by its best reading."""
    return times.samples or times.scan or times.video or times.judged.high


def _tempo(case: RuleContext) -> Decimal | None:
    """The speed, as a part of the original, at which a slightly short clip becomes long enough;
    `None` when no slowing is needed or allowed.
    """
    times = case.video_facts.durations
    if case.draft.character_orientation is None or not times.judged:
        return None
    limit = case.duration_limit.minimum
    if (
        not limit
        or duration.compliance(case, limit, operator.ge, -case.options.tolerance) is Compliance.MET
    ):
        return None
    tempo = (real(times) / (max(limit.values()) + duration.MARGIN)).quantize(Decimal("0.001"))
    return tempo if _SLOWEST <= tempo < 1 else None


def _sides(case: RuleContext) -> tuple[int, int] | None:
    """The even sides in pixels that bring both within the limits; `None` when none are needed or
    possible.
    """
    limit, stream = case.limits.video_side, case.video_facts.video
    if not stream or not stream.width or not stream.height:
        return None
    low, high = tightest(limit)
    short, long = sorted((stream.width, stream.height))
    expected, of = (low, short) if short < low else (high, long)
    inside = low <= short and long <= high
    if inside or short * expected / of < low or long * expected / of > high:  # no scale fits both
        return None
    return (
        _even(stream.width * expected / of, low, high),
        _even(stream.height * expected / of, low, high),
    )


def _kilobits(case: RuleContext, seconds: Decimal | None) -> int | None:
    """The kilobits a second that bring a clip that may be too large under the limit; `None` when
    none are needed.
    """
    limit, facts = case.limits.video_size.below, case.video_facts
    if not limit or facts.size is None or not facts.durations.judged:
        return None
    if Readings({"size": Decimal(facts.size)}).compare_to(limit, operator.lt) is Compliance.MET:
        return None
    length = seconds or facts.durations.judged.high
    rate = int(min(limit.values()) * _ROOM * 8 / length / 1000) - _SOUND
    return max(min(rate, 20_000), 100)


def _even(side: Decimal, low: Decimal, high: Decimal) -> int:
    number = round(side / 2) * 2
    return int(number + 2 if number < low else number - 2 if number > high else number)


def _local_name(case: RuleContext, location: str | None, unnamed: str) -> str:
    """The path of a medium from the current folder. For a URL it is the name of its download."""
    if not location or is_url(location):
        # The name under which it is saved.
        path = unquote(file_name(location or "")).replace("/", "_") or unnamed
    else:
        path = os.path.normpath(os.path.join(case.options.folder or "", location))  # noqa: PTH118  a ~ must stay
    if "`" in path or printable(path) != path:
        return unnamed  # a shell or a terminal would interpret parts of this name
    # ffmpeg reads a first part with a colon as a protocol, and one with a dash as an option.
    odd = path.startswith("-") or (":" in path.split("/")[0] and not os.path.isabs(path))  # noqa: PTH117
    return f".{os.sep}{path}" if odd else path


def _beside(path: str, ending: str) -> str:
    return os.path.splitext(path)[0] + ending  # noqa: PTH122  a ~ must stay


def _with_links(location: str | None, command: list[str]) -> str:
    quoted = f"`{shlex.join(command)}`"
    if location and is_url(location):
        return f"download it, run {quoted} and publish the result under a new link"
    return f"run {quoted}"
