"""Finds the ffmpeg that looks at the pictures of a clip, and runs it within bounds."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

from motion_preflight.media.errors import FfmpegFailed, FfmpegMissing
from motion_preflight.media.programs.ffprobe import bundled, executable_in
from motion_preflight.media.programs.limited_process import run_limited, start
from motion_preflight.text.exhaustion import EXHAUSTED
from motion_preflight.text.locations import sanitize_external_text
from motion_preflight.text.module_log import ModuleLog

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from motion_preflight.media.programs.limited_process import Bounds, ProcessResult

_LOG = ModuleLog(__name__)
# The memory address behind a component's name differs in every run.
_ADDRESS = re.compile(r"\[([^\[\]]+) @ 0x[0-9a-f]+\]")
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


def run_ffmpeg(command: Sequence[str], path: Path, bounds: Bounds) -> ProcessResult:
    """Runs a whole command line of ffmpeg that reads this file, within bounds.

    Raises `FfmpegMissing` when it cannot be run, `FfmpegFailed` with the reason when it failed.
    """
    tell = _LOG.timed("running %s", " ".join(command), brief="it ended")
    try:
        ended = run_limited(start(command), bounds)
    except OSError as error:
        if error.errno in EXHAUSTED:
            raise FfmpegFailed(f"ffmpeg cannot be run now ({error.strerror})") from None
        raise FfmpegMissing(f"ffmpeg cannot be run: {error}") from None
    except MemoryError:
        raise FfmpegFailed("ffmpeg's answer is more than there is memory for") from None
    tell(f"exit code {ended.code}")
    if ended.code:
        raise FfmpegFailed(_failure(ended, path, bounds))
    return ended


def _failure(ended: ProcessResult, path: Path, bounds: Bounds) -> str:
    """Why a run failed, in words, by its exit code and by the last line that it printed."""
    if ended.late:
        return f"ffmpeg took more than {bounds.seconds:.0f} s"
    lines = ended.error.decode("utf-8", "replace").replace(str(path), "it").strip().splitlines()
    last = _ADDRESS.sub(r"\1:", lines[-1]) if lines else ""
    if ended.code < 0 or not last:
        return "ffmpeg crashed, or needed more time or memory than it is given"
    return f"ffmpeg failed: {sanitize_external_text(last)[:200]}"
