"""What could not be fetched: an error when it is not there, unsure when it may be this moment."""

from __future__ import annotations

import pytest
from builders import IMAGE_URL, case, unmeasured
from findings import findings_of, single

from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import media_unreachable

SIGNED = "https://apimart-user.com/clip.mp4?sig=secret"
SAID = {
    Reason.MISSING: Level.ERROR,
    Reason.DENIED: Level.ERROR,
    Reason.NOT_REGULAR: Level.ERROR,
    Reason.PRIVATE_HERE: Level.UNSURE,
    Reason.UNREACHABLE: Level.UNSURE,
    Reason.TIMEOUT: Level.UNSURE,
    Reason.CHANGED: Level.UNSURE,
}


def test_what_was_measured_is_silent() -> None:
    assert findings_of(media_unreachable, case()) == []


@pytest.mark.parametrize("reason", [item for item in Reason if item not in SAID])
def test_other_reasons_are_other_rules(reason: Reason) -> None:
    assert findings_of(media_unreachable, case(video=unmeasured(reason))) == []


@pytest.mark.parametrize("reason", SAID)
def test_the_level_follows_from_the_reason(reason: Reason) -> None:
    failed = unmeasured(reason, "the host answers 503", location=SIGNED)
    finding = single(findings_of(media_unreachable, case(video=failed)))
    assert (finding.level, finding.field) == (SAID[reason], "video_url")
    assert "the reference video could not be read" in finding.message
    assert '("https://apimart-user.com/clip.mp4?sig=…")' in finding.message
    assert "the host answers 503" in finding.message
    assert "secret" not in finding.message + finding.remedy


def test_both_media_are_reported() -> None:
    result = findings_of(
        media_unreachable,
        case(
            video=unmeasured(Reason.TIMEOUT),
            image=unmeasured(Reason.MISSING, location=IMAGE_URL),
        ),
    )
    assert [(item.field, item.level) for item in result] == [
        ("video_url", Level.UNSURE),
        ("image_url", Level.ERROR),
    ]
    assert "the reference image" in result[1].message


@pytest.mark.parametrize(
    ("reason", "location", "todo"),
    [
        (Reason.PRIVATE_HERE, SIGNED, "--allow-private"),
        (Reason.TIMEOUT, SIGNED, "--timeout"),
        (Reason.CHANGED, SIGNED, "wait until its upload is complete"),
        (Reason.CHANGED, "clip.mp4", "check again"),
        (Reason.UNREACHABLE, SIGNED, "try again"),
        (Reason.MISSING, SIGNED, "open the link in a private browser window"),
        (Reason.DENIED, SIGNED, "without a login"),
        (Reason.MISSING, "clip.mp4", "correct the path"),
        (Reason.MISSING, "~/clip.mp4", 'write the whole path: only a shell knows what "~" is'),
        (Reason.MISSING, "'clip.mp4'", "take the quotes off the path"),
        (Reason.NOT_REGULAR, "folder", "name the file itself"),
        (Reason.MISSING, "www.apimart-user.com/clip.mp4", 'begin it with "https://"'),
        (Reason.MISSING, "//apimart-user.com/clip.mp4", 'begin it with "https://"'),
        pytest.param(Reason.DENIED, "clip.mp4", "read", id="a file that may not be read"),
    ],
)
def test_the_remedy_fits_the_reason_and_the_place(reason: Reason, location: str, todo: str) -> None:
    finding = single(
        findings_of(media_unreachable, case(video=unmeasured(reason, location=location)))
    )
    assert todo in finding.remedy
