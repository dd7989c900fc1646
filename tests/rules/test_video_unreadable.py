"""A video that cannot be measured: an error when the file is at fault, else unsure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from builders import body, case, image, seconds, unmeasured, video
from findings import command, findings_of, single

from motion_preflight.media.facts import Durations, Measured, Unmeasured
from motion_preflight.network.errors import Reason
from motion_preflight.report.findings import Level
from motion_preflight.rules import video_unreadable

OWN = (Reason.UNREADABLE, Reason.INCOMPLETE, Reason.UNSUPPORTED)


def test_a_measured_video_is_silent() -> None:
    assert findings_of(video_unreadable, case()) == []


@pytest.mark.parametrize("reason", [item for item in Reason if item not in OWN])
def test_other_reasons_are_other_rules(reason: Reason) -> None:
    assert findings_of(video_unreadable, case(video=unmeasured(reason))) == []


def test_an_image_is_another_rules() -> None:
    assert findings_of(video_unreadable, case(image=unmeasured(Reason.UNREADABLE))) == []


def test_a_file_that_is_at_fault_is_an_error() -> None:
    failed = unmeasured(Reason.UNREADABLE, "it has no moov box (the index)")
    finding = single(findings_of(video_unreadable, case(video=failed)))
    assert (finding.level, finding.field) == (Level.ERROR, "video_url")
    assert finding.message == ("the reference video is not usable: it has no moov box (the index)")
    assert finding.remedy == "export or download it again as mp4 (H.264), and play it to its end"


PICTURE = unmeasured(Reason.UNREADABLE, "it is a PNG picture", container="png")
NO_PICTURE = unmeasured(Reason.UNREADABLE, "it is mp4, not a picture", container="mp4")


@pytest.mark.parametrize("clip", ["mp4", "mov", "3gp", "webm", "matroska", "avi"])
@pytest.mark.parametrize("picture", ["png", "jpeg", "gif", "webp", "bmp", "tiff"])
def test_swapped_media_are_to_be_exchanged(picture: str, clip: str) -> None:
    swapped = case(
        video=replace(PICTURE, container=picture), image=replace(NO_PICTURE, container=clip)
    )
    finding = single(findings_of(video_unreadable, swapped))
    assert (finding.level, finding.field) == (Level.ERROR, "video_url")
    assert finding.message == "the reference video is not usable: it is a PNG picture"
    assert finding.remedy == "exchange image_url and video_url: they are swapped"


@pytest.mark.parametrize(
    ("clip", "picture"),
    [
        pytest.param(PICTURE, image(), id="two pictures"),
        pytest.param(PICTURE, unmeasured(Reason.UNREADABLE, container="pdf"), id="no clip"),
        pytest.param(PICTURE, unmeasured(Reason.TIMEOUT), id="not known what it is"),
        pytest.param(unmeasured(Reason.UNREADABLE, container="mp4"), NO_PICTURE, id="two clips"),
        pytest.param(unmeasured(Reason.UNREADABLE, container="pdf"), NO_PICTURE, id="no picture"),
    ],
)
def test_media_that_are_not_swapped_are_not_to_be_exchanged(
    clip: Unmeasured, picture: Measured
) -> None:
    finding = single(findings_of(video_unreadable, case(video=clip, image=picture)))
    assert "they are swapped" not in finding.remedy
    picture_given = clip.container == "png"
    begins = "put the link of the clip there" if picture_given else "export or download it again"
    assert finding.remedy.startswith(begins)


@pytest.mark.parametrize("kind", ["png", "jpeg", "heic", "svg", "gif", "webp"])
def test_a_picture_alone_is_told_that_the_clip_belongs_there(kind: str) -> None:
    picture = unmeasured(Reason.UNREADABLE, "it is a picture", container=kind)
    nothing = unmeasured(Reason.NOT_GIVEN, "the request names no image")
    finding = single(findings_of(video_unreadable, case(video=picture, image=nothing)))
    assert finding.message == "the reference video is not usable: it is a picture"
    assert finding.remedy.startswith("put the link of the clip there; a picture is for image_url")
    assert ("exported as mp4" in finding.remedy) == (kind in {"gif", "webp"})


def test_a_measurement_that_failed_is_unsure() -> None:
    failed = unmeasured(Reason.UNSUPPORTED, "ffprobe ran out of its time")
    finding = single(findings_of(video_unreadable, case(video=failed)))
    assert (finding.level, finding.field) == (Level.UNSURE, "video_url")
    assert "was not measured: ffprobe ran out of its time" in finding.message
    assert "motion-preflight doctor" in finding.remedy


def test_a_part_of_a_file_is_unsure_and_the_rest_is_to_be_brought() -> None:
    failed = unmeasured(Reason.INCOMPLETE, "it is a lone fragment of a stream")
    finding = single(findings_of(video_unreadable, case(video=failed)))
    assert (finding.level, finding.field) == (Level.UNSURE, "video_url")
    assert finding.message == (
        "the reference video was not measured: it is a lone fragment of a stream"
    )
    assert finding.remedy.startswith("get the whole clip")


def test_a_scan_that_was_not_finished_is_unsure() -> None:
    clip = video(unscanned="ffprobe took more than 30 s")
    finding = single(findings_of(video_unreadable, case(video=clip)))
    assert finding.level is Level.UNSURE
    assert finding.message == (
        "the scan of the reference video was not finished: ffprobe took more than 30 s"
    )


def test_a_clock_that_jumps_is_a_note() -> None:
    clip = video(clock_jump="its clock goes from 7.900 s to 0.000 s")
    finding = single(findings_of(video_unreadable, case(video=clip)))
    assert finding.level is Level.NOTE
    assert "more than one clock: its clock goes from 7.900 s to 0.000 s" in finding.message


@pytest.mark.parametrize("way", ["header", "container", "video"])
def test_one_declared_reading_is_enough(way: str) -> None:
    assert (
        findings_of(video_unreadable, case(video=video(durations=seconds(None, **{way: "8"}))))
        == []
    )


@pytest.mark.parametrize(
    "durations",
    [
        pytest.param(Durations(), id="none at all"),
        pytest.param(seconds(None, samples="8"), id="packets that can be counted"),
        pytest.param(seconds(None, audio="8"), id="the audio's alone is not one"),
    ],
)
def test_a_video_that_declares_no_duration_is_unsure_and_can_be_mended(
    durations: Durations,
) -> None:
    broken = case(
        body(video_url="live clip.webm"), video=video(durations=durations, container="webm")
    )
    finding = single(findings_of(video_unreadable, broken))
    assert (finding.level, finding.field) == (Level.UNSURE, "video_url")
    assert "declares nowhere how long it is" in finding.message
    assert ("its samples last 8 s" in finding.message) is bool(durations.samples)
    words = command(finding.remedy)
    assert words == ["motion-preflight", "fix", "live clip.webm", "--for", "video"]


def test_a_video_that_declares_no_duration_and_was_scanned_is_a_warning() -> None:
    clip = video(durations=seconds(None, samples="8", scan="8"), fragmented=None)
    finding = single(findings_of(video_unreadable, case(video=clip)))
    assert finding.level is Level.WARNING
    assert "its packets last 8 s" in finding.message


CONTRADICTION = "its video track says 8.000 s and its samples last 4.000 s"


@pytest.mark.parametrize(
    "durations",
    [seconds("8"), Durations(), seconds("8", scan="4")],
    ids=["that agree", "none", "scanned"],
)
def test_a_video_that_contradicts_itself_is_unsure_and_can_be_given_one_clock(
    durations: Durations,
) -> None:
    clip = video(contradiction=CONTRADICTION, durations=durations)
    finding = single(findings_of(video_unreadable, case(body(video_url="clip.mp4"), video=clip)))
    assert (finding.level, finding.field) == (Level.UNSURE, "video_url")
    assert finding.message == f"the reference video contradicts itself: {CONTRADICTION}"
    assert finding.remedy.startswith("to give it one clock, run `")
    assert command(finding.remedy) == ["motion-preflight", "fix", "clip.mp4", "--for", "video"]


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param({"contradiction": CONTRADICTION}, id="a contradiction"),
        pytest.param({"durations": Durations()}, id="no duration"),
    ],
)
def test_a_clip_that_is_cut_short_gets_no_command(facts: dict[str, Any]) -> None:
    cut = video(truncated=True, truncation="…", **facts)
    finding = single(findings_of(video_unreadable, case(video=cut)))
    assert finding.level is Level.UNSURE
    assert "first get the whole file: it is cut short" in finding.remedy
    assert "`" not in finding.remedy


def test_a_file_without_a_video_stream_is_another_rules() -> None:
    assert findings_of(video_unreadable, case(video=video(durations=Durations(), video=None))) == []


@pytest.mark.parametrize("container", ["mpegts", "mpeg"])
def test_where_no_file_declares_a_duration_none_is_missed(container: str) -> None:
    facts = video(durations=seconds(None, samples="8"), container=container)
    assert findings_of(video_unreadable, case(video=facts)) == []
