"""Where the money went, in every format and at every width."""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from odd_texts import HOSTILE
from pydantic import TypeAdapter

from motion_preflight.formats.spend import SpendReport, spend_csv, spend_document
from motion_preflight.formats.spend_schema import SpendDocument
from motion_preflight.formats.spend_text import roundings_text, spend_text
from motion_preflight.formats.style import Style
from motion_preflight.provider.usage import Usage
from motion_preflight.submission.reconciliation import reconcile
from motion_preflight.submission.spending import Spending, Sums, rows_by, total_of
from motion_preflight.text.locations import printable
from motion_preflight.text.numbers import AmountRange

D = Decimal
DAY = dt.date(2026, 9, 30)
MODEL = "kling-v2-6-motion-control"
BILLED = Sums(
    count=12,
    seconds=AmountRange(D(96), D(108)),
    estimate=AmountRange(D("5.48352"), D("6.16896")),
    billed=D("5.48352"),
    difference=D(0),
    compared=12,
    fits={"exact": 0, "nearest": 12, "up": 3},
    booked=12,
    booked_amount=D("5.48352"),
)
OPEN = Sums(
    count=2,
    seconds=AmountRange(D(16), D("16.4")),
    estimate=AmountRange(D("0.8"), D("0.9")),
    open=AmountRange(D("0.8"), D("0.9")),
    unknown=1,
    not_sent=3,
    unbilled=2,
)


def spending(sums: Sums = BILLED, **fields: Any) -> Spending:
    usual = Spending(DAY, "https://api.example", MODEL, "std", "dance.json", "USD", sums)
    return replace(usual, **fields)


def report(*entries: Spending, by: tuple[str, ...] = ("month",)) -> SpendReport:
    return SpendReport(by, tuple(rows_by(entries, by)), total_of(entries))


BOTH = (spending(), spending(OPEN, day=dt.date(2026, 10, 1)))


def test_the_text_has_a_bar_an_amount_and_what_it_is_made_of() -> None:
    assert spend_text(report(*BOTH), Style(width=60)).split("\n") == [
        "2026-09  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  USD 5.48",
        "         12 requests, 96 to 108 s, estimated USD 5.48 to",
        "         6.17, billed USD 5.48 (as estimated)",
        "2026-10  ┄┄┄┄┄                              USD 0.80 to 0.90",
        "         2 requests, 16 to 16.4 s, estimated, 1 unknown, 1",
        "         without a known bill, 3 not sent",
        "",
        "total  USD 6.28 to 6.38",
        "  14 requests, 112 to 124.4 s, estimated USD 6.28 to 7.07,",
        "  billed USD 5.48 for 12 of them (as estimated), 1 unknown,",
        "  1 without a known bill, 3 not sent",
        "  how seconds are rounded, by 12 bills: nearest fits all, up",
        "  fits 3, exact fits none",
    ]


@pytest.mark.parametrize("width", [40, 58, 80, 100])
@pytest.mark.parametrize("by", [("month",), ("model", "mode"), ("label",), ("day", "label")])
def test_no_line_is_wider_than_the_terminal(width: int, by: tuple[str, ...]) -> None:
    entries = [*BOTH, spending(OPEN, label="a/long/path/to/many.jsonl:17", model=None), *[
        spending(BILLED, label=None, day=DAY + dt.timedelta(days=number)) for number in range(3)
    ]]  # fmt: skip
    shown = report(*entries, by=by)
    plain = spend_text(shown, Style(width=width))
    assert max(map(len, plain.split("\n"))) <= width
    coloured = spend_text(shown, Style(width=width, colour=True))
    assert coloured != plain
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    assert Style(unicode=False).shown(plain).isascii()


@pytest.mark.parametrize("text", HOSTILE)
def test_a_label_drives_no_terminal_and_no_spreadsheet(text: str) -> None:
    shown = report(spending(label=text), by=("label",))
    assert all(printable(line) == line for line in spend_text(shown, Style()).split("\n"))
    (row,) = list(csv.reader(spend_csv(shown).splitlines()[1:]))
    assert not row[0].startswith(("=", "+", "-", "@", "\t", "\r"))
    json.dumps(spend_document(shown))


def test_a_small_sum_beside_a_large_one_is_still_seen() -> None:
    small = spending(replace(BILLED, billed=D("0.01")), day=dt.date(2026, 8, 1))
    first = spend_text(report(small, *BOTH), Style()).split("\n")[0]
    assert "━ " in first


def test_the_columns_are_those_of_the_dimensions_and_the_sums() -> None:
    columns, *rows = spend_csv(report(*BOTH, by=("model", "month"))).split("\n")
    assert columns == (
        "model,month,count,seconds_low,seconds_high,estimate_low,estimate_high,billed,difference,"
        "unknown,currency"
    )
    assert rows == [
        f"{MODEL},2026-09,12,96,108,5.48352,6.16896,5.48352,0,0,USD",
        f"{MODEL},2026-10,2,16,16.4,0.8,0.9,,,1,USD",
    ]
    assert spend_csv(SpendReport(("day",), (), None)).startswith("day,count,")


