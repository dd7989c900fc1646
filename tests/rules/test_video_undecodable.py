"""Frames that may not decode are unsure; none that does is an error."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import case, unmeasured, video, with_stream
from findings import findings_of, single

from motion_preflight.media.facts import Decoded
from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import video_undecodable


@pytest.mark.parametrize("decoded", [None, Decoded(240, 0), Decoded(1, 0)])
def test_a_clip_that_nothing_speaks_against_is_silent(decoded: Decoded | None) -> None:
    assert findings_of(video_undecodable, case(video=video(decoded=decoded))) == []


def test_a_clip_that_may_not_play_is_unsure() -> None:
    clip = video(undecodable="no reader here knows its codec (bvc2)")
    finding = single(findings_of(video_undecodable, case(video=clip)))
    assert (finding.level, finding.field) == (Level.UNSURE, "video_url")
    assert "may not play: no reader here knows its codec (bvc2)" in finding.message


@pytest.mark.parametrize("errors", [0, 1, 240])
def test_a_clip_of_which_no_frame_decodes_is_an_error(errors: int) -> None:
    finding = single(findings_of(video_undecodable, case(video=video(decoded=Decoded(0, errors)))))
    assert finding.level is Level.ERROR


@pytest.mark.parametrize(("errors", "words"), [(1, "1 frame of"), (60, "60 frames of")])
def test_a_clip_of_which_some_frames_decode_is_unsure_with_the_count(
    errors: int, words: str
) -> None:
    finding = single(
        findings_of(video_undecodable, case(video=video(decoded=Decoded(200, errors))))
    )
    assert finding.level is Level.UNSURE
    assert finding.message.startswith(words)
    assert "200 did" in finding.message


def test_what_was_decoded_speaks_before_what_its_first_frame_promises() -> None:
    clip = video(undecodable="its first frame is no keyframe", decoded=Decoded(20, 59))
    assert "59 frames" in single(findings_of(video_undecodable, case(video=clip))).message


def test_of_an_encrypted_clip_another_rule_has_the_reason() -> None:
    clip = replace(with_stream(encrypted=True), undecodable="why", decoded=Decoded(0, 240))
    assert findings_of(video_undecodable, case(video=clip)) == []


def test_an_unmeasured_video_is_another_rules() -> None:
    assert findings_of(video_undecodable, case(video=unmeasured(Reason.TIMEOUT))) == []
