"""What the card of one request shows, as texts and numbers. Its template only lays them out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from motion_preflight.formats.page.scale import Film, Gauge, film_of, gauge_of, window_of
from motion_preflight.formats.receipts import cost_of
from motion_preflight.formats.summary import ordered, unexplained
from motion_preflight.formats.text_blocks import cost_text, durations_text, medium_text, money
from motion_preflight.media.facts import MediaFacts
from motion_preflight.report.findings import Level, Verdict
from motion_preflight.request.redacted_body import redacted_body
from motion_preflight.text.lazy_dataclass import dataclass
from motion_preflight.text.locations import redacted, redacted_text
from motion_preflight.text.numbers import AmountRange, format_decimal, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.media.facts import Kind, Measured
    from motion_preflight.media.filmstrip import Filmstrip
    from motion_preflight.provider.limits import Limit
    from motion_preflight.report.estimate import Estimate
    from motion_preflight.report.findings import Finding, Report
    from motion_preflight.submission.receipt import Receipt

_LABEL = 300  # characters of a name
_TEXT = 2000  # characters of any other text
_COMMAND = 8000  # characters of a command, which is never cut; a longer one is a text
_JOINING = " ;,."  # between a command, which stands on a line of its own, and what follows
_FIELDS, _BODY = 60, 10_000  # fields of a body that are shown, and their characters together
_FINDINGS = 60
_WEIGHT = {Verdict.PASS: 0, Verdict.UNSURE: 1, Verdict.FAIL: 2}


class Piece(NamedTuple):
    """A part of a remedy."""

    text: str
    command: bool = False  # it can be copied


class Row(NamedTuple):
    """A row of a table of facts."""

    name: str
    text: str


class FindingView(NamedTuple):
    """A finding as a card shows it."""

    level: str
    rule: str
    authority: str
    source: str
    message: str
    remedy: tuple[Piece, ...]


class Thumbnail(NamedTuple):
    """One picture of a clip."""

    number: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Card:
    """The card of one request. Texts are cut, and no secret of a link is in them; the template
    escapes them.
    """

    number: int
    verdict: str
    weight: int  # the higher, the worse
    label: str
    about: str  # model, mode and orientation
    price: str
    # What cards are sorted by; empty where it is not known.
    amount: str
    seconds: str
    unexplained: str | None
    findings: tuple[FindingView, ...]
    notes: tuple[FindingView, ...]
    skipped: tuple[Row, ...]
    costs: tuple[Row, ...]
    facts: tuple[Row, ...]
    request: tuple[Row, ...]
    receipt: tuple[Row, ...]
    gauge: Gauge | None
    no_pictures: str | None  # why pictures are missing, in words
    film: Film | None = None
    film_number: int | None = None  # of the pictures in the page
    thumbnail: Thumbnail | None = None


def card_of(report: Report, receipt: Receipt | None, number: int, film_number: int | None) -> Card:
    """The card of a report. `film_number` is that of its pictures in the page, `None` where they
    are not shown.
    """
    video = report.video if isinstance(report.video, MediaFacts) else None
    window = window_of(_limit(report))
    strip = video.filmstrip if video else None
    findings = [_finding(finding) for finding in ordered(report)[:_FINDINGS]]
    estimate, pictured = report.estimate, film_number is not None
    return Card(
        number=number,
        verdict=report.verdict.value,
        weight=_WEIGHT[report.verdict],
        label=_cut(redacted(report.label), _LABEL),
        about=_about(report),
        price=_price(estimate, receipt),
        amount=str(estimate.amount.high) if estimate and estimate.amount else "",
        seconds=str(estimate.seconds.high) if estimate else "",
        unexplained=unexplained(report),
        findings=tuple(finding for finding in findings if finding.level != Level.NOTE),
        notes=tuple(finding for finding in findings if finding.level == Level.NOTE),
        skipped=tuple(Row(skip.rule, _cut(skip.because)) for skip in report.skipped),
        costs=tuple(_costs(estimate)),
        facts=tuple(_facts(report)),
        request=tuple(_request(report)),
        receipt=tuple(_receipt(receipt)) if receipt else (),
        gauge=gauge_of(video.durations, window) if video else None,
        no_pictures=_cut(strip.missing) if strip and strip.missing else None,
        film=film_of(strip, window, video.stretches if video else None) if pictured else None,
        film_number=film_number,
        thumbnail=_thumbnail(strip) if strip and pictured else None,
    )


def _limit(report: Report) -> Limit | None:
    """The seconds that the request's orientation allows; `None` where it names none."""
    orientation = report.body.get("character_orientation")
    if orientation not in ("image", "video"):  # it may be of any type
        return None
    model = report.body.get("model")
    limits = report.options.profile.limits_of(model if isinstance(model, str) else None)
    return limits.video_duration.of(orientation)


