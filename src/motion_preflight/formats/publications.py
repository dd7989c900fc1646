"""Published files: what came of publishing them, and what still lies where, as text and JSON."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from motion_preflight.formats.text_blocks import row
from motion_preflight.formats.tool import tool_document
from motion_preflight.report.findings import Verdict
from motion_preflight.text.locations import printable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from motion_preflight.formats.publish_schema import PublishDocument, PublishedDocument
    from motion_preflight.formats.schema import ErrorDocument
    from motion_preflight.formats.style import Style
    from motion_preflight.publishing.published import Published, Unpublished

_NOT = {Verdict.PASS: "red", Verdict.FAIL: "red", Verdict.UNSURE: "yellow"}


def publish_document(
    results: Sequence[Published], errors: list[ErrorDocument], *, interrupted: bool = False
) -> PublishDocument:
    """The document of `publish`. Its links are whole: they are what the command is for."""
    return {
        "schema": "motion-preflight/publish/1",
        "tool": tool_document(),
        "published": [_published(result) for result in results],
        "interrupted": interrupted,
        "errors": errors,
    }


def _published(result: Published) -> PublishedDocument:
    return {
        "source": result.source,
        "link": result.link,
        "expires": result.expires.isoformat() if result.expires else None,
        "destination": result.destination,
        "name": result.name,
        "size": result.size,
        "uploaded": result.uploaded,
        "error": result.error,
    }


def published_text(result: Published, style: Style) -> str:
    """What came of publishing one file: the link first, on a line of its own, to be copied."""
    name = style.paint(printable(result.source), "bold")
    if result.link is None:
        word = style.paint("not published", _NOT[result.verdict], "bold")
        return "\n".join([f"{name}  {word}", *row("why", result.error or "", style)])
    what = "published" if result.uploaded else "is there already"
    lines = [f"{name}  {style.paint(what, 'green', 'bold')}", "", printable(result.link), ""]
    size = f"{result.size:,} bytes" if result.size is not None else ""
    lines += row("file", f"{size}, {result.destination}: {result.name}", style)
    lines += row("until", until_text(result.expires), style)
    lines += row("", result.note, style) if result.note else []
    lines += row("proved", "fetched without credentials: size, first and last bytes, type", style)
    command = f"motion-preflight unpublish {shlex.quote(result.link.partition('?')[0])}"
    return "\n".join([*lines, *row("remove", command, style)])


def until_text(expires: dt.datetime | None) -> str:
    """Until when a link works, in words."""
    return f"{expires:%Y-%m-%d %H:%M} UTC" if expires else "the link states no end"


def unpublished_text(result: Unpublished, style: Style) -> str:
    """What came of taking away one published file."""
    if result.error is None:
        return f"{style.paint('removed', 'green', 'bold')}  {printable(result.link)}"
    word = style.paint("not removed", "red", "bold")
    return "\n".join([f"{word}  {printable(result.link)}", *row("why", result.error, style)])
