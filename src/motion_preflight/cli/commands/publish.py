"""`publish`: publishes files one after the other, and tells what came of it."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from motion_preflight.cli.commands.failures import failure_of
from motion_preflight.cli.console import write_all
from motion_preflight.cli.exit_codes import BROKEN, CANNOT_RUN, OF_VERDICT, OK, first
from motion_preflight.cli.options import formats_of, profile_of
from motion_preflight.cli.progress import Share
from motion_preflight.cli.signals import defer_signals
from motion_preflight.formats.publications import publish_document, published_text
from motion_preflight.media.options import TIMEOUT
from motion_preflight.publishing.options import LIFE, PublishOptions
from motion_preflight.publishing.publish import Publishing
from motion_preflight.report.findings import Verdict

if TYPE_CHECKING:
    import argparse

    from motion_preflight.cli.commands.failures import Failure
    from motion_preflight.formats.style import Style
    from motion_preflight.publishing.published import Published


def publish(options: argparse.Namespace) -> int:
    """Publishes each file, and returns the exit code for all of them."""
    results: list[Published] = []
    formats, ended, failure = formats_of(options), None, None
    try:
        _publish_all(options, results)
    except BaseException as error:  # noqa: BLE001  raised again after the results are shown
        ended, failure = error, failure_of(error, options.command)
        formats = formats if results else [target for target in formats if target[0] != "text"]
    with defer_signals():
        options.answered = True
        render = partial(_rendered, results=results, failure=failure)
        written = write_all(formats, render)
    if ended is not None:
        raise ended
    codes = {_code(result) for result in results}
    return first(codes | (set() if written else {CANNOT_RUN}))


def _publish_all(options: argparse.Namespace, results: list[Published]) -> None:
    """Adds what came of each file to `results` as soon as it is known."""
    chosen = PublishOptions(
        to=options.destination,
        expires=options.expires or LIFE,
        orientation=options.orientation,
        accept_unsure=options.accept_unsure,
        public=options.public,
        public_url=options.public_url,
        timeout=options.timeout or TIMEOUT,
        allow_private=options.allow_private,
    )
    with ExitStack() as stack:
        share = Share(sys.stderr, "sending the file")
        stack.callback(share.clear)
        publishing = stack.enter_context(Publishing(chosen, profile_of(options), watch=share))
        for location in options.media:
            results.append(publishing.publish(location))
            share.clear()


def _code(result: Published) -> int:
    if result.error is None:
        return OK
    return BROKEN if result.verdict is Verdict.PASS else OF_VERDICT[result.verdict]


def _rendered(name: str, style: Style, *, results: list[Published], failure: Failure | None) -> str:
    if name == "json":
        from motion_preflight.formats.json import json_text  # noqa: PLC0415
        from motion_preflight.formats.problems import error_document  # noqa: PLC0415

        errors = [error_document(failure.message)] if failure else []
        interrupted = failure is not None and failure.interrupted
        return json_text(publish_document(results, errors, interrupted=interrupted))
    return style.shown("\n\n".join(published_text(result, style) for result in results))
