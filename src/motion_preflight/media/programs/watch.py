"""Decodes the judged track once with ffmpeg, and measures each of its pictures."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from motion_preflight.media.errors import FfmpegFailed
from motion_preflight.media.programs.ffmpeg import run_ffmpeg
from motion_preflight.media.programs.ffprobe import VIDEO_DEMUXERS
from motion_preflight.media.programs.limited_process import Bounds

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

BOUNDS = Bounds(seconds=360.0, cpu=240, data=768 << 20, address_space=3 << 29)
# The pictures are measured at this size, whatever their shape: it takes less time, and the noise of
# a camera is averaged out.
_WIDTH, _HEIGHT = 320, 180


def watch(path: Path, *, ffmpeg: str, stream: int, dark_level: Decimal) -> str:
    """What ffmpeg prints about each picture of the stream with this index: its time, counted from
    the first one, its change and how much of it is dark.

    Raises `FfmpegMissing`, and `FfmpegFailed` with the reason when it did not get to the end.
    """
    command = watching_command(path, ffmpeg, stream, dark_level)
    text = run_ffmpeg(command, path, BOUNDS).out.decode("utf-8", "replace")
    if "pts_time:" not in text:
        raise FfmpegFailed("ffmpeg decoded no picture of it")
    return text


def watching_command(path: Path, ffmpeg: str, stream: int, dark_level: Decimal) -> list[str]:
    """The command line, built by ffmpeg-python."""
    import ffmpeg as graph  # noqa: PLC0415  importing it takes longer than probing most clips

    # The input stays a Path: ffmpeg-python passes on its bytes even where they are not UTF-8.
    video = (
        graph.input(path, protocol_whitelist="file", format_whitelist=VIDEO_DEMUXERS, threads=2)[
            str(stream)
        ]
        .filter("setpts", "PTS-STARTPTS")
        .filter("scale", _WIDTH, _HEIGHT, flags="area")
        .filter("format", "gray")
        .filter("scdet", threshold=0)
        .filter("blackframe", amount=0, threshold=int(dark_level))
        .filter("metadata", "print", file="-")
    )
    options = {"f": "null", "fps_mode": "passthrough"}
    before = ["-nostdin", "-hide_banner", "-v", "error", "-filter_threads", "1"]
    command = graph.compile(video.output("-", **options), cmd=[ffmpeg, *before])
    return [os.fspath(word) for word in command]
