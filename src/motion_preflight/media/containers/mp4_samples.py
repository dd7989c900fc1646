"""How long the samples of an MP4/MOV track last by its own tables: as stored, and as shown.

The stts box gives decode times, and ctts moves each sample to its presentation; the edit list then
says which stretch of the media is shown, and when. No declared duration is believed here.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.media.containers.mp4_header import BoxError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

EMPTY = -1  # the media time of an edit that shows nothing
NORMAL = 1 << 16  # the rate 1.0 of an edit, a 16.16 number
_SIGN = 1 << 31
_RUNS = 1_000_000  # of one table: an hour at 60 frames a second has 216,000 at most
_EDITS = 1_000  # in all tracks of a movie: a trimmed track has two, one that was cut often dozens
_RATES = 16  # different ones in a movie: each makes the denominator of every sum longer
_AHEAD = 10  # seconds that the decode clock may jump ahead within one stretch
_OVERLAP = Fraction(1, 4)  # seconds by which the samples of one stretch may overlap in all


class Stretch(NamedTuple):
    """Samples that follow each other on one clock; times in ticks of the track's timescale."""

    first: int  # the earliest presentation
    end: int  # the end of the latest presentation
    frames: int
    decode_start: int
    decode_end: int
    longest: int = 0  # how long one sample lasts at most
    overlap: int = 0  # the sum of the times by which runs begin before the previous one ends

    def joined(self, other: Stretch) -> Stretch:
        """Both stretches as one, `other` behind this one."""
        return Stretch(
            min(self.first, other.first),
            max(self.end, other.end),
            self.frames + other.frames,
            self.decode_start,
            other.decode_end,
            max(self.longest, other.longest),
            self.overlap + other.overlap + max(self.decode_end - other.decode_start, 0),
        )


class Edit(NamedTuple):
    """One entry of an edit list."""

    duration: int  # in ticks of the movie; 0: to the end of the media
    media_time: int  # in ticks of the track; -1: nothing is shown
    rate: int  # 16.16; 0 holds one picture for the whole duration


def edits_of(elst: bytes) -> list[Edit]:
    """The entries of an elst box, in order."""
    form, count = _edit_table(elst)
    return [Edit(*entry) for entry in form.iter_unpack(elst[8 : 8 + count * form.size])]


def check_edits(tables: Iterable[bytes]) -> None:
    """Raises `BoxError` for more edits than any clip has; `tables` are the elst boxes of a movie.

    Edits are added up as exact fractions, so their time grows with the number of edits and of
    rates.
    """
    entries, rates = 0, set()
    for elst in tables:
        entries += _edit_table(elst)[1]
        if entries > _EDITS:
            raise BoxError(f"its edit lists have more than {_EDITS:,} entries")
        rates |= {edit.rate for edit in edits_of(elst)}
    if len(rates) > _RATES:
        raise BoxError(f"its edit lists play it at {len(rates):,} rates")


