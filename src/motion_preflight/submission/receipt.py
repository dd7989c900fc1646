"""The receipt of a request: its state, its task, its estimate and its cost."""

from __future__ import annotations

import datetime as dt
import re
import shlex
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from motion_preflight.provider.state import State
from motion_preflight.report.estimate import RoundedSeconds, range_of
from motion_preflight.submission.fingerprint import NO_KEYS, Fingerprint, MediaKeys
from motion_preflight.text.lazy_dataclass import dataclass, field
from motion_preflight.text.numbers import AmountRange, format_cents, format_money
from motion_preflight.text.presentable import Presentable

_LONG = 60  # signs of a name that `repr` shows
UNFINISHED = frozenset({State.SENDING, State.SUBMITTED})
UNSETTLED = UNFINISHED | {State.UNKNOWN}  # an identical request must wait for these states
FINAL = frozenset(State) - UNSETTLED
LINKS_LIVE = dt.timedelta(hours=72)  # how long links of results live at most (documented)
FREE = frozenset({State.REJECTED, State.NOT_SENT})  # states that count against no budget
_ENDS = {State.COMPLETED, State.FAILED, State.CANCELLED}
# The states that may follow a state. A row never goes back, whichever process writes last. A task
# may even be over before it could be written down that it was submitted.
FOLLOWS = {
    State.SENDING: {State.SUBMITTED, State.REJECTED, State.UNKNOWN, State.NOT_SENT, *_ENDS},
    State.UNKNOWN: {State.SUBMITTED, State.REJECTED, State.NOT_SENT, *_ENDS},
    State.SUBMITTED: _ENDS,
}


@dataclass(frozen=True, slots=True, repr=False)
class Receipt(Presentable):
    """What became of a request that was to be sent: its state, task, estimate and bill, as the
    ledger keeps them. `None` always means not known.
    """

    intent: str  # our own name of the request, chosen before it was sent
    state: State
    created: dt.datetime
    updated: dt.datetime
    label: str  # where the request was written
    origin: str  # scheme, host and port of the provider
    identity: str  # equal for requests that differ only in their media
    idempotency_key: str  # the value of the header that was sent with it
    body: Mapping[str, Any] = field(hash=False)  # as it was sent, URLs redacted
    currency: str
    estimate: AmountRange | None = None
    task_id: str | None = None
    request_id: str | None = None  # the provider's name of the exchange
    cost: Decimal | None = None  # what the provider billed, in USD
    error: str | None = None  # in words
    files: tuple[str, ...] = ()  # the paths of the downloaded results
    answer: str | None = None  # an answer that was not understood, with secrets masked
    media: MediaKeys = NO_KEYS  # its media as hashes
    price_per_second: Decimal | None = None  # of the estimate, in `currency`
    by_rounding: tuple[RoundedSeconds, ...] = ()  # empty: the seconds are not known
    # Measured seconds, by file.
    lengths: Mapping[str, AmountRange] = field(default_factory=dict, hash=False)
    # True: an identical request was not sent, because this one is completed.
    already_done: bool = False

    def __repr__(self) -> str:
        name = f"task {self.task_id}" if self.task_id else f"intent {self.intent}"
        if self.cost is not None:
            price = f", USD {format_money(self.cost)} billed"
        elif self.estimate is not None:
            amount = format_cents(self.estimate.low, self.estimate.high, self.currency)
            price = f", {amount} estimated"
        else:
            price = ""
        return f"<Receipt {self.label[:_LONG]!r} {self.state}, {name[:_LONG]}{price}>"

    @property
    def fingerprint(self) -> Fingerprint:
        """Identifies the request in the ledger: fingerprints of identical requests match."""
        return Fingerprint(self.identity, self.media)

    @property
    def model(self) -> str | None:
        """The model that the request names; `None` if it names none."""
        return self._word("model")

    @property
    def mode(self) -> str | None:
        """The mode that the request names; `None` if it names none."""
        return self._word("mode")

    @property
    def seconds(self) -> AmountRange | None:
        """The estimated billable seconds; `None` where they are not known."""
        return range_of(self.by_rounding) if self.by_rounding else None

    @property
    def paid_seconds(self) -> Decimal | None:
        """The seconds that the bill pays for at the price of the estimate; `None` where the bill or
        the price is not known, or is not in USD.
        """
        if self.cost is None or not self.price_per_second or self.currency != "USD":
            return None
        return self.cost / self.price_per_second

    def _word(self, name: str) -> str | None:
        value = self.body.get(name)
        return value if isinstance(value, str) else None


def in_command(receipt: Receipt) -> str:
    """The name of a task in a command for a shell: its id, or its intent. The id is the provider's
    word, and may be one that no shell should see.
    """
    task = str(receipt.task_id)
    if receipt.intent and not re.fullmatch("[A-Za-z0-9_.][A-Za-z0-9_.-]*", task):
        return receipt.intent
    return shlex.quote(task)


def described(receipt: Receipt) -> str:
    """Half a line about a receipt: intent, state, task, and when it was made."""
    task = f", task {receipt.task_id}" if receipt.task_id else ""
    return (
        f"intent {receipt.intent}, {receipt.state}{task}, of {receipt.created:%Y-%m-%d %H:%M} UTC"
    )
