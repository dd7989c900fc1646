"""The exit codes of the program, and which one of several counts."""

from __future__ import annotations

from motion_preflight.report.findings import Verdict

OK, BROKEN, CANNOT_RUN, UNSURE, OVER_BUDGET, UNKNOWN, BUG, INTERRUPTED = 0, 1, 2, 3, 4, 5, 70, 130
OF_VERDICT = {Verdict.PASS: OK, Verdict.FAIL: BROKEN, Verdict.UNSURE: UNSURE}
_PRECEDENCE = (UNKNOWN, CANNOT_RUN, BROKEN, OVER_BUDGET, UNSURE, OK)


def first(codes: set[int]) -> int:
    """The exit code that counts when several outcomes came together."""
    return next((code for code in _PRECEDENCE if code in codes), OK)
