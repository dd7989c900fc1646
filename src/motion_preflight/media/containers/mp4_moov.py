"""The moov box of an MP4/MOV: its duration, its tracks, and the bytes of the file that
they need.
"""

from __future__ import annotations

import zlib
from decimal import Decimal
from typing import TYPE_CHECKING

from motion_preflight.media.containers.mp4_header import BoxError, box_header, u32
from motion_preflight.media.containers.mp4_samples import check_edits
from motion_preflight.media.containers.mp4_tables import (
    ALL_ONES,
    PATHS,
    SAME,
    TABLES,
    Track,
    timing,
)
from motion_preflight.text.lazy_dataclass import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

# udta is among them because ffmpeg looks into it too, and believes a table that stands there.
_NESTED = {b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"mvex", b"udta"}
MOOV_LIMIT = 32 << 20  # largest moov seen in the field: 2.8 MB; 35 KiB a minute is usual
_DAY = 86_400  # seconds
_DEPTH = 8
_BOXES = 200_000  # in one moov at most, so that nesting cannot cost much time


class PackedMoovError(BoxError):
    """A compressed moov cannot be unpacked here. ffprobe is not asked then: some versions unpack
    none.
    """


@dataclass(slots=True, eq=False, repr=False)
class Movie:
    """What the moov box declares."""

    duration: Decimal | None = None  # seconds, of the mvhd; None for 0 and for all ones
    timescale: int = 0  # of the mvhd and of edit durations; 0: it declares none
    fragmented: bool = False  # it has an mvex box: fragments may follow
    defaults: list[bytes] = field(default_factory=list)  # the trex boxes
    stray: str | None = None  # a table about which readers do not agree, in words
    tracks: list[Track] = field(default_factory=list)

    @property
    def unknown_lengths(self) -> frozenset[str]:
        """The handlers (vide, soun, …) of the tracks that declare their duration as unknown.
        Fragmented files with 64-bit times are excepted: ffprobe finds their duration all the same.
        """
        return frozenset(
            track.handler.decode("latin-1")
            for track in self.tracks
            if track.length_unknown and not (self.fragmented and track.wide)
        )

    @property
    def contradiction(self) -> str | None:
        """Why the moov is not to be believed, in words: its mvhd declares more than a day, or a
        table stands in an odd place. `None` without such a reason.
        """
        if self.duration is not None and self.duration > _DAY:
            return f"its header says {self.duration:,.0f} seconds"
        return self.stray

    @property
    def empty(self) -> bool:
        """Whether the first video track has no samples of its own, only what fragments may add."""
        return any(not track.samples for track in self.video[:1])

    def first_samples(self) -> list[tuple[int, int]]:
        """Offset and size in bytes of the first sample of each video track."""
        return [
            (track.chunks[0], track.sample_size(0))
            for track in self.video
            if track.chunks and track.samples and not track.external
        ]

    def beyond(self, size: int) -> str | None:
        """What the sample tables promise and a file of `size` bytes cannot hold, in words; `None`
        when it can hold everything.
        """
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
        """The video tracks in file order."""
        return [track for track in self.tracks if track.handler == b"vide"]


def read_movie(body: bytes) -> Movie:
    """Reads the content of a moov box; what is cut short or makes no sense in it is left out.
    Raises `BoxError` for more boxes or edits than any clip has.
    """
    movie = Movie()
    seen: set[bytes] = set()  # the tables of the current track
    for kind, path, start, end in _descend(body):
        if kind in TABLES:
            movie.stray = movie.stray or _stray(kind, path, seen)
            seen.add(SAME.get(kind, kind))
            if movie.tracks and path == PATHS[kind]:
                TABLES[kind](movie.tracks[-1], body[start:end])
        elif kind == b"trak" and path:
            movie.stray = movie.stray or f"it has a trak box inside its {path[-1].decode()}"
        elif kind == b"trak":
            movie.tracks.append(Track())
            seen = set()
        elif kind == b"mvhd":
            timescale, duration = timing(body[start:end])
            unknown = duration == 0 or duration in ALL_ONES
            movie.timescale = timescale
            movie.duration = Decimal(duration) / timescale if timescale and not unknown else None
        elif kind == b"trex":
            movie.defaults.append(body[start:end])
        elif kind == b"mvex":
            movie.fragmented = True
    check_edits(track.elst for track in movie.tracks)
    if len({trex[4:8] for trex in movie.defaults}) < len(movie.defaults):
        movie.stray = movie.stray or "it has two trex boxes for one track"
    return movie


def _stray(kind: bytes, path: tuple[bytes, ...], seen: Collection[bytes]) -> str | None:
    """Why readers may not agree about this table, in words: it stands in an odd place, or twice. A
    second hdlr box is allowed, because QuickTime has one with another meaning.
    """
    name = kind.decode()
    if kind == b"hdlr":
        return None
    if path != PATHS[kind]:
        return f"it has a {name} box outside its {PATHS[kind][-1].decode()}"
    if SAME.get(kind, kind) in seen:
        return f"one of its tracks has more than one {name} box"
    return None


def inflated(body: bytes) -> bytes | None:
    """The moov box that a compressed one (cmov) holds, with its header; `None` when the content is
    not compressed. Raises `PackedMoovError` when it cannot be unpacked.
    """
    parts = {kind: body[start:end] for kind, _, start, end in _descend(body, {b"cmov"})}
    if b"cmov" not in parts:
        return None
    if parts.get(b"dcom", b"")[:4] != b"zlib":
        raise PackedMoovError("its moov is compressed in a way that is not read here")
    unpacker = zlib.decompressobj()
    try:
        content = unpacker.decompress(parts.get(b"cmvd", b"")[4:], MOOV_LIMIT)
    except zlib.error:
        raise PackedMoovError("its compressed moov is broken") from None
    size = u32(content, 0) or 0
    if content[4:8] != b"moov" or not 8 <= size <= len(content) or unpacker.unconsumed_tail:
        raise PackedMoovError("its compressed moov is cut short, or larger than any is")
    return content[:size]


def video_alone(moov: bytes) -> bytes:
    """The moov box with every track that is no video turned into free space."""
    patched, body, track = bytearray(moov), moov[8:], 0
    for kind, path, start, _ in _descend(body):
        if kind == b"trak" and not path:
            track = start
        elif path == PATHS[b"hdlr"] and kind == b"hdlr" and body[start + 8 : start + 12] != b"vide":
            # The kind stands 4 bytes before the content, and `moov` begins 8 bytes before `body`.
            patched[track + 4 : track + 8] = b"free"
    return bytes(patched)


def _descend(
    data: bytes, nested: Collection[bytes] = _NESTED
) -> Iterator[tuple[bytes, tuple[bytes, ...], int, int]]:
    """The boxes inside a moov, a parent before its children: kind, the kinds of the boxes around
    it, and start and end of the content.
    """
    stack: list[tuple[int, int, tuple[bytes, ...]]] = [(0, len(data), ())]
    for _ in range(_BOXES):
        if not stack:
            return
        at, end, path = stack.pop()
        header = box_header(data, at, end - at)
        if header is None:
            continue
        kind, size, head = header
        after = at + size
        if after < end:
            stack.append((after, end, path))
        else:
            after = end
        yield kind, path, at + head, after
        if kind in nested and len(path) < _DEPTH:
            stack.append((at + head, after, (*path, kind)))
    raise BoxError(f"its moov has more than {_BOXES:,} boxes")
