"""What an encoder makes of the same words is made once for all tests and all their workers."""

from __future__ import annotations

import hashlib
import os
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def encoded(tmp_path: Path, program: str, *words: str, name: str) -> Path:
    """What a program writes to a file of this name when it is given these words before it. The
    file is shared and stays as it is; the words name no file that a test makes.
    """
    folder = _shared(tmp_path)
    folder.mkdir(exist_ok=True)
    key = hashlib.sha256("\0".join((program, *words)).encode()).hexdigest()[:16]
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
