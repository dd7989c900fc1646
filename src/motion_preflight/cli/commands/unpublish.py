"""`unpublish`: takes published files away again."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from motion_preflight.cli.console import say, write_all
from motion_preflight.cli.exit_codes import BROKEN, CANNOT_RUN, OK
from motion_preflight.errors import SettingsInvalid
from motion_preflight.formats.publications import unpublished_text
from motion_preflight.media.options import TIMEOUT
from motion_preflight.publishing.unpublish import unpublish as take_away

if TYPE_CHECKING:
    import argparse


def unpublish(options: argparse.Namespace) -> int:
    """Removes what was named or chosen, and returns the exit code for all of it."""
    if not (options.links or options.finished or options.older_than is not None):
        raise SettingsInvalid("name a link, or choose with --older-than DAYS or --finished")
    older = None if options.older_than is None else dt.timedelta(days=options.older_than)
    results = take_away(
        options.links,
        older_than=older,
        finished=options.finished,
        forget=options.forget,
        timeout=options.timeout or TIMEOUT,
        allow_private=options.allow_private,
    )
    if not results:
        say("motion-preflight: nothing that was published is to be removed")
    written = write_all(
        [("text", None)] if results else [],
        lambda _, style: style.shown(
            "\n".join(
                unpublished_text(result, style, forgotten=options.forget) for result in results
            )
        ),
    )
    if not written:
        return CANNOT_RUN
    return BROKEN if any(result.error is not None for result in results) else OK
