"""Receipts show their billed cost in every format, wherever it is known."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from builders import PROFILE, body, intent

from motion_preflight import preflight
from motion_preflight.formats.receipts import receipt_text
from motion_preflight.formats.registry import program_writer
from motion_preflight.formats.style import Style
from motion_preflight.provider.state import State
from motion_preflight.report.totals import totals
from motion_preflight.submission.receipt import Receipt


def written(name: str, sent: Receipt) -> str:
    built = preflight(body(video_url="not-there.mp4"), timeout=0.2)
    writer = program_writer(name, PROFILE.currency)
    return f"{writer.begin()}{writer.report(built, sent)}{writer.end(totals([built], None))}"


@pytest.mark.parametrize("name", ["junit", "github", "markdown", "html", "text"])
def test_the_bill_is_shown_where_it_is_known(name: str) -> None:
    for state in (State.COMPLETED, State.FAILED):
        sent = intent(state=state, cost=Decimal("0.45696"))
        text = receipt_text(sent, Style()) if name == "text" else written(name, sent)
        assert "illed USD 0.45696" in text
        sent = intent(state=state, cost=None)
        text = receipt_text(sent, Style()) if name == "text" else written(name, sent)
        assert "illed" not in text


@pytest.mark.parametrize(("cost", "billed"), [("0.45696", 0.45696), ("0", 0.0), (None, None)])
def test_the_bill_is_a_number_in_sarif(cost: str | None, billed: float | None) -> None:
    sent = intent(state=State.COMPLETED, cost=None if cost is None else Decimal(cost))
    (run,) = json.loads(written("sarif", sent))["runs"]
    assert [item["billed"] for item in run["properties"]["receipts"]] == [billed]
