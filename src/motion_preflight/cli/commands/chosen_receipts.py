"""The requests of the ledger that a command names by an intent, its beginning, or a task."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from motion_preflight.provider.state import State
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.submission.receipt import Receipt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from motion_preflight.submission.ledger.ledger import Ledger

_OLD = dt.datetime.fromtimestamp(0, dt.UTC)


def only_receipt(name: str, ledger: Ledger) -> Receipt:
    """The only row with this intent, beginning of an intent, or task id. Raises
    `ManifestInvalid`.
    """
    rows = ledger.find(name)
    if len(rows) != 1:
        raise ManifestInvalid(_not_one_text(name, rows))
    return rows[0]


def named_receipts(names: Sequence[str], ledger: Ledger) -> list[Receipt]:
    """The rows with these ids; an id that the ledger does not know counts as that of a task. Raises
    `ManifestInvalid`.
    """
    receipts = {}
    for name in names:
        rows = ledger.find(name)
        if len(rows) > 1:
            raise ManifestInvalid(_not_one_text(name, rows))
        receipts[name] = rows[0] if rows else _foreign(name)
    return list(receipts.values())


def _not_one_text(name: str, rows: Sequence[Receipt]) -> str:
    """Why a name does not stand for exactly one row: it fits none, or these."""
    if not rows and len(name) < 4:
        return f"{name}: write at least four characters of an intent"
    if not rows:
        return f"the ledger knows no intent and no task {name}: see `motion-preflight tasks list`"
    return f"{name} may be {' or '.join(row.intent for row in rows[:5])}: write more of it"


def _foreign(task_id: str) -> Receipt:
    """The receipt of a task that is not in the ledger, with only its id."""
    return Receipt(
        intent="",
        state=State.SUBMITTED,
        created=_OLD,
        updated=_OLD,
        label="",
        origin="",
        identity="",
        idempotency_key="",
        body={},
        currency="USD",
        task_id=task_id,
    )
