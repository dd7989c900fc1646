"""What an ffprobe says about itself."""

from __future__ import annotations

import subprocess

from motion_preflight.child import answer_of
from motion_preflight.errors import FfprobeFailed, FfprobeMissing


def ask(ffprobe: str, option: str) -> str:
    """What it prints for one option, such as `-version`, within the usual bounds.

    Raises `FfprobeMissing` when it cannot be run, `FfprobeFailed` when it fails or does not end.
    """
    command, pipe = [ffprobe, "-v", "error", "-hide_banner", option], subprocess.PIPE
    try:
        ended = answer_of(
            subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)  # noqa: S603  a path
        )
    except OSError as error:
        raise FfprobeMissing(f"ffprobe cannot be run: {error.strerror}") from None
    if ended.late:
        raise FfprobeFailed(f"ffprobe {option} does not end")
    if ended.code:
        raise FfprobeFailed(f"ffprobe {option} fails with exit code {ended.code}")
    return ended.out.decode("utf-8", "replace")
