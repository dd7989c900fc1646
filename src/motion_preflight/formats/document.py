"""Builds the JSON documents of `schema.py`: numbers as numbers, what is not known as null."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from motion_preflight.formats.content_document import content_document
from motion_preflight.formats.finding_fix import FindingFixes
from motion_preflight.formats.publications import publication_document
from motion_preflight.formats.tool import tool_document
from motion_preflight.media.containers.signature import ANY_PICTURE
from motion_preflight.media.facts import Measured, MediaFacts, Unmeasured
from motion_preflight.report.findings import Report, Verdict
from motion_preflight.request.redacted_body import redacted_body
from motion_preflight.text.frozen import thawed
from motion_preflight.text.locations import redacted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from motion_preflight.formats.media_schema import (
        AudioDocument,
        MediaDocument,
        Range,
        TransferDocument,
        VideoDocument,
    )
    from motion_preflight.formats.schema import (
        ErrorDocument,
        EstimateDocument,
        FitsDocument,
        ProbedDocument,
        ProbesDocument,
        ReportDocument,
        SummaryDocument,
        TaskDocument,
        TasksDocument,
    )
    from motion_preflight.media.facts import AudioStream, VideoStream
    from motion_preflight.network.transfer import Transfer
    from motion_preflight.report.estimate import Estimate
    from motion_preflight.report.totals import Totals
    from motion_preflight.submission.publication import Publication
    from motion_preflight.submission.receipt import Receipt
    from motion_preflight.suitability import Suitability, Verdicts
    from motion_preflight.text.numbers import AmountRange


def summary_document(totals: Totals, unreadable: int = 0) -> SummaryDocument:
    """Sums up the reports; `unreadable` is the number of places that hold no request."""
    return {
        "total": totals.verdicts.total(),
        "pass": totals.verdicts[Verdict.PASS],
        "fail": totals.verdicts[Verdict.FAIL],
        "unsure": totals.verdicts[Verdict.UNSURE],
        "amount": _range(totals.amount),
        "unpriced": totals.unpriced,
        "over_budget": totals.over_budget,
        "unreadable": unreadable,
    }


def report_document(report: Report, receipt: Receipt | None = None) -> ReportDocument:
    """One report as the JSON documents show it, with URLs redacted; `receipt` is `None` unless it
    was sent. One that was read from such a document is shown as it stood there.
    """
    if report.document is not None:
        return cast("ReportDocument", thawed(report.document))
    fixes = FindingFixes(report)
    return {
        "label": report.label,
        "verdict": report.verdict.value,
        "request": redacted_body(report.body),
        "findings": [
            {
                "rule": finding.rule,
                "level": finding.level.value,
                "field": finding.field,
                "message": finding.message,
                "remedy": finding.remedy,
                "authority": finding.authority.value,
                "source": finding.source,
                "fix": fixes.document(finding),
            }
            for finding in report.findings
        ],
        "skipped": [{"rule": skip.rule, "because": skip.because} for skip in report.skipped],
        "facts": {"video": _named_medium(report.video), "image": _named_medium(report.image)},
        "estimate": estimate_document(report.estimate) if report.estimate else None,
        "receipt": {
            "intent": receipt.intent,
            "state": receipt.state.value,
            "task_id": receipt.task_id,
            "cost": _number(receipt.cost),
            "files": list(receipt.files),
            "already_done": receipt.already_done,
        }
        if receipt
        else None,
    }


def _named_medium(medium: Measured) -> MediaDocument | None:
    """The facts of a medium, `None` when the request names none."""
    return None if medium.location is None else media_document(medium)


def media_document(medium: Measured) -> MediaDocument:
    """The facts of a medium, or the reason why there are none."""
    facts = medium if isinstance(medium, MediaFacts) else _nearly_nothing(medium)
    times, readings = facts.durations, facts.durations.judged
    return {
        "location": None if medium.location is None else redacted(medium.location),
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
            "samples": _number(times.samples),
            "stored": _number(times.stored),
            "scan": _number(times.scan),
        },
        "duration": {"low": float(readings.low), "high": float(readings.high)}
        if readings
        else None,
        "faststart": facts.faststart,
        "fragmented": facts.fragmented,
        "truncated": facts.truncated,
        "contradiction": facts.contradiction,
        "clock_jump": facts.clock_jump,
        "longer_track": facts.longer_track,
        "undecodable": facts.undecodable,
        "decoded": {"frames": facts.decoded.frames, "errors": facts.decoded.errors}
        if facts.decoded
        else None,
        "unscanned": facts.unscanned,
        "content": content_document(facts.stretches) if facts.stretches else None,
        "unwatched": facts.unwatched,
        "colour": facts.colour,
        "transparent": facts.transparent,
        "reason": medium.reason.value if isinstance(medium, Unmeasured) else None,
        "video": _video(facts.video) if facts.video else None,
        "audio": _audio(facts.audio) if facts.audio else None,
        "transfer": _transfer(facts.transfer) if facts.transfer else None,
    }


def _nearly_nothing(medium: Unmeasured) -> MediaFacts:
    """The little that is known of an unmeasured medium, in the shape of facts."""
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
        "frames": stream.frames,
        "longest_frame": _number(stream.longest_frame),
        "tracks": stream.tracks,
        "encrypted": stream.encrypted,
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


def estimate_document(estimate: Estimate) -> EstimateDocument:
    """An estimate: seconds and amounts as ranges, and where the price comes from."""
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


def _range(span: AmountRange) -> Range:
    return {"low": float(span.low), "high": float(span.high)}


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def probes_document(
    probed: Sequence[tuple[Measured, Suitability]],
    errors: Sequence[ErrorDocument] = (),
    *,
    interrupted: bool = False,
) -> ProbesDocument:
    """The document of `probe`: each medium with what it is good for, and what went wrong
    (`errors`).
    """
    return {
        "schema": "motion-preflight/facts/1",
        "tool": tool_document(),
        "reports": [_probed(medium, suitability) for medium, suitability in probed],
        "interrupted": interrupted,
        "errors": list(errors),
    }


def _probed(medium: Measured, suitability: Suitability) -> ProbedDocument:
    document = media_document(medium)
    picture = medium.container in ANY_PICTURE
    return {
        "label": redacted(medium.location or ""),
        "facts": {
            "video": None if picture else document,
            "image": document if picture else None,
        },
        "error": medium.error,
        "fits": _fits(suitability.verdicts) if suitability.verdicts else None,
        "estimates": [
            {
                "model": offer.model,
                "mode": offer.mode,
                "amount": _range(offer.amount) if offer.amount else None,
                "fits": _fits(offer.verdicts),
            }
            for offer in suitability.offers
        ]
        if suitability.verdicts
        else None,
    }


def _fits(verdicts: Verdicts) -> FitsDocument:
    return {"image": verdicts["image"].value, "video": verdicts["video"].value}


def tasks_document(
    receipts: Sequence[Receipt],
    errors: Sequence[ErrorDocument] = (),
    *,
    published: Sequence[tuple[Publication, Sequence[Receipt]]] = (),
    interrupted: bool = False,
) -> TasksDocument:
    """The document of `tasks`: receipts in the given order, what went wrong (`errors`), and what is
    published, with the receipts of the requests that name it.
    """
    return {
        "schema": "motion-preflight/tasks/1",
        "tool": tool_document(),
        "tasks": [task_document(receipt) for receipt in receipts],
        "published": [publication_document(file, users) for file, users in published],
        "interrupted": interrupted,
        "errors": list(errors),
    }


def task_document(receipt: Receipt) -> TaskDocument:
    """A row of the ledger, or a task that is not in it."""
    return {
        "intent": receipt.intent or None,
        "state": receipt.state.value,
        "task_id": receipt.task_id,
        "created": receipt.created.isoformat() if receipt.intent else None,
        "updated": receipt.updated.isoformat() if receipt.intent else None,
        "label": receipt.label or None,
        "model": receipt.model,
        "mode": receipt.mode,
        "estimate": _range(receipt.estimate) if receipt.estimate else None,
        "cost": _number(receipt.cost),
        "error": receipt.error,
        "files": list(receipt.files),
        "request_id": receipt.request_id,
        "answer": receipt.answer,
        "seconds": _range(receipt.seconds) if receipt.seconds else None,
        "paid_seconds": _number(receipt.paid_seconds),
        "lengths": {file: _range(span) for file, span in receipt.lengths.items()},
    }
