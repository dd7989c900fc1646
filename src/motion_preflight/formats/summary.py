"""What the formats for programs have in common: the order of findings, and the sums."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.media.facts import Unmeasured
from motion_preflight.provider.state import State
from motion_preflight.report.findings import Verdict
from motion_preflight.submission.receipt import FREE
from motion_preflight.text.locations import redacted_text
from motion_preflight.text.numbers import format_decimal, plural

if TYPE_CHECKING:
    from motion_preflight.report.findings import Finding, Report
    from motion_preflight.report.totals import Totals
    from motion_preflight.submission.receipt import Receipt

_WRONG = FREE | {State.FAILED, State.CANCELLED, State.UNKNOWN}  # states that are no success


def ordered(report: Report) -> list[Finding]:
    """The findings in order: those that decide first, and the worst of them before the others."""
    return sorted(
        report.findings, key=lambda finding: (not report.decides(finding), -finding.level.weight)
    )


def unexplained(report: Report) -> str | None:
    """Why a request does not pass although no finding decides it, in words; `None` if it passes or
    a finding does.
    """
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
    """The state of a submission that went wrong, and why; `None` if nothing went wrong."""
    if receipt is None or receipt.state not in _WRONG:
        return None
    return redacted_text(f"{receipt.state}: {receipt.error or 'why is not known'}")


def counted(totals: Totals, mistakes: int) -> str:
    """How many requests have each verdict, and how many places hold no request."""
    verdicts = ", ".join(f"{totals.verdicts[verdict]:,} {verdict}" for verdict in Verdict)
    text = f"{plural(totals.verdicts.total(), 'request')}: {verdicts}"
    text += f"; {mistakes:,} could not be read as a request" if mistakes else ""
    return f"{text}; interrupted before the others" if totals.interrupted else text


class Billed:
    """The bills of receipts in USD, as the provider names them: of this run, and of
    earlier ones.
    """

    def __init__(self) -> None:
        self._now: list[Decimal] = []
        self._before: list[Decimal | None] = []

    def add(self, receipt: Receipt | None) -> None:
        """Adds the bill of a receipt, if there is one."""
        if receipt is not None and receipt.already_done:
            self._before.append(receipt.cost)
        elif receipt is not None and receipt.cost is not None:
            self._now.append(receipt.cost)

    @property
    def text(self) -> str:
        """The sums as sentences after a blank; empty where no bill is known."""
        text = f" Billed {_sum(self._now)}." if self._now else ""
        if self._before:
            known_costs = [cost for cost in self._before if cost is not None]
            bill = (
                f", billed before: USD {format_decimal(sum(known_costs, Decimal(0)))}"
                if known_costs
                else ""
            )
            text += f" {len(self._before):,} done already{bill}."
        return text


def _sum(costs: list[Decimal]) -> str:
    many = f"{len(costs):,} request{'' if len(costs) == 1 else 's'}"
    return f"USD {format_decimal(sum(costs, Decimal(0)))} for {many}"
