"""The facts of a medium: what was measured and how, or why nothing could be measured."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Literal, NamedTuple

from motion_preflight.media.content import Content
from motion_preflight.media.errors import (
    FfprobeFailed,
    SourceError,
    SourceTimeout,
    SourceUnreachable,
)
from motion_preflight.media.filmstrip import Filmstrip
from motion_preflight.media.stream_details import StreamDetails
from motion_preflight.network.errors import Reason
from motion_preflight.network.transfer import Transfer
from motion_preflight.text.lazy_dataclass import dataclass, field
from motion_preflight.text.locations import printable, redacted
from motion_preflight.text.numbers import format_decimal
from motion_preflight.text.presentable import Presentable

_LONG = 200  # signs of a location that `repr` shows

Kind = Literal["video", "image"]


class Compliance(Enum):
    """How a quantity compares to a limit, over all of its readings."""

    MET = "met by every reading"
    BROKEN = "broken by every reading"
    DEPENDS = "depends on the reading"


@dataclass(frozen=True, slots=True)
class Readings:
    """One quantity as it was read in several ways: way → value. A way that gave nothing is absent.

    Nobody knows which way the server reads, so nothing here picks one.
    """

    ways: Mapping[str, Decimal]

    __hash__ = None  # type: ignore[assignment]  # its mappings can be changed

    def __bool__(self) -> bool:
        return bool(self.ways)

    @property
    def low(self) -> Decimal:
        """The lowest of all readings."""
        return min(self.ways.values())

    @property
    def high(self) -> Decimal:
        """The highest of all readings."""
        return max(self.ways.values())

    def compare_to(
        self, bounds: Mapping[str, Decimal], meets: Callable[[Decimal, Decimal], bool]
    ) -> Compliance:
        """Compares all readings to a limit that may itself be read in several ways (MB or MiB)."""
        outcomes = [
            meets(value, bound) for value in self.ways.values() for bound in bounds.values()
        ]
        if outcomes and all(outcomes):
            return Compliance.MET
        return Compliance.DEPENDS if any(outcomes) or not outcomes else Compliance.BROKEN


@dataclass(frozen=True, slots=True)
class Durations:
    """A medium's duration in seconds, by where it was read. `None`: it could not be read there.

    header     the mvhd box of an MP4/MOV that is not fragmented
    container  from the first start to the last end of all tracks, as ffprobe 8 computes it
    video      what the judged video track declares
    audio      the audio stream's own duration: shown, never judged
    samples    measured: last presentation end minus first presentation start of the judged video
               track, by its sample tables with every edit applied, or by its packets
    stored     all samples of that track, edits ignored; only where it differs from `samples` by
               more than a frame
    scan       last presentation end minus first presentation time over all video packets
    """

    header: Decimal | None = None
    container: Decimal | None = None
    video: Decimal | None = None
    audio: Decimal | None = None
    samples: Decimal | None = None
    stored: Decimal | None = None
    scan: Decimal | None = None
    judged: Readings = field(init=False, repr=False, compare=False)  # all but the audio's

    @property
    def declared(self) -> bool:
        """Whether the file declares anywhere how long its video is, rightly or wrongly."""
        return not self.header is self.container is self.video is None

    def __post_init__(self) -> None:
        """Collects the readings that count against limits and for billing."""
        ways = {
            "header": self.header,
            "container": self.container,
            "video": self.video,
            "samples": self.samples,
            "stored": self.stored,
            "scan": self.scan,
        }
        judged = Readings({way: value for way, value in ways.items() if value is not None})
        # Set once, although the class is frozen, because rules ask for it often.
        object.__setattr__(self, "judged", judged)


@dataclass(frozen=True, slots=True)
class VideoStream:
    """The judged video track, or a picture. Sizes are in pixels as displayed, after rotation.

    Of several video tracks the only enabled (default) one is judged. When several are enabled, or
    none, the largest is judged. Cover art is no video track.
    """

    codec: str | None
    width: int | None
    height: int | None
    rotation: int | None  # degrees clockwise for display: 0, 90, 180, 270
    frame_rate: Fraction | None  # average, frames a second
    start: Decimal | None = None  # seconds on the file's clock
    index: int | None = None  # of the stream in the file, from 0
    frames: int | None = None  # pictures that are shown; None also: only a decoder can tell
    longest_frame: Decimal | None = None  # seconds that one frame lasts at most
    tracks: int | None = None  # number of video tracks in the file
    encrypted: bool | None = None


@dataclass(frozen=True, slots=True)
class AudioStream:
    """The first audio stream of the file."""

    codec: str | None
    sample_rate: int | None  # Hz
    channels: int | None


class Decoded(NamedTuple):
    """The result of decoding the whole judged video track."""

    frames: int
    errors: int  # frames that the decoder complained about or left out


@dataclass(frozen=True, slots=True, repr=False)
class MediaFacts(Presentable):
    """The measured facts of one medium. `None` always means not known, never zero."""

    location: str  # the path or URL as the user gave it, secrets and all
    size: int | None  # bytes
    container: str | None  # mp4, mov, webm, matroska, jpeg, png, …
    format_name: str | None  # ffprobe's demuxer list; a picture has none
    brand: str | None  # major brand of an MP4/MOV, trimmed
    probed_by: str
    durations: Durations = field(default_factory=Durations)
    faststart: bool | None = None  # the moov box stands before the media bytes
    fragmented: bool | None = None
    truncated: bool | None = None
    truncation: str | None = None  # the evidence, in words
    contradiction: str | None = None  # how the file contradicts itself, in words
    longer_track: str | None = None  # another track that ends after the video, in words
    clock_jump: str | None = None  # where the video's clock starts again or jumps ahead, in words
    undecodable: str | None = None  # why a player may not show it, in words
    decoded: Decoded | None = None  # of a scan that was asked for and finished
    unscanned: str | None = None  # why a scan that was asked for was not finished, in words
    stretches: Content | None = None  # what its pictures show, where that was asked for
    unwatched: str | None = None  # why its pictures, when asked for, were not looked at, in words
    # Small pictures of it, where a page asked for them.
    filmstrip: Filmstrip | None = field(default=None, compare=False)
    video: VideoStream | None = None
    audio: AudioStream | None = None
    transfer: Transfer | None = None
    # What only a repair asks for. Versions of ffprobe differ about some of it.
    details: StreamDetails | None = field(default=None, compare=False)
    colour: str | None = None  # of a picture, as its decoder names it: RGB, CMYK, …
    transparent: bool | None = None  # True: no pixel of the picture can be seen
    # Size and SHA-256 of the first 64 KiB: equal for equal files, wherever they lie.
    content: str | None = field(default=None, compare=False)
    # A text that changes when the bytes may have changed; equal files may have different ones.
    version: str | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        parts = [self.container or "unknown container"]
        if self.video:
            parts.append(f"{self.video.width or '?'}x{self.video.height or '?'}")
        if self.durations.judged:
            low, high = self.durations.judged.low, self.durations.judged.high
            length = format_decimal(low)
            parts.append(f"{length if low == high else f'{length} to {format_decimal(high)}'} s")
        parts += [f"{self.size:,} bytes"] if self.size is not None else []
        return f"<MediaFacts {redacted(self.location)[:_LONG]!r}: {', '.join(parts)}>"

    @property
    def error(self) -> None:
        """Always `None`, since a medium with facts has no error, unlike `Unmeasured`."""
        return None


@dataclass(frozen=True, slots=True)
class Unmeasured(Presentable):
    """A medium that could not be measured: the reason, in words, and what is known all the same."""

    location: str | None = field(repr=False)
    reason: Reason
    error: str
    size: int | None = None
    container: str | None = None
    probed_by: str | None = None
    transfer: Transfer | None = None
    remedy: str | None = None  # what to do about it, where the host's answer shows the cause
    content: str | None = field(default=None, compare=False)  # as in `MediaFacts`

    def exception(self) -> SourceError | FfprobeFailed:
        """An exception with the same message, which names the medium, for callers who asked for
        facts only.
        """
        name = printable(redacted(self.location or ""))[:_LONG]
        text = self.error if name in self.error else f"{name}: {self.error}"
        if self.reason is Reason.TIMEOUT:
            return SourceTimeout(text)
        if self.reason in {Reason.UNREADABLE, Reason.INCOMPLETE, Reason.UNSUPPORTED}:
            return FfprobeFailed(text)
        if self.reason in {Reason.UNREACHABLE, Reason.MISSING, Reason.DENIED}:
            return SourceUnreachable(text)
        return SourceError(text)


Measured = MediaFacts | Unmeasured
