"""A field that the API page does not name

The server may ignore it, refuse it, or charge for what it does. Most often it is a known field
spelled differently, or one of another API. Inside a JSON body it is kept and sent, with a warning.
Columns of a CSV and fields around a wrapped body (`{"input": {…}, "callBackUrl": …}`) that the API
does not name stay here, unless `--send-unknown` is given. A field that asks for several videos
elsewhere (`n`, `count`, `batch_size`) may multiply the bill: it is an error unless it is 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.media.facts import MediaFacts
from motion_preflight.provider.other_sellers import (
    calls_back,
    copies,
    equivalent_field,
    field_hint,
    multiplies,
)
from motion_preflight.report.estimate import estimate_cost
from motion_preflight.report.findings import Authority, Level
from motion_preflight.request.parse import field_near
from motion_preflight.rules.rule import Rule
from motion_preflight.text.credentials import shown_name
from motion_preflight.text.locations import redacted_text
from motion_preflight.text.numbers import format_decimal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext

RULE = Rule(
    id="request-field-unknown",
    level=Level.ERROR,
    authority=Authority.APIMART,
    source="motion-control-page",
)
_SHOWN = 5  # the most columns that are named; others are counted
_DEEPEST = 4  # levels of a field that are searched


def check(case: RuleContext) -> Iterator[Finding]:
    """A warning for each unknown field, an error for one that may multiply the bill, a note for
    columns that are not sent.
    """
    for name, value in _unknown_fields(case):
        multiplier = _multiplier(name.rpartition(".")[2], value, _DEEPEST)
        if multiplier is not None:
            yield _may_multiply(case, name, *multiplier)
            continue
        message = f'the API page names no field "{shown_name(name)}"'
        yield RULE.finding(case, Level.WARNING, redacted_text(name), message, _remedy(name))
    yield from _columns(case)


def _unknown_fields(case: RuleContext) -> Iterator[tuple[str, object]]:
    """What the API page does not name, also beside the switch of the watermark: name and value."""
    for name in case.draft.unknown:
        yield name, case.draft.body.get(name)
    watermark = case.draft.body.get("watermark_info")
    if isinstance(watermark, dict) and "enabled" in watermark:
        for key in [key for key in watermark if key != "enabled"]:
            yield f"watermark_info.{key}", watermark[key]


def _remedy(name: str) -> str:
    if intended := equivalent_field(name):
        return f'was "{intended}" meant?' + (
            " It takes one link, as text" if intended.endswith("_url") else ""
        )
    if hint := field_hint(name):
        return hint
    near = field_near(name)
    return f'was "{near}" meant?' if near else "take it out, unless you know that it is taken"


def _columns(case: RuleContext) -> Iterator[Finding]:
    """The findings about columns and fields beside the request that are not sent."""
    misspelt = {name: near for name in case.draft.left_out if (near := field_near(name))}
    for name, near in misspelt.items():
        if near in case.draft.body:
            continue
        message = f'"{shown_name(name)}" is not sent: the API page names no such field'
        yield RULE.finding(
            case, Level.WARNING, redacted_text(name), message, f'was "{near}" meant?'
        )
    rest = [
        name
        for name in case.draft.left_out
        if name not in misspelt or misspelt[name] in case.draft.body
    ]
    if rest:
        names = ", ".join(f'"{shown_name(name)}"' for name in rest[:_SHOWN])
        more = f" and {len(rest) - _SHOWN} more" if len(rest) > _SHOWN else ""
        message = f"{names}{more} will not be sent: the API page names no such field"
        remedy = "nothing is to be done, unless the API is to get it: then give `--send-unknown`"
        if any(calls_back(name) for name in rest):
            remedy = "this API calls nothing back: `tasks wait` tells when a task is over"
        yield RULE.finding(case, Level.NOTE, None, message, remedy)


def _multiplier(name: str, value: object, levels: int) -> tuple[str, object] | None:
    """The name and the value that ask for more than one video, in a field or inside of it; `None`
    without any.
    """
    if multiplies(name) and not isinstance(value, dict | list):
        return None if copies(value) == 1 else (name, value)
    if not isinstance(value, dict) or not levels:
        return None
    inside = (_multiplier(str(key), inner, levels - 1) for key, inner in value.items())
    return next((multiplier for multiplier in inside if multiplier), None)


def _may_multiply(case: RuleContext, field: str, name: str, value: object) -> Finding:
    number = copies(value)
    many = f"{number:,} videos" if number is not None and number > 1 else "several videos"
    message = f'"{shown_name(name)}" may ask for {many}, and each is billed{_cost(case, number)}'
    remedy = "take it out (or write 1); for several results send the request several times"
    return RULE.finding(case, Level.ERROR, field, message, remedy)


def _cost(case: RuleContext, number: int | None) -> str:
    """What so many videos would cost, in words; `""` when that is not known."""
    if number is None or number < 1 or not isinstance(case.video, MediaFacts):
        return ""
    estimate = estimate_cost(case.draft, case.video, case.profile, case.options.price)
    if estimate is None or estimate.amount is None:
        return ""
    low, high = (
        format_decimal(end * number) for end in (estimate.amount.low, estimate.amount.high)
    )
    amount = low if low == high else f"{low} to {high}"
    return f": {estimate.currency} {amount} in place of {format_decimal(estimate.amount.high)}"
