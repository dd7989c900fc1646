"""An image that cannot be measured: an error when the file is at fault, else unsure."""

from __future__ import annotations

import pytest
from builders import IMAGE_URL, case, image, unmeasured
from findings import findings_of, single

from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import image_unreadable

OWN = (Reason.UNREADABLE, Reason.INCOMPLETE, Reason.UNSUPPORTED, Reason.TOO_LARGE)


@pytest.mark.parametrize("truncated", [False, None])
def test_a_measured_image_is_silent(truncated: bool | None) -> None:  # noqa: FBT001
    assert findings_of(image_unreadable, case(image=image(truncated=truncated))) == []


@pytest.mark.parametrize("reason", [item for item in Reason if item not in OWN])
def test_other_reasons_are_other_rules(reason: Reason) -> None:
    assert findings_of(image_unreadable, case(image=unmeasured(reason))) == []


@pytest.mark.parametrize("reason", OWN)
def test_a_video_is_another_rules(reason: Reason) -> None:
    assert findings_of(image_unreadable, case(video=unmeasured(reason))) == []


@pytest.mark.parametrize(
    ("reason", "error", "level", "message"),
    [
        (
            Reason.UNREADABLE,
            "it is no picture",
            Level.ERROR,
            "the reference image is not usable: it is no picture",
        ),
        (
            Reason.UNSUPPORTED,
            "a HEIC picture is not measured",
            Level.UNSURE,
            "the reference image was not measured: a HEIC picture is not measured",
        ),
    ],
)
def test_the_reason_makes_the_level(reason: Reason, error: str, level: Level, message: str) -> None:
    finding = single(findings_of(image_unreadable, case(image=unmeasured(reason, error))))
    assert (finding.level, finding.field) == (level, "image_url")
    assert finding.message == message
    assert "JPEG or PNG" in finding.remedy


def test_an_image_that_is_too_large_to_read_is_to_be_made_smaller() -> None:
    huge = unmeasured(Reason.TOO_LARGE, "60,000,000 bytes", location=IMAGE_URL, size=60_000_000)
    finding = single(findings_of(image_unreadable, case(image=huge)))
    assert "too large" in finding.message
    assert "smaller" in finding.remedy


def test_an_image_that_does_not_decode_is_unsure() -> None:
    broken = image(undecodable="its picture data are broken after 0 bytes")
    finding = single(findings_of(image_unreadable, case(image=broken)))
    assert (finding.level, finding.field) == (Level.UNSURE, "image_url")
    assert "may not be usable: its picture data are broken" in finding.message
    assert "save it again as JPEG or PNG" in finding.remedy


def test_an_image_whose_end_is_missing_is_unsure() -> None:
    cut = image(truncated=True, truncation="the end of the picture is missing")
    finding = single(findings_of(image_unreadable, case(image=cut)))
    assert (finding.level, finding.field) == (Level.UNSURE, "image_url")
    assert "looks cut short: the end of the picture is missing" in finding.message
    assert "compare its size with the original" in finding.remedy


@pytest.mark.parametrize("kind", ["mp4", "mov", "webm"])
def test_a_clip_alone_is_told_that_the_picture_belongs_there(kind: str) -> None:
    clip = unmeasured(Reason.UNREADABLE, f"it is {kind}, not a picture", container=kind)
    finding = single(findings_of(image_unreadable, case(image=clip)))
    assert finding.message == f"the reference image is not usable: it is {kind}, not a picture"
    assert finding.remedy == "put the link of the picture there; a clip is for video_url"
