"""Bytes that the file declares are missing

The file's own tables point beyond its end: an upload or a download that stopped half-way. Headers
still say the whole length, and ffprobe exits 0 on it; the service may find less, refuse it, or bill
what the header says. Seen from the boxes of MP4 and MOV, so unsure and not an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="video-truncated",
    level=Level.UNSURE,
    authority=Authority.INFERRED,
    source="the boxes and sample tables of the file itself",
    needs=("video",),
)


def check(case: RuleContext) -> Iterator[Finding]:
    """Unsure when the file is shorter than its own tables say."""
    facts = case.video_facts
    if facts.truncated:
        size = "" if facts.size is None else f" (it has {facts.size:,} bytes)"
        message = f"the reference video looks cut short: {facts.truncation}{size}"
        remedy = "compare its size with the original, and upload or download it again"
        yield RULE.finding(case, Level.UNSURE, "video_url", message, remedy)
