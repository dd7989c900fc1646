"""A clip of a head and shoulders is warned of; where nobody looked for faces, nothing is said."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from builders import case, with_content
from findings import findings_of, single

from motion_preflight.media.facts import MediaFacts
from motion_preflight.media.framing import Framing
from motion_preflight.report.findings import Level
from motion_preflight.rules import run_rules, video_close_up


def close_up(close: int, pictures: int = 8) -> MediaFacts:
    return with_content(framing=Framing(pictures, close, Decimal(52), Decimal("0.4")))


@pytest.mark.parametrize(
    ("close", "pictures", "warned"),
    [(8, 8, True), (4, 8, True), (3, 8, False), (1, 1, True), (1, 2, True), (1, 3, False)],
)
def test_half_of_the_pictures_make_a_close_up(close: int, pictures: int, *, warned: bool) -> None:
    assert bool(findings_of(video_close_up, case(video=close_up(close, pictures)))) is warned


def test_a_clip_without_a_close_face_is_silent() -> None:
    assert findings_of(video_close_up, case(video=with_content())) == []


def test_what_was_measured_is_named() -> None:
    finding = single(findings_of(video_close_up, case(video=close_up(7))))
    assert finding.level is Level.WARNING
    assert "in 7 of 8 pictures it takes 52% of the height" in finding.message
    assert "our own measurement" in finding.source


def test_where_nobody_looked_for_faces_the_rule_is_not_checked() -> None:
    clip = with_content(framing=None)
    assert clip.stretches is not None
    clip = replace(clip, stretches=replace(clip.stretches, unframed="no detector"))
    _, skipped = run_rules(case(video=clip, content=True))
    assert [(skip.rule, skip.because) for skip in skipped] == [
        ("video-close-up", "faces were not looked for: no detector")
    ]
    assert run_rules(case(video=clip))[1] == run_rules(case(video=clip, content=True))[1]
