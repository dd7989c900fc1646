"""Sides of 300 to 65,536 pixels, as the picture is shown; others are a warning."""

from __future__ import annotations

import pytest
from builders import body, case, image, unmeasured
from findings import command, findings_of, single

from motion_preflight.media.facts import VideoStream
from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import image_dimensions
from motion_preflight.rules.rule import RuleContext


def sized(width: int | None, height: int | None) -> RuleContext:
    picture = VideoStream("png", width, height, 0, None)
    return case(body(image_url="face.png"), image=image(video=picture))


@pytest.mark.parametrize(
    ("width", "height"),
    [(300, 300), (301, 300), (300, 9000), (800, 600), (65_536, 300), (300, 65_536)],
)
def test_sides_long_enough_are_silent(width: int, height: int) -> None:
    assert findings_of(image_dimensions, sized(width, height)) == []


@pytest.mark.parametrize(
    ("width", "height"),
    [(299, 300), (300, 299), (299, 299), (150, 200), (1, 1), (100, 8000)],
)
def test_a_side_one_pixel_short_is_a_warning_with_the_command(width: int, height: int) -> None:
    finding = single(findings_of(image_dimensions, sized(width, height)))
    assert (finding.level, finding.field) == (Level.WARNING, "image_url")
    assert finding.message == (
        f"the reference image is {width}x{height} pixels; each side must be 300 at least"
    )
    assert finding.remedy.startswith("use a larger picture; or, to scale it up, run `")
    assert command(finding.remedy) == ["motion-preflight", "fix", "face.png"]


@pytest.mark.parametrize(("width", "height"), [(65_537, 300), (300, 65_537), (70_000, 70_000)])
def test_a_side_one_pixel_too_long_is_a_warning(width: int, height: int) -> None:
    finding = single(findings_of(image_dimensions, sized(width, height)))
    assert (finding.level, finding.field) == (Level.WARNING, "image_url")
    assert finding.message == (
        f"the reference image is {width}x{height} pixels; each side must be 65,536 at most"
    )
    assert "scale it down" in finding.remedy


def test_a_picture_may_be_too_long_and_too_short() -> None:
    assert len(findings_of(image_dimensions, sized(70_000, 20))) == 2


@pytest.mark.parametrize(("width", "height"), [(None, None), (800, None), (None, 800)])
def test_sides_that_are_not_known_are_a_note(width: int | None, height: int | None) -> None:
    finding = single(findings_of(image_dimensions, sized(width, height)))
    assert (finding.level, finding.field) == (Level.NOTE, "image_url")
    assert "not known" in finding.message
    assert "JPEG or PNG" in finding.remedy


def test_a_picture_without_a_stream_is_a_note() -> None:
    assert single(findings_of(image_dimensions, case(image=image(video=None)))).level is Level.NOTE


def test_what_was_not_measured_is_silent() -> None:
    assert findings_of(image_dimensions, case(image=unmeasured(Reason.MISSING))) == []
