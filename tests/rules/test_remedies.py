"""The commands of the remedies are really run, and what they make has the fault no more."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from builders import (
    MISSING,
    NOW,
    PROFILE,
    body,
    case,
    image,
    profile,
    seconds,
    video,
)
from findings import command, findings_of, mending

from motion_preflight.cli.parser import parser
from motion_preflight.media.facts import VideoStream
from motion_preflight.media.programs.ffmpeg import from_fix_extra
from motion_preflight.media.programs.ffprobe import find_ffprobe
from motion_preflight.pipeline import preflight
from motion_preflight.repair.fix import Fixer
from motion_preflight.repair.options import FixOptions
from motion_preflight.report.findings import Level, Report, Verdict
from motion_preflight.rules import image_dimensions, image_format, run_rules
from motion_preflight.rules.remedies import (
    image_remedy,
    scalable,
    scale_for,
    slowed,
    video_remedy,
)

if TYPE_CHECKING:
    from motion_preflight.provider.profile import Profile
    from motion_preflight.report.findings import Finding

FFMPEG = from_fix_extra() or shutil.which("ffmpeg")
SERIOUS = {Level.ERROR, Level.UNSURE}
ABOVE, BELOW = "video-duration-above-maximum", "video-duration-below-minimum"

needs_ffmpeg = pytest.mark.skipif(
    FFMPEG is None, reason="there is no ffmpeg: the commands of the remedies cannot be run here"
)


class Bench:
    """A folder with a clip and a picture in it, where requests are checked and commands run."""

    def __init__(self, folder: Path, media: Path, ffprobe: str) -> None:
        self.folder = folder
        self.media = media
        self.ffprobe = ffprobe
        shutil.copy(media / "image.png", folder / "image.png")

    def take(self, fixture: str, name: str | None = None) -> str:
        """A copy of a fixture under a name; the name."""
        to = self.folder / (name or fixture)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.media / fixture, to)
        return name or fixture

    def check(self, with_profile: Profile = PROFILE, /, **fields: str) -> Report:
        request = body(image_url="image.png", keep_original_sound="no") | fields
        return preflight(request, profile=with_profile, now=NOW, ffprobe=self.ffprobe)

    def make(self, *words: str) -> None:
        """Makes a medium by ffmpeg."""
        subprocess.run(
            [str(FFMPEG), "-nostdin", "-v", "error", *words], cwd=self.folder, check=True
        )

    def mend(
        self,
        rule: str,
        field: str,
        before: Report,
        with_profile: Profile = PROFILE,
        /,
        **fields: str,
    ) -> Report:
        """The report on what the remedy of a rule's finding made, the rest unchanged."""
        output = self.fix(command(spoken(before, rule)[0].remedy), with_profile)
        return self.check(with_profile, **fields | {field: output})

    def fix(self, words: list[str], with_profile: Profile = PROFILE) -> str:
        """Does what a command of `fix` does, and returns the name of what it makes."""
        options = parser().parse_args(words[1:])
        wish = FixOptions(orientation=options.orientation, slow=options.slow)
        with Fixer(wish, with_profile, ffprobe=self.ffprobe) as fixer:
            (medium,) = options.media
            result = fixer.fix(medium)
        assert result.error is None
        assert result.output is not None
        return str(result.output)


