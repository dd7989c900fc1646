"""The one ffmpeg command that mends a clip, or a picture, whatever is wrong with it.

Every remedy that names a command names this one: two that each mend a part would undo each other.
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

from motion_preflight.facts import Readings, Standing
from motion_preflight.rules import duration
from motion_preflight.rules.rule import plain, tightest
from motion_preflight.source.location import file_name, is_url, printable

if TYPE_CHECKING:
    from motion_preflight.facts import Durations
    from motion_preflight.rules.rule import Case

_SLOWEST = Decimal("0.75")  # a slower motion is another motion
_ROOM = Decimal("0.9")  # of the size limit: what a rate control may overshoot
_SOUND = 200  # kilobits a second, generously
_FRAME = 1024  # samples of AAC: the last frame is filled up, and would outlast the picture
_TURNS = {90: "transpose=1", 180: "hflip,vflip", 270: "transpose=2"}  # degrees clockwise
_SLOWEST_SOUND = 8000  # samples a second, where the rate is not known


@dataclass(frozen=True, slots=True)
class Plan:
    """What has to change about a clip; `None` where nothing has to, or nothing helps."""

    seconds: Decimal | None  # cut to
    tempo: Decimal | None  # slow down to that part of the speed
    sides: tuple[int, int] | None  # scale to, in pixels
    kilobits: int | None  # a second, at most


def plan(case: Case) -> Plan:
    """What has to change about the measured clip for the request's orientation."""
    seconds, tempo = _seconds(case), _tempo(case)
    if seconds and tempo and case.duration_limit.minimum:  # -t counts what is slowed already
        seconds = max(case.duration_limit.minimum.values()) + duration.MARGIN
    return Plan(seconds, tempo, _sides(case), _kilobits(case, seconds))


def offered(case: Case) -> bool:
    """Whether some rule names the command of `mend_video` for this clip."""
    facts, containers = case.video_facts, case.profile.limits.video_container.allowed
    unclear = not facts.durations.declared or facts.contradiction is not None
    return (
        plan(case) != Plan(None, None, None, None)
        or _disagrees(case)
        or (facts.video is not None and (unclear or facts.container not in containers))
    )


def mend_video(case: Case) -> str:
    """What to do, with the command between backticks: the clip from its first frame, all tracks on
    one clock, cut, slowed, scaled and made smaller as far as it has to be.
    """
    if case.video_facts.truncated:
        return "first get the whole file: it is cut short"
    change, sound = plan(case), case.video_facts.audio is not None
    source = _local_name(case, case.draft.video_url, "clip.mp4")
    slower = f"{plain(1 / change.tempo)[:8]}*" if change.tempo else ""
    filters = [f"setpts={slower}(PTS-STARTPTS)" if slower else "setpts=PTS-STARTPTS"]
    filters += [f"scale={change.sides[0]}:{change.sides[1]}"] if change.sides else []
    sounds = ["asetpts=PTS-STARTPTS"] + ([f"atempo={plain(change.tempo)}"] if change.tempo else [])
    sounds += [f"atrim=end={plain(end)}"] if (end := _end_of_sound(case, change)) else []
    command = ["ffmpeg", "-i", source, "-map", _judged_stream(case)]
    command += ["-map", "0:a:0"] if sound else []
    command += ["-t", plain(change.seconds)] if change.seconds else []
    command += ["-vf", ",".join(filters), *(["-af", ",".join(sounds), "-c:a", "aac"] * sound)]
    command += ["-c:v", "libx264", "-crf", "18", "-pix_fmt", "yuv420p"]
    if change.kilobits:
        command += ["-maxrate", f"{change.kilobits}k", "-bufsize", f"{2 * change.kilobits}k"]
    ending = f"-for-{case.draft.character_orientation or 'both'}.mp4"
    command += ["-movflags", "+faststart", _beside(source, ending)]
    return _with_links(case.draft.video_url, command)


def move_index(case: Case) -> str:
    """The same streams in a new file whose moov box stands in front."""
    source = _local_name(case, case.draft.video_url, "clip.mp4")
    command = ["ffmpeg", "-i", source, "-c", "copy", "-movflags", "+faststart"]
    return _with_links(case.draft.video_url, [*command, _beside(source, "-faststart.mp4")])


def mend_image(case: Case) -> str:
    """What to do, with the command between backticks: an upright JPEG whose sides are long enough.

    ffmpegs differ in which pictures they turn by themselves, so they are told not to.
    """
    if case.image_facts.truncated or case.image_facts.undecodable:
        return "first get the whole picture: this one is broken"
    source = _local_name(case, case.draft.image_url, "image.png")
    picture, limit = case.image_facts.video, case.profile.limits.image_side.minimum
    turn = _TURNS.get(picture.rotation or 0) if picture else None
    filters = [turn] if turn else []
    if picture and picture.width and picture.height and limit:
        short, low = min(picture.width, picture.height), max(limit.values())
        if short < low:  # the division last: it rounds
            sides = (ceil(side * low / short) for side in (picture.width, picture.height))
            filters.append("scale={}:{}".format(*sides))
    command = ["ffmpeg", *(["-noautorotate"] if turn else []), "-i", source]
    command += ["-vf", ",".join(filters)] if filters else []
    command += ["-q:v", "2", "-frames:v", "1", _beside(source, "-mended.jpg")]
    return _with_links(case.draft.image_url, command)


