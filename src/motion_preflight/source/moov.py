"""The moov box of an MP4/MOV: its duration, its tracks, and which bytes of the file they need."""

from __future__ import annotations

import struct
import sys
import zlib
from array import array
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_NESTED = {b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"mvex"}
MOOV_LIMIT = 32 << 20  # largest moov seen in the field: 2.8 MB; 35 KiB a minute is usual
_ALL_ONES = {0xFFFFFFFF, 0xFFFFFFFFFFFFFFFF}
_DAY = 86_400  # seconds
_DEPTH = 8
_HEADER = struct.Struct(">I4s")
_IN_A_NAME = bytes([*range(0x20, 0x7F), 0xA9])
_BOXES = 200_000  # in one moov; bounds the time that nesting can cost


class BoxError(ValueError):
    """The boxes cannot be followed; the message says where it broke."""


def u32(data: bytes, at: int) -> int | None:
    """The 32-bit number at an offset; `None` beyond the end."""
    return int.from_bytes(data[at : at + 4], "big") if 0 <= at <= len(data) - 4 else None


def u64(data: bytes, at: int) -> int | None:
    """The 64-bit number at an offset; `None` beyond the end."""
    return int.from_bytes(data[at : at + 8], "big") if 0 <= at <= len(data) - 8 else None


def box_header(data: bytes, at: int, room: int) -> tuple[bytes, int, int] | None:
    """Kind, size and length of the header of the box at an offset; `None` if it is none. `room` is
    what is left of its parent: size 0 means all of it.
    """
    if room < 8 or len(data) - at < 8:
        return None
    size, kind = _HEADER.unpack_from(data, at)
    if not kind.isalnum() and kind.translate(None, _IN_A_NAME):  # nearly all are letters
        return None
    if size >= 8:
        return kind, size, 8
    if size == 0:
        return kind, room, 8
    wide = u64(data, at + 8) if size == 1 and room >= 16 else None
    return (kind, wide, 16) if wide is not None and wide >= 16 else None


@dataclass(slots=True)
class Track:
    """What the probe needs of one track's tables."""

    handler: bytes = b""
    timescale: int = 0
    length_unknown: bool = False  # the mdhd duration is all ones, which says so
    wide: bool = False  # the mdhd has 64-bit times
    length: int = 0  # the mdhd's duration, in the timescale
    number: int | None = None  # the track's own, from its tkhd
    stts: bytes = b""
    ctts: bytes = b""
    elst: bytes = b""
    stsd: bytes = b""
    first_sync: int | None = None  # the first keyframe, from 1; None: no table, all are; 0: none
    samples: int = 0
    fixed_size: int = 0  # of every sample, or 0: they are in `sizes`
    sizes: array[int] = field(default_factory=lambda: array("I"))
    chunks: array[int] = field(default_factory=lambda: array("Q"))  # file offsets
    first_chunks: array[int] = field(default_factory=lambda: array("I"))  # of each run, from 1
    samples_each: array[int] = field(default_factory=lambda: array("I"))  # of a run's chunks
    external: bool = False  # its samples lie in another file, which nobody here opens

    def sample_size(self, index: int) -> int:
        if self.fixed_size:
            return self.fixed_size
        return self.sizes[index] if index < len(self.sizes) else 0

    def end(self) -> int:
        """Where the chunk that lies last in the file ends."""
        last = max(self.chunks, default=0)
        if not last:
            return 0
        first, count = self.samples_of(self.chunks.index(last))
        if self.fixed_size:
            return last + min(count, max(self.samples - first, 0)) * self.fixed_size
        return last + sum(self.sizes[first : first + count])

    @property
    def reachable(self) -> int:
        """The samples that the chunks hold, as far as the tables agree."""
        if not self.first_chunks:
            return 0
        starts = [max(start - 1, 0) for start in self.first_chunks]
        ends = [*starts[1:], len(self.chunks)]
        chunks = (
            max(min(end, len(self.chunks)) - at, 0) for at, end in zip(starts, ends, strict=True)
        )
        placed = sum(count * each for count, each in zip(chunks, self.samples_each, strict=False))
        return min(self.samples, placed)

    def samples_of(self, chunk: int) -> tuple[int, int]:
        """The first sample of a chunk and how many it holds."""
        first, before, count = 0, 0, 0
        for index, start in enumerate(self.first_chunks):
            begins = max(start - 1, 0)
            if index and begins > chunk:
                break
            first += max(begins - before, 0) * count
            before, count = begins, self.samples_each[index]
        return first + max(chunk - before, 0) * count, count


