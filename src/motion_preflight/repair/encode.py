"""Runs ffmpeg to make a file: within bounds, with its progress, and ended by an interruption."""

from __future__ import annotations

import errno
import os
import re
import signal
from typing import TYPE_CHECKING

from motion_preflight.media.errors import FfmpegMissing
from motion_preflight.media.programs.ffprobe import NO_MEMORY
from motion_preflight.media.programs.limited_process import Bounds, run_limited, start
from motion_preflight.repair.errors import CannotFix
from motion_preflight.text.exhaustion import EXHAUSTED
from motion_preflight.text.locations import sanitize_external_text
from motion_preflight.text.module_log import ModuleLog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from motion_preflight.media.programs.limited_process import ProcessResult

_LOG = ModuleLog(__name__)
CANNOT_MAKE = "ffmpeg could not make it"
# In front of a command: no questions, errors only, and the progress in lines on stdout.
_QUIETLY = ("-hide_banner", "-nostdin", "-y", "-v", "error", "-nostats", "-progress", "pipe:1")
# Measured: 30 s of 2160p in 10 bit HDR take some 8 minutes of a processor and 1.6 GB.
_LEAST_SECONDS = 120.0
_SECONDS_EACH = 60.0  # of the clock, for a second of the result
_DATA, _ADDRESS_SPACE = 4 << 30, 12 << 30
# A plan keeps its result below half of the size limit. But a file whose samples all stand in one
# place would grow without end where its streams are copied.
MOST_BYTES = 256 << 20
_FRAME = re.compile(rb"frame= *(\d{1,9})\n")
_LACKING = re.compile(
    r"(?:No such filter: '|Unknown encoder '|Decoder \(codec |no decoder found for: (?!none)"
    r"|support hardware accelerated )([\w-]+)"
)
_ADDRESS = re.compile(r"\[([^\[\]]+) @ 0x[0-9a-f]+\] ")  # in memory; it differs in every run
_TOO_LARGE = -getattr(signal, "SIGXFSZ", 0)  # exit code of what wrote more than a file may have
_FULL = re.compile("no space left on device|disk quota exceeded|file too large", re.IGNORECASE)


def encode(
    command: Sequence[str],
    seconds: Decimal,
    frames: int,
    watch: Callable[[float], None] | None = None,
) -> bool:
    """Runs a command of ffmpeg that makes a file of so many seconds and frames, and returns whether
    it read all of the source without a complaint.

    `watch` is called with the part that is done, 0 to 1. Raises `CannotFix` with ffmpeg's own
    complaint, `FfmpegMissing`, and `OSError` when the disk is full, or the file has `MOST_BYTES`.
    """
    program, *rest = command
    longest = _LEAST_SECONDS + _SECONDS_EACH * float(seconds)
    bounds = Bounds(
        seconds=longest,
        cpu=int(longest) * (os.cpu_count() or 1),
        data=_DATA,
        address_space=_ADDRESS_SPACE,
        file_size=MOST_BYTES,
    )
    # The program's own name comes first, then what keeps it quiet, then the command.
    line = [program, *_QUIETLY, *rest]
    tell = _LOG.timed("running %s", " ".join(line), brief="it ended")
    try:
        process = start(line)
    except OSError as error:
        if error.errno in EXHAUSTED:
            raise CannotFix(f"ffmpeg cannot be run now ({error.strerror})") from None
        raise FfmpegMissing(f"ffmpeg cannot be run: {error.strerror}") from None
    ended = run_limited(process, bounds, _watcher(watch, frames) if watch else None)
    tell(f"exit code {ended.code}")
    if ended.code or ended.late:
        raise _failure(program, ended, longest)
    return not ended.error.strip()


def _watcher(watch: Callable[[float], None], frames: int) -> Callable[[bytes], None]:
    """What turns ffmpeg's lines into parts of the whole. Its times are not those of the result
    where the source's clock is used.
    """

    def look(piece: bytes) -> None:
        numbers = _FRAME.findall(piece)
        if numbers:
            watch(min(int(numbers[-1]) / frames, 1.0))

    return look


def _failure(program: str, ended: ProcessResult, longest: float) -> CannotFix | OSError:
    """What a run that failed means, in words for people."""
    if ended.late:
        return CannotFix(f"ffmpeg was ended because it took more than {longest:.0f} s")
    complaints = ended.error.decode("utf-8", "replace")
    if _FULL.search(complaints) or ended.code == _TOO_LARGE:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if ended.code < 0 or NO_MEMORY.search(complaints):
        return CannotFix("ffmpeg needed more memory or time than it is given")
    lacking = _LACKING.search(complaints)
    if lacking:
        return CannotFix(
            f"{program} lacks {lacking[1]}. Install one that has it with: "
            "pip install 'motion-preflight[fix]'"
        )
    lines = [line for line in complaints.splitlines() if line.strip()]
    first = _ADDRESS.sub(r"\1: ", lines[0]) if lines else f"exit code {ended.code}"
    reason = sanitize_external_text(first)[:300]
    return CannotFix(f"{CANNOT_MAKE}: {reason}")
