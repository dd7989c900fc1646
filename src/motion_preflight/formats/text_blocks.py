"""The parts of which the text format is made: a verdict, what decides it, facts and cost."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.formats.gauge import coloured_gauge, gauge
from motion_preflight.formats.names import Detail
from motion_preflight.formats.source_location import place_of
from motion_preflight.formats.style import Span
from motion_preflight.media.containers.signature import PICTURES
from motion_preflight.media.facts import MediaFacts
from motion_preflight.report.findings import Level, Verdict
from motion_preflight.rules import RULES, media_not_published
from motion_preflight.rules.duration import seconds
from motion_preflight.text.numbers import AmountRange, format_decimal, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from motion_preflight.formats.style import Style
    from motion_preflight.provider.limits import Limit
    from motion_preflight.provider.profile import Profile
    from motion_preflight.report.estimate import Estimate
    from motion_preflight.report.findings import Finding, Report

COLOURS = {
    Level.ERROR: "red", Level.UNSURE: "yellow", Level.WARNING: "yellow", Level.NOTE: "dim",
    Verdict.FAIL: "red", Verdict.UNSURE: "yellow", Verdict.PASS: "green",
}  # fmt: skip
INDENT = " " * 2
_COLUMN = 10  # width of the first column of the facts


def report_text(
    report: Report, profile: Profile, style: Style, detail: Detail = Detail.USUAL
) -> str:
    """One report as text: the answer, what decides it, the facts."""
    quiet, verbose = detail is Detail.QUIET, detail is Detail.VERBOSE
    lines, printed = headline(report, style, warned(report) if quiet else ""), set[str]()
    for finding in sorted(report.findings, key=lambda finding: -finding.level.weight):
        warning = not quiet and finding.level is Level.WARNING
        if warning or report.decides(finding):
            lines += ["", *finding_lines(finding, style, printed)]
    if not quiet:
        lines += [""] if "" in lines else []
        lines += [*_facts(report, profile, style, verbose=verbose)]
        lines += [*_cost(report, style, verbose=verbose), *_skipped(report, style)]
        lines += _end(report, style, printed, verbose=verbose)
    return "\n".join(lines).rstrip()


def headline(report: Report, style: Style, more: str = "", *, column: int = 0) -> list[str]:
    """The answer: verdict, name and price, and `more` after them. The verdict takes at least
    `column` columns.
    """
    local = any(
        finding.rule == media_not_published.RULE.id and finding.field == "video_url"
        for finding in report.findings
    )  # a local picture is uploaded
    so_far = "  (local files)" if local and report.verdict is Verdict.PASS else ""
    verdict = Span(report.verdict.upper(), (COLOURS[report.verdict], "bold"))
    blank = Span(" " * (max(column - len(report.verdict), 0) + 2))
    spans = [verdict, blank, *_name_and_price(report, style), Span(f"{so_far}{more}")]
    return style.heading(spans, INDENT * 2)


def _name_and_price(report: Report, style: Style) -> list[Span]:
    estimate = report.estimate
    price = f"  {money(estimate.amount, estimate.currency)}" if estimate and estimate.amount else ""
    file = style.file_uri(place_of(report.label).file)
    return [Span(report.label, ("bold",), file, whole=True), Span(price, ("bold",))]


def warned(report: Report) -> str:
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


def cost_lines(report: Report, style: Style, *, verbose: bool = False) -> str:
    """One report as `estimate` shows it: the cost, and the verdict in a word."""
    lines = [
        *style.heading(_name_and_price(report, style), INDENT * 2),
        *_cost(report, style, verbose=verbose),
    ]
    if report.verdict is not Verdict.PASS:
        lines += row("check", f"{report.verdict}: see `motion-preflight check`", style)
    return "\n".join(lines)


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


def finding_lines(finding: Finding, style: Style, printed: set[str]) -> Iterator[str]:
    """A finding: level, rule and authority, then what was measured, then what to do. A command that
    was `printed` before is only referred to.
    """
    yield from style.flow(finding_heading(finding, style), INDENT * 2, INDENT)
    yield from finding_text(finding, style, printed)


def finding_text(finding: Finding, style: Style, printed: set[str]) -> Iterator[str]:
    """What a finding says below its heading."""
    yield from style.wrap(finding.message, INDENT * 2)
    yield from style.wrap_remedy(finding.remedy, INDENT * 3, f"{INDENT * 2}→ ", printed)


def finding_heading(finding: Finding, style: Style) -> list[Span]:
    """The level, the rule with a link to its file, whose beginning is its page, and who says so."""
    module = next((module for module in RULES if module.RULE.id == finding.rule), None)
    rule = Span(finding.rule, (), style.file_uri(getattr(module, "__file__", None)))
    level = Span(finding.level.value, (COLOURS[finding.level], "bold"))
    return [level, Span(" "), rule, Span(f" [{finding.authority}]", ("dim",))]


def note_lines(findings: Sequence[Finding], style: Style, printed: set[str]) -> Iterator[str]:
    """Notes, which are worth knowing and decide nothing."""
    notes = [finding for finding in findings if finding.level is Level.NOTE]
    if notes:
        yield ""
    for note in notes:
        text = f"note: {note.message}; {note.remedy}"
        yield from style.wrap_remedy(text, INDENT * 4, INDENT, printed)


def _end(report: Report, style: Style, printed: set[str], *, verbose: bool) -> Iterator[str]:
    """The notes, or how many there are."""
    if verbose:
        yield from note_lines(report.findings, style, printed)
        return
    notes = sum(finding.level is Level.NOTE for finding in report.findings)
    if notes:
        text = f"{plural(notes, 'note')}: --verbose"
        yield f"{INDENT}{style.paint(text, 'dim')}"


def _skipped(report: Report, style: Style) -> Iterator[str]:
    """How many rules were not checked, by reason; the JSON documents name them."""
    reasons: dict[str, list[str]] = {}
    for skip in report.skipped:
        reasons.setdefault(skip.because, []).append(skip.rule)
    for because, rules in reasons.items():
        what = ", ".join(rules) if len(rules) <= 2 else f"{len(rules)} rules"
        text = f"{what} not checked, because {because}"
        yield from (style.paint(line, "dim") for line in style.wrap(text, INDENT * 2, INDENT))


def _cost(report: Report, style: Style, *, verbose: bool) -> Iterator[str]:
    estimate = report.estimate
    yield from row("cost", cost_text(estimate), style)
    if estimate and verbose:
        yield from row("", _price_source(estimate), style)
        yield from row("hold", _hold(estimate), style)
    elif estimate:
        text = style.wrap(_provenance(estimate), INDENT * 2, INDENT)
        yield from (style.paint(line, "dim") for line in text)


def _facts(report: Report, profile: Profile, style: Style, *, verbose: bool) -> Iterator[str]:
    for name, medium in (("video", report.video), ("image", report.image)):
        if isinstance(medium, MediaFacts):
            yield from row(name, medium_text(medium, transfer=verbose), style)
            if name == "video" and medium.durations.judged:
                yield from row("", durations_text(medium), style)
                orientation = report.body.get("character_orientation")
                if orientation in ("image", "video"):  # it may be of any type
                    model = report.body.get("model")
                    limits = profile.limits_of(model if isinstance(model, str) else None)
                    limit = limits.video_duration.of(orientation)
                    yield from duration_gauge(medium, limit, style, "")


def duration_gauge(facts: MediaFacts, limit: Limit, style: Style, name: str) -> Iterator[str]:
    """The readings of a clip's duration as dots on a scale; nothing where no limit has both ends.
    `name` stands in the first column.
    """
    readings = facts.durations.judged
    if limit.minimum and limit.maximum and readings:
        low, high = max(limit.minimum.values()), min(limit.maximum.values())
        drawn = gauge(list(readings.ways.values()), low, high, style.width - _COLUMN - 4)
        yield f"{INDENT}{name:<{_COLUMN}}{coloured_gauge(drawn, style)}"


def medium_text(facts: MediaFacts, *, transfer: bool) -> str:
    """What a medium is, on one line; with `transfer` also what was fetched of it."""
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
    if facts.transfer and transfer:
        requests = plural(facts.transfer.requests, "request")
        parts.append(f"{facts.transfer.bytes:,} of them fetched in {requests}")
    return ", ".join(parts)


def durations_text(facts: MediaFacts) -> str:
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
    first, indent = _first(name), INDENT + " " * _COLUMN
    return _named(name, style.paragraph(text, indent, first), style)


def path_row(name: str, path: str, style: Style, before: str = "") -> list[str]:
    """A row with a path, which is a link where those are shown, and stays on one line."""
    first, indent = _first(name), INDENT + " " * _COLUMN
    spans = [Span(before), Span(path, (), style.file_uri(path), whole=True)]
    return _named(name, style.flow(spans, indent, first), style)


def _first(name: str) -> str:
    return f"{INDENT}{name:<{_COLUMN}}"


def _named(name: str, lines: list[str], style: Style) -> list[str]:
    return [
        line.replace(name, style.paint(name, "dim"), 1) if not i and name else line
        for i, line in enumerate(lines)
    ]


def _provenance(estimate: Estimate) -> str:
    """Whose price it is and how old, and what may be reserved, in a few words."""
    if estimate.price_per_second is None:
        return _price_source(estimate)
    read = f", read {estimate.price_as_of}" if estimate.price_as_of else ""
    text = f"price: {estimate.price_confidence or estimate.price_source}{read}"
    if estimate.hold_amount is not None:
        hold = AmountRange(estimate.hold_amount, estimate.hold_amount)
        text += f"; {money(hold, estimate.currency)} may be reserved first"
    return text


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
