"""What ffprobe's JSON says of a file, with every number that cannot be one as not known."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from motion_preflight.facts import AudioStream, Durations, VideoStream

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.source.boxes import Layout

# Demuxers of streams without a container: their clock and frame rate are guesses.
RAW_STREAMS = {"mpegvideo", "m4v", "h264", "hevc"}
_DAY = 86_400  # seconds; what is longer is a broken number, not a clip
_MICROSECOND = Decimal("0.000001")  # ffprobe's own clock
_SIDE = 1 << 16  # pixels
_DIGITS = 20  # of any number that means something


def durations(
    said: dict[str, Any], layout: Layout | None, packets: list[dict[str, Any]] | None
) -> Durations:
    """Every reading of the duration, in seconds. Versions make different numbers of a track that
    says its own is not known, and guess that of a raw stream from its bit rate: those are dropped.
    """
    form = said.get("format", {})
    video: dict[str, Any] = next(streams(said, "video"), {})
    audio: dict[str, Any] = next(streams(said, "audio"), {})
    unknown = layout.unknown_lengths if layout else frozenset()
    raw = form.get("format_name") in RAW_STREAMS
    return Durations(
        header=seconds(layout.header) if layout and "vide" not in unknown else None,
        container=None if unknown or raw else seconds(form.get("duration")),
        video=None if "vide" in unknown or raw else seconds(video.get("duration")),
        audio=None if "soun" in unknown else seconds(audio.get("duration")),
        scan=extent(packets) if packets else None,
    )


def streams(said: dict[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    """The streams of a kind in file order; cover art is no video."""
    for stream in said.get("streams", []):
        cover = stream.get("disposition", {}).get("attached_pic")
        if stream.get("codec_type") == kind and not cover:
            yield stream


def video_stream(stream: dict[str, Any], *, raw: bool) -> VideoStream:
    """A stream of motion; the frame rate of a `raw` one is a guess."""
    rotation = _rotation(stream)
    width, height = _displayed(stream.get("width"), stream.get("height"), rotation)
    rate = None if raw else _rate(stream.get("avg_frame_rate"))
    start = _decimal(stream.get("start_time"))
    return VideoStream(_name(stream), width, height, rotation, rate, start)


def _displayed(
    width: object, height: object, rotation: int | None
) -> tuple[int | None, int | None]:
    """The sides in pixels as they are shown."""
    sides = _count(width, _SIDE), _count(height, _SIDE)
    return (sides[1], sides[0]) if rotation in {90, 270} else sides


def audio_stream(stream: dict[str, Any]) -> AudioStream:
    return AudioStream(
        _name(stream),
        _count(stream.get("sample_rate"), 1 << 24),
        _count(stream.get("channels"), 256),
    )


def _name(stream: dict[str, Any]) -> str | None:
    name = stream.get("codec_name")
    return name if name != "unknown" else None


def _rotation(stream: dict[str, Any]) -> int | None:
    """Degrees clockwise for display, 0 without a display matrix; ffprobe's run the other way."""
    for data in stream.get("side_data_list", []):
        if "rotation" in data:
            angle = _decimal(data["rotation"])
            return None if angle is None or abs(angle) > 360 else round(-angle) % 360
    return 0


def _rate(text: object) -> Fraction | None:
    found = re.fullmatch(r"(\d{1,12})/([1-9]\d{0,11})", text) if isinstance(text, str) else None
    if not found:
        return None
    rate = Fraction(int(found[1]), int(found[2]))
    return rate if 0 < rate <= 1000 else None


def extent(packets: list[dict[str, Any]]) -> Decimal | None:
    """Seconds from the first presentation to the end of the last, without what edits discard."""
    first: Decimal | None = None
    last: Decimal | None = None
    for packet in packets:
        start = _decimal(packet.get("pts_time"))
        if start is None or "D" in str(packet.get("flags")):
            continue
        end = start + (_decimal(packet.get("duration_time")) or 0)
        first = start if first is None else min(first, start)
        last = end if last is None else max(last, end)
    return seconds(last - first) if first is not None and last is not None else None


def seconds(value: object) -> Decimal | None:
    """A duration that can be one: above zero and below a day; else not known."""
    number = _decimal(value)
    if number is None or not 0 < number <= _DAY:
        return None
    return number.quantize(_MICROSECOND) or None


def _decimal(value: object) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number.adjusted() < _DIGITS else None


def _count(value: object, most: int) -> int | None:
    number = _decimal(value)
    return int(number) if number is not None and 0 < number <= most else None


def version(said: dict[str, Any]) -> str:
    version = str(said.get("program_version", {}).get("version", "of unknown version"))
    return version.removeprefix("n").partition("-")[0]
