"""Reports for people: sentences that can be read once."""

from __future__ import annotations

from builders import MISSING, PROFILE, body, report, unmeasured

from motion_preflight.formats.style import Style
from motion_preflight.formats.text_blocks import report_text
from motion_preflight.network.errors import Reason

NOTHING = unmeasured(Reason.NOT_GIVEN, "the request names no video")


def test_how_many_rules_were_not_checked_stands_before_the_reason() -> None:
    text = " ".join(
        report_text(report(body(video_url=MISSING), video=NOTHING), PROFILE, Style()).split()
    )
    reason = "rules not checked, because the video was not measured: the request names no video"
    assert reason in text
    assert f"{reason}:" not in text
