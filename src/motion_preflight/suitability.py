"""What a clip is suitable for: a verdict for each orientation, a cost for each model and mode."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeVar

from motion_preflight.media.containers.signature import ANY_PICTURE
from motion_preflight.media.facts import MediaFacts, Unmeasured
from motion_preflight.network.errors import Reason
from motion_preflight.report.estimate import estimate_cost
from motion_preflight.report.findings import Finding, Level, Verdict
from motion_preflight.report.options import CheckOptions
from motion_preflight.request.parse import ParsedRequest, parse_request
from motion_preflight.rules import (
    media_not_published,
    request_invalid,
    run_rules,
    video_duration_below_minimum,
)
from motion_preflight.rules.request_invalid import link_to_write
from motion_preflight.rules.rule import RuleContext
from motion_preflight.text.lazy_dataclass import dataclass, replace
from motion_preflight.text.links.problems import SEPARATE_REQUESTS
from motion_preflight.text.locations import is_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from motion_preflight.media.facts import Measured
    from motion_preflight.provider.profile import Profile
    from motion_preflight.request.errors import Violation
    from motion_preflight.text.numbers import AmountRange

T = TypeVar("T")
_ZERO, _DEAREST = Decimal(0), Decimal("Infinity")
_ORIENTATIONS: tuple[Literal["image", "video"], ...] = ("image", "video")
Verdicts = dict[Literal["image", "video"], Verdict]  # by orientation
_NOT_ASKED = Unmeasured(None, Reason.NOT_GIVEN, "it was not asked about")


@dataclass(frozen=True, slots=True)
class CostOption:
    """The cost of a clip with one model and mode; `amount` is `None` when no price is known.

    `verdicts` are those of the model's own limits, by orientation.
    """

    model: str
    mode: Literal["std", "pro"]
    amount: AmountRange | None
    verdicts: Verdicts


@dataclass(frozen=True, slots=True)
class Suitability:
    """What a medium is suitable for, and the findings about it.

    `verdicts` are unsure where it depends on the model. A finding that both orientations and all
    models share stands once; one of some models names them.
    """

    verdicts: Verdicts  # empty unless it is a clip
    findings: tuple[Finding, ...]
    offers: tuple[CostOption, ...]  # the cheapest first; empty unless it is a clip


def fits(
    medium: Measured, *, profile: Profile, now: datetime, price: Decimal | None = None
) -> Suitability:
    """The verdicts, the findings and the costs of a medium, whatever request it goes into.

    `price` is the user's own for a second, in the profile's currency; `None` means the profile's.
    """
    draft = _draft(medium.location or "", profile)
    read = isinstance(medium, MediaFacts) or medium.container in ANY_PICTURE
    if read and not is_url(medium.location or ""):
        draft = replace(draft, violations=())  # the name of a file may look like a mistaken link
    options = CheckOptions(profile=profile, allow_private=True)
    case = RuleContext(draft, medium, _NOT_ASKED, options, now)
    if medium.container in ANY_PICTURE:
        as_image = replace(case, video=_NOT_ASKED, image=medium)
        return Suitability(
            {}, _named(_by_models(as_image, partial(_findings, field="image_url"))), ()
        )
    if isinstance(medium, Unmeasured):
        wrong = tuple(_of_location(case))
        named = wrong or _named(_by_models(case, partial(_findings, field="video_url")))
        return Suitability({}, named, ())
    judged = _by_models(case, _by_orientation)
    verdicts: dict[tuple[str, ...], Verdicts] = {
        models: {orientation: _verdict(findings[orientation]) for orientation in _ORIENTATIONS}
        for models, findings in judged.items()
    }
    return Suitability(
        _shared(list(verdicts.values())),
        _named({models: _once(findings) for models, findings in judged.items()}),
        _offers(draft, medium, profile, price, verdicts),
    )


def _by_models(case: RuleContext, judge: Callable[[RuleContext], T]) -> dict[tuple[str, ...], T]:
    """What is judged with the limits of each group of models that share them."""
    return {
        models: judge(replace(case, draft=replace(case.draft, model=next(iter(models), None))))
        for _, models in case.profile.models_by_limits()
    }


def _by_orientation(case: RuleContext) -> dict[Literal["image", "video"], list[Finding]]:
    return {
        orientation: _findings(
            replace(case, draft=replace(case.draft, character_orientation=orientation)), "video_url"
        )
        for orientation in _ORIENTATIONS
    }


def _shared(verdicts: list[Verdicts]) -> Verdicts:
    """The verdict that all models share, by orientation; unsure where they differ."""
    return {
        orientation: verdict
        if all(other[orientation] is verdict for other in verdicts)
        else Verdict.UNSURE
        for orientation, verdict in verdicts[0].items()
    }


def _named(by_models: Mapping[tuple[str, ...], Iterable[Finding]]) -> tuple[Finding, ...]:
    """The findings of all models; one that only some models have names them."""
    everyone = [model for models in by_models for model in models]
    holders: dict[Finding, list[str]] = {}
    for models, findings in by_models.items():
        for finding in findings:
            holders.setdefault(finding, []).extend(models)
    return tuple(
        finding
        if len(models) == len(everyone)
        else replace(finding, message=f"with {', '.join(models)}: {finding.message}")
        for finding, models in holders.items()
    )


def _once(findings: Mapping[Literal["image", "video"], list[Finding]]) -> Iterable[Finding]:
    """The findings of both orientations, one that they share once."""
    both = [finding for orientation in _ORIENTATIONS for finding in findings[orientation]]
    return {_same(finding): finding for finding in both}.values()


def _same(finding: Finding) -> tuple[str, str]:
    """The key by which two findings count as one.

    A clip that is too short is so for both orientations. The later finding, for "video", is kept,
    because its command cuts less.
    """
    too_short = finding.rule == video_duration_below_minimum.RULE.id
    return finding.rule, "" if too_short else finding.message


def _findings(case: RuleContext, field: str) -> list[Finding]:
    """The findings of the rules about one medium, without the note that it is not published yet."""
    findings = run_rules(case)[0]
    return [
        finding
        for finding in findings
        if finding.field == field and finding.rule != media_not_published.RULE.id
    ]


def _of_location(case: RuleContext) -> list[Finding]:
    """The one finding about a location that is neither a link nor a file.

    No request names it, so the message speaks of the location. That it could not be read adds
    nothing.
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
    return violation.hint and violation.hint.replace(SEPARATE_REQUESTS, "name each by itself")


def _draft(location: str, profile: Profile) -> ParsedRequest:
    """A request without mistakes that names the location as both media."""
    body = {"model": next(iter(profile.models), ""), "video_url": location, "image_url": location}
    return parse_request(body | {"character_orientation": "video", "mode": "std"}, profile.models)


def _verdict(findings: list[Finding]) -> Verdict:
    levels = {finding.level for finding in findings}
    if Level.ERROR in levels:
        return Verdict.FAIL
    return Verdict.UNSURE if Level.UNSURE in levels else Verdict.PASS


def _offers(
    draft: ParsedRequest,
    video: MediaFacts,
    profile: Profile,
    price: Decimal | None,
    verdicts: Mapping[tuple[str, ...], Verdicts],
) -> tuple[CostOption, ...]:
    offers = []
    own = {model: fit for models, fit in verdicts.items() for model in models}
    for model in profile.models:
        for mode in ("std", "pro"):
            cost = estimate_cost(replace(draft, model=model, mode=mode), video, profile, price)
            offers.append(CostOption(model, mode, cost.amount if cost else None, own[model]))
    return tuple(sorted(offers, key=lambda offer: offer.amount.low if offer.amount else _DEAREST))
