"""The shape of the JSON documents: the contract that users script against.

The committed JSON Schemas are made of these types, and mypy holds `document.py` to them. The text
below a field is its description there.
"""

from __future__ import annotations

from typing import Any, Literal

from typing_extensions import TypedDict  # pydantic wants this one below Python 3.12

from motion_preflight.formats.media_schema import (
    MediaDocument,
    Range,
)

VerdictWord = Literal["pass", "fail", "unsure"]
LevelWord = Literal["error", "unsure", "warning", "note"]
AuthorityWord = Literal["apimart", "kling", "inferred"]


class ToolDocument(TypedDict):
    name: Literal["motion-preflight"]
    version: str


class FactsDocument(TypedDict):
    video: MediaDocument | None
    image: MediaDocument | None


class FindingFixDocument(TypedDict):
    argv: list[str]
    """The command that `fix --dry-run` shows, of ffmpeg, or `fix` itself for a picture. Its paths
    start in the folder in which the program was called."""
    output: str
    """The file that it makes, where there is no file of that name yet."""


class FindingDocument(TypedDict):
    rule: str
    level: LevelWord
    field: str | None
    message: str
    remedy: str
    authority: AuthorityWord
    source: str
    fix: FindingFixDocument | None
    """How to mend the local file; `null` where `fix` does not."""


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
    cost: float | None  # USD, as the provider billed it
    files: list[str]  # what was downloaded
    already_done: bool  # an identical request is completed, whose receipt this is: nothing was sent


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
        "unreadable": int,
    },
)


class ErrorDocument(TypedDict):
    place: str | None
    """The line of a request file, a request's label, a medium or a task; `null`: the whole run."""
    message: str
    """What went wrong and what to do, in words; at most 1,000 characters."""


class ReportsDocument(TypedDict):
    """What `check`, `estimate` and `submit` print with `--format json`."""

    schema: Literal["motion-preflight/report/1"]
    tool: ToolDocument
    reports: list[ReportDocument]
    summary: SummaryDocument
    interrupted: bool
    """Whether it was interrupted: what was done before is here, the rest is missing."""
    errors: list[ErrorDocument]
    """Lines that hold no request, and what ended the run; empty where all was looked at."""


class FitsDocument(TypedDict):
    image: VerdictWord
    video: VerdictWord


class OfferDocument(TypedDict):
    model: str
    mode: str
    amount: Range | None
    fits: FitsDocument
    """Whether it fits this model's own limits, by orientation."""


class ProbedDocument(TypedDict):
    label: str
    facts: FactsDocument
    error: str | None
    fits: FitsDocument | None
    """Whether it fits, by orientation; unsure where that depends on the model."""
    estimates: list[OfferDocument] | None


class ProbesDocument(TypedDict):
    """What `probe` prints with `--format json`."""

    schema: Literal["motion-preflight/facts/1"]
    tool: ToolDocument
    reports: list[ProbedDocument]
    interrupted: bool
    """Whether it was interrupted: what was done before is here, the rest is missing."""
    errors: list[ErrorDocument]
    """Lines that hold no request, and what ended the run; empty where all was looked at."""


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
    request_id: str | None  # of the provider's answer, for its support
    answer: str | None  # one that was not understood, secrets taken out
    seconds: Range | None
    """Billable seconds, as estimated."""
    paid_seconds: float | None
    """The seconds that the bill pays for at the price of the estimate."""
    lengths: dict[str, Range]
    """The measured seconds of the files, as far as they were measured."""


class PublicationDocument(TypedDict):
    """A file that still lies where it was published, or may."""

    link: str | None
    """Without its query; `null`: there was none yet."""
    expires: str | None
    """When the link ends, ISO 8601; `null`: it does not, or its end is not known."""
    destination: str
    name: str
    size: int
    """Bytes."""
    source: str
    state: Literal["uploading", "published", "removing"]
    """`uploading`, `removing`: of a run that goes on, or that ended before it was done."""
    updated: str
    intents: list[str]
    """Of the tasks that name it."""


class TasksDocument(TypedDict):
    """What `tasks` prints with `--format json`, the newest first."""

    schema: Literal["motion-preflight/tasks/1"]
    tool: ToolDocument
    tasks: list[TaskDocument]
    published: list[PublicationDocument]
    """What still lies where, of all tasks; empty but for `tasks list`."""
    interrupted: bool
    """Whether it was interrupted: what was done before is here, the rest is missing."""
    errors: list[ErrorDocument]
    """Lines that hold no request, and what ended the run; empty where all was looked at."""
