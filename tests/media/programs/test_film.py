"""The small pictures of a clip: how many, of which moments, and never a byte more for them."""

from __future__ import annotations

import shutil
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from encoded import encoded
from paths import MEDIA
from PIL import Image

from motion_preflight import probe
from motion_preflight.media.filmer import Filmer
from motion_preflight.media.filmstrip import Filmstrip, frame_size, jpegs_in
from motion_preflight.media.medium import Medium
from motion_preflight.media.options import ProbeOptions
from motion_preflight.media.programs.ffmpeg import find_ffmpeg, from_fix_extra
from motion_preflight.media.workers import ExecutorWorkers
from motion_preflight.provider.profile import Profile

if TYPE_CHECKING:
    from motion_preflight.media.facts import MediaFacts
    from motion_preflight.testing.host import Host

PROGRAMS = sorted({path for path in (from_fix_extra(), shutil.which("ffmpeg")) if path})
JPEG = b"\xff\xd8\xff\xdb...\xff\xd9"


def strip(path: Path | str, **options: Any) -> Filmstrip:
    facts = probe(str(path), frames=True, allow_private=True, **options)
    assert facts.filmstrip is not None
    return facts.filmstrip


def brightness(jpeg: bytes) -> float:
    return float(Image.open(BytesIO(jpeg)).convert("L").resize((1, 1)).getpixel((0, 0)) or 0)  # type: ignore[arg-type]


def fading(tmp_path: Path, *options: str, size: str = "180x320", name: str = "fading.mp4") -> Path:
    """A clip of 6 s, noisy so that it has some bytes, whose brightness grows evenly."""
    graph = (
        f"nullsrc=s={size}:r=30:d=6,geq=lum='16+219*T/6':cb=128:cr=128,noise=alls=12:allf=t,"
        "format=yuv420p"
    )
    x264 = ("-c:v", "libx264", "-preset", "ultrafast", "-movflags", "+faststart")
    return encoded(tmp_path, "-filter_complex", graph, *x264, *options, name=name)


@pytest.mark.parametrize("ffmpeg", PROGRAMS)
def test_twelve_pictures_are_from_the_middle_of_equal_parts(tmp_path: Path, ffmpeg: str) -> None:
    film = strip(fading(tmp_path), ffmpeg=ffmpeg)
    assert (len(film.frames), film.width, film.height, film.missing) == (12, 90, 160, None)
    assert film.step == pytest.approx(0.5)
    assert [Image.open(BytesIO(frame)).size for frame in film.frames] == [(90, 160)] * 12
    expected = [255 * (number + 0.5) / 12 for number in range(12)]
    assert [brightness(frame) for frame in film.frames] == pytest.approx(expected, abs=8)


@pytest.mark.parametrize(
    "name", ["clip-8s.mov", "clip-8s.mkv", "clip-8s.webm", "clip-8s.avi", "fragmented.mp4"]
)
def test_every_container_has_its_pictures(name: str) -> None:
    assert len(strip(MEDIA / name).frames) == 12


def test_a_clip_is_shown_as_it_is_displayed() -> None:
    facts = probe(str(MEDIA / "rotated-8s.mp4"), frames=True)
    assert facts.video is not None
    assert facts.filmstrip is not None
    wider = (facts.video.width or 0) > (facts.video.height or 0)
    assert wider == (facts.filmstrip.width > facts.filmstrip.height)


def test_pictures_are_taken_only_where_they_are_asked_for() -> None:
    assert probe(str(MEDIA / "clip-8s.mp4")).filmstrip is None
    assert probe(str(MEDIA / "image.png"), frames=True).filmstrip is None
    assert probe(str(MEDIA / "audio-only.mp4"), frames=True).filmstrip is None


def test_of_a_url_whose_bytes_are_all_here_there_are_all_pictures(host: Host) -> None:
    assert len(strip(host.serve("clip.mp4", MEDIA / "clip-8s.mp4")).frames) == 12


