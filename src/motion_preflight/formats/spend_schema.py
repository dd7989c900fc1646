"""The shape of the JSON document of `spend`, and of `estimate --seconds`."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from motion_preflight.formats.media_schema import Range  # noqa: TC001  as below
from motion_preflight.formats.schema import (  # noqa: TC001  pydantic reads the annotations
    ErrorDocument,
    ToolDocument,
)


class SpendSumsDocument(TypedDict):
    """A sum covers the requests of which the amount is known; `null`: it is known of none."""

    count: int
    """Requests that were sent, or may have been."""
    seconds: Range | None
    """Billable seconds, as estimated."""
    estimate: Range | None
    """In `currency`."""
    billed: float | None
    """In USD, whatever the currency of the estimates is."""
    difference: float | None
    """What was billed beyond the estimates (above 0) or less than them (below 0), in USD; 0: every
    bill lies within its estimate. `null`: no bill can be held against an estimate."""
    unknown: int
    """Requests whose outcome is unknown: they may have been billed."""
    not_sent: int
    """Requests that were refused or never left, which cost nothing and are not in `count`."""
    unbilled: int
    """Requests of `count` without a known bill, those of unknown outcome included."""
    unestimated: int
    """Requests of `count` without an estimate."""
    currency: str | None
    """Of the estimate; `null`: the total of several currencies, whose estimates are not summed."""


class SpendRowDocument(SpendSumsDocument):
    by: dict[str, str | None]
    """The dimensions of the group, such as `{"model": "…"}`; a value is `null` where the request
    names none, and a label where the requests were forgotten."""


class RoundingsDocument(TypedDict):
    tasks: int
    """Completed requests whose bill was held against the estimate with each rounding."""
    fits: dict[str, int]
    """By rounding, how many bills are what one reading of the duration costs with it."""


class UsageDocument(TypedDict):
    model: str
    tasks: int
    """Completed tasks with a bill, by the ledger."""
    billed: float
    """By the ledger, in USD."""
    calls: int | None
    """Billed calls, by the usage page; `null`: it does not say."""
    amount: float
    """By the usage page, in USD."""
    difference: float
    """What the page has more than the ledger."""


class ReconciliationDocument(TypedDict):
    since: str
    until: str
    """The days that were compared, both included, in UTC."""
    agrees: bool
    models: list[UsageDocument]
    unbilled: int
    """Requests of the ledger in these days without a known bill."""
    other_models: float
    """What the page has for models that are neither in the ledger nor in the profile, in USD."""


class SpendDocument(TypedDict):
    """What `spend` prints with `--format json`, and `estimate --seconds`."""

    schema: Literal["motion-preflight/spend/1"]
    tool: ToolDocument
    since: str | None
    until: str | None
    """The days (UTC), both included; `null`: no limit."""
    rows: list[SpendRowDocument]
    total: SpendSumsDocument | None
    """`null`: the rows are alternatives, of which no sum makes sense."""
    roundings: RoundingsDocument | None
    """`null`: no bill could be held against an estimate."""
    usage: ReconciliationDocument | None
    """`null`: it was not asked for, or the page was not read (`errors` says why)."""
    interrupted: bool
    errors: list[ErrorDocument]
    """What ended the run, and why the usage page was not read."""
