"""How the requests of a run ended; the command makes its exit code of it."""

from __future__ import annotations

from enum import Enum

from motion_preflight.report.findings import Verdict


class Outcome(Enum):
    """How one request of a run ended, or the run itself."""

    DONE = "sent, or nothing had to be done"
    BROKEN = "a rule is broken, or the provider refused it"
    UNUSABLE = "the run cannot go on"
    UNSURE = "the check is unsure"
    OVER_BUDGET = "it would go over a budget"
    UNKNOWN = "sent, and nobody knows whether it was taken"


_OF_VERDICT = {
    Verdict.PASS: Outcome.BROKEN,  # something else than the verdict is in the way
    Verdict.FAIL: Outcome.BROKEN,
    Verdict.UNSURE: Outcome.UNSURE,
}


def not_cleared(verdict: Verdict) -> Outcome:
    """The outcome of a request that is not cleared, though its verdict may be a pass."""
    return _OF_VERDICT[verdict]
