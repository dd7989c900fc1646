"""`probe`: what media are, and what a clip is good for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

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
from motion_preflight.output import write_all

if TYPE_CHECKING:
    import argparse

    from motion_preflight.facts import Measured
    from motion_preflight.fits import Fits
    from motion_preflight.formats.style import Style
    from motion_preflight.profile import Profile

# What a broken medium is, as against a measurement that did not work out.
_UNREADABLE = {Reason.MISSING, Reason.DENIED, Reason.NOT_REGULAR, Reason.NOT_PUBLIC,
               Reason.NOT_DIRECT, Reason.TOO_LARGE, Reason.UNREADABLE}  # fmt: skip


def probe(options: argparse.Namespace) -> int:
    """The facts of media, and the exit code over them."""
    profile, bar = profile_of(options), bar_on_stderr()
    found: list[tuple[Measured, Fits]] = []
    with instruments(options, profile, bar) as measuring:
        for location in options.media:
            medium = measuring.alone(location, None, scan=options.scan)
            bar.clear()
            now = datetime.now(UTC)
            found.append((medium, fits(medium, profile=profile, now=now, price=options.price)))
    written = write_all(
        formats_of(options), lambda name, style: _rendered(name, style, found, profile)
    )
    say_where_ffmpeg_is(finding for _, fit in found for finding in fit.findings)
    codes = {_code(medium) for medium, _ in found}
    return first(codes | (set() if written else {CANNOT_RUN}))


def _rendered(name: str, style: Style, found: list[tuple[Measured, Fits]], profile: Profile) -> str:
    if name == "json":
        from motion_preflight.formats.document import probes_document  # noqa: PLC0415
        from motion_preflight.formats.json import json_text  # noqa: PLC0415

        return json_text(probes_document(found))
    parts = [text.probe_text(medium, fit, profile, style) for medium, fit in found]
    return style.shown("\n\n".join(parts))


def _code(medium: Measured) -> int:
    if isinstance(medium, Unmeasured):
        return BROKEN if medium.reason in _UNREADABLE else UNSURE
    return OK
