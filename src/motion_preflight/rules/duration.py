"""What the duration rules share: the readings in words, and why they differ."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.media.facts import Compliance, Readings
from motion_preflight.report.findings import Level
from motion_preflight.rules.rule import level_of, range_text
from motion_preflight.text.numbers import format_decimal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from fractions import Fraction

    from motion_preflight.media.facts import MediaFacts
    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import Rule, RuleContext

_APART = Decimal("0.05")  # seconds; readings that differ by less agree for a person
MARGIN = Decimal("0.1")  # seconds by which a mended clip stays inside a limit


def margin(rate: Fraction | None) -> Decimal:
    """Seconds by which a mended clip of this frame rate stays inside a limit: two frames at least,
    because readings differ by one. `None`: the rate is not known.
    """
    return MARGIN if not rate else max(MARGIN, 2 * Decimal(rate.denominator) / rate.numerator)


def measured(readings: Readings) -> str:
    """The duration in words. Every reading is named when they differ by a visible amount."""
    low, high = seconds(readings.low), seconds(readings.high)
    if low == high:
        ways = list(readings.ways)
        agree = f" ({', '.join(ways)} agree)" if len(ways) > 1 else f" ({ways[0]})"
        return f"{low}{agree}"
    named = ", ".join(f"{way} {seconds(value)}" for way, value in readings.ways.items())
    return f"{low} to {high}, by how it is read ({named})"


def seconds(value: Decimal) -> str:
    """Seconds with three decimal places, with more only where rounding would give a
    whole number.
    """
    rounded = value.quantize(Decimal("0.001"))
    exact = rounded == value or rounded != rounded.to_integral_value()
    return f"{rounded if exact else format_decimal(value)} s"


def allowed(case: RuleContext) -> str:
    """The seconds that the orientation allows, in words."""
    orientation = case.draft.character_orientation
    return f'character_orientation "{orientation}" allows {range_text(case.duration_limit, "s")}'


def why_they_differ(facts: MediaFacts) -> str:
    """Why the readings differ, as far as the file shows it; `""` when they agree."""
    readings = facts.durations.judged
    if readings.high - readings.low < _APART:
        return ""
    if facts.truncated:
        return "Part of the file is missing."
    return " ".join(_reasons(facts))


def _reasons(facts: MediaFacts) -> Iterator[str]:
    """The reasons, a sentence each: first what is measured, then what is only declared."""
    times = facts.durations
    real = times.samples or times.video
    if facts.clock_jump:
        yield f"The video has more than one clock: {facts.clock_jump}."
    if times.stored and times.samples:
        how = "hides the rest" if times.stored > times.samples else "shows some of it again"
        yield (
            f"{seconds(times.stored)} are stored, {seconds(times.samples)} are shown: an edit list "
            f"{how}."
        )
    if times.samples and times.video and abs(times.samples - times.video) > _APART:
        yield _declared(facts, times.video, times.samples)
    if real:
        yield from _of_the_whole(facts, real)


def _declared(facts: MediaFacts, declared: Decimal, samples: Decimal) -> str:
    """Why the video declares another duration than its samples have."""
    start = facts.video.start if facts.video else None
    if start and abs(declared - samples - start) <= _APART:
        return f"The video starts at {seconds(start)}, and some readers count from 0."
    return f"The video declares {seconds(declared)}, its {_parts(facts)} last {seconds(samples)}."


def _of_the_whole(facts: MediaFacts, real: Decimal) -> Iterator[str]:
    """Why the file as a whole is longer or shorter than its video."""
    times, start = facts.durations, facts.video.start if facts.video else None
    wholes = {"header": times.header, "container": times.container}
    apart = {name: value for name, value in wholes.items() if value and abs(value - real) > _APART}
    if not apart or times.video in apart.values():  # what the video declares was already named
        return
    if facts.longer_track and max(apart.values()) > real:
        yield f"Not all tracks end together: {facts.longer_track}."
    elif start and start > _APART and max(apart.values()) > real:
        yield f"The video starts late, at {seconds(start)}."
    else:
        yield f"{_named(apart)}, the video's {_parts(facts)} last {seconds(real)}."


def _named(wholes: Mapping[str, Decimal]) -> str:
    """What the header and the container say, in one clause where they say the same."""
    durations = dict.fromkeys(map(seconds, wholes.values()))
    if len(durations) < len(wholes):
        return f"The header and the container say {next(iter(durations))}"
    text = " and ".join(f"the {name} says {seconds(value)}" for name, value in wholes.items())
    return f"{text[0].upper()}{text[1:]}"


def _parts(facts: MediaFacts) -> str:
    """What a duration is measured by: an MP4 or MOV has tables of samples, other files have
    packets.
    """
    return "packets" if facts.fragmented is None else "samples"


def compliance(
    case: RuleContext,
    bounds: Mapping[str, Decimal],
    meets: Callable[[Decimal, Decimal], bool],
    slack: Decimal = Decimal(0),
) -> Compliance:
    """How the clip's readings comply with a limit that is moved by `slack` seconds."""
    moved = {name: bound + slack for name, bound in bounds.items()} if slack else bounds
    return case.video_facts.durations.judged.compare_to(moved, meets)


def finding(
    case: RuleContext,
    rule: Rule,
    bounds: tuple[Mapping[str, Decimal], Callable[[Decimal, Decimal], bool], Decimal],
    remedy: Callable[[RuleContext], str],
) -> Finding | None:
    """The finding of a duration rule; `None` when every reading meets the limit.

    `bounds` are the limit, the comparison that meets it, and the tolerance with its sign. A reading
    that only the tolerance allows gives a note.
    """
    limit, meets, tolerance = bounds
    strict = loose = compliance(case, limit, meets)
    if strict is Compliance.MET:
        return None
    if tolerance:
        loose = compliance(case, limit, meets, tolerance)
    facts = case.video_facts
    message = f"the video is {measured(facts.durations.judged)}; {allowed(case)}. "
    message = f"{message}{why_they_differ(facts)}".strip()
    if loose is Compliance.MET:
        message += f" Let through by the tolerance of {format_decimal(case.options.tolerance)} s."
        what_to_do = "leave the tolerance out to see it as it is"
    else:
        what_to_do = remedy(case)
    level = level_of(loose, Level.ERROR, Level.UNSURE) or Level.NOTE
    return rule.finding(case, level, "video_url", message, what_to_do, case.duration_limit)
