"""Decodes the judged track once with ffmpeg, and measures each of its pictures."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from motion_preflight.media.programs.ffmpeg import run_ffmpeg
from motion_preflight.media.programs.ffprobe import VIDEO_DEMUXERS
from motion_preflight.media.programs.limited_process import Bounds

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

BOUNDS = Bounds(seconds=360.0, cpu=240, data=768 << 20, address_space=3 << 29)
# The pictures are measured at this size, whatever their shape: it takes less time, and the noise of
# a camera is averaged out.
_SIZE = (320, 180)
_EDGES = (80, 45)  # at which edges are measured: a small motion leaves them in their places
# With `reinit_filter` 0 the graph goes on when the size of the pictures changes within the file.
INPUT = {
    "protocol_whitelist": "file",
    "format_whitelist": VIDEO_DEMUXERS,
    "threads": 2,
    "reinit_filter": 0,
}
_PRINT = {"file": "-", "direct": 1}  # an entry is written at once: two filters share the output


def watch(path: Path, *, ffmpeg: str, stream: int, dark_level: Decimal) -> str:
    """What ffmpeg prints about each picture of the stream with this index: its time, counted from
    the first one, its change and how much of it is dark; then the same of its edges.

    Raises `FfmpegMissing`, and `FfmpegFailed` with the reason when it did not get to the end.
    """
    command = watching_command(path, ffmpeg, stream, dark_level)
    return run_ffmpeg(command, path, BOUNDS).out.decode("utf-8", "replace")


def watching_command(path: Path, ffmpeg: str, stream: int, dark_level: Decimal) -> list[str]:
    """The command line, built by ffmpeg-python."""
    import ffmpeg as graph  # noqa: PLC0415  importing it takes longer than probing most clips

    # The input stays a Path: ffmpeg-python passes on its bytes even where they are not UTF-8.
    video = (
        graph.input(path, **INPUT)[str(stream)]
        .filter("setpts", "PTS-STARTPTS")
        .filter("scale", *_SIZE, flags="area")
        .filter("format", "gray")
        .filter("scdet", threshold=0)
        .filter("blackframe", amount=0, threshold=int(dark_level))
        .filter("metadata", "print", **_PRINT)
        .filter("scale", *_EDGES, flags="area")
        .filter("sobel")
        .filter("scdet", threshold=0)
        .filter("signalstats")
        .filter("metadata", "print", **_PRINT)
    )
    options = {"f": "null", "fps_mode": "passthrough"}
    before = ["-nostdin", "-hide_banner", "-v", "error", "-filter_complex_threads", "1"]
    command = graph.compile(video.output("-", **options), cmd=[ffmpeg, *before])
    return [os.fspath(word) for word in command]