def _seconds(case: Case) -> Decimal | None:
    """What a clip that may be too long is cut to."""
    times = case.video_facts.durations
    if case.draft.character_orientation is None or not times.judged:
        return None
    limit = case.duration_limit.maximum
    if not limit or duration.standing(case, limit, operator.le, case.tolerance) is Standing.MET:
        return None
    longest = min(limit.values()) - duration.MARGIN
    return min(longest, real(times))


def _end_of_sound(case: Case, change: Plan) -> Decimal | None:
    """The second of the mended clip at which its sound ends, a frame before its picture does."""
    facts = case.video_facts
    if facts.audio is None or not facts.durations.judged:
        return None
    lasts = real(facts.durations) / (change.tempo or 1)
    lasts = min(lasts, change.seconds) if change.seconds else lasts
    end = lasts - Decimal(_FRAME) / (facts.audio.sample_rate or _SLOWEST_SOUND)
    return end.quantize(Decimal("0.001"), ROUND_FLOOR) if end > 0 else None


def _judged_stream(case: Case) -> str:
    """The judged video as ffmpeg names it: the only one that is no cover art, or its number."""
    stream = case.video_facts.video
    several = stream and stream.tracks and stream.tracks > 1 and stream.index is not None
    return f"0:{stream.index}" if stream and several else "0:V:0"


def _disagrees(case: Case) -> bool:
    """Whether only some readings are too short, of a clip that is long enough."""
    times = case.video_facts.durations
    if case.draft.character_orientation is None or not times.judged:
        return False
    limit = case.duration_limit.minimum
    if not limit or real(times) < max(limit.values()) + duration.MARGIN:
        return False
    depends = duration.standing(case, limit, operator.ge, -case.tolerance)
    return depends is Standing.DEPENDS


def real(times: Durations) -> Decimal:
    """The seconds of picture that there are, by the best reading of them."""
    return times.samples or times.scan or times.video or times.judged.high


def _tempo(case: Case) -> Decimal | None:
    """The part of its speed at which a clip that is a little short is long enough."""
    times = case.video_facts.durations
    if case.draft.character_orientation is None or not times.judged:
        return None
    limit = case.duration_limit.minimum
    if not limit or duration.standing(case, limit, operator.ge, -case.tolerance) is Standing.MET:
        return None
    tempo = (real(times) / (max(limit.values()) + duration.MARGIN)).quantize(Decimal("0.001"))
    return tempo if _SLOWEST <= tempo < 1 else None


def _sides(case: Case) -> tuple[int, int] | None:
    """The sides that bring both into the limits, even as the codec wants them."""
    limit, stream = case.profile.limits.video_side, case.video_facts.video
    if not stream or not stream.width or not stream.height:
        return None
    low, high = tightest(limit)
    short, long = sorted((stream.width, stream.height))
    wanted, of = (low, short) if short < low else (high, long)
    inside = low <= short and long <= high
    if inside or short * wanted / of < low or long * wanted / of > high:  # too unequal
        return None
    return (
        _even(stream.width * wanted / of, low, high),
        _even(stream.height * wanted / of, low, high),
    )


def _kilobits(case: Case, seconds: Decimal | None) -> int | None:
    """The rate that brings a clip that may be too large under the limit."""
    limit, facts = case.profile.limits.video_size.below, case.video_facts
    if not limit or facts.size is None or not facts.durations.judged:
        return None
    if Readings({"size": Decimal(facts.size)}).against(limit, operator.lt) is Standing.MET:
        return None
    length = seconds or facts.durations.judged.high
    fits = int(min(limit.values()) * _ROOM * 8 / length / 1000) - _SOUND
    return max(min(fits, 20_000), 100)


def _even(side: Decimal, low: Decimal, high: Decimal) -> int:
    number = round(side / 2) * 2
    return int(number + 2 if number < low else number - 2 if number > high else number)


def _local_name(case: Case, location: str | None, unnamed: str) -> str:
    """The path of a medium as it works from the current folder; a URL's is that of its download."""
    if not location or is_url(location):
        path = unquote(file_name(location or "")).replace("/", "_") or unnamed  # as it is saved
    else:
        path = os.path.normpath(os.path.join(case.folder or "", location))  # noqa: PTH118  ~ stays
    if "`" in path or printable(path) != path:
        return unnamed  # a name that a shell or a terminal would take for more than a name
    # ffmpeg takes a first part with a colon for a protocol, and one with a dash for an option
    odd = path.startswith("-") or (":" in path.split("/")[0] and not os.path.isabs(path))  # noqa: PTH117
    return f".{os.sep}{path}" if odd else path


def _beside(path: str, ending: str) -> str:
    return os.path.splitext(path)[0] + ending  # noqa: PTH122  as above


def _with_links(location: str | None, command: list[str]) -> str:
    quoted = f"`{shlex.join(command)}`"
    if location and is_url(location):
        return f"download it, run {quoted} and publish the result under a new link"
    return f"run {quoted}"
