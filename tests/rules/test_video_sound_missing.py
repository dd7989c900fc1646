"""A sound that is to be kept and is not there is a warning."""

from __future__ import annotations

from typing import Any

import pytest
from builders import MISSING, body, case, unmeasured, video
from findings import findings_of, single

from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import video_sound_missing


@pytest.mark.parametrize("kept", ["yes", "no", MISSING, True, "maybe"])
def test_a_clip_with_sound_is_silent(kept: Any) -> None:
    assert findings_of(video_sound_missing, case(body(keep_original_sound=kept))) == []


@pytest.mark.parametrize(
    ("kept", "default"),
    [
        pytest.param("yes", False, id="asked for"),
        pytest.param(MISSING, True, id="by default"),
        pytest.param(True, False, id="meant"),
    ],
)
def test_a_silent_clip_whose_sound_is_kept_is_a_warning(kept: Any, default: bool) -> None:  # noqa: FBT001
    silent = case(body(keep_original_sound=kept), video=video(audio=None))
    finding = single(findings_of(video_sound_missing, silent))
    assert (finding.level, finding.field) == (Level.WARNING, "keep_original_sound")
    assert 'keep_original_sound is "yes"' in finding.message
    assert ("(the default)" in finding.message) is default
    assert "has no sound" in finding.message
    assert 'set keep_original_sound to "no"' in finding.remedy


@pytest.mark.parametrize("kept", ["no", False, "maybe"])
def test_a_silent_clip_whose_sound_is_not_kept_is_silent(kept: Any) -> None:
    silent = case(body(keep_original_sound=kept), video=video(audio=None))
    assert findings_of(video_sound_missing, silent) == []


def test_what_was_not_measured_is_silent() -> None:
    assert findings_of(video_sound_missing, case(video=unmeasured(Reason.MISSING))) == []
