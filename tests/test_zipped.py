"""The package runs out of a zip file: what it reads of its own is a resource, not a file."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from paths import FIXTURES

import motion_preflight

PACKAGE = Path(motion_preflight.__file__).parent
REQUEST = ("--model", "kling-v2-6-motion-control", "--mode", "std", "--orientation", "image",
           "--video", str(FIXTURES / "media" / "clip-8s.mp4"),
           "--image", str(FIXTURES / "media" / "image.png"))  # fmt: skip


@pytest.fixture(scope="module")
def zipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    archive = tmp_path_factory.mktemp("zipped") / "package.zip"
    with zipfile.ZipFile(archive, "w") as writer:
        for file in sorted(PACKAGE.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                writer.write(file, Path("motion_preflight") / file.relative_to(PACKAGE))
    return archive


def run(zipped: Path, home: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=home,
        env=os.environ
        | {"PYTHONPATH": str(zipped), "HOME": str(home), "XDG_CONFIG_HOME": str(home)},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (("check", "--help"), "motion-preflight check"),
        (("estimate", *REQUEST), "0.5"),
        (("check", *REQUEST), "PASS"),
        (("check", *REQUEST, "--format", "html"), "data:image/jpeg;base64,"),
        (("rules", "video-too-large"), "video-too-large"),
        (("sandbox", "--list-faults"), "cut-after"),
    ],
)
def test_a_zipped_package_runs(
    arguments: tuple[str, ...], shown: str, zipped: Path, tmp_path: Path
) -> None:
    assert shown.lower() in run(zipped, tmp_path, "-m", "motion_preflight", *arguments).lower()


def test_a_zipped_package_brings_its_profile_and_its_samples(zipped: Path, tmp_path: Path) -> None:
    code = """
import motion_preflight
from motion_preflight.sandbox.documents import sample
from motion_preflight.sandbox.sample_media import CLIP, sample_media
print(motion_preflight.__file__)
print(motion_preflight.Profile.load().name, sample("balance"), len(sample_media(CLIP)))
"""
    first, second = run(zipped, tmp_path, "-c", code).splitlines()
    assert first.startswith(str(zipped))
    assert "remain_balance" in second