@pytest.fixture
def bench(tmp_path: Path, media: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """One ffprobe judges what was made: that all of them have the same facts is tested there."""
    monkeypatch.chdir(tmp_path)
    return Bench(tmp_path, media, find_ffprobe())


def spoken(report: Report, rule: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.rule == rule]


def serious(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings if finding.level in SERIOUS}


# --- clips that break a limit -------------------------------------------------------------


@needs_ffmpeg
@pytest.mark.parametrize(
    ("fixture", "orientation", "rule"),
    [
        ("clip-10.01s.mp4", "image", ABOVE),
        ("clip-10.1s.mp4", "image", ABOVE),
        ("clip-12s.mp4", "image", ABOVE),
        ("clip-30.1s.mp4", "video", ABOVE),
        ("clip-30.1s.mp4", "image", ABOVE),
        ("audio-longer.mp4", "image", ABOVE),
        ("late-start.mp4", "image", ABOVE),
        ("header-halved.mp4", "image", ABOVE),
        ("subtitles-longer.mp4", "image", ABOVE),
        ("live.webm", "video", "video-unreadable"),
        ("piped.mkv", "video", "video-unreadable"),
        ("mdhd-all-ones.mp4", "video", "video-unreadable"),
        ("small-338.mp4", "video", "video-dimensions"),
        ("clip-8s.mkv", "video", "video-container"),
        ("clip-8s.webm", "video", "video-container"),
        ("clip-8s.avi", "video", "video-container"),
        ("moov-last-8s.mp4", "video", "video-not-faststart"),
    ],
)
def test_the_command_mends_the_clip(
    bench: Bench, fixture: str, orientation: str, rule: str
) -> None:
    options = {"character_orientation": orientation}
    before = bench.check(video_url=bench.take(fixture), **options)
    after = bench.mend(rule, "video_url", before, **options)
    assert spoken(after, rule) == []
    assert serious(after) == set()
    assert after.verdict is Verdict.PASS
    readings = after.video.durations.judged  # type: ignore[union-attr]  # it was measured
    assert readings.high - readings.low <= Decimal("0.1")


@needs_ffmpeg
def test_a_slowed_clip_keeps_all_of_its_pictures_and_its_sound(bench: Bench) -> None:
    before = bench.check(video_url=bench.take("clip-2.9s.mp4"))
    after = bench.mend(BELOW, "video_url", before)
    assert serious(after) == set()
    durations = after.video.durations  # type: ignore[union-attr]  # it was measured
    assert durations.video is not None
    assert durations.audio is not None
    assert 3 <= durations.video <= Decimal("3.3")
    assert 3 <= durations.audio <= Decimal("3.3")


@needs_ffmpeg
def test_a_short_clip_with_a_long_sound_is_slowed_and_cut(bench: Bench) -> None:
    """The one command has to leave 3 seconds of both."""
    picture = ("-f", "lavfi", "-i", "testsrc=s=352x352:r=10:d=2.9")
    bench.make(*picture, "-f", "lavfi", "-i", "sine=d=40", "odd.mp4")
    before = bench.check(video_url="odd.mp4")
    assert serious(before) == {ABOVE, BELOW}
    after = bench.mend(BELOW, "video_url", before)
    assert serious(after) == set()


@needs_ffmpeg
def test_one_command_mends_everything_about_a_clip(bench: Bench) -> None:
    """Too long, too small, too many bytes, another container: none undoes another."""
    noise = "color=gray:s=352x352:r=10:d=12,noise=alls=100:allf=t"
    bench.make("-f", "lavfi", "-i", noise, "-c:v", "mpeg4", "-q:v", "2", "all.mkv")
    limits = profile(video_size={"below": 2_000_000}, video_side={"minimum": 400, "maximum": 3850})
    options = {"character_orientation": "image"}
    before = bench.check(limits, video_url="all.mkv", **options)
    rules = {ABOVE, "video-too-large", "video-container", "video-dimensions"}
    rules_with_command = rules | {"media-not-published"}
    assert {
        finding.rule for finding in before.findings if "`" in finding.remedy
    } == rules_with_command
    assert len(mending(before.findings, "video_url")) == 1
    after = bench.mend(ABOVE, "video_url", before, limits, **options)
    assert not rules & {finding.rule for finding in after.findings}
    assert mending(after.findings, "video_url") == set()
    assert after.verdict is Verdict.PASS


@needs_ffmpeg
def test_a_clip_of_too_many_bytes_is_made_smaller(bench: Bench) -> None:
    clip = bench.folder / bench.take("clip-8s.mp4")
    stuffing = 105_000_000 - clip.stat().st_size
    with clip.open("ab") as file:  # a free box, mostly a hole
        file.write(stuffing.to_bytes(4, "big") + b"free")
        file.truncate(105_000_000)
    before = bench.check(video_url=clip.name)
    assert serious(before) == {"video-too-large"}
    after = bench.mend("video-too-large", "video_url", before)
    assert serious(after) == set()
    assert after.video.size is not None
    assert after.video.size < 1_000_000


@needs_ffmpeg
def test_the_bit_rate_holds_a_clip_under_a_small_limit(bench: Bench) -> None:
    """Noise takes as many bits as it is given, so here it is the rate that keeps the size."""
    noise = "color=gray:s=352x352:r=10:d=4,noise=alls=100:allf=t"
    bench.make("-f", "lavfi", "-i", noise, "-c:v", "mpeg4", "-q:v", "2", "noise.mp4")
    limit = profile(video_size={"below": 1_000_000})
    before = bench.check(limit, video_url="noise.mp4")
    assert spoken(before, "video-too-large")
    after = bench.mend("video-too-large", "video_url", before, limit)
    assert spoken(after, "video-too-large") == []


@needs_ffmpeg
def test_a_turned_clip_is_scaled_as_it_is_shown(bench: Bench) -> None:
    """Stored 360x480 and shown 480x360."""
    larger = profile(video_side={"minimum": 400, "maximum": 3850})
    before = bench.check(larger, video_url=bench.take("rotated-8s.mp4"))
    after = bench.mend("video-dimensions", "video_url", before, larger)
    assert spoken(after, "video-dimensions") == []
    stream = after.video.video  # type: ignore[union-attr]  # it was measured
    assert stream is not None
    assert (stream.width, stream.height) == (534, 400)


@needs_ffmpeg
@pytest.mark.parametrize("fixture", ["clip-10s.mp4", "clip-8s.mp4"])
def test_a_scaled_clip_is_no_longer_than_it_was(bench: Bench, fixture: str) -> None:
    """The last frame of a sound is filled up: it would outlast the picture. A clip that is made
    anew stays a little inside its limit, so one of just 10 s becomes shorter.
    """
    larger = profile(video_side={"minimum": 400, "maximum": 3850})
    options = {"character_orientation": "image"}
    before = bench.check(larger, video_url=bench.take(fixture), **options)
    after = bench.mend("video-dimensions", "video_url", before, larger, **options)
    assert after.video.audio is not None  # type: ignore[union-attr]  # it was measured
    assert serious(after) == set()
    assert before.estimate is not None
    assert after.estimate is not None
    assert after.estimate.seconds.high <= before.estimate.seconds.high


@needs_ffmpeg
@pytest.mark.parametrize(
    ("several", "sides"), [("with-cover.mp4", (400, 400)), ("two-video-tracks.mp4", (534, 400))]
)
def test_a_clip_with_more_than_one_picture_is_mended_by_the_one_that_was_measured(
    bench: Bench, several: str, sides: tuple[int, int]
) -> None:
    larger = profile(video_side={"minimum": 400, "maximum": 3850})
    before = bench.check(larger, video_url=bench.take(several))
    after = bench.mend("video-dimensions", "video_url", before, larger)
    stream = after.video.video  # type: ignore[union-attr]  # it was measured
    assert stream is not None
    assert (stream.width, stream.height, stream.tracks) == (*sides, 1)


@needs_ffmpeg
@pytest.mark.parametrize(
    "name",
    [
        "my clip.mkv",
        'it\'s "the best" take.mkv',
        "-clip.mkv",
        "-y.mkv",
        "$HOME & co; (1).mkv",
        "talk: part 1.mkv",
        "100%d.mkv",
        "ünï 她.mkv",
        "sub folder/clip 1.mkv",
        "-sub/clip.mkv",
        "pipe:.mkv",
        "no ending",
    ],
)
def test_the_command_takes_any_name(bench: Bench, name: str) -> None:
    before = bench.check(video_url=bench.take("clip-8s.mkv", name))
    after = bench.mend("video-container", "video_url", before)
    assert spoken(after, "video-container") == []
    assert serious(after) == set()


@needs_ffmpeg
def test_the_command_works_from_the_current_folder_when_the_request_lies_elsewhere(
    bench: Bench,
) -> None:
    bench.take("clip-8s.mkv", "requests here/clip.mkv")
    bench.take("image.png", "requests here/image.png")
    before = preflight(
        body(video_url="clip.mkv", image_url="image.png", keep_original_sound="no"),
        profile=PROFILE,
        now=NOW,
        ffprobe=bench.ffprobe,
        folder=Path("requests here"),
    )
    words = command(spoken(before, "video-container")[0].remedy)
    assert words[2] == os.path.join("requests here", "clip.mkv")  # noqa: PTH118  as it is shown
    assert serious(bench.check(video_url=bench.fix(words))) == set()


# --- pictures -----------------------------------------------------------------------------


@needs_ffmpeg
@pytest.mark.parametrize(
    ("fixture", "rule"),
    [
        ("image.webp", "image-format"),
        ("image.gif", "image-format"),
        ("image.bmp", "image-format"),
        ("image-299.png", "image-dimensions"),
    ],
)
@pytest.mark.parametrize("name", [None, "-my face's {}"], ids=["plain", "odd name"])
def test_the_command_mends_the_picture(
    bench: Bench, fixture: str, rule: str, name: str | None
) -> None:
    picture = bench.take(fixture, name and name.format(fixture))
    clip = bench.take("clip-8s.mp4")
    before = bench.check(image_url=picture, video_url=clip)
    after = bench.mend(rule, "image_url", before, video_url=clip)
    assert [finding.rule for finding in after.findings if finding.field == "image_url"] == [
        "media-not-published"
    ]
    assert serious(after) == set()


@needs_ffmpeg
def test_of_a_picture_that_moves_the_first_is_taken(bench: Bench) -> None:
    bench.make("-f", "lavfi", "-i", "testsrc=s=320x320:r=5:d=1", "moves.gif")
    clip = bench.take("clip-8s.mp4")
    before = bench.check(image_url="moves.gif", video_url=clip)
    after = bench.mend("image-format", "image_url", before, video_url=clip)
    assert serious(after) == set()


# --- the words of a command ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("location", "source"),
    [
        ("clip.mkv", "clip.mkv"),
        ("a/b c.mov", "a/b c.mov"),
        ("b:c.mov", "b:c.mov"),
        ("a/../clip.mov", "clip.mov"),
        ("/media/clip.mov", "/media/clip.mov"),
        ("-clip.mov", "./-clip.mov"),
        ("clip", "clip"),
        ("https://apimart-user.com/a/clip.webm?sig=secret#t=1", "clip.webm"),
        ("https://apimart-user.com/-clip.webm", "./-clip.webm"),
        ("https://apimart-user.com/", "clip.mp4"),
        ("https://apimart-user.com", "clip.mp4"),
        (MISSING, "clip.mp4"),
    ],
)
def test_a_command_has_the_users_own_names(location: object, source: str) -> None:
    words = command(video_remedy(case(body(video_url=location))))
    assert words == ["motion-preflight", "fix", source, "--for", "video"]


