"""The states of a request, from the intent to send it to its end."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """What became of a request that was to be sent."""

    # Stored before the first byte leaves; after a run that died it means unknown.
    SENDING = "sending"
    SUBMITTED = "submitted"  # the provider gave it a task
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REJECTED = "rejected"  # the provider refused it
    UNKNOWN = "unknown"  # it was sent, or may have been, and no usable answer came
    NOT_SENT = "not-sent"  # nothing left this machine
