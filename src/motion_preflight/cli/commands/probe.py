"""`probe`: the facts of media, and what a clip is good for."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from motion_preflight.cli.commands.failures import failure_of
from motion_preflight.cli.console import write_all
from motion_preflight.cli.exit_codes import BROKEN, CANNOT_RUN, OK, UNSURE, first
from motion_preflight.cli.options import (
    bar_on_stderr,
    formats_of,
    prober_of,
    profile_of,
    say_where_ffmpeg_is,
)
from motion_preflight.cli.signals import defer_signals
from motion_preflight.formats import text_blocks
from motion_preflight.media.facts import Unmeasured
from motion_preflight.network.errors import Reason
from motion_preflight.suitability import fits

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from motion_preflight.cli.commands.failures import Failure
    from motion_preflight.formats.style import Style
    from motion_preflight.media.facts import Measured
    from motion_preflight.provider.profile import Profile
    from motion_preflight.suitability import Suitability

# Reasons that mean a broken medium; with others only the measurement failed.
_UNREADABLE = {Reason.MISSING, Reason.DENIED, Reason.NOT_REGULAR, Reason.NOT_PUBLIC,
               Reason.NOT_DIRECT, Reason.TOO_LARGE, Reason.UNREADABLE}  # fmt: skip


def probe(options: argparse.Namespace) -> int:
    """Prints the facts of media and returns the exit code for all of them."""
    profile = profile_of(options)
    results: list[tuple[Measured, Suitability]] = []
    formats, ended, failure = formats_of(options), None, None
    try:
        for medium in _measurements(options, profile):
            now = datetime.now(UTC)
            results.append((medium, fits(medium, profile=profile, now=now, price=options.price)))
    except BaseException as error:  # noqa: BLE001  raised again after the results are shown
        ended, failure = error, failure_of(error, options.command)
        formats = formats if results else [target for target in formats if target[0] != "text"]
    with defer_signals():
        options.answered = True
        render = partial(_rendered, results=results, profile=profile, failure=failure)
        written = write_all(formats, render)
    if ended is not None:
        raise ended
    say_where_ffmpeg_is(finding for _, fit in results for finding in fit.findings)
    codes = {_code(medium) for medium, _ in results}
    return first(codes | (set() if written else {CANNOT_RUN}))


def _measurements(options: argparse.Namespace, profile: Profile) -> Iterator[Measured]:
    """The facts of each medium in the given order. A single medium takes the shortest way."""
    if len(options.media) > 1:
        yield from _many_measurements(options, profile)
        return
    bar = bar_on_stderr()
    with prober_of(options, profile, bar) as prober:
        medium = prober.alone(options.media[0], None, scan=options.scan)
        bar.clear()
        yield medium


def _many_measurements(options: argparse.Namespace, profile: Profile) -> Iterator[Measured]:
    """The facts of media that are measured several at a time; one that is named twice is measured
    once.
    """
    from motion_preflight.cli.progress import Steps  # noqa: PLC0415
    from motion_preflight.media.measurements import Measurements  # noqa: PLC0415
    from motion_preflight.media.prober import TIMEOUT  # noqa: PLC0415
    from motion_preflight.media.workers import LocalWorkers, Options  # noqa: PLC0415

    timeout = options.timeout or TIMEOUT
    how = Options(profile, timeout, options.allow_private, ffprobe=None, scan=options.scan)
    with ExitStack() as stack:
        workers = stack.enter_context(LocalWorkers(how, options.jobs))
        measurements = Measurements(workers)
        stack.callback(measurements.close)
        steps = Steps(sys.stderr, lambda: len(options.media), "media")
        stack.callback(steps.close)
        expected = [measurements.want(location, None) for location in options.media]
        unmeasured = 0
        for name in expected:
            medium, _ = measurements.get(name)
            unmeasured += isinstance(medium, Unmeasured)
            steps.step(partial("{} not measured".format, unmeasured))
            yield medium


def _rendered(
    name: str,
    style: Style,
    *,
    results: list[tuple[Measured, Suitability]],
    profile: Profile,
    failure: Failure | None,
) -> str:
    if name == "json":
        from motion_preflight.formats.document import probes_document  # noqa: PLC0415
        from motion_preflight.formats.json import json_text  # noqa: PLC0415
        from motion_preflight.formats.problems import error_document  # noqa: PLC0415

        errors = [error_document(failure.message)] if failure else []
        interrupted = failure is not None and failure.interrupted
        return json_text(probes_document(results, errors, interrupted=interrupted))
    parts = [text_blocks.probe_text(medium, fit, profile, style) for medium, fit in results]
    return style.shown("\n\n".join(parts))


def _code(medium: Measured) -> int:
    if isinstance(medium, Unmeasured):
        return BROKEN if medium.reason in _UNREADABLE else UNSURE
    return OK
