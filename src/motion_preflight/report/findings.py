"""The result of a check: its findings, the skipped rules, and the verdict."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from motion_preflight.media.facts import Measured, MediaFacts
from motion_preflight.report.estimate import Estimate
from motion_preflight.report.options import CheckOptions
from motion_preflight.text.frozen import frozen

FIX = "motion-preflight fix"  # the command of a remedy, before its medium and options


class Level(StrEnum):
    """How heavy a finding is, the heaviest first."""

    ERROR = "error"
    UNSURE = "unsure"
    WARNING = "warning"
    NOTE = "note"

    @property
    def weight(self) -> int:
        """The level as a number: the higher, the heavier."""
        return _WEIGHTS[self]


_WEIGHTS = {level: weight for weight, level in enumerate(reversed(Level))}


class Authority(StrEnum):
    """Whose statement a rule follows, or that it is inferred."""

    APIMART = "apimart"
    KLING = "kling"
    INFERRED = "inferred"


class Verdict(StrEnum):
    """The result of all findings together."""

    PASS = "pass"  # noqa: S105  a verdict
    FAIL = "fail"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule reports about a request: the problem, and what to do about it."""

    rule: str
    level: Level
    field: str | None  # the field of the body that it is about; `None`: the whole request
    message: str  # what was measured, and what is allowed
    remedy: str  # what to do, with commands between backticks
    authority: Authority
    source: str  # where the limit comes from, with its date

    @property
    def fix_words(self) -> tuple[str, ...] | None:
        """The medium and the options of the command `fix` that the remedy names; `None` where it
        names none, because `fix` does not mend what was found.
        """
        _, _, command = self.remedy.partition(f"`{FIX} ")
        return tuple(shlex.split(command.partition("`")[0])) if command else None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A rule that could not be checked, and why."""

    rule: str
    because: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is known about one request."""

    label: str
    # The request's own fields with all secrets, so they must not appear in a log.
    body: Mapping[str, Any] = field(repr=False)
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    video: Measured
    image: Measured
    estimate: Estimate | None
    options: CheckOptions
    checked_at: dt.datetime
    measured_at: dt.datetime  # when its first medium was measured, at most `checked_at`
    left_out: tuple[str, ...] = ()  # names of columns in its file that are not sent

    def __post_init__(self) -> None:
        # A frozen copy, so that what is sent is what was checked, even if the caller's changes.
        with suppress(RecursionError):  # too deep for JSON, so it is never cleared
            object.__setattr__(self, "body", frozen(self.body))

    def decides(self, finding: Finding) -> bool:
        """Whether a finding speaks against sending the request."""
        strict = self.options.strict and finding.level is Level.WARNING
        return strict or finding.level in {Level.ERROR, Level.UNSURE}

    @property
    def verdict(self) -> Verdict:
        """Whether the request passes, fails or is unsure.

        An error fails it, and so does a warning when `strict`. It is unsure after an unsure
        finding, and also when a medium was not measured.
        """
        levels = {finding.level for finding in self.findings}
        if Level.ERROR in levels or (self.options.strict and Level.WARNING in levels):
            return Verdict.FAIL
        measured = isinstance(self.video, MediaFacts) and isinstance(self.image, MediaFacts)
        if Level.UNSURE in levels or not measured:
            return Verdict.UNSURE  # an unmeasured medium never passes, whatever the rules say
        return Verdict.PASS
