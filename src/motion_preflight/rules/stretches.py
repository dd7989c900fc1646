"""What the rules about the pictures of a video share: its parts in words."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.text.numbers import format_decimal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from motion_preflight.media.content import Stretch
    from motion_preflight.media.facts import MediaFacts

_FEW = 5  # parts that are named


def short(seconds: Decimal) -> str:
    """Seconds to a tenth: `4.1`, `10`."""
    return format_decimal(seconds.quantize(Decimal("0.1")))


def total(stretches: Sequence[Stretch]) -> Decimal:
    """The seconds of all parts together."""
    return sum((part.seconds for part in stretches), Decimal(0))


def listed(stretches: Sequence[Stretch]) -> str:
    """Parts in words: `from 0 s to 1.2 s, from 3 s to 4.5 s`."""
    return _joined([f"from {short(part.start)} s to {short(part.end)} s" for part in stretches])


def moments(times: Sequence[Decimal]) -> str:
    """Moments in words: `3.2 s, 5 s`."""
    return _joined([f"{short(time)} s" for time in times])


def shots_text(facts: MediaFacts) -> str:
    """The shots of a clip in words, `""` where nobody was to look at its pictures."""
    if facts.stretches is None:
        return f"not known: {facts.unwatched}" if facts.unwatched else ""
    longest, count = facts.stretches.longest_shot, len(facts.stretches.shots)
    if longest is None:
        return "none: all of it is black"
    return f"{f'{count}, the longest' if count > 1 else 'one,'} {listed([longest])}"


def _joined(texts: Sequence[str]) -> str:
    more = len(texts) - _FEW
    return ", ".join(texts[:_FEW]) + (f" and {more} more" if more > 0 else "")
