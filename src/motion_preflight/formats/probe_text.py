"""A medium as `probe` shows it: what it is good for, what it is, and what it would cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from motion_preflight.formats.style import Span
from motion_preflight.formats.text_blocks import (
    COLOURS,
    INDENT,
    duration_gauge,
    durations_text,
    finding_lines,
    medium_text,
    money,
    note_lines,
    row,
)
from motion_preflight.media.facts import MediaFacts
from motion_preflight.report.findings import Level, Verdict
from motion_preflight.rules.stretches import shots_text
from motion_preflight.text.locations import is_url, printable, redacted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.formats.style import Style
    from motion_preflight.media.facts import Measured
    from motion_preflight.provider.limits import Limit
    from motion_preflight.provider.profile import Profile
    from motion_preflight.suitability import Suitability

FITS = {Verdict.PASS: "fits", Verdict.FAIL: "does not fit", Verdict.UNSURE: "unsure"}
_NAME = 500  # characters of a medium's name


def probe_text(medium: Measured, suitability: Suitability, profile: Profile, style: Style) -> str:
    """What a medium is good for, what it is, and what it would cost."""
    lines = medium_lines(medium, suitability, profile, style, offers=True)
    return "\n".join(lines)


def medium_lines(
    medium: Measured,
    suitability: Suitability,
    profile: Profile,
    style: Style,
    *,
    offers: bool = False,
) -> list[str]:
    """What a medium is good for, what it is, and what is to be known about it; with `offers` also
    what it would cost.
    """
    lines, printed = _answer(medium, suitability, style), set[str]()
    if isinstance(medium, MediaFacts):
        lines += row("is", medium_text(medium, transfer=True), style)
        if medium.durations.judged:
            lines += row("duration", durations_text(medium), style)
        if shots := shots_text(medium):
            lines += row("shots", shots, style)
        for orientation in suitability.verdicts:
            lines += _gauges(medium, profile, style, orientation)
    for finding in sorted(suitability.findings, key=lambda finding: -finding.level.weight):
        if finding.level is not Level.NOTE:
            lines += ["", *finding_lines(finding, style, printed)]
    lines += _offers(suitability, profile, style) if offers else ()
    return [*lines, *note_lines(suitability.findings, style, printed)]


def _answer(medium: Measured, suitability: Suitability, style: Style) -> list[str]:
    """The heading: the name of the medium, and what it is good for."""
    location = medium.location or ""
    name = printable(redacted(location))
    uri = None if is_url(location) else style.file_uri(name)
    shown = Span(name if len(name) <= _NAME else f"{name[:_NAME]}…", ("bold",), uri, whole=True)
    spans = [shown, Span("  ")]
    if not isinstance(medium, MediaFacts):
        spans.append(Span("not measured", ("red", "bold")))
    elif suitability.verdicts:
        spans.append(Span("orientation "))
        for number, (orientation, verdict) in enumerate(suitability.verdicts.items()):
            spans.append(Span(f'{", " if number else ""}"{orientation}" '))
            spans.append(Span(FITS[verdict], (COLOURS[verdict], "bold")))
    return style.heading(spans, INDENT)


def _offers(suitability: Suitability, profile: Profile, style: Style) -> Iterator[str]:
    if not suitability.offers or set(suitability.verdicts.values()) == {Verdict.FAIL}:
        return
    yield ""
    yield f"{INDENT}cost by model and mode"
    for offer in suitability.offers:
        cost = money(offer.amount, profile.currency) if offer.amount else "no price is known"
        own = "".join(
            f'  "{orientation}" {FITS[verdict]}'
            for orientation, verdict in offer.verdicts.items()
            if verdict is not suitability.verdicts[orientation]
        )
        text = f"{offer.model:<28} {offer.mode:<4} {cost}{own}"
        yield from style.wrap(text, INDENT * 4, INDENT * 2)


def _gauges(
    facts: MediaFacts, profile: Profile, style: Style, orientation: Literal["image", "video"]
) -> Iterator[str]:
    """The gauge of each duration that some model allows."""
    allowed: list[Limit] = []
    for limits, _ in profile.models_by_limits():
        limit = limits.video_duration.of(orientation)
        if limit not in allowed:
            allowed.append(limit)
            yield from duration_gauge(facts, limit, style, orientation)