@pytest.mark.parametrize("ffmpeg", PROGRAMS)
def test_of_a_large_url_there_is_the_first_picture_and_nothing_more_is_fetched(
    host: Host, tmp_path: Path, ffmpeg: str
) -> None:
    clip = fading(tmp_path, "-bf", "2", "-crf", "26")
    assert clip.stat().st_size > 256 << 10
    plain = probe(host.serve("plain.mp4", clip), allow_private=True).transfer
    filmed = probe(host.serve("filmed.mp4", clip), allow_private=True, frames=True, ffmpeg=ffmpeg)
    assert plain is not None
    assert filmed.transfer is not None
    assert (filmed.transfer.requests, filmed.transfer.bytes) == (plain.requests, plain.bytes)
    assert filmed.filmstrip is not None
    assert (len(filmed.filmstrip.frames), filmed.filmstrip.step) == (1, None)
    assert "not fetched" in (filmed.filmstrip.missing or "")
    assert brightness(filmed.filmstrip.frames[0]) < 12


def test_a_first_picture_that_is_not_here_as_a_whole_is_not_shown(
    host: Host, tmp_path: Path
) -> None:
    noise = "nullsrc=s=1280x720:r=10:d=2,geq=random(1)*255:128:128,format=yuv420p"
    clip = encoded(
        tmp_path, "-filter_complex", noise, "-crf", "10", "-preset", "ultrafast",
        name="noise.mp4",
    )  # fmt: skip
    film = strip(host.serve("noise.mp4", clip))
    assert (film.frames, film.missing) == ((), "its bytes were not fetched for pictures")


def test_what_cannot_be_filmed_is_measured_all_the_same(tmp_path: Path) -> None:
    without = measured_by(Filmer(str(tmp_path / "no-ffmpeg")))
    assert without.filmstrip is not None
    assert without.filmstrip.frames == ()
    assert "ffmpeg" in (without.filmstrip.missing or "")
    assert replace(without, filmstrip=None) == probe(str(MEDIA / "clip-8s.mp4"))


def test_a_clip_whose_pictures_end_early_shows_those_before() -> None:
    film = strip(MEDIA / "cut-faststart.mp4")
    assert 0 < len(film.frames) < 12


def measured_by(filmer: Filmer) -> MediaFacts:
    path = MEDIA / "clip-8s.mp4"
    return filmer.filmed(probe(str(path)), path, whole=True, first_sample=True)


def test_two_hundred_clips_of_a_run_have_pictures() -> None:
    filmer = Filmer(find_ffmpeg())
    filmer._left = 1
    first, second = measured_by(filmer).filmstrip, measured_by(filmer).filmstrip
    assert first is not None
    assert second is not None
    assert (len(first.frames), second.frames) == (12, ())
    assert second.missing == "pictures are taken of 200 clips a run"


def test_an_executor_takes_pictures_for_the_first_calls_alone() -> None:
    class Order:
        def __init__(self) -> None:
            self.frames: list[bool] = []

        def submit(self, _function: object, media: list[Medium], options: ProbeOptions) -> Any:
            self.frames += [options.frames] * len(media)

    order = Order()
    workers = ExecutorWorkers(order, ProbeOptions(profile=Profile.load(), frames=True))
    for _ in range(15):
        workers.submit([Medium("clip.mp4", "video")] * workers.chunk)
    assert order.frames == [True] * 208 + [False] * 32


@pytest.mark.parametrize(
    ("sides", "small"),
    [
        ((1080, 1920), (90, 160)),
        ((1920, 1080), (160, 90)),
        ((100, 100), (160, 160)),
        ((10_000, 10), (160, 8)),
        ((None, None), (160, 160)),
    ],
)
def test_small_pictures_keep_the_shape(
    sides: tuple[int | None, int | None], small: tuple[int, int]
) -> None:
    assert frame_size(*sides) == small


@pytest.mark.parametrize(
    ("data", "number"),
    [(b"", 0), (JPEG, 1), (JPEG * 3, 3), (JPEG + JPEG[:-1], 1), (b"no picture", 0)],
)
def test_what_is_cut_is_no_picture(data: bytes, number: int) -> None:
    assert jpegs_in(data) == (JPEG,) * number
