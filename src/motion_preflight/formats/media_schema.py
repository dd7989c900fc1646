"""The shape of the facts of a medium in the JSON documents."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

ReasonWord = Literal[
    "not given",
    "not a public address",
    "a private address here",
    "missing",
    "denied",
    "not a regular file",
    "unreachable",
    "time-out",
    "changed while read",
    "not a direct link",
    "too large",
    "unreadable",
    "only a part of a file",
    "not measurable here",
]


class Range(TypedDict):
    low: float
    high: float


class DurationsDocument(TypedDict):
    header: float | None
    """Declared: seconds in the mvhd box of an MP4 or MOV that is not fragmented."""
    container: float | None
    """Declared: seconds from the first start to the last end of all tracks."""
    video: float | None
    """Declared: seconds of the judged video track."""
    audio: float | None
    """Declared: seconds of the sound. Shown, never judged."""
    samples: float | None
    """Measured: seconds from the first to the last frame that is shown, by the sample tables of the
    judged video track with every edit, or by its packets."""
    stored: float | None
    """Measured: seconds of all frames of that track, edits ignored; only where it differs from
    `samples` by more than a frame."""
    scan: float | None
    """Measured with `--scan`: seconds from the first to the last frame by every video packet."""


class VideoDocument(TypedDict):
    codec: str | None
    width: int | None
    """Pixels as displayed, that is rotated."""
    height: int | None
    """Pixels as displayed, that is rotated."""
    rotation: int | None
    """Degrees clockwise for display: 0, 90, 180 or 270."""
    frame_rate: float | None
    """Frames a second on average."""
    frames: int | None
    """Pictures that the judged video track shows; `null` where only a decoder can tell."""
    longest_frame: float | None
    """Seconds that one frame lasts at most."""
    tracks: int | None
    """Video tracks in the file; cover art is none."""
    encrypted: bool | None
    """Whether the judged video track is encrypted."""


class DecodedDocument(TypedDict):
    frames: int
    """Frames that were decoded."""
    errors: int
    """Frames that the decoder complained about or left out."""


class StretchDocument(TypedDict):
    start: float  # seconds from the first picture of the judged video track
    end: float


class FramingDocument(TypedDict):
    pictures: int
    """How many pictures of the clip were searched for faces."""
    close: int
    """In how many the lower edge cuts off what is below the chest of the largest face."""
    face: float | None
    """The height of that face in these, in percent of the picture's; `null`: in none."""
    room: float | None
    """What these show below the chin, in heights of the face."""


class ContentDocument(TypedDict):
    shots: list[StretchDocument]
    """The parts between cuts, without what is black."""
    black: list[StretchDocument]
    frozen: list[StretchDocument]
    """The parts in which one picture is shown."""
    framing: FramingDocument | None
    """How much of a person is shown; `null`: nobody looked for faces."""
    unframed: str | None
    """Why nobody looked for faces, in words."""


class AudioDocument(TypedDict):
    codec: str | None
    sample_rate: int | None
    channels: int | None


class TransferDocument(TypedDict):
    requests: int
    bytes: int
    status: int | None
    content_type: str | None
    final_url: str
    etag: str | None


class MediaDocument(TypedDict):
    location: str | None
    """The path or URL; user, password, query values and fragment are shown as `…`."""
    size: int | None
    """Bytes."""
    container: str | None
    """mp4, mov, webm, matroska, jpeg, png, …"""
    format_name: str | None
    """ffprobe's list of demuxers; a picture has none."""
    brand: str | None
    """The major brand of an MP4 or MOV."""
    probed_by: str | None
    """The program that read it, with its version."""
    durations: DurationsDocument
    duration: Range | None
    """The least and the greatest of the judged `durations`, in seconds."""
    faststart: bool | None
    """Whether the index (moov) stands before the media bytes."""
    fragmented: bool | None
    truncated: bool | None
    """Whether bytes that the file declares are missing."""
    contradiction: str | None
    """What two clocks of the file say of each other, in words."""
    clock_jump: str | None
    """Where the clock of the video starts again or jumps ahead, in words."""
    longer_track: str | None
    """Another track that ends after the video, in words."""
    undecodable: str | None
    """Why the video or the picture may not be shown, in words."""
    decoded: DecodedDocument | None
    """What a finished `--scan` decoded of the judged video track."""
    unscanned: str | None
    """Why a `--scan` that was asked for was not finished, in words."""
    content: ContentDocument | None
    """What the pictures of the judged video track show, by `--content`; `null` without it."""
    unwatched: str | None
    """Why a `--content` that was asked for was not finished, in words."""
    colour: str | None
    """The colour mode of a picture as its decoder names it: RGB, CMYK, …"""
    transparent: bool | None
    """Whether no pixel of the picture can be seen."""
    reason: ReasonWord | None
    """Why the medium could not be measured; `null`: it was."""
    video: VideoDocument | None
    """The judged video track, or the picture."""
    audio: AudioDocument | None
    transfer: TransferDocument | None
    """How the bytes of a URL came; `null` of a path."""
