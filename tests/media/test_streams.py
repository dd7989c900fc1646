"""Which video is judged, and how long the whole file is by all of its streams."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from motion_preflight.media.containers.mp4_entries import SampleEntry
from motion_preflight.media.containers.mp4_tracks import VideoTrack
from motion_preflight.media.streams import extent, judged_stream, longer_track, track_of


def stream(
    kind: str = "video", start: str | None = "0", lasts: str | None = "8", **more: Any
) -> dict[str, Any]:
    return {"codec_type": kind, "start_time": start, "duration": lasts, "nb_frames": "9"} | more


def video(
    index: int, width: int, *, default: int = 1, cover: int = 0, chapters: int = 0
) -> dict[str, Any]:
    disposition = {"default": default, "attached_pic": cover, "timed_thumbnails": chapters}
    return stream(index=index, width=width, height=100, disposition=disposition)


@pytest.mark.parametrize(
    ("streams", "judged"),
    [
        ([video(0, 640)], 0),
        ([video(0, 640, default=0)], 0),
        ([video(0, 64), video(1, 640)], 1),  # the largest
        ([video(0, 640), video(1, 640)], 0),  # the first of equal ones
        ([video(0, 640, default=0), video(1, 64)], 1),  # the only enabled one
        ([video(0, 64, default=0), video(1, 640, default=0)], 1),
        ([video(0, 64), video(1, 32), video(2, 640, default=0)], 0),
        ([video(0, 640, cover=1), video(1, 64)], 1),
        ([video(0, 640, cover=1, chapters=1), video(1, 64)], 0),  # a player shows them
        ([video(0, 640, cover=1, chapters=1, default=0), video(1, 64)], 1),
        ([stream("audio"), video(1, 64)], 1),
        ([video(0, 640, cover=1)], None),
        ([stream("audio")], None),
        ([], None),
    ],
)
def test_the_judged_video(streams: list[dict[str, Any]], judged: int | None) -> None:
    result = judged_stream({"streams": streams})
    assert (result and result["index"]) == judged


@pytest.mark.parametrize(
    ("streams", "seconds"),
    [
        ([stream()], "8"),
        ([stream(start="1.5", lasts="9")], "9"),  # from its start
        ([stream(start="1.5", lasts="9"), stream("audio", lasts="12")], "12"),
        ([stream(start="1.5", lasts="9"), stream("audio", lasts="1")], "10.5"),
        ([stream(start="10", lasts="15")], "15"),
        ([stream(lasts="9.5"), stream("subtitle", lasts="10.2")], "10.2"),
        ([stream(lasts="9.5"), stream("data", lasts="10.5")], "9.5"),  # a second is too much
        ([stream("data", lasts="10.5")], "10.5"),  # … unless there is nothing else
        ([stream(), stream("audio", lasts="60", nb_frames=None)], "8"),  # filled in by ffprobe
        ([stream(), stream(lasts="60", disposition={"attached_pic": 1})], "8"),
        ([stream(), stream("audio", start=None, lasts="60")], "8"),
        ([stream(lasts=None)], None),
        ([stream(lasts="N/A"), stream(start="nan")], None),
        ([], None),
    ],
)
def test_the_extent_of_all_streams(streams: list[dict[str, Any]], seconds: str | None) -> None:
    result = extent({"streams": streams}, fragmented=False)
    assert result == (None if seconds is None else Decimal(seconds))


def test_the_streams_of_fragments_count_without_a_number_of_frames() -> None:
    assert extent({"streams": [stream(nb_frames=None)]}, fragmented=True) == 8


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (stream("audio", lasts="12"), "the audio ends at 12.000 s, the video at 8.000 s"),
        (stream("audio", start="2", lasts="9"), "the audio ends at 11.000 s, the video at 8.000 s"),
        (stream("subtitle", lasts="9"), "a subtitle track ends at 9.000 s, the video at 8.000 s"),
        (stream("data", lasts="9"), "a data track ends at 9.000 s, the video at 8.000 s"),
        (stream(lasts="9"), "another video track ends at 9.000 s, the video at 8.000 s"),
        (stream("audio", lasts="8.05"), None),
        (stream("audio", lasts=None), None),
        (stream(lasts="9", disposition={"attached_pic": 1}), None),
    ],
)
def test_a_track_that_ends_after_the_video(other: dict[str, Any], words: str | None) -> None:
    judged = stream()
    assert longer_track({"streams": [judged, other]}, judged) == words
    assert longer_track({"streams": [judged]}, judged) is None


def track(number: int | None) -> VideoTrack:
    return VideoTrack(number, None, None, None, 0, SampleEntry(), None)


@pytest.mark.parametrize(
    ("identity", "numbers", "expected"),
    [
        ("0x2", [1, 2], 1),
        ("0x1", [1], 0),
        ("0x7", [1], 0),  # there is no other
        ("0x7", [1, 2], None),
        ("0x1", [1, 1], None),
        (None, [1], 0),
        ("what", [1, 2], None),
        ("0x1", [], None),
    ],
)
def test_the_track_that_a_stream_is(
    identity: str | None, numbers: list[int], expected: int | None
) -> None:
    tracks = [track(number) for number in numbers]
    result = track_of({"id": identity}, tracks)
    assert result is (None if expected is None else tracks[expected])


def test_a_track_without_samples_ends_nowhere() -> None:
    judged = {"codec_type": "video", "start_time": "0", "duration": "4", "nb_frames": "100"}
    empty = {"codec_type": "data", "start_time": "0", "duration": "9"}
    assert longer_track({"streams": [judged, empty]}, judged) is None
    assert longer_track({"streams": [judged, empty | {"nb_frames": "2"}]}, judged) is not None
