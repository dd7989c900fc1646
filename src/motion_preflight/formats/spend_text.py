"""Where the money went, for people: a bar for each group, what it came to, and what the bills and
the usage page say about the estimates.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.formats.style import Span
from motion_preflight.formats.text_blocks import money
from motion_preflight.submission.spending import BILLED_IN, weight
from motion_preflight.text.locations import printable
from motion_preflight.text.numbers import AmountRange, format_decimal, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from motion_preflight.formats.spend import SpendReport
    from motion_preflight.formats.style import Style
    from motion_preflight.report.planned import PlannedCost
    from motion_preflight.submission.reconciliation import ReconciledModel, Reconciliation
    from motion_preflight.submission.spending import SpendRow, Sums

_INDENT = "  "
_ZERO, _CENT = Decimal(0), Decimal("0.01")
_SHORTEST_BAR = 6  # columns


def spend_text(report: SpendReport, style: Style) -> str:
    """The rows, their total, the roundings and what the usage page says."""
    if not report.rows:
        return "\n".join([*_nothing(report), *reconciliation_lines(report, style)])
    lines = list(rows_text(report.rows, style))
    if report.total:
        text = roundings_text(report.total.sums)
        lines += [""] if text or len(report.rows) > 1 else []
        if len(report.rows) > 1:  # else the row says it all
            amount = _amount(report.total)
            lines.append(style.paint(f"total{f'  {amount}' if amount else ''}", "bold"))
            lines += style.wrap(_details(report.total), _INDENT)
        lines += style.wrap(text, _INDENT) if text else []
    if len(report.origins) > 1:
        text = f"of {len(report.origins)} providers: {', '.join(report.origins)}"
        lines += style.wrap(text, _INDENT)
    return "\n".join([*lines, *reconciliation_lines(report, style)]).rstrip()


def _nothing(report: SpendReport) -> list[str]:
    days = " in these days" if report.since or report.until else ""
    return [f"the ledger has no request{days}"]


def rows_text(rows: Sequence[SpendRow], style: Style, *, details: bool = True) -> Iterator[str]:
    """For each row a line with its name, bar and amount, and below it the `details` that it is made
    of. Where names are long they have a line of their own.
    """
    names = [_name(row) for row in rows]
    amounts = [_amount(row) for row in rows]
    longest, widest = max(map(len, names)), max(map(len, amounts))
    # A sign that is no ASCII may take two columns, which would move the bar.
    inline = longest <= style.width * 2 // 5 and all(map(str.isascii, names))
    left = longest + 2 if inline else len(_INDENT)
    cells = max(style.width - left - widest - 2, _SHORTEST_BAR)
    most = max(map(weight, rows))
    for row, name, amount in zip(rows, names, amounts, strict=True):
        if inline:
            start = style.paint(f"{name:<{longest}}", "bold") + "  "
        else:
            yield style.paint(_cut(name, style.width), "bold")
            start = _INDENT
        yield f"{start}{_bar(row, most, cells, style)}  {style.paint(amount, 'bold')}".rstrip()
        indent = " " * left if inline and left <= style.width // 3 else _INDENT * 2
        if details:
            yield from style.flow(_details_spans(row), indent, indent)


def planned_text(
    report: SpendReport,
    length: Decimal,
    plans: Sequence[PlannedCost],
    max_cost: Decimal | None,
    style: Style,
) -> str:
    """What clips of a length (seconds) would cost, the cheapest first, which models allow one, and
    what is within the budget.
    """
    lines = list(rows_text(report.rows, style, details=False))
    allowed: dict[tuple[str, ...], list[str]] = {}
    for plan in plans:
        allowed.setdefault(plan.orientations, []).append(plan.model)
    count, seconds = report.rows[0].sums.count, _seconds(plans[0].seconds)
    together = f"{plural(count, 'clip')} of {format_decimal(length)} s: {seconds} s to pay"
    lines += ["", *style.wrap(f"{together}, however they are rounded", "")]
    for orientations, names in allowed.items():
        which = f" by {', '.join(dict.fromkeys(names))}" if len(allowed) > 1 else ""
        text = f"the length is allowed{which} for {' and '.join(orientations)}"
        refused = f"the length is allowed{which} for no orientation"
        lines += style.wrap(text if orientations else refused, "")
    if max_cost is not None:
        fitting = sum(bool(plan.amount and plan.amount.high <= max_cost) for plan in plans)
        amount = money(AmountRange(max_cost, max_cost), report.rows[0].currency or BILLED_IN)
        lines += style.wrap(f"{fitting} of {len(plans)} within the budget of {amount}", "")
    return "\n".join(lines)


def roundings_text(sums: Sums) -> str:
    """Which roundings of the seconds the bills fit; empty where no bill could be compared, or where
    the bills tell nothing, because they fit each of several roundings.
    """
    if not sums.compared or (len(sums.fits) > 1 and set(sums.fits.values()) == {sums.compared}):
        return ""
    words = {0: "none", sums.compared: "all" if sums.compared > 1 else "it"}
    fits = sorted(sums.fits.items(), key=lambda entry: -entry[1])
    texts = [f"{name} fits {words.get(count, count)}" for name, count in fits]
    return f"how seconds are rounded, by {plural(sums.compared, 'bill')}: {', '.join(texts)}"


def unbilled_text(report: SpendReport) -> str:
    """How many requests have no known bill and what asks for it; empty where none is missing.
    Requests with an unknown outcome are counted by themselves everywhere.
    """
    waiting = report.total.sums.unbilled - report.total.sums.unknown if report.total else 0
    if not waiting:
        return ""
    count = f"{plural(waiting, 'request')} without a known bill"
    return f"{count}: `motion-preflight tasks wait` asks for those under way"


def _name(row: SpendRow) -> str:
    values = [
        value or ("forgotten" if name == "label" else f"no {name}")
        for name, value in row.by.items()
    ]
    return printable(", ".join(values))


def _cut(name: str, width: int) -> str:
    return name if len(name) <= width else f"…{name[1 - width :]}"


def _bar(row: SpendRow, most: Decimal, cells: int, style: Style) -> str:
    """A bar of what was billed, and dots for what has no bill yet, at its high estimate."""
    if not most:
        return " " * cells
    billed = round((row.sums.billed or _ZERO) / most * cells)
    whole = round(weight(row) / most * cells)
    if weight(row) and not whole:
        whole, billed = 1, int(bool(row.sums.billed))
    parts = (("━" * billed, "green"), ("┄" * (whole - billed), "yellow"))
    drawn = "".join(style.paint(part, colour) for part, colour in parts if part)
    return drawn + " " * (cells - whole)


def _amount(row: SpendRow) -> str:
    """What a row cost as far as it is billed, and may cost for the rest."""
    sums = row.sums
    if sums.billed is None and sums.open is None:
        return ""
    if row.currency != BILLED_IN and sums.billed is not None:
        return f"{BILLED_IN} {sums.billed:.2f}"
    open_ = sums.open or AmountRange(_ZERO, _ZERO)
    billed = sums.billed or _ZERO
    return money(AmountRange(billed + open_.low, billed + open_.high), row.currency or BILLED_IN)


def _details_spans(row: SpendRow) -> list[Span]:
    sums = row.sums
    text = _details(row)
    if not sums.unknown:
        return [Span(text, ("dim",))]
    before, unknown, after = text.partition(f"{sums.unknown} unknown")
    return [Span(before, ("dim",)), Span(unknown, ("red", "bold")), Span(after, ("dim",))]


def _details(row: SpendRow) -> str:
    """What a row is made of, in words."""
    sums = row.sums
    parts = [plural(sums.count, "request")]
    if sums.seconds:
        parts.append(f"{_seconds(sums.seconds)} s")
    if sums.estimate:
        # Without a bill the amount beside the bar is the estimate.
        amount = f" {money(sums.estimate, row.currency or '')}" if sums.billed is not None else ""
        missing = f" ({sums.unestimated} without)" if sums.unestimated else ""
        parts.append(f"estimated{amount}{missing}")
    elif sums.count:
        parts.append("no estimate" if row.currency else "estimates in several currencies")
    if sums.billed is not None:
        part = f" for {sums.count - sums.unbilled} of them" if sums.unbilled else ""
        parts.append(f"billed {BILLED_IN} {sums.billed:.2f}{part}{_compared(sums)}")
    parts += [f"{sums.unknown} unknown"] if sums.unknown else []
    waiting = sums.unbilled - sums.unknown
    parts += [f"{waiting} without a known bill"] if waiting else []
    parts += [f"{sums.not_sent} not sent"] if sums.not_sent else []
    return ", ".join(parts)


def _compared(sums: Sums) -> str:
    """How the bills compare to their estimates, for the end of a phrase."""
    if sums.difference is None:
        return ""
    if abs(sums.difference) < _CENT / 2:
        return " (as estimated)"
    more = "more" if sums.difference > 0 else "less"
    return f" ({abs(sums.difference):.2f} {more} than estimated)"


def _seconds(span: AmountRange) -> str:
    low, high = (f"{end:,.1f}".removesuffix(".0") for end in (span.low, span.high))
    return low if low == high else f"{low} to {high}"


def reconciliation_lines(report: SpendReport, style: Style) -> Iterator[str]:
    """What the usage page says, against the ledger."""
    result = report.reconciliation
    if result is None:
        return
    yield ""
    heading = f"the provider's usage page, {result.since} to {result.until} (UTC)"
    yield from (style.paint(line, "bold") for line in style.wrap(heading, _INDENT, ""))
    for one in result.models:
        yield from style.wrap(_against(one), _INDENT * 2, _INDENT)
    if not result.models:
        yield from style.wrap("nothing of these models, on the page or in the ledger", _INDENT)
    if result.other_models:
        text = f"other models on the page: {BILLED_IN} {result.other_models:.2f}"
        yield from style.wrap(text, _INDENT)
    yield from style.flow(_verdict(result), _INDENT, _INDENT)


def _against(one: ReconciledModel) -> str:
    calls = "" if one.calls is None else f" in {plural(one.calls, 'call')}"
    return (
        f"{one.model}: {BILLED_IN} {one.amount:.2f}{calls} on the page, {BILLED_IN} "
        f"{one.billed:.2f} in {plural(one.tasks, 'task')} here"
    )


def _verdict(result: Reconciliation) -> list[Span]:
    if result.agrees:
        return [Span("they agree", ("green", "bold"))]
    why = "Other programs with this key are on the page, too; it books a task when it completes."
    texts = [why]
    if result.unbilled:
        texts.append(
            f"{plural(result.unbilled, 'request')} of the ledger without a known bill: "
            "`motion-preflight tasks wait` asks for it."
        )
    return [Span("they differ.", ("yellow", "bold")), Span(f" {' '.join(texts)}")]