def test_the_document_has_rows_a_total_and_the_roundings() -> None:
    document = spend_document(report(*BOTH))
    TypeAdapter(SpendDocument).validate_python(document, strict=True)
    assert document["schema"] == "motion-preflight/spend/1"
    assert document["rows"][1] == {
        "by": {"month": "2026-10"},
        "count": 2,
        "seconds": {"low": 16.0, "high": 16.4},
        "estimate": {"low": 0.8, "high": 0.9},
        "billed": None,
        "difference": None,
        "unknown": 1,
        "not_sent": 3,
        "unbilled": 2,
        "unestimated": 0,
        "currency": "USD",
    }
    total = document["total"]
    assert total is not None
    assert (total["count"], total["billed"], "by" in total) == (14, 5.48352, False)
    assert document["roundings"] == {"tasks": 12, "fits": {"exact": 0, "nearest": 12, "up": 3}}
    assert spend_document(report(BOTH[1]))["roundings"] is None


@pytest.mark.parametrize(
    ("compared", "fits", "text"),
    [
        (
            12,
            {"nearest": 12, "up": 3},
            "how seconds are rounded, by 12 bills: nearest fits all, up fits 3",
        ),
        (
            1,
            {"up": 0, "nearest": 1},
            "how seconds are rounded, by 1 bill: nearest fits it, up fits none",
        ),
        (2, {"up": 2, "nearest": 2, "exact": 2}, ""),  # that tells nothing
        (2, {"up": 0}, "how seconds are rounded, by 2 bills: up fits none"),
        (0, {}, ""),
    ],
)
def test_the_roundings_in_a_sentence(compared: int, fits: dict[str, int], text: str) -> None:
    assert roundings_text(Sums(compared=compared, fits=fits)) == text


@pytest.mark.parametrize(("difference", "words"), [("0.5", "more"), ("-0.5", "less")])
def test_a_difference_is_told_by_its_side(difference: str, words: str) -> None:
    shown = report(spending(replace(BILLED, difference=D(difference))))
    text = " ".join(spend_text(shown, Style()).split())
    assert f"billed USD 5.48 (0.50 {words} than estimated)" in text


def test_what_several_providers_or_currencies_come_to_is_told() -> None:
    other = spending(OPEN, origin="http://127.0.0.1:8", currency="EUR")
    entries = (spending(), other)
    shown = replace(report(*entries), origins=("http://127.0.0.1:8", "https://api.example"))
    text = " ".join(spend_text(shown, Style()).split())
    assert "of 2 providers: http://127.0.0.1:8, https://api.example" in text
    assert "EUR 0.80 to 0.90" in text
    assert "estimates in several currencies" in text


def reconciled(*page: Usage) -> str:
    result = reconcile([spending(), spending(OPEN)], page, [MODEL], since=DAY, until=DAY)
    shown = replace(report(*BOTH), reconciliation=result)
    TypeAdapter(SpendDocument).validate_python(spend_document(shown), strict=True)
    return " ".join(spend_text(shown, Style(width=100)).split())


def test_the_usage_page_stands_beside_the_ledger() -> None:
    text = reconciled(Usage(MODEL, D("5.483520"), 12), Usage("gpt", D(7), 1))
    assert "the provider's usage page, 2026-09-30 to 2026-09-30 (UTC)" in text
    assert f"{MODEL}: USD 5.48 in 12 calls on the page, USD 5.48 in 12 tasks here" in text
    assert "other models on the page: USD 7.00" in text
    assert text.endswith("they agree")


def test_a_page_that_differs_says_what_may_be_the_reason() -> None:
    text = reconciled(Usage(MODEL, D("6.5"), None))
    assert f"{MODEL}: USD 6.50 on the page, USD 5.48 in 12 tasks here" in text
    assert "they differ. Other programs with this key are on the page, too" in text
    assert "2 requests of the ledger without a known bill" in text


def test_an_empty_ledger_says_so() -> None:
    nothing = SpendReport(("month",), (), total_of([]))
    assert spend_text(nothing, Style()) == "the ledger has no request"
    days = replace(nothing, since=DAY)
    assert spend_text(days, Style()) == "the ledger has no request in these days"


def test_no_line_is_empty_twice_before_what_the_usage_page_says() -> None:
    alike = spending(replace(BILLED, fits={"up": BILLED.compared, "exact": BILLED.compared}))
    result = reconcile([alike], [], [MODEL], since=DAY, until=DAY)
    text = spend_text(replace(report(alike), reconciliation=result), Style())
    assert "rounded" not in text
    assert "\n\nthe provider's usage page" in text
    assert "\n\n\n" not in text