def _about(report: Report) -> str:
    body = redacted_body(report.body)
    orientation = body.get("character_orientation")
    words = [body.get("model"), body.get("mode")]
    words += [f"orientation {orientation}" if isinstance(orientation, str) else None]
    return " · ".join(_cut(word, _LABEL) for word in words if isinstance(word, str) and word)


def _price(estimate: Estimate | None, receipt: Receipt | None) -> str:
    if receipt is not None and receipt.cost is not None:
        when = " before" if receipt.already_done else ""
        return f"billed{when}: USD {format_decimal(receipt.cost)}"
    if estimate is None or estimate.amount is None:
        return "cost not known"
    return money(estimate.amount, estimate.currency)


def _finding(finding: Finding) -> FindingView:
    return FindingView(
        finding.level.value,
        finding.rule,
        finding.authority.value,
        _cut(finding.source),
        _cut(finding.message),
        tuple(_pieces(finding.remedy)),
    )


def _pieces(remedy: str) -> Iterator[Piece]:
    """A remedy with its commands, which stand between backticks, apart."""
    parts = remedy.split("`")
    if len(parts) % 2 == 0:  # a backtick is just a sign
        parts = [remedy]
    for number, part in enumerate(parts):
        command = number % 2 == 1 and len(part) <= _COMMAND
        text = part if command else _cut(part.strip(_JOINING) if number else part.rstrip())
        if text:
            yield Piece(text, command)


def _costs(estimate: Estimate | None) -> Iterator[Row]:
    """The cost, and what may be reserved first."""
    yield Row("cost", cost_text(estimate))
    if estimate is None:
        return
    if estimate.hold_seconds is not None:
        hold = f"{format_decimal(estimate.hold_seconds)} s"
        if estimate.hold_amount is not None:
            amount = AmountRange(estimate.hold_amount, estimate.hold_amount)
            hold = f"{money(amount, estimate.currency)} ({hold})"
        yield Row(
            "hold", f"{hold} may be reserved first: seen with other sellers, unconfirmed here"
        )


def _facts(report: Report) -> Iterator[Row]:
    media: tuple[tuple[Kind, Measured], ...] = (("video", report.video), ("image", report.image))
    for kind, medium in media:
        if medium.location is None:
            continue
        yield Row(kind, _cut(redacted(medium.location)))
        if not isinstance(medium, MediaFacts):
            yield Row("not measured", _cut(redacted_text(medium.error)))
            continue
        yield Row("details", _cut(medium_text(medium, transfer=True)))
        if medium.durations.judged:
            yield Row("duration", durations_text(medium))
        if medium.stretches is not None:
            shots = medium.stretches.shots
            parts = [
                f"{format_decimal(shot.start)} to {format_decimal(shot.end)} s" for shot in shots
            ]
            yield Row("shots", _cut(", ".join(parts) or "none: all of it is black"))
        if medium.unwatched:
            yield Row("not looked at", _cut(medium.unwatched))
        yield Row("measured by", _cut(medium.probed_by))
    if report.estimate is not None and report.estimate.price_source:
        as_of = report.estimate.price_as_of
        read = f", read {as_of}" if as_of else ""
        yield Row("price", _cut(f"{report.estimate.price_source}{read}"))


def _request(report: Report) -> Iterator[Row]:
    """The fields of the body as they may be shown."""
    body, length = redacted_body(report.body), 0
    for shown, (name, value) in enumerate(body.items()):
        row = Row(_cut(str(name), _LABEL), _cut(value if isinstance(value, str) else _json(value)))
        length += len(row.name) + len(row.text)
        if shown >= _FIELDS or length > _BODY:
            yield Row("…", f"and {plural(len(body) - shown, 'more field')}")
            return
        yield row


def _json(value: Any) -> str:  # noqa: ANN401  JSON
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return f"a value of type {type(value).__name__}"


def _receipt(receipt: Receipt) -> Iterator[Row]:
    """What became of a request that was sent, or is done already."""
    word = "done already" if receipt.already_done else receipt.state.value
    task = f", task {receipt.task_id}" if receipt.task_id else ""
    yield Row("sent", _cut(f"{word}{task}"))
    cost = cost_of(receipt)
    if cost:
        yield Row("bill", cost)
    if receipt.error:
        yield Row("why", _cut(redacted_text(receipt.error)))
    for file in receipt.files:
        yield Row("file", _cut(file))


def _thumbnail(strip: Filmstrip) -> Thumbnail | None:
    """The picture in the middle of the clip, or the only one."""
    if not strip.frames:
        return None
    return Thumbnail(len(strip.frames) // 2, strip.width, strip.height)


def _cut(text: str, most: int = _TEXT) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
