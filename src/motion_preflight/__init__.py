"""Checks a motion-control video request before it is sent and paid for, and sends it once.

from motion_preflight import ClearedRequest, preflight, submit
report = preflight({"model": "kling-v3-motion-control", "video_url": "https://…", …})
report.verdict, report.findings, report.estimate
receipt = submit(ClearedRequest(report))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from motion_preflight.errors import PreflightError, SettingsInvalid
from motion_preflight.media.errors import (
    FfmpegFailed,
    FfmpegMissing,
    FfprobeFailed,
    FfprobeMissing,
    ProbeError,
    SourceError,
    SourceTimeout,
    SourceUnreachable,
)
from motion_preflight.media.facts import MediaFacts, Unmeasured
from motion_preflight.preflight import check, estimate, preflight, preflight_many, probe
from motion_preflight.provider.profile import Profile
from motion_preflight.provider.profile_error import ProfileInvalid
from motion_preflight.provider.state import State
from motion_preflight.report.clearance import ClearedRequest, NotCleared
from motion_preflight.report.estimate import Estimate
from motion_preflight.report.findings import Authority, Finding, Level, Report, Verdict
from motion_preflight.request.errors import ManifestInvalid, RequestInvalid
from motion_preflight.submission.errors import (
    InsufficientBalance,
    LedgerUnusable,
    NotSent,
    NotSentReason,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    SubmitError,
    TaskFailed,
)
from motion_preflight.submission.receipt import Receipt

if TYPE_CHECKING:
    from motion_preflight.repair.fix import fix
    from motion_preflight.repair.request import fix_request
    from motion_preflight.repair.result import Fix
    from motion_preflight.request.model import MotionControlRequest
    from motion_preflight.submission.polling import wait
    from motion_preflight.submission.submitter import submit

__all__ = [
    "Authority",
    "ClearedRequest",
    "Estimate",
    "FfmpegFailed",
    "FfmpegMissing",
    "FfprobeFailed",
    "FfprobeMissing",
    "Finding",
    "Fix",
    "InsufficientBalance",
    "LedgerUnusable",
    "Level",
    "ManifestInvalid",
    "MediaFacts",
    "MotionControlRequest",
    "NotCleared",
    "NotSent",
    "NotSentReason",
    "OutcomeUnknown",
    "PreflightError",
    "ProbeError",
    "Profile",
    "ProfileInvalid",
    "RateLimited",
    "Receipt",
    "Rejected",
    "Report",
    "RequestInvalid",
    "SettingsInvalid",
    "SourceError",
    "SourceTimeout",
    "SourceUnreachable",
    "State",
    "SubmitError",
    "TaskFailed",
    "Unmeasured",
    "Verdict",
    "check",
    "estimate",
    "fix",
    "fix_request",
    "preflight",
    "preflight_many",
    "probe",
    "submit",
    "wait",
]


# Names whose modules import pydantic, httpx, sqlite3 or what starts ffmpeg, which takes longer than
# a whole check.
_WHEN_ASKED_FOR = {
    "Fix": "repair.result",
    "MotionControlRequest": "request.model",
    "fix": "repair.fix",
    "fix_request": "repair.request",
    "submit": "submission.submitter",
    "wait": "submission.polling",
}

if not TYPE_CHECKING:  # else a type checker would accept any name

    def __getattr__(name: str) -> Any:  # noqa: ANN401  PEP 562
        """Imports the module of a public name when the name is first used."""
        if name not in _WHEN_ASKED_FOR:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = import_module(f"motion_preflight.{_WHEN_ASKED_FOR[name]}")
        value = globals()[name] = getattr(module, name)
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
