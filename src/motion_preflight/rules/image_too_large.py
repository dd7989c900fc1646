"""A reference image of more bytes than Kling's page allows

An older page says 10 MB, a newer one 50 MB; APIMart's page is silent. Beyond both it is a warning,
between them a note.
"""

from __future__ import annotations

import operator
from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.media.facts import Readings
from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.rule import Rule, bounds_text, level_of, unmeasured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="image-too-large",
    level=Level.WARNING,
    authority=Authority.KLING,
    source="kling-page",
    needs=("image size",),
)


def check(case: RuleContext) -> Iterator[Finding]:
    """A warning for a picture of more bytes than every reading of the limit allows; a note for one
    that only some readings allow.
    """
    limit, size = case.limits.image_size.maximum, case.image.size
    if limit is None or size is None or unmeasured(case.image, Reason.UNREADABLE):
        return
    compliance = Readings({"size": Decimal(size)}).compare_to(limit, operator.le)
    level = level_of(compliance, Level.WARNING, Level.NOTE)
    if level:
        message = (
            f"the reference image has {size:,} bytes; allowed are {bounds_text(limit, 'bytes')}"
        )
        yield RULE.finding(
            case,
            level,
            "image_url",
            message,
            "save it smaller or with more compression",
            case.limits.image_size,
        )
