"""An image that is neither JPEG nor PNG is a warning with the command that makes a JPEG."""

from __future__ import annotations

import pytest
from builders import body, case, image, unmeasured
from findings import command, findings_of, single

from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import image_format


@pytest.mark.parametrize("container", ["jpeg", "png"])
def test_the_named_ones_are_silent(container: str) -> None:
    assert findings_of(image_format, case(image=image(container=container))) == []


@pytest.mark.parametrize("container", ["webp", "gif", "bmp", "tiff", "PNG"])
def test_another_one_is_a_warning(container: str) -> None:
    other = case(body(image_url="my face.webp"), image=image(container=container))
    finding = single(findings_of(image_format, other))
    assert (finding.level, finding.field) == (Level.WARNING, "image_url")
    assert finding.message == (
        f"the reference image is {container}; Kling's page names jpeg and png"
    )
    assert command(finding.remedy) == ["motion-preflight", "fix", "my face.webp"]


def test_an_unknown_one_is_a_warning() -> None:
    finding = single(findings_of(image_format, case(image=image(container=None))))
    assert "of an unknown kind" in finding.message


@pytest.mark.parametrize("container", ["jpeg", "webp"])
def test_the_colours_of_print_are_a_warning(container: str) -> None:
    finding = single(
        findings_of(image_format, case(image=image(container=container, colour="CMYK")))
    )
    assert finding.level is Level.WARNING
    assert ("CMYK" in finding.message) == (container == "jpeg")


@pytest.mark.parametrize("colour", [None, "RGB", "L", "P"])
def test_other_colours_are_silent(colour: str | None) -> None:
    assert findings_of(image_format, case(image=image(colour=colour))) == []


def test_what_was_not_measured_is_silent() -> None:
    assert findings_of(image_format, case(image=unmeasured(Reason.UNSUPPORTED))) == []
