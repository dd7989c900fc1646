"""Checks a motion-control video request before it is sent and paid for, and sends it once.

from motion_preflight import ClearedRequest, preflight, submit
report = preflight({"model": "kling-v3-motion-control", "video_url": "https://…", …})
report.verdict, report.findings, report.cost
receipt = submit(ClearedRequest(report))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from motion_preflight.text.presentable import Presenter, present_by

if TYPE_CHECKING:
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
    from motion_preflight.pipeline import check, estimate, preflight, preflight_many, probe
    from motion_preflight.provider.profile import Profile
    from motion_preflight.provider.profile_error import ProfileInvalid
    from motion_preflight.provider.state import State
    from motion_preflight.publishing.errors import (
        CredentialsMissing,
        DestinationInvalid,
        LinkNotProved,
        PublishError,
        StoreError,
        StoreProgramMissing,
        StoreRefused,
        StoreUnreachable,
    )
    from motion_preflight.publishing.options import PublishOptions
    from motion_preflight.publishing.publish import publish
    from motion_preflight.publishing.published import Published, Unpublished
    from motion_preflight.publishing.unpublish import unpublish
    from motion_preflight.repair.fix import fix
    from motion_preflight.repair.request import fix_request
    from motion_preflight.repair.result import Fix
    from motion_preflight.report.clearance import ClearedRequest, NotCleared
    from motion_preflight.report.errors import ReportInvalid
    from motion_preflight.report.estimate import Cost, Estimate
    from motion_preflight.report.findings import Authority, Finding, Level, Report, Verdict
    from motion_preflight.request.errors import ManifestInvalid, RequestInvalid
    from motion_preflight.request.model import MotionControlRequest
    from motion_preflight.submission.errors import (
        InsufficientBalance,
        LedgerUnusable,
        NotResolved,
        NotSent,
        NotSentReason,
        OutcomeUnknown,
        RateLimited,
        Rejected,
        SubmitError,
        TaskFailed,
    )
    from motion_preflight.submission.polling import wait
    from motion_preflight.submission.receipt import Receipt
    from motion_preflight.submission.resolution import resolve
    from motion_preflight.submission.submitter import submit

__all__ = [
    "Authority",
    "ClearedRequest",
    "Cost",
    "CredentialsMissing",
    "DestinationInvalid",
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
    "LinkNotProved",
    "ManifestInvalid",
    "MediaFacts",
    "MotionControlRequest",
    "NotCleared",
    "NotResolved",
    "NotSent",
    "NotSentReason",
    "OutcomeUnknown",
    "PreflightError",
    "ProbeError",
    "Profile",
    "ProfileInvalid",
    "PublishError",
    "PublishOptions",
    "Published",
    "RateLimited",
    "Receipt",
    "Rejected",
    "Report",
    "ReportInvalid",
    "RequestInvalid",
    "SettingsInvalid",
    "SourceError",
    "SourceTimeout",
    "SourceUnreachable",
    "State",
    "StoreError",
    "StoreProgramMissing",
    "StoreRefused",
    "StoreUnreachable",
    "SubmitError",
    "TaskFailed",
    "Unmeasured",
    "Unpublished",
    "Verdict",
    "check",
    "estimate",
    "fix",
    "fix_request",
    "preflight",
    "preflight_many",
    "probe",
    "publish",
    "resolve",
    "submit",
    "unpublish",
    "wait",
]

# The module of each public name, imported when the name is first used: a service that only probes
# waits for no pydantic, and `import motion_preflight` itself for nothing.
_MODULES = {
    "Authority": "report.findings",
    "ClearedRequest": "report.clearance",
    "Cost": "report.estimate",
    "CredentialsMissing": "publishing.errors",
    "DestinationInvalid": "publishing.errors",
    "Estimate": "report.estimate",
    "FfmpegFailed": "media.errors",
    "FfmpegMissing": "media.errors",
    "FfprobeFailed": "media.errors",
    "FfprobeMissing": "media.errors",
    "Finding": "report.findings",
    "Fix": "repair.result",
    "InsufficientBalance": "submission.errors",
    "LedgerUnusable": "submission.errors",
    "Level": "report.findings",
    "LinkNotProved": "publishing.errors",
    "ManifestInvalid": "request.errors",
    "MediaFacts": "media.facts",
    "MotionControlRequest": "request.model",
    "NotCleared": "report.clearance",
    "NotResolved": "submission.errors",
    "NotSent": "submission.errors",
    "NotSentReason": "submission.errors",
    "OutcomeUnknown": "submission.errors",
    "PreflightError": "errors",
    "ProbeError": "media.errors",
    "Profile": "provider.profile",
    "ProfileInvalid": "provider.profile_error",
    "PublishError": "publishing.errors",
    "PublishOptions": "publishing.options",
    "Published": "publishing.published",
    "RateLimited": "submission.errors",
    "Receipt": "submission.receipt",
    "Rejected": "submission.errors",
    "Report": "report.findings",
    "ReportInvalid": "report.errors",
    "RequestInvalid": "request.errors",
    "SettingsInvalid": "errors",
    "SourceError": "media.errors",
    "SourceTimeout": "media.errors",
    "SourceUnreachable": "media.errors",
    "State": "provider.state",
    "StoreError": "publishing.errors",
    "StoreProgramMissing": "publishing.errors",
    "StoreRefused": "publishing.errors",
    "StoreUnreachable": "publishing.errors",
    "SubmitError": "submission.errors",
    "TaskFailed": "submission.errors",
    "Unmeasured": "media.facts",
    "Unpublished": "publishing.published",
    "Verdict": "report.findings",
    "check": "pipeline",
    "estimate": "pipeline",
    "fix": "repair.fix",
    "fix_request": "repair.request",
    "preflight": "pipeline",
    "preflight_many": "pipeline",
    "probe": "pipeline",
    "publish": "publishing.publish",
    "resolve": "submission.resolution",
    "submit": "submission.submitter",
    "unpublish": "publishing.unpublish",
    "wait": "submission.polling",
}


def _presentation() -> Presenter:
    """Imports what shows the values, all of which are below it."""
    from motion_preflight.formats import presentation  # noqa: PLC0415  with the first that is shown

    return presentation


present_by(_presentation)

if not TYPE_CHECKING:  # else a type checker would accept any name

    def __getattr__(name: str) -> Any:  # noqa: ANN401  PEP 562
        """Imports the module of a public name when the name is first used."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module  # noqa: PLC0415  as said above

        module = import_module(f"motion_preflight.{_MODULES[name]}")
        value = globals()[name] = getattr(module, name)
        return value

    def __dir__() -> list[str]:
        return list(__all__)
