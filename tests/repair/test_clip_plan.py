"""The plan of a repair, for clips that exist only as facts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from builders import PROFILE, seconds, video

from motion_preflight.media.facts import VideoStream
from motion_preflight.media.stream_details import AudioDetails, StreamDetails
from motion_preflight.repair.clip_changes import changes_of
from motion_preflight.repair.clip_command import clip_command
from motion_preflight.repair.clip_plan import plan_clip
from motion_preflight.repair.clip_shape import fitting_sides, usual_rate
from motion_preflight.repair.errors import CannotFix
from motion_preflight.repair.options import FixOptions

if TYPE_CHECKING:
    from motion_preflight.media.facts import MediaFacts
    from motion_preflight.repair.clip_plan import ClipPlan
    from motion_preflight.repair.options import Orientation

LIMITS = PROFILE.limits
SOUND = AudioDetails(1, "aac", Decimal(0), 2, 48_000)
DETAILS = StreamDetails(
    codec="h264",
    pixel_format="yuv420p",
    width=720,
    height=1280,
    pixel_shape=Fraction(1),
    interlaced=False,
    base_rate=Fraction(30),
    transfer=None,
    primaries=None,
    audio=SOUND,
    other_streams=0,
)
STREAM = VideoStream("h264", 720, 1280, 0, Fraction(30), Decimal(0), index=0)
BOTH: tuple[Orientation, ...] = ("image", "video")
VIDEO: tuple[Orientation, ...] = ("video",)


def clip(length: str = "8", stream: dict[str, Any] | None = None, **parts: Any) -> MediaFacts:
    """A clip of so many seconds in a Matroska file, which is the only thing wrong with it. Names
    of `StreamDetails` change its details, others its facts.
    """
    names = DETAILS.__dataclass_fields__.keys() & parts.keys()
    details = replace(DETAILS, **{name: parts.pop(name) for name in names})
    durations = seconds(length, samples=length)
    usual = {"container": "matroska", "durations": durations, "size": 5_000_000}
    rate = details.base_rate or Fraction(30)
    frames = round(Fraction(length) * rate)
    coded = replace(STREAM, **({"frames": frames} | (stream or {})))
    return video(video=coded, details=details, **(usual | parts))


def plan(facts: MediaFacts, for_: tuple[Orientation, ...] = BOTH, **wish: Any) -> ClipPlan:
    strict = wish.pop("strict", False)
    return plan_clip(facts, FixOptions(**wish), LIMITS, for_, strict=strict)


@pytest.mark.parametrize(
    ("average", "base", "usual"),
    [
        ("30", "30", 30),
        ("30", None, 30),
        (None, None, 30),
        ("24000/1001", "24000/1001", Fraction(24000, 1001)),
        ("23.889", "24", 24),  # the declared length is a little off
        ("8.2", "24", 24),  # the last frame is held
        ("29.6", "90000", Fraction(30000, 1001)),
        ("29.6", None, Fraction(30000, 1001)),
        ("14.2", "14.2", 15),
        ("3", "3", 10),
        ("31", "31", 48),
        ("120", "120", 60),
        ("240", None, 60),
        ("58.8", "60", 60),
        ("50", "25", 50),  # a base rate below the average is none
    ],
)
def test_the_rate_is_a_usual_one(average: str | None, base: str | None, usual: Fraction) -> None:
    rates = [None if text is None else Fraction(text) for text in (average, base)]
    assert usual_rate(*rates, strict=False) == usual
    assert usual_rate(*rates, strict=True) == min(usual, 30)


@pytest.mark.parametrize(
    ("shown", "sides"),
    [
        ((720, 1280), (720, 1280)),
        ((721, 1281), (720, 1280)),
        ((340, 340), (340, 340)),
        ((3850, 3850), (3850, 3850)),
        ((339, 600), (340, 602)),
        ((100, 200), (340, 680)),
        ((4096, 2160), (3850, 2030)),
        ((2160, 4096), (2030, 3850)),
        ((7680, 4320), (3850, 2166)),
        ((Fraction(1440 * 4, 3), 1080), (1920, 1080)),
        ((Fraction(853.33), 480), (854, 480)),
        ((341, 3850), (340, 3850)),
    ],
)
def test_the_sides_are_even_and_inside_the_limits(
    shown: tuple[Fraction, Fraction], sides: tuple[int, int]
) -> None:
    assert fitting_sides((Fraction(shown[0]), Fraction(shown[1])), LIMITS) == sides


@pytest.mark.parametrize("shown", [(100, 2000), (4096, 340), (8000, 600)])
def test_a_shape_that_no_scale_brings_inside_is_refused(shown: tuple[int, int]) -> None:
    with pytest.raises(CannotFix, match=r"each side may have 340 to 3850 pixels\. Crop it first"):
        fitting_sides((Fraction(shown[0]), Fraction(shown[1])), LIMITS)


@pytest.mark.parametrize(
    ("length", "for_", "wish", "rate", "frames"),
    [
        ("12", BOTH, {}, 30, 297),  # 9.9 s
        ("12", BOTH, {}, 10, 98),  # two frames inside the limit
        ("12", VIDEO, {}, 30, 360),
        ("40", VIDEO, {}, 30, 897),  # 29.9 s
        ("12", BOTH, {"strict": True}, 30, 285),  # 9.5 s
        ("12", BOTH, {"seconds": Decimal(5)}, 30, 150),
        ("12", BOTH, {"seconds": Decimal(20)}, 30, 297),
        ("12", VIDEO, {"start": Decimal(4)}, 30, 240),
        ("12", BOTH, {"start": Decimal("8.5")}, 30, 105),
        ("10.05", BOTH, {}, 30, 297),
        ("12", BOTH, {"seconds": Decimal(3)}, 30, 92),  # more than a frame above the least
        ("3", BOTH, {}, 30, 92),
        ("2.9", BOTH, {"slow": True}, 30, 93),  # 3.1 s
        ("2.4", BOTH, {"slow": True}, 30, 93),
    ],
)
def test_the_length_stays_inside_the_limits(
    length: str, for_: tuple[Orientation, ...], wish: dict[str, Any], rate: int, frames: int
) -> None:
    facts = clip(length, {"frame_rate": Fraction(rate)}, base_rate=Fraction(rate), codec="hevc")
    result = plan(facts, for_, **wish)
    assert result.frames == frames
    assert result.rate == rate
    assert result.seconds == Decimal(frames) / rate


MORE = "choose more with the options `start` and `seconds`"
FAST = "slowing it so much would be another motion"
SLOW = "the option `slow` makes it 3.1 s long, at 80.6 % of its speed"


@pytest.mark.parametrize(
    ("length", "wish", "message"),
    [
        ("2.5", {}, f"2.5 s are too short, 3 s is the least; {SLOW}"),
        ("2", {"slow": True}, f"2 s are too short, 3 s is the least: {FAST}"),
        ("8", {"start": Decimal(8)}, "a start of 8 s lies behind the end: the clip has 8 s"),
        ("8", {"start": Decimal(6)}, f"2 s are too short, 3 s is the least: {MORE}"),
        ("8", {"seconds": Decimal(2)}, f"2 s are too short, 3 s is the least: {MORE}"),
    ],
)
def test_why_there_is_no_plan_for_a_length(length: str, wish: dict[str, Any], message: str) -> None:
    with pytest.raises(CannotFix) as caught:
        plan(clip(length), **wish)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"truncated": True}, "the file is cut short: first get the whole file"),
        ({"stream": {"encrypted": True}}, "it is encrypted: use the clip as it was before it was"),
        ({"stream": {"frames": 1}}, "it has one frame only, and nothing moves: take a clip of the"),
        ({"codec": None}, "no reader here knows its codec: save it as H.264 with the program that"),
        ({"durations": seconds()}, "no duration could be read from the clip: save it as MP4"),
        ({"width": None}, "the sides of the picture are not known"),
    ],
)
def test_why_there_is_no_plan_for_a_file(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(CannotFix) as caught:
        plan(clip(**parts))
    assert str(caught.value).startswith(message)


def test_streams_that_are_fine_are_copied() -> None:
    result = plan(clip())
    assert result.copied
    assert changes_of(result, clip(), FixOptions(), LIMITS) == (
        "matroska becomes MP4",
        "the index is in front, and picture and sound are copied as they are",
    )


@pytest.mark.parametrize(
    "parts",
    [
        {"codec": "hevc"},
        {"pixel_format": "yuv420p10le"},
        {"pixel_format": "yuvj420p"},
        {"pixel_shape": Fraction(4, 3)},
        {"interlaced": True, "base_rate": None},
        {"transfer": "smpte2084"},
        {"transfer": "arib-std-b67"},
        {"primaries": "bt2020"},
        {"width": 721},
        {"width": 300},
        {"base_rate": Fraction(120)},
        {"audio": replace(SOUND, codec="mp3")},
        {"audio": replace(SOUND, codec=None)},
        {"audio": replace(SOUND, channels=6)},
        {"audio": replace(SOUND, start=Decimal("0.5"))},
        {"audio": replace(SOUND, start=Decimal("-0.5"))},
        {"stream": {"rotation": 90}},
        {"stream": {"frames": 200}},
        {"stream": {"frames": None}},
        {"base_rate": Fraction(90000)},
        {"undecodable": "why"},
        {"contradiction": "how"},
        {"longer_track": "which"},
        {"clock_jump": "where"},
        {"durations": seconds("8", samples="8", stored="12")},
        {"size": 100_000_000},
        {"length": "10.1"},
    ],
)
def test_what_is_not_fine_is_made_anew(parts: dict[str, Any]) -> None:
    assert not plan(clip(**parts)).copied


@pytest.mark.parametrize(
    "wish",
    [{"start": Decimal(1)}, {"seconds": Decimal(5)}, {"slow": True}, {"mute": True}, {"strict": 1}],
)
def test_what_another_clip_is_wanted_of_is_made_anew(wish: dict[str, Any]) -> None:
    assert plan(clip()).copied
    assert not plan(clip(), **wish).copied


def test_no_sound_is_fine_too() -> None:
    assert plan(clip(audio=None)).copied


@pytest.mark.parametrize(
    ("length", "wish", "most"),
    [
        ("8", {}, 20_000),
        ("30", {}, 13_188),  # 50 million bytes in 29.9 s, less the sound
        ("30", {"strict": True}, 6_572),
    ],
)
def test_the_bits_stay_far_below_the_limit(length: str, wish: dict[str, Any], most: int) -> None:
    result = plan(clip(length, codec="hevc", size=None), VIDEO, **wish)
    assert result.kilobits == pytest.approx(most, rel=0.02)


SMALL = (
    "scaled from 300x400 to 340x454 pixels: a side has at least 340. It gets no sharper: "
    "better a larger one"
)


@pytest.mark.parametrize(
    ("parts", "wish", "expected"),
    [
        ({"length": "12"}, {}, "cut to 9.9 of 12 s (the beginning): at most 10 s are allowed"),
        ({}, {"seconds": Decimal(5)}, "cut to 5 of 8 s (the beginning): as asked"),
        ({"length": "20"}, {"seconds": Decimal(15)},
         "cut to 9.9 of 20 s (the beginning): at most 10 s are allowed"),
        ({"length": "20"}, {"start": Decimal(2)},
         "cut to 9.9 of 20 s (from second 2 on): at most 10 s are allowed"),
        ({}, {"start": Decimal(2)}, "cut to 6 s, from second 2 on: as asked"),
        ({"length": "2.5"}, {"slow": True},
         "slowed to 80.6 % of its speed, 3.1 s long: it was too short"),
        ({"width": 300, "height": 400}, {}, SMALL),
        ({"width": 4096, "height": 2160}, {},
         "scaled from 4096x2160 to 3850x2030 pixels: a side has at most 3850"),
        ({"transfer": "smpte2084", "primaries": "bt2020"}, {}, "HDR (PQ) becomes SDR (BT.709)"),
        ({"transfer": "arib-std-b67"}, {}, "HDR (HLG) becomes SDR (BT.709)"),
        ({"primaries": "bt2020"}, {}, "BT.2020 colours become BT.709"),
        ({"interlaced": True}, {}, "interlaced fields become whole frames"),
        ({"stream": {"rotation": 90}}, {},
         "turned upright, by 90 degrees, instead of a tag that says so"),
        ({"pixel_shape": Fraction(4, 3)}, {}, "its pixels become square"),
        ({"durations": seconds("8", samples="8", stored="12")}, {},
         "what its edit list hides is left out"),
        ({"other_streams": 2}, {}, "only the judged video and one sound track are kept"),
        ({}, {"mute": True}, "the sound is left out: as asked"),
        ({"audio": replace(SOUND, codec=None)}, {},
         "the sound is left out: nothing here knows its codec"),
        ({"codec": "hevc"}, {}, "hevc becomes H.264 at a constant 30 frames a second"),
    ],
)  # fmt: skip
def test_each_change_is_named(parts: dict[str, Any], wish: dict[str, Any], expected: str) -> None:
    facts = clip(**parts)
    assert expected in changes_of(plan(facts, **wish), facts, FixOptions(**wish), LIMITS)


def test_an_odd_pixel_is_no_change_worth_a_word() -> None:
    facts = clip(width=721, height=1281)
    changes = changes_of(plan(facts), facts, FixOptions(), LIMITS)
    assert not [change for change in changes if "scaled" in change]


def test_what_begins_late_is_counted_from_the_first_frame() -> None:
    late = clip(stream={"start": Decimal("0.5")}, codec="hevc")
    assert plan(late, start=Decimal(1)).origin == Decimal("1.5")
    assert "-copyts" in clip_command(plan(late), "in.mp4", "out.mp4")


def test_a_clock_that_jumps_is_not_gone_by() -> None:
    sound = replace(SOUND, start=Decimal("1.2"))
    jumping = clip(stream={"start": Decimal("1.4")}, audio=sound, clock_jump="at 3 s")
    assert plan(jumping).origin == Decimal("0.2")
    assert "-copyts" not in clip_command(plan(jumping), "in.ts", "out.mp4")


@pytest.mark.parametrize(
    ("parts", "expected", "absent"),
    [
        ({}, ["fps=fps=30/1", "scale=720:1280", "format=yuv420p"], ["bwdif", "zscale", "bt709"]),
        ({"interlaced": True}, ["bwdif=mode=send_frame"], ["zscale"]),
        ({"transfer": "smpte2084"}, ["tonemap=", "transferin=smpte2084", "bt709"], []),
        ({"primaries": "bt2020"}, ["zscale=", "primariesin=bt2020", "bt709"], ["tonemap"]),
        ({"pixel_format": "rgb24"}, ["out_color_matrix=bt709", "-colorspace bt709"], ["zscale"]),
        ({"audio": None}, [], ["atrim", "-c:a"]),
        ({"length": "2.5"}, ["atempo=0.806"], []),
    ],
)
def test_the_command_has_what_the_source_needs(
    parts: dict[str, Any], expected: list[str], absent: list[str]
) -> None:
    command = clip_command(plan(clip(**parts), slow=True), "in.mp4", "out.mp4")
    text = " ".join(command)
    assert [part for part in expected if part not in text] == []
    assert [part for part in absent if part in text] == []


@pytest.mark.parametrize(
    ("container", "start", "skipped"),
    [("mp4", 30, ["-ss", "20"]), ("matroska", 10, []), ("mp4", 5, []), ("mpegts", 30, [])],
)
def test_what_lies_before_the_beginning_is_leapt_over(
    container: str, start: int, skipped: list[str]
) -> None:
    facts = clip("60", container=container)
    command = clip_command(plan(facts, start=Decimal(start)), "in", "out.mp4")
    options = command[command.index("-ss") :][:2] if "-ss" in command else []
    assert options == skipped


def test_copied_streams_are_not_filtered() -> None:
    command = clip_command(plan(clip()), "in.mkv", "out.mp4")
    assert "-filter_complex" not in command
    assert command[command.index("-c") + 1] == "copy"
