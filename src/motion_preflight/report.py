"""What a check says: findings, what was skipped and why, the verdict over them, and whether the
request may be sent.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from motion_preflight.errors import NotCleared
from motion_preflight.facts import MediaFacts
from motion_preflight.source.location import is_url, redacted
from motion_preflight.text.frozen import frozen

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

    from motion_preflight.estimate import Estimate
    from motion_preflight.facts import Measured
    from motion_preflight.profile import Profile


class Level(StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    UNSURE = "unsure"
    WARNING = "warning"
    NOTE = "note"

    @property
    def weight(self) -> int:
        return _WEIGHTS[self]


_WEIGHTS = {level: weight for weight, level in enumerate(reversed(Level))}


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
class Conditions:
    """What a check was made with, so that the same check can be made again."""

    profile: Profile
    at: dt.datetime
    folder: Path | None = None  # where relative paths of the request start
    strict: bool = False  # warnings count as errors for the verdict
    scan: bool = False
    price: Decimal | None = None
    tolerance: Decimal = Decimal(0)
    allow_private: bool = False
    left_out: tuple[str, ...] = ()  # columns of its file that are not sent
    measured: dt.datetime | None = None  # when the first of its media was looked at, if before `at`

    @property
    def looked_at(self) -> dt.datetime:
        """When its media were looked at."""
        return self.measured or self.at


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is known of one request."""

    label: str
    # The request's own fields, nothing taken out: not to be seen in somebody's log.
    body: Mapping[str, Any] = field(repr=False)
    findings: tuple[Finding, ...]
    skipped: tuple[Skipped, ...]
    video: Measured
    image: Measured
    estimate: Estimate | None
    conditions: Conditions

    def __post_init__(self) -> None:
        # What was checked is what is sent, whatever becomes of the caller's own mapping.
        with suppress(RecursionError):  # no JSON can carry that: it is never cleared
            object.__setattr__(self, "body", frozen(self.body))

    def decides(self, finding: Finding) -> bool:
        """Whether a finding speaks against sending the request."""
        strict = self.conditions.strict and finding.level is Level.WARNING
        return strict or finding.level in {Level.ERROR, Level.UNSURE}

    @property
    def verdict(self) -> Verdict:
        levels = {finding.level for finding in self.findings}
        if Level.ERROR in levels or (self.conditions.strict and Level.WARNING in levels):
            return Verdict.FAIL
        measured = isinstance(self.video, MediaFacts) and isinstance(self.image, MediaFacts)
        if Level.UNSURE in levels or not measured:
            return Verdict.UNSURE  # whatever the rules say, what was not measured does not pass
        return Verdict.PASS


@dataclass(frozen=True, slots=True)
class ClearedRequest:
    """A request that may be sent. Only a report that allows it makes one: `NotCleared` is raised
    for the others, and for `unsure` unless that is accepted.
    """

    report: Report
    accept_unsure: bool = False

    def __post_init__(self) -> None:
        why = hindrance(self.report, accept_unsure=self.accept_unsure)
        if why:
            raise NotCleared(why, self.report)

    @property
    def uploads_image(self) -> bool:
        """Whether the picture is a local file, which is uploaded before the request is sent."""
        return not is_url(str(self.report.body.get("image_url", "")))


def hindrance(report: Report, *, accept_unsure: bool = False) -> str | None:
    """Why a report does not allow its request to be sent, and what to do; `None` if it does."""
    deciding = [finding.rule for finding in report.findings if report.decides(finding)]
    why = f" ({', '.join(dict.fromkeys(deciding))})" if deciding else ""
    if report.verdict is Verdict.FAIL:
        return f"the check failed{why}"
    if report.verdict is Verdict.UNSURE and not accept_unsure:
        accept = "--accept-unsure; in Python accept_unsure=True"
        return f"the check is unsure{why}: mend it, or send it all the same ({accept})"
    unsendable = _not_json(report.body)
    if unsendable:
        return unsendable
    video = report.body.get("video_url")
    if not isinstance(video, str) or not is_url(video):
        return (
            f"the reference video is a local file ({redacted(str(video))}), and the provider takes "
            "no upload of videos: publish it, and put its direct link into video_url"
        )
    if is_url(str(report.body.get("image_url"))):
        return None
    cannot = not_uploadable(report.image, report.conditions.profile)
    place = "the reference image is a local file, and the provider takes no upload of it"
    return (
        f"{place} ({cannot}): publish it, and put its direct link into image_url"
        if cannot
        else None
    )


def _not_json(body: Mapping[str, Any]) -> str | None:
    """Why a body cannot be sent as JSON; `None` if it can."""
    try:
        json.dumps(dict(body), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        return f"the request is not what JSON can carry ({error})"
    return None


def not_uploadable(image: Measured, profile: Profile) -> str | None:
    """Why a local picture cannot be uploaded; `None` if it can."""
    allowed, largest = profile.limits.upload_container.allowed, profile.limits.upload_size.maximum
    if not isinstance(image, MediaFacts) or image.container not in allowed:
        return f"an upload can be {', '.join(allowed)}"
    if largest and image.size is not None and image.size > min(largest.values()):
        return f"it has {image.size:,} bytes, an upload {min(largest.values()):,} at most"
    return None
