"""The command for a clip, from its facts alone, and how it names its files."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from builders import PROFILE, seconds, video, with_stream
from hypothesis import given
from hypothesis import strategies as st

from motion_preflight.media.stream_details import AudioDetails, StreamDetails
from motion_preflight.repair.clip_suggestion import clip_name, orientations_of, suggest_clip
from motion_preflight.repair.options import FixOptions

if TYPE_CHECKING:
    from motion_preflight.media.facts import MediaFacts

DETAILS = StreamDetails(
    codec="h264",
    pixel_format="yuv420p",
    width=720,
    height=1280,
    pixel_shape=Fraction(1),
    interlaced=False,
    base_rate=None,
    transfer=None,
    primaries=None,
    audio=AudioDetails(1, "aac", Decimal(0), 2, 48_000),
    other_streams=0,
)
LIMITS = PROFILE.limits
IMAGE = FixOptions(orientation="image")


def clip(length: str = "12", **details: Any) -> MediaFacts:
    return replace(video(durations=seconds(length)), details=replace(DETAILS, **details))


@pytest.mark.parametrize(
    ("length", "wish", "orientations"),
    [
        ("8", FixOptions(), ("image", "video")),
        ("11", FixOptions(), ("image", "video")),
        ("11.001", FixOptions(), ("video",)),
        ("60", FixOptions(seconds=Decimal(9)), ("image", "video")),
        ("60", FixOptions(orientation="image"), ("image",)),
        ("8", FixOptions(orientation="video"), ("video",)),
    ],
)
def test_a_clip_a_little_too_long_is_fitted_to_both(
    length: str, wish: FixOptions, orientations: tuple[str, ...]
) -> None:
    assert orientations_of(clip(length), wish) == orientations


def test_the_name_says_what_the_new_clip_is_for() -> None:
    assert clip_name(Path("a/b.mov"), ("video",)) == Path("a/b-for-video.mp4")
    assert clip_name(Path("b.mov"), ("image", "video")) == Path("b-for-image.mp4")


@pytest.mark.parametrize(
    ("path", "source", "output"),
    [
        ("clip.mov", "clip.mov", "clip-for-image.mp4"),
        ("-clip.mov", "./-clip.mov", "./-clip-for-image.mp4"),
        ("./-clip.mov", "./-clip.mov", "./-clip-for-image.mp4"),
        ("part 1: a.mov", "./part 1: a.mov", "./part 1: a-for-image.mp4"),
        ("a/part: 1.mov", "a/part: 1.mov", "a/part: 1-for-image.mp4"),
        ("/m/clip.mov", "/m/clip.mov", "/m/clip-for-image.mp4"),
        ("no UTF-8 \udcff.mov", "no UTF-8 \udcff.mov", "no UTF-8 \udcff-for-image.mp4"),
    ],
)
def test_a_name_is_neither_an_option_nor_a_url(path: str, source: str, output: str) -> None:
    suggestion = suggest_clip(clip(), path, IMAGE, LIMITS)
    assert suggestion is not None
    words = suggestion.argv
    assert (words[words.index("-i") + 1], words[-1]) == (source, output)
    assert suggestion.output == clip_name(Path(path), ("image",)).as_posix()


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(video(), id="no details"),
        pytest.param(replace(clip(), video=None), id="no video"),
        pytest.param(replace(clip(), truncated=True, truncation="x"), id="cut short"),
        pytest.param(clip("1"), id="much too short"),
        pytest.param(clip("2.9"), id="too short, and not to be slowed"),
        pytest.param(clip(width=300, height=4000), id="a shape that fits nowhere"),
        pytest.param(clip(width=None), id="unknown sides"),
    ],
)
def test_what_cannot_be_mended_has_no_command(facts: MediaFacts) -> None:
    assert suggest_clip(facts, "clip.mov", IMAGE, LIMITS) is None


FIGURES = st.one_of(
    st.just(Decimal(0)),
    st.decimals(Decimal("0.000001"), Decimal(10) ** 18, allow_nan=False, places=6),
)


@given(
    length=FIGURES,
    start=FIGURES,
    sides=st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)),
    rate=st.one_of(st.none(), st.fractions(Fraction(1, 10**6), 10**6)),
    rotation=st.sampled_from([None, 0, 90, 180, 270, 7]),
    details=st.fixed_dictionaries(
        {
            "codec": st.sampled_from([None, "h264", "hevc"]),
            "interlaced": st.booleans(),
            "transfer": st.sampled_from([None, "smpte2084", "x"]),
            "pixel_shape": st.fractions(Fraction(1, 8), 8),
            "base_rate": st.one_of(st.none(), st.fractions(Fraction(1, 10**6), 10**6)),
            "audio": st.sampled_from(
                [None, AudioDetails(0, None, None, None, None), DETAILS.audio]
            ),
        }
    ),
    wish=st.builds(
        FixOptions,
        orientation=st.sampled_from(["image", "video", None]),
        slow=st.booleans(),
    ),
)
def test_whatever_a_file_declares_there_is_a_command_or_none(
    *,
    length: Decimal,
    start: Decimal,
    sides: tuple[int, int],
    rate: Fraction | None,
    rotation: int | None,
    details: dict[str, Any],
    wish: FixOptions,
) -> None:
    width, height = (side or None for side in sides)
    stream = with_stream(
        width=width, height=height, frame_rate=rate, rotation=rotation, start=start
    ).video
    facts = replace(
        clip(width=width, height=height, **details),
        video=stream,
        durations=seconds(str(length) if length else None),
    )
    suggestion = suggest_clip(facts, "clip.mov", wish, LIMITS)
    if suggestion is not None:
        assert suggestion.argv[-1] == suggestion.output
        assert all(isinstance(word, str) and word for word in suggestion.argv)
