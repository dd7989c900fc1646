"""MP4/MOV boxes: where they are, what the moov says by itself, and what lies beyond the end.

`walk` is the same for a file on disk and for a URL; it asks a `Source` only for what a probe needs:
the headers of the top-level boxes, the whole moov, the start of the first video chunk, and of a
fragmented file every moof. So the few bytes that a remote file needs are those it asks for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.media.containers.mp4_fragments import (
    Budget,
    TrackFragments,
    read_fragment,
    track_defaults,
)
from motion_preflight.media.containers.mp4_header import BoxError, box_header, u32
from motion_preflight.media.containers.mp4_moov import MOOV_LIMIT, Movie, inflated, read_movie
from motion_preflight.media.containers.mp4_tracks import VideoTrack, video_tracks

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from motion_preflight.media.containers.mp4_tables import Track
    from motion_preflight.source import Source

_SAMPLE_START = 16 << 10  # what ffprobe wants of the first video sample to agree with itself
_SAMPLE_MINIMUM = 4 << 10  # … and what is not worth a request of its own when it is held
_TRACKS_TO_SAMPLE = 4
_BOXES = 100_000  # top-level; ten times what an hour in one-second fragments has
_ZEROS = 64  # bytes in a row that are no box of any kind
_HOPS = 32  # requests for the headers of boxes; a file with more of them apart is read whole
# What may stand beside the moov without changing what ffprobe says, whether it is held or a hole.
_HARMLESS = {
    b"ftyp", b"styp", b"free", b"skip", b"wide", b"junk", b"mdat", b"moov", b"uuid", b"mfra",
    b"pnot", b"pdin", b"prft", b"emsg", b"ssix",
}  # fmt: skip
# At the top level one version of ffprobe believes them, another does not.
_PARTS_OF_MOOV = {b"trak", b"mvhd", b"mvex"}


@dataclass(frozen=True, slots=True)
class Layout:
    """What the boxes of an MP4/MOV say."""

    brand: str | None
    header: Decimal | None  # seconds, of the mvhd; None where it says none
    faststart: bool | None
    fragmented: bool | None  # None without a moov
    truncation: str | None  # what is missing, in words; None when nothing is
    unknown_lengths: frozenset[str]  # handlers (vide, soun, …) of tracks that do not say theirs
    contradiction: str | None  # what two clocks of the file say of each other, in words
    enough: bool  # the bytes asked for give ffprobe the same facts as the whole file
    videos: tuple[VideoTrack, ...] = ()  # measured by their own tables
    fragments: int = 0
    tracks: list[Track] = field(default_factory=list, repr=False, compare=False)  # of every kind
    timescale: int = 0  # of the movie
    # The moov box, which was compressed or not.
    moov: Unpacked | None = field(default=None, repr=False, compare=False)
    packed: bool = False  # it was compressed, and some ffprobes cannot read it


class Unpacked(NamedTuple):
    """A moov box as it is when nothing is compressed."""

    offset: int  # of the box in the file
    content: bytes  # the whole box, with its header
    headers: tuple[tuple[int, int], ...]  # offset and length of the headers of all top-level boxes


class _Box(NamedTuple):
    kind: bytes
    offset: int
    size: int  # as declared, with its header
    body: int  # offset of its content

    @property
    def end(self) -> int:
        return self.offset + self.size


def walk(source: Source) -> Layout:
    """The layout of an MP4/MOV. Raises `BoxError` when its boxes cannot be followed."""
    walker = _Walker(source)
    try:
        for box in _top_level(source):
            if walker.visit(box):
                break
    except _OddEnd as odd:
        walker.enough = False  # ffprobe may find its way on
        if walker.movie is None and source.holds(0, source.size):
            raise BoxError(odd.words(source)) from None
    walker.bring_samples()
    return walker.layout()


class _OddEnd(Exception):  # noqa: N818  a place in the file
    """What follows this offset is no box."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset

    def words(self, source: Source) -> str:
        """What stands there."""
        if any(source.read(self.offset, _ZEROS)):
            return f"what stands at byte {self.offset:,} is no box"
        return f"from byte {self.offset:,} on it holds zeros, as a download leaves that stopped"


