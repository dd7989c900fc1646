"""The sandbox's usage page: what was billed for tasks that completed, by model."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from motion_preflight.sandbox.documents import Refused, sample

if TYPE_CHECKING:
    from collections.abc import Iterable

    from motion_preflight.sandbox.documents import Document
    from motion_preflight.sandbox.tasks import Task

_MOST = dt.timedelta(days=31)  # between start and end, as documented


def usage_document(target: str, tasks: Iterable[Task]) -> Document:
    """The page for the days of a query, both included. A task is booked on the day on which it
    completed; one that failed is left out. Raises `Refused`.
    """
    query = {name: values[-1] for name, values in parse_qs(target.partition("?")[2]).items()}
    try:
        start, end = (dt.date.fromisoformat(query.get(name, "")) for name in ("start", "end"))
    except ValueError:
        raise Refused(400, "start and end are days like 2026-09-30") from None
    if not dt.timedelta(0) <= end - start <= _MOST:
        raise Refused(400, "start and end may be at most 31 days apart")
    if query.get("group_by") != "model":
        raise Refused(400, "the sandbox knows group_by=model alone")
    billed, calls = dict[str, Decimal](), Counter[str]()
    for task in tasks:
        booked = dt.datetime.fromtimestamp(task.completed, dt.UTC).date()
        if task.status == "completed" and start <= booked <= end:
            model = str(task.request.get("model"))
            billed[model] = billed.get(model, Decimal(0)) + task.cost
            calls[model] += 1
    document = sample("usage")
    items = [
        {"model": model, "amount_usd": f"{amount:.6f}", "calls": calls[model]}
        for model, amount in sorted(billed.items())
    ]
    document["data"].update(start=start.isoformat(), end=end.isoformat(), items=items)
    return document
