"""What a repair has to know about a file's streams beyond the facts that rules judge."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from motion_preflight.media.streams import frame_rate, number_of
from motion_preflight.text.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from motion_preflight.media.streams import Stream

_PROGRESSIVE = {None, "progressive", "unknown"}
_RGB = ("rgb", "bgr", "gbr", "argb", "abgr", "0rgb", "0bgr", "pal8", "x2rgb", "x2bgr")
_HDR = {"smpte2084": "PQ", "arib-std-b67": "HLG"}
_ALPHA = ("yuva", "ayuv", "vuya", "rgba", "bgra", "argb", "abgr", "gbrap")
_IN_FIELDS = {"dvvideo"}  # codecs whose pictures are fields unless a file says otherwise
_OWN_COLOURS = 5  # the profile of Dolby Vision whose colours no other player knows
_ROW = re.compile(r"^0000000[01]: +(-?\d{1,10}) +(-?\d{1,10}) ", re.MULTILINE | re.ASCII)


@dataclass(frozen=True, slots=True)
class AudioDetails:
    """The sound that a repair keeps: the default audio stream, else the first, of those that a
    program here knows.
    """

    index: int  # of the stream in the file, from 0
    codec: str | None  # `None`: nothing here knows it
    start: Decimal | None  # seconds on the file's clock
    channels: int | None
    sample_rate: int | None  # Hz


@dataclass(frozen=True, slots=True)
class StreamDetails:
    """The judged video stream as it is coded, and the sound beside it. `None`: not declared."""

    codec: str | None
    pixel_format: str | None  # ffmpeg's name, such as yuv420p10le
    width: int | None  # pixels as coded, before rotation
    height: int | None
    pixel_shape: Fraction  # width of a pixel divided by its height
    interlaced: bool
    base_rate: Fraction | None  # frames a second that its times fall on; `None` also: interlaced
    transfer: str | None  # ffmpeg's name of the transfer function, such as smpte2084
    primaries: str | None
    audio: AudioDetails | None
    other_streams: int  # besides the judged video and that sound
    mirrored: bool = False  # by the matrix that turns it for display
    own_colours: bool = False  # those of Dolby Vision alone

    @property
    def hdr(self) -> str | None:
        """The kind of HDR, PQ or HLG; `None` for any other picture."""
        return _HDR.get(self.transfer or "")

    @property
    def rgb(self) -> bool:
        """Whether it is coded in red, green and blue, so that a matrix must be chosen for it."""
        return (self.pixel_format or "").startswith(_RGB)

    @property
    def clear(self) -> bool:
        """Whether its pixels can be transparent, and those behind are not HDR."""
        return not self.wide and (self.pixel_format or "").startswith(_ALPHA)

    @property
    def wide(self) -> bool:
        """Whether its colours are those of BT.2020, so that they must be converted."""
        return self.hdr is not None or self.primaries == "bt2020"


def details_of(answer: dict[str, Any], video: Stream) -> StreamDetails:
    """The details in ffprobe's JSON, where `video` is the judged stream."""
    streams = answer.get("streams", [])
    sounds = [item for item in streams if item.get("codec_type") == "audio"]
    default = [item for item in sounds if item.get("disposition", {}).get("default")]
    # A phone may put sound of a kind that few programs know before the usual one.
    audio = next(filter(_is_known, [*default, *sounds]), next(iter(default or sounds), None))
    interlaced, sides = is_interlaced(video), video.get("side_data_list", [])
    return StreamDetails(
        codec=video.get("codec_name"),
        pixel_format=video.get("pix_fmt"),
        width=_whole(video.get("width")),
        height=_whole(video.get("height")),
        pixel_shape=_shape(video.get("sample_aspect_ratio")),
        interlaced=interlaced,
        # That of interlaced video may be the rate of its fields.
        base_rate=None if interlaced else frame_rate(video.get("r_frame_rate")),
        transfer=video.get("color_transfer"),
        primaries=video.get("color_primaries"),
        audio=_audio(audio) if audio and number_of(audio.get("index")) is not None else None,
        other_streams=len(streams) - 1 - (audio is not None),
        mirrored=any(_mirrors(side.get("displaymatrix")) for side in sides),
        own_colours=any(side.get("dv_profile") == _OWN_COLOURS for side in sides),
    )


def is_interlaced(stream: Stream) -> bool:
    """Whether the pictures of a stream consist of two fields: it says so, or its codec does."""
    order = stream.get("field_order")
    in_fields = order != "progressive" and stream.get("codec_name") in _IN_FIELDS
    return order not in _PROGRESSIVE or in_fields


def _mirrors(matrix: object) -> bool:
    """Whether a matrix of display, as ffprobe prints it, turns left into right."""
    rows = [(int(one), int(other)) for one, other in _ROW.findall(str(matrix))]
    if len(rows) != 2:
        return False
    (a, b), (c, d) = rows
    return a * d < b * c


def _is_known(stream: Stream) -> bool:
    return stream.get("codec_name") not in {None, "unknown", "none"}


def _audio(stream: Stream) -> AudioDetails:
    return AudioDetails(
        index=int(number_of(stream.get("index")) or 0),
        codec=stream.get("codec_name") if _is_known(stream) else None,
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
