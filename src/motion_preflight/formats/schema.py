"""The shape of the JSON documents: the contract that users script against.

The committed JSON Schemas are made of these types, and mypy holds `document.py` to them.
"""

from __future__ import annotations

from typing import Any, Literal

from typing_extensions import TypedDict  # pydantic wants this one below Python 3.12

VerdictWord = Literal["pass", "fail", "unsure"]


class Range(TypedDict):
    low: float
    high: float


class DurationsDocument(TypedDict):
    header: float | None
    container: float | None
    video: float | None
    audio: float | None
    samples: float | None
    stored: float | None
    scan: float | None


class VideoDocument(TypedDict):
    codec: str | None
    width: int | None
    height: int | None
    rotation: int | None
    frame_rate: float | None
    frames: int | None
    tracks: int | None
    encrypted: bool | None


class DecodedDocument(TypedDict):
    frames: int
    errors: int


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
    decoded: DecodedDocument | None
    reason: str | None
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


StateWord = Literal[
    "sending",
    "submitted",
    "completed",
    "failed",
    "cancelled",
    "rejected",
    "unknown",
    "not-sent",
]


class ReceiptDocument(TypedDict):
    intent: str
    state: StateWord
    task_id: str | None


class ReportDocument(TypedDict):
    label: str
    verdict: VerdictWord
    request: dict[str, Any]
    findings: list[FindingDocument]
    skipped: list[SkippedDocument]
    facts: FactsDocument
    estimate: EstimateDocument | None
    receipt: ReceiptDocument | None  # `null`: it has no row in the ledger


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


class TaskDocument(TypedDict):
    intent: str | None  # `null`: a task that is not in the ledger
    state: StateWord
    task_id: str | None
    created: str | None  # ISO 8601, UTC
    updated: str | None
    label: str | None
    model: str | None
    mode: str | None
    estimate: Range | None
    cost: float | None
    error: str | None
    files: list[str]


class TasksDocument(TypedDict):
    """What `tasks` prints with `--format json`, the newest first."""

    schema: Literal["motion-preflight/tasks/1"]
    tasks: list[TaskDocument]
