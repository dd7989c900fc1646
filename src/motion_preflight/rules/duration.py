"""What the duration rules share: the readings in words, and why they differ."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.facts import Readings, Standing
from motion_preflight.report import Level
from motion_preflight.rules.rule import level_of, plain, range_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from motion_preflight.facts import MediaFacts
    from motion_preflight.report import Finding
    from motion_preflight.rules.rule import Case, Rule

_APART = Decimal("0.05")  # seconds; below it readings agree for a person
MARGIN = Decimal("0.1")  # seconds that a mended clip stays inside a limit


def measured(readings: Readings) -> str:
    """The duration in words, every reading named when they differ."""
    if readings.low == readings.high:
        ways = list(readings.ways)
        agree = f" ({', '.join(ways)} agree)" if len(ways) > 1 else f" ({ways[0]})"
        return f"{seconds(readings.low)}{agree}"
    named = ", ".join(f"{way} {seconds(value)}" for way, value in readings.ways.items())
    return f"{seconds(readings.low)} to {seconds(readings.high)}, by how it is read ({named})"


def seconds(value: Decimal) -> str:
    """Seconds with three places, more only where they are needed to tell it from a round number."""
    rounded = value.quantize(Decimal("0.001"))
    exact = rounded == value or rounded != rounded.to_integral_value()
    return f"{rounded if exact else plain(value)} s"


def allowed(case: Case) -> str:
    """The range that the orientation allows, in words."""
    orientation = case.draft.character_orientation
    return f'character_orientation "{orientation}" allows {range_text(case.duration_limit, "s")}'


def why_they_differ(facts: MediaFacts) -> str:
    """The reason that readings differ, as far as the file shows one; `""` when they agree."""
    readings, times = facts.durations.judged, facts.durations
    if readings.high - readings.low < _APART:
        return ""
    video, audio = times.video, times.audio
    longest = max(times.header or 0, times.container or 0)
    if facts.truncated:
        return "Part of the file is missing."
    if facts.video and facts.video.start and facts.video.start > _APART:
        return f"The video starts late, at {seconds(facts.video.start)}."
    if video and audio and audio - video > _APART and abs(longest - audio) < 10 * _APART:
        return f"The audio ({seconds(audio)}) is longer than the video ({seconds(video)})."
    if facts.edit_list_hides and facts.edit_list_hides > 4 * _APART:
        return f"An edit list hides {seconds(facts.edit_list_hides)} of the video."
    if video and longest - video > _APART:
        return "The header says more than the video holds: another track is longer, or it is wrong."
    return "The file's header disagrees with its streams."


def standing(
    case: Case,
    bounds: Mapping[str, Decimal],
    meets: Callable[[Decimal, Decimal], bool],
    slack: Decimal = Decimal(0),
) -> Standing:
    """How the clip's readings stand to a limit that is moved by `slack` seconds."""
    moved = {name: bound + slack for name, bound in bounds.items()} if slack else bounds
    return case.video_facts.durations.judged.against(moved, meets)


def finding(
    case: Case,
    rule: Rule,
    bounds: tuple[Mapping[str, Decimal], Callable[[Decimal, Decimal], bool], Decimal],
    remedy: Callable[[Case], str],
) -> Finding | None:
    """What a duration rule says, by the standing to its limit (`bounds`: the limit, what meets it,
    the tolerance with its sign) and to the limit with its tolerance: a reading that only the
    tolerance lets through is worth a note. `None`: nothing to say.
    """
    limit, meets, tolerance = bounds
    strict = loose = standing(case, limit, meets)
    if strict is Standing.MET:
        return None
    if tolerance:
        loose = standing(case, limit, meets, tolerance)
    facts = case.video_facts
    message = f"the video is {measured(facts.durations.judged)}; {allowed(case)}. "
    message = f"{message}{why_they_differ(facts)}".strip()
    if loose is Standing.MET:
        message += f" Let through by the tolerance of {plain(case.tolerance)} s."
        what_to_do = "leave the tolerance out to see it as it is"
    else:
        what_to_do = remedy(case)
    level = level_of(loose, Level.ERROR, Level.UNSURE) or Level.NOTE
    return rule.finding(case, level, "video_url", message, what_to_do, case.duration_limit)
