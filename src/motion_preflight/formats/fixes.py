"""What came of mending media, as text and as the JSON document."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from motion_preflight.formats.document import media_document
from motion_preflight.formats.style import Span
from motion_preflight.formats.text_blocks import row
from motion_preflight.formats.tool import tool_document
from motion_preflight.report.findings import Verdict
from motion_preflight.text.locations import is_url, printable, redacted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from motion_preflight.formats.fix_schema import FixDocument, FixesDocument
    from motion_preflight.formats.schema import ErrorDocument
    from motion_preflight.formats.style import Style
    from motion_preflight.repair.result import Fix

_FITS = {Verdict.PASS: "fits", Verdict.FAIL: "does not fit", Verdict.UNSURE: "unsure"}


def fixes_document(
    fixes: Sequence[Fix], errors: list[ErrorDocument], *, interrupted: bool = False
) -> FixesDocument:
    """The document of `fix`."""
    return {
        "schema": "motion-preflight/fix/1",
        "tool": tool_document(),
        "fixes": [_fix(fix) for fix in fixes],
        "interrupted": interrupted,
        "errors": errors,
    }


def _fix(fix: Fix) -> FixDocument:
    verdicts = fix.verdicts
    before = media_document(fix.before)
    after = None if fix.after is None else media_document(fix.after)
    return {
        "source": redacted(fix.source),
        "output": None if fix.output is None else str(fix.output),
        "changes": list(fix.changes),
        "argv": None if fix.argv is None else list(fix.argv),
        "before": before,
        "after": after,
        "verdicts": {"image": verdicts["image"].value, "video": verdicts["video"].value}
        if verdicts
        else None,
        "error": fix.error,
    }


# How a message of the library names options of `fix`.
_OPTIONS = re.compile(r"the options? `(slow|start)`(?: and `(seconds)`)?")


def fix_text(fix: Fix, style: Style, *, command: bool = False) -> str:
    """What came of mending one medium: the new file first, then what was changed. `command` adds
    the command line, on one line so that it can be copied.
    """
    name = redacted(fix.source)
    uri = None if is_url(fix.source) else style.file_uri(name)
    source = Span(name, ("bold",), uri, whole=True)

    def heading(word: str, colour: str, *more: Span) -> list[str]:
        return style.heading([source, Span("  "), Span(word, (colour, "bold")), *more], "    ")

    if fix.error is not None:
        return "\n".join([*heading("not mended", "red"), *row("", _in_command(fix.error), style)])
    if not fix.changes:
        suits = [f'"{name}"' for name, verdict in fix.verdicts.items() if verdict is Verdict.PASS]
        what = f"as it is for orientation {' and '.join(suits)}" if suits else "as it is"
        return "\n".join(heading("passes", "green", Span(f" {what}: nothing was written")))
    if fix.output is None:
        lines = heading("would be mended", "yellow", Span(", nothing was made"))
    else:
        path = str(fix.output)
        output = Span(path, ("bold",), style.file_uri(path), whole=True)
        lines = heading("mended", "green", Span(": "), output)
    for number, change in enumerate(fix.changes):
        lines += row("changes" if number == 0 else "", change, style)
    if fix.verdicts and fix.output is not None:
        fits = (f'"{name}" {_FITS[verdict]}' for name, verdict in fix.verdicts.items())
        lines += row("result", f"orientation {', '.join(fits)}", style)
    if command and fix.argv:
        line = shlex.join(fix.argv)
        if printable(line) == line:
            lines += ["", line]
        else:  # a terminal or a shell would act on it
            lines += row(
                "command", "not shown, because of signs in the file's name: rename it", style
            )
    return "\n".join(lines)


def _in_command(error: str) -> str:
    """The message in the words of the command line."""
    return _OPTIONS.sub(
        lambda match: " and ".join(f"`--{name}`" for name in match.groups() if name), error
    )
