"""What went wrong in the network, in words for people."""

from __future__ import annotations

import httpcore
import httpx

from motion_preflight.network.causes import without_number
from motion_preflight.network.errors import MediaUnavailable
from motion_preflight.text.locations import sanitize_external_text


def error_words(error: Exception) -> str:
    """What went wrong in the network, in words for people."""
    if isinstance(error, MediaUnavailable):
        return error.message
    if isinstance(error, httpcore.TimeoutException | httpx.TimeoutException):
        return "no answer in time"
    return (
        sanitize_external_text(without_number(str(error)))[:200].rstrip(".") or type(error).__name__
    )
