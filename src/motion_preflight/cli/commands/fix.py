"""`fix`: mends media one after the other, and tells what came of it."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING

from motion_preflight.cli.commands.failures import failure_of
from motion_preflight.cli.console import say, write_all
from motion_preflight.cli.exit_codes import BROKEN, CANNOT_RUN, OK, first
from motion_preflight.cli.options import formats_of, profile_of
from motion_preflight.cli.progress import Share
from motion_preflight.cli.signals import defer_signals
from motion_preflight.errors import SettingsInvalid
from motion_preflight.formats.fixes import fix_text, fixes_document
from motion_preflight.repair.fix import Fixer
from motion_preflight.repair.options import FixOptions
from motion_preflight.repair.request_file import fix_request_file, is_request

if TYPE_CHECKING:
    import argparse

    from motion_preflight.cli.commands.failures import Failure
    from motion_preflight.formats.style import Style
    from motion_preflight.repair.result import Fix


def fix(options: argparse.Namespace) -> int:
    """Mends each medium, and returns the exit code for all of them."""
    if options.output and len(options.media) > 1:
        raise SettingsInvalid("-o names one file: mend one medium at a time with it")
    fixes: list[Fix] = []
    unwritten: dict[str, str] = {}
    formats, ended, failure = formats_of(options), None, None
    try:
        _mend_all(options, fixes, unwritten)
    except BaseException as error:  # noqa: BLE001  raised again after the results are shown
        ended, failure = error, failure_of(error, options.command)
    formats = formats if fixes else [target for target in formats if target[0] != "text"]
    with defer_signals():
        options.answered = True
        render = partial(
            _rendered, fixes=fixes, unwritten=unwritten, dry_run=options.dry_run, failure=failure
        )
        written = write_all(formats, render)
    if ended is not None:
        raise ended
    codes = {BROKEN if fix.error is not None else OK for fix in fixes}
    codes |= {BROKEN} if unwritten else set()
    return first(codes | (set() if written else {CANNOT_RUN}))


def _mend_all(options: argparse.Namespace, fixes: list[Fix], unwritten: dict[str, str]) -> None:
    """Adds what came of each medium to `fixes` as soon as it is known, and to `unwritten` why a
    request file has none that names the new media.
    """
    wish = FixOptions(
        orientation=options.orientation,
        start=options.start,
        seconds=options.seconds,
        best_shot=options.best_shot,
        slow=options.slow,
        mute=options.mute,
    )
    with ExitStack() as stack:
        fixer = stack.enter_context(Fixer(wish, profile_of(options)))
        for location in options.media:
            share = Share(sys.stderr, "making the clip")
            stack.callback(share.clear)
            if is_request(location):
                done = fix_request_file(
                    location, fixer, output=options.output, dry_run=options.dry_run, watch=share
                )
                fixes += done.fixes
                share.clear()
                if done.error:
                    unwritten[location] = done.error
                for text in filter(None, (done.message, done.error)):
                    say(f"motion-preflight: {text}")
                continue
            fixes.append(
                fixer.fix(location, output=options.output, dry_run=options.dry_run, watch=share)
            )
            share.clear()


def _rendered(
    name: str,
    style: Style,
    *,
    fixes: list[Fix],
    unwritten: dict[str, str],
    dry_run: bool,
    failure: Failure | None,
) -> str:
    if name == "json":
        from motion_preflight.formats.json import json_text  # noqa: PLC0415
        from motion_preflight.formats.problems import error_document  # noqa: PLC0415

        errors = [error_document(text, place) for place, text in unwritten.items()]
        errors += [error_document(failure.message)] if failure else []
        interrupted = failure is not None and failure.interrupted
        return json_text(fixes_document(fixes, errors, interrupted=interrupted))
    return style.shown("\n\n".join(fix_text(fix, style, command=dry_run) for fix in fixes))
