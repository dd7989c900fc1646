"""A link whose host declares another type than the file has

The bytes are the right ones, but the header says `application/octet-stream`, `text/html` or a type
of another kind. Services that believe the header refuse such a link, and people have reported
that. Set the type on the host, or publish the file where the type follows from its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.media.facts import MediaFacts
from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.rule import Rule
from motion_preflight.text.locations import sanitize_external_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="link-content-type",
    level=Level.NOTE,
    authority=Authority.INFERRED,
    source="services that believe the declared type refuse the file",
)

_SHOWN = 60  # characters of a type that are shown
_TYPES = {
    "mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm",
    "matroska": "video/x-matroska", "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp",
    "gif": "image/gif",
}  # fmt: skip


def check(case: RuleContext) -> Iterator[Finding]:
    """A note for each medium whose host declares another type than the file has."""
    for field, word, medium in case.media():
        if not isinstance(medium, MediaFacts) or medium.transfer is None:
            continue
        declared = (medium.transfer.content_type or "").partition(";")[0].strip()
        expected = "video" if field == "video_url" else "image"
        if not declared or _fits(declared.lower(), expected):
            continue
        shown = sanitize_external_text(declared)
        shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
        message = f'the host declares the {word} as "{shown}", and some services refuse that'
        right = _TYPES.get(medium.container or "", f"{expected}/…")
        remedy = f'set its Content-Type to "{right}" on the host'
        yield RULE.finding(case, Level.NOTE, field, message, remedy)


def _fits(declared: str, expected: str) -> bool:
    """Whether a declared type is of the expected kind. `application/mp4` is a type of videos."""
    return declared.startswith(f"{expected}/") or (
        expected == "video" and declared == "application/mp4"
    )
