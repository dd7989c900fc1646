"""Why a request is not sent when an identical one is in the ledger."""

from __future__ import annotations

from motion_preflight.provider.state import State
from motion_preflight.submission.errors import NotSent, NotSentReason
from motion_preflight.submission.receipt import Receipt, described

_SETTLING = {
    State.UNKNOWN: "settle them first: `motion-preflight tasks list --state unknown` says how",
    State.SUBMITTED: "`motion-preflight tasks wait` waits for them",
    State.SENDING: "look at them again in a while with `motion-preflight tasks`",
}
_TWICE = "the same request (its fields and the content of its media) stands twice in this run"


def refusal_for(other: Receipt) -> NotSent:
    """The error for a request whose identical one is completed or not over; it carries that one."""
    if other.state is State.COMPLETED:
        return NotSent(f"it is done already ({described(other)})", other, NotSentReason.DONE)
    why = f"an identical request is not over ({described(other)})"
    command = f"`motion-preflight tasks {'wait' if other.task_id else 'show'} {other.intent}`"
    in_python = "settle that first with resolve(error.receipt, task_id=…)"
    in_command = f"settle that first: {command} says how"
    if other.state is not State.UNKNOWN and other.task_id:
        in_python, in_command = "wait(error.receipt) waits for it", f"wait for that with {command}"
    elif other.state is not State.UNKNOWN:
        in_python = "look at it again in a while"
        in_command = f"{in_python} with {command}"
    error = NotSent(
        f"{why}; {in_python}, or send this one with submit(…, again=True)",
        other,
        NotSentReason.IDENTICAL,
    )
    error.in_command = f"{why}; {in_command}, or send this one with --again"
    return error


def refusal_of_many(other: Receipt) -> str | None:
    """What a command says at once of many requests whose identical ones are like this one; `None`
    where it is over.
    """
    if other.state not in _SETTLING:
        return None
    how = _SETTLING[other.state]
    return f"identical requests are not over ({other.state}); {how}, or send these with --again"


def refusal_of_twin() -> NotSent:
    """The error for a request that is identical to an earlier one of the same run."""
    error = NotSent(
        f"{_TWICE}; submit(…, again=True) sends it twice", None, NotSentReason.IDENTICAL
    )
    error.in_command = f"{_TWICE}; --again sends it twice"
    return error
