"""Sides of 340 to 3850 pixels as displayed; another size is a warning with the command."""

from __future__ import annotations

from fractions import Fraction

import pytest
from builders import body, case, unmeasured, video
from findings import command, findings_of, single

from motion_preflight.media.facts import VideoStream
from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import video_dimensions
from motion_preflight.rules.rule import RuleContext


def sized(width: int | None, height: int | None) -> RuleContext:
    stream = VideoStream("h264", width, height, 0, Fraction(30))
    return case(body(video_url="clip.mp4"), video=video(video=stream))


@pytest.mark.parametrize(
    ("width", "height"), [(340, 340), (3850, 3850), (340, 3850), (3850, 340), (720, 1280)]
)
def test_sides_inside_the_limits_are_silent(width: int, height: int) -> None:
    assert findings_of(video_dimensions, sized(width, height)) == []


@pytest.mark.parametrize(
    ("width", "height"),
    [(339, 340), (340, 339), (3851, 3850), (3850, 3851), (339, 3851), (1, 1), (7680, 4320)],
)
def test_a_side_one_pixel_beyond_is_a_warning(width: int, height: int) -> None:
    finding = single(findings_of(video_dimensions, sized(width, height)))
    assert (finding.level, finding.field) == (Level.WARNING, "video_url")
    assert finding.message == (
        f"the reference video is {width}x{height} pixels; each side must be 340 to 3,850"
    )


@pytest.mark.parametrize(
    ("width", "height"),
    [(338, 338), (339, 600), (600, 170), (7680, 4320), (3852, 342), (3851, 3851), (1, 1)],
)
def test_the_remedy_scales_it(width: int, height: int) -> None:
    remedy = single(findings_of(video_dimensions, sized(width, height))).remedy
    assert remedy.startswith("to scale it, run `")
    assert command(remedy) == ["motion-preflight", "fix", "clip.mp4", "--for", "video"]


@pytest.mark.parametrize(("width", "height"), [(30, 340), (3852, 340), (339, 3851), (340, 8000)])
def test_sides_too_unequal_to_be_scaled_are_to_be_cut(width: int, height: int) -> None:
    remedy = single(findings_of(video_dimensions, sized(width, height))).remedy
    assert "too unequal to be scaled" in remedy
    assert "`" not in remedy


@pytest.mark.parametrize(("width", "height"), [(None, None), (720, None), (None, 720)])
def test_sides_that_are_not_known_are_a_note(width: int | None, height: int | None) -> None:
    finding = single(findings_of(video_dimensions, sized(width, height)))
    assert (finding.level, finding.field) == (Level.NOTE, "video_url")
    assert "not known" in finding.message


@pytest.mark.parametrize("medium", [unmeasured(Reason.MISSING), video(video=None)])
def test_without_a_video_it_is_silent(medium: object) -> None:
    assert findings_of(video_dimensions, case(video=medium)) == []
