"""What ffprobe would say of an MP4/MOV, by its boxes alone, for an ffprobe that cannot open it.

ffprobe 5.1 gives up on a whole file when one of its tracks has a codec that it does not open, such
as xHE-AAC. The tables say nearly as much, and the verdict must not hang on the installed version.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from motion_preflight.media.containers.mp4_header import u32
from motion_preflight.media.containers.mp4_samples import edits_of

if TYPE_CHECKING:
    from motion_preflight.media.containers.mp4_tables import Track

# ffprobe's names of usual codecs, by the four characters of a sample entry.
_CODECS = {
    b"avc1": "h264", b"avc3": "h264", b"hvc1": "hevc", b"hev1": "hevc", b"vp08": "vp8",
    b"vp09": "vp9", b"av01": "av1", b"mp4v": "mpeg4", b"jpeg": "mjpeg", b"s263": "h263",
    b"apch": "prores", b"apcn": "prores", b"apcs": "prores", b"apco": "prores", b"ap4h": "prores",
    b"mp4a": "aac",
}  # fmt: skip
_KINDS = {b"vide": "video", b"soun": "audio", b"sbtl": "subtitle", b"text": "subtitle"}
_ENABLED = 1  # bit of the flags of a tkhd
_ONE = 1 << 16  # 1.0 as a 16.16 number


def answer_of_boxes(tracks: list[Track], timescale: int) -> dict[str, Any]:
    """The JSON that ffprobe would give for these tracks, as far as facts are made of it;
    `timescale` is the movie's.
    """
    streams = [_stream(track, index, timescale) for index, track in enumerate(tracks)]
    return {"format": {"format_name": "mov,mp4,m4a,3gp,3g2,mj2"}, "streams": streams}


def _stream(track: Track, index: int, timescale: int) -> dict[str, Any]:
    start, seconds = _times(track, timescale)
    stream: dict[str, Any] = {
        "index": index,
        "id": hex(track.number or 0),
        "codec_type": _KINDS.get(track.handler, "data"),
        "start_time": f"{start:.6f}",
        "duration": f"{seconds:.6f}",
        "disposition": {"default": (u32(track.tkhd, 0) or 0) & _ENABLED, "attached_pic": 0},
    }
    if track.samples:
        stream["nb_frames"] = str(track.samples)
    codec = _CODECS.get(track.stsd[12:16])
    if codec:
        stream["codec_name"] = codec
    if track.handler == b"vide":
        stream |= _picture(track)
    return stream


def _times(track: Track, timescale: int) -> tuple[float, float]:
    """The second at which a track starts, and those that it lasts, as it declares them."""
    seconds = track.length / track.timescale if track.timescale else 0.0
    edits = edits_of(track.elst) if timescale else []
    shown = sum(edit.duration for edit in edits if edit.media_time >= 0)
    leads = bool(edits) and edits[0].media_time < 0
    start = edits[0].duration / timescale if leads else 0.0
    return start, min(seconds, shown / timescale) if shown else seconds


def _picture(track: Track) -> dict[str, Any]:
    """Sides, turn and frame rate of a video track."""
    entry, matrix = track.stsd[16:], track.tkhd[-44:-8]
    a, b = u32(matrix, 0) or 0, u32(matrix, 4) or 0
    turn = {(0, _ONE): -90, (0, 0xFFFF0000): 90, (0xFFFF0000, 0): 180}.get((a, b))
    picture: dict[str, Any] = {
        "width": int.from_bytes(entry[24:26], "big"),
        "height": int.from_bytes(entry[26:28], "big"),
        "side_data_list": [] if turn is None else [{"rotation": turn}],
    }
    if track.length and track.samples:
        picture["avg_frame_rate"] = f"{track.samples * track.timescale}/{track.length}"
    return picture
