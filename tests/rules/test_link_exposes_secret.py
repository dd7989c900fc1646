"""A link that hands a bot, a webhook or a key to the provider is warned about, never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from builders import VIDEO_URL, body, case, image, unmeasured, video
from findings import findings_of, single

from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.request.redacted_body import redacted_body
from motion_preflight.rules import link_exposes_secret

if TYPE_CHECKING:
    from motion_preflight.media.facts import Measured

BOT = "7012345678:AAHk3v-9dQx2LmZ7sYtR1uWpBcNfGjKeVo8"
LINK = f"https://api.telegram.org/file/bot{BOT}/videos/file_1.mp4"


@pytest.mark.parametrize(
    "medium", [video(location=LINK), unmeasured(Reason.TIMEOUT, location=LINK)]
)
def test_a_bot_token_is_a_warning_whether_or_not_the_clip_was_measured(medium: Measured) -> None:
    finding = single(findings_of(link_exposes_secret, case(video=medium)))
    assert finding.level is Level.WARNING
    assert finding.field == "video_url"
    assert "the token of a bot" in finding.message
    assert BOT[-12:] not in f"{finding.message} {finding.remedy}"


def test_the_picture_is_looked_at_too() -> None:
    finding = single(findings_of(link_exposes_secret, case(image=image(location=LINK))))
    assert finding.field == "image_url"


@pytest.mark.parametrize("location", [VIDEO_URL, f"{VIDEO_URL}?sig=secret", "clip.mp4"])
def test_a_plain_or_signed_link_and_a_path_are_silent(location: str) -> None:
    assert findings_of(link_exposes_secret, case(video=video(location=location))) == []


def test_the_body_that_is_stored_holds_no_token() -> None:
    stored = redacted_body(body(video_url=LINK, extra={"deep": [LINK, f"see {LINK}"]}))
    assert BOT not in str(stored)
    assert stored["video_url"] == "https://api.telegram.org/file/…/videos/file_1.mp4"
