"""Shapes from 1:2.5 to 2.5:1, both included; others are a warning."""

from __future__ import annotations

import re

import pytest
from builders import case, image, unmeasured
from findings import findings_of, single

from motion_preflight.media.facts import VideoStream
from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import image_aspect_ratio
from motion_preflight.rules.rule import RuleContext


def shaped(width: int | None, height: int | None) -> RuleContext:
    return case(image=image(video=VideoStream("png", width, height, 0, None)))


@pytest.mark.parametrize(
    ("width", "height"),
    [(750, 300), (300, 750), (749, 300), (300, 749), (1, 1), (25_000, 10_000), (5, 2)],
)
def test_shapes_inside_the_limits_are_silent(width: int, height: int) -> None:
    assert findings_of(image_aspect_ratio, shaped(width, height)) == []


@pytest.mark.parametrize(
    ("width", "height"), [(751, 300), (300, 751), (780, 300), (300, 780), (25_001, 10_000)]
)
def test_a_shape_one_pixel_beyond_is_a_warning(width: int, height: int) -> None:
    finding = single(findings_of(image_aspect_ratio, shaped(width, height)))
    assert (finding.level, finding.field) == (Level.WARNING, "image_url")
    assert f"the reference image is {width}x{height} pixels" in finding.message
    assert "0.4 to 2.5" in finding.message
    assert "crop" in finding.remedy


@pytest.mark.parametrize(("width", "height"), [(751, 300), (300, 751), (780, 300), (300, 780)])
def test_the_ratio_that_is_shown_lies_beyond_the_limit(width: int, height: int) -> None:
    message = single(findings_of(image_aspect_ratio, shaped(width, height))).message
    shown = re.search(r"([\d.]+) to 1", message)
    assert shown
    assert not 0.4 <= float(shown[1]) <= 2.5


@pytest.mark.parametrize(("width", "height"), [(None, None), (800, None), (None, 800)])
def test_a_shape_that_is_not_known_is_a_note(width: int | None, height: int | None) -> None:
    finding = single(findings_of(image_aspect_ratio, shaped(width, height)))
    assert (finding.level, finding.field) == (Level.NOTE, "image_url")
    assert "not known" in finding.message


def test_a_picture_without_a_stream_is_a_note() -> None:
    assert (
        single(findings_of(image_aspect_ratio, case(image=image(video=None)))).level is Level.NOTE
    )


def test_what_was_not_measured_is_silent() -> None:
    assert findings_of(image_aspect_ratio, case(image=unmeasured(Reason.MISSING))) == []
