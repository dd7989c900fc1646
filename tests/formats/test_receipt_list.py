"""Many receipts as text: a line each below what is equal in them, and in full what went wrong."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from builders import intent

from motion_preflight.formats.receipt_list import FEW, list_text, receipts_text
from motion_preflight.formats.receipts import receipt_text
from motion_preflight.formats.style import Style
from motion_preflight.provider.state import State
from motion_preflight.submission.receipt import Receipt
from motion_preflight.text.numbers import AmountRange

PLAIN = Style()
NARROW = Style(50, terminal=True)
STYLES = [PLAIN, NARROW, Style(80, colour=True), Style(50, colour=True, terminal=True)]
DASHED = re.compile("\x1b\\[[0-9;]+m")  # our own colours


def done(number: int, **fields: Any) -> Receipt:
    """What is known of a completed request of a file with many."""
    usual: dict[str, Any] = {
        "state": State.COMPLETED,
        "label": f"many.jsonl:{number}",
        "task_id": f"task_{number}",
        "cost": Decimal("0.40"),
        "files": (f"/home/me/results/task_{number}.mp4",),
    }
    return intent(**(usual | fields))


def test_what_is_equal_in_many_receipts_is_shown_once_and_the_rest_on_a_line_each() -> None:
    text = receipts_text([done(number) for number in range(8, 15)], PLAIN)
    assert text.splitlines() == [
        "completed   7 requests",
        "  cost      billed USD 0.40, estimated USD 0.45 to 0.46 each",
        "  files     in /home/me/results",
        *(f"    many.jsonl:{number}   task_{number}.mp4" for number in (8, 9)),
        *(f"    many.jsonl:{number}  task_{number}.mp4" for number in range(10, 15)),
    ]


def test_a_few_receipts_keep_their_paragraphs() -> None:
    receipts = [done(number) for number in range(FEW)]
    assert receipts_text(receipts, PLAIN) == "\n".join(receipt_text(r, PLAIN) for r in receipts)


def test_what_differs_stands_on_the_lines() -> None:
    receipts = [
        done(
            number,
            cost=Decimal(number),
            files=(f"/home/{number}/dance.mp4",),
            lengths={f"/home/{number}/dance.mp4": AmountRange(Decimal(number), Decimal(number))},
        )
        for number in range(1, 8)
    ]
    head, *lines = list_text(receipts, PLAIN).splitlines()
    assert head == "completed   7 requests  2026-12-01 UTC"
    assert lines[0].split("  ")[2:] == [
        "many.jsonl:1", "/home/1/dance.mp4", "task_1", "billed USD 1.00", "1.0 s received",
    ]  # fmt: skip


def test_a_few_different_costs_are_groups_of_their_own() -> None:
    costs = (Decimal("0.40"), Decimal("0.70"))
    text = receipts_text([done(number, cost=costs[number % 2]) for number in range(8)], PLAIN)
    assert text.count("completed   4 requests") == 2
    rows = [line.split() for line in text.splitlines() if line.startswith("    many")]
    assert [len(cells) for cells in rows] == [2] * 8  # the label and the file, no cost
    odd = [done(number, cost=costs[number == 7]) for number in range(8)]
    assert receipts_text(odd, PLAIN).count("billed USD 0.70") == 1  # on its line


@pytest.mark.parametrize("style", STYLES)
def test_failures_and_unknown_outcomes_are_in_full_and_last(style: Style) -> None:
    unknown = done(3, state=State.UNKNOWN, task_id=None, cost=None, files=(), error="no answer")
    failed = done(4, state=State.FAILED, files=(), error="it was blurred")
    receipts = [done(1), unknown, failed, *map(done, range(5, 10)), done(10, error="no file came")]
    text = receipts_text(receipts, style)
    last = "\n".join(receipt_text(one, style) for one in (unknown, failed, receipts[-1]))
    assert text.endswith(f"\n{last}")
    assert "6 requests" in DASHED.sub("", text.removesuffix(last))


@pytest.mark.parametrize("style", STYLES)
def test_tasks_under_way_and_results_not_fetched_name_one_command(style: Style) -> None:
    under_way = [done(number, state=State.SUBMITTED, files=(), cost=None) for number in range(4)]
    unfetched = [done(number, files=()) for number in range(4, 8)]
    text = receipts_text([*under_way, *unfetched], style)
    words = " ".join(DASHED.sub("", text).replace("\\\n", " ").split())
    assert words.count("motion-preflight tasks wait") == 2
    assert "next motion-preflight tasks wait many.jsonl:0 task_0" in words.replace("`", "")
    assert "motion-preflight tasks wait --unfetched --download DIR" in words
    assert max(len(DASHED.sub("", line)) for line in text.splitlines()) <= style.width


def test_one_of_its_kind_keeps_its_paragraph_and_its_place() -> None:
    receipts = [done(0, state=State.SUBMITTED, files=()), *map(done, range(1, 9))]
    text = receipts_text(receipts, PLAIN, results={0: "it was fetched"})
    assert text.endswith(receipt_text(receipts[0], PLAIN, result="it was fetched"))
