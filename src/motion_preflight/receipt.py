"""What is known of a request that was to be sent: its state, its task, what it cost."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from motion_preflight.submission.fingerprint import NO_KEYS, Fingerprint, MediaKeys

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from decimal import Decimal

    from motion_preflight.estimate import Span


class State(StrEnum):
    """What became of a request."""

    SENDING = "sending"  # committed before the first byte leaves; of a dead run it means unknown
    SUBMITTED = "submitted"  # the provider gave it a task
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REJECTED = "rejected"  # the provider refused it
    UNKNOWN = "unknown"  # it was sent, or may have been, and there is no answer
    NOT_SENT = "not-sent"  # nothing left this machine


UNFINISHED = frozenset({State.SENDING, State.SUBMITTED})
UNSETTLED = UNFINISHED | {State.UNKNOWN}  # an identical request must wait for these
FINAL = frozenset(State) - UNSETTLED
FREE = frozenset({State.REJECTED, State.NOT_SENT})  # these count against no budget
_ENDS = {State.COMPLETED, State.FAILED, State.CANCELLED}
# What may come of a state. A row never goes back, whoever writes last; a task may be over before
# there was room to write down that it was made.
FOLLOWS = {
    State.SENDING: {State.SUBMITTED, State.REJECTED, State.UNKNOWN, State.NOT_SENT, *_ENDS},
    State.UNKNOWN: {State.SUBMITTED, State.REJECTED, State.NOT_SENT, *_ENDS},
    State.SUBMITTED: _ENDS,
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """One row of the ledger. `None` always means not known."""

    intent: str  # our own name of it, made before it was sent
    state: State
    created: dt.datetime
    updated: dt.datetime
    label: str  # where the request was written
    origin: str  # scheme, host and port of the provider
    identity: str  # the same for requests that are identical but for their media
    idempotency_key: str  # the header that went with it
    body: Mapping[str, Any]  # as it was sent, URLs redacted
    currency: str
    estimate: Span | None = None
    task_id: str | None = None
    request_id: str | None = None  # the provider's name of the exchange
    cost: Decimal | None = None  # as the provider billed it
    error: str | None = None  # in words
    files: tuple[str, ...] = ()  # what was downloaded
    answer: str | None = None  # the provider's own words where they were not clear, secrets out
    media: MediaKeys = NO_KEYS  # the media that it was sent with, as hashes
    # An identical request was asked for after this one was completed, and was not sent again.
    already_done: bool = False

    @property
    def fingerprint(self) -> Fingerprint:
        """What the request is known by: identical ones match."""
        return Fingerprint(self.identity, self.media)

    @property
    def model(self) -> str | None:
        return self._word("model")

    @property
    def mode(self) -> str | None:
        return self._word("mode")

    def _word(self, name: str) -> str | None:
        value = self.body.get(name)
        return value if isinstance(value, str) else None


def in_command(receipt: Receipt) -> str:
    """What a task is called in a command for a shell. Its id is the provider's word, and may be one
    that no shell should see.
    """
    task = str(receipt.task_id)
    if receipt.intent and not re.fullmatch("[A-Za-z0-9_.][A-Za-z0-9_.-]*", task):
        return receipt.intent
    return shlex.quote(task)


def described(receipt: Receipt) -> str:
    """A receipt in half a line: intent, state, task, and when."""
    task = f", task {receipt.task_id}" if receipt.task_id else ""
    return (
        f"intent {receipt.intent}, {receipt.state}{task}, of {receipt.created:%Y-%m-%d %H:%M} UTC"
    )
