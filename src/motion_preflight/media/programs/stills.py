"""Decodes a few pictures of a clip with ffmpeg, as they are."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.media.errors import FfmpegFailed
from motion_preflight.media.programs.ffmpeg import run_ffmpeg
from motion_preflight.media.programs.watch import BOUNDS, INPUT

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

COUNT = 8
_SIDE = 640  # pixels of the longer side: a face that fills a twentieth of it is still seen
_HEAD = re.compile(rb"P6\s+(\d+)\s+(\d+)\s+255\s")


class Still(NamedTuple):
    """One picture: its sides in pixels, and three bytes a pixel for red, green and blue."""

    width: int
    height: int
    pixels: bytes


def stills(path: Path, *, ffmpeg: str, stream: int, seconds: Decimal) -> list[Still]:
    """The first picture of the stream with this index and the others, evenly spread over so many
    seconds; fewer where the stream has fewer.

    Raises `FfmpegMissing`, and `FfmpegFailed` with the reason when there is none.
    """
    command = stills_command(path, ffmpeg, stream, seconds)
    pictures = list(_stills_in(run_ffmpeg(command, path, BOUNDS).out))
    if not pictures:
        raise FfmpegFailed("ffmpeg decoded no picture of it")
    return pictures


def stills_command(path: Path, ffmpeg: str, stream: int, seconds: Decimal) -> list[str]:
    """The command line, built by ffmpeg-python."""
    import ffmpeg as graph  # noqa: PLC0415  importing it takes longer than probing most clips

    video = (
        graph.input(path, **INPUT)[str(stream)]
        .filter("setpts", "PTS-STARTPTS")
        .filter("fps", fps=f"{COUNT / seconds:.6f}", round="up")
        .filter("scale", _SIDE, _SIDE, force_original_aspect_ratio="decrease", flags="area")
    )
    options = {"f": "image2pipe", "vcodec": "ppm", "pix_fmt": "rgb24", "frames:v": COUNT}
    before = ["-nostdin", "-hide_banner", "-v", "error", "-filter_complex_threads", "1"]
    command = graph.compile(video.output("-", **options), cmd=[ffmpeg, *before])
    return [os.fspath(word) for word in command]


def _stills_in(answer: bytes) -> list[Still]:
    """The whole pictures in a row of files of the format PPM."""
    pictures, at = [], 0
    while head := _HEAD.match(answer, at):
        width, height = int(head[1]), int(head[2])
        at = head.end() + 3 * width * height
        if at > len(answer):
            break
        pictures.append(Still(width, height, answer[head.end() : at]))
    return pictures