ODD = [
    pytest.param("a`b`.mov", id="backticks"),
    pytest.param("one `.mov", id="a backtick"),
    pytest.param("fold`er/clip.mov", id="a backtick in the folder"),
    pytest.param("a\x1b[2J.mov", id="an escape sequence"),
    pytest.param("a\nb.mov", id="a new line"),
    pytest.param("a\u202eb.mov", id="a letter that turns the text"),
    pytest.param("a\u200bb.mov", id="a letter without width"),
    pytest.param("a\udc80.mov", id="half a letter"),
    pytest.param("https://apimart-user.com/a`b.mov", id="a backtick in a link"),
]


@pytest.mark.parametrize("location", ODD)
def test_a_name_that_is_more_than_a_name_gives_a_placeholder(location: str) -> None:
    odd = case(body(video_url=location, image_url=location))
    assert command(video_remedy(odd))[2] == "your-clip.mp4"
    assert command(image_remedy(odd))[2] == "your-image.png"


@pytest.mark.parametrize(
    ("orientation", "words"),
    [("image", ["--for", "image"]), ("Image", ["--for", "image"]), ("left", []), (MISSING, [])],
    ids=["image", "what was meant", "a wrong one", "none"],
)
def test_a_command_is_for_the_orientation_of_the_request(
    orientation: object, words: list[str]
) -> None:
    own = case(body(video_url="clip.mp4", character_orientation=orientation))
    assert command(video_remedy(own))[3:] == words