class _Walker:
    """What has been seen of the top-level boxes so far."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.headers: list[tuple[int, int]] = []  # where those of the boxes lie, and their bytes
        self.brand: str | None = None
        self.movie: Movie | None = None
        self.mdat_seen = False
        self.faststart: bool | None = None
        self.beyond: str | None = None
        self.stray: str | None = None
        self.hops = 0
        self.fragments = 0
        self.tracks: dict[int, TrackFragments] = {}
        self.budget = Budget()
        self.moov: Unpacked | None = None
        self.packed = False
        self.enough = True

    def visit(self, box: _Box) -> bool:
        """Takes a box in; True when nothing after it is needed."""
        size = self.source.size
        self.headers.append((box.offset, box.body - box.offset))
        if box.kind in {b"mdat", b"moov", b"moof"} and box.end > size:
            name = box.kind.decode()
            self.beyond = f"the {name} box declares {box.end - size:,} bytes beyond the end"
        if box.kind == b"ftyp" and self.brand is None:
            self.brand = self.source.read(box.body, 4).decode("latin-1").strip("\x00 ") or None
        elif box.kind == b"moov":
            self._take_moov(box)
        elif box.kind == b"mdat":
            self.mdat_seen = True
            if self.faststart is None:
                self.faststart = self.movie is not None
        elif box.kind in {b"moof", b"sidx"} and self.movie and self.movie.fragmented:
            self._take_fragment(box)
        elif box.kind == b"moof":
            self._take_unannounced_fragment()
        elif box.kind not in _HARMLESS:
            self.enough = False  # ffprobe may take it for a part of the moov
            if box.kind in _PARTS_OF_MOOV:
                self.stray = f"it has a {box.kind.decode()} box outside its moov"
        return self._gives_up(box)

    def _take_moov(self, box: _Box) -> None:
        if self.movie is not None:
            self.stray = "it has a second moov box, as clips joined end to end have"
            return
        length = min(box.end, self.source.size) - box.body
        if length > MOOV_LIMIT:
            raise BoxError(
                f"a moov box of {length >> 20} MiB (at most {MOOV_LIMIT >> 20} are read)"
            )
        body = self.source.read(box.body, length)
        content = inflated(body)
        self.packed = content is not None
        content = content or (len(body) + 8).to_bytes(4, "big") + b"moov" + body
        self.moov = Unpacked(box.offset, content, ())
        self.movie = read_movie(content[8:])
        scales = {track.number: track.timescale for track in self.movie.tracks}
        for number, defaults in map(track_defaults, self.movie.defaults):
            self.tracks[number or 0] = TrackFragments(defaults, scales.get(number, 0))
        if self.faststart is None:
            self.faststart = not self.mdat_seen
        if not self.movie.tracks and not self.movie.fragmented:
            self.enough = False  # compressed or unusual: nothing says where the samples are

    def bring_samples(self) -> None:
        """Last, because the header of the mdat before them often brings them along."""
        samples = self.movie.first_samples() if self.movie else []
        for offset, length in samples[:_TRACKS_TO_SAMPLE]:
            if not self.source.holds(offset, min(length, _SAMPLE_MINIMUM)):
                self.source.bring(offset, _SAMPLE_START)

    def _take_fragment(self, box: _Box) -> None:
        if box.size > MOOV_LIMIT:
            raise BoxError(f"a {box.kind.decode()} box of {box.size >> 20} MiB")
        content = self.source.read(box.offset, min(box.end, self.source.size) - box.offset)
        if box.kind == b"moof":
            self.fragments += 1
            body = content[box.body - box.offset :]
            read_fragment(body, box.offset, self.tracks, self.budget)

    def _take_unannounced_fragment(self) -> None:
        self.fragments += 1
        self.enough = False
        if self.movie:
            self.stray = "it has fragments that its moov does not announce"

    def _gives_up(self, box: _Box) -> bool:
        """Whether the header of the next box would be one request too many."""
        if self.source.holds(box.end, 16):
            return False
        self.hops += 1
        self.enough = self.enough and self.hops <= _HOPS
        return self.hops > _HOPS

    def layout(self) -> Layout:
        """What was seen, once the boxes have been followed. Raises `BoxError`."""
        movie, size = self.movie, self.source.size
        if movie is None:
            return Layout(
                brand=self.brand,
                header=None,
                faststart=None,
                fragmented=None,
                truncation=self.beyond,
                unknown_lengths=frozenset(),
                contradiction=None,
                enough=self.enough,
                fragments=self.fragments,
            )
        fragmented = self.fragments > 0 or (movie.fragmented and movie.empty)
        return Layout(
            brand=self.brand,
            # mvhd and mehd of fragmented files are grossly wrong too often to be a reading
            header=None if fragmented else movie.duration,
            faststart=self.faststart,
            fragmented=fragmented,
            truncation=movie.beyond(size) or self.beyond,
            unknown_lengths=movie.unknown_lengths,
            contradiction=movie.contradiction or self.stray,
            enough=self.enough,
            videos=video_tracks(movie, self.tracks),
            fragments=self.fragments,
            tracks=movie.tracks,
            timescale=movie.timescale,
            moov=self.moov and self.moov._replace(headers=tuple(self.headers)),
            packed=self.packed,
        )


def _unnamed(start: bytes, room: int) -> tuple[bytes, int, int] | None:
    """The header of a box whose kind is no text, as long as its size makes sense: players pass over
    what they do not know.
    """
    size = u32(start, 0) or 0
    return (start[4:8], size, 8) if 8 <= size <= room and any(start[4:8]) else None


def _top_level(source: Source) -> Iterator[_Box]:
    """The top-level boxes in file order; less than a header at the end is passed over."""
    offset = 0
    for _ in range(_BOXES):
        if offset + 8 > source.size:
            return
        start, room = source.read(offset, 16), source.size - offset
        header = box_header(start, 0, room) or _unnamed(start, room)
        if header is None and offset:
            raise _OddEnd(offset)
        if header is None:
            raise BoxError("it does not begin with a box")
        kind, size, head = header
        yield _Box(kind, offset, size, offset + head)
        offset += size
    raise BoxError(f"more than {_BOXES:,} boxes")
