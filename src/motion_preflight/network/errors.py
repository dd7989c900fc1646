"""Why the bytes of a medium are not available, passed from the network up to the report."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motion_preflight.network.transfer import Transfer

_LONGEST = 500  # characters of a message, which may contain text of a host


class Reason(StrEnum):
    """Why a medium could not be measured. Exactly one rule reports each reason."""

    NOT_GIVEN = "not given"
    NOT_PUBLIC = "not a public address"
    PRIVATE_HERE = "a private address here"
    MISSING = "missing"
    DENIED = "denied"
    NOT_REGULAR = "not a regular file"
    UNREACHABLE = "unreachable"
    TIMEOUT = "time-out"
    CHANGED = "changed while read"
    NOT_DIRECT = "not a direct link"
    TOO_LARGE = "too large"
    UNREADABLE = "unreadable"
    INCOMPLETE = "only a part of a file"
    UNSUPPORTED = "not measurable here"


class MediaUnavailable(Exception):
    """The bytes of a medium are not available: the reason, a message for people, and what is known
    all the same (`None` where nothing is).
    """

    def __init__(
        self,
        reason: Reason,
        message: str,
        *,
        size: int | None = None,
        transfer: Transfer | None = None,
        remedy: str | None = None,
    ) -> None:
        message = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"
        super().__init__(message)
        self.reason = reason
        self.message = message
        self.size = size
        self.transfer = transfer
        self.remedy = remedy
