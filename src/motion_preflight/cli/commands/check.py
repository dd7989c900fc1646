"""`check` and `estimate`: the reports of requests, be it one or a million."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from motion_preflight.cli.commands.failures import failure_of
from motion_preflight.cli.console import ReportOutputs, say
from motion_preflight.cli.exit_codes import CANNOT_RUN, OF_VERDICT, OVER_BUDGET, first
from motion_preflight.cli.options import (
    entries,
    expected,
    formats_of,
    profile_of,
    reports_of,
    writer_of,
)
from motion_preflight.cli.progress import Batch
from motion_preflight.cli.signals import code_of, defer_signals
from motion_preflight.report.totals import ReportTally
from motion_preflight.request.errors import ManifestInvalid
from motion_preflight.text.lazy_dataclass import replace

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from motion_preflight.request.files import RequestEntry


def check(options: argparse.Namespace) -> int:  # noqa: C901  one branch for each way to end
    """Writes each report as soon as it is there, and returns the exit code for all of them."""
    profile = profile_of(options)
    sources = entries(options)
    progress = Batch(sys.stderr, partial(expected, options), profile.currency)
    outputs = ReportOutputs(
        formats_of(options), partial(writer_of, options, profile), progress.clear
    )
    tally, codes, interruption = ReportTally(options.max_cost), set[int](), None

    def requests() -> Iterator[RequestEntry]:
        for entry in sources:
            if isinstance(entry, ManifestInvalid):
                codes.add(CANNOT_RUN)
                progress.clear()
                say(f"motion-preflight: {entry}")
                outputs.invalid_entry(entry)
            else:
                yield entry

    try:
        for report in reports_of(options, requests(), profile):
            with defer_signals():
                tally.add(report)
                codes.add(OF_VERDICT[report.verdict])
                outputs.report(report)
            progress.show(tally)
    except (KeyboardInterrupt, SystemExit) as error:  # SystemExit is raised by a signal
        interruption = error
    except Exception as error:  # the reports so far are written, and why it ended
        progress.close()
        failure = failure_of(error, options.command)
        if not failure.interrupted:
            outputs.failure(failure.message)
        outputs.end(replace(tally.totals(), interrupted=failure.interrupted))
        options.answered = True
        raise
    progress.close()
    options.answered = True
    totals = replace(tally.totals(), interrupted=interruption is not None)
    if totals.over_budget:
        codes.add(OVER_BUDGET)
    if not outputs.end(totals):
        codes.add(CANNOT_RUN)
    if interruption is not None:
        say(f"motion-preflight: interrupted after {totals.verdicts.total()} requests")
        return code_of(interruption)
    return first(codes)
