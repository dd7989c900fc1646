"""Published files: what came of publishing them, and what still lies where, as text and JSON."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from motion_preflight.formats.text_blocks import row
from motion_preflight.formats.tool import tool_document
from motion_preflight.report.findings import Verdict
from motion_preflight.submission.publication import PublicationState
from motion_preflight.text.locations import printable
from motion_preflight.text.numbers import plural

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from motion_preflight.formats.publish_schema import PublishDocument, PublishedDocument
    from motion_preflight.formats.schema import ErrorDocument, PublicationDocument
    from motion_preflight.formats.style import Style
    from motion_preflight.publishing.published import Published, Unpublished
    from motion_preflight.submission.publication import Publication
    from motion_preflight.submission.receipt import Receipt

_LISTED, _USERS = 10, 3  # files, and tasks of one, that the text names
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


def publication_document(file: Publication, users: Sequence[Receipt]) -> PublicationDocument:
    """A file that still lies somewhere, with the requests that name it, as `tasks` lists it."""
    return {
        "link": file.link,
        "expires": file.expires.isoformat() if file.expires else None,
        "destination": file.destination,
        "name": file.name,
        "size": file.size,
        "source": file.source,
        "state": file.state.value,
        "updated": file.updated.isoformat(),
        "intents": [receipt.intent for receipt in users],
    }


def published_text(result: Published, style: Style) -> str:
    """What came of publishing one file: the link first, on a line of its own, to be copied."""
    name = style.paint(printable(result.source), "bold")
    if result.link is None:
        word = style.paint("not published", _NOT[result.verdict], "bold")
        why = (result.error or "").replace("(allow private hosts for", "(--allow-private for")
        return "\n".join([f"{name}  {word}", *row("why", why, style)])
    what = "published" if result.uploaded else "is there already"
    lines = [f"{name}  {style.paint(what, 'green', 'bold')}", "", printable(result.link), ""]
    size = f"{result.size:,} bytes" if result.size is not None else ""
    lines += row("file", f"{size}, {result.destination}: {result.name}", style)
    lines += row("lasts", until_text(result.expires), style)
    lines += row("", result.note, style) if result.note else []
    lines += row("proved", "fetched without credentials: size, first and last bytes, type", style)
    name = shlex.quote(f"{result.destination}/{result.name}")
    return "\n".join([*lines, *row("remove", f"`motion-preflight unpublish {name}`", style)])


def until_text(expires: dt.datetime | None) -> str:
    """How long a link works, in words."""
    return f"until {expires:%Y-%m-%d %H:%M} UTC" if expires else "without a stated end"


def unpublished_text(result: Unpublished, style: Style, *, forgotten: bool = False) -> str:
    """What came of taking away one published file, or of forgetting it alone."""
    if result.error is None:
        word = "forgotten" if forgotten else "removed"
        return f"{style.paint(word, 'green', 'bold')}  {printable(result.link)}"
    word = style.paint("not removed", "red", "bold")
    return "\n".join([f"{word}  {printable(result.link)}", *row("why", result.error, style)])


def publications_text(files: Sequence[tuple[Publication, Sequence[Receipt]]], style: Style) -> str:
    """What still lies where it was published, each with the requests that name it."""
    lines = [style.paint(f"still published: {plural(len(files), 'file')}", "bold")]
    for file, users in files[:_LISTED]:
        what = f"{file.size:,} bytes of {file.source}, {until_text(file.expires)}"
        if file.state is not PublicationState.PUBLISHED:
            what = f"{file.state} at {file.updated:%Y-%m-%d %H:%M} UTC; it may be there: {what}"
        lines += row("", f"`{file.destination}/{file.name}`", style)
        lines += row("", what, style)
        named = ", ".join(f"{one.task_id or one.intent} ({one.state})" for one in users[:_USERS])
        named += f" and {len(users) - _USERS} more" if len(users) > _USERS else ""
        lines += row("", f"for {named}" if named else "for no task yet", style)
    if len(files) > _LISTED:
        lines += row("", f"and {len(files) - _LISTED} more: --format json has all", style)
    take = (
        "`motion-preflight unpublish --finished` removes what only tasks needed that are over, "
        "`--older-than DAYS` what no task may still fetch"
    )
    return "\n".join([*lines, *row("next", take, style)])
