"""Decodes every frame of a stream with ffprobe: how many there are, and how many are damaged.

A frame is damaged when the decoder left it out or complained about it. ffprobe prints a complaint
beside the frame that it is about. That is exact in one thread only, so decoding takes one thread.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from motion_preflight.media.errors import FfprobeFailed
from motion_preflight.media.facts import Decoded
from motion_preflight.media.programs.decoders import decodable_codecs
from motion_preflight.media.programs.ffprobe import ALWAYS, NO_MEMORY, VIDEO_DEMUXERS, run_command
from motion_preflight.media.programs.frame_list import ENTRIES, FrameList
from motion_preflight.media.programs.limited_process import Bounds

if TYPE_CHECKING:
    from pathlib import Path

# Measured: 30 s of 2160p HEVC in 10 bit take 41 s of a processor and 240 MB with the libraries,
# 30 s of 1080p60 H.264 take 7 s. The limit by the clock is longer than that of the processor,
# because several clips share the processors.
BOUNDS = Bounds(seconds=360.0, cpu=240, data=768 << 20, address_space=3 << 29)
_OPTIONS = {
    "threads": "1",
    "show_log": "16",  # errors
    "show_entries": ENTRIES,
    "format_whitelist": VIDEO_DEMUXERS,
    "of": "csv",
}
_NO_BUFFER = re.compile(rf"get_buffer\(\) failed|{NO_MEMORY.pattern}", re.IGNORECASE)
_CONTEXT = re.compile(r"^\[([^\s\]]+) @ ", re.MULTILINE)
_PARSER = "NULL"  # the name that ffprobe 5 prints for the parser of every codec
_AV1_DECODERS = {"libdav1d", "libaom-av1"}  # their complaints do not carry the codec's name


def decode(path: Path, *, ffprobe: str, stream: int, least: int = 1) -> Decoded:
    """Decodes every frame of the stream with this index. `least` is the number of packets that were
    counted before: fewer mean that ffprobe did not get to the end.

    Raises `FfprobeFailed` with the reason when decoding was not finished within its bounds, or when
    this ffprobe has no decoder for the codec.
    """
    ended = run_command(decoding_command(path, ffprobe, stream), path, bounds=BOUNDS)
    listing = FrameList.read(ended.out.decode("utf-8", "replace"))
    complaints = ended.error.decode("utf-8", "replace")
    # Short of memory, ffprobe goes on without the frame, and ends with exit code 0.
    if listing.missing and _NO_BUFFER.search(complaints):
        raise FfprobeFailed("ffprobe needed more memory than it is given")
    if listing.shown < max(least, 1):
        seen = f"{listing.shown:,} of at least {max(least, 1):,} packets"
        raise FfprobeFailed(f"ffprobe ended after {seen}")
    if listing.packets and not listing.frames:
        _ensure_decoder(listing.codec, ffprobe)
    errors = listing.left_out() + listing.damaged
    if not errors and _first_frames_are_damaged(listing, complaints):
        errors = 1
    return Decoded(len(listing.frames), errors)


def decoding_command(path: Path, ffprobe: str, stream: int) -> list[str]:
    """The command line that decodes one stream, built by ffmpeg-python as the input of a graph. A
    graph must end in an output, which ffprobe does not have, so everything after the input is cut
    off.
    """
    import ffmpeg  # noqa: PLC0415  importing it takes longer than probing most clips

    options = ALWAYS | _OPTIONS | {"select_streams": str(stream)}
    # The input stays a Path: ffmpeg-python passes on its bytes even where they are not UTF-8.
    graph = ffmpeg.input(path, **options).output("-", f="null")
    command = [os.fspath(word) for word in ffmpeg.compile(graph, cmd=ffprobe)]
    return command[: command.index("-i") + 2]


def _ensure_decoder(codec: str | None, ffprobe: str) -> None:
    """Raises `FfprobeFailed` unless this ffprobe lists a decoder for the codec."""
    if codec is None:
        raise FfprobeFailed("this ffprobe does not know the codec of the video")
    if codec not in decodable_codecs(ffprobe):
        raise FfprobeFailed(f"this ffprobe has no decoder for {codec}")


def _first_frames_are_damaged(listing: FrameList, complaints: str) -> bool:
    """Whether the decoder complained before ffprobe printed the first frame.

    A decoder keeps the first frames back until it knows their order, so complaints about them stand
    beside no frame. Complaints do not count when packets are hidden or missing, since they may be
    about those, nor when they come from a demuxer or from a decoder of sound.
    """
    if listing.hidden or listing.missing:
        return False
    own = {listing.codec, _PARSER} | (_AV1_DECODERS if listing.codec == "av1" else set())
    return not own.isdisjoint(_CONTEXT.findall(complaints))
