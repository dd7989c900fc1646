"""Reports as one page that opens anywhere: no network, no file beside it, readable on a phone.

Everything is written at the end, as the summary stands on top. What is kept until then is bounded:
of more requests than a page can show, those that pass are left out first.
"""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.formats.page.card import Card, card_of
from motion_preflight.formats.page.template import page_template
from motion_preflight.formats.problems import Problems
from motion_preflight.formats.summary import Billed
from motion_preflight.formats.text_blocks import money
from motion_preflight.formats.tool import tool_document
from motion_preflight.media.facts import MediaFacts
from motion_preflight.media.filmstrip import MOST_CLIPS
from motion_preflight.report.findings import Verdict
from motion_preflight.text.numbers import format_money, plural

if TYPE_CHECKING:
    import datetime as dt
    from decimal import Decimal

    from motion_preflight.media.filmstrip import Filmstrip
    from motion_preflight.report.findings import Report
    from motion_preflight.report.totals import Totals
    from motion_preflight.request.errors import ManifestInvalid
    from motion_preflight.submission.receipt import Receipt

MOST_CARDS = 2000
_REASONS = 8  # in the summary
_PROBLEMS = 50
_VERDICTS = (Verdict.FAIL, Verdict.UNSURE, Verdict.PASS)  # what to look at comes first


class Images(NamedTuple):
    """The pictures of one clip as the page holds them: once, however many cards show them."""

    number: int
    width: int
    height: int
    data: tuple[str, ...]  # each in base64


class Html:
    """Writes the page: the summary, then a card for each of at most `most` requests."""

    def __init__(
        self, currency: str = "USD", max_cost: Decimal | None = None, most: int = MOST_CARDS
    ) -> None:
        self._currency, self._max_cost = currency, max_cost
        self._template = page_template()
        self._most = most
        self._cards: dict[int, Card] = {}
        self._passing: list[int] = []  # numbers of the cards that are left out first
        self._images: dict[bytes, Images] = {}
        self._pictured = 0
        self._reports = 0
        self._problems = Problems()
        self._billed = Billed()
        self._checked_at: dt.datetime | None = None

    def begin(self) -> str:
        """Writes nothing before the end of the run."""
        return ""

    def report(self, report: Report, receipt: Receipt | None = None) -> str:
        """Writes nothing yet, but keeps the card of the request."""
        self._reports += 1
        self._billed.add(receipt)
        self._checked_at = report.checked_at or self._checked_at
        number, passes = self._reports, report.verdict is Verdict.PASS
        if len(self._cards) >= self._most:
            if passes or not self._passing:
                return ""
            del self._cards[self._passing.pop()]
        self._cards[number] = card_of(report, receipt, number, self._film_number(report))
        self._passing += [number] if passes else []
        return ""

    def invalid_entry(self, mistake: ManifestInvalid) -> str:
        """Writes nothing yet, but keeps the place that holds no request."""
        self._problems.invalid_entry(mistake)
        return ""

    def failure(self, message: str, place: str | None = None) -> str:
        """Writes nothing yet, but keeps the message."""
        self._problems.failure(message, place)
        return ""

    def end(self, totals: Totals) -> str:
        """Writes the whole page."""
        problems = self._problems.documents(totals)
        return self._template.render(
            title=_title(totals),
            total=totals.verdicts.total(),
            verdicts=[(verdict.value, totals.verdicts[verdict]) for verdict in _VERDICTS],
            amount=money(totals.amount, self._currency),
            unpriced=totals.unpriced,
            unreadable=self._problems.unreadable,
            budget=self._budget(totals),
            billed=self._billed.text.strip(),
            reasons=[
                (level.value, rule, plural(count, "request"))
                for level, rule, count in totals.worst()[:_REASONS]
            ],
            problems=problems[:_PROBLEMS],
            more_problems=max(len(problems) - _PROBLEMS, 0),
            images=list(self._images.values()),
            cards=list(self._cards.values()),
            left_out=self._reports - len(self._cards),
            checked_at=f"{self._checked_at:%Y-%m-%d %H:%M} UTC" if self._checked_at else None,
            version=tool_document()["version"],
        )

    def _budget(self, totals: Totals) -> dict[str, object] | None:
        """The budget, and how much of it is used; `None` without one."""
        if self._max_cost is None:
            return None
        high = totals.amount.high
        part = 100 * high / self._max_cost if self._max_cost else (100 if high else 0)
        # Rounded to cents, the amount would seem to be within the budget.
        hidden = round(high, 2) <= self._max_cost < high
        shown = format_money(high) if hidden else f"{high:.2f}"
        return {
            "text": f"{self._currency} {format_money(self._max_cost)}",
            "over": totals.over_budget,
            "high": f"{self._currency} {shown}",
            "used": f"{min(float(part), 100.0):.2f}%",
        }

    def _film_number(self, report: Report) -> int | None:
        """The number of the report's pictures in the page; `None` where none are shown."""
        strip = report.video.filmstrip if isinstance(report.video, MediaFacts) else None
        if strip is None or not strip.frames or self._pictured >= MOST_CLIPS:
            return None
        self._pictured += 1
        key = _digest(strip)
        if key not in self._images:
            data = tuple(base64.b64encode(frame).decode("ascii") for frame in strip.frames)
            number = len(self._images) + 1
            self._images[key] = Images(number, strip.width, strip.height, data)
        return self._images[key].number


def _title(totals: Totals) -> str:
    """The answer in few words, as it stands in a tab: `1 of 3 fails`."""
    total = totals.verdicts.total()
    fail, unsure = totals.verdicts[Verdict.FAIL], totals.verdicts[Verdict.UNSURE]
    if not total:
        return "no request"
    if not fail and not unsure:
        return f"{plural(total, 'request')}: pass"
    counts = [f"{count} {word}" for count, word in ((fail, "fail"), (unsure, "unsure")) if count]
    return f"{plural(total, 'request')}: {', '.join(counts)}"


def _digest(strip: Filmstrip) -> bytes:
    digest = hashlib.sha256(f"{strip.width} {strip.height} {len(strip.frames)}".encode())
    for frame in strip.frames:
        digest.update(hashlib.sha256(frame).digest())
    return digest.digest()
