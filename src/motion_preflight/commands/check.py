"""`check` and `estimate`: reports of requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.budget import totals
from motion_preflight.commands.given import (
    bar_on_stderr,
    checked,
    entries,
    formats_of,
    instruments,
    profile_of,
)
from motion_preflight.exit_codes import CANNOT_RUN, OF_VERDICT, OVER_BUDGET, first
from motion_preflight.formats import text
from motion_preflight.output import say, write_all

if TYPE_CHECKING:
    import argparse

    from motion_preflight.budget import Totals
    from motion_preflight.formats.style import Style
    from motion_preflight.profile import Profile
    from motion_preflight.report import Report


def check(options: argparse.Namespace) -> int:
    """Reports, and the exit code over them."""
    profile, bar = profile_of(options), bar_on_stderr()
    found, mistakes = entries(options)
    for mistake in mistakes:
        say(f"motion-preflight: {mistake}")
    reports = []
    with instruments(options, profile, bar) as measuring:
        for entry in found:
            reports.append(checked(options, entry, profile, measuring))
            bar.clear()
    summed = totals(reports, options.max_cost)
    codes = {OF_VERDICT[report.verdict] for report in reports}
    codes |= {OVER_BUDGET} if summed.over_budget else set()
    codes |= {CANNOT_RUN} if mistakes else set()
    if reports:
        written = write_all(
            formats_of(options),
            lambda name, style: _rendered(name, style, options, (reports, summed), profile),
        )
        codes |= set() if written else {CANNOT_RUN}
    return first(codes)


def _rendered(
    name: str,
    style: Style,
    options: argparse.Namespace,
    results: tuple[list[Report], Totals],
    profile: Profile,
) -> str:
    reports, summed = results
    if name == "json":
        from motion_preflight.formats.document import reports_document  # noqa: PLC0415
        from motion_preflight.formats.json import json_text  # noqa: PLC0415

        return json_text(reports_document(reports, summed))
    return style.shown(page(reports, summed, options, profile, style))


def page(
    reports: list[Report],
    summed: Totals,
    options: argparse.Namespace,
    profile: Profile,
    style: Style,
) -> str:
    """The reports as people read them, with a summary where there are several."""
    if options.command == "estimate":
        parts = [text.cost_lines(report, style) for report in reports]
    else:
        parts = [text.report_text(each, profile, style, quiet=options.quiet) for each in reports]
    if len(reports) != 1 or options.max_cost is not None:
        summary = text.summary_text(summed, profile.currency, options.max_cost, style)
        parts.insert(0 if summed.over_budget else len(parts), summary)
    return ("\n" if options.quiet else "\n\n").join(parts)
