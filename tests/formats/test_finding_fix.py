"""The command that mends a finding stands in the document, and it is that of `fix --dry-run`."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from builders import MISSING, NOW, PROFILE, body, case, image, profile, video

from motion_preflight.cli.parser import parser
from motion_preflight.formats.document import report_document
from motion_preflight.media.programs.ffprobe import find_ffprobe
from motion_preflight.pipeline import preflight
from motion_preflight.repair.fix import Fixer
from motion_preflight.repair.options import FixOptions
from motion_preflight.rules import run_rules

if TYPE_CHECKING:
    from motion_preflight.formats.schema import FindingFixDocument
    from motion_preflight.provider.profile import Profile
    from motion_preflight.repair.result import Fix

CODE = """
import sys
from motion_preflight import preflight
from motion_preflight.formats.document import report_document
report_document(preflight({"video_url": sys.argv[1], "character_orientation": sys.argv[2]}))
print("ffmpeg" in sys.modules)
"""


@pytest.fixture
def folder(tmp_path: Path, media: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a picture in it that passes."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(media / "image.png", tmp_path / "image.png")
    return tmp_path


def take(media: Path, fixture: str, name: str | None = None) -> str:
    to = Path(name or fixture)
    to.parent.mkdir(exist_ok=True)
    shutil.copy(media / fixture, to)
    return str(to)


def findings(
    with_profile: Profile = PROFILE, inside: Path | None = None, /, **fields: object
) -> list[Any]:
    """The findings of the document of a request."""
    request = body(image_url="image.png", keep_original_sound="no") | fields
    report = preflight(
        request, profile=with_profile, now=NOW, ffprobe=find_ffprobe(), folder=inside
    )
    return list(report_document(report)["findings"])


def fix_of(rule: str, documents: list[Any]) -> FindingFixDocument | None:
    (finding,) = [finding for finding in documents if finding["rule"] == rule]
    fix: FindingFixDocument | None = finding["fix"]
    return fix


def dry_run(remedy: str, with_profile: Profile = PROFILE, *, really: bool = False) -> Fix:
    """What the command of a remedy shows, or does."""
    words = shlex.split(remedy.split("`")[1])
    options = parser().parse_args([*words[1:], "--dry-run"])
    wish = FixOptions(orientation=options.orientation, slow=options.slow)
    with Fixer(wish, with_profile, ffprobe=find_ffprobe()) as fixer:
        return fixer.fix(options.media[0], dry_run=not really)


@pytest.mark.parametrize(
    ("fixture", "orientation"),
    [
        ("clip-12s.mp4", "image"),
        ("clip-30.1s.mp4", "video"),
        ("clip-30.1s.mp4", "none of both"),
        ("clip-2.9s.mp4", "video"),
        ("small-338.mp4", "video"),
        ("clip-8s.webm", "image"),
        ("clip-8s.webm", "none of both"),
        ("moov-last-8s.mp4", "video"),
        ("two-video-tracks.mp4", "image"),
        ("late-start.mp4", "image"),
        ("header-halved.mp4", "image"),
        ("rotated-8s.mp4", "video"),
        ("mov-named.mp4", "video"),
        ("mp4-named.webm", "video"),
    ],
)
def test_the_command_is_that_of_a_dry_run(
    folder: Path, media: Path, fixture: str, orientation: str
) -> None:
    larger = profile(video_side={"minimum": 400, "maximum": 3850})
    clip = take(media, fixture)
    documents = findings(larger, video_url=clip, character_orientation=orientation)
    with_command = [item for item in documents if "`motion-preflight fix" in item["remedy"]]
    assert with_command
    for finding in with_command:
        shown = dry_run(finding["remedy"], larger)
        assert shown.argv is not None
        assert finding["fix"]["argv"] == list(shown.argv)
        assert finding["fix"]["output"] == shown.argv[-1]
        assert (folder / finding["fix"]["output"]).parent == folder
    assert [item for item in documents if item["fix"]] == with_command


@pytest.mark.parametrize(
    ("fixture", "rule"),
    [
        ("moov-last-8s.mp4", "video-not-faststart"),
        ("mov-named.mp4", "media-extension-misleading"),
    ],
)
def test_where_only_the_container_is_wrong_the_streams_are_copied(
    folder: Path, media: Path, fixture: str, rule: str
) -> None:
    documents = findings(video_url=take(media, fixture))
    fix = fix_of(rule, documents)
    assert fix is not None
    assert fix["argv"][fix["argv"].index("-c") + 1] == "copy"
    (finding,) = [item for item in documents if item["rule"] == rule]
    made = dry_run(finding["remedy"], really=True)
    assert made.output is not None
    assert (folder / made.output).is_file()


@pytest.mark.parametrize(
    "fixture",
    ["image.webp", "image.gif", "image.bmp", "image-299.png", "image.jpg", "rotated.jpg"],
)
def test_a_picture_is_mended_by_the_program_itself(folder: Path, media: Path, fixture: str) -> None:
    larger = profile(image_side={"minimum": 700, "maximum": 65_536})
    picture = take(media, fixture)
    documents = findings(larger, video_url=take(media, "clip-8s.mp4"), image_url=picture)
    (finding, *_) = [item for item in documents if item["fix"]]
    assert finding["fix"]["argv"] == ["motion-preflight", "fix", picture]
    made = dry_run(finding["remedy"], larger, really=True)
    assert made.output is not None
    assert finding["fix"]["output"] == str(made.output)
    assert (folder / finding["fix"]["output"]).is_file()


@pytest.mark.parametrize(
    "name",
    ["my clip.webm", "-clip.webm", "talk: part 1.webm", "pipe:.webm", "in here/a`b$(c).webm"],
)
@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no ffmpeg on PATH to run it")
def test_the_command_runs_with_any_name(folder: Path, media: Path, name: str) -> None:
    documents = findings(video_url=take(media, "clip-8s.webm", name))
    fix = fix_of("video-container", documents)
    assert fix is not None
    subprocess.run(
        [*fix["argv"][:1], "-nostdin", *fix["argv"][1:]], check=True, capture_output=True
    )
    assert (folder / fix["output"]).is_file()


def test_paths_start_in_the_current_folder(folder: Path, media: Path) -> None:
    take(media, "clip-8s.webm", "requests/clip.webm")
    take(media, "image.png", "requests/image.png")
    fix = fix_of("video-container", findings(PROFILE, Path("requests"), video_url="clip.webm"))
    assert fix is not None
    assert os.path.join("requests", "clip.webm") in fix["argv"]  # noqa: PTH118  as it is shown
    assert fix["output"] == os.path.join("requests", "clip-for-video.mp4")  # noqa: PTH118
    assert folder.is_dir()


def test_what_fix_does_not_mend_has_no_command(folder: Path, media: Path) -> None:
    clip = take(media, "clip-8s.mp4")
    documents = findings(video_url=clip)
    assert documents
    assert [item for item in documents if item["fix"]] == []
    assert folder.is_dir()


def test_a_clip_that_cannot_be_mended_has_no_command(folder: Path, media: Path) -> None:
    """Its remedy names `fix` for another limit, and its shape hinders that."""
    wide = profile(video_side={"minimum": 400, "maximum": 410})
    documents = findings(
        wide, video_url=take(media, "two-video-tracks.mp4"), character_orientation="image"
    )
    (finding,) = [item for item in documents if item["rule"] == "video-several-tracks"]
    assert "`motion-preflight fix" in finding["remedy"]
    assert dry_run(finding["remedy"], wide).error is not None
    assert finding["fix"] is None
    assert folder.is_dir()


def test_the_property_is_true_of_the_remedies_that_name_the_command() -> None:
    broken = case(
        body(
            video_url="my clip.webm",
            image_url="face.webp",
            character_orientation="image",
            prompt=MISSING,
        ),
        video=video(container="webm"),
        image=image(container="webp"),
    )
    words = {finding.rule: finding.fix_words for finding in run_rules(broken)[0]}
    assert words["video-container"] == ("my clip.webm", "--for", "image")
    assert words["image-format"] == ("face.webp",)
    assert words["prompt-missing"] is None


@pytest.mark.process
@pytest.mark.parametrize(("orientation", "is_needed"), [("image", True), ("video", False)])
def test_the_builder_of_commands_is_imported_where_there_is_one_to_build(
    media: Path, orientation: str, *, is_needed: bool
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(media / "clip-12s.mp4"), orientation],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout.strip() == str(is_needed)
