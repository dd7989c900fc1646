"""The tables of one MP4/MOV track, as far as a probe needs them: where its samples lie, and when
they are shown.
"""

from __future__ import annotations

import sys
from array import array
from bisect import bisect_right
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.media.containers.mp4_header import u32, u64
from motion_preflight.text.lazy_dataclass import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterator

ALL_ONES = {0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF}  # as a duration: not known


class _ChunkRuns(NamedTuple):
    """Runs of chunks that have the same number of samples."""

    chunks: array[int]  # the first chunk of each run
    first: array[int]  # the first sample of each run
    per_chunk: array[int]  # samples in each chunk of a run
    samples: int  # in all runs together
    end: int  # the chunk behind the last one


@dataclass(slots=True, eq=False, repr=False)
class Track:
    """The tables of one track that a probe needs."""

    handler: bytes = b""
    timescale: int = 0
    length_unknown: bool = False  # the mdhd duration is all ones, which means unknown
    wide: bool = False  # the mdhd has 64-bit times
    length: int = 0  # the mdhd's duration, in the timescale
    number: int | None = None  # the track's own number, from its tkhd
    tkhd: bytes = b""
    stts: bytes = b""
    ctts: bytes = b""
    elst: bytes = b""
    stsd: bytes = b""
    first_sync: int | None = None  # the first keyframe, from 1; None: no table, all are; 0: none
    samples: int = 0
    fixed_size: int = 0  # bytes of every sample, or 0: each has its own in `sizes`
    sizes: array[int] = field(default_factory=lambda: array("I"))
    chunks: array[int] = field(default_factory=lambda: array("Q"))  # file offsets
    first_chunks: array[int] = field(default_factory=lambda: array("I"))  # of each run, from 1
    samples_per_chunk: array[int] = field(default_factory=lambda: array("I"))  # of a run's chunks
    external: bool = False  # its samples lie in another file, which is never opened here
    has_senc: bool = False  # a senc box holds what decrypts its samples
    _runs: _ChunkRuns | None = None  # computed when first needed, after all tables were read

    def sample_size(self, index: int) -> int:
        """The bytes of the sample with this index; 0 where the tables do not say."""
        if self.fixed_size:
            return self.fixed_size
        return self.sizes[index] if index < len(self.sizes) else 0

    @property
    def empty_samples(self) -> int:
        """The number of samples without a byte."""
        return 0 if self.fixed_size else self.sizes[: self.reachable].count(0)

    def end(self) -> int:
        """The offset at which the chunk that lies last in the file ends; 0 without chunks."""
        last = max(self.chunks, default=0)
        if not last:
            return 0
        first, count = self.samples_of(self.chunks.index(last))
        if self.fixed_size:
            return last + min(count, max(self.samples - first, 0)) * self.fixed_size
        return last + sum(self.sizes[first : first + count])

    @property
    def reachable(self) -> int:
        """The number of samples that the chunks hold, as far as the tables agree."""
        return min(self.samples, self._chunk_runs().samples)

    def position(self, index: int) -> int:
        """The offset in the file of the sample with this index; 0 for one that is not
        `reachable`.
        """
        runs = self._chunk_runs()
        if not 0 <= index < runs.samples:
            return 0
        run = bisect_right(runs.first, index) - 1
        before, within = divmod(index - runs.first[run], runs.per_chunk[run])
        skipped = within * self.fixed_size or sum(self.sizes[index - within : index])
        return self.chunks[runs.chunks[run] + before] + skipped

    def samples_of(self, chunk: int) -> tuple[int, int]:
        """The index of the first sample of a chunk, and how many samples it holds."""
        runs = self._chunk_runs()
        if chunk >= runs.end:
            return runs.samples, 0
        run = bisect_right(runs.chunks, chunk) - 1
        return runs.first[run] + (chunk - runs.chunks[run]) * runs.per_chunk[run], runs.per_chunk[
            run
        ]

    def _chunk_runs(self) -> _ChunkRuns:
        """The runs of its chunks. A file may have millions of chunks, so they are walked
        only once.
        """
        if self._runs is None:
            chunks, first, per_chunk = array("Q"), array("Q"), array("Q")
            samples = behind = 0
            for start, end, count in self._walk_runs():
                chunks.append(start)
                first.append(samples)
                per_chunk.append(count)
                samples, behind = samples + (end - start) * count, end
            self._runs = _ChunkRuns(chunks, first, per_chunk, samples, behind)
        return self._runs

    def _walk_runs(self) -> Iterator[tuple[int, int, int]]:
        """The first chunk of each run, the one behind its last, and the samples in each of its
        chunks.
        """
        at, every = 0, len(self.chunks)
        for start, after, count in zip_longest(
            self.first_chunks, self.first_chunks[1:], self.samples_per_chunk, fillvalue=every + 1
        ):
            end = min(max(after - 1, at), every)
            at = max(start - 1, at) if at else 0  # the first run always begins with chunk 0
            if at < end:
                yield at, end, count
                at = end


