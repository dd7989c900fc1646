"""The fragments (moof boxes) of an MP4: which samples they add to which track, and when.

As ISO/IEC 14496-12 orders them, defaults come from the track's trex box, then from the fragment's
tfhd, then from each sample's own entry in the trun.
"""

from __future__ import annotations

import sys
from array import array
from itertools import accumulate
from operator import add
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.media.containers.mp4_header import BoxError, box_header, u32, u64
from motion_preflight.media.containers.mp4_samples import Stretch, add_stretch
from motion_preflight.text.lazy_dataclass import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterator

_BOXES = 200_000  # in all fragments: no more than that in an hour with one for every frame
_ENTRIES = 2_000_000  # of truns in all fragments: an hour at 60 frames a second has 216,000
_SPOTS = 32  # places of samples that are kept for a track
_NOT_SYNC = 0x10000  # in a sample's flags: it is no keyframe
_SIGN = 1 << 31
# Flags of a tfhd or trun say which fields follow. The base offset has 8 bytes, the others 4.
_BASE_OFFSET, _DESCRIPTION, _STEP, _SIZE, _FLAGS = 0x1, 0x2, 0x8, 0x10, 0x20
_DATA_OFFSET, _FIRST_FLAGS = 0x1, 0x4
_OWN_STEP, _OWN_SIZE, _OWN_FLAGS, _OWN_OFFSET = 0x100, 0x200, 0x400, 0x800


class Defaults(NamedTuple):
    """The values of a sample that has no values of its own."""

    step: int = 0
    size: int = 0
    flags: int = 0


_NONE = Defaults()


class FirstSample(NamedTuple):
    """The first sample of a track: where it lies, its bytes, whether it is a keyframe, and whether
    a later one is shown before it.
    """

    offset: int
    size: int
    is_keyframe: bool
    is_led: bool = False


class Budget:
    """How many boxes and samples may still be read from the fragments of one file."""

    def __init__(self) -> None:
        self._boxes, self._entries = _BOXES, _ENTRIES

    def take_box(self) -> None:
        """Counts one box more. Raises `BoxError` when there are too many."""
        self._boxes -= 1
        if self._boxes < 0:
            raise BoxError(f"its fragments have more than {_BOXES:,} boxes")

    def take_entries(self, count: int) -> None:
        """Counts samples with entries of their own. Raises `BoxError` when there are too many."""
        self._entries -= count
        if self._entries < 0:
            raise BoxError(f"its fragments list more than {_ENTRIES:,} samples")


@dataclass(slots=True, eq=False, repr=False)
class TrackFragments:
    """The samples that the fragments read so far add to one track."""

    defaults: Defaults = _NONE
    timescale: int = 0
    clock: int = 0  # the decode time of the next sample where no tfdt sets it
    stretches: list[Stretch] = field(default_factory=list)
    first: FirstSample | None = None
    end: int = 0  # the offset at which the sample that lies last in the file ends
    has_senc: bool = False  # a senc box holds what decrypts its samples
    _spots: list[tuple[int, int]] = field(default_factory=list)
    _last_spot: tuple[int, int] | None = None
    _seen: int = 0  # the number of all spots; one in `_step` of them is kept
    _step: int = 1

    @property
    def spots(self) -> list[tuple[int, int]]:
        """Offset and size of some samples that are spread over the track, the last one
        among them.
        """
        kept_last = (self._seen - 1) % self._step == 0
        return self._spots if kept_last or not self._last_spot else [*self._spots, self._last_spot]

    def add_spot(self, spot: tuple[int, int]) -> None:
        """Notes where a sample lies; when there are too many, every second one is dropped."""
        self.end = max(self.end, sum(spot))
        if self._seen % self._step == 0:
            self._spots.append(spot)
        if len(self._spots) > _SPOTS:
            self._spots, self._step = self._spots[::2], 2 * self._step
        self._seen, self._last_spot = self._seen + 1, spot


def track_defaults(trex: bytes) -> tuple[int | None, Defaults]:
    """The number of the track that a trex box is about (`None` if cut short), and its defaults."""
    values = [u32(trex, at) or 0 for at in (12, 16, 20)]
    return u32(trex, 4), Defaults(*values)


def read_fragment(
    body: bytes, offset: int, tracks: dict[int, TrackFragments], budget: Budget
) -> None:
    """Adds the samples of a moof box, which begins at `offset` of the file, to its tracks. Raises
    `BoxError` when the budget of the file is used up.
    """
    data_end = offset  # end of the traf before, from which an old kind of offset counts
    for kind, start, end in _children(body, (0, len(body)), budget):
        if kind == b"traf":
            data_end = _read_track_fragment(
                body, (start, end), offset, data_end, tracks, budget=budget
            )