@dataclass(slots=True)
class Movie:
    """The moov box."""

    duration: Decimal | None = None  # seconds, of the mvhd; None for 0 and for all ones
    timescale: int = 0  # of the mvhd and of edit durations; 0: it says none
    fragmented: bool = False  # it has an mvex box: fragments may follow
    defaults: list[bytes] = field(default_factory=list)  # the trex boxes
    tracks: list[Track] = field(default_factory=list)

    @property
    def unknown_lengths(self) -> frozenset[str]:
        """The handlers (vide, soun, …) of the tracks that say that their duration is not known.
        Of fragmented files with 64-bit times ffprobe finds it all the same.
        """
        return frozenset(
            track.handler.decode("latin-1")
            for track in self.tracks
            if track.length_unknown and not (self.fragmented and track.wide)
        )

    @property
    def contradiction(self) -> str | None:
        """That the mvhd says more than a day, in words."""
        if self.duration is not None and self.duration > _DAY:
            return f"its header says {self.duration:,.0f} seconds"
        return None

    @property
    def empty(self) -> bool:
        """Whether its first video track has no samples but those that fragments may bring."""
        return any(not track.samples for track in self.video[:1])

    def first_samples(self) -> list[tuple[int, int]]:
        """Offset and size of the first sample of each video track."""
        return [
            (track.chunks[0], track.sample_size(0))
            for track in self.video
            if track.chunks and track.samples and not track.external
        ]

    def beyond(self, size: int) -> str | None:
        """What the sample tables promise and a file of that many bytes cannot hold, in words."""
        for track in self.tracks:
            if track.external:
                continue
            missing = track.end() - size
            if missing > 0:
                return f"the sample tables point {missing:,} bytes beyond the end"
            if track.samples and not track.chunks and not self.fragmented:
                return "the sample tables list samples and no place where they are"
        return None

    @property
    def video(self) -> list[Track]:
        """The video tracks, in file order."""
        return [track for track in self.tracks if track.handler == b"vide"]


def read_movie(body: bytes) -> Movie:
    """The content of a moov box; what is cut short or makes no sense in it is left out."""
    movie = Movie()
    for kind, start, end in _descend(body):
        if movie.tracks and kind in _TABLES:
            _TABLES[kind](movie.tracks[-1], body[start:end])
        elif kind == b"trak":
            movie.tracks.append(Track())
        elif kind == b"mvhd":
            timescale, duration = _timing(body[start:end])
            unknown = duration == 0 or duration in _ALL_ONES
            movie.timescale = timescale
            movie.duration = Decimal(duration) / timescale if timescale and not unknown else None
        elif kind == b"trex":
            movie.defaults.append(body[start:end])
        elif kind == b"mvex":
            movie.fragmented = True
    return movie


def inflated(body: bytes) -> bytes | None:
    """The moov box that a compressed one (cmov) holds, with its header; `None` when the content of
    a moov is not compressed. Raises `BoxError` when it cannot be unpacked.
    """
    header = box_header(body, 0, len(body))
    if header is None or header[0] != b"cmov":
        return None
    parts = {kind: body[start:end] for kind, start, end in _descend(body, {b"cmov"})}
    if parts.get(b"dcom", b"")[:4] != b"zlib":
        raise BoxError("its moov is compressed in a way that is not read here")
    try:
        content = zlib.decompressobj().decompress(parts.get(b"cmvd", b"")[4:], MOOV_LIMIT)
    except zlib.error:
        raise BoxError("its compressed moov is broken") from None
    if content[4:8] != b"moov" or u32(content, 0) != len(content):
        raise BoxError("its compressed moov is cut short")
    return content


def _descend(data: bytes, nested: Collection[bytes] = _NESTED) -> Iterator[tuple[bytes, int, int]]:
    """The boxes inside a moov, a parent before its children: kind, and where the content lies."""
    stack = [(0, len(data), 0)]
    for _ in range(_BOXES):
        if not stack:
            return
        at, end, depth = stack.pop()
        header = box_header(data, at, end - at)
        if header is None:
            continue
        kind, size, head = header
        after = at + size
        if after < end:
            stack.append((after, end, depth))
        else:
            after = end
        yield kind, at + head, after
        if kind in nested and depth < _DEPTH:
            stack.append((at + head, after, depth + 1))


def _timing(data: bytes) -> tuple[int, int]:
    """Timescale and duration of an mvhd or mdhd; zeros where it is cut short."""
    if data[:1] == b"\x01":
        return u32(data, 20) or 0, u64(data, 24) or 0
    return u32(data, 12) or 0, u32(data, 16) or 0


def _mdhd(track: Track, data: bytes) -> None:
    track.timescale, duration = _timing(data)
    track.length = duration
    track.length_unknown = duration in _ALL_ONES
    track.wide = data[:1] == b"\x01"


def _tkhd(track: Track, data: bytes) -> None:
    track.number = u32(data, 20 if data[:1] == b"\x01" else 12)


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
    track.first_chunks, track.samples_each = numbers[::3], numbers[1::3]


def _dref(track: Track, data: bytes) -> None:
    flags = u32(data, 16)  # version, flags of the first entry; bit 0: the media are in this file
    track.external = flags is not None and not flags & 1


def _numbers(code: str, data: bytes, at: int, count: int) -> array[int]:
    """A table of big-endian numbers, as many as there are up to `count`."""
    numbers = array(code)
    count = min(count, max(len(data) - at, 0) // numbers.itemsize)
    numbers.frombytes(data[at : at + count * numbers.itemsize])
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


_TABLES = {
    b"mdhd": _mdhd, b"hdlr": _hdlr, b"elst": _elst, b"stsz": _stsz, b"stz2": _stz2,
    b"stts": _stts, b"stco": _stco, b"co64": _co64, b"stsc": _stsc, b"dref": _dref,
    b"tkhd": _tkhd, b"ctts": _ctts, b"stsd": _stsd, b"stss": _stss,
}  # fmt: skip