def timing(data: bytes) -> tuple[int, int]:
    """Timescale and duration (in its ticks) of an mvhd or mdhd; zeros where it is cut short."""
    if data[:1] == b"\x01":
        return u32(data, 20) or 0, u64(data, 24) or 0
    return u32(data, 12) or 0, u32(data, 16) or 0


def _mdhd(track: Track, data: bytes) -> None:
    track.timescale, duration = timing(data)
    track.length = duration
    track.length_unknown = duration in ALL_ONES
    track.wide = data[:1] == b"\x01"


def _tkhd(track: Track, data: bytes) -> None:
    track.number, track.tkhd = u32(data, 20 if data[:1] == b"\x01" else 12), data


def _stts(track: Track, data: bytes) -> None:
    track.stts = data


def _ctts(track: Track, data: bytes) -> None:
    track.ctts = data


def _stsd(track: Track, data: bytes) -> None:
    track.stsd = data


def _stss(track: Track, data: bytes) -> None:
    track.first_sync = (u32(data, 8) or 0) if u32(data, 4) else 0


def _hdlr(track: Track, data: bytes) -> None:
    if not track.handler:  # QuickTime has a second one, for the data reference
        track.handler = data[8:12]


def _elst(track: Track, data: bytes) -> None:
    track.elst = data


def _stsz(track: Track, data: bytes) -> None:
    track.fixed_size, track.samples = u32(data, 4) or 0, u32(data, 8) or 0
    if not track.fixed_size:
        track.sizes = _numbers("I", data, 12, track.samples)


def _senc(track: Track, _: bytes) -> None:
    track.has_senc = True


def _stz2(track: Track, data: bytes) -> None:
    track.samples, bits = u32(data, 8) or 0, data[7:8]
    if bits in {b"\x08", b"\x10"}:
        track.sizes = _numbers("B" if bits == b"\x08" else "H", data, 12, track.samples)


def _stco(track: Track, data: bytes) -> None:
    track.chunks = _numbers("I", data, 8, u32(data, 4) or 0)


def _co64(track: Track, data: bytes) -> None:
    track.chunks = _numbers("Q", data, 8, u32(data, 4) or 0)


def _stsc(track: Track, data: bytes) -> None:
    count = min(u32(data, 4) or 0, (len(data) - 8) // 12)
    numbers = _numbers("I", data, 8, 3 * count)
    track.first_chunks, track.samples_per_chunk = numbers[::3], numbers[1::3]


def _dref(track: Track, data: bytes) -> None:
    """Marks a track with an entry that names another file; bit 0 of its flags means this file."""
    at = 8
    for _ in range(min(u32(data, 4) or 0, 64)):
        size, flags = u32(data, at) or 0, u32(data, at + 8)
        track.external = track.external or (flags is not None and not flags & 1)
        at += max(size, 12)


def _numbers(code: str, data: bytes, at: int, count: int) -> array[int]:
    """A table of big-endian numbers: `count` of them, or fewer where the data end."""
    numbers = array(code)
    count = min(count, max(len(data) - at, 0) // numbers.itemsize)
    numbers.frombytes(data[at : at + count * numbers.itemsize])
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


TABLES = {
    b"mdhd": _mdhd, b"hdlr": _hdlr, b"elst": _elst, b"stsz": _stsz, b"stz2": _stz2,
    b"stts": _stts, b"stco": _stco, b"co64": _co64, b"stsc": _stsc, b"dref": _dref,
    b"tkhd": _tkhd, b"ctts": _ctts, b"stsd": _stsd, b"stss": _stss,
    b"senc": _senc,
}  # fmt: skip
_STBL = (b"trak", b"mdia", b"minf", b"stbl")
PATHS = dict.fromkeys(TABLES, _STBL) | {
    b"tkhd": (b"trak",),
    b"mdhd": (b"trak", b"mdia"),
    b"hdlr": (b"trak", b"mdia"),
    b"elst": (b"trak", b"edts"),
    b"dref": (b"trak", b"mdia", b"minf", b"dinf"),
}
SAME = {b"co64": b"stco", b"stz2": b"stsz"}  # two ways to write one table
