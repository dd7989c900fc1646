"""Many reports folded: equal findings once, with how many requests they are about and the first.

What is kept is bounded: of the findings beyond the bound only the rules are counted.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from motion_preflight.formats.style import Span, kept
from motion_preflight.formats.summary import unexplained
from motion_preflight.formats.text_blocks import (
    COLOURS,
    INDENT,
    cost_text,
    finding_heading,
    finding_text,
)
from motion_preflight.report.findings import Authority, Finding, Level
from motion_preflight.text.lazy_dataclass import dataclass, field, replace
from motion_preflight.text.numbers import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.formats.style import Style
    from motion_preflight.report.findings import Report

Key = TypeVar("Key")
FIRST = 3  # requests that are named
_MESSAGES = 3  # of a rule that are shown
_RULES = 10  # that are shown with what they say
_KEPT = 2000  # different findings, costs and reasons that are kept; more are only counted
_UNMEASURED = "not-measured"  # stands for a rule where none says why a request does not pass


class Cause(NamedTuple):
    """What findings share that stand below one heading."""

    level: Level
    rule: str
    decides: bool


@dataclass(slots=True)
class Places:
    """How many requests something is about, and the labels of the first."""

    count: int = 0
    first: list[str] = field(default_factory=list)

    def add(self, label: str) -> None:
        """Counts one more request."""
        self.count += 1
        if len(self.first) < FIRST:
            self.first.append(label)

    @property
    def text(self) -> str:
        """The first requests, and how many there are beside them, for `Style.wrap`."""
        more = self.count - len(self.first)
        named = ", ".join(map(kept, self.first))
        return f"{named} and {more:,} more" if more else named


class Fold:
    """Counts reports and keeps what is equal in them once."""

    def __init__(self) -> None:
        self.requests: Counter[Cause] = Counter()
        self.mendable: Counter[Cause] = Counter()  # by the command `fix`
        self._findings: dict[Cause, dict[Finding, Places]] = {}
        self._costs: dict[str, Places] = {}
        self._skipped: dict[str, Places] = {}
        self._kept = 0

    def add(self, report: Report) -> None:
        """Adds one report."""
        seen = set[Cause]()
        for finding in [*report.findings, *_not_measured(report)]:
            cause = Cause(finding.level, finding.rule, report.decides(finding))
            if cause not in seen:
                self.requests[cause] += 1
                self.mendable[cause] += finding.fix_words is not None
            seen.add(cause)
            equal = replace(finding, field=None, source="")
            self._place(self._findings.setdefault(cause, {}), equal, report.label)
        self._place(self._costs, cost_text(report.estimate), report.label)
        for reason in {skip.because for skip in report.skipped}:
            self._place(self._skipped, reason, report.label)

    def _place(self, kept: dict[Key, Places], key: Key, label: str) -> None:
        if key not in kept:
            if self._kept >= _KEPT:
                return
            self._kept += 1
            kept[key] = Places()
        kept[key].add(label)

    def causes(self) -> list[Cause]:
        """What was found: what decides before the rest, the heaviest first, then the most
        frequent.
        """
        return sorted(
            self.requests,
            key=lambda cause: (
                not cause.decides, -cause.level.weight, -self.requests[cause], cause.rule
            ),
        )  # fmt: skip

    def lines(self, style: Style, *, quiet: bool, verbose: bool) -> Iterator[str]:
        """The findings as text. Warnings stand below what decides, `quiet` with their names alone;
        notes are counted if not `verbose`.
        """
        printed, causes = set[str](), self.causes()
        shown = [cause for cause in causes if verbose or cause.level is not Level.NOTE]
        for cause in shown[:_RULES]:
            yield ""
            yield from self._cause(cause, style, printed, alone=quiet and not cause.decides)
        if len(shown) > _RULES:
            rest = plural(len(shown) - _RULES, "rule")
            yield ""
            yield f"{INDENT}{rest} more: --statistics"
        if not quiet:
            yield ""
            yield from self._not_checked(style)
            notes = sum(self.requests[cause] for cause in causes if cause not in shown)
            if notes:
                yield style.paint(f"{INDENT}{plural(notes, 'note')}: --verbose", "dim")

    def _cause(
        self, cause: Cause, style: Style, printed: set[str], *, alone: bool
    ) -> Iterator[str]:
        """A rule with the number of its requests, and its most frequent messages."""
        messages = sorted(self._findings[cause].items(), key=lambda item: -item[1].count)
        count = Span(f"  {plural(self.requests[cause], 'request')}", ("bold",))
        if not messages:  # beyond what is kept
            level = Span(f"{cause.level} ", (COLOURS[cause.level], "bold"))
            yield from style.flow([level, Span(cause.rule), count], INDENT * 2, INDENT)
            return
        heading = [*finding_heading(messages[0][0], style), count]
        yield from style.flow(heading, INDENT * 2, INDENT)
        if alone:
            return
        for finding, places in messages[:_MESSAGES]:
            yield from finding_text(finding, style, printed)
            yield from _at(places, style)
        if len(messages) > _MESSAGES:
            text = f"and {len(messages) - _MESSAGES:,} other messages: --format json"
            yield f"{INDENT * 2}{style.paint(text, 'dim')}"

    def _not_checked(self, style: Style) -> Iterator[str]:
        reasons = sorted(self._skipped.items(), key=lambda item: -item[1].count)
        for reason, places in reasons[:_MESSAGES]:
            text = f"rules not checked in {plural(places.count, 'request')}, because {reason}"
            for line in style.wrap(text, INDENT * 2, INDENT):
                yield style.paint(line, "dim")
        if len(reasons) > _MESSAGES:
            rest = len(reasons) - _MESSAGES
            yield style.paint(f"{INDENT}and for {plural(rest, 'other reason')}", "dim")

    def cost_lines(self, style: Style) -> Iterator[str]:
        """Each cost once, with the requests that have it; the most frequent first."""
        costs = sorted(self._costs.items(), key=lambda item: -item[1].count)
        for cost, places in costs[: 2 * _RULES]:
            yield from style.wrap(f"{places.count:>6,} x {cost}", INDENT * 5, "")
            yield from _at(places, style, INDENT * 5)
        if len(costs) > 2 * _RULES:
            yield f"{INDENT}and {len(costs) - 2 * _RULES:,} other costs: --concise"

    def statistics(self, style: Style) -> Iterator[str]:
        """A line for each rule: how many requests it is about, its level, and what `fix` mends."""
        for cause in self.causes():
            mended = self.mendable[cause]
            how = "fix mends it" if mended == self.requests[cause] else f"fix mends {mended:,}"
            spans = [
                Span(f"{cause.level.value:<7}", (COLOURS[cause.level],)),
                Span(f" {cause.rule}"),
                Span(f"  {how}" if mended else "", ("dim",)),
            ]
            count = f"{INDENT}{self.requests[cause]:>7,} "
            yield from style.flow(spans, " " * len(count), count)


def _at(places: Places, style: Style, indent: str = INDENT * 2) -> Iterator[str]:
    for line in style.wrap(places.text, f"{indent}   ", f"{indent}at "):
        yield style.paint(line, "dim")


def _not_measured(report: Report) -> Iterator[Finding]:
    """A finding in place of the one that no rule has, for a request that does not pass."""
    why = unexplained(report)
    if why:
        yield Finding(
            _UNMEASURED, Level.UNSURE, None, why, "mend that, and check again",
            Authority.INFERRED, "",
        )  # fmt: skip
