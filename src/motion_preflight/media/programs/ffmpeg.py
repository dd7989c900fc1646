"""Finds the ffmpeg that looks at the pictures of a clip."""

from __future__ import annotations

import os
import shutil

from motion_preflight.media.errors import FfmpegMissing
from motion_preflight.media.programs.ffprobe import bundled, executable_in

MISSING = (
    "no ffmpeg was found. Install one with: pip install 'motion-preflight[fix]' "
    "(or name one in MOTION_PREFLIGHT_FFMPEG)"
)


def find_ffmpeg(setting: str | None = None) -> str:
    """The absolute path of the ffmpeg to use: the one in the settings, else the `fix` extra's, else
    the one on PATH, else the `ffmpeg` extra's, which comes last because it decodes neither AV1 nor
    PNG. Raises `FfmpegMissing`.
    """
    if setting:
        result = shutil.which(os.path.expanduser(setting))  # noqa: PTH111  it may be a bare name
        if not result:
            raise FfmpegMissing(f"the ffmpeg named in the settings cannot be run: {setting}")
        return os.path.abspath(result)  # noqa: PTH100  keeps the name of a symlink
    result = from_fix_extra() or shutil.which("ffmpeg") or bundled("ffmpeg")
    if not result:
        raise FfmpegMissing(MISSING)
    return os.path.abspath(result)  # noqa: PTH100  PATH may hold a relative folder


def from_fix_extra() -> str | None:
    """The path of the ffmpeg inside imageio-ffmpeg, `None` without it. The package's own function
    is not asked: it starts the program once to try it, and falls back on PATH.
    """
    return executable_in("imageio_ffmpeg", "binaries/ffmpeg-*")
