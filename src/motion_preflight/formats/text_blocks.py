"""The parts of which the text format is made: a verdict, what decides it, facts and cost."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from motion_preflight.formats.gauge import gauge
from motion_preflight.media.containers.signature import PICTURES
from motion_preflight.media.facts import MediaFacts
from motion_preflight.report.findings import Level, Verdict
from motion_preflight.rules import media_not_published
from motion_preflight.rules.duration import seconds
from motion_preflight.rules.stretches import shots_text
from motion_preflight.text.locations import printable, redacted
from motion_preflight.text.numbers import AmountRange, format_decimal
from motion_preflight.text.numbers import format_money as exact_money

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from motion_preflight.formats.style import Style
    from motion_preflight.media.facts import Measured
    from motion_preflight.provider.limits import Limit
    from motion_preflight.provider.profile import Profile
    from motion_preflight.report.estimate import Estimate
    from motion_preflight.report.findings import Finding, Report
    from motion_preflight.report.totals import Totals
    from motion_preflight.suitability import Suitability

_COLOURS = {
    Level.ERROR: "red", Level.UNSURE: "yellow", Level.WARNING: "yellow", Level.NOTE: "dim",
    Verdict.FAIL: "red", Verdict.UNSURE: "yellow", Verdict.PASS: "green",
}  # fmt: skip
_FITS = {Verdict.PASS: "fits", Verdict.FAIL: "does not fit", Verdict.UNSURE: "unsure"}
_INDENT = " " * 2
_WORST = 10  # reasons in a summary
_FEW = 5  # up to so many requests need no table of reasons
_NAME = 500  # characters of a medium's name
_COLUMN = 10  # width of the first column of the facts


def report_text(report: Report, profile: Profile, style: Style, *, quiet: bool = False) -> str:
    """One report as text. `quiet` leaves only the verdict, what decides it, and the names of
    warnings.
    """
    lines, printed = [_headline(report, style)], set[str]()
    if quiet:
        lines[0] += _warned(report)
    for finding in sorted(report.findings, key=lambda finding: -finding.level.weight):
        warning = not quiet and finding.level is Level.WARNING
        if warning or report.decides(finding):
            lines += _finding(finding, style, printed)
    if not quiet:
        lines += ["", *_facts(report, profile, style), *_cost(report, style)]
        lines += [*_notes(report.findings, style, printed), *_skipped(report, style)]
    return "\n".join(lines).rstrip()


def _warned(report: Report) -> str:
    """The names of the rules that only warn, for the end of a line."""
    rules = [
        finding.rule
        for finding in report.findings
        if finding.level is Level.WARNING and not report.decides(finding)
    ]
    if not rules:
        return ""
    count = f"{len(rules)} warning{'' if len(rules) == 1 else 's'}"
    return f"  ({count}: {', '.join(dict.fromkeys(rules))})"


def cost_lines(report: Report, style: Style) -> str:
    """One report as `estimate` shows it: the cost, and the verdict in a word."""
    lines = [style.paint(printable(report.label), "bold"), *_cost(report, style)]
    if report.verdict is not Verdict.PASS:
        lines += row("check", f"{report.verdict}: see `motion-preflight check`", style)
    return "\n".join(lines)


def summary_text(totals: Totals, currency: str, max_cost: Decimal | None, style: Style) -> str:
    """The summary of several reports, with the budget where there is one."""
    total = totals.verdicts.total()
    counted = ", ".join(f"{totals.verdicts[verdict]} {verdict}" for verdict in Verdict)
    stopped = "; interrupted before the others" if totals.interrupted else ""
    text = f"{total} request{'s'[: total != 1]}: {counted}{stopped}. "
    text += f"What may be sent would cost {money(totals.amount, currency)}"
    text += f", {totals.unpriced} without a price" if totals.unpriced else ""
    if max_cost is not None:
        # Rounded to cents, the amount would seem to be within the budget.
        if round(totals.amount.high, 2) <= max_cost < totals.amount.high:
            text += f" (exactly {currency} {format_decimal(totals.amount.high)})"
        text += f"; the budget is {currency} {exact_money(max_cost)}"
        text = f"OVER BUDGET  {text}" if totals.over_budget else f"{text}: within it"
    colours = ["red", "bold"] if totals.over_budget else ["bold"]
    lines = [style.paint(line, *colours) for line in style.wrap(text, "  ", "")]
    if total > _FEW:
        lines += _reasons(totals, style)
    return "\n".join(lines)


def _reasons(totals: Totals, style: Style) -> Iterator[str]:
    """The reasons that keep most requests from passing, the worst first."""
    worst = totals.worst()
    for level, rule, count in worst[:_WORST]:
        yield f"{_INDENT}{count:>7} {style.paint(f'{level.value:<7}', _COLOURS[level])} {rule}"
    if len(worst) > _WORST:
        yield f"{_INDENT}{'':>7} and {len(worst) - _WORST} reasons more"


def probe_text(medium: Measured, suitability: Suitability, profile: Profile, style: Style) -> str:
    """What a medium is good for, what it is, and what it would cost."""
    lines, printed = [_answer(medium, suitability, style)], set[str]()
    if isinstance(medium, MediaFacts):
        lines += row("is", _medium_text(medium), style)
        if medium.durations.judged:
            lines += row("duration", _durations_text(medium), style)
        if shots := shots_text(medium):
            lines += row("shots", shots, style)
        for orientation in suitability.verdicts:
            lines += _gauges(medium, profile, style, orientation)
    for finding in sorted(suitability.findings, key=lambda finding: -finding.level.weight):
        if finding.level is not Level.NOTE:
            lines += _finding(finding, style, printed)
    lines += _offers(suitability, profile)
    return "\n".join([*lines, *_notes(suitability.findings, style, printed)])


def _answer(medium: Measured, suitability: Suitability, style: Style) -> str:
    """The first line: the name of the medium, and what it is good for."""
    name = printable(redacted(medium.location or ""))
    name = style.paint(name if len(name) <= _NAME else f"{name[:_NAME]}…", "bold")
    if not isinstance(medium, MediaFacts):
        return f"{name}  {style.paint('not measured', 'red', 'bold')}"
    answer = [
        f'"{orientation}" {style.paint(_FITS[verdict], _COLOURS[verdict], "bold")}'
        for orientation, verdict in suitability.verdicts.items()
    ]
    return f"{name}  {'orientation ' if answer else ''}{', '.join(answer)}".rstrip()


def _offers(suitability: Suitability, profile: Profile) -> Iterator[str]:
    if not suitability.offers or set(suitability.verdicts.values()) == {Verdict.FAIL}:
        return
    yield ""
    yield f"{_INDENT}cost by model and mode"
    for offer in suitability.offers:
        cost = money(offer.amount, profile.currency) if offer.amount else "no price is known"
        own = "".join(
            f'  "{orientation}" {_FITS[verdict]}'
            for orientation, verdict in offer.verdicts.items()
            if verdict is not suitability.verdicts[orientation]
        )
        yield f"{_INDENT * 2}{offer.model:<28} {offer.mode:<4} {cost}{own}"


def cost_text(estimate: Estimate | None) -> str:
    """The cost as a range with its unit price, or a formula where no price is known."""
    if estimate is None:
        return "not known without a duration"
    seconds = _seconds(estimate.seconds)
    if estimate.price_per_second is None:
        return f"no price is known: {seconds} s x the price of a second"
    assert estimate.amount is not None
    unit = f"{estimate.currency} {format_decimal(estimate.price_per_second)} a second"
    return f"{money(estimate.amount, estimate.currency)} ({seconds} s x {unit})"


def _headline(report: Report, style: Style) -> str:
    verdict = style.paint(report.verdict.upper(), _COLOURS[report.verdict], "bold")
    local = any(
        finding.rule == media_not_published.RULE.id and finding.field == "video_url"
        for finding in report.findings
    )  # a local picture is uploaded
    so_far = "  as far as local files go" if local and report.verdict is Verdict.PASS else ""
    return f"{verdict}  {style.paint(printable(report.label), 'bold')}{so_far}"


def _finding(finding: Finding, style: Style, printed: set[str]) -> Iterator[str]:
    colour = _COLOURS[finding.level]
    heading = f"{style.paint(finding.level.value, colour, 'bold')} {finding.rule}"
    yield ""
    yield f"{_INDENT}{heading} {style.paint(f'[{finding.authority}]', 'dim')}"
    yield from style.wrap(finding.message, _INDENT * 2)
    yield from style.wrap_remedy(finding.remedy, _INDENT * 3, f"{_INDENT * 2}→ ", printed)


def _notes(findings: Sequence[Finding], style: Style, printed: set[str]) -> Iterator[str]:
    """Notes, which are worth knowing and decide nothing."""
    notes = [finding for finding in findings if finding.level is Level.NOTE]
    if notes:
        yield ""
    for note in notes:
        text = f"note: {note.message}; {note.remedy}"
        yield from style.wrap_remedy(text, _INDENT * 4, _INDENT, printed)


def _skipped(report: Report, style: Style) -> Iterator[str]:
    """How many rules were not checked, by reason; the JSON documents name them."""
    reasons: dict[str, list[str]] = {}
    for skip in report.skipped:
        reasons.setdefault(skip.because, []).append(skip.rule)
    if reasons:
        yield ""
    for because, rules in reasons.items():
        what = ", ".join(rules) if len(rules) <= 2 else f"{len(rules)} rules"
        text = f"{what} not checked, because {because}"
        yield from (style.paint(line, "dim") for line in style.wrap(text, _INDENT * 2, _INDENT))


def _cost(report: Report, style: Style) -> Iterator[str]:
    yield from row("cost", cost_text(report.estimate), style)
    if report.estimate:
        yield from row("", _price_source(report.estimate), style)
        yield from row("hold", _hold(report.estimate), style)


def _facts(report: Report, profile: Profile, style: Style) -> Iterator[str]:
    for name, medium in (("video", report.video), ("image", report.image)):
        if isinstance(medium, MediaFacts):
            yield from row(name, _medium_text(medium), style)
            if name == "video" and medium.durations.judged:
                yield from row("", _durations_text(medium), style)
                orientation = report.body.get("character_orientation")
                if orientation in ("image", "video"):  # it may be of any type
                    model = report.body.get("model")
                    limits = profile.limits_of(model if isinstance(model, str) else None)
                    limit = limits.video_duration.of(orientation)
                    yield from _gauge(medium, limit, style, "")


def _gauges(
    facts: MediaFacts, profile: Profile, style: Style, orientation: Literal["image", "video"]
) -> Iterator[str]:
    """The gauge of each duration that some model allows."""
    allowed: list[Limit] = []
    for limits, _ in profile.models_by_limits():
        limit = limits.video_duration.of(orientation)
        if limit not in allowed:
            allowed.append(limit)
            yield from _gauge(facts, limit, style, orientation)


def _gauge(facts: MediaFacts, limit: Limit, style: Style, name: str) -> Iterator[str]:
    readings = facts.durations.judged
    if limit.minimum and limit.maximum and readings:
        low, high = max(limit.minimum.values()), min(limit.maximum.values())
        drawn = gauge(list(readings.ways.values()), low, high, style.width - _COLUMN - 4)
        yield f"{_INDENT}{name:<{_COLUMN}}{drawn}"


def _medium_text(facts: MediaFacts) -> str:
    parts = [facts.container or "unknown container"]
    if facts.video:
        sides = f"{facts.video.width or '?'}x{facts.video.height or '?'}"
        still = facts.container in PICTURES  # the codec would only repeat the container
        parts.append(sides if still else f"{facts.video.codec or 'unknown codec'} {sides}")
        if facts.video.frame_rate:
            parts.append(f"{round(float(facts.video.frame_rate), 3):g} frames/s")
    if facts.audio:
        parts.append(f"sound {facts.audio.codec or 'of an unknown codec'}")
    elif facts.durations.judged:
        parts.append("no sound")
    if facts.size is not None:
        parts.append(f"{facts.size:,} bytes")
    if facts.transfer:
        requests = f"{facts.transfer.requests} request{'s'[: facts.transfer.requests != 1]}"
        parts.append(f"{facts.transfer.bytes:,} of them fetched in {requests}")
    return ", ".join(parts)


def _durations_text(facts: MediaFacts) -> str:
    """Every reading, with those that look the same together: `8.000 s (header, video)`."""
    readings: dict[str, list[str]] = {}
    for way, value in facts.durations.judged.ways.items():
        readings.setdefault(seconds(value), []).append(way)
    audio, video = facts.durations.audio, facts.durations.video
    if audio and audio != video:
        readings.setdefault(seconds(audio), []).append("audio")
    return ", ".join(f"{length} ({', '.join(ways)})" for length, ways in readings.items())


def row(name: str, text: str, style: Style) -> list[str]:
    """The lines of one row of the facts: its name in the first column, then the wrapped text."""
    first = f"{_INDENT}{name:<{_COLUMN}}"
    lines = style.wrap(text, _INDENT + " " * _COLUMN, first)
    return [
        line.replace(name, style.paint(name, "dim"), 1) if not i and name else line
        for i, line in enumerate(lines)
    ]


def _price_source(estimate: Estimate) -> str:
    if estimate.price_source is None:
        return "give a price with --price, or in a profile of yours"
    read = f", read {estimate.price_as_of}" if estimate.price_as_of else ""
    return f"{estimate.price_source}{read}"


def _hold(estimate: Estimate) -> str:
    if estimate.hold_seconds is None:
        return "not known"
    reserved = f"{format_decimal(estimate.hold_seconds)} s"
    if estimate.hold_amount is not None:
        amount = AmountRange(estimate.hold_amount, estimate.hold_amount)
        reserved = f"{money(amount, estimate.currency)} ({reserved})"
    return f"{reserved} may be reserved first: seen with other sellers, unconfirmed here"


def money(span: AmountRange, currency: str) -> str:
    """An amount for people, rounded to cents; the JSON documents have it exactly."""
    low, high = (f"{end.quantize(Decimal('0.01'))}" for end in (span.low, span.high))
    return f"{currency} {low}" if low == high else f"{currency} {low} to {high}"


def _seconds(span: AmountRange) -> str:
    low, high = (format_decimal(end.quantize(Decimal("0.001"))) for end in (span.low, span.high))
    return low if low == high else f"{low} to {high}"
