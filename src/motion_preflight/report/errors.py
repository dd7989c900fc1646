"""The error of reading a report."""

from __future__ import annotations

from motion_preflight.errors import PreflightError


class ReportInvalid(PreflightError, ValueError):
    """What is read as a report is none. The message names the first field that is wrong."""
