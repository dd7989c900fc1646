"""The result of a check: its findings, the skipped rules, and the verdict."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Mapping
from contextlib import suppress
from enum import StrEnum
from typing import Any, Self

from motion_preflight.media.facts import Measured, MediaFacts
from motion_preflight.report.estimate import Cost, Estimate
from motion_preflight.report.options import CheckOptions
from motion_preflight.text.frozen import frozen
from motion_preflight.text.lazy_dataclass import dataclass, field
from motion_preflight.text.presentable import Presentable, presenter

_FEW, _LONG = 3, 60  # rules and signs of a label that `repr` shows
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


@dataclass(frozen=True, slots=True, repr=False)
class Report(Presentable):
    """Everything that is known about one request. `str` is its page as text.

    One that `from_dict` read has no `checked_at` and `measured_at`, its links have lost what was
    secret in them, and it allows nothing to be sent.
    """

    label: str
    # The request's own fields with all secrets, so they must not appear in a log.
    body: Mapping[str, Any] = field(hash=False)
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    video: Measured
    image: Measured
    estimate: Estimate | None
    options: CheckOptions = field(hash=False)
    checked_at: dt.datetime | None  # `None`: it was read from a document
    # When its first medium was measured, at most `checked_at`; `None` as there.
    measured_at: dt.datetime | None
    left_out: tuple[str, ...] = ()  # names of columns in its file that are not sent
    # The one that it was read from.
    document: Mapping[str, Any] | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        # A frozen copy, so that what is sent is what was checked, even if the caller's changes.
        with suppress(RecursionError):  # too deep for JSON, so it is never cleared
            object.__setattr__(self, "body", frozen(self.body))
            object.__setattr__(self, "document", frozen(self.document))

    def __repr__(self) -> str:
        rules = [finding.rule for finding in self.findings if self.decides(finding)]
        names = list(dict.fromkeys(rules))
        more = [f"{len(names) - _FEW} more"] if len(names) > _FEW else []
        why = f": {', '.join([*names[:_FEW], *more])}" if names else ""
        return f"<Report {self.label[:_LONG]!r} {self.verdict}, {self.cost}{why}>"

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """The report that `to_dict` wrote, or an entry of `reports` in the JSON document of
        `check`. Raises `ReportInvalid`, which names what is wrong with it.
        """
        report: Self = presenter().read_report(document)
        return report

    @property
    def cost(self) -> Cost:
        """What the request may cost, or why that is not known."""
        if self.estimate is None:
            currency = self.options.profile.currency
            return Cost(None, None, currency, "the duration of the video is not known")
        return self.estimate.cost

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
        if self.document is not None:
            return Verdict(self.document["verdict"])
        levels = {finding.level for finding in self.findings}
        if Level.ERROR in levels or (self.options.strict and Level.WARNING in levels):
            return Verdict.FAIL
        measured = isinstance(self.video, MediaFacts) and isinstance(self.image, MediaFacts)
        if Level.UNSURE in levels or not measured:
            return Verdict.UNSURE  # an unmeasured medium never passes, whatever the rules say
        return Verdict.PASS
