"""Reads a report back from its entry in a JSON document.

The document is kept, so that it is written again exactly as it was. The values beside it are what
it says: numbers are as exact as JSON has them, and what it leaves out is not known.
"""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from motion_preflight.formats.pydantic_schema import adapter_of
from motion_preflight.formats.schema import ReportDocument
from motion_preflight.media.content import Content, Stretch
from motion_preflight.media.facts import (
    AudioStream,
    Decoded,
    Durations,
    MediaFacts,
    Unmeasured,
    VideoStream,
)
from motion_preflight.media.framing import Framing
from motion_preflight.media.medium import not_given
from motion_preflight.network.errors import Reason
from motion_preflight.network.transfer import Transfer
from motion_preflight.provider.profile import Profile
from motion_preflight.report.errors import ReportInvalid
from motion_preflight.report.estimate import Estimate
from motion_preflight.report.findings import Authority, Finding, Level, Report, Skipped
from motion_preflight.report.options import CheckOptions
from motion_preflight.request.redacted_body import redacted_body
from motion_preflight.text.locations import redacted
from motion_preflight.text.numbers import AmountRange

if TYPE_CHECKING:
    from motion_preflight.formats.media_schema import (
        ContentDocument,
        FramingDocument,
        MediaDocument,
        Range,
    )
    from motion_preflight.formats.schema import EstimateDocument, FindingDocument
    from motion_preflight.media.facts import Kind, Measured


def report_of_document(document: object) -> Report:
    """The report of an entry of `reports`. Raises `ReportInvalid`."""
    entry = _validated(document)
    findings = tuple(_finding(finding) for finding in entry["findings"])
    return Report(
        label=entry["label"],
        body=entry["request"],
        findings=findings,
        skipped=tuple(Skipped(skip["rule"], skip["because"]) for skip in entry["skipped"]),
        video=_medium(entry["facts"]["video"], "video"),
        image=_medium(entry["facts"]["image"], "image"),
        estimate=_estimate(entry["estimate"]) if entry["estimate"] else None,
        # No document says that a check was strict, but a warning alone fails only such a one.
        options=CheckOptions(
            profile=Profile.load(),
            strict=entry["verdict"] == "fail"
            and all(finding.level is not Level.ERROR for finding in findings),
        ),
        checked_at=None,
        measured_at=None,
        document=entry,
    )