def _read_track_fragment(
    body: bytes,
    span: tuple[int, int],
    offset: int,
    data_end: int,
    tracks: dict[int, TrackFragments],
    *,
    budget: Budget,
) -> int:
    track, defaults, base = TrackFragments(), Defaults(), data_end
    run_end: int | None = None  # end of the run before, within this traf
    for kind, start, end in _children(body, span, budget):
        data = body[start:end]
        if kind == b"tfhd":
            track = tracks.setdefault(u32(data, 4) or 0, TrackFragments())
            defaults, base = _header(data, track.defaults, offset, data_end)
        elif kind == b"tfdt":
            clock = u64(data, 4) if data[:1] == b"\x01" else u32(data, 4)
            track.clock = clock if clock is not None else track.clock
        elif kind == b"senc":
            track.has_senc = True
        elif kind == b"trun":
            run_end = _Run(data, defaults, budget).add_to(track, base, run_end)
    return data_end if run_end is None else run_end


def _header(data: bytes, defaults: Defaults, offset: int, data_end: int) -> tuple[Defaults, int]:
    """The defaults after a tfhd, and the offset from which its truns count."""
    flags, at = u32(data, 0) or 0, 8
    base = offset if flags & 0x20000 or data_end == offset else data_end
    if flags & _BASE_OFFSET:
        base, at = u64(data, at) or 0, at + 8
    at += 4 if flags & _DESCRIPTION else 0
    values = list(defaults)
    for index, flag in enumerate((_STEP, _SIZE, _FLAGS)):
        if flags & flag:
            values[index], at = u32(data, at) or 0, at + 4
    return Defaults(*values), base


class _Run:
    """The samples of one trun box."""

    def __init__(self, data: bytes, defaults: Defaults, budget: Budget) -> None:
        flags, self._defaults = (u32(data, 0) or 0) & 0xFFFFFF, defaults
        self._count, at = u32(data, 4) or 0, 8
        self._data_offset: int | None = None
        self._first_flags: int | None = None
        if flags & _DATA_OFFSET:
            shift, at = u32(data, at) or 0, at + 4
            self._data_offset = _signed(shift)
        if flags & _FIRST_FLAGS:
            self._first_flags, at = u32(data, at), at + 4
        own = [flag for flag in (_OWN_STEP, _OWN_SIZE, _OWN_FLAGS, _OWN_OFFSET) if flags & flag]
        self._columns: dict[int, array[int]] = {}
        if own:
            self._count = min(self._count, max(len(data) - at, 0) // (4 * len(own)))
            budget.take_entries(self._count)
            table = array("I", data[at : at + 4 * len(own) * self._count])
            if sys.byteorder == "little":
                table.byteswap()
            self._columns = {flag: table[index :: len(own)] for index, flag in enumerate(own)}

    def add_to(self, track: TrackFragments, base: int, run_end: int | None) -> int:
        """Adds the samples to their track and returns where their bytes end. Without an offset of
        their own they lie behind the run before, or at the base.
        """
        begins = base if run_end is None else run_end
        if self._data_offset is not None:
            begins = base + self._data_offset
        if not self._count:
            return begins
        stretch = self._stretch(track.clock)
        if track.first is None:
            track.first = self._first_sample(begins, stretch)
        add_stretch(track.stretches, stretch, track.timescale)
        track.clock = stretch.decode_end
        sizes = self._columns.get(_OWN_SIZE)
        for spot in self._ends(begins, sizes):
            track.add_spot(spot)
        return begins + (self._defaults.size * self._count if sizes is None else sum(sizes))

    def _first_sample(self, begins: int, stretch: Stretch) -> FirstSample:
        flags = self._first_flags
        if flags is None:
            flags = self._columns.get(_OWN_FLAGS, [self._defaults.flags])[0]
        size = self._columns.get(_OWN_SIZE, [self._defaults.size])[0]
        offset = _signed(self._columns.get(_OWN_OFFSET, [0])[0])
        is_led = stretch.first < stretch.decode_start + offset
        return FirstSample(begins, size, not flags & _NOT_SYNC, is_led)

    def _ends(self, begins: int, sizes: array[int] | None) -> list[tuple[int, int]]:
        """Offset and size of the first and of the last sample."""
        if sizes is None:
            size = self._defaults.size
            return [(begins, size), (begins + size * (self._count - 1), size)]
        return [(begins, sizes[0]), (begins + sum(sizes[:-1]), sizes[-1])]

    def _stretch(self, clock: int) -> Stretch:
        steps, offsets = self._columns.get(_OWN_STEP), self._columns.get(_OWN_OFFSET)
        if offsets is None:
            lasts = self._defaults.step * self._count if steps is None else sum(steps)
            longest = self._defaults.step if steps is None else max(steps)
            return Stretch(clock, clock + lasts, self._count, clock, clock + lasts, longest)
        if steps is None:
            steps = array("I", [self._defaults.step]) * self._count
        decodes = list(accumulate(steps, initial=clock))
        shifts = list(map(_signed, offsets))
        starts = list(map(add, decodes, shifts))
        ends = map(add, starts, steps)
        return Stretch(min(starts), max(ends), self._count, clock, decodes[-1], max(steps))


def _signed(number: int) -> int:
    return number if number < _SIGN else number - 2 * _SIGN


def _children(
    data: bytes, span: tuple[int, int], budget: Budget
) -> Iterator[tuple[bytes, int, int]]:
    """The boxes between two offsets: kind, and start and end of the content."""
    start, end = span
    while header := box_header(data, start, end - start):
        budget.take_box()
        kind, size, head = header
        yield kind, start + head, min(start + size, end)
        start += size
