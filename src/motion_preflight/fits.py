"""What a clip is good for: the verdict for each orientation, the cost for each model and mode."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from motion_preflight.estimate import Span, estimated
from motion_preflight.facts import Reason, Unmeasured
from motion_preflight.report import Finding, Level, Verdict
from motion_preflight.request import Draft, read_draft
from motion_preflight.rules import run_rules
from motion_preflight.rules.rule import Case

if TYPE_CHECKING:
    from datetime import datetime

    from motion_preflight.facts import MediaFacts
    from motion_preflight.profile import Profile

_ZERO = Decimal(0)
_NO_IMAGE = Unmeasured(None, Reason.NOT_GIVEN, "no image was asked about")


@dataclass(frozen=True, slots=True)
class Offer:
    """The cost of a clip with one model and mode; `amount` is `None` without a known price."""

    model: str
    mode: Literal["std", "pro"]
    amount: Span | None


@dataclass(frozen=True, slots=True)
class Fits:
    """What a measured clip is good for."""

    verdicts: dict[Literal["image", "video"], Verdict]
    findings: tuple[Finding, ...]  # about the clip, those of both orientations once
    offers: tuple[Offer, ...]


def fits(
    video: MediaFacts, *, profile: Profile, now: datetime, price: Decimal | None = None
) -> Fits:
    """The verdicts, the findings and the costs of a clip, whatever image goes with it."""
    verdicts: dict[Literal["image", "video"], Verdict] = {}
    findings: dict[Finding, None] = {}
    draft = _draft(video.location, profile)
    for orientation in ("image", "video"):
        case = Case(
            replace(draft, character_orientation=orientation),
            video,
            _NO_IMAGE,
            profile,
            now,
            tolerance=_ZERO,
            allow_private=True,  # it was fetched already
        )
        said = [each for each in run_rules(case)[0] if each.field == "video_url"]
        verdicts[orientation] = _verdict(said)
        findings |= dict.fromkeys(each for each in said if each.rule != "media-not-published")
    return Fits(verdicts, tuple(findings), _offers(draft, video, profile, price))


def _draft(location: str, profile: Profile) -> Draft:
    """A request with nothing wrong but its lack of an image."""
    body = {"model": next(iter(profile.models), ""), "video_url": location, "image_url": "-"}
    return read_draft(body | {"character_orientation": "video", "mode": "std"}, profile.models)


def _verdict(findings: list[Finding]) -> Verdict:
    levels = {finding.level for finding in findings}
    if Level.ERROR in levels:
        return Verdict.FAIL
    return Verdict.UNSURE if Level.UNSURE in levels else Verdict.PASS


def _offers(
    draft: Draft, video: MediaFacts, profile: Profile, price: Decimal | None
) -> tuple[Offer, ...]:
    offers = []
    for model in profile.models:
        for mode in ("std", "pro"):
            cost = estimated(replace(draft, model=model, mode=mode), video, profile, price)
            offers.append(Offer(model, mode, cost.amount if cost else None))
    return tuple(offers)
