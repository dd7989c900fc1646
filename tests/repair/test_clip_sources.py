"""Clips of every kind are mended, and what comes of it is all that a result must be."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest
from builders import duration_profile
from builders import profile as builders_profile
from clip_results import decode, described
from clip_sources import (
    BLACK,
    BLUE,
    FLASH,
    GREEN,
    RED,
    Source,
    options,
    picture,
    sound,
    usual,
)
from clip_table import SOURCES

from motion_preflight.media.facts import MediaFacts
from motion_preflight.media.programs.ffmpeg import find_ffmpeg
from motion_preflight.pipeline import probe
from motion_preflight.repair.clip_shape import RATES
from motion_preflight.repair.fix import fix

if TYPE_CHECKING:
    from pathlib import Path

    from clip_results import Colour, Decoded

    from motion_preflight.provider.profile import Profile

# A limit of two seconds keeps the clips small, and the work with them.
LONGEST, SHORTEST = Decimal(2), Decimal(1)
PROFILE = duration_profile(minimum=SHORTEST, maximum=LONGEST)
TOGETHER = 0.040  # seconds between flash and beep
EXACT = 0.060  # seconds by which the flash may miss its place: some files are a frame late
NEAR = 16  # levels of 255 that a colour may differ
NEAR_HDR = 42  # the same of HDR, whose brightest parts are drawn in: white becomes 216
WISHES: dict[str, dict[str, Any]] = {
    "too short": {"slow": True},
    "from half a second on": {"start": Decimal("0.5")},
    "from half a second on, late sound": {"start": Decimal("0.5")},
    "from a late second on": {"start": Decimal(12)},
    "from a late second on, Matroska": {"start": Decimal(12)},
    "huge frame": {"seconds": Decimal("1.2")},
    "muted": {"mute": True},
}
SILENT = {"silent", "muted"}
FLASHES = {  # seconds of the result, where it is not that of the source
    "too short": 0.5 / 0.917 * 1.1,
    "picture starts late": FLASH - 0.5,
    "sound before the picture in a stream": FLASH - 0.5,
    "from half a second on": FLASH - 0.5,
    "from half a second on, late sound": FLASH - 0.5,
    "huge frame": 0.8,
}
TURNED = {  # where the colours of the four corners are after turning: seen from the top left on
    "rotated by 90": (BLUE, RED, BLACK, GREEN),
    "rotated by 180": (BLACK, BLUE, GREEN, RED),
    "rotated by 270": (GREEN, BLACK, RED, BLUE),
    "wide pixels, rotated": (GREEN, BLACK, RED, BLUE),
    "mirrored": (GREEN, RED, BLACK, BLUE),
    "upside down": (BLUE, BLACK, RED, GREEN),
    "mirrored and rotated": (BLACK, GREEN, BLUE, RED),
}
SIDES = {
    "odd sides": (472, 352),
    "too small": (454, 340),
    "too large": (3850, 388),
    "huge frame": (3850, 2030),
    "wide pixels": (480, 360),
    "wide pixels, rotated": (360, 480),
    "tall pixels": (360, 480),
    "rotated by 90": (360, 480),
    "rotated by 270": (360, 480),
    "mirrored and rotated": (360, 480),
}
RATE = {
    "8 frames a second": 10,
    "120 frames a second": 60,
    "23.976 frames a second": Fraction(24000, 1001),
    "huge frame": 10,
    "too large": 12,
    "from a late second on": 10,
    "from a late second on, Matroska": 10,
    "interlaced, top first": 24,
}
NEUTRAL = {"major_brand", "minor_version", "compatible_brands", "encoder", "language",
           "handler_name", "vendor_id"}  # fmt: skip


@pytest.mark.parametrize("kind", SOURCES)
def test_a_clip_is_mended(kind: str, tmp_path: Path, ffprobes: list[str]) -> None:
    source, output = SOURCES[kind].make(tmp_path), tmp_path / "result.mp4"
    before = source.read_bytes()
    profile = _few_bytes() if kind == "too many bytes" else PROFILE
    result = fix(source, output=output, profile=profile, **WISHES.get(kind, {}))
    assert result.error is None
    assert result.output == output
    assert result.changes
    assert {verdict.value for verdict in result.verdicts.values()} == {"pass"}
    assert source.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["result.mp4"]
    _is_a_usual_mp4(described(ffprobes[0], output), kind)
    _is_inside_the_limits(ffprobes[0], output, profile)
    seen = decode(output, _rate(described(ffprobes[0], output)), tmp_path, sound=kind not in SILENT)
    _looks_right(seen, kind)
    assert abs(seen.flash() - FLASHES.get(kind, FLASH)) <= EXACT
    if kind not in SILENT:
        assert abs(seen.flash() - seen.beep()) <= TOGETHER


def _few_bytes() -> Profile:
    """The profile of the other clips with a limit that the noisy one breaks."""
    small = builders_profile(video_size={"below": {"MB": 100_000, "MiB": 104_858}})
    return replace(
        small, limits=replace(small.limits, video_duration=PROFILE.limits.video_duration)
    )


def _is_a_usual_mp4(answer: dict[str, Any], kind: str) -> None:
    """What ffprobe says of a file is what any player takes."""
    streams, form = answer["streams"], answer["format"]
    video = streams[0]
    kinds = [stream["codec_type"] for stream in streams]
    assert kinds == (["video"] if kind in SILENT else ["video", "audio"])
    assert form["format_name"].startswith("mov,mp4")
    assert form["tags"]["major_brand"] == "isom"
    assert not answer["chapters"]
    assert (video["codec_name"], video["profile"], video["pix_fmt"]) == ("h264", "High", "yuv420p")
    assert video["has_b_frames"] == 0
    assert video["field_order"] in {"progressive", "unknown"}
    assert video.get("sample_aspect_ratio", "1:1") == "1:1"
    assert not video.get("side_data_list")
    assert video["avg_frame_rate"] == video["r_frame_rate"]
    assert _rate(answer) == RATE.get(kind, 24)
    assert _rate(answer) in RATES
    assert (video["width"], video["height"]) == SIDES.get(kind, (480, 360))
    assert {float(stream["start_time"]) for stream in streams} == {0}
    for stream in streams[1:]:
        assert stream["codec_name"] == "aac"
        assert stream["channels"] <= 2
        assert stream["sample_rate"] in {"44100", "48000"}
    _says_nothing(answer)


def _says_nothing(answer: dict[str, Any]) -> None:
    """No place, no device, no name of anybody."""
    for part in (answer["format"], *answer["streams"]):
        tags = part.get("tags", {})
        assert tags.keys() <= NEUTRAL
        assert tags.get("language", "und") == "und"
        assert tags.get("handler_name", "VideoHandler") in {"VideoHandler", "SoundHandler"}


def _is_inside_the_limits(program: str, path: Path, profile: Profile) -> None:
    """Every reading is inside by a frame and more, and nothing contradicts it."""
    facts = probe(path, ffprobe=program, profile=profile)
    assert isinstance(facts, MediaFacts)
    assert facts.video is not None
    assert facts.video.frame_rate is not None
    frame = Decimal(facts.video.frame_rate.denominator) / facts.video.frame_rate.numerator
    assert SHORTEST + frame < facts.durations.judged.low
    assert facts.durations.judged.high < LONGEST - frame
    assert facts.durations.stored is None
    assert facts.faststart
    assert not facts.fragmented
    wrong = facts.contradiction, facts.longer_track, facts.clock_jump, facts.truncation
    assert not any(wrong), wrong
    assert facts.size is not None
    assert facts.size < min((profile.limits.video_size.below or {}).values()) * Decimal("0.75")


def _rate(answer: dict[str, Any]) -> Fraction:
    return Fraction(answer["streams"][0]["r_frame_rate"])


def _looks_right(seen: Decoded, kind: str) -> None:
    corners = TURNED.get(kind, (RED, GREEN, BLUE, BLACK))
    near = NEAR_HDR if kind in {"HDR10", "HLG"} else NEAR
    for colour, expected in zip(seen.corners(0.25), corners, strict=True):
        assert _difference(colour, expected) <= near, (colour, expected)
    assert _difference(seen.white(), (255, 255, 255)) <= near


def _difference(one: Colour, other: Colour) -> int:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


def test_a_clip_whose_clock_starts_again_is_mended_whole(tmp_path: Path) -> None:
    """Two recordings in one file: both are seen and heard, each with its flash and its beep."""
    half = usual(video=picture(seconds=1.25, flash=0.5), audio=sound(0.5, 1.25), name="half.ts")
    source = tmp_path / "glued.ts"
    source.write_bytes(half.make(tmp_path).read_bytes() * 2)
    result = fix(source, output=tmp_path / "result.mp4", profile=PROFILE)
    assert result.error is None
    assert result.after is not None
    assert result.after.durations.samples == pytest.approx(Decimal("1.875"))
    seen = decode(tmp_path / "result.mp4", Fraction(24), tmp_path, sound=True)
    for second in (0.5, 1.75):
        assert abs(seen.flash(second - 0.5) - second) <= EXACT
        assert abs(seen.flash(second - 0.5) - seen.beep(second - 0.5)) <= TOGETHER


@pytest.mark.parametrize(
    ("kept", "error"),
    [
        (0.97, None),
        (0.96, "; only 1.375 of 1.875 s could be read from the source"),
        (0.5, "the bytes of its frame after 30 % of it are zeros"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, kept: float, error: str | None) -> None:
    """A clip of which the end is zeros, as one whose download stopped."""
    source = tmp_path / "clip.mp4"
    content = SOURCES["too long"].make(tmp_path).read_bytes()
    end = int(len(content) * kept)
    source.write_bytes(content[:end] + bytes(len(content) - end))
    profile = duration_profile(minimum=Decimal("1.4"), maximum=LONGEST)
    result = fix(source, output=tmp_path / "result.mp4", profile=profile)
    if error:
        assert error in (result.error or "")
        assert result.output is None
    else:
        assert result.error is None
        assert result.changes[-1] == "only 1.5 of 1.875 s could be read from the source"


@pytest.mark.parametrize(
    "words", ["-c:v qtrle -pix_fmt argb", "-c:v prores_ks -profile:v 4444 -pix_fmt yuva444p10le"]
)
def test_what_can_be_transparent_is_laid_on_black(tmp_path: Path, words: str) -> None:
    """The half that nobody sees is yellow behind its transparency, the other one half so."""
    drawn = (
        "color=yellow:480x360:r=24:d=1.5,format=rgba,"
        "geq=r='255':g='255':b='0':a='if(lt(X,240),0,128)'"
    )
    inputs = ("-f", "lavfi", "-i", drawn, *options(words))
    source = Source(inputs, "clip.mov").make(tmp_path)
    result = fix(source, output=tmp_path / "result.mp4", profile=PROFILE)
    assert "it can be transparent: laid on black" in result.changes
    seen = decode(tmp_path / "result.mp4", Fraction(24), tmp_path, sound=False)
    for colour, expected in zip(seen.corners(0.5), (BLACK, (128, 128, 0)) * 2, strict=True):
        assert _difference(colour, expected) <= NEAR, (colour, expected)


def _with_zeros(folder: Path, ffprobe: str, frames: range) -> Path:
    """The clip that is too long, in which the bytes of some frames are zeros."""
    made = SOURCES["too long"].make(folder)
    words = ["-v", "error", "-select_streams", "v", "-show_packets", "-of", "json"]
    done = subprocess.run([ffprobe, *words, made], capture_output=True, check=True)
    content, packets = bytearray(made.read_bytes()), json.loads(done.stdout)["packets"]
    for packet in packets[frames.start : frames.stop]:
        start, size = int(packet["pos"]), int(packet["size"])
        content[start : start + size] = bytes(size)
    source = folder / "damaged.mp4"
    source.write_bytes(content)
    return source


def test_a_clip_that_would_stand_still_for_long_is_not_made(
    tmp_path: Path, ffprobes: list[str]
) -> None:
    source = _with_zeros(tmp_path, ffprobes[0], range(14, 40))
    result = fix(source, output=tmp_path / "result.mp4", profile=PROFILE)
    assert "of it did not decode" in (result.error or "")
    assert "choose a part that plays" in (result.error or "")
    assert [path.name for path in tmp_path.iterdir()] == ["damaged.mp4"]


@pytest.mark.parametrize(
    ("frames", "wish"),
    [(range(20, 21), {}), (range(2, 22), {"start": Decimal(1), "seconds": Decimal("1.5")})],
)
def test_frames_that_are_held_are_named(
    tmp_path: Path, ffprobes: list[str], frames: range, wish: dict[str, Any]
) -> None:
    source = _with_zeros(tmp_path, ffprobes[0], frames)
    result = fix(source, output=tmp_path / "result.mp4", profile=PROFILE, **wish)
    assert result.error is None
    assert "of the source did not decode: the picture stands still there" in result.changes[-1]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("clip.mkv", ()),
        ("clip.mp4", ()),  # the index is behind
        ("clip.mkv", ("-bf", "2")),
        ("clip.mkv", ("-map", "0:v", "-map", "1:a", "-map", "0:v")),
    ],
)
def test_streams_that_are_fine_are_copied(
    tmp_path: Path, ffprobes: list[str], name: str, words: tuple[str, ...]
) -> None:
    """Not a bit of them changes, and what they say about place and device goes."""
    tags = ["-metadata", "location=+48/", "-metadata:s:v", "title=Anna", "-metadata:s:a",
            "handler_name=Anna", "-metadata:s:v", "handler_name=Anna"]  # fmt: skip
    kind = usual(
        *options("-preset veryfast -bf 0"), *tags, *words, name=name,
        video=picture(seconds=1.5), audio=sound(seconds=1.5),
    )  # fmt: skip
    source, output = kind.make(tmp_path), tmp_path / "result.mp4"
    result = fix(source, output=output, profile=PROFILE)
    assert result.error is None
    assert result.changes[-1] == (
        "the index is in front, and picture and sound are copied as they are"
    )
    assert _sums(source) == _sums(output)
    for program in ffprobes:
        answer = described(program, output)
        assert [stream["codec_type"] for stream in answer["streams"]] == ["video", "audio"]
        _says_nothing(answer)
        facts = probe(output, ffprobe=program, profile=PROFILE)
        assert isinstance(facts, MediaFacts)
        assert facts.faststart
        assert facts.durations.stored is None
    seen = decode(output, Fraction(24), tmp_path, sound=True)
    assert abs(seen.flash() - FLASH) <= EXACT
    assert abs(seen.flash() - seen.beep()) <= TOGETHER


def _sums(path: Path) -> list[str]:
    """The digests of the first picture and the first sound as they are coded."""
    words: list[str | Path] = ["-v", "error", "-i", path, *options("-map 0:v:0 -map 0:a:0 -c copy")]
    words += ["-f", "streamhash", "-"]
    done = subprocess.run([find_ffmpeg(), *words], capture_output=True, text=True, check=True)
    return str(done.stdout).splitlines()
