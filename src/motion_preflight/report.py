"""What a check says: findings, what was skipped and why, and the verdict over them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from motion_preflight.facts import MediaFacts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from motion_preflight.estimate import Estimate
    from motion_preflight.facts import Measured


class Level(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    UNSURE = "unsure"
    WARNING = "warning"
    NOTE = "note"

    @property
    def weight(self) -> int:
        return list(reversed(Level)).index(self)


class Authority(StrEnum):
    """Who says so."""

    APIMART = "apimart"
    KLING = "kling"
    INFERRED = "inferred"


class Verdict(StrEnum):
    """What all findings come to."""

    PASS = "pass"  # noqa: S105  a verdict
    FAIL = "fail"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a rule has to say about a request."""

    rule: str
    level: Level
    field: str | None  # of the request's body
    message: str  # what was measured and what is allowed
    remedy: str  # what to do; commands stand between backticks
    authority: Authority
    source: str  # where the limit is from, with its date


@dataclass(frozen=True, slots=True)
class Skipped:
    """A rule that could not be checked."""

    rule: str
    because: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is known of one request."""

    label: str
    body: Mapping[str, Any]  # the request's own fields, nothing taken out
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    video: Measured
    image: Measured
    estimate: Estimate | None
    strict: bool = False  # warnings count as errors for the verdict
    folder: Path | None = None  # where relative paths of the request start

    @property
    def verdict(self) -> Verdict:
        levels = {finding.level for finding in self.findings}
        if Level.ERROR in levels or (self.strict and Level.WARNING in levels):
            return Verdict.FAIL
        measured = isinstance(self.video, MediaFacts) and isinstance(self.image, MediaFacts)
        if Level.UNSURE in levels or not measured:
            return Verdict.UNSURE  # whatever the rules say, what was not measured does not pass
        return Verdict.PASS
