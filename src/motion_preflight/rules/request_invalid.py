"""A field is missing or has a value that the API does not take

The names, types and words of the request are those of the API page: `model`, `image_url`,
`video_url`, `character_orientation` ("image" or "video") and `mode` ("std" or "pro") are required;
`keep_original_sound` is the word "yes" or "no", not a boolean. Every wrong field is reported.
When a value is close to one that is allowed, the media are checked as if that had been written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report.findings import Authority, Level
from motion_preflight.request.parse import equivalent_value, field_near
from motion_preflight.rules.rule import Rule
from motion_preflight.text.credentials import shown_name
from motion_preflight.text.locations import redacted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="request-invalid",
    level=Level.ERROR,
    authority=Authority.APIMART,
    source="motion-control-page",
)

_LONGEST = 200  # characters of a value that are shown
_OPTIONS = {
    "model": "--model", "image_url": "--image", "video_url": "--video", "mode": "--mode",
    "character_orientation": "--orientation", "prompt": "--prompt",
}  # fmt: skip


def check(case: RuleContext) -> Iterator[Finding]:
    """An error for each field that is missing or has a value that the API does not accept."""
    for wrong in case.draft.violations:
        written = _other_name(case, wrong.field)
        if written is not None:
            remedy = _renamed(case, wrong.field, written)
        elif wrong.near:
            why = f"{wrong.hint}; " if wrong.hint else ""
            near = _shown(wrong.near)
            remedy = f'write "{near}" ({why}the other rules were checked as if it were there)'
        elif wrong.hint:
            remedy = wrong.hint
        else:
            option = _OPTIONS.get(wrong.field)
            there = " is missing" not in wrong.message
            remedy = f"{'correct' if there else 'add'} {wrong.field} in the request"
            remedy += f" (on the command line: {option})" if option else ""
        yield RULE.finding(case, Level.ERROR, wrong.field or None, wrong.message, remedy)


def _other_name(case: RuleContext, field: str) -> str | None:
    """The field under whose name a missing field was written; `None` when there is none."""
    if field in case.draft.body:
        return None
    names = (*case.draft.unknown, *case.draft.left_out)
    return next((name for name in names if field_near(name) == field), None)


def _renamed(case: RuleContext, field: str, name: str) -> str:
    """What to write in place of a field of another name, and its value where that changes too."""
    value = case.draft.body.get(name)
    place = shown_name(name).replace("`", "'")
    near, hint = None, None
    if value is not None:
        near, hint = equivalent_value(field, value, case.profile.models)
    if near and isinstance(value, str):
        return f'write "{field}": "{_shown(near)}" in place of "{place}": "{_shown(value)}"'
    if near:
        return f'write "{field}": "{_shown(near)}" in place of "{place}" ({hint})'
    return f'write "{field}" in place of "{place}"' + (f"; {hint}" if hint else "")


def link_to_write(link: str) -> str:
    """The remedy for a location that should be this link; its secrets are masked."""
    return f'write "{_shown(link)}"'


def _shown(value: str) -> str:
    value = redacted(value)
    return value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
