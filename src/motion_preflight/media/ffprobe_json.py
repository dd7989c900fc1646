"""Reads ffprobe's JSON about a file; every number that cannot be right counts as not known."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from motion_preflight.media.accuracy import accuracy, without_rounding
from motion_preflight.media.facts import AudioStream, Durations, VideoStream
from motion_preflight.media.streams import Stream, extent, frame_rate, number_of, streams_of

if TYPE_CHECKING:
    from motion_preflight.media.containers.mp4_boxes import Layout
    from motion_preflight.media.containers.mp4_tracks import VideoTrack
    from motion_preflight.media.packet_clock import PacketClock

# Demuxers of streams without a container: their clock and frame rate are guesses.
RAW_STREAMS = {"mpegvideo", "m4v", "h264", "hevc"}
# Containers that do not declare their length. ffprobe estimates it, and each version differently.
_ESTIMATED = {"mpegts", "mpeg"}
_DAY = 86_400  # seconds; what is longer is a broken number, not a clip
_MICROSECOND = Decimal("0.000001")  # ffprobe's own clock
_STREAMS = 1000  # of one file; ffprobe opens no more
_SIDE = 1 << 16  # pixels


def durations(
    answer: dict[str, Any],
    layout: Layout | None,
    stream: Stream | None,
    *,
    track: VideoTrack | None = None,
    clock: PacketClock | None = None,
    scan: PacketClock | None = None,
) -> Durations:
    """Every reading of the duration, in seconds. Two are dropped because versions of ffprobe differ
    about them: the length of a track that declares it as unknown, and that of a raw stream, which
    ffprobe guesses from the bit rate.

    `stream` is the judged video, `track` and `clock` are measured by its own tables or packets,
    `scan` is measured by a scan of its packets.
    """
    form = answer.get("format", {})
    video: Stream = stream or {}
    audio: Stream = next(streams_of(answer, "audio"), {})
    unknown = layout.unknown_lengths if layout else frozenset()
    raw = form.get("format_name") in RAW_STREAMS
    whole = extent(answer, fragmented=layout.fragmented is True) if layout else form.get("duration")
    measured = track.samples if track else None if raw or not clock else clock.samples
    guessed = raw or form.get("format_name") in _ESTIMATED
    container = None if unknown or guessed else seconds(whole)
    declared = None if "vide" in unknown or guessed else seconds(video.get("duration"))
    if clock and measured:
        measured, declared, container = without_rounding(
            measured, clock.frames, accuracy(video), declared, container
        )
    return Durations(
        header=seconds(layout.header) if layout and "vide" not in unknown else None,
        container=container,
        video=declared,
        audio=None if "soun" in unknown else seconds(audio.get("duration")),
        samples=measured,
        stored=track.stored if track and track.hides else None,
        scan=None if raw or not scan else scan.samples,
    )


def video_stream(stream: dict[str, Any], *, raw: bool) -> VideoStream:
    """The video stream as the facts show it. The frame rate of a `raw` stream is dropped: it is a
    guess.
    """
    rotation = _rotation(stream)
    width, height = _displayed(stream.get("width"), stream.get("height"), rotation)
    rate = None if raw else frame_rate(stream.get("avg_frame_rate"))
    return VideoStream(
        _name(stream),
        width,
        height,
        rotation,
        rate,
        start=number_of(stream.get("start_time")),
        index=_index(stream.get("index")),
    )


def _displayed(
    width: object, height: object, rotation: int | None
) -> tuple[int | None, int | None]:
    """The width and height in pixels as they are displayed."""
    sides = _count(width, _SIDE), _count(height, _SIDE)
    return (sides[1], sides[0]) if rotation in {90, 270} else sides


def audio_stream(stream: dict[str, Any]) -> AudioStream:
    """The audio stream as the facts show it."""
    return AudioStream(
        _name(stream),
        _count(stream.get("sample_rate"), 1 << 24),
        _count(stream.get("channels"), 256),
    )


def _index(value: object) -> int | None:
    return value if isinstance(value, int) and 0 <= value < _STREAMS else None


def _name(stream: dict[str, Any]) -> str | None:
    name = stream.get("codec_name")
    return name if name != "unknown" else None


def _rotation(stream: dict[str, Any]) -> int | None:
    """Degrees clockwise for display, 0 without a display matrix; ffprobe counts the other way
    round.
    """
    for data in stream.get("side_data_list", []):
        if "rotation" in data:
            angle = number_of(data["rotation"])
            return None if angle is None or abs(angle) > 360 else round(-angle) % 360
    return 0


def seconds(value: object) -> Decimal | None:
    """A duration in seconds; `None` for a value that cannot be one: zero or less, or more than a
    day.
    """
    number = number_of(value)
    if number is None or not 0 < number <= _DAY:
        return None
    return number.quantize(_MICROSECOND) or None


def _count(value: object, most: int) -> int | None:
    number = number_of(value)
    return int(number) if number is not None and 0 < number <= most else None


def probed_by(answer: dict[str, Any]) -> str:
    """The name and version of the ffprobe that gave this answer."""
    version = str(answer.get("program_version", {}).get("version", "of unknown version"))
    return f"ffprobe {version.removeprefix('n').partition('-')[0]}"
