"""Takes small pictures of the judged track with ffmpeg, in one decode."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from motion_preflight.media.filmstrip import MOST_FRAMES, jpegs_in
from motion_preflight.media.programs.ffmpeg import run_ffmpeg
from motion_preflight.media.programs.limited_process import Bounds
from motion_preflight.media.programs.watch import INPUT

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

# As much memory as looking at the content takes, and less time: a page can do without pictures.
BOUNDS = Bounds(seconds=120.0, cpu=60, data=768 << 20, address_space=3 << 29, output=4 << 20)
_OUTPUT = {
    "f": "image2pipe",
    "vcodec": "mjpeg",
    "q:v": 5,
    "fps_mode": "passthrough",
    "map_metadata": -1,  # no text of the clip gets into its pictures
    "flags:v": "bitexact",
}
_LONG = 120  # seconds; a longer clip has keyframes enough


def film_frames(
    path: Path, *, ffmpeg: str, stream: int, size: tuple[int, int], seconds: Decimal | None
) -> tuple[bytes, ...]:
    """JPEGs of this size of the stream with this index, spread evenly over so many seconds: each is
    from the middle of its part. Without `seconds` there is one, of the first sample alone.

    Raises `FfmpegMissing`, and `FfmpegFailed` when ffmpeg did not get to the end.
    """
    command = film_command(path, ffmpeg, stream, size, seconds)
    return jpegs_in(run_ffmpeg(command, path, BOUNDS).out)[:MOST_FRAMES]


def film_command(
    path: Path, ffmpeg: str, stream: int, size: tuple[int, int], seconds: Decimal | None
) -> list[str]:
    """The command line, built by ffmpeg-python."""
    import ffmpeg as graph  # noqa: PLC0415  importing it takes longer than probing most clips

    if seconds is None:  # the bytes behind the first sample may not be here
        options = INPUT | {"t": "0.000001", "skip_frame": "nokey"}
        # The input stays a Path: ffmpeg-python passes on its bytes even where they are not UTF-8.
        video, most = graph.input(path, **options)[str(stream)], 1
    else:
        # A decoder may leave out frames that no other one needs: the one beside them does as well.
        options = INPUT | {"skip_frame": "nokey" if seconds > _LONG else "noref"}
        video, most = graph.input(path, **options)[str(stream)], MOST_FRAMES
        video = video.filter("setpts", "PTS-STARTPTS")
        video = video.filter("fps", f"{MOST_FRAMES / seconds:f}")  # the nearest frame
    video = video.filter("scale", *size, flags="area").filter("setsar", 1)
    output = video.output("-", **_OUTPUT, **{"frames:v": most})
    # A picture that cannot be decoded is one less: it makes no failure of the others.
    before = ["-nostdin", "-hide_banner", "-v", "error", "-max_error_rate", "1"]
    command = graph.compile(output, cmd=[ffmpeg, *before, "-filter_complex_threads", "1"])
    return [os.fspath(word) for word in command]
