"""Which packets without a frame are errors: a table over what ffprobe lists."""

import pytest

from motion_preflight.media.programs.frame_list import FrameList

KEY = "packet,0,900,K__"


def listing(*lines: str, codec: str = "h264") -> FrameList:
    return FrameList.read("\n".join([*lines, f"stream,{codec}"]))


def packets(*times: int, size: int = 500) -> list[str]:
    return [f"packet,{time},{size},___" for time in times]


def frames(*times: int, interlaced: int = 0) -> list[str]:
    return [f"frame,{time},{interlaced}," for time in times]


@pytest.mark.parametrize(
    ("lines", "left_out"),
    [
        ([KEY, *packets(1, 2), *frames(0, 1, 2)], 0),
        ([KEY, *packets(1, 2), *frames(0, 2)], 1),
        ([KEY, *packets(1, 2)], 3),
        ([KEY, *packets(1), *frames(0, 1, 2)], 0),
        (["packet,0,900,KD_", "packet,1,500,_D_", *packets(2), *frames(2)], 0),
        ([KEY, "packet,1,0,___", *frames(0)], 0),
        ([KEY, *packets(1, size=7), *frames(0)], 0),
        ([*packets(1, 2), "packet,3,900,K__", *packets(4), *frames(3, 4)], 2),
        (["packet,3,900,K__", *packets(1, 2, 4), *frames(3, 4)], 0),
        (["packet,0,900,K__", "packet,N/A,5,___", *packets(4), *frames(0, 4)], 0),
        ([KEY, *packets(9, 1, 2, 3), *frames(0, 9)], 3),
        ([KEY, *packets(1, 2, 3), *frames(0, 2, interlaced=1)], 0),
        ([*packets(1, 2), "packet,3,900,K__", *packets(4), *frames(3, interlaced=1)], 2),
    ],
    ids=[
        "each gives one",
        "one does not",
        "none does",
        "more frames than packets",
        "hidden by an edit list",
        "an empty packet",
        "a repetition",
        "before the first keyframe",
        "shown before the first keyframe",
        "without a time behind the keyframe",
        "behind a frame that is shown later",
        "two fields of a picture",
        "fields before the first keyframe",
    ],
)
def test_a_packet_without_a_frame(lines: list[str], left_out: int) -> None:
    assert listing(*lines).left_out() == left_out


def test_without_times_the_numbers_decide() -> None:
    nameless = ["packet,N/A,900,K__", *["packet,N/A,500,___"] * 99, *["frame,N/A,0,"] * 40]
    assert listing(*nameless).left_out() == 60


@pytest.mark.parametrize(("codec", "left_out"), [("vp8", 0), ("vp9", 0), ("h264", 1)])
def test_some_codecs_store_frames_that_are_not_shown(codec: str, left_out: int) -> None:
    assert listing(KEY, *packets(1, 2), *frames(0, 2), codec=codec).left_out() == left_out


def test_a_frame_with_several_complaints_is_damaged_once() -> None:
    lines = ["frame,0,0,log,h264log,h264", "frame,1,0,log,h264", "", "log,h264", "frame,2,0,"]
    assert listing(KEY, *packets(1, 2), *lines).damaged == 2


def test_side_data_is_no_complaint() -> None:
    lines = ["packet,0,900,K__,side_data,", "", "frame,0,0,,side_data,"]
    assert listing(*lines).damaged == 0
    assert listing(*lines).hidden == 0


@pytest.mark.parametrize("name", ["unknown", "N/A", ""])
def test_a_codec_without_a_name_is_none(name: str) -> None:
    assert listing(codec=name).codec is None
