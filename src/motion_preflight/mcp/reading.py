"""The tools that only measure: `probe`, `check`, `estimate`."""

from __future__ import annotations

import datetime as dt
import json
from contextlib import closing
from typing import TYPE_CHECKING

from motion_preflight.batch import check_requests
from motion_preflight.formats.document import probes_document
from motion_preflight.formats.probe_text import probe_text
from motion_preflight.formats.registry import writer
from motion_preflight.formats.style import Style
from motion_preflight.mcp.answer import Answer
from motion_preflight.media.measurements import Measurements
from motion_preflight.media.options import ProbeOptions
from motion_preflight.media.workers import LocalWorkers
from motion_preflight.provider.profile import Profile
from motion_preflight.report.options import CheckOptions
from motion_preflight.report.totals import totals
from motion_preflight.request.files.entry import RequestEntry
from motion_preflight.settings import profile_files
from motion_preflight.suitability import fits
from motion_preflight.text.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from motion_preflight.mcp.arguments import CheckArguments, EstimateArguments, ProbeArguments
    from motion_preflight.mcp.call import Call
    from motion_preflight.report.findings import Report


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the user has set when the server was started.

    allow_private  contact hosts of private networks too
    """

    allow_private: bool = False


def profile_in_force(*, spending: bool = False) -> Profile:
    """The profile with the user's own over it, as it stands now. Raises `ProfileInvalid` and
    `SettingsInvalid`.
    """
    return Profile.load(*profile_files(spending=spending))


def probe(arguments: ProbeArguments, call: Call, here: Surroundings) -> Answer:
    """The facts of media, and what a clip is good for."""
    profile = profile_in_force()
    options = ProbeOptions(
        profile=profile,
        scan=arguments.scan,
        content=arguments.content,
        allow_private=here.allow_private,
    )
    results = []
    with (
        call.watch(LocalWorkers(options)) as workers,
        closing(Measurements(workers)) as measurements,
    ):
        media = [measurements.want(location, None) for location in arguments.media]
        for number, medium in enumerate(media, 1):
            measured, _ = measurements.get(medium)
            call.report(number, len(media), "measured")
            now = dt.datetime.now(dt.UTC)
            results.append((measured, fits(measured, profile=profile, now=now)))
    pages = [probe_text(medium, fit, profile, Style()) for medium, fit in results]
    return Answer(probes_document(results), "\n\n".join(pages))


def check(arguments: CheckArguments, call: Call, here: Surroundings) -> Answer:
    """Everything that can be known of requests before they are sent."""
    profile = profile_in_force()
    options = CheckOptions(
        profile=profile,
        strict=arguments.strict,
        scan=arguments.scan,
        content=arguments.content,
        allow_private=here.allow_private,
    )
    return _reported(arguments.requests, options, call)


def estimate(arguments: EstimateArguments, call: Call, here: Surroundings) -> Answer:
    """The billable seconds and the cost of requests."""
    options = CheckOptions(profile=profile_in_force(), allow_private=here.allow_private)
    return _reported(arguments.requests, options, call, cost_only=True)


def _reported(
    requests: Sequence[dict[str, Any]],
    options: CheckOptions,
    call: Call,
    *,
    cost_only: bool = False,
) -> Answer:
    with call.watch(LocalWorkers(options)) as workers:
        reports = list(checked(requests, options, workers, call))
    shown = []
    for name in ("json", "text"):
        form = writer(name, profile=options.profile, style=Style(), cost_only=cost_only)
        parts = [form.begin(), *map(form.report, reports), form.end(totals(reports, None))]
        shown.append("".join(parts))
    return Answer(json.loads(shown[0]), shown[1].rstrip("\n"))


def checked(
    requests: Sequence[dict[str, Any]],
    options: CheckOptions,
    workers: LocalWorkers,
    call: Call,
    *,
    steps: int = 1,
) -> Iterator[Report]:
    """The reports of the requests of a call, in their order. The check is the first of so many
    `steps` of each. Raises `CallCancelled`.
    """
    several = len(requests) > 1
    entries = [
        RequestEntry(f"request[{number}]" if several else "request", body)
        for number, body in enumerate(requests)
    ]
    for number, report in enumerate(check_requests(entries, options, workers), 1):
        call.report(number, steps * len(entries), f"{report.label}: {report.verdict}")
        yield report
