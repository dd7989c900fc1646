"""A field is missing or has a value that the API does not take

The names, types and words of the request are those of the API page: `model`, `image_url`,
`video_url`, `character_orientation` ("image" or "video") and `mode` ("std" or "pro") are required;
`keep_original_sound` is the word "yes" or "no", not a boolean. Every wrong field is reported.
When a value is close to one that is allowed, the media are checked as if that had been written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report import Authority, Level
from motion_preflight.request import FIELDS, near_miss
from motion_preflight.rules.rule import Rule
from motion_preflight.source.location import printable, redacted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report import Finding
    from motion_preflight.rules.rule import Case

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


def check(case: Case) -> Iterator[Finding]:
    for wrong in case.draft.violations:
        known = (*case.draft.unknown, *case.draft.left_out)
        written = next((name for name in known if near_miss(name, FIELDS) == wrong.field), None)
        if written and wrong.field not in case.draft.body:
            name = printable(written).replace("`", "'")[:60]
            remedy = f'write "{wrong.field}" in place of "{name}"'
        elif wrong.near:
            why = f"{wrong.hint}; " if wrong.hint else ""
            near = redacted(wrong.near)
            near = near if len(near) <= _LONGEST else f"{near[:_LONGEST]}…"
            remedy = f'write "{near}" ({why}the other rules were checked as if it were there)'
        elif wrong.hint:
            remedy = wrong.hint
        else:
            option = _OPTIONS.get(wrong.field)
            there = " is missing" not in wrong.message
            remedy = f"{'correct' if there else 'add'} {wrong.field} in the request"
            remedy += f" (on the command line: {option})" if option else ""
        yield RULE.finding(case, Level.ERROR, wrong.field, wrong.message, remedy)
