"""What the formats for programs say alike: findings in their order, and what they come to."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.budget import plain
from motion_preflight.facts import Unmeasured
from motion_preflight.formats.text import money
from motion_preflight.receipt import FREE, State
from motion_preflight.report import Verdict
from motion_preflight.source.location import redacted_text

if TYPE_CHECKING:
    from motion_preflight.budget import Totals
    from motion_preflight.receipt import Receipt
    from motion_preflight.report import Finding, Report

_WRONG = FREE | {State.FAILED, State.CANCELLED, State.UNKNOWN}  # states that are no success


def ordered(report: Report) -> list[Finding]:
    """The findings, those that decide first, the worst before the others."""
    return sorted(report.findings, key=lambda each: (not report.decides(each), -each.level.weight))


def unexplained(report: Report) -> str | None:
    """Why a request does not pass that no finding speaks against; `None` if that is not so."""
    if report.verdict is Verdict.PASS or any(map(report.decides, report.findings)):
        return None
    media = (("video", report.video), ("image", report.image))
    return redacted_text(
        "; ".join(
            f"the reference {word} was not measured: {medium.error}"
            for word, medium in media
            if isinstance(medium, Unmeasured)
        )
    )


def trouble(receipt: Receipt | None) -> str | None:
    """What went wrong with a submission: its state, and why; `None` if nothing did."""
    if receipt is None or receipt.state not in _WRONG:
        return None
    return redacted_text(f"{receipt.state}: {receipt.error or 'why is not known'}")


def counted(totals: Totals, mistakes: int) -> str:
    """How many requests there are of each verdict, and how many places that hold none."""
    total = totals.verdicts.total()
    each = ", ".join(f"{totals.verdicts[verdict]} {verdict}" for verdict in Verdict)
    text = f"{total} request{'s'[: total != 1]}: {each}"
    text += f"; {mistakes} could not be read as a request" if mistakes else ""
    return f"{text}; interrupted before the others" if totals.interrupted else text


class Billed:
    """What the provider billed for receipts, in USD as it says: in this run, and before it."""

    def __init__(self) -> None:
        self._now: list[Decimal] = []
        self._before: list[Decimal | None] = []

    def add(self, receipt: Receipt | None) -> None:
        if receipt is not None and receipt.already_done:
            self._before.append(receipt.cost)
        elif receipt is not None and receipt.cost is not None:
            self._now.append(receipt.cost)

    @property
    def text(self) -> str:
        """The sums as sentences after a blank, nothing where no bill is known."""
        text = f" Billed {_sum(self._now)}." if self._now else ""
        if self._before:
            known = [cost for cost in self._before if cost is not None]
            bill = f", billed before: USD {plain(sum(known, Decimal(0)))}" if known else ""
            text += f" {len(self._before):,} done already{bill}."
        return text


def _sum(costs: list[Decimal]) -> str:
    many = f"{len(costs):,} request{'' if len(costs) == 1 else 's'}"
    return f"USD {plain(sum(costs, Decimal(0)))} for {many}"


def summed(totals: Totals, currency: str) -> str:
    """What all that may be sent would cost."""
    unknown = f", {totals.unpriced:,} without a price" if totals.unpriced else ""
    return f"What may be sent would cost {money(totals.amount, currency)}{unknown}"
