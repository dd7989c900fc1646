"""What a clip is good for: the verdict for each orientation, the cost for each model and mode."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from motion_preflight.estimate import Span, estimated
from motion_preflight.facts import MediaFacts, Reason, Unmeasured
from motion_preflight.report import Finding, Level, Verdict
from motion_preflight.request import Draft, read_draft
from motion_preflight.rules import request_invalid, run_rules
from motion_preflight.rules.request_invalid import link_to_write
from motion_preflight.rules.rule import Case
from motion_preflight.source.location import is_url
from motion_preflight.source.signature import ANY_PICTURE
from motion_preflight.text.links.problems import EACH_REQUEST

if TYPE_CHECKING:
    from datetime import datetime

    from motion_preflight.errors import Violation
    from motion_preflight.facts import Measured
    from motion_preflight.profile import Profile

_ZERO, _DEAREST = Decimal(0), Decimal("Infinity")
_ORIENTATIONS: tuple[Literal["image", "video"], ...] = ("image", "video")
_NOT_ASKED = Unmeasured(None, Reason.NOT_GIVEN, "it was not asked about")


@dataclass(frozen=True, slots=True)
class Offer:
    """The cost of a clip with one model and mode; `amount` is `None` without a known price."""

    model: str
    mode: Literal["std", "pro"]
    amount: Span | None


@dataclass(frozen=True, slots=True)
class Fits:
    """What a medium is good for."""

    verdicts: dict[Literal["image", "video"], Verdict]  # by orientation; empty but for a clip
    findings: tuple[Finding, ...]  # about the medium, those of both orientations once
    offers: tuple[Offer, ...]  # the cheapest first; empty but for a clip


def fits(
    medium: Measured, *, profile: Profile, now: datetime, price: Decimal | None = None
) -> Fits:
    """The verdicts, the findings and the costs of a medium, whatever goes with it."""
    draft = _draft(medium.location or "", profile)
    read = isinstance(medium, MediaFacts) or medium.container in ANY_PICTURE
    if read and not is_url(medium.location or ""):
        draft = replace(draft, violations=())  # a file may be called as a link with a mistake
    case = Case(draft, medium, _NOT_ASKED, profile, now, tolerance=_ZERO, allow_private=True)
    if medium.container in ANY_PICTURE:
        turned = replace(case, video=_NOT_ASKED, image=medium)
        return Fits({}, tuple(_said(turned, "image_url")), ())
    if isinstance(medium, Unmeasured):
        return Fits({}, tuple(_of_location(case) or _said(case, "video_url")), ())
    said = {
        orientation: _said(
            replace(case, draft=replace(draft, character_orientation=orientation)), "video_url"
        )
        for orientation in _ORIENTATIONS
    }
    verdicts = {orientation: _verdict(said[orientation]) for orientation in _ORIENTATIONS}
    findings = {_same(each): each for each in [*said["image"], *said["video"]]}
    return Fits(verdicts, tuple(findings.values()), _offers(draft, medium, profile, price))


def _same(finding: Finding) -> tuple[str, str]:
    """What makes two findings one: a clip that is too short is so for both orientations. The later
    one, for "video", is kept: its command cuts less.
    """
    too_short = finding.rule == "video-duration-below-minimum"
    return finding.rule, "" if too_short else finding.message


def _said(case: Case, field: str) -> list[Finding]:
    """What the rules say of one medium, but that it is not published yet."""
    findings = run_rules(case)[0]
    return [each for each in findings if each.field == field and each.rule != "media-not-published"]


def _of_location(case: Case) -> list[Finding]:
    """The one finding about a location that is no link and no file: no request names it, and that
    it could not be read says nothing more.
    """
    wrong = [
        replace(
            violation,
            message=violation.message.replace(violation.field, "the location", 1),
            near=None,
            hint=_remedy(violation),
        )
        for violation in case.draft.violations
        if violation.field == "video_url"
    ]
    draft = replace(case.draft, violations=tuple(wrong))
    return list(request_invalid.check(replace(case, draft=draft)))


def _remedy(violation: Violation) -> str | None:
    if violation.near:
        return link_to_write(violation.near)
    return violation.hint and violation.hint.replace(EACH_REQUEST, "name each by itself")


def _draft(location: str, profile: Profile) -> Draft:
    """A request with nothing wrong, for both media."""
    body = {"model": next(iter(profile.models), ""), "video_url": location, "image_url": location}
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
    return tuple(sorted(offers, key=lambda each: each.amount.low if each.amount else _DEAREST))
