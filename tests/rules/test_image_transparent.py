"""An image without a visible pixel is a warning."""

from __future__ import annotations

import pytest
from builders import case, image, unmeasured
from findings import findings_of, single

from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import image_transparent


@pytest.mark.parametrize("transparent", [False, None])
def test_what_can_be_seen_or_is_not_known_is_silent(transparent: bool | None) -> None:  # noqa: FBT001
    assert findings_of(image_transparent, case(image=image(transparent=transparent))) == []


def test_a_picture_of_which_nothing_can_be_seen_is_a_warning() -> None:
    finding = single(findings_of(image_transparent, case(image=image(transparent=True))))
    assert (finding.level, finding.field) == (Level.WARNING, "image_url")
    assert finding.message == "every pixel of the reference image is transparent"
    assert "without transparency" in finding.remedy


def test_what_was_not_measured_is_silent() -> None:
    assert findings_of(image_transparent, case(image=unmeasured(Reason.MISSING))) == []
