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
    probe_options,
    profile_of,
)
from motion_preflight.cli.progress import Steps
from motion_preflight.cli.signals import defer_signals
from motion_preflight.errors import SettingsInvalid
from motion_preflight.formats.overview import overview_text
from motion_preflight.formats.probe_text import probe_text
from motion_preflight.media.containers.signature import ANY_PICTURE
from motion_preflight.media.facts import Unmeasured
from motion_preflight.media.measurements import Measurements
from motion_preflight.media.workers import LocalWorkers
from motion_preflight.network.errors import Reason
from motion_preflight.suitability import fits

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from motion_preflight.cli.commands.failures import Failure
    from motion_preflight.formats.style import Style
    from motion_preflight.media.facts import Measured
    from motion_preflight.provider.profile import Profile
    from motion_preflight.suitability import Suitability

    Results = list[tuple[Measured, Suitability]]

# Reasons that mean a broken medium; with others only the measurement failed.
_UNREADABLE = {Reason.MISSING, Reason.DENIED, Reason.NOT_REGULAR, Reason.NOT_PUBLIC,
               Reason.NOT_DIRECT, Reason.TOO_LARGE, Reason.UNREADABLE}  # fmt: skip


def probe(options: argparse.Namespace) -> int:
    """Prints the facts of media and returns the exit code for all of them."""
    if options.overview and len(options.media) > 2:
        raise SettingsInvalid("name one clip and one picture; `motion-preflight probe` takes more")
    profile = profile_of(options)
    results: Results = []
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
        shown = _overview if options.overview else _each
        render = partial(
            _rendered, results=results, show=partial(shown, results, profile), failure=failure
        )
        written = write_all(formats, render)
    if ended is not None:
        raise ended
    codes = {_code(medium) for medium, _ in results}
    return first(codes | (set() if written else {CANNOT_RUN}))


def _measurements(options: argparse.Namespace, profile: Profile) -> Iterator[Measured]:
    """The facts of media in the given order, several measured at a time; one that is named twice is
    measured once.
    """
    bar, steps = bar_on_stderr(), Steps(sys.stderr, lambda: len(options.media), "media")
    with ExitStack() as stack:
        stack.callback(steps.close)
        stack.callback(bar.clear)
        workers = LocalWorkers(probe_options(options, profile), options.jobs, bar)
        measurements = Measurements(stack.enter_context(workers))
        stack.callback(measurements.close)
        media = [measurements.want(location, None) for location in bar.for_one_of(options.media)]
        unmeasured = 0
        for medium in media:
            measured, _ = measurements.get(medium)
            unmeasured += isinstance(measured, Unmeasured)
            bar.clear()
            steps.step(partial("{} not measured".format, unmeasured))
            yield measured


def _rendered(
    name: str,
    style: Style,
    *,
    results: Results,
    show: Callable[[Style], str],
    failure: Failure | None,
) -> str:
    if name == "json":
        from motion_preflight.formats.document import probes_document  # noqa: PLC0415
        from motion_preflight.formats.json import json_text  # noqa: PLC0415
        from motion_preflight.formats.problems import error_document  # noqa: PLC0415

        errors = [error_document(failure.message)] if failure else []
        interrupted = failure is not None and failure.interrupted
        return json_text(probes_document(results, errors, interrupted=interrupted))
    return style.shown(show(style))


def _each(results: Results, profile: Profile, style: Style) -> str:
    """One medium below the other."""
    return "\n\n".join(probe_text(medium, fit, profile, style) for medium, fit in results)


def _overview(results: Results, profile: Profile, style: Style) -> str:
    """A clip and a picture on one page; two media of one kind stand below each other."""
    pictures = [one for one in results if one[0].container in ANY_PICTURE]
    clips = [one for one in results if one not in pictures]
    if len(pictures) > 1 or len(clips) > 1:
        return _each(results, profile, style)
    return overview_text(next(iter(clips), None), next(iter(pictures), None), profile, style)


def _code(medium: Measured) -> int:
    if isinstance(medium, Unmeasured):
        return BROKEN if medium.reason in _UNREADABLE else UNSURE
    return OK
