"""MP4/MOV boxes: where they lie, what the moov declares, and what lies beyond the end of the file.

`walk` treats a file on disk and a URL alike. It asks a `Source` only for what a probe needs: the
headers of the top-level boxes, the whole moov, the start of the first video chunk, and every moof
of a fragmented file. For a URL these are the only bytes that are fetched.
"""

from __future__ import annotations

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
from motion_preflight.text.lazy_dataclass import dataclass, field

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from motion_preflight.media.containers.mp4_tables import Track
    from motion_preflight.media.source.opening import Source

_SAMPLE_START = 16 << 10  # bytes of the first video sample that ffprobe needs for its usual facts
_SAMPLE_MINIMUM = 4 << 10  # bytes of it that are enough to save a request of their own
_TRACKS_TO_SAMPLE = 4
_BOXES = 100_000  # at the top level: ten times as many as an hour in one-second fragments has
_ZEROS = 64  # bytes: when all of them are zero, no box of any kind begins there
_HOPS = 32  # requests for the headers of boxes; a file that needs more of them is read whole
# Boxes beside the moov that do not change ffprobe's answer, be they fetched or holes in the file.
_HARMLESS = {
    b"ftyp", b"styp", b"free", b"skip", b"wide", b"junk", b"mdat", b"moov", b"uuid", b"mfra",
    b"pnot", b"pdin", b"prft", b"emsg", b"ssix",
}  # fmt: skip
# At the top level, one version of ffprobe believes these boxes, another does not.
_PARTS_OF_MOOV = {b"trak", b"mvhd", b"mvex"}


@dataclass(frozen=True, slots=True)
class Layout:
    """What the boxes of an MP4/MOV declare."""

    brand: str | None
    header: Decimal | None  # seconds, of the mvhd; None where it declares none
    faststart: bool | None
    fragmented: bool | None  # None without a moov
    truncation: str | None  # what is missing, in words; None when nothing is
    unknown_lengths: frozenset[str]  # handlers (vide, soun, …) of tracks without a known length
    contradiction: str | None  # how the file contradicts itself, in words
    enough: bool  # the bytes asked for give ffprobe the same facts as the whole file
    videos: tuple[VideoTrack, ...] = ()  # measured by their own tables
    fragments: int = 0
    tracks: list[Track] = field(default_factory=list, repr=False, compare=False)  # of every kind
    timescale: int = 0  # of the movie
    # The moov box, uncompressed.
    moov: Unpacked | None = field(default=None, repr=False, compare=False)
    packed: bool = False  # the moov was compressed, which some ffprobes cannot read


class Unpacked(NamedTuple):
    """An uncompressed moov box."""

    offset: int  # of the box in the file
    content: bytes  # the whole box, with its header
    headers: tuple[tuple[int, int], ...]  # offset and length of the headers of all top-level boxes


class _Box(NamedTuple):
    kind: bytes
    offset: int
    size: int  # bytes as declared, with its header
    body: int  # offset of its content

    @property
    def end(self) -> int:
        return self.offset + self.size


def walk(source: Source) -> Layout:
    """Follows the boxes of an MP4/MOV. Raises `BoxError` when they cannot be followed."""
    walker = _Walker(source)
    try:
        for box in _top_level(source):
            if walker.visit(box):
                break
    except _OddEnd as odd:
        walker.enough = False  # ffprobe may still find something behind it
        if walker.movie is None and source.has(0, source.size):
            raise BoxError(odd.words(source)) from None
        walker.end_oddly(odd)
    walker.bring_samples()
    return walker.layout()


class _OddEnd(Exception):  # noqa: N818  marks a place, no error of its own
    """Something that is no box stands at this offset."""

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset

    def words(self, source: Source) -> str:
        """What stands at the offset, in words."""
        if any(source.read(self.offset, _ZEROS)):
            return f"what stands at byte {self.offset:,} is no box"
        return f"from byte {self.offset:,} on it holds zeros, as a download leaves that stopped"


class _Walker:
    """What was seen of the top-level boxes so far."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.headers: list[tuple[int, int]] = []  # offset and length of the header of each box
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
        """Reads what is needed of a box; True when nothing behind it is needed."""
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
            self.enough = False  # ffprobe may read it as a part of the moov
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
            self.enough = False  # an unusual moov: nothing says where the samples lie

    def end_oddly(self, odd: _OddEnd) -> None:
        """Notes that fragments are missing where something else stands. Of a few bytes behind the
        last one, and of a file without fragments, nothing is missed.
        """
        rest = self.source.size - odd.offset
        if self.fragments and rest > _ZEROS and self.source.has(odd.offset, _ZEROS):
            self.beyond = self.beyond or odd.words(self.source)

    def bring_samples(self) -> None:
        """Fetches the start of the first video samples. This comes last, because the header of the
        mdat before them often brings them along.
        """
        samples = self.movie.first_samples() if self.movie else []
        for offset, length in samples[:_TRACKS_TO_SAMPLE]:
            if not self.source.has(offset, min(length, _SAMPLE_MINIMUM)):
                self.source.fetch(offset, _SAMPLE_START)

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
        """Whether reading the header of the next box would be one request too many."""
        if self.source.has(box.end, 16):
            return False
        self.hops += 1
        self.enough = self.enough and self.hops <= _HOPS
        return self.hops > _HOPS

    def _fragments_beyond(self) -> str | None:
        end = max((track.end for track in self.tracks.values()), default=0)
        missing = end - self.source.size
        if missing <= 0:
            return None
        return f"the samples of a fragment lie {missing:,} bytes beyond the end"

    def layout(self) -> Layout:
        """The layout that was seen, once the boxes have been followed. Raises `BoxError`."""
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
            # The mvhd and mehd of fragmented files are grossly wrong too often to be a reading.
            header=None if fragmented else movie.duration,
            faststart=self.faststart,
            fragmented=fragmented,
            truncation=movie.beyond(size) or self.beyond or self._fragments_beyond(),
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
    """The header of a box whose kind is no text, as long as its size is possible: players pass over
    boxes that they do not know.
    """
    size = u32(start, 0) or 0
    return (start[4:8], size, 8) if 8 <= size <= room and any(start[4:8]) else None


def _top_level(source: Source) -> Iterator[_Box]:
    """The top-level boxes in file order; a last piece that is shorter than a header is
    passed over.
    """
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
