"""The JSON documents that users script against, and how they are made of reports.

The types are the contract: the committed schema is made from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from typing_extensions import TypedDict  # pydantic wants this one below Python 3.12

from motion_preflight.facts import Measured, MediaFacts, Unmeasured
from motion_preflight.report import Report, Verdict
from motion_preflight.source.location import is_url, redacted
from motion_preflight.source.signature import PICTURES, UNMEASURABLE_PICTURES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from motion_preflight.budget import Totals
    from motion_preflight.estimate import Estimate, Span
    from motion_preflight.facts import AudioStream, Transfer, VideoStream
    from motion_preflight.fits import Fits

VerdictWord = Literal["pass", "fail", "unsure"]


class Range(TypedDict):
    low: float
    high: float


class DurationsDocument(TypedDict):
    header: float | None
    container: float | None
    video: float | None
    audio: float | None
    scan: float | None


class VideoDocument(TypedDict):
    codec: str | None
    width: int | None
    height: int | None
    rotation: int | None
    frame_rate: float | None


class AudioDocument(TypedDict):
    codec: str | None
    sample_rate: int | None
    channels: int | None


class TransferDocument(TypedDict):
    requests: int
    bytes: int
    status: int | None
    content_type: str | None
    final_url: str
    etag: str | None


class MediaDocument(TypedDict):
    location: str | None
    size: int | None
    container: str | None
    format_name: str | None
    brand: str | None
    probed_by: str | None
    durations: DurationsDocument
    duration: Range | None
    faststart: bool | None
    fragmented: bool | None
    truncated: bool | None
    video: VideoDocument | None
    audio: AudioDocument | None
    transfer: TransferDocument | None


class FactsDocument(TypedDict):
    video: MediaDocument | None
    image: MediaDocument | None


class FindingDocument(TypedDict):
    rule: str
    level: Literal["error", "unsure", "warning", "note"]
    field: str | None
    message: str
    remedy: str
    authority: Literal["apimart", "kling", "inferred"]
    source: str


class SkippedDocument(TypedDict):
    rule: str
    because: str


class HoldDocument(TypedDict):
    seconds: float | None
    amount: float | None


class EstimateDocument(TypedDict):
    seconds: Range
    price_per_second: float | None
    currency: str
    amount: Range | None
    hold: HoldDocument
    price_source: str | None
    price_as_of: str | None


class ReportDocument(TypedDict):
    label: str
    verdict: VerdictWord
    request: dict[str, Any]
    findings: list[FindingDocument]
    skipped: list[SkippedDocument]
    facts: FactsDocument
    estimate: EstimateDocument | None
    receipt: None  # filled by a submission


SummaryDocument = TypedDict(
    "SummaryDocument",
    {
        "total": int,
        "pass": int,
        "fail": int,
        "unsure": int,
        "amount": Range,
        "unpriced": int,
        "over_budget": bool,
    },
)


class ReportsDocument(TypedDict):
    """What `check` and `estimate` print with `--format json`."""

    schema: Literal["motion-preflight/report/1"]
    reports: list[ReportDocument]
    summary: SummaryDocument


class FitsDocument(TypedDict):
    image: VerdictWord
    video: VerdictWord


class OfferDocument(TypedDict):
    model: str
    mode: str
    amount: Range | None


class ProbedDocument(TypedDict):
    label: str
    facts: FactsDocument
    error: str | None
    fits: FitsDocument | None
    estimates: list[OfferDocument] | None


class ProbesDocument(TypedDict):
    """What `probe` prints with `--format json`."""

    schema: Literal["motion-preflight/facts/1"]
    reports: list[ProbedDocument]


def reports_document(reports: Sequence[Report], totals: Totals) -> ReportsDocument:
    return {
        "schema": "motion-preflight/report/1",
        "reports": [report_document(report) for report in reports],
        "summary": {
            "total": len(reports),
            "pass": totals.verdicts[Verdict.PASS],
            "fail": totals.verdicts[Verdict.FAIL],
            "unsure": totals.verdicts[Verdict.UNSURE],
            "amount": _range(totals.amount),
            "unpriced": totals.unpriced,
            "over_budget": totals.over_budget,
        },
    }


def report_document(report: Report) -> ReportDocument:
    return {
        "label": report.label,
        "verdict": report.verdict.value,
        "request": {name: _redacted(value) for name, value in report.body.items()},
        "findings": [
            {
                "rule": finding.rule,
                "level": finding.level.value,
                "field": finding.field,
                "message": finding.message,
                "remedy": finding.remedy,
                "authority": finding.authority.value,
                "source": finding.source,
            }
            for finding in report.findings
        ],
        "skipped": [{"rule": each.rule, "because": each.because} for each in report.skipped],
        "facts": {"video": media_document(report.video), "image": media_document(report.image)},
        "estimate": _estimate(report.estimate) if report.estimate else None,
        "receipt": None,
    }


def media_document(medium: Measured) -> MediaDocument | None:
    """The facts of a medium, `None` when the request names none."""
    if medium.location is None:
        return None
    facts = medium if isinstance(medium, MediaFacts) else _nearly_nothing(medium)
    times, readings = facts.durations, facts.durations.judged
    return {
        "location": redacted(facts.location),
        "size": facts.size,
        "container": facts.container,
        "format_name": facts.format_name,
        "brand": facts.brand,
        "probed_by": facts.probed_by or None,
        "durations": {
            "header": _number(times.header),
            "container": _number(times.container),
            "video": _number(times.video),
            "audio": _number(times.audio),
            "scan": _number(times.scan),
        },
        "duration": {"low": float(readings.low), "high": float(readings.high)}
        if readings
        else None,
        "faststart": facts.faststart,
        "fragmented": facts.fragmented,
        "truncated": facts.truncated,
        "video": _video(facts.video) if facts.video else None,
        "audio": _audio(facts.audio) if facts.audio else None,
        "transfer": _transfer(facts.transfer) if facts.transfer else None,
    }


def _nearly_nothing(medium: Unmeasured) -> MediaFacts:
    """What is known of a medium all the same, in the shape of facts."""
    return MediaFacts(
        medium.location or "",
        medium.size,
        medium.container,
        format_name=None,
        brand=None,
        probed_by="",
        transfer=medium.transfer,
    )


def _video(stream: VideoStream) -> VideoDocument:
    return {
        "codec": stream.codec,
        "width": stream.width,
        "height": stream.height,
        "rotation": stream.rotation,
        "frame_rate": None if stream.frame_rate is None else round(float(stream.frame_rate), 6),
    }


def _audio(stream: AudioStream) -> AudioDocument:
    return {
        "codec": stream.codec,
        "sample_rate": stream.sample_rate,
        "channels": stream.channels,
    }


def _transfer(transfer: Transfer) -> TransferDocument:
    return {
        "requests": transfer.requests,
        "bytes": transfer.bytes,
        "status": transfer.status,
        "content_type": transfer.content_type,
        "final_url": redacted(transfer.final_url),
        "etag": transfer.etag,
    }


def _estimate(estimate: Estimate) -> EstimateDocument:
    return {
        "seconds": _range(estimate.seconds),
        "price_per_second": _number(estimate.price_per_second),
        "currency": estimate.currency,
        "amount": _range(estimate.amount) if estimate.amount else None,
        "hold": {
            "seconds": _number(estimate.hold_seconds),
            "amount": _number(estimate.hold_amount),
        },
        "price_source": estimate.price_source,
        "price_as_of": estimate.price_as_of.isoformat() if estimate.price_as_of else None,
    }


def _range(span: Span) -> Range:
    return {"low": float(span.low), "high": float(span.high)}


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _redacted(value: Any) -> Any:  # noqa: ANN401  JSON
    if isinstance(value, str):
        return redacted(value) if is_url(value) else value
    if isinstance(value, dict):
        return {name: _redacted(each) for name, each in value.items()}
    return [_redacted(each) for each in value] if isinstance(value, list) else value


def probes_document(found: Sequence[tuple[Measured, Fits | None]]) -> ProbesDocument:
    return {
        "schema": "motion-preflight/facts/1",
        "reports": [_probed(medium, fits) for medium, fits in found],
    }


def _probed(medium: Measured, fits: Fits | None) -> ProbedDocument:
    document = media_document(medium)
    picture = medium.container in PICTURES | UNMEASURABLE_PICTURES
    return {
        "label": redacted(medium.location or ""),
        "facts": {
            "video": None if picture else document,
            "image": document if picture else None,
        },
        "error": medium.error,
        "fits": {"image": fits.verdicts["image"].value, "video": fits.verdicts["video"].value}
        if fits
        else None,
        "estimates": [
            {
                "model": offer.model,
                "mode": offer.mode,
                "amount": _range(offer.amount) if offer.amount else None,
            }
            for offer in fits.offers
        ]
        if fits
        else None,
    }
