"""A clip that passes and is told something passes afterwards, too, if it does what it is told."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from builders import NOW, PROFILE, body

from motion_preflight.media.programs.ffmpeg import from_fix_extra
from motion_preflight.media.programs.ffprobe import find_ffprobe
from motion_preflight.pipeline import preflight
from motion_preflight.report.findings import FIX, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Program

    from motion_preflight.report.findings import Report

AT_A_LIMIT = ("clip-3s.mp4", "clip-10s.mp4", "clip-30s.mp4")


def check(clip: str, orientation: str, picture: str = "image.png") -> Report:
    request = body(
        video_url=clip,
        image_url=picture,
        character_orientation=orientation,
        keep_original_sound="no",
    )
    return preflight(request, profile=PROFILE, now=NOW, ffprobe=find_ffprobe())


def command_of(report: Report, field: str) -> str | None:
    """The one command that the findings about a medium name; `None` where they name none."""
    commands = {
        finding.remedy.split("`")[1]
        for finding in report.findings
        if finding.fix_words and finding.field == field
    }
    assert len(commands) <= 1
    return next(iter(commands), None)


def run(program: Program, command: str, folder: Path) -> str:
    """The name of what a command of `fix` makes."""
    assert command.startswith(f"{FIX} ")
    done = program(*shlex.split(command)[1:], cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()[0].rpartition("mended: ")[2]


def with_index_at_the_end(ffmpeg: str, clip: Path, name: str) -> None:
    command = [ffmpeg, "-v", "error", "-nostdin", "-i", str(clip), "-c", "copy", name]
    subprocess.run(command, check=True, timeout=60)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("orientation", "longest"), [("image", "10s"), ("video", "30s")])
def test_what_passes_passes_after_every_command_that_it_is_told(
    orientation: str, longest: str, program: Program, media: Path, here: Path
) -> None:
    ffmpeg = from_fix_extra()
    if ffmpeg is None:
        pytest.skip("the extra fix is not installed")
    for source in media.iterdir():
        shutil.copy(source, here)
    for name in AT_A_LIMIT:
        with_index_at_the_end(ffmpeg, media / name, f"index-last-{name}")
    told, mended = set[str](), set[str]()
    for clip in sorted(path.name for path in here.iterdir() if path.is_file()):
        before = check(clip, orientation)
        command = command_of(before, "video_url")
        if before.verdict is not Verdict.PASS or command is None:
            continue
        told |= {finding.rule for finding in before.findings if finding.fix_words}
        mended.add(clip)
        output = run(program, command, here)
        after = check(output, orientation)
        assert after.verdict is Verdict.PASS, output
        assert command_of(after, "video_url") is None, output
        assert after.estimate is not None
        assert before.estimate is not None
        assert after.estimate.seconds.high <= before.estimate.seconds.high, output
    assert {"video-not-faststart", "video-container", "media-extension-misleading"} <= told
    assert {"index-last-clip-3s.mp4", f"index-last-clip-{longest}.mp4"} <= mended


def test_a_picture_that_passes_passes_after_the_command_that_it_is_told(
    program: Program, media: Path, here: Path
) -> None:
    for source in media.iterdir():
        shutil.copy(source, here)
    told = set[str]()
    for picture in sorted(path.name for path in media.iterdir()):
        before = check("clip-8s.mp4", "image", picture)
        command = command_of(before, "image_url")
        if before.verdict is not Verdict.PASS or command is None:
            continue
        told |= {finding.rule for finding in before.findings if finding.fix_words}
        output = run(program, command, here)
        after = check("clip-8s.mp4", "image", output)
        assert after.verdict is Verdict.PASS, output
        assert command_of(after, "image_url") is None, output
    assert {"image-format", "image-dimensions", "media-extension-misleading"} <= told
