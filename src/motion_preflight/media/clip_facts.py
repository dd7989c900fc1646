"""Turns the evidence about a clip into its facts. Pure: all that was read stands in the
evidence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from motion_preflight.media.containers.first_sample import NO_KEYFRAME, first_sample_problem
from motion_preflight.media.ffprobe_json import (
    RAW_STREAMS,
    audio_stream,
    durations,
    probed_by,
    video_stream,
)
from motion_preflight.media.stream_details import details_of, is_interlaced
from motion_preflight.media.streams import judged_stream, longer_track, streams_of, track_of
from motion_preflight.text.lazy_dataclass import replace

if TYPE_CHECKING:
    from motion_preflight.media.containers.mp4_boxes import Layout
    from motion_preflight.media.containers.mp4_tracks import VideoTrack
    from motion_preflight.media.facts import Decoded, Durations, MediaFacts, VideoStream
    from motion_preflight.media.packet_clock import PacketClock
    from motion_preflight.media.streams import Stream

_NO_PACKETS = "its headers promise a video, and there is no packet of it"
_NO_SAMPLES = "its headers promise a video, and no sample of it"
_NO_SIDES = "its sides are not known"
_NO_TYPE = {None, "unknown"}
# Stream types of a transport stream that are no video: tables, DSM-CC and MPEG-H sound.
_NO_VIDEO = {f"{kind}[0][0][0]" for kind in ("[5]", "[11]", "[12]", "[13]", "-", ".")}
_NO_TIMES = "its packets carry no time that could be used"
_SENC_ALONE = "its frames have the data of an encryption beside them, which its tables do not name"
_NO_TRACK = "which of the tracks in its boxes the video is cannot be told"


class Evidence(NamedTuple):
    """All that was read of a clip."""

    answer: dict[str, Any]  # ffprobe's JSON
    layout: Layout | None = None  # of an MP4/MOV whose boxes could be followed
    doubt: str | None = None  # why its boxes or packets could not be read, in words
    clock: PacketClock | None = None  # of the packets, where there are no boxes
    pictures: int | None = None  # shown by those packets; None where only a decoder can tell
    scan: PacketClock | None = None  # of the packets, where a scan was asked for
    decoded: Decoded | None = None
    unscanned: str | None = None  # why a scan was not finished, in words
    first_bytes: bytes = b""  # of the judged track's first sample, as far as they are here
    later_problem: str | None = None  # why a later sample is not one, in words
    # By the headers of a container without boxes. None: not known.
    encrypted: bool | None = None
    codec: str | None = None  # by the same headers, where this ffprobe does not name it
    truncation: str | None = None

    @property
    def stream(self) -> Stream | None:
        """The judged video as ffprobe describes it; `None` without a video."""
        return judged_stream(self.answer)

    @property
    def track(self) -> VideoTrack | None:
        """The judged video as its own tables measure it; `None` without tables that do."""
        if self.layout is None or self.stream is None:
            return None
        return track_of(self.stream, self.layout.videos)


def clip_facts(evidence: Evidence, facts: MediaFacts) -> MediaFacts:
    """The facts of a clip: `facts` say where it is and how it was fetched, the evidence says the
    rest.
    """
    stream, track, layout = evidence.stream, evidence.track, evidence.layout
    audio = next(streams_of(evidence.answer, "audio"), None)
    return replace(
        facts,
        probed_by=probed_by(evidence.answer),
        durations=_durations(evidence, stream, track),
        faststart=layout.faststart if layout else None,
        fragmented=layout.fragmented if layout else None,
        truncated=evidence.truncation is not None if layout or evidence.truncation else None,
        truncation=evidence.truncation,
        contradiction=_contradiction(evidence, stream, track),
        longer_track=longer_track(evidence.answer, stream) if stream else None,
        clock_jump=_clock_jump(evidence, track),
        undecodable=_undecodable(evidence, stream, track)
        if stream
        else _unknown_stream(evidence.answer),
        decoded=evidence.decoded,
        unscanned=evidence.unscanned,
        video=_video(evidence, stream, track) if stream else None,
        audio=audio_stream(audio) if audio else None,
        details=details_of(evidence.answer, stream) if stream else None,
    )


def _durations(evidence: Evidence, stream: Stream | None, track: VideoTrack | None) -> Durations:
    return durations(
        evidence.answer,
        evidence.layout,
        stream,
        track=track,
        clock=evidence.clock,
        scan=evidence.scan,
    )


def _video(evidence: Evidence, stream: Stream, track: VideoTrack | None) -> VideoStream:
    video = video_stream(stream, raw=evidence.answer["format"]["format_name"] in RAW_STREAMS)
    clock = evidence.clock
    return replace(
        video,
        codec=video.codec or (track.entry.codec if track else evidence.codec),
        frames=_pictures(evidence, stream, track),
        longest_frame=track.longest if track else clock.longest if clock else None,
        tracks=sum(1 for _ in streams_of(evidence.answer, "video")),
        encrypted=track.entry.encrypted if track else evidence.encrypted,
    )


def _pictures(evidence: Evidence, stream: Stream, track: VideoTrack | None) -> int | None:
    """How many pictures are shown; `None` where only a decoder can tell. A sample of interlaced
    H.264 may be a frame, or one of its two fields.
    """
    pictures = track.pictures if track else evidence.pictures
    has_fields = stream.get("codec_name") == "h264" and is_interlaced(stream)
    return None if has_fields and (pictures or 0) > 1 else pictures


def _contradiction(
    evidence: Evidence, stream: Stream | None, track: VideoTrack | None
) -> str | None:
    """Why the readings are not to be relied on, in words; `None` without a reason."""
    layout, clock = evidence.layout, evidence.clock
    if evidence.doubt or stream is None:
        return evidence.doubt
    if layout is None:
        if clock is None or clock.samples is not None:
            return None
        raw = evidence.answer["format"]["format_name"] in RAW_STREAMS
        return None if raw and clock.frames else _NO_TIMES if clock.frames else _NO_PACKETS
    if layout.contradiction or track is None:
        return layout.contradiction or _NO_TRACK
    if not track.frames:
        return _NO_SAMPLES
    return track.contradiction or _other_track_lies(layout, track)


def _other_track_lies(layout: Layout, judged: VideoTrack) -> str | None:
    """What speaks against another video track than the judged one, in words: a server may read
    that.
    """
    for track in layout.videos:
        if track is not judged and track.entry.encrypted:
            return "another video track is encrypted"
        if track is not judged and track.lies:
            return f"another video track {track.lies}"
    return None


def _clock_jump(evidence: Evidence, track: VideoTrack | None) -> str | None:
    if track:
        return track.clock_jump
    return evidence.clock.clock_jump if evidence.clock else None


def _unknown_stream(answer: dict[str, Any]) -> str | None:
    """Why a file without a video may have one all the same, in words; `None` without a reason."""
    for stream in answer["streams"]:
        kind = stream.get("codec_tag_string", "without a name")
        if stream.get("codec_type") in _NO_TYPE and kind not in _NO_VIDEO:
            return f"this ffprobe does not know what one of its streams is ({kind})"
    return None


def _undecodable(evidence: Evidence, stream: Stream, track: VideoTrack | None) -> str | None:
    """Why a player may not show the clip, in words; `None` when nothing speaks against it."""
    codec = stream.get("codec_name")
    if track is None and evidence.later_problem:
        return evidence.later_problem
    if codec in {None, "unknown"} and not (track.entry.codec if track else evidence.codec):
        kind = (track.entry.kind if track else None) or stream.get("codec_tag_string")
        return f"no reader here knows its codec ({kind or 'without a name'})"
    if track and track.entry.others:
        kinds = ", ".join(sorted({track.entry.kind or "?", *track.entry.others}))
        return f"its frames may be of several codecs ({kinds})"
    if track is None:
        clock = evidence.clock
        if clock and clock.starts_with_keyframe is False:
            return NO_KEYFRAME
        return None if stream.get("width") and stream.get("height") else _NO_SIDES
    if track.entry.encrypted:
        return None  # another rule reports the encryption
    if track.external:
        return "its frames are said to lie in another file, which nobody has"
    if track.has_senc:
        return _SENC_ALONE
    problem = first_sample_problem(
        evidence.first_bytes,
        track.first.size if track.first else 0,
        codec=codec,
        nal_length=track.entry.nal_length,
        is_keyframe=track.first.is_keyframe if track.first else None,
    )
    return problem or evidence.later_problem
