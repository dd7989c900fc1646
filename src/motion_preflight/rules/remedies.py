"""The remedy that names the one command for a clip or a picture, whatever is wrong with it.

Every remedy that a command does names `motion-preflight fix`, because two commands for a part each
would undo each other's work.
"""

from __future__ import annotations

import operator
import shlex
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING
from urllib.parse import unquote

from motion_preflight.media.facts import Compliance
from motion_preflight.report.findings import FIX
from motion_preflight.rules import duration
from motion_preflight.rules.rule import tightest
from motion_preflight.text.locations import file_name, is_url, path_from_here, printable

if TYPE_CHECKING:
    from motion_preflight.media.facts import Durations
    from motion_preflight.rules.rule import RuleContext

_SLOWEST = Decimal("0.75")  # at a lower speed it would be another motion


def video_remedy(case: RuleContext) -> str:
    """What to do, with the command between backticks: it makes a new clip for the request's
    orientation.
    """
    if case.video_facts.truncated:
        return "first get the whole file: it is cut short"
    orientation = case.draft.character_orientation
    words = [_local_name(case, case.draft.video_url, "clip.mp4")]
    words += ["--for", orientation] if orientation else []
    words += ["--slow"] if slowed(case) else []
    words += ["--best-shot"] if has_usable_shot(case) else []
    return _with_links(case.draft.video_url, words)


def image_remedy(case: RuleContext) -> str:
    """What to do, with the command between backticks: it makes a new picture."""
    if case.image_facts.truncated or case.image_facts.undecodable:
        return "first get the whole picture: this one is broken"
    return _with_links(case.draft.image_url, [_local_name(case, case.draft.image_url, "image.png")])


def has_usable_shot(case: RuleContext) -> bool:
    """Whether the clip has more than one continuous shot, and its longest one is long enough."""
    content = case.content
    longest = content.longest_shot if content else None
    if content is None or longest is None or longest.seconds >= content.seconds:
        return False
    durations = case.limits.video_duration
    limits = (durations.image, durations.video)
    if case.draft.character_orientation is not None:
        limits = (case.duration_limit,) * 2
    least = min(max((limit.minimum or {"": Decimal(0)}).values()) for limit in limits)
    return longest.seconds >= least + duration.MARGIN


def slowed(case: RuleContext) -> bool:
    """Whether the clip is so little too short that slowing it makes it long enough."""
    times = case.video_facts.durations
    if case.draft.character_orientation is None or not times.judged:
        return False
    limit = case.duration_limit.minimum
    if not limit or duration.compliance(case, limit, operator.ge, -case.options.tolerance) in {
        Compliance.MET,
        None,
    }:
        return False
    rate = case.video_stream.frame_rate if case.video_facts.video else None
    least = max(limit.values()) + duration.margin(rate)
    return real(times) < least and tempo_for(real(times), least) is not None


def tempo_for(seconds: Decimal, least: Decimal) -> Decimal | None:
    """The speed, as a part of the original, at which so many seconds last `least` seconds; `None`
    when it would be so slow that it is another motion.
    """
    tempo = (seconds / least).quantize(Decimal("0.001"), ROUND_FLOOR)
    return tempo if tempo >= _SLOWEST else None


def scalable(case: RuleContext) -> bool:
    """Whether the sides of the clip fit after scaling, its shape kept."""
    stream = case.video_stream
    if not stream.width or not stream.height:
        return False
    low, high = tightest(case.limits.video_side)
    return scale_for((Fraction(stream.width), Fraction(stream.height)), low, high) is not None


def scale_for(sides: tuple[Fraction, Fraction], low: Decimal, high: Decimal) -> Fraction | None:
    """The factor nearest to 1 that brings both sides within the limits; `None` when none does."""
    short, long = sorted(sides)
    least, most = Fraction(low) / short, (Fraction(high) / long if high.is_finite() else None)
    if most is not None and least > most:
        return None
    return max(least, Fraction(1)) if most is None else min(max(least, Fraction(1)), most)


def real(times: Durations) -> Decimal:
    """The seconds of picture that the clip really has, by its best reading."""
    return times.samples or times.scan or times.video or times.judged.high


def _local_name(case: RuleContext, location: str | None, unnamed: str) -> str:
    """The path of a medium from the current folder. For a URL it is the name of its download."""
    if not location or is_url(location):
        # The name under which it is saved.
        path = path_from_here(unquote(file_name(location or "")).replace("/", "_") or unnamed, None)
    else:
        path = path_from_here(location, case.options.folder)
    # A shell or a terminal would interpret parts of such a name. No file is named like the
    # placeholder, as one may be named clip.mp4.
    return f"your-{unnamed}" if "`" in path or printable(path) != path else path


def _with_links(location: str | None, words: list[str]) -> str:
    quoted = f"`{FIX} {shlex.join(words)}`"
    if location and is_url(location):
        return f"download it, run {quoted} and publish the result under a new link"
    return f"run {quoted}"
