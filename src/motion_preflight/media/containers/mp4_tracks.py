"""The video tracks of an MP4/MOV as their own tables measure them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.media.containers.mp4_entries import SampleEntry, read_entries
from motion_preflight.media.containers.mp4_fragments import FirstSample, TrackFragments
from motion_preflight.media.containers.mp4_samples import (
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
_APART = Decimal("0.3")  # seconds, and a part of the declared ones, that a second track may be off
_APART_OF = Decimal("0.03")
_FIRST_PICTURE = 1
_LOOKS = 16  # samples of a track that are looked at
_SQUEEZED = Fraction(11, 10)  # of what is shown, and a second, that decode times may last


class Look(NamedTuple):
    """A sample that is worth a look, and how far into the track it lies."""

    offset: int
    size: int
    percent: int


class VideoTrack(NamedTuple):
    """What the tables of one video track say."""

    number: int | None  # the track's own; ffprobe calls it the stream's id
    declared: Decimal | None  # seconds by its mdhd; None where that says none
    samples: Decimal | None  # seconds shown, every edit applied; None where it cannot be measured
    stored: Decimal | None  # seconds of all samples, edits ignored; the same
    frames: int
    entry: SampleEntry
    first: FirstSample | None
    longest: Decimal | None = None  # seconds that one sample lasts at most
    later: tuple[Look, ...] = ()  # samples spread over the track
    external: bool = False  # its samples are said to lie in another file
    clock_jump: str | None = None  # where its clock starts again or jumps ahead, in words
    contradiction: str | None = None  # why its tables do not measure it, in words

    @property
    def hides(self) -> bool:
        """Whether more than a frame of what is stored is not shown, or the other way round."""
        if self.samples is None or self.stored is None or not self.frames:
            return False
        return abs(self.stored - self.samples) > max(self.stored / self.frames, _MICROSECOND)

    @property
    def lies(self) -> str | None:
        """That it lasts another time than it declares or stores, in words; `None` when it does
        not.
        """
        if self.declared is None or self.stored is None or self.samples is None:
            return None
        nearest = min(
            (self.samples, self.stored), key=lambda each: abs(each - (self.declared or 0))
        )
        apart, tolerance = abs(nearest - self.declared), max(_APART, self.declared * _APART_OF)
        if apart > tolerance:
            return f"declares {self.declared:.3f} s and its samples last {self.samples:.3f} s"
        if abs(self.stored - self.samples) > tolerance:
            return f"shows {self.samples:.3f} s of the {self.stored:.3f} s that it stores"
        return None


def video_tracks(movie: Movie, fragments: Mapping[int, TrackFragments]) -> tuple[VideoTrack, ...]:
    """The video tracks of a movie with what fragments bring to them. Raises `BoxError`."""
    nothing = TrackFragments()
    return tuple(
        _video_track(track, movie, fragments.get(track.number or 0, nothing))
        for track in movie.video
    )


def _video_track(track: Track, movie: Movie, fragments: TrackFragments) -> VideoTrack:
    stretches = _stretches(track, fragments)
    times = _times(track, movie, stretches)
    known = track.timescale and not track.length_unknown
    return VideoTrack(
        number=track.number,
        declared=seconds_of(Fraction(track.length, track.timescale)) or None if known else None,
        samples=times.samples or None,
        stored=times.stored or None,
        frames=sum(stretch.frames for stretch in stretches),
        entry=read_entries(track.stsd),
        first=_first_sample(track) or fragments.first,
        longest=times.longest,
        later=tuple(_later_samples(track, fragments)),
        external=track.external,
        clock_jump=_jump(stretches, track.timescale) if track.timescale else None,
        contradiction=times.contradiction,
    )


class _Times(NamedTuple):
    """How long the samples of a track last, in seconds, or why that is not to be relied on."""

    samples: Decimal | None = None
    stored: Decimal | None = None
    longest: Decimal | None = None
    contradiction: str | None = None


def _times(track: Track, movie: Movie, stretches: Sequence[Stretch]) -> _Times:
    scale = track.timescale
    if not stretches:
        return _Times()
    if not scale:
        why = "its video track has no timescale, so that nothing says how long it lasts"
        return _Times(contradiction=why)
    stored = stored_seconds(stretches, scale)
    decoded = Fraction(sum(each.decode_end - each.decode_start for each in stretches), scale)
    longest = Fraction(max(each.longest for each in stretches), scale)
    shown, edits = stored, edits_of(track.elst)
    if len(stretches) == 1:  # an edit list knows one clock
        shown = shown_seconds(stretches[0], edits, scale, movie.timescale)
        distinct = distinct_seconds(stretches[0], edits, scale, movie.timescale)
        if distinct * stretches[0].frames < 2 * stored:
            longest = shown  # no more than one picture is seen
    frames = sum(each.frames for each in stretches)
    times = _Times(seconds_of(shown), seconds_of(stored), seconds_of(longest))
    return times._replace(
        contradiction=_no_length(frames, times.samples, times.stored)
        or _squeezed(decoded, stored)
        or _backwards(edits)
    )


def _stretches(track: Track, fragments: TrackFragments) -> list[Stretch]:
    """The samples of the moov, then those of the fragments, by their clocks."""
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
    """Samples spread over the track, the last one among them."""
    if _first_sample(track):
        for index in _spread(track.reachable):
            percent = 100 * index // track.reachable
            yield Look(track.position(index), track.sample_size(index), percent)
    for index in _spread(len(fragments.spots)):
        yield Look(*fragments.spots[index], 100 * index // len(fragments.spots))


def _spread(count: int) -> list[int]:
    """Some of so many indices, the last one among them and the first one not."""
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
    """That the decode times go on for much longer than what is shown: reordering moves a sample by
    some frames, and a reader that adds up stts gets the longer one.
    """
    if decoded <= stored * _SQUEEZED + 1:
        return None
    lasts, shown = float(decoded), float(stored)
    return f"its samples are decoded over {lasts:.3f} s and shown within {shown:.3f} s"


def _backwards(edits: Sequence[Edit]) -> str | None:
    backwards = any(edit.rate < 0 for edit in edits)
    return "its edit list plays it backwards" if backwards else None


def seconds_of(length: Fraction) -> Decimal | None:
    """Seconds to the microsecond; `None` for more than a day, which no clip lasts."""
    if not 0 <= length <= _DAY:
        return None
    seconds = Decimal(length.numerator) / length.denominator
    return seconds.quantize(_MICROSECOND, ROUND_HALF_UP)  # as ffprobe rounds
