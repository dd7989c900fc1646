"""What a repair has to know about a file's streams beyond the facts that rules judge."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from motion_preflight.media.errors import FfprobeFailed
from motion_preflight.media.programs.ffprobe import VIDEO_DEMUXERS, run_json
from motion_preflight.media.streams import number_of

if TYPE_CHECKING:
    from pathlib import Path

_ENTRIES = (
    "stream=index,codec_type,codec_name,profile,pix_fmt,width,height,sample_aspect_ratio,"
    "field_order,color_range,color_space,color_transfer,color_primaries,start_time,channels,"
    "sample_rate:stream_disposition=default,attached_pic"
)
_PROGRESSIVE = {None, "progressive", "unknown"}
_HDR = {"smpte2084": "PQ", "arib-std-b67": "HLG"}


@dataclass(frozen=True, slots=True)
class AudioDetails:
    """The sound that a repair keeps: the default audio stream, else the first."""

    index: int  # of the stream in the file, from 0
    codec: str | None
    start: Decimal | None  # seconds on the file's clock
    channels: int | None
    sample_rate: int | None  # Hz


@dataclass(frozen=True, slots=True)
class StreamDetails:
    """The judged video stream as it is coded, and the sound beside it. `None`: not declared."""

    codec: str | None
    profile: str | None
    pixel_format: str | None  # ffmpeg's name, such as yuv420p10le
    width: int | None  # pixels as coded, before rotation
    height: int | None
    pixel_shape: Fraction  # width of a pixel divided by its height
    interlaced: bool
    transfer: str | None  # ffmpeg's name of the transfer function, such as smpte2084
    primaries: str | None
    matrix: str | None
    full_range: bool
    start: Decimal | None  # seconds on the file's clock
    audio: AudioDetails | None
    other_streams: int  # besides the judged video and that sound

    @property
    def hdr(self) -> str | None:
        """The kind of HDR, PQ or HLG; `None` for any other picture."""
        return _HDR.get(self.transfer or "")

    @property
    def wide(self) -> bool:
        """Whether its colours are those of BT.2020, so that they must be converted."""
        return self.hdr is not None or self.primaries == "bt2020"


def read_details(path: Path, *, ffprobe: str, stream: int) -> StreamDetails:
    """The details of the video stream with this index. Raises `FfprobeFailed` when there is none,
    and what `run_ffprobe` raises.
    """
    answer = run_json(path, ffprobe, show_entries=_ENTRIES, format_whitelist=VIDEO_DEMUXERS)
    streams = {item.get("index"): item for item in answer.get("streams", [])}
    if stream not in streams:
        raise FfprobeFailed(f"ffprobe lists no stream {stream}")
    video = streams[stream]
    sounds = [item for item in streams.values() if item.get("codec_type") == "audio"]
    default = [item for item in sounds if item.get("disposition", {}).get("default")]
    audio = next(iter(default or sounds), None)
    return StreamDetails(
        codec=video.get("codec_name"),
        profile=video.get("profile"),
        pixel_format=video.get("pix_fmt"),
        width=_whole(video.get("width")),
        height=_whole(video.get("height")),
        pixel_shape=_shape(video.get("sample_aspect_ratio")),
        interlaced=video.get("field_order") not in _PROGRESSIVE,
        transfer=video.get("color_transfer"),
        primaries=video.get("color_primaries"),
        matrix=video.get("color_space"),
        full_range=video.get("color_range") == "pc",
        start=number_of(video.get("start_time")),
        audio=_audio(audio) if audio else None,
        other_streams=len(streams) - 1 - (audio is not None),
    )


def _audio(stream: dict[str, Any]) -> AudioDetails:
    return AudioDetails(
        index=int(stream["index"]),
        codec=stream.get("codec_name"),
        start=number_of(stream.get("start_time")),
        channels=_whole(stream.get("channels")),
        sample_rate=_whole(stream.get("sample_rate")),
    )


def _whole(value: object) -> int | None:
    number = number_of(value)
    return int(number) if number else None


def _shape(text: object) -> Fraction:
    """The shape of a pixel; 1 where it is not declared or cannot be one."""
    width, _, height = str(text).partition(":")
    if not (width.isdecimal() and height.isdecimal() and int(width) and int(height)):
        return Fraction(1)
    shape = Fraction(int(width), int(height))
    return shape if Fraction(1, 8) <= shape <= 8 else Fraction(1)