def _validated(document: object) -> ReportDocument:
    """The document, with its links redacted: those of ours are, and stay as they are."""
    if isinstance(document, dict) and "reports" in document:
        raise ReportInvalid("this is a whole document: each of its `reports` is a report")
    try:
        text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ReportInvalid(f"this is not a report: JSON cannot carry it ({error})") from None
    try:
        # Names of files may have lone surrogates, which pydantic does not take.
        shape = adapter_of(ReportDocument).validate_json(
            text.encode("utf-8", "replace"), strict=True
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        message = f"{place}: {first['msg']}" if place else str(first["msg"])
        raise ReportInvalid(f"this is not a report: {message}") from None
    original = json.loads(text)
    entry: ReportDocument = _fields_of(shape | {"request": None}, original)
    entry["request"] = redacted_body(entry["request"])
    for medium in (entry["facts"]["video"], entry["facts"]["image"]):
        if medium is not None:
            medium["location"] = medium["location"] and redacted(medium["location"])
            if medium["transfer"] is not None:
                medium["transfer"]["final_url"] = redacted(medium["transfer"]["final_url"])
    return entry


def _fields_of(shape: Any, original: Any) -> Any:  # noqa: ANN401  any value of JSON
    """The original without the fields that the validated `shape` does not have."""
    if isinstance(shape, dict):
        return {name: _fields_of(inner, original[name]) for name, inner in shape.items()}
    if isinstance(shape, list):
        return [_fields_of(*pair) for pair in zip(shape, original, strict=True)]
    return original


def _finding(entry: FindingDocument) -> Finding:
    return Finding(
        entry["rule"],
        Level(entry["level"]),
        entry["field"],
        entry["message"],
        entry["remedy"],
        Authority(entry["authority"]),
        entry["source"],
    )


def _estimate(entry: EstimateDocument) -> Estimate:
    as_of = entry["price_as_of"]
    return Estimate(
        seconds=_range(entry["seconds"]),
        price_per_second=_number(entry["price_per_second"]),
        currency=entry["currency"],
        amount=_range(entry["amount"]) if entry["amount"] else None,
        hold_seconds=_number(entry["hold"]["seconds"]),
        hold_amount=_number(entry["hold"]["amount"]),
        price_source=entry["price_source"],
        price_as_of=_day(as_of) if as_of else None,
    )


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ReportInvalid(f"this is not a report: estimate.price_as_of: {error}") from None


def _medium(entry: MediaDocument | None, kind: Kind) -> Measured:
    if entry is None:
        return not_given(kind)
    transfer = Transfer(**entry["transfer"]) if entry["transfer"] else None
    location, reason = entry["location"] or "", entry["reason"]
    if reason is not None:
        size, container, program = entry["size"], entry["container"], entry["probed_by"]
        return Unmeasured(location, Reason(reason), reason, size, container, program, transfer)
    return MediaFacts(
        location=location,
        size=entry["size"],
        container=entry["container"],
        format_name=entry["format_name"],
        brand=entry["brand"],
        probed_by=entry["probed_by"] or "",
        durations=_durations(entry),
        faststart=entry["faststart"],
        fragmented=entry["fragmented"],
        truncated=entry["truncated"],
        contradiction=entry["contradiction"],
        longer_track=entry["longer_track"],
        clock_jump=entry["clock_jump"],
        undecodable=entry["undecodable"],
        decoded=Decoded(**entry["decoded"]) if entry["decoded"] else None,
        unscanned=entry["unscanned"],
        stretches=_content(entry["content"], entry["duration"]) if entry["content"] else None,
        unwatched=entry["unwatched"],
        video=_video(entry),
        audio=AudioStream(**entry["audio"]) if entry["audio"] else None,
        transfer=transfer,
        colour=entry["colour"],
        transparent=entry["transparent"],
    )


def _durations(entry: MediaDocument) -> Durations:
    seconds: dict[str, Any] = dict(entry["durations"])
    return Durations(**{way: _number(value) for way, value in seconds.items()})


def _video(entry: MediaDocument) -> VideoStream | None:
    video = entry["video"]
    if video is None:
        return None
    rate, longest = video["frame_rate"], video["longest_frame"]
    exact = {"frame_rate": None if rate is None else Fraction(str(rate))}
    return VideoStream(**{**video, **exact, "longest_frame": _number(longest)})  # type: ignore[arg-type]


def _content(entry: ContentDocument, duration: Range | None) -> Content:
    shots, black, frozen = (
        tuple(Stretch(_exact(part["start"]), _exact(part["end"])) for part in parts)
        for parts in (entry["shots"], entry["black"], entry["frozen"])
    )
    seconds = _exact(duration["high"]) if duration else Decimal(0)
    framing, unframed = _framing(entry["framing"]), entry["unframed"]
    return Content(shots, black, frozen, seconds, framing, unframed)


def _framing(entry: FramingDocument | None) -> Framing | None:
    if entry is None:
        return None
    face, room = _number(entry["face"]), _number(entry["room"])
    return Framing(entry["pictures"], entry["close"], face, room)


def _range(entry: Range) -> AmountRange:
    return AmountRange(_exact(entry["low"]), _exact(entry["high"]))


def _number(value: float | None) -> Decimal | None:
    return None if value is None else _exact(value)


def _exact(value: float) -> Decimal:
    """The number as JSON writes it, which is the shortest that means this float."""
    return Decimal(repr(value)).normalize()
