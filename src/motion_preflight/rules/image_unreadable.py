"""A reference image that cannot be measured

It is no picture, it is broken or cut short, or it is of a kind that is not measured here (JPEG XL,
JPEG 2000, DNG, BigTIFF, SVG; HEIC and AVIF without the extra `heif`). An error when the file is no
picture, unsure when its sides cannot be found, when bytes are missing or do not decode, or when it
is too large to be decoded here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.media.facts import MediaFacts
from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Authority, Level
from motion_preflight.rules.rule import CLIPS, Rule, swapped, unmeasured

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="image-unreadable",
    level=Level.ERROR,
    authority=Authority.APIMART,
    source="motion-control-page",
)


def check(case: RuleContext) -> Iterator[Finding]:
    """An error for a file that is not a usable picture; unsure for one that could not
    be measured.
    """
    unreadable = unmeasured(case.image, Reason.UNREADABLE)
    too_large = unmeasured(case.image, Reason.TOO_LARGE)
    unsupported = unmeasured(case.image, Reason.UNSUPPORTED, Reason.INCOMPLETE)
    if unreadable:
        message = f"the reference image is not usable: {unreadable.error}"
        remedy = unreadable.remedy or "export or download it again as JPEG or PNG"
        if unreadable.container in CLIPS:
            remedy = "put the link of the picture there; a clip is for video_url"
        if swapped(case):
            remedy = "exchange image_url and video_url: they are swapped"
        yield RULE.finding(case, Level.ERROR, "image_url", message, remedy)
    elif too_large:
        message = f"the reference image is too large to be measured: {too_large.error}"
        remedy = "save it smaller, as JPEG or PNG"
        yield RULE.finding(case, Level.UNSURE, "image_url", message, remedy)
    elif unsupported:
        message = f"the reference image was not measured: {unsupported.error}"
        remedy = "see `motion-preflight doctor`, or save it as JPEG or PNG"
        if unsupported.container in {"heic", "avif"}:
            remedy = "save it as JPEG or PNG; or, to measure it, install the extra `heif`"
        yield RULE.finding(case, Level.UNSURE, "image_url", message, remedy)
    elif isinstance(case.image, MediaFacts) and case.image.truncated:
        message = f"the reference image looks cut short: {case.image.truncation}"
        remedy = "compare its size with the original, and upload or download it again"
        yield RULE.finding(case, Level.UNSURE, "image_url", message, remedy)
    elif isinstance(case.image, MediaFacts) and case.image.undecodable:
        message = f"the reference image may not be usable: {case.image.undecodable}"
        remedy = "open it in another program, and save it again as JPEG or PNG"
        yield RULE.finding(case, Level.UNSURE, "image_url", message, remedy)
