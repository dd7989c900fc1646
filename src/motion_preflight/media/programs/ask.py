"""The lists that an ffprobe prints about itself, such as its version and its decoders."""

from __future__ import annotations

import subprocess

from motion_preflight.media.errors import FfprobeFailed, FfprobeMissing
from motion_preflight.media.programs.limited_process import run_limited


def ask(ffprobe: str, option: str) -> str:
    """The text that this ffprobe prints for one option, such as `-version`, within the usual
    bounds.

    Raises `FfprobeMissing` when it cannot be run, `FfprobeFailed` when it fails or does not end.
    """
    command, pipe = [ffprobe, "-v", "error", "-hide_banner", option], subprocess.PIPE
    try:
        ended = run_limited(
            subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)  # noqa: S603  no shell
        )
    except OSError as error:
        raise FfprobeMissing(f"ffprobe cannot be run: {error.strerror}") from None
    if ended.late:
        raise FfprobeFailed(f"ffprobe {option} does not end")
    if ended.code:
        raise FfprobeFailed(f"ffprobe {option} fails with exit code {ended.code}")
    return ended.out.decode("utf-8", "replace")
