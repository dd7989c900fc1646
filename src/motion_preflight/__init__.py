"""Checks a motion-control video request before it is sent and paid for.

from motion_preflight import preflight
report = preflight({"model": "kling-v3-motion-control", "video_url": "clip.mp4", …})
report.verdict, report.findings, report.estimate
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from motion_preflight.errors import (
    FfprobeFailed,
    FfprobeMissing,
    ManifestInvalid,
    PreflightError,
    ProbeError,
    ProfileInvalid,
    RequestInvalid,
    SettingsInvalid,
    SourceError,
    SourceTimeout,
    SourceUnreachable,
)
from motion_preflight.estimate import Estimate
from motion_preflight.facts import MediaFacts, Unmeasured
from motion_preflight.preflight import check, estimate, preflight, probe
from motion_preflight.profile import Profile
from motion_preflight.report import Authority, Finding, Level, Report, Verdict

if TYPE_CHECKING:
    from motion_preflight.motion_control_request import MotionControlRequest

__all__ = [
    "Authority",
    "Estimate",
    "FfprobeFailed",
    "FfprobeMissing",
    "Finding",
    "Level",
    "ManifestInvalid",
    "MediaFacts",
    "MotionControlRequest",
    "PreflightError",
    "ProbeError",
    "Profile",
    "ProfileInvalid",
    "Report",
    "RequestInvalid",
    "SettingsInvalid",
    "SourceError",
    "SourceTimeout",
    "SourceUnreachable",
    "Unmeasured",
    "Verdict",
    "check",
    "estimate",
    "preflight",
    "probe",
]


if not TYPE_CHECKING:  # else a checker would take any name for one of ours

    def __getattr__(name: str) -> Any:  # noqa: ANN401  PEP 562
        """`MotionControlRequest` when it is first asked for: it brings pydantic, which takes longer
        to import than a whole check of a plain mapping.
        """
        if name == "MotionControlRequest":
            from motion_preflight.motion_control_request import (  # noqa: PLC0415
                MotionControlRequest,
            )

            return MotionControlRequest
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
