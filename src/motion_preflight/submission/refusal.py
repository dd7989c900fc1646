"""Why a request is not sent when an identical one is in the ledger."""

from __future__ import annotations

from motion_preflight.provider.state import State
from motion_preflight.submission.errors import NotSent, NotSentReason
from motion_preflight.submission.receipt import Receipt, described


def refusal_for(other: Receipt) -> NotSent:
    """The error for a request whose identical one is completed or not over; it carries that one."""
    if other.state is State.COMPLETED:
        return NotSent(f"it is done already ({described(other)})", other, NotSentReason.DONE)
    return NotSent(_not_over(other), other, NotSentReason.IDENTICAL)


def _not_over(other: Receipt) -> str:
    """Why a request is not sent while an identical one is not over, and what to do."""
    command = f"`motion-preflight tasks {'wait' if other.task_id else 'show'} {other.intent}`"
    hint = f"look at it again in a while with {command}"
    if other.task_id:
        hint = f"wait for that with {command}"
    if other.state is State.UNKNOWN:
        hint = f"settle that first: {command} says how"
    return (
        f"an identical request is not over ({described(other)}); {hint}, or send this one with "
        "--again"
    )