def test_a_clip_that_is_cut_short_is_not_mended() -> None:
    cut = case(video=video(truncated=True, truncation="…", durations=seconds("99")))
    assert video_remedy(cut) == "first get the whole file: it is cut short"


# --- what can be done ---------------------------------------------------------------------

SMALL = VideoStream("h264", 170, 300, 0, None)


@pytest.mark.parametrize(
    ("length", "orientation", "is_slowed"),
    [
        ("2.9", "image", True),
        ("2.33", "image", True),
        ("2.2", "image", False),
        ("3", "image", False),
        ("2.9", MISSING, False),
        ("8", "image", False),
    ],
)
def test_a_clip_that_is_a_little_too_short_is_to_be_slowed(
    length: str, orientation: object, *, is_slowed: bool
) -> None:
    short = case(body(character_orientation=orientation), video=video(durations=seconds(length)))
    assert slowed(short) is is_slowed
    assert ("--slow" in command(video_remedy(short))) is is_slowed


def test_what_the_tolerance_lets_through_is_not_slowed() -> None:
    short = video(durations=seconds("2.95"))
    assert slowed(case(video=short))
    assert not slowed(case(video=short, tolerance=Decimal("0.05")))


@pytest.mark.parametrize(
    ("width", "height", "limits", "factor"),
    [
        (170, 300, (340, 3850), Fraction(2)),
        (340, 340, (340, 3850), Fraction(1)),
        (7700, 4000, (340, 3850), Fraction(1, 2)),
        (340, 3850, (340, 3850), Fraction(1)),
        (300, 3850, (340, 3850), None),
        (100, 9000, (340, 3850), None),
        (10, 20, (340, "Infinity"), Fraction(34)),
        (9000, 8000, (0, "Infinity"), Fraction(1)),
    ],
)
def test_the_factor_is_the_one_nearest_to_1(
    width: int, height: int, limits: tuple[object, object], factor: Fraction | None
) -> None:
    low, high = (Decimal(str(limit)) for limit in limits)
    assert scale_for((Fraction(width), Fraction(height)), low, high) == factor


