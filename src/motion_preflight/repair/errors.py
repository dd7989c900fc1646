"""Why a medium is not mended."""

from __future__ import annotations

from motion_preflight.errors import PreflightError


class CannotFix(PreflightError):
    """A medium cannot be mended. The message says what stands in the way and what to do."""
