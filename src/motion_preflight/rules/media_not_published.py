"""A local file where the request needs a link

`check` and `estimate` take local paths, so that a clip can be checked before it is published. The
request itself needs URLs: a direct public link is one that answers with the file, to anyone,
without a page around it or a login in front of it. The provider takes uploads of pictures, and
`submit` makes use of that; it takes none of videos. `publish` puts a file into a bucket or another
place of yours and proves its link, and `submit --publish` does so on its way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.media.facts import MediaFacts
from motion_preflight.report.clearance import not_uploadable
from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.rule import Rule
from motion_preflight.text.locations import is_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="media-not-published",
    level=Level.NOTE,
    authority=Authority.APIMART,
    source="motion-control-page",
)

_UPLOADED = "`motion-preflight submit` uploads it"


def check(case: RuleContext) -> Iterator[Finding]:
    """A note for each medium that is a local file."""
    for field, word, medium in case.media():
        if isinstance(medium, MediaFacts) and not is_url(medium.location):
            message = f"the {word} is a local file, and a request needs a public direct link"
            remedy = "`motion-preflight publish` gives its link; `submit --publish` uses it at once"
            if field == "image_url":
                cannot = not_uploadable(medium, case.limits)
                remedy = f"{remedy} ({cannot})" if cannot else _UPLOADED
            yield RULE.finding(case, Level.NOTE, field, message, remedy)
