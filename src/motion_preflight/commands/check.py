"""`check` and `estimate`: reports of requests, one or a million."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from motion_preflight.budget import Tally
from motion_preflight.commands.failures import failure_of
from motion_preflight.commands.given import (
    entries,
    expected,
    formats_of,
    profile_of,
    reports_of,
    say_where_ffmpeg_is,
    writer_of,
)
from motion_preflight.errors import ManifestInvalid
from motion_preflight.exit_codes import CANNOT_RUN, OF_VERDICT, OVER_BUDGET, first
from motion_preflight.interruption import code_of, unbroken
from motion_preflight.output import Sinks, say
from motion_preflight.progress import Batch

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from motion_preflight.manifest import Entry
    from motion_preflight.report import Finding


def check(options: argparse.Namespace) -> int:  # noqa: C901  each way to end is one
    """Writes the reports as they are made; the exit code over them."""
    profile = profile_of(options)
    found = entries(options)
    progress = Batch(sys.stderr, partial(expected, options), profile.currency)
    sinks = Sinks(formats_of(options), partial(writer_of, options, profile), progress.clear)
    tally, codes, interruption = Tally(options.max_cost), set[int](), None
    findings: tuple[Finding, ...] = ()  # of the last report

    def requests() -> Iterator[Entry]:
        for each in found:
            if isinstance(each, ManifestInvalid):
                codes.add(CANNOT_RUN)
                progress.clear()
                say(f"motion-preflight: {each}")
                sinks.mistake(each)
            else:
                yield each

    try:
        for report in reports_of(options, requests(), profile):
            with unbroken():
                tally.add(report)
                codes.add(OF_VERDICT[report.verdict])
                sinks.report(report)
            progress.show(tally)
            findings = report.findings
    except (KeyboardInterrupt, SystemExit) as error:  # the latter of a signal
        interruption = error
    except Exception as error:  # what is done is written all the same, and why it ended
        progress.close()
        failure = failure_of(error, options.command)
        if not failure.interrupted:
            sinks.failure(failure.message)
        sinks.end(replace(tally.totals(), interrupted=failure.interrupted))
        options.answered = True
        raise
    progress.close()
    options.answered = True
    totals = replace(tally.totals(), interrupted=interruption is not None)
    if totals.over_budget:
        codes.add(OVER_BUDGET)
    if not sinks.end(totals):
        codes.add(CANNOT_RUN)
    say_where_ffmpeg_is(findings)
    if interruption is not None:
        say(f"motion-preflight: interrupted after {totals.verdicts.total()} requests")
        return code_of(interruption)
    return first(codes)
