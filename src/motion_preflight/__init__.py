"""Checks a motion-control video request before it is sent and paid for.

from motion_preflight import preflight
report = preflight({"model": "kling-v3-motion-control", "video_url": "clip.mp4", …})
report.verdict, report.findings, report.estimate
"""

from __future__ import annotations

import gc

_collecting = gc.isenabled()
gc.disable()  # a pause for the imports only: collecting while classes are made costs a seventh
try:
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
    from motion_preflight.request import MotionControlRequest
finally:
    if _collecting:
        gc.enable()

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
