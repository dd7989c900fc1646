"""Completes ffprobe's answer about an MP4/MOV with tracks that this ffprobe cannot open.

ffprobe 5.1 gives up on the whole file when one track has a codec that it cannot open, such as sound
in xHE-AAC. The verdict must not depend on the installed version. So ffprobe gets a copy with the
video alone, and the little that is needed of the other tracks is read from the boxes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from motion_preflight.media.containers.mp4_header import u32
from motion_preflight.media.containers.mp4_samples import edits_of

if TYPE_CHECKING:
    from motion_preflight.media.containers.mp4_tables import Track

_KINDS = {b"soun": "audio", b"sbtl": "subtitle", b"text": "subtitle"}
_ENABLED = 1  # bit of the flags of a tkhd


def with_other_tracks(
    answer: dict[str, Any], tracks: list[Track], timescale: int
) -> dict[str, Any]:
    """The answer about the video tracks, completed with the other tracks as the boxes describe
    them, in the order of the file; `timescale` is the movie's.
    """
    videos = {stream.get("id"): stream for stream in answer["streams"]}
    streams = []
    for index, track in enumerate(tracks):
        stream = videos.get(hex(track.number or 0)) if track.handler == b"vide" else None
        streams.append((stream or _described(track, timescale)) | {"index": index})
    return answer | {"streams": streams}


def _described(track: Track, timescale: int) -> dict[str, Any]:
    start, seconds = _times(track, timescale)
    stream: dict[str, Any] = {
        "id": hex(track.number or 0),
        "codec_type": _KINDS.get(track.handler, "data"),
        "codec_name": "aac" if track.stsd[12:16] == b"mp4a" else "unknown",
        "start_time": f"{start:.6f}",
        "duration": f"{seconds:.6f}",
        "disposition": {"default": (u32(track.tkhd, 0) or 0) & _ENABLED, "attached_pic": 0},
    }
    return stream | ({"nb_frames": str(track.samples)} if track.samples else {})


def _times(track: Track, timescale: int) -> tuple[float, float]:
    """The second at which a track starts, and the seconds that it lasts, as the track declares
    them.
    """
    seconds = track.length / track.timescale if track.timescale else 0.0
    edits = edits_of(track.elst) if timescale else []
    shown = sum(edit.duration for edit in edits if edit.media_time >= 0)
    leads = bool(edits) and edits[0].media_time < 0
    start = edits[0].duration / timescale if leads else 0.0
    return start, min(seconds, shown / timescale) if shown else seconds
