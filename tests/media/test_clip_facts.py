"""What evidence proves: of streams that nobody knows, and of videos that have no sides."""

from __future__ import annotations

from typing import Any

import pytest

from motion_preflight.media.clip_facts import Evidence, clip_facts
from motion_preflight.media.facts import MediaFacts
from motion_preflight.media.packet_clock import PacketClock

NOWHERE = MediaFacts("clip.ts", 1000, None, None, None, "")
CLOCK = PacketClock(None, 80, starts_with_keyframe=True, clock_jump=None)
VIDEO = {"codec_type": "video", "codec_name": "h264", "width": 640, "height": 360}


def facts(*streams: dict[str, Any], codec: str | None = None) -> MediaFacts:
    answer = {"format": {"format_name": "mpegts"}, "streams": list(streams)}
    return clip_facts(Evidence(answer, clock=CLOCK, codec=codec), NOWHERE)


@pytest.mark.parametrize(
    ("stream", "unknown"),
    [
        ({"codec_type": "unknown", "codec_tag_string": "3[0][0][0]"}, True),  # VVC
        ({"codec_tag_string": "[6][0][0][0]"}, True),
        ({"codec_type": "unknown", "codec_tag_string": "[5][0][0][0]"}, False),  # tables
        ({"codec_type": "unknown", "codec_tag_string": "-[0][0][0]"}, False),  # MPEG-H sound
        ({"codec_type": "audio", "codec_tag_string": "[0][0][0][0]"}, False),
        ({"codec_type": "data", "codec_tag_string": "[0][0][0][0]"}, False),
    ],
)
def test_a_stream_that_nobody_knows_may_be_a_video(
    stream: dict[str, Any], *, unknown: bool
) -> None:
    problem = facts(stream).undecodable
    assert (problem is not None) is unknown
    assert not unknown or "this ffprobe does not know what one of its streams is" in str(problem)
    assert facts(VIDEO, stream).undecodable is None


@pytest.mark.parametrize("side", ["width", "height"])
def test_a_video_without_sides_may_not_play(side: str) -> None:
    assert facts({**VIDEO, side: 0}).undecodable == "its sides are not known"


def test_a_codec_that_only_the_container_names_is_one() -> None:
    nameless = {key: value for key, value in VIDEO.items() if key != "codec_name"}
    assert facts(nameless).undecodable == "no reader here knows its codec (without a name)"
    named = facts(nameless, codec="vvc")
    assert named.undecodable is None
    assert named.video is not None
    assert named.video.codec == "vvc"
