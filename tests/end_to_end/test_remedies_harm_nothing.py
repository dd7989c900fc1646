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
from motion_preflight.preflight import preflight
from motion_preflight.report.findings import FIX, Verdict

if TYPE_CHECKING:
    import os
    from pathlib import Path

    from conftest import Program

    from motion_preflight.report.findings import Report

AT_A_LIMIT = ("clip-3s.mp4", "clip-10s.mp4", "clip-30s.mp4")


def check(clip: str | os.PathLike[str], orientation: str) -> Report:
    request = body(
        video_url=str(clip),
        image_url="image.png",
        character_orientation=orientation,
        keep_original_sound="no",
    )
    return preflight(request, profile=PROFILE, now=NOW, ffprobe=find_ffprobe())


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
        commands = {
            finding.remedy.split("`")[1]
            for finding in before.findings
            if finding.fix_words and finding.field == "video_url"
        }
        if before.verdict is not Verdict.PASS or not commands:
            continue
        (command,) = commands
        told |= {finding.rule for finding in before.findings if finding.fix_words}
        done = program(*shlex.split(command)[1:], "--format", "text", cwd=here)
        assert command.startswith(f"{FIX} {clip}")
        assert done.returncode == 0, done.stdout + done.stderr
        mended.add(clip)
        output = done.stdout.splitlines()[0].rpartition("mended: ")[2]
        after = check(output, orientation)
        assert after.verdict is Verdict.PASS, output
        assert not [finding for finding in after.findings if finding.fix_words], output
        assert after.estimate is not None
        assert before.estimate is not None
        assert after.estimate.seconds.high <= before.estimate.seconds.high, output
    assert {"video-not-faststart", "video-container", "media-extension-misleading"} <= told
    assert {"index-last-clip-3s.mp4", f"index-last-clip-{longest}.mp4"} <= mended
