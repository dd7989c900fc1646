"""The errors that the library raises when the bytes or the facts of a medium cannot be had."""

from __future__ import annotations

from motion_preflight.errors import PreflightError


class SourceError(PreflightError):
    """The bytes of a medium could not be read."""


class SourceUnreachable(SourceError, ConnectionError):
    """The path or the host gave nothing usable."""


class SourceTimeout(SourceError, TimeoutError):
    """The host did not answer, or not fast enough."""


class ProbeError(PreflightError):
    """The facts of a medium could not be read."""


class FfprobeMissing(ProbeError, FileNotFoundError):
    """No ffprobe was found; the message names the command that installs one."""


class FfmpegMissing(ProbeError, FileNotFoundError):
    """No ffmpeg was found; the message names the command that installs one."""


class FfmpegFailed(ProbeError):
    """ffmpeg could not read the file, crashed on it, or ran out of its time or memory."""


class FfprobeFailed(ProbeError):
    """ffprobe could not read the file, crashed on it, or ran out of its time or memory."""
