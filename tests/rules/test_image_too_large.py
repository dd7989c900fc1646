"""10 MB on an older page, 50 MB on a newer one, each in MB or MiB: beyond all it is a warning."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import PROFILE, case, image, unmeasured
from findings import findings_of, single

from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import image_too_large


@pytest.mark.parametrize(
    ("size", "level"),
    [
        (None, None),
        (1, None),
        (10_000_000, None),
        (10_000_001, Level.NOTE),
        (10_485_760, Level.NOTE),
        (10_485_761, Level.NOTE),
        (50_000_000, Level.NOTE),
        (50_000_001, Level.NOTE),
        (52_428_800, Level.NOTE),
        (52_428_801, Level.WARNING),
        (10**10, Level.WARNING),
    ],
)
def test_the_limits_to_the_byte(size: int | None, level: Level | None) -> None:
    findings = findings_of(image_too_large, case(image=image(size=size)))
    assert [finding.level for finding in findings] == ([level] if level else [])
    for finding in findings:
        assert finding.field == "image_url"
        assert f"the reference image has {size:,} bytes" in finding.message
        assert "smaller" in finding.remedy


def test_every_reading_of_the_limit_is_named() -> None:
    message = single(findings_of(image_too_large, case(image=image(size=60_000_000)))).message
    for figure in ("10,000,000", "10,485,760", "50,000,000", "52,428,800"):
        assert f"{figure} bytes (" in message
    assert "older page, MB" in message
    assert "newer page, MiB" in message


def test_a_size_is_judged_though_nothing_else_was_measured() -> None:
    huge = unmeasured(Reason.TOO_LARGE, size=60_000_000)
    assert single(findings_of(image_too_large, case(image=huge))).level is Level.WARNING
    assert findings_of(image_too_large, case(image=unmeasured(Reason.TOO_LARGE))) == []


def test_the_size_of_what_is_no_usable_picture_is_not_judged() -> None:
    clip = unmeasured(Reason.UNREADABLE, "it is mp4, not a picture", size=60_000_000)
    assert findings_of(image_too_large, case(image=clip)) == []


def test_a_profile_without_a_limit_lets_every_size_through() -> None:
    free = replace(PROFILE.limits.image_size, maximum=None)
    free_profile = replace(PROFILE, limits=replace(PROFILE.limits, image_size=free))
    assert findings_of(image_too_large, case(image=image(size=10**12), profile=free_profile)) == []
