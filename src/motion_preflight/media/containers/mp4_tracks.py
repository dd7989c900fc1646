"""The video tracks of an MP4/MOV, measured by their own tables."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.media.containers.mp4_entries import SampleEntry, read_entries
from motion_preflight.media.containers.mp4_fragments import FirstSample, TrackFragments
from motion_preflight.media.containers.mp4_pictures import pictures_shown
from motion_preflight.media.containers.mp4_samples import (
    EMPTY,
    Stretch,
    add_stretch,
    distinct_seconds,
    edits_of,
    shown_seconds,
    stored_seconds,
    table_stretch,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from motion_preflight.media.containers.mp4_moov import Movie
    from motion_preflight.media.containers.mp4_samples import Edit
    from motion_preflight.media.containers.mp4_tables import Track

_DAY = 86_400  # seconds; what lasts longer is a broken number, not a clip
_MICROSECOND = Decimal("0.000001")
# How far another track may be off, in seconds and as a part of the declared ones.
_APART = Decimal("0.3")
_APART_OF = Decimal("0.03")
_FIRST_PICTURE = 1
_LOOKS = 16  # samples of a track that are looked at
_EMPTY_PART = 10  # one sample in so many may be empty: a dropped frame may leave such a one
_SQUEEZED = Fraction(11, 10)  # decode times may last this part of what is shown, and a second more


class Look(NamedTuple):
    """A sample worth looking at, and how far into the track it lies."""

    offset: int
    size: int
    percent: int


class VideoTrack(NamedTuple):
    """What the tables of one video track declare and measure."""

    number: int | None  # the track's own number; ffprobe calls it the stream's id
    declared: Decimal | None  # seconds by its mdhd; None where that declares none
    samples: Decimal | None  # seconds shown, every edit applied; None: cannot be measured
    stored: Decimal | None  # seconds of all samples, edits ignored; None: cannot be measured
    frames: int  # samples, whether they are shown or not
    entry: SampleEntry
    first: FirstSample | None
    longest: Decimal | None = None  # seconds that one sample lasts at most
    later: tuple[Look, ...] = ()  # samples spread over the track
    external: bool = False  # its tables say that its samples lie in another file
    clock_jump: str | None = None  # where its clock starts again or jumps ahead, in words
    contradiction: str | None = None  # why its tables do not measure it, in words
    pictures: int | None = None  # shown; None where only a decoder can tell
    has_senc: bool = False  # a senc box holds what decrypts its samples

    @property
    def hides(self) -> bool:
        """Whether what is shown differs from what is stored by more than one frame."""
        if self.samples is None or self.stored is None or not self.frames:
            return False
        return abs(self.stored - self.samples) > max(self.stored / self.frames, _MICROSECOND)

    @property
    def lies(self) -> str | None:
        """How the shown length differs from the declared or the stored one, in words; `None` when
        it does not.
        """
        if self.declared is None or self.stored is None or self.samples is None:
            return None
        nearest = min(
            (self.samples, self.stored), key=lambda length: abs(length - (self.declared or 0))
        )
        apart, tolerance = abs(nearest - self.declared), max(_APART, self.declared * _APART_OF)
        if apart > tolerance:
            return f"declares {self.declared:.3f} s and its samples last {self.samples:.3f} s"
        if abs(self.stored - self.samples) > tolerance:
            return f"shows {self.samples:.3f} s of the {self.stored:.3f} s that it stores"
        return None


def video_tracks(movie: Movie, fragments: Mapping[int, TrackFragments]) -> tuple[VideoTrack, ...]:
    """Measures the video tracks of a movie, with the samples that fragments add. Raises
    `BoxError`.
    """
    nothing = TrackFragments()
    return tuple(
        _video_track(track, movie, fragments.get(track.number or 0, nothing))
        for track in movie.video
    )


def _video_track(track: Track, movie: Movie, fragments: TrackFragments) -> VideoTrack:
    stretches = _stretches(track, fragments)
    edits = _edits(track, fragments)
    times = _times(track, movie, stretches, edits)
    has_length = track.timescale and not track.length_unknown
    return VideoTrack(
        number=track.number,
        declared=seconds_of(Fraction(track.length, track.timescale)) or None
        if has_length
        else None,
        samples=times.samples or None,
        stored=times.stored or None,
        frames=sum(stretch.frames for stretch in stretches),
        entry=read_entries(track.stsd),
        first=_first_sample(track) or fragments.first,
        longest=times.longest,
        later=tuple(_later_samples(track, fragments)),
        external=track.external,
        clock_jump=_jump(stretches, track.timescale) if track.timescale else None,
        contradiction=times.contradiction or _empty(track),
        pictures=_pictures(track, movie, fragments, edits, times) if len(stretches) < 2 else None,
        has_senc=track.has_senc or fragments.has_senc,
    )


class _Times(NamedTuple):
    """How long the samples of a track last, in seconds, or why its tables do not measure it."""

    samples: Decimal | None = None
    stored: Decimal | None = None
    longest: Decimal | None = None
    contradiction: str | None = None


def _edits(track: Track, fragments: TrackFragments) -> list[Edit]:
    """The edits of a track. One without a length lasts to the end of what fragments bring; without
    fragments it shows nothing.
    """
    edits = edits_of(track.elst)
    if fragments.stretches:
        return edits
    return [edit if edit.duration else edit._replace(media_time=EMPTY) for edit in edits]


def _times(
    track: Track, movie: Movie, stretches: Sequence[Stretch], edits: Sequence[Edit]
) -> _Times:
    scale = track.timescale
    if not stretches:
        return _Times()
    if not scale:
        why = "its video track has no timescale, so that nothing says how long it lasts"
        return _Times(contradiction=why)
    stored = stored_seconds(stretches, scale)
    decoded = Fraction(
        sum(stretch.decode_end - stretch.decode_start for stretch in stretches), scale
    )
    longest = Fraction(max(stretch.longest for stretch in stretches), scale)
    shown = stored
    if len(stretches) == 1:  # an edit list counts on one clock only
        shown = shown_seconds(stretches[0], edits, scale, movie.timescale)
        distinct = distinct_seconds(stretches[0], edits, scale, movie.timescale)
        if distinct * stretches[0].frames < 2 * stored:
            longest = shown  # only one picture is seen
    frames = sum(stretch.frames for stretch in stretches)
    times = _Times(seconds_of(shown), seconds_of(stored), seconds_of(longest))
    return times._replace(
        contradiction=_no_length(frames, times.samples, times.stored)
        or _squeezed(decoded, stored)
        or _backwards(edits)
    )


def _pictures(
    track: Track, movie: Movie, fragments: TrackFragments, edits: Sequence[Edit], times: _Times
) -> int | None:
    """How many pictures a track shows. Which samples of fragments an edit hides is not looked
    up.
    """
    if track.empty_samples:
        return None
    if not fragments.stretches:
        return pictures_shown(track, edits, movie.timescale)
    samples = sum(stretch.frames for stretch in fragments.stretches)
    if times.samples != times.stored or (fragments.first and fragments.first.is_led):
        return None
    in_tables = pictures_shown(track, [], movie.timescale)
    return None if in_tables is None else in_tables + samples


def _stretches(track: Track, fragments: TrackFragments) -> list[Stretch]:
    """The samples of the moov and then those of the fragments, as stretches of one clock each."""
    stretches: list[Stretch] = []
    tables = table_stretch(track.stts, track.ctts, track.reachable)
    for stretch in [tables, *fragments.stretches] if tables else fragments.stretches:
        add_stretch(stretches, stretch, track.timescale)
    return stretches


def _first_sample(track: Track) -> FirstSample | None:
    if not track.chunks or not track.reachable or track.external:
        return None
    is_keyframe = track.first_sync is None or track.first_sync == _FIRST_PICTURE
    return FirstSample(track.chunks[0], track.sample_size(0), is_keyframe)


def _later_samples(track: Track, fragments: TrackFragments) -> Iterator[Look]:
    """Samples that are spread over the track, the last one among them."""
    if _first_sample(track):
        for index in _spread(track.reachable):
            percent = 100 * index // track.reachable
            yield Look(track.position(index), track.sample_size(index), percent)
    for index in _spread(len(fragments.spots)):
        yield Look(*fragments.spots[index], 100 * index // len(fragments.spots))


def _spread(count: int) -> list[int]:
    """Some of `count` indices, spread evenly: the last one is among them, the first one is not."""
    if count < 2:
        return []
    return sorted({count - 1, *(count * part // _LOOKS for part in range(1, _LOOKS))} - {0})


def _jump(stretches: Sequence[Stretch], scale: int) -> str | None:
    if len(stretches) < 2:
        return None
    before, after = stretches[0].decode_end / scale, stretches[1].decode_start / scale
    return f"its clock goes from {before:.3f} s to {after:.3f} s between two fragments"


def _no_length(frames: int, samples: Decimal | None, stored: Decimal | None) -> str | None:
    if samples is None or stored is None:
        return "its sample tables add up to more than a day"
    if not stored:
        return f"its {frames:,} frames last no time at all by its sample tables"
    return None if samples else "its edit list shows nothing of what is stored"


def _squeezed(decoded: Fraction, stored: Fraction) -> str | None:
    """That the samples take much longer to decode than they are shown, in words, else `None`.

    Reordering moves a sample by some frames only, and a reader that adds up stts would get the
    longer time.
    """
    if decoded <= stored * _SQUEEZED + 1:
        return None
    lasts, shown = float(decoded), float(stored)
    return f"its samples are decoded over {lasts:.3f} s and shown within {shown:.3f} s"


def _empty(track: Track) -> str | None:
    """That many samples have no bytes, in words, else `None`: demuxers pass over them."""
    empty, samples = track.empty_samples, track.reachable
    few = empty * _EMPTY_PART <= samples
    return None if few else f"{empty:,} of its {samples:,} samples are empty"


def _backwards(edits: Sequence[Edit]) -> str | None:
    backwards = any(edit.rate < 0 for edit in edits)
    return "its edit list plays it backwards" if backwards else None


def seconds_of(length: Fraction) -> Decimal | None:
    """A length in seconds, to the microsecond; `None` for more than a day, which no clip lasts."""
    if not 0 <= length <= _DAY:
        return None
    seconds = Decimal(length.numerator) / length.denominator
    return seconds.quantize(_MICROSECOND, ROUND_HALF_UP)  # as ffprobe rounds
