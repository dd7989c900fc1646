"""The lists that ffprobe and ffmpeg print about themselves, such as their versions and decoders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from motion_preflight.media.errors import (
    FfmpegFailed,
    FfmpegMissing,
    FfprobeFailed,
    FfprobeMissing,
)
from motion_preflight.media.programs.limited_process import run_limited, start

if TYPE_CHECKING:
    from motion_preflight.media.errors import ProbeError

_ERRORS: dict[str, tuple[type[ProbeError], type[ProbeError]]] = {
    "ffprobe": (FfprobeMissing, FfprobeFailed),
    "ffmpeg": (FfmpegMissing, FfmpegFailed),
}


def ask(program: str, option: str, name: str = "ffprobe") -> str:
    """The text that a program prints for one option, such as `-version`, within the usual bounds.
    `name` is ffprobe or ffmpeg, whichever the program is.

    Raises `FfprobeMissing` or `FfmpegMissing` when it cannot be run, `FfprobeFailed` or
    `FfmpegFailed` when it fails or does not end.
    """
    missing, failed = _ERRORS[name]
    try:
        ended = run_limited(start([program, "-v", "error", "-hide_banner", option]))
    except OSError as error:
        raise missing(f"{name} cannot be run: {error.strerror}") from None
    if ended.late:
        raise failed(f"{name} {option} does not end")
    if ended.code:
        raise failed(f"{name} {option} fails with exit code {ended.code}")
    return ended.out.decode("utf-8", "replace")
