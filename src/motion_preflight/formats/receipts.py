"""Receipts for people: what was sent, what became of it, and what it cost."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.formats.source_location import place_of
from motion_preflight.formats.style import Span
from motion_preflight.formats.text_blocks import money, path_row, row
from motion_preflight.provider.state import State
from motion_preflight.submission.receipt import FREE, in_command
from motion_preflight.text.locations import printable
from motion_preflight.text.numbers import format_money as money_of
from motion_preflight.text.numbers import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from motion_preflight.formats.style import Style
    from motion_preflight.submission.receipt import Receipt
    from motion_preflight.text.numbers import AmountRange

COLOURS = {
    State.SENDING: "yellow", State.SUBMITTED: "green", State.COMPLETED: "green",
    State.FAILED: "red", State.CANCELLED: "red", State.REJECTED: "red", State.UNKNOWN: "red",
    State.NOT_SENT: "yellow",
}  # fmt: skip
WAIT = "motion-preflight tasks wait"
_STATE = 11  # columns
# The words by which the requests that were sent are summed up.
_SUMMED = {
    "done": {State.COMPLETED}, "failed": {State.FAILED, State.CANCELLED},
    "under way": {State.SENDING, State.SUBMITTED}, "unknown": {State.UNKNOWN},
}  # fmt: skip


def receipt_text(
    receipt: Receipt, style: Style, *, dated: bool = False, result: str | None = None
) -> str:
    """The lines of one receipt: state and label, then task, cost, files and what went wrong.
    `result` replaces the usual line about a result that was not fetched.
    """
    when: list[Span] = []
    if dated and receipt.intent:
        when = [Span("  "), Span(f"{receipt.created:%Y-%m-%d %H:%M} UTC", whole=True)]
    label = receipt.label or receipt.task_id or ""
    lines = state_line(word_of(receipt), COLOURS[receipt.state], label, style, when)
    ids = [f"task {receipt.task_id}"] if receipt.task_id else []
    ids += [f"intent {receipt.intent}"] if receipt.intent else ["not in the ledger"]
    lines += row("", ", ".join(ids), style)
    cost = cost_of(receipt)
    lines += row("cost", cost, style) if cost else []
    for file in receipt.files:
        lines += path_row("file", file, style)
        length = length_of(receipt, file)
        lines += row("", length, style) if length else []
    if result:
        lines += row("result", result, style)
    elif receipt.state is State.COMPLETED and not receipt.files:
        lines += row("result", f"not fetched: {fetch_text(in_command(receipt))}", style)
    if receipt.state is State.SUBMITTED:
        lines += row("next", f"`{WAIT} {in_command(receipt)}`", style)
    if receipt.error:
        lines += row("why", receipt.error, style)
    if receipt.state is State.UNKNOWN:
        command = f"motion-preflight tasks resolve {receipt.intent}"
        about = f"{receipt.model or 'this'}, made about {receipt.created:%Y-%m-%d %H:%M} UTC"
        text = f"look into the provider's list of tasks for one of {about}. If it is there:"
        text += f" `{command} --task TASK_ID`; if not: `{command} --not-sent`"
        lines += row("next", text, style)
    return "\n".join(lines)


def word_of(receipt: Receipt) -> str:
    """What became of a request, in a word or two."""
    return "done already" if receipt.already_done else receipt.state.value


def fetch_text(task: str = "--unfetched") -> str:
    """The command that fetches the result of a task, or of all that were not fetched, between
    backticks.
    """
    return f"`{WAIT} {task} --download DIR`"


def state_line(
    state: str, colour: str, label: str, style: Style, more: Sequence[Span] = ()
) -> list[str]:
    """The heading about a request: what became of it, its label with a link to its file, and
    `more`.
    """
    blank = Span(" " * max(_STATE + 1 - len(state), 1))
    name = Span(label, ("bold",), style.file_uri(place_of(label).file), whole=True)
    spans = [Span(state, (colour, "bold")), blank, name, *more]
    return style.heading(spans, "  ")


def cost_of(receipt: Receipt) -> str:
    """The billed cost next to the estimate, as far as they are known; empty if neither is."""
    estimate = money(receipt.estimate, receipt.currency) if receipt.estimate else None
    if receipt.cost is None:
        return f"estimated {estimate}" if estimate and receipt.state not in FREE else ""
    cents = receipt.cost.quantize(Decimal("0.01"))
    exact = cents if cents == receipt.cost else receipt.cost
    billed = f"billed USD {exact:f}"  # the provider's unit (documented)
    return f"{billed}, estimated {estimate}" if estimate else billed


def length_of(receipt: Receipt, file: str) -> str:
    """What was paid for and what came: `12.0 s paid, 8.1 s received`; empty where the file was not
    measured.
    """
    received = receipt.lengths.get(file)
    if received is None:
        return ""
    paid = f"{receipt.paid_seconds:.1f} s paid, " if receipt.paid_seconds is not None else ""
    low, high = f"{received.low:.1f}", f"{received.high:.1f}"
    return f"{paid}{low if low == high else f'{low} to {high}'} s received"


def show_text(receipt: Receipt, style: Style) -> str:
    """Everything that the ledger knows of one request."""
    lines = [receipt_text(receipt, style, dated=True)]
    for name, value in (
        ("provider", receipt.origin),
        ("updated", f"{receipt.updated:%Y-%m-%d %H:%M:%S} UTC"),
        ("support", f"request id {receipt.request_id or 'not given'}"),
        (
            "key",
            f"{receipt.idempotency_key} (Idempotency-Key)"
            if receipt.idempotency_key
            else "no Idempotency-Key was sent",
        ),
        *([("answer", receipt.answer)] if receipt.answer else []),
    ):
        lines += row(name, value, style)
    body = json.dumps(dict(receipt.body), indent=2, ensure_ascii=not style.unicode)
    return "\n".join([*lines, "", printable_lines(body)])


def dry_run_text(
    bodies: Sequence[tuple[str, dict[str, object]]],
    url: str,
    total: str,
    style: Style,
    *,
    done: str = "",
) -> str:
    """What would be sent: each body as the provider would get it, with URLs redacted, then count
    and total. `done` stands before the count and says what is done already.
    """
    lines = []
    for label, body in bodies:
        shown = json.dumps(body, indent=2, ensure_ascii=not style.unicode)
        lines += [f"POST {url}  {style.paint(printable(label), 'bold')}", printable_lines(shown)]
    lines += ["", f"{done}{plural(len(bodies), 'POST')}, {total}. Nothing was sent: a dry run."]
    return "\n".join(lines)


def total_text(estimates: Sequence[AmountRange | None], currency: str) -> str:
    """What several requests may cost together; requests without a known price are counted."""
    priced = [estimate for estimate in estimates if estimate]
    text = money(sum(priced[1:], priced[0]), currency) if priced else "no known cost"
    unknown = len(estimates) - len(priced)
    return f"{text}, {unknown} of them without a known price" if unknown and priced else text


def sums_text(receipts: Sequence[Receipt], requests: int) -> str:
    """The result of a batch: how many requests were sent and are done, what was billed and
    estimated.
    """
    sent = [
        receipt for receipt in receipts if receipt.state not in FREE and not receipt.already_done
    ]
    text = f"{len(sent)} of {requests} requests sent"
    for word, states in _SUMMED.items():
        count = sum(receipt.state in states for receipt in sent)
        if count or (sent and word == "done"):
            text += f", {count} {word}"
    earlier = [receipt for receipt in receipts if receipt.already_done]
    if earlier:
        text += f", {len(earlier)} done already (billed before: {_billed(earlier, 'not known')})"
    if not sent:
        return text
    by_currency: dict[str, list[AmountRange | None]] = {}
    for receipt in sent:
        by_currency.setdefault(receipt.currency, []).append(receipt.estimate)
    estimated = [total_text(estimates, currency) for currency, estimates in by_currency.items()]
    billed = _billed(sent, "not known yet")
    return f"{text}; billed {billed}; estimated {' and '.join(estimated)}"


def _billed(receipts: Sequence[Receipt], unknown: str) -> str:
    """The sum of the known bills; the text `unknown` where none is known."""
    costs = [receipt.cost for receipt in receipts if receipt.cost is not None]
    if not costs:
        return unknown
    part = f" for {len(costs)} of them" if len(costs) < len(receipts) else ""
    return f"USD {money_of(sum(costs, Decimal(0)))}{part}"


def printable_lines(text: str) -> str:
    """Lines of our own that hold values from outside, made safe to print."""
    return "\n".join(printable(line) for line in text.split("\n"))
