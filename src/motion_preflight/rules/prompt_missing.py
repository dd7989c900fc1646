"""No prompt

A prompt is optional; the API page recommends one, and says that a more specific one gives more
stable results.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.rule import Rule
from motion_preflight.text.links.white_space import UNSEEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="prompt-missing",
    level=Level.NOTE,
    authority=Authority.APIMART,
    source="motion-control-page",
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A note when the prompt is empty or absent."""
    wrong = any(violation.field == "prompt" for violation in case.draft.violations)
    if not wrong and not case.draft.prompt.strip(UNSEEN):
        message = "there is no prompt; it is optional and recommended"
        yield RULE.finding(
            case, Level.NOTE, "prompt", message, "describe the scene in a sentence or two"
        )
