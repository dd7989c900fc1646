"""`probe`: what media are, and what a clip is good for."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from motion_preflight.commands.failures import failure_of
from motion_preflight.commands.given import (
    bar_on_stderr,
    formats_of,
    instruments,
    profile_of,
    say_where_ffmpeg_is,
)
from motion_preflight.exit_codes import BROKEN, CANNOT_RUN, OK, UNSURE, first
from motion_preflight.facts import Reason, Unmeasured
from motion_preflight.fits import fits
from motion_preflight.formats import text
from motion_preflight.interruption import unbroken
from motion_preflight.output import write_all

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from motion_preflight.commands.failures import Failure
    from motion_preflight.facts import Measured
    from motion_preflight.fits import Fits
    from motion_preflight.formats.style import Style
    from motion_preflight.profile import Profile

# What a broken medium is, as against a measurement that did not work out.
_UNREADABLE = {Reason.MISSING, Reason.DENIED, Reason.NOT_REGULAR, Reason.NOT_PUBLIC,
               Reason.NOT_DIRECT, Reason.TOO_LARGE, Reason.UNREADABLE}  # fmt: skip


def probe(options: argparse.Namespace) -> int:
    """The facts of media, and the exit code over them."""
    profile = profile_of(options)
    results: list[tuple[Measured, Fits]] = []
    formats, ended, failure = formats_of(options), None, None
    try:
        for medium in _measurements(options, profile):
            now = datetime.now(UTC)
            results.append((medium, fits(medium, profile=profile, now=now, price=options.price)))
    except BaseException as error:  # noqa: BLE001  what is measured is shown, then it is raised
        ended, failure = error, failure_of(error, options.command)
        formats = formats if results else [each for each in formats if each[0] != "text"]
    with unbroken():
        options.answered = True
        render = partial(_rendered, results=results, profile=profile, failure=failure)
        written = write_all(formats, render)
    if ended is not None:
        raise ended
    say_where_ffmpeg_is(finding for _, fit in results for finding in fit.findings)
    codes = {_code(medium) for medium, _ in results}
    return first(codes | (set() if written else {CANNOT_RUN}))


def _measurements(options: argparse.Namespace, profile: Profile) -> Iterator[Measured]:
    """The facts of each medium in the order given: of one alone in the shortest way there is."""
    if len(options.media) > 1:
        yield from _many_measurements(options, profile)
        return
    bar = bar_on_stderr()
    with instruments(options, profile, bar) as prober:
        medium = prober.alone(options.media[0], None, scan=options.scan)
        bar.clear()
        yield medium


def _many_measurements(options: argparse.Namespace, profile: Profile) -> Iterator[Measured]:
    """Several at a time, as `check` does; a medium that is named twice is measured once."""
    from motion_preflight.crew import Options, Threads  # noqa: PLC0415
    from motion_preflight.instruments import TIMEOUT  # noqa: PLC0415
    from motion_preflight.media.measurements import Measurements  # noqa: PLC0415
    from motion_preflight.progress import Steps  # noqa: PLC0415

    timeout = options.timeout or TIMEOUT
    how = Options(profile, timeout, options.allow_private, ffprobe=None, scan=options.scan)
    with ExitStack() as stack:
        workers = stack.enter_context(Threads(how, options.jobs))
        measurements = Measurements(workers)
        stack.callback(measurements.close)
        steps = Steps(sys.stderr, lambda: len(options.media), "media")
        stack.callback(steps.close)
        wanted = [measurements.want(location, None) for location in options.media]
        unmeasured = 0
        for name in wanted:
            medium, _ = measurements.get(name)
            unmeasured += isinstance(medium, Unmeasured)
            steps.step(partial("{} not measured".format, unmeasured))
            yield medium


def _rendered(
    name: str,
    style: Style,
    *,
    results: list[tuple[Measured, Fits]],
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
    parts = [text.probe_text(medium, fit, profile, style) for medium, fit in results]
    return style.shown("\n\n".join(parts))


def _code(medium: Measured) -> int:
    if isinstance(medium, Unmeasured):
        return BROKEN if medium.reason in _UNREADABLE else UNSURE
    return OK
