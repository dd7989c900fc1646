"""Receipts for people and for programs: an unknown is no number, and no word drives a terminal."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace
from decimal import Decimal
from typing import Any
from unicodedata import category

import pytest
from builders import NOW, body
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from motion_preflight.formats.document import tasks_document
from motion_preflight.formats.receipt_list import list_text, none_text
from motion_preflight.formats.receipts import (
    COLOURS,
    cost_of,
    dry_run_text,
    printable_lines,
    receipt_text,
    show_text,
    sums_text,
    total_text,
)
from motion_preflight.formats.schema import TasksDocument
from motion_preflight.formats.style import Style
from motion_preflight.provider.state import State
from motion_preflight.submission.receipt import Receipt
from motion_preflight.text.numbers import AmountRange

PLAIN, COLOUR, NARROW, ASCII = Style(), Style(colour=True), Style(40), Style(unicode=False)
STYLES = [PLAIN, COLOUR, NARROW, Style(100), ASCII, Style(40, colour=True, unicode=False)]
EVIL = "a\x1b[2J\x07\r\n\x9b1m\u202eb\u2028c\ud800"
DASHED = re.compile("\x1b\\[[0-9;]+m")  # our own colours


def span(low: str, high: str | None = None) -> AmountRange:
    return AmountRange(Decimal(low), Decimal(high or low))


def receipt(**fields: Any) -> Receipt:
    """What is known of a request that is done."""
    usual = Receipt(
        intent="a1b2c3d4e5f6",
        state=State.COMPLETED,
        created=NOW,
        updated=NOW + dt.timedelta(minutes=9, seconds=5),
        label="dance.json",
        origin="https://api.apimart.ai",
        identity="ab" * 32,
        idempotency_key="motion-preflight-0123",
        body=body(),
        currency="USD",
        estimate=span("0.45696", "0.51408"),
        task_id="task_1",
        request_id="r-1",
        cost=Decimal("0.45696"),
        error=None,
        files=("/home/me/task_1.mp4",),
    )
    return replace(usual, **fields)


NOTHING = receipt(
    intent="", state=State.SUBMITTED, label="", body={}, estimate=None, request_id=None,
    cost=None, files=(), origin="", identity="", idempotency_key="",
)  # fmt: skip


# ---------------------------------------------------------------- one receipt


@pytest.mark.parametrize("style", [Style(50, terminal=True), Style(50, colour=True, terminal=True)])
def test_the_command_of_the_next_step_stands_behind_its_label_on_a_narrow_terminal(
    style: Style,
) -> None:
    running = receipt(state=State.SUBMITTED, task_id="task_1775723968020187", files=(), cost=None)
    lines = DASHED.sub("", receipt_text(running, style)).split("\n")
    assert lines[-2:] == [
        "  next      motion-preflight tasks wait \\",
        "                task_1775723968020187",
    ]


def test_a_receipt_that_has_everything() -> None:
    assert receipt_text(receipt(error="it was slow"), PLAIN) == (
        "completed   dance.json\n"
        "            task task_1, intent a1b2c3d4e5f6\n"
        "  cost      billed USD 0.45696, estimated USD 0.46 to 0.51\n"
        "  file      /home/me/task_1.mp4\n"
        "  why       it was slow"
    )


def test_a_receipt_with_its_date() -> None:
    first, _ = receipt_text(receipt(), PLAIN, dated=True).split("\n", 1)
    assert first == "completed   dance.json  2026-12-01 12:00 UTC"


def test_a_receipt_that_has_nothing_says_nothing_that_is_not_known() -> None:
    unknown = receipt(state=State.UNKNOWN, task_id=None, cost=None, estimate=None, files=())
    head, _, rest = receipt_text(unknown, PLAIN).partition("\n  next ")
    assert head == "unknown     dance.json\n            intent a1b2c3d4e5f6"
    assert "`motion-preflight tasks resolve a1b2c3d4e5f6 --not-sent`" in rest


def test_a_task_that_is_not_in_the_ledger_has_its_id_for_a_name_and_no_date() -> None:
    for dated in (False, True):
        assert receipt_text(NOTHING, PLAIN, dated=dated) == (
            "submitted   task_1\n            task task_1, not in the ledger\n"
            "  next      `motion-preflight tasks wait task_1`"
        )


@pytest.mark.parametrize("state", State)
def test_every_state_is_shown_in_its_colour(state: State) -> None:
    plain = receipt_text(receipt(state=state), PLAIN)
    painted = receipt_text(receipt(state=state), COLOUR)
    assert plain.startswith(f"{state.value:<11} dance.json")
    assert "\x1b" not in plain
    codes = {"red": "31", "green": "32", "yellow": "33"}
    assert painted.startswith(f"\x1b[{codes[COLOURS[state]]};1m{state.value}")
    assert DASHED.sub("", painted) == plain


def test_what_went_wrong_is_red_and_what_is_open_is_not_green() -> None:
    wrong = {State.FAILED, State.CANCELLED, State.REJECTED, State.UNKNOWN}
    assert {state for state, colour in COLOURS.items() if colour == "red"} == wrong
    assert {state for state, colour in COLOURS.items() if colour == "green"} == {
        State.SUBMITTED, State.COMPLETED,
    }  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
def test_lines_have_the_width_that_there_is(style: Style) -> None:
    long = "the person could not be followed through the whole video, and the job ended early"
    shown = receipt_text(receipt(error=long, files=("a.mp4", "b.mp4")), style)
    lines = DASHED.sub("", shown).split("\n")
    assert all(len(line) <= style.width for line in lines)
    assert " ".join(shown.split("why")[1].split()).endswith(long[-30:])
    assert [line.split() for line in lines if "file" in line] == [
        ["file", "a.mp4"], ["file", "b.mp4"],
    ]  # fmt: skip


def test_a_path_without_spaces_is_never_broken() -> None:
    path = "/home/me/" + "videos-" * 20 + "task_1.mp4"
    assert path in receipt_text(receipt(files=(path,)), NARROW)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("field", ["label", "task_id", "error", "origin", "request_id", "files"])
def test_words_of_others_cannot_drive_a_terminal(field: str, style: Style) -> None:
    odd = receipt(**{field: (EVIL,) if field == "files" else EVIL})
    for text in (
        receipt_text(odd, style, dated=True),
        receipt_text(replace(odd, label=""), style),
        list_text([odd, odd], style),
        show_text(odd, style),
        show_text(replace(odd, body=body(prompt=EVIL, **{EVIL: [EVIL, {EVIL: EVIL}]})), style),
        dry_run_text([(EVIL, {"prompt": EVIL, EVIL: EVIL})], "https://a.b", "USD 1", style),
    ):
        rest = DASHED.sub("", text).replace("\n", "")
        assert not {category(sign) for sign in rest} & {"Cc", "Cs", "Zl", "Zp"}
        assert "\u202e" not in rest
        text.encode("utf-8")


def test_a_label_of_several_lines_stays_on_its_line() -> None:
    lines = receipt_text(receipt(label="a\ncompleted   b"), PLAIN).split("\n")
    assert lines[0] == "completed   a�completed   b"
    assert sum(line.startswith("completed") for line in lines) == 1


# ---------------------------------------------------------------- its cost


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "billed USD 0.45696, estimated USD 0.46 to 0.51"),
        ({"cost": None}, "estimated USD 0.46 to 0.51"),
        ({"estimate": None}, "billed USD 0.45696"),
        ({"cost": None, "estimate": None}, ""),
        ({"cost": Decimal(0)}, "billed USD 0.00, estimated USD 0.46 to 0.51"),
        ({"cost": Decimal("0.00")}, "billed USD 0.00, estimated USD 0.46 to 0.51"),
        ({"cost": Decimal("1E+1"), "estimate": None}, "billed USD 10.00"),
        ({"cost": Decimal("1E-7"), "estimate": None}, "billed USD 0.0000001"),
        ({"cost": None, "estimate": span("0.5")}, "estimated USD 0.50"),
        ({"cost": None, "estimate": span("0.501", "0.504")}, "estimated USD 0.50"),
        ({"cost": None, "estimate": span("0")}, "estimated USD 0.00"),
        ({"cost": None, "estimate": span("3", "30000000")}, "estimated USD 3.00 to 30000000.00"),
        ({"cost": None, "currency": "CNY"}, "estimated CNY 0.46 to 0.51"),
        ({"currency": "", "estimate": None}, "billed USD 0.45696"),
        pytest.param(
            {"currency": "CNY"},
            "billed USD 0.45696, estimated CNY 0.46 to 0.51",
            id="the provider bills dollars, whatever the profile's prices are in",
        ),
    ],
)
def test_the_cost_is_told_as_far_as_it_is_known(fields: dict[str, Any], text: str) -> None:
    assert cost_of(receipt(**fields)) == text


@pytest.mark.parametrize(
    ("estimates", "text"),
    [
        ([], "no known cost"),
        ([None], "no known cost"),
        ([None, None], "no known cost"),
        ([span("0.5")], "USD 0.50"),
        ([span("0.5", "0.6")], "USD 0.50 to 0.60"),
        ([span("0.5", "0.6"), span("0.1")], "USD 0.60 to 0.70"),
        ([span("0.004")] * 3, "USD 0.01"),
        ([span("0")], "USD 0.00"),
        ([span("0.5"), None], "USD 0.50, 1 of them without a known price"),
        ([None, span("0.5"), None], "USD 0.50, 2 of them without a known price"),
    ],
)
def test_a_total_says_what_it_leaves_out(estimates: list[AmountRange | None], text: str) -> None:
    assert total_text(estimates, "USD") == text


# ---------------------------------------------------------------- several, all of one, a dry run


def test_several_receipts_are_one_after_the_other_in_their_order() -> None:
    one, other = receipt(label="one.json"), receipt(label="other.json", state=State.FAILED)
    dated = [receipt_text(item, PLAIN, dated=True) for item in (other, one)]
    sums = ["", "2 of 2 requests sent, 1 done, 1 failed; billed USD 0.91392; estimated USD 0.91",
            "  to 1.03"]  # fmt: skip
    assert list_text([other, one], PLAIN) == "\n".join([*dated, *sums])
    assert list_text([one], PLAIN) == dated[1]


def test_estimates_of_several_currencies_are_not_added() -> None:
    receipts = [receipt(), receipt(currency="EUR", estimate=span("2")), receipt()]
    assert sums_text(receipts, 3).endswith("; estimated USD 0.91 to 1.03 and EUR 2.00")


def test_a_file_that_was_measured_has_its_length_beside_what_was_paid() -> None:
    file, price = "/home/me/task_1.mp4", Decimal("0.05712")
    measured = receipt(lengths={file: span("8.049")}, price_per_second=price)
    assert f"file      {file}\n            8.0 s paid, 8.0 s received" in receipt_text(
        measured, PLAIN
    )
    between = receipt(lengths={file: span("7.94", "8.1")}, price_per_second=price)
    assert "8.0 s paid, 7.9 to 8.1 s received" in receipt_text(between, PLAIN)
    for unpriced in (receipt(lengths={file: span("8")}), replace(measured, currency="EUR")):
        text = receipt_text(unpriced, PLAIN)
        assert "8.0 s received" in text
        assert "paid" not in text


def test_an_empty_ledger_says_so() -> None:
    assert none_text(0, PLAIN, forgotten=False).startswith("the ledger has no request yet")
    assert "spend` has their sums" in none_text(0, PLAIN, forgotten=True)


def test_a_ledger_of_which_nothing_was_asked_for_says_how_many_requests_it_has() -> None:
    assert "the ledger has 1 request, and none matches:" in none_text(1, PLAIN, forgotten=False)
    text = none_text(1200, NARROW, forgotten=True)
    assert "1,200 requests," in text
    assert max(map(len, text.split("\n"))) <= NARROW.width


def test_all_of_one_receipt_ends_with_its_body() -> None:
    head, shown = show_text(receipt(), PLAIN).split("\n\n")
    assert head.split("\n")[-4:] == [
        "  provider  https://api.apimart.ai",
        "  updated   2026-12-01 12:09:05 UTC",
        "  support   request id r-1",
        "  key       motion-preflight-0123 (Idempotency-Key)",
    ]
    assert json.loads(shown) == body()


def test_a_client_that_sends_no_key_is_told() -> None:
    shown = show_text(receipt(idempotency_key=""), PLAIN)
    assert "  key       no Idempotency-Key was sent\n" in shown


def test_an_answer_without_an_id_is_told() -> None:
    assert "  support   request id not given\n" in show_text(receipt(request_id=None), PLAIN)


@pytest.mark.parametrize("prompt", ["日本 – é", "\u202e", "\x85", "a\nb", "\ud83d", "\u2028"])
def test_the_body_is_shown_in_signs_that_the_stream_has(prompt: str) -> None:
    _, shown = show_text(receipt(body=body(prompt=prompt)), ASCII).split("\n\n")
    assert shown.isascii()
    assert json.loads(shown)["prompt"] == prompt


def test_a_dry_run_says_what_would_be_sent() -> None:
    url = "https://api.apimart.ai/v1/videos/generations"
    bodies: list[tuple[str, dict[str, object]]] = [("a.json", {"mode": "std"}), ("b.json", body())]
    shown = dry_run_text(bodies, url, "USD 0.50", PLAIN)
    assert shown.startswith(f'POST {url}  a.json\n{{\n  "mode": "std"\n}}\nPOST {url}  b.json\n{{')
    assert shown.endswith("}\n\n2 POSTs, USD 0.50. Nothing was sent: a dry run.")
    assert dry_run_text(bodies[:1], url, "x", PLAIN).endswith("\n1 POST, x. Nothing was sent: a "
                                                             "dry run.")  # fmt: skip
    assert dry_run_text([], url, "no known cost", PLAIN) == (
        "\n0 POSTs, no known cost. Nothing was sent: a dry run."
    )


def test_lines_of_ours_stay_lines() -> None:
    assert printable_lines("a\n\nb\x1b\n") == "a\n\nb�\n"


# ---------------------------------------------------------------- for programs


def written(*receipts: Receipt) -> list[dict[str, Any]]:
    """The tasks of the document, as a program reads them."""
    document = tasks_document(receipts)
    TypeAdapter(TasksDocument).validate_python(document, strict=True)
    read = json.loads(json.dumps(document, allow_nan=False))
    assert read["schema"] == "motion-preflight/tasks/1"
    assert list(read) == ["schema", "tool", "tasks", "published", "interrupted", "errors"]
    tasks: list[dict[str, Any]] = read["tasks"]
    return tasks


def test_the_document_of_a_receipt_that_has_everything() -> None:
    assert written(receipt(error="slow")) == [
        {
            "intent": "a1b2c3d4e5f6",
            "state": "completed",
            "task_id": "task_1",
            "created": "2026-12-01T12:00:00+00:00",
            "updated": "2026-12-01T12:09:05+00:00",
            "label": "dance.json",
            "model": "kling-v2-6-motion-control",
            "mode": "std",
            "estimate": {"low": 0.45696, "high": 0.51408},
            "cost": 0.45696,
            "error": "slow",
            "files": ["/home/me/task_1.mp4"],
            "request_id": "r-1",
            "answer": None,
            "seconds": None,
            "paid_seconds": None,
            "lengths": {},
        }
    ]


def test_what_is_not_known_is_null_in_the_document() -> None:
    (task,) = written(NOTHING)
    assert {name for name, value in task.items() if value is not None} == {
        "state", "task_id", "files", "lengths",
    }  # fmt: skip
    assert (task["files"], task["lengths"]) == ([], {})
    (task,) = written(receipt(task_id=None, cost=None, estimate=None, body={"model": 5}))
    nulls = {
        "task_id", "cost", "estimate", "model", "mode", "error", "answer", "seconds",
        "paid_seconds",
    }  # fmt: skip
    assert {name for name, value in task.items() if value is None} == nulls


def test_a_cost_of_nothing_is_not_an_unknown_one() -> None:
    (task,) = written(receipt(cost=Decimal(0), estimate=span("0")))
    assert (task["cost"], task["estimate"]) == (0, {"low": 0, "high": 0})


def test_the_order_of_the_document_is_that_of_the_receipts() -> None:
    labels = [str(number) for number in range(5)]
    assert [
        task["label"] for task in written(*(receipt(label=label) for label in labels))
    ] == labels
    assert written() == []


@pytest.mark.parametrize("state", State)
def test_every_state_is_a_word_of_the_schema(state: State) -> None:
    assert written(receipt(state=state))[0]["state"] == state.value


def test_words_of_others_are_whole_in_the_document() -> None:
    (task,) = written(receipt(label=EVIL, error=EVIL, task_id=EVIL, files=(EVIL,)))
    assert [task["label"], task["error"], task["task_id"], *task["files"]] == [EVIL] * 4


@given(st.text(max_size=30), st.integers(40, 100), st.booleans(), st.booleans())
def test_whatever_a_receipt_holds_it_can_be_shown(
    text: str,
    width: int,
    colour: bool,  # noqa: FBT001
    unicode: bool,  # noqa: FBT001
) -> None:
    style = Style(width, colour, unicode)
    odd = receipt(label=text, task_id=text, error=text, files=(text, text), body={text: text})
    shown = DASHED.sub("", show_text(odd, style))
    assert not {category(sign) for sign in shown.replace("\n", "")} & {"Cc", "Cs", "Zl", "Zp"}
    assert written(odd)[0]["label"] == (text or None)


def test_a_narrow_terminal_breaks_a_heading_before_its_date_alone() -> None:
    style = Style(width=40, terminal=True)
    heading, when, *_ = list_text([receipt(label="x-three.jsonl:3")], style).splitlines()
    assert heading.split() == ["completed", "x-three.jsonl:3"]
    assert when.endswith(" UTC")
    assert len(when.split()) == 3
