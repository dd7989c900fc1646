"""What the packets of a clip, and the headers around them, prove where there are no boxes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from motion_preflight.media.containers import flv, holes, matroska, mpegts, ogg
from motion_preflight.media.containers.invisible import visible_packets
from motion_preflight.media.containers.payloads import COMPRESSED, payload_problem
from motion_preflight.media.errors import FfprobeFailed
from motion_preflight.media.ffprobe_json import RAW_STREAMS
from motion_preflight.media.packet_clock import packet_clock
from motion_preflight.media.programs.packets import MOST, packets
from motion_preflight.media.streams import number_of, streams_of
from motion_preflight.text.lazy_dataclass import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from motion_preflight.media.packet_clock import PacketClock
    from motion_preflight.media.programs.packets import Packet
    from motion_preflight.media.source.opening import Source
    from motion_preflight.media.streams import Stream

TOO_MANY = f"it has more than {MOST:,} packets of video, which are not counted"
_NO_TRACKS = "its Tracks, which say whether it is encrypted, could not be read"
# Lengths that differ by less than this look equal to a person: seconds, and a part of the length.
_APART, _APART_OF = Decimal("0.3"), Decimal("0.03")
_EXACT, _DAY = Decimal("0.00001"), 86_400  # seconds
# Codecs in which frames behind a keyframe may be shown before it, and refer to what is before it.
_OPEN_GROUPS = {"h264", "hevc", "vvc", "mpeg1video", "mpeg2video"}
_ESTIMATED = {"mpegts", "mpeg"}  # they declare no length; ffprobe estimates one


@dataclass(frozen=True, slots=True)
class PacketEvidence:
    """What was read of a clip without boxes."""

    clock: PacketClock | None = None  # None where its packets could not be counted
    pictures: int | None = None  # shown; None where only a decoder can tell
    doubt: str | None = None  # why readings are not to be relied on, in words
    problem: str | None = None  # why it may not play, in words
    encrypted: bool | None = None  # None where not all of the file could be searched
    codec: str | None = None  # ffprobe's name of a codec that this version may not know


def packet_evidence(
    answer: dict[str, Any],
    stream: Stream,
    source: Source,
    path: Path,
    *,
    ffprobe: str,
    signature: str | None,
) -> PacketEvidence:
    """Reads the packets of the judged video, and of other videos beside it. `answer` is ffprobe's
    JSON, `signature` the container by the first bytes. Raises `FfprobeFailed`.
    """
    codec = stream.get("codec_name")
    in_flv = flv.new_codec(source.read) if signature == "flv" else None
    if in_flv and in_flv != codec:
        raise FfprobeFailed(f"this ffprobe cannot read {in_flv.upper()} in FLV")
    listing = packets(path, ffprobe=ffprobe, stream=None)
    if not listing.complete:
        return PacketEvidence(doubt=TOO_MANY)
    form, index = answer["format"]["format_name"], stream.get("index", 0)
    own = _counted([packet for packet in listing.items if packet.stream == index], stream)
    shown = visible_packets(own, codec, _reader(source, form))
    clock = packet_clock(shown or own, format_name=form)
    if codec == "theora":
        clock = _with_repetitions(clock, ogg.theora(source.read))
    doubt = _second_file(source, signature) or _longer_video(answer, stream, clock, listing.items)
    problem = _payload_problem(answer, stream, own, source)
    is_known = len(own) < 2 or (shown is not None and not _leads(own, codec))
    evidence = PacketEvidence(
        clock, clock.frames if is_known else None, doubt=doubt, problem=problem
    )
    if signature != "matroska":
        return replace(evidence, encrypted=_is_scrambled(source, form, stream))
    tracks = matroska.video_tracks(source.read, source.size)
    if tracks is None:
        return replace(evidence, problem=problem or _NO_TRACKS)
    return replace(evidence, encrypted=tracks.encrypted, codec=tracks.codec)


def _payload_problem(
    answer: dict[str, Any], stream: Stream, own: Sequence[Packet], source: Source
) -> str | None:
    """Why the frames may not be there, in words; `None` without a reason."""
    form = answer["format"]["format_name"]
    codec = stream.get("codec_name")
    if codec not in COMPRESSED or form in RAW_STREAMS or not own:
        return None  # without a container it is a guess where a frame begins
    problem = payload_problem(own, codec, _reader(source, form))
    if problem:
        return problem
    sounds = {str(sound.get("codec_name")) for sound in streams_of(answer, "audio")}
    start = min((packet.position or 0 for packet in own), default=0)
    zeros = holes.zero_run(source.read, source.size, form, start=start, sounds=sounds)
    if zeros is None:
        return None
    return f"{zeros:,} bytes in a row among its frames are zero, as a download leaves that stopped"


def _counted(items: Sequence[Packet], stream: Stream) -> Sequence[Packet]:
    """The packets that are frames in every version of ffprobe. An empty packet of Theora repeats
    the frame before it, and ffprobe 5 does not list it.
    """
    if stream.get("codec_name") != "theora":
        return items
    return [packet for packet in items if packet.size]


def _leads(own: Sequence[Packet], codec: str | None) -> bool:
    """Whether packets are shown before the first keyframe. They may refer to frames that are not in
    the file, and then a decoder leaves them out. Matroska gives them no time.
    """
    key = next((at for at, packet in enumerate(own) if packet.keyframe), None)
    if codec not in _OPEN_GROUPS or key is None or (start := own[key].pts) is None:
        return False
    behind = own[key + 1] if key + 1 < len(own) else own[key]
    return behind.pts is behind.dts is None or any(
        packet.pts is not None and packet.pts < start for packet in own
    )


def _with_repetitions(clock: PacketClock, pages: ogg.Theora | None) -> PacketClock:
    """The clock of a Theora video, with the frames that empty packets repeat. Every frame lasts
    equally long.
    """
    if pages is None or pages.frames < clock.frames or not pages.rate:
        return clock
    length = pages.frames / pages.rate
    lasts = (Decimal(length.numerator) / length.denominator).quantize(_EXACT)
    if not 0 < lasts <= _DAY:
        return clock
    return clock._replace(frames=pages.frames, samples=max(clock.samples or lasts, lasts))


def _reader(source: Source, form: str) -> Callable[[Packet, int], bytes]:
    """A function that reads the bytes of a packet, with some bytes of its container in front of
    them.
    """

    def read(packet: Packet, length: int) -> bytes:
        at = packet.position or 0
        if form == "mpegts":
            return mpegts.payload(source.read, at, length)
        return source.read(at, length)

    return read


def _is_scrambled(source: Source, form: str, stream: Stream) -> bool | None:
    if form != "mpegts":
        return None
    try:
        pid = int(str(stream.get("id")), 16)
    except ValueError:
        return None
    return mpegts.is_scrambled(source.read, source.size, pid)


def _second_file(source: Source, signature: str | None) -> str | None:
    at = flv.second_file(source.read) if signature == "flv" else None
    return None if at is None else f"another FLV file begins in it, at byte {at:,}"


def _longer_video(
    answer: dict[str, Any], stream: Stream, clock: PacketClock, items: Sequence[Packet]
) -> str | None:
    """Why another video track is in the way, in words: it lasts longer than the judged one and than
    the file declares, and a service may read that one. `None` without such a track.
    """
    form = answer["format"]["format_name"]
    whole = None if form in _ESTIMATED else number_of(answer["format"].get("duration"))
    for other in streams_of(answer, "video"):
        own = [packet for packet in items if packet.stream == other.get("index")]
        if other is stream or not own:
            continue
        length = packet_clock(_counted(own, other), format_name=form).samples or Decimal(0)
        says = clock.samples if whole is None else whole
        if clock.samples and says and length > max(clock.samples, says) + _apart(says):
            judged = "the judged one" if whole is None else "the file says"
            return f"the packets of another video track last {length:.3f} s, {judged} {says:.3f} s"
    return None


def _apart(length: Decimal) -> Decimal:
    return max(_APART, length * _APART_OF)
