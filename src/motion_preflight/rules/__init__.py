"""The rules in the order of a report. A new rule is its file, a line here, and its test."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from motion_preflight.report.findings import Skipped
from motion_preflight.rules import (
    image_aspect_ratio,
    image_dimensions,
    image_format,
    image_too_large,
    image_transparent,
    image_unreadable,
    link_content_type,
    link_expiring,
    link_exposes_secret,
    link_not_direct,
    link_trimmed,
    media_extension_misleading,
    media_not_published,
    media_unreachable,
    price_outdated,
    prompt_missing,
    prompt_too_long,
    request_field_unknown,
    request_invalid,
    url_not_public,
    video_black,
    video_close_up,
    video_container,
    video_cuts,
    video_dimensions,
    video_duration_above_maximum,
    video_duration_below_minimum,
    video_encrypted,
    video_frozen,
    video_motionless,
    video_not_faststart,
    video_several_tracks,
    video_sound_missing,
    video_stream_missing,
    video_too_large,
    video_truncated,
    video_undecodable,
    video_unreadable,
)
from motion_preflight.rules.rule import Need

if TYPE_CHECKING:
    from motion_preflight.report.findings import Finding
    from motion_preflight.rules.rule import RuleContext, RuleModule

RULES: tuple[RuleModule, ...] = (
    request_invalid,
    request_field_unknown,
    link_trimmed,
    url_not_public,
    media_not_published,
    media_unreachable,
    link_not_direct,
    link_expiring,
    link_exposes_secret,
    video_unreadable,
    video_stream_missing,
    video_truncated,
    video_encrypted,
    video_undecodable,
    video_several_tracks,
    video_duration_below_minimum,
    video_duration_above_maximum,
    video_too_large,
    video_container,
    video_dimensions,
    video_motionless,
    video_cuts,
    video_black,
    video_frozen,
    video_close_up,
    video_sound_missing,
    media_extension_misleading,
    link_content_type,
    image_unreadable,
    image_transparent,
    image_format,
    image_too_large,
    image_dimensions,
    image_aspect_ratio,
    prompt_too_long,
    prompt_missing,
    video_not_faststart,
    price_outdated,
)


_NEEDS = get_args(Need)


def run_rules(case: RuleContext) -> tuple[tuple[Finding, ...], tuple[Skipped, ...]]:
    """The findings of all rules, and the rules that could not be checked with the reason."""
    findings: list[Finding] = []
    skipped: list[Skipped] = []
    lacking = {need: reason for need in _NEEDS if (reason := case.lacks(need))}
    for module in RULES:
        because = (
            [lacking[need] for need in module.RULE.needs if need in lacking] if lacking else ()
        )
        if because:
            skipped.append(Skipped(module.RULE.id, because[0]))
        else:
            findings.extend(module.check(case))
    return tuple(findings), tuple(skipped)