def _edit_table(elst: bytes) -> tuple[struct.Struct, int]:
    """The binary form of the entries of an elst box, and how many there are."""
    form = struct.Struct(">Qqi" if elst[:1] == b"\x01" else ">Iii")
    return form, min(int.from_bytes(elst[4:8], "big"), max(len(elst) - 8, 0) // form.size)


class Run(NamedTuple):
    """Samples in a row that last equally long and are moved equally far; times in ticks."""

    shown: int  # the presentation of the first one
    decoded: int  # its decode time
    length: int  # samples
    step: int  # how long each of them lasts


def table_stretch(stts: bytes, ctts: bytes, samples: int) -> Stretch | None:
    """The stretch of the samples that stts and ctts boxes describe; `None` without samples.

    Times grow along a run of equal entries, so the first and the last sample of a run hold the
    extremes. Raises `BoxError`.
    """
    first = end = decoded = longest = 0
    for index, run in enumerate(table_runs(stts, ctts, samples)):
        lasts = run.length * run.step
        first = min(first, run.shown) if index else run.shown
        end = max(end, run.shown + lasts) if index else run.shown + lasts
        decoded, longest = run.decoded + lasts, max(longest, run.step)
    return Stretch(first, end, samples, 0, decoded, longest) if samples > 0 else None


def table_runs(stts: bytes, ctts: bytes, samples: int) -> Iterator[Run]:
    """The samples that stts and ctts boxes describe.

    A table that ends early is read as ffmpeg reads it: the last step goes on, and the offset is 0.
    Raises `BoxError`.
    """
    steps, offsets = _runs(stts, "stts"), _runs(ctts, "ctts")
    left, decode, step, offset = samples, 0, 0, 0
    steps_left = offsets_left = 0
    while left > 0:
        if not steps_left:
            steps_left, step = next(steps, (left, step))
            step = step if step < _SIGN else 0  # a negative step is a muxer's mistake
            continue
        if not offsets_left:
            offsets_left, offset = next(offsets, (left, 0))
            offset = offset if offset < _SIGN else offset - 2 * _SIGN
            continue
        count = min(left, steps_left, offsets_left)
        yield Run(decode + offset, decode, count, step)
        decode += count * step
        left, steps_left, offsets_left = left - count, steps_left - count, offsets_left - count


def _runs(table: bytes, name: str) -> Iterator[tuple[int, int]]:
    """Count and value of each run of an stts or ctts box."""
    count = min(int.from_bytes(table[4:8], "big"), max(len(table) - 8, 0) // 8)
    if count > _RUNS:
        raise BoxError(f"its {name} box has {count:,} entries")
    return struct.iter_unpack(">2I", table[8 : 8 + 8 * count])


def add_stretch(stretches: list[Stretch], new: Stretch, timescale: int) -> None:
    """Appends the samples of a fragment to those before them. A clock that starts again or jumps
    far ahead begins another stretch.
    """
    if stretches:
        joined = stretches[-1].joined(new)
        ahead = new.decode_start - stretches[-1].decode_end
        if ahead <= _AHEAD * timescale and joined.overlap <= _OVERLAP * timescale:
            stretches[-1] = joined
            return
    stretches.append(new)


def stored_seconds(stretches: Sequence[Stretch], timescale: int) -> Fraction:
    """The seconds of all samples without regard to edits, summed over all stretches."""
    return Fraction(sum(stretch.end - stretch.first for stretch in stretches), timescale)


def shown_seconds(
    stretch: Stretch, edits: Sequence[Edit], timescale: int, movie_timescale: int
) -> Fraction:
    """The seconds from the first presentation to the end of the last, with every edit applied.

    Empty edits move what follows, repeated ones show it again, one with rate 0 holds a picture, and
    what no edit shows does not count. Without edits all samples are shown as they are stored.
    """
    if not edits or not movie_timescale:
        return stored_seconds([stretch], timescale)
    position = Fraction(0)
    start: Fraction | None = None
    end = Fraction(0)
    for edit in edits:
        length = Fraction(edit.duration, movie_timescale)
        if edit.media_time == EMPTY:
            position += length
            continue
        before, lasts = _visible(stretch, edit, timescale, length)
        if lasts > 0:
            start = position + before if start is None else start
            end = max(end, position + before + lasts)
        position += length or before + lasts
    return end - start if start is not None else Fraction(0)


def distinct_seconds(
    stretch: Stretch, edits: Sequence[Edit], timescale: int, movie_timescale: int
) -> Fraction:
    """The seconds of media that the edits show; what is shown several times counts once, and a held
    picture counts nothing.
    """
    if not edits or not movie_timescale:
        return stored_seconds([stretch], timescale)
    spans = sorted(
        (Fraction(edit.media_time, timescale) + before, lasts * Fraction(abs(edit.rate), NORMAL))
        for edit in edits
        if edit.media_time != EMPTY and edit.rate
        for before, lasts in [
            _visible(stretch, edit, timescale, Fraction(edit.duration, movie_timescale))
        ]
    )
    total, at = Fraction(0), Fraction(stretch.first, timescale)
    for start, lasts in spans:
        total += max(start + lasts - max(start, at), Fraction(0))
        at = max(at, start + lasts)
    return total


def _visible(
    stretch: Stretch, edit: Edit, timescale: int, length: Fraction
) -> tuple[Fraction, Fraction]:
    """The seconds that an edit waits for its first picture, and the seconds in which it shows
    pictures.
    """
    if edit.rate == 0:
        inside = stretch.first <= edit.media_time < stretch.end
        return Fraction(0), length if inside else Fraction(0)
    speed = Fraction(abs(edit.rate), NORMAL)
    opens = Fraction(edit.media_time, timescale)
    first, last = Fraction(stretch.first, timescale), Fraction(stretch.end, timescale)
    closes = min(opens + length * speed, last) if length else last
    from_media = max(opens, first)
    return max(from_media - opens, Fraction(0)) / speed, max(
        closes - from_media, Fraction(0)
    ) / speed
