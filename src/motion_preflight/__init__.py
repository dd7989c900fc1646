"""Checks a motion-control video request before it is sent and paid for, and sends it once.

from motion_preflight import ClearedRequest, preflight, submit
report = preflight({"model": "kling-v3-motion-control", "video_url": "https://…", …})
report.verdict, report.findings, report.estimate
receipt = submit(ClearedRequest(report))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from motion_preflight.errors import (
    Because,
    FfprobeFailed,
    FfprobeMissing,
    InsufficientBalance,
    LedgerUnusable,
    ManifestInvalid,
    NotCleared,
    NotSent,
    OutcomeUnknown,
    PreflightError,
    ProbeError,
    ProfileInvalid,
    RateLimited,
    Rejected,
    RequestInvalid,
    SettingsInvalid,
    SourceError,
    SourceTimeout,
    SourceUnreachable,
    SubmitError,
    TaskFailed,
)
from motion_preflight.estimate import Estimate
from motion_preflight.facts import MediaFacts, Unmeasured
from motion_preflight.preflight import check, estimate, preflight, probe
from motion_preflight.profile import Profile
from motion_preflight.receipt import Receipt, State
from motion_preflight.report import Authority, ClearedRequest, Finding, Level, Report, Verdict

if TYPE_CHECKING:
    from motion_preflight.batch import preflight_many
    from motion_preflight.motion_control_request import MotionControlRequest
    from motion_preflight.submitter import submit
    from motion_preflight.tasks import wait

__all__ = [
    "Authority",
    "Because",
    "ClearedRequest",
    "Estimate",
    "FfprobeFailed",
    "FfprobeMissing",
    "Finding",
    "InsufficientBalance",
    "LedgerUnusable",
    "Level",
    "ManifestInvalid",
    "MediaFacts",
    "MotionControlRequest",
    "NotCleared",
    "NotSent",
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
    "preflight",
    "preflight_many",
    "probe",
    "submit",
    "wait",
]


# What takes longer to import than a whole check of a plain mapping: pydantic, httpx, sqlite3.
_WHEN_ASKED_FOR = {"MotionControlRequest": "motion_control_request", "preflight_many": "batch",
                   "submit": "submitter", "wait": "tasks"}  # fmt: skip

if not TYPE_CHECKING:  # else a checker would take any name for one of ours

    def __getattr__(name: str) -> Any:  # noqa: ANN401  PEP 562
        """A name whose module is imported when it is first asked for."""
        if name not in _WHEN_ASKED_FOR:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = import_module(f"motion_preflight.{_WHEN_ASKED_FOR[name]}")
        found = globals()[name] = getattr(module, name)
        return found

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
