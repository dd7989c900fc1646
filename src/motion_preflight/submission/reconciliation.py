"""What the ledger says was billed, held against the provider's usage page."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.text.lazy_dataclass import dataclass

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from motion_preflight.provider.usage import Usage
    from motion_preflight.submission.spending import Spending

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class ReconciledModel:
    """One model in the ledger and on the page, in USD."""

    model: str
    tasks: int  # completed ones with a bill, by the ledger
    billed: Decimal
    calls: int | None  # billed ones, by the page; `None`: it does not say
    amount: Decimal

    @property
    def difference(self) -> Decimal:
        """What the page has more than the ledger (+), or less (-)."""
        return self.amount - self.billed


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The models that the ledger or the profile knows, over the days from `since` to `until`, both
    included.
    """

    since: dt.date
    until: dt.date
    models: tuple[ReconciledModel, ...]
    unbilled: int  # requests of the ledger, in these days, without a known bill
    other_models: Decimal  # USD on the page for what this program does not send

    @property
    def agrees(self) -> bool:
        """Whether each model differs by less than a cent, and the calls, where named, not at
        all.
        """
        return all(
            abs(one.difference) < _CENT and one.calls in {None, one.tasks} for one in self.models
        )


def reconcile(
    spending: Sequence[Spending],
    usage: Iterable[Usage],
    models: Iterable[str],
    *,
    since: dt.date,
    until: dt.date,
) -> Reconciliation:
    """Holds what was spent against the rows of the page. Both are of the same days and the same
    provider; `models` are those of the profile.
    """
    page = list(usage)
    own = {one.model for one in spending if one.model and one.sums.count}
    named = own | (set(models) & {row.model for row in page})
    return Reconciliation(
        since,
        until,
        tuple(_model(name, spending, page) for name in sorted(named)),
        sum(one.sums.unbilled for one in spending),
        sum((row.amount for row in page if row.model not in named), Decimal(0)),
    )


def _model(name: str, spending: Iterable[Spending], page: Iterable[Usage]) -> ReconciledModel:
    sums = [one.sums for one in spending if one.model == name]
    rows = [row for row in page if row.model == name]
    calls = [row.calls for row in rows if row.calls is not None]
    return ReconciledModel(
        name,
        sum(one.booked for one in sums),
        sum((one.booked_amount for one in sums if one.booked_amount), Decimal(0)),
        sum(calls) if len(calls) == len(rows) else None,
        sum((row.amount for row in rows), Decimal(0)),
    )
