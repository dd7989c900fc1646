"""Every frame of a stream decoded by ffprobe: how many there are, and how many are damaged.

A frame is damaged when the decoder left it out or complained about it. ffprobe shows complaints
beside the frame they are about, which is exact in one thread only, so decoding takes one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from motion_preflight.child import Bounds
from motion_preflight.errors import FfprobeFailed
from motion_preflight.facts import Decoded
from motion_preflight.media.programs.decoders import decodable_codecs
from motion_preflight.media.programs.frame_list import ENTRIES, FrameList
from motion_preflight.probe import NO_MEMORY, VIDEO_DEMUXERS, run

if TYPE_CHECKING:
    from pathlib import Path

# 30 s of 2160p HEVC in 10 bit took 41 s of a processor and 240 MB with the libraries, 30 s of
# 1080p60 H.264 took 7 s. The clock is longer because several clips share the processors.
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
_PARSER = "NULL"  # version 5 calls the parser of every codec so
_AV1_DECODERS = {"libdav1d", "libaom-av1"}  # they complain under names of their own


def decode(path: Path, *, ffprobe: str, stream: int, least: int = 1) -> Decoded:
    """Decodes every frame of the stream with this index. `least` packets were counted before.

    Raises `FfprobeFailed` with the reason when that could not be finished within its bounds, or
    when this ffprobe has no decoder for the codec.
    """
    ended = run(path, ffprobe, _OPTIONS | {"select_streams": str(stream)}, bounds=BOUNDS)
    listing = FrameList.read(ended.out.decode("utf-8", "replace"))
    complaints = ended.error.decode("utf-8", "replace")
    if listing.missing and _NO_BUFFER.search(complaints):  # it goes on, and ends with exit code 0
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


def _ensure_decoder(codec: str | None, ffprobe: str) -> None:
    """Raises unless this ffprobe should have been able to decode the codec."""
    if codec is None:
        raise FfprobeFailed("this ffprobe does not know the codec of the video")
    if codec not in decodable_codecs(ffprobe):
        raise FfprobeFailed(f"this ffprobe has no decoder for {codec}")


def _first_frames_are_damaged(listing: FrameList, complaints: str) -> bool:
    """Whether the decoder complained where no frame stood beside it: it keeps the first ones back
    until it knows their order. Complaints about what is hidden, or shown by no player, are passed
    over, and so are those of a demuxer or a decoder of sound.
    """
    if listing.hidden or listing.missing:
        return False
    own = {listing.codec, _PARSER} | (_AV1_DECODERS if listing.codec == "av1" else set())
    return not own.isdisjoint(_CONTEXT.findall(complaints))
