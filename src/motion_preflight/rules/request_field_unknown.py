"""A field that the API page does not name

The server may ignore it, refuse it, or charge for what it does. It is kept in the body that is
sent. Most often it is a known field spelled differently.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.report import Authority, Level
from motion_preflight.request import FIELDS, near_miss
from motion_preflight.rules.rule import Rule
from motion_preflight.source.location import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report import Finding
    from motion_preflight.rules.rule import Case

RULE = Rule(
    id="request-field-unknown",
    level=Level.WARNING,
    authority=Authority.APIMART,
    source="motion-control-page",
)


def check(case: Case) -> Iterator[Finding]:
    for name in case.draft.unknown:
        near = near_miss(name, FIELDS) or near_miss(f"{name}_url", FIELDS)
        remedy = f'was "{near}" meant?' if near else "take it out, unless you know that it is taken"
        message = f'the API page names no field "{printable(name)[:60]}"'
        yield RULE.finding(case, Level.WARNING, name, message, remedy)
