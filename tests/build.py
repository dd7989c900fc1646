"""Builders of passing values; a test overrides only what it is about."""

from __future__ import annotations

import datetime as dt
import shlex
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from motion_preflight.facts import (
    AudioStream,
    Durations,
    MediaFacts,
    Reason,
    Transfer,
    Unmeasured,
    VideoStream,
)
from motion_preflight.profile import Limit, Profile
from motion_preflight.report import Conditions, Finding
from motion_preflight.request import read_draft
from motion_preflight.rules.rule import Case

if TYPE_CHECKING:
    from collections.abc import Iterable

    from motion_preflight.rules.rule import RuleModule

NOW = dt.datetime(2026, 12, 1, 12, 0, tzinfo=dt.UTC)
PROFILE = Profile.load()
VIDEO_URL = "https://example.com/clip.mp4"
IMAGE_URL = "https://example.com/image.png"
CONDITIONS = Conditions(PROFILE, NOW)
MISSING = object()  # as the value of a field: leave it out


def body(**fields: Any) -> dict[str, Any]:
    """A request that passes."""
    usual = {
        "model": "kling-v2-6-motion-control",
        "prompt": "she dances",
        "image_url": IMAGE_URL,
        "video_url": VIDEO_URL,
        "keep_original_sound": "yes",
        "character_orientation": "video",
        "mode": "std",
    }
    return {name: value for name, value in (usual | fields).items() if value is not MISSING}


def seconds(every: str | None = None, **ways: str | None) -> Durations:
    """Durations: the same for header, container, video and audio, some of them otherwise."""
    same = dict.fromkeys(("header", "container", "video", "audio"), every) | ways
    return Durations(**{way: Decimal(value) for way, value in same.items() if value is not None})


def video(**facts: Any) -> MediaFacts:
    """An 8-second clip that passes."""
    usual = MediaFacts(
        location=VIDEO_URL,
        size=5_000_000,
        container="mp4",
        format_name="mov,mp4,m4a,3gp,3g2,mj2",
        brand="isom",
        probed_by="ffprobe 8.1",
        durations=seconds("8"),
        faststart=True,
        fragmented=False,
        truncated=False,
        video=VideoStream("h264", 720, 1280, 0, Fraction(30), Decimal(0)),
        audio=AudioStream("aac", 44100, 2),
        transfer=Transfer(1, 65536, 200, "video/mp4", VIDEO_URL, '"1"'),
    )
    return replace(usual, **facts)


def image(**facts: Any) -> MediaFacts:
    """A picture that passes."""
    usual = MediaFacts(
        location=IMAGE_URL,
        size=400_000,
        container="png",
        format_name="png_pipe",
        brand=None,
        probed_by="ffprobe 8.1",
        truncated=False,
        video=VideoStream("png", 800, 800, 0, None),
    )
    return replace(usual, **facts)


def unmeasured(reason: Reason, error: str = "why", **known: Any) -> Unmeasured:
    return replace(Unmeasured(VIDEO_URL, reason, error), **known)


def case(request: dict[str, Any] | None = None, **parts: Any) -> Case:
    """A case in which every rule is silent."""
    usual = Case(
        draft=read_draft(request or body(), PROFILE.models),
        video=video(),
        image=image(),
        profile=PROFILE,
        now=NOW,
        tolerance=Decimal(0),
    )
    return replace(usual, **parts)


def profile(**limits: dict[str, Any]) -> Profile:
    """APIMart's profile with some of its limits otherwise."""
    changed = {
        name: replace(getattr(PROFILE.limits, name), **_bounds(bounds))
        for name, bounds in limits.items()
    }
    return replace(PROFILE, limits=replace(PROFILE.limits, **changed))


def duration_profile(**bounds: Any) -> Profile:
    """APIMart's profile with another limit of seconds, the same for both orientations."""
    limit = Limit("motion-control-page", **_bounds(bounds))
    both = replace(PROFILE.limits.video_duration, image=limit, video=limit)
    return replace(PROFILE, limits=replace(PROFILE.limits, video_duration=both))


def _bounds(bounds: dict[str, Any]) -> dict[str, Any]:
    """Bounds as a profile holds them: the reading's name → its figure."""
    return {
        key: {name: Decimal(figure) for name, figure in readings.items()}
        for key, bound in bounds.items()
        for readings in [bound if isinstance(bound, dict) else {"": bound}]
    }


def said(rule: RuleModule, case: Case) -> list[Finding]:
    """What one rule says of a case; a rule that lacks what it needs says nothing."""
    if any(case.lacks(need) for need in rule.RULE.needs):
        return []
    findings = list(rule.check(case))
    for finding in findings:
        well_formed(rule, finding)
    return findings


def well_formed(rule: RuleModule, finding: Finding) -> None:
    """What holds of every finding, whatever it says."""
    assert finding.rule == rule.RULE.id
    assert finding.level.weight <= rule.RULE.level.weight
    assert finding.authority is rule.RULE.authority
    assert finding.source
    for text in (finding.message, finding.remedy):
        assert text == text.strip()
        assert text
        assert "None" not in text
        assert "Decimal" not in text
        assert text.count("`") % 2 == 0


def only(findings: list[Finding]) -> Finding:
    """The one finding there is."""
    (finding,) = findings
    return finding


def command(remedy: str) -> list[str]:
    """The words of the command that a remedy gives between backticks."""
    _, text, _ = remedy.split("`")
    return shlex.split(text)


def mending(findings: Iterable[Finding], field: str) -> set[str]:
    """The commands that mend the medium of a field, each once."""
    remedies = (finding.remedy for finding in findings if finding.field == field)
    quoted = (part for remedy in remedies for part in remedy.split("`")[1::2])
    return {text for text in quoted if text.startswith("ffmpeg ")}
