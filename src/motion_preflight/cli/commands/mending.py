"""`submit --fix`: the local media of requests are mended before the requests are checked."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from motion_preflight.cli.console import say
from motion_preflight.cli.progress import Share
from motion_preflight.formats.fixes import fix_text
from motion_preflight.formats.style import Style
from motion_preflight.repair.fix import Fixer
from motion_preflight.repair.options import FixOptions
from motion_preflight.repair.request import fix_request
from motion_preflight.text.lazy_dataclass import replace

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from motion_preflight.cli.commands.submission import ShownSubmission
    from motion_preflight.request.files import RequestEntry


def mended(
    submission: ShownSubmission, requests: Iterable[RequestEntry], folder: Path | None
) -> list[RequestEntry]:
    """The requests with new media in place of the local ones that had to be mended; stderr tells
    what came of each. New media are put into `folder`, `None`: beside their sources.

    What cannot be mended stays, so that the check says what is wrong with it.
    """
    results, share = [], Share(sys.stderr, "making the clip")
    with Fixer(FixOptions(), submission.profile, folder=folder) as fixer:
        for request in requests:
            done = fix_request(request.body, folder=request.folder, watch=share, fixer=fixer)
            share.clear()
            for fix in done.fixes:
                if fix.changes or fix.error is not None:
                    # What a dry run makes is gone with it.
                    shown = replace(fix, output=None) if submission.options.dry_run else fix
                    text = fix_text(shown, Style())
                    first, *changes = text.splitlines()
                    say(f"motion-preflight: {request.label}: {first}")
                    for line in changes:
                        say(line)
            results.append(replace(request, body=done.request))
    return results
