"""Receipts as a list. Of many there is a line a request below what is equal in them; failures,
unknown outcomes and whatever is not under way or completed keep their paragraphs, and stand last.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.formats.receipts import (
    COLOURS,
    WAIT,
    cost_of,
    fetch_text,
    length_of,
    receipt_text,
    state_line,
    sums_text,
    word_of,
)
from motion_preflight.formats.source_location import place_of
from motion_preflight.formats.style import Span
from motion_preflight.formats.text_blocks import path_row, row
from motion_preflight.provider.state import State
from motion_preflight.submission.receipt import in_command
from motion_preflight.text.numbers import plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from motion_preflight.formats.style import Style
    from motion_preflight.submission.receipt import Receipt

FEW = 5  # up to so many receipts have a paragraph each
_CALM = frozenset((State.SUBMITTED, State.COMPLETED))
_INDENT = " " * 4


class _Row(NamedTuple):
    """A receipt, and the words that replace the usual ones about its result."""

    receipt: Receipt
    result: str | None

    @property
    def group(self) -> tuple[str, bool] | None:
        """What the rows of a group have in common; `None` for a paragraph of its own."""
        receipt = self.receipt
        if receipt.state not in _CALM or receipt.error or not receipt.intent:
            return None
        return word_of(receipt), bool(receipt.files)


def list_text(receipts: Sequence[Receipt], style: Style, matching: Sequence[Receipt] = ()) -> str:
    """Several receipts in the given order, and what they come to; empty without any. Where they are
    only the newest of those `matching` what was asked for, that is said, and the sums cover all.
    """
    summed = matching or receipts
    lines = [receipts_text(receipts, style, dated=True)] if receipts else []
    if len(summed) > 1 or len(summed) > len(receipts):
        text = sums_text(summed, len(summed))
        if len(summed) > len(receipts):
            text = f"{_part_text(len(receipts), len(summed))} {text}"
        lines += [*([""] if receipts else []), *style.wrap(text, "  ", "")]
    return "\n".join(lines)


def _part_text(listed: int, matching: int) -> str:
    """How many requests are listed, before the sums of all that match."""
    all_ = plural(matching, "request")
    if listed < 2:
        return f"{'the newest' if listed else 'none'} of {all_} is listed; all together:"
    return f"the newest {listed:,} of {all_} are listed; all together:"


def none_text(rows: int, style: Style, *, forgotten: bool) -> str:
    """Why there is no receipt to show: none of the ledger's `rows` was asked for, or it has none.
    The rows of sent requests may be `forgotten`.
    """
    text = "the ledger has no request yet: `motion-preflight submit REQUEST` begins it"
    if rows:
        known = f"the ledger has {plural(rows, 'request')}"
        text = f"{known}, and none matches: `motion-preflight tasks list`"
    elif forgotten:
        text = "every request was forgotten; `motion-preflight spend` has their sums"
    return "\n".join(style.paragraph(text, "  ", ""))


def receipts_text(
    receipts: Sequence[Receipt],
    style: Style,
    *,
    dated: bool = False,
    results: Mapping[int, str | None] | None = None,
) -> str:
    """Receipts, the parts of more than `FEW` that are equal only once. `results` replace what is
    usually said of a result, by index.
    """
    rows = [_Row(item, (results or {}).get(index)) for index, item in enumerate(receipts)]
    groups = list(_groups(rows)) if len(rows) > FEW else []
    together = {id(item) for group in groups for item in group}
    lines = [line for group in groups for line in _group(group, style, dated=dated)]
    lines += [
        receipt_text(item.receipt, style, dated=dated, result=item.result)
        for item in rows
        if id(item) not in together
    ]
    return "\n".join(lines)


def _groups(rows: Sequence[_Row]) -> Iterator[list[_Row]]:
    """The rows that have a heading in common, at least two of each; where they have few different
    costs, those of one cost.
    """
    states: dict[tuple[str, bool], list[_Row]] = {}
    for item in rows:
        if item.group is not None:
            states.setdefault(item.group, []).append(item)
    for group in states.values():
        costs: dict[str, list[_Row]] = {}
        for item in group:
            costs.setdefault(cost_of(item.receipt), []).append(item)
        few = len(costs) <= FEW and all(len(part) > 1 for part in costs.values())
        yield from (part for part in (costs.values() if few else [group]) if len(part) > 1)


def _group(rows: Sequence[_Row], style: Style, *, dated: bool) -> Iterator[str]:
    """What is equal in these rows, then a line for each with what is not."""
    first = rows[0].receipt
    texts = [_texts(item, dated=dated) for item in rows]
    shared = {
        name: value
        for name, value in texts[0].items()
        if all(other[name] == value for other in texts)
    }
    day = f"  {shared['day']} UTC" if shared.get("day") else ""
    count = Span(plural(len(rows), "request"), ("bold",))
    yield from state_line(word_of(first), COLOURS[first.state], "", style, [count, Span(day)])
    cost, length = shared.get("cost"), shared.get("length")
    yield from row("cost", f"{cost} each", style) if cost else []
    if shared.get("folder"):
        yield from path_row("files", shared["folder"], style, "in ")
    yield from row("", f"{length} each", style) if length else []
    if shared.get("result"):
        yield from row("result", shared["result"], style)
    elif first.state is State.COMPLETED and not first.files and not rows[0].result:
        yield from row("result", f"not fetched: {fetch_text()}", style)
    if first.state is State.SUBMITTED:
        yield from row("next", f"`{WAIT}`", style)
    yield from _lines(rows, texts, shared, style)


def _texts(item: _Row, *, dated: bool) -> dict[str, str]:
    """What a row says beside its name, by what it is about; empty where there is nothing."""
    receipt = item.receipt
    folders = {str(PurePath(file).parent) for file in receipt.files}
    lengths = dict.fromkeys(length_of(receipt, file) for file in receipt.files)
    return {
        "cost": cost_of(receipt),
        "length": ", ".join(filter(None, lengths)),
        "result": item.result or "",
        "day": f"{receipt.created:%Y-%m-%d}" if dated else "",
        "folder": folders.pop() if len(folders) == 1 else "",
    }


def _lines(
    rows: Sequence[_Row],
    texts: Sequence[Mapping[str, str]],
    shared: Mapping[str, str],
    style: Style,
) -> Iterator[str]:
    """A line a row: its label, its file or its task, and what is not `shared`."""
    labels = [item.receipt.label for item in rows]
    width = max(map(len, labels))
    width = width if width <= style.width // 3 else 0  # a long label would push all others away
    for item, text in zip(rows, texts, strict=True):
        label = item.receipt.label
        spans = [Span(label, (), style.file_uri(place_of(label).file), whole=True)]
        spans.append(Span(" " * max(width - len(label), 0)))
        for name in _names(item.receipt, style, whole=not shared.get("folder")):
            spans += [Span("  "), name]
        spans += [
            Span(f"  {_short(text[name]) if name == 'cost' else text[name]}")
            for name in ("cost", "length", "result", "day")
            if name not in shared and text[name]
        ]
        yield from style.flow(spans, _INDENT + "  ", _INDENT)


def _short(cost: str) -> str:
    """The bill alone where there is one: what was estimated is in the sums below."""
    return cost.partition(", estimated ")[0]


def _names(receipt: Receipt, style: Style, *, whole: bool) -> Iterator[Span]:
    """The files of a receipt, `whole` with their folder, and its task where no file names it."""
    names = [file if whole else PurePath(file).name for file in receipt.files]
    for file, name in zip(receipt.files, names, strict=True):
        yield Span(name, (), style.file_uri(file), whole=True)
    if not any(str(receipt.task_id) in name for name in names):
        yield Span(in_command(receipt) if receipt.task_id else receipt.intent)
