"""The error for a profile with a mistake."""

from __future__ import annotations

from motion_preflight.errors import PreflightError


class ProfileInvalid(PreflightError):
    """A profile that cannot be used; the message names the file and the key."""
