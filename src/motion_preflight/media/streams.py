"""Which of ffprobe's streams is the judged video, and what the others mean for its length."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from motion_preflight.media.containers.mp4_tracks import VideoTrack

Stream = dict[str, Any]  # one stream of ffprobe's JSON

_DIGITS = 20  # at most, of a number that can mean something
_TEXT = {"subtitle", "data"}
_OUTLIER = 1  # second; ffprobe 8 ignores text that ends so much later than picture and sound
_LONGER = Decimal("0.05")  # seconds; below that, tracks end together for a person
_WORDS = {"audio": "the audio", "subtitle": "a subtitle track", "video": "another video track"}


def streams_of(answer: dict[str, Any], kind: str) -> Iterator[Stream]:
    """The streams of this kind in file order; cover art does not count as video."""
    for stream in answer.get("streams", []):
        if stream.get("codec_type") == kind and not is_cover(stream):
            yield stream


def is_cover(stream: Stream) -> bool:
    """Whether a stream is an attached picture. The pictures of chapters count too, unless they are
    enabled: they are a track like any other, which only being disabled keeps a player from showing.
    """
    disposition = stream.get("disposition", {})
    chapters = disposition.get("timed_thumbnails") and disposition.get("default")
    return bool(disposition.get("attached_pic")) and not chapters


def judged_stream(answer: dict[str, Any]) -> Stream | None:
    """The video that facts, rules and remedies mean: the only enabled (default) stream. When
    several are enabled, or none, it is the largest, and the first of equally large ones. `None`
    without a video.
    """
    videos = list(streams_of(answer, "video"))
    enabled = [video for video in videos if video.get("disposition", {}).get("default")] or videos
    return max(enabled, key=_area, default=None)


def _area(stream: Stream) -> Decimal:
    width, height = (number_of(stream.get(side)) or Decimal(0) for side in ("width", "height"))
    return width * height


def track_of(stream: Stream, tracks: Sequence[VideoTrack]) -> VideoTrack | None:
    """The track of an MP4/MOV that this stream is; `None` when that is not clear."""
    try:
        number = int(str(stream.get("id")), 16)
    except ValueError:
        number = None
    same = [track for track in tracks if track.number == number]
    if len(same) == 1:
        return same[0]
    return tracks[0] if len(tracks) == 1 else None


def extent(answer: dict[str, Any], *, fragmented: bool) -> Decimal | None:
    """The seconds from the first start to the last end of all tracks, as ffprobe 8 computes the
    `format.duration` of an MP4/MOV (5.1 shows the mvhd there). Subtitles and data count when they
    end less than a second after the rest. `None` when no stream declares its length.

    Streams without samples are left out: ffprobe gives them the values of the whole file.
    """
    spans = [
        (start, start + length, length, stream.get("codec_type") in _TEXT)
        for stream in answer.get("streams", [])
        if not is_cover(stream) and (fragmented or stream.get("nb_frames"))
        if (start := number_of(stream.get("start_time"))) is not None
        if (length := number_of(stream.get("duration"))) is not None
    ]
    media = [span for span in spans if not span[3]] or spans
    if not media:
        return None
    first, last = min(span[0] for span in media), max(span[1] for span in media)
    longest = max(span[2] for span in media)
    for start, end, length, is_text in spans:
        if is_text:
            first = start if 0 < first - start < _OUTLIER else first
            last = end if 0 < end - last < _OUTLIER else last
            longest = length if 0 < length - longest < _OUTLIER else longest
    return max(longest, last - first)


def longer_track(answer: dict[str, Any], judged: Stream) -> str | None:
    """The track that ends last, in words, when it ends after the judged video; else `None`. Where
    ffprobe counts samples, streams without any are left out: ffprobe gives them the end of the
    file.
    """
    counted = bool(judged.get("nb_frames"))
    ends = [
        (end, str(stream.get("codec_type")))
        for stream in answer.get("streams", [])
        if stream is not judged and not is_cover(stream)
        if not counted or stream.get("nb_frames")
        if (end := _end(stream)) is not None
    ]
    end, kind = max(ends, default=(None, ""))
    own = _end(judged)
    if end is None or own is None or end <= own + _LONGER:
        return None
    return f"{_WORDS.get(kind, 'a data track')} ends at {end:.3f} s, the video at {own:.3f} s"


def _end(stream: Stream) -> Decimal | None:
    start, length = number_of(stream.get("start_time")), number_of(stream.get("duration"))
    return start + length if start is not None and length is not None else None


def number_of(value: object) -> Decimal | None:
    """A number of ffprobe's JSON; `None` for one that cannot mean anything."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number.adjusted() < _DIGITS else None


def frame_rate(text: object) -> Fraction | None:
    """Frames a second from a fraction as ffprobe writes it; `None` for what cannot be a rate."""
    match = re.fullmatch(r"(\d{1,12})/([1-9]\d{0,11})", text) if isinstance(text, str) else None
    if not match:
        return None
    rate = Fraction(int(match[1]), int(match[2]))
    return rate if 0 < rate <= 1000 else None
