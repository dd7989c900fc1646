"""What an encoder makes of the same words is made once for all tests and all their workers."""

from __future__ import annotations

import hashlib
import os
import subprocess
from typing import TYPE_CHECKING

from motion_preflight.media.programs.ffmpeg import find_ffmpeg

if TYPE_CHECKING:
    from pathlib import Path


def encoded(tmp_path: Path, *words: str, name: str) -> Path:
    """What ffmpeg writes to a file of this name when these words stand before it. The file is
    shared and stays as it is; the words name no file that a test makes. The ffmpeg of the `fix`
    extra starts six times as fast as that of a distribution, which loads 200 libraries.
    """
    program = find_ffmpeg()
    folder = _shared(tmp_path)
    folder.mkdir(exist_ok=True)
    key = hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]
    file = folder / f"{key}-{name}"
    if not file.exists():
        own = folder / f"{os.getpid()}-{name}"  # two workers may make it at once
        subprocess.run(
            [program, "-v", "error", "-y", *words, str(own)], check=True, stdin=subprocess.DEVNULL
        )
        own.replace(file)
    return file


def _shared(tmp_path: Path) -> Path:
    """A folder beside those of the workers (`popen-gw0/` and so on), which pytest removes with
    theirs; without workers one beside those of the tests.
    """
    own = tmp_path.parent
    return (own.parent if own.name.startswith("popen-") else own) / "encoded"