@pytest.mark.parametrize(("width", "height"), [(None, 100), (100, None)])
def test_sides_that_are_not_known_are_not_scaled(width: int | None, height: int | None) -> None:
    stream = replace(SMALL, width=width, height=height)
    assert not scalable(case(video=video(video=stream)))


def test_one_command_is_named_by_every_finding() -> None:
    broken = case(
        body(video_url="my clip.webm", character_orientation="image"),
        video=video(durations=seconds("12"), video=SMALL, size=10**9, container="webm"),
    )
    findings = run_rules(broken)[0]
    assert {finding.rule for finding in findings if "`" in finding.remedy} == {
        ABOVE,
        "video-too-large",
        "video-container",
        "video-dimensions",
        "media-extension-misleading",
    }
    (single,) = mending(findings, "video_url")
    assert shlex.split(single) == ["motion-preflight", "fix", "my clip.webm", "--for", "image"]


def test_a_medium_behind_a_link_is_to_be_downloaded_first_and_published_anew() -> None:
    text = video_remedy(case(body(video_url="https://apimart-user.com/clip.webm?sig=secret")))
    assert text.startswith("download it, run `motion-preflight fix clip.webm")
    assert text.endswith("publish the result under a new link")
    assert "secret" not in text


def test_a_local_medium_is_only_to_be_run_over() -> None:
    assert video_remedy(case(body(video_url="clip.webm"))).startswith("run `motion-preflight fix ")


def test_the_command_of_a_picture_behind_a_link_without_a_name_is_one_of_a_picture() -> None:
    unnamed = case(
        body(image_url="https://apimart-user.com/?id=3"),
        image=image(container="webp", video=VideoStream("webp", 100, 100, 0, None)),
    )
    for rule in (image_format, image_dimensions):
        (finding,) = findings_of(rule, unnamed)
        assert command(finding.remedy) == ["motion-preflight", "fix", "image.png"]


def test_a_download_is_named_as_it_is_saved() -> None:
    link = "https://apimart-user.com/Mom%27s%20clip%20(1).mp4"
    assert command(video_remedy(case(body(video_url=link))))[2] == "Mom's clip (1).mp4"
