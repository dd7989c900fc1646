"""MP4/MOV boxes: what they say, what lies beyond the end, and how little of a file is asked for."""

import struct
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from paths import MEDIA

from motion_preflight.media.containers.mp4_boxes import Layout, walk
from motion_preflight.media.containers.mp4_header import BoxError, box_header
from motion_preflight.media.containers.mp4_moov import MOOV_LIMIT, Movie, read_movie
from motion_preflight.testing import mp4_surgery as surgery

CLIPS = [
    "clip-3s.mp4", "moov-last-8s.mp4", "fragmented.mp4", "fragmented-sidx.mp4",
    "fragmented-many.mp4", "clip-8s.mov", "edit-list.mp4", "two-video-tracks.mp4", "large-box.mp4",
    "mdat-to-end.mp4", "external-dref.mov", "subtitles-longer.mp4", "with-cover.mp4",
]  # fmt: skip
ALL_ONES = 0xFFFFFFFF


@dataclass
class Memory:
    """Bytes in memory, and what was asked of them."""

    data: bytes
    declared: int | None = None  # a size other than that of the data
    held: int = 1 << 62  # what lies before this offset costs nothing
    asked: list[tuple[int, int]] = field(default_factory=list)
    path: Path = Path("memory")
    transfer: None = None
    version: str = "memory"

    @property
    def size(self) -> int:
        return len(self.data) if self.declared is None else self.declared

    def read(self, offset: int, length: int) -> bytes:
        assert offset >= 0
        assert length >= 0
        self.asked.append((offset, min(length, max(self.size - offset, 0))))
        piece = self.data[offset : offset + length]
        return piece.ljust(min(length, max(self.size - offset, 0)), b"\0")

    def has(self, offset: int, length: int) -> bool:
        return offset >= self.size or min(offset + length, self.size) <= self.held

    def fetch(self, offset: int, length: int) -> None:
        self.asked.append((offset, min(length, max(self.size - offset, 0))))

    def fetch_all(self) -> None:
        self.fetch(0, self.size)

    def release(self) -> None:
        """Nothing is held."""

    @property
    def cost(self) -> int:
        return sum(length for _, length in self.asked)


def box(kind: str, *content: bytes, size: int | None = None) -> bytes:
    """A box; `size` is another than the true one."""
    body = b"".join(content)
    return struct.pack(">I", len(body) + 8 if size is None else size) + kind.encode() + body


def wide_box(kind: str, *content: bytes, size: int | None = None) -> bytes:
    """A box with a 64-bit size."""
    body = b"".join(content)
    return struct.pack(">I4sQ", 1, kind.encode(), len(body) + 16 if size is None else size) + body


def numbers(*values: int, form: str = "I") -> bytes:
    return struct.pack(f">{len(values)}{form}", *values)


def timing(kind: str, timescale: int, duration: int, *, wide: bool = False) -> bytes:
    if wide:
        return box(kind, struct.pack(">IQQIQ", 1 << 24, 0, 0, timescale, duration))
    return box(kind, numbers(0, 0, 0, timescale, duration))


MDHD = timing("mdhd", 1000, 8000)


def track(
    *tables: bytes, handler: str = "vide", dref: int = 1, edits: bytes = b"", mdhd: bytes = MDHD
) -> bytes:
    """A track of a movie, with the tables of its samples."""
    data = box("dinf", box("dref", numbers(0, 1), box("url ", numbers(dref))))
    return box(
        "trak",
        edits,
        box(
            "mdia",
            mdhd,
            box("hdlr", numbers(0, 0), handler.encode(), bytes(12)),
            box("minf", data, box("stbl", *tables)),
        ),
    )


def samples(sizes: list[int], chunks: list[int], runs: list[tuple[int, int]]) -> tuple[bytes, ...]:
    stsc = (number for first, count in runs for number in (first, count, 1))
    return (
        box("stsz", numbers(0, 0, len(sizes), *sizes)),
        box("stsc", numbers(0, len(runs), *stsc)),
        box("stco", numbers(0, len(chunks), *chunks)),
    )


FTYP = box("ftyp", b"isom", numbers(512))
MVHD = timing("mvhd", 1000, 8000)
EMPTY = box("moov", MVHD)


def layout(*data: bytes, **changes: Any) -> Layout:
    return walk(Memory(b"".join(data), **changes))


@pytest.mark.parametrize(
    ("brand", "shown"),
    [(b"isom", "isom"), (b"qt  ", "qt"), (b"M4V ", "M4V"), (b"3gp5", "3gp5"), (b"\0\0\0\0", None)],
)
def test_the_brand(brand: bytes, shown: str | None) -> None:
    assert layout(box("ftyp", brand, numbers(0)), EMPTY).brand == shown


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (timing("mvhd", 1000, 9900), "9.9"),
        (timing("mvhd", 600, 1), None),  # what follows is compared to the microsecond
        (timing("mvhd", 90000, 891000, wide=True), "9.9"),
        (timing("mvhd", 1000, 0), None),
        (timing("mvhd", 0, 9900), None),
        (timing("mvhd", 1000, ALL_ONES), None),
        (timing("mvhd", 1000, 2**64 - 1, wide=True), None),
        (timing("mvhd", 1, 2**63, wide=True), str(2**63)),
        (box("mvhd", bytes(15)), None),
        (box("mvhd"), None),
        (b"", None),
    ],
)
def test_the_duration_of_the_header(header: bytes, seconds: str | None) -> None:
    result = layout(FTYP, box("moov", header, track())).header
    if header == timing("mvhd", 600, 1):
        assert result == Decimal(1) / 600
    else:
        assert result == (None if seconds is None else Decimal(seconds))


MDAT = box("mdat", bytes(100))
ONE_TRACK = box("moov", MVHD, track())


@pytest.mark.parametrize(
    ("data", "faststart"),
    [
        ((FTYP, ONE_TRACK, MDAT), True),
        ((FTYP, MDAT, ONE_TRACK), False),
        ((ONE_TRACK, MDAT), True),
        ((FTYP, box("free"), ONE_TRACK, box("free", bytes(50)), MDAT), True),
        ((FTYP, MDAT, box("free"), ONE_TRACK), False),
        ((FTYP, MDAT, ONE_TRACK, MDAT), False),
        ((FTYP, ONE_TRACK), True),
        ((FTYP, MDAT), None),
        ((FTYP,), None),
        ((FTYP, box("skip", wide_box("mdat")), wide_box("mdat", bytes(9)), ONE_TRACK), False),
    ],
)
def test_where_the_moov_stands(data: tuple[bytes, ...], *, faststart: bool | None) -> None:
    result = layout(*data)
    assert result.faststart is (faststart if ONE_TRACK in data else None)
    assert result.fragmented is (False if ONE_TRACK in data else None)


def test_the_first_moov_counts_and_a_second_one_is_a_contradiction() -> None:
    other = box("moov", timing("mvhd", 1000, 5000), track())
    result = layout(FTYP, MDAT, ONE_TRACK, other)
    assert result.header == 8
    assert result.contradiction == "it has a second moov box, as clips joined end to end have"


def test_the_header_of_a_fragmented_file_is_no_reading() -> None:
    result = layout(FTYP, box("moov", MVHD, track(), box("mvex", box("trex", bytes(24)))))
    assert (result.fragmented, result.header) == (True, None)


@pytest.mark.parametrize(
    ("header", "says"),
    [
        (timing("mvhd", 1000, 86_400_000), None),
        (timing("mvhd", 1000, 86_400_001), "its header says 86,400 seconds"),
        (timing("mvhd", 1000, 100_000_000), "its header says 100,000 seconds"),
        (timing("mvhd", 1, 2**63, wide=True), "its header says 9,223,372,036,854,775,808 seconds"),
        (timing("mvhd", 1000, ALL_ONES), None),
        (timing("mvhd", 0, 100_000_000), None),
        (b"", None),
    ],
    ids=["a day", "a millisecond more", "28 hours", "ages", "unknown", "no timescale", "no header"],
)
def test_a_header_of_more_than_a_day_contradicts_any_clip(header: bytes, says: str | None) -> None:
    assert layout(FTYP, box("moov", header, track())).contradiction == says


ONES = timing("mdhd", 1000, ALL_ONES)
MVEX = box("mvex", box("trex", bytes(24)))


@pytest.mark.parametrize(
    ("parts", "unknown"),
    [
        ([track(), track(handler="soun")], set()),
        ([track(mdhd=ONES), track(handler="soun")], {"vide"}),
        ([track(), track(mdhd=ONES, handler="soun")], {"soun"}),
        ([track(mdhd=timing("mdhd", 1000, 2**64 - 1, wide=True))], {"vide"}),
        ([track(mdhd=ONES), MVEX], {"vide"}),
        ([track(mdhd=timing("mdhd", 1000, 2**64 - 1, wide=True)), MVEX], set()),
    ],
    ids=["none", "picture", "sound", "wide", "fragmented", "wide and fragmented"],
)
def test_the_tracks_that_do_not_say_their_length(parts: list[bytes], unknown: set[str]) -> None:
    assert layout(FTYP, box("moov", MVHD, *parts)).unknown_lengths == unknown


SIZES = [10, 20, 30, 40]


@pytest.mark.parametrize(
    ("tables", "beyond"),
    [
        (samples(SIZES, [1000], [(1, 4)]), 1100),
        (samples(SIZES, [500, 1000], [(1, 2)]), 1070),
        (samples(SIZES, [1000, 500], [(1, 2)]), 1030),  # the first chunk lies last
        (samples(SIZES, [100, 200, 1000], [(1, 1), (3, 2)]), 1070),
        (samples(SIZES, [100, 1000], [(1, 3), (2, 1)]), 1040),
        (samples(SIZES, [1000], [(1, 99)]), 1100),  # more than there are
        (samples(SIZES, [1000], [(1, 1), (9, 9)]), 1010),
        (samples([], [], []), 0),
        (
            (
                box("stsz", numbers(0, 25, 4)),
                box("stsc", numbers(0, 1, 1, 4, 1)),
                box("co64", numbers(0, 1), numbers(1000, form="Q")),
            ),
            1100,
        ),
        (
            (
                box("stz2", numbers(0, 8, 4), bytes(SIZES)),
                box("stsc", numbers(0, 1, 1, 4, 1)),
                box("stco", numbers(0, 1, 1000)),
            ),
            1100,
        ),
        (
            (
                box("stz2", numbers(0, 16, 4), numbers(*SIZES, form="H")),
                box("stsc", numbers(0, 1, 1, 4, 1)),
                box("stco", numbers(0, 1, 1000)),
            ),
            1100,
        ),
    ],
)
def test_the_end_of_the_samples(tables: tuple[bytes, ...], beyond: int) -> None:
    movie = read_movie(box("moov", MVHD, track(*tables))[8:])
    assert movie.beyond(max(beyond, 0)) is None
    if beyond:
        missing = "the sample tables point 1 bytes beyond the end"
        assert movie.beyond(beyond - 1) == missing


def test_samples_in_another_file_are_not_missing_in_this_one() -> None:
    tables = samples(SIZES, [1000], [(1, 4)])
    assert read_movie(box("moov", track(*tables, dref=0))[8:]).beyond(10) is None
    assert read_movie(box("moov", track(*tables, dref=1))[8:]).beyond(10)


def test_samples_without_a_place() -> None:
    tables = samples(SIZES, [], [])
    assert "no place" in (layout(FTYP, box("moov", MVHD, track(*tables)), MDAT).truncation or "")


@pytest.mark.parametrize(
    ("tail", "truncation"),
    [
        (MDAT, None),
        (box("mdat", bytes(100), size=0), None),  # to the end
        (wide_box("mdat", bytes(100)), None),
        (box("mdat", bytes(100), size=109), "the mdat box declares 1 bytes beyond the end"),
        (box("mdat", bytes(100), size=2**32 - 1), "the mdat box declares 4,294,967,187 bytes"),
        (wide_box("mdat", bytes(100), size=2**64 - 1), "the mdat box declares 18,446,744,073,"),
        (box("free", size=999), None),  # nobody misses padding
        (b"stray", None),
        (bytes(7), None),
        (b"<!-- served by a cache -->", None),
    ],
)
def test_what_follows_a_moov(tail: bytes, truncation: str | None) -> None:
    result = layout(FTYP, ONE_TRACK, tail).truncation
    assert result == truncation or (result or "").startswith(truncation or "-")


def read_whole(*data: bytes) -> bool:
    """Whether the bytes asked for do not do, one way or the other."""
    try:
        return not layout(*data).enough
    except BoxError:
        return True


@pytest.mark.parametrize(
    "tail",
    [
        wide_box("mdat", bytes(100), size=15),
        box("mdat", size=7),
        bytes(8),
        bytes(9),
        b"\0\0\0\0\0\0\0\1" + bytes(8),
        b"\0\0\0\x10\0\0\0\1" + bytes(8),
        b"\0\0\0\x10mda\xff" + bytes(8),
    ],
    ids=[
        "wide of 15 bytes",
        "of 7 bytes",
        "zeros",
        "more zeros",
        "of no size",
        "unprintable",
        "half printable",
    ],
)
@pytest.mark.parametrize("after", [b"", MDAT, MDAT + box("free", bytes(99))], ids=len)
def test_what_follows_and_is_no_box_needs_the_whole_file(tail: bytes, after: bytes) -> None:
    assert read_whole(FTYP, ONE_TRACK, after, tail)
    assert read_whole(FTYP, ONE_TRACK, after, tail, MDAT)
    assert not read_whole(FTYP, ONE_TRACK, after)


FRAGMENTED = box("moov", MVHD, track(), MVEX)
HARMLESS = ["ftyp", "styp", "free", "skip", "wide", "junk", "mdat", "uuid", "mfra", "pnot", "pdin",
            "prft", "emsg", "ssix"]  # fmt: skip
FRAGMENTS_ONLY = ["moof", "sidx"]
PARTS_OF_A_MOOV = ["trak", "mvhd", "mvex", "udta", "meta", "mdia", "edts", "stbl", "hoov", "cmov"]


@pytest.mark.parametrize("after", [b"", MDAT], ids=["before the mdat", "behind it"])
@pytest.mark.parametrize("kind", HARMLESS + FRAGMENTS_ONLY + PARTS_OF_A_MOOV + ["abcd", "    "])
def test_a_box_that_may_be_a_part_of_the_moov_needs_the_whole_file(kind: str, after: bytes) -> None:
    other = box(kind, bytes(100))
    plain = layout(FTYP, ONE_TRACK, after, other, MDAT)
    assert plain.enough is (kind in HARMLESS)
    usual = layout(FTYP, ONE_TRACK, MDAT)
    assert usual == replace(
        plain, enough=True, contradiction=None, fragments=0, fragmented=False, header=Decimal(8)
    )
    stray = f"it has a {kind} box outside its moov" if kind in {"trak", "mvhd", "mvex"} else None
    if kind == "moof":
        stray = "it has fragments that its moov does not announce"
    assert plain.contradiction == stray  # what versions of ffprobe do not agree about
    assert layout(FTYP, FRAGMENTED, after, other, MDAT).enough is (
        kind in HARMLESS + FRAGMENTS_ONLY
    )
    assert layout(FTYP, other, FRAGMENTED, MDAT).enough is (kind in HARMLESS)


@pytest.mark.parametrize("size", [9, 50])
def test_a_moov_that_is_cut_is_seen(size: int) -> None:
    assert "the moov box declares" in (layout(FTYP, ONE_TRACK[:size]).truncation or "")


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0\0\0\0\0\0\0\0\0\0\0",
        b"\0\0\0\7ftypisom\0\0",
        b"\0\0\0\1ftyp\0\0\0\0\0\0\0\x0f____",
        b"\0\0\0\1ftyp\0\0",
        b"\xff" * 100,
    ],
)
def test_what_does_not_begin_with_a_box_is_an_error(data: bytes) -> None:
    with pytest.raises(BoxError):
        layout(data)


@pytest.mark.parametrize("data", [b"", b"\0", b"ftyp", b"\0\0\0\x08fre"])
def test_less_than_a_box_has_no_layout(data: bytes) -> None:
    assert layout(data).fragmented is None


@pytest.mark.parametrize("kind", ["moov", "moof", "sidx"])
def test_a_box_too_large_to_be_one_is_not_read(kind: str) -> None:
    before = (FTYP, box("moov", MVHD, track(), box("mvex"))) if kind != "moov" else (FTYP,)
    data = b"".join(before) + wide_box(kind, size=MOOV_LIMIT + 17)
    memory = Memory(data, declared=200 << 20)
    with pytest.raises(BoxError, match=rf"{kind} box of 32 MiB"):
        walk(memory)
    assert memory.cost < 1000


@pytest.mark.sweep
def test_a_moov_of_any_content_is_bounded_in_time() -> None:
    nested = b""
    for _ in range(2000):
        nested = box("trak", nested)
    assert isinstance(read_movie(nested), Movie)
    assert isinstance(read_movie(box("trak", box("mdia")) * 50_000), Movie)


def test_the_edits_of_all_tracks_are_counted_together() -> None:
    row = numbers(0, 0, 1 << 16)
    edits = box("edts", box("elst", numbers(0, 501), row * 501))
    layout(FTYP, box("moov", MVHD, track(edits=edits)))
    with pytest.raises(BoxError, match="its edit lists have more than 1,000 entries"):
        layout(FTYP, box("moov", MVHD, track(edits=edits), track(edits=edits, handler="soun")))


def test_boxes_without_end_are_an_error() -> None:
    with pytest.raises(BoxError, match="more than 100,000 boxes"):
        layout(FTYP, box("free") * 100_001)


def test_only_what_a_probe_needs_is_asked_for() -> None:
    """Of a plain clip: three headers, the brand, the moov, the first sample; never the media."""
    first = len(FTYP) + 1000
    tables = samples([5000] * 10, [first], [(1, 10)])
    moov = box("moov", MVHD, track(*tables))
    data = FTYP + moov + box("free", bytes(1000 - len(moov) - 16)) + box("mdat", bytes(50_000))
    assert not Memory(data, held=500).has(len(data) - 16, 16)
    memory = Memory(data, held=500)
    assert walk(memory).enough
    sample = range(first, first + (16 << 10))
    assert any(at <= sample.start and sample.stop <= at + length for at, length in memory.asked)
    assert memory.cost < len(moov) + (16 << 10) + 200


@pytest.mark.parametrize("last", [b"", box("free")], ids=["an mdat last", "a box behind it"])
@pytest.mark.parametrize("moov", [ONE_TRACK, EMPTY, FRAGMENTED], ids=["plain", "empty", "mvex"])
def test_every_box_is_looked_at_to_the_end_of_the_file(moov: bytes, last: bytes) -> None:
    data = FTYP + moov + MDAT + box("free", bytes(5000)) + MDAT + last
    memory = Memory(data, held=len(FTYP + moov) + 16)
    walk(memory)
    assert (len(data) - len(last or MDAT), 16) in [
        (at, max(length, 16)) for at, length in memory.asked
    ]


@pytest.mark.parametrize("extra", [0, 1, 2, 500])
@pytest.mark.parametrize("moov", [ONE_TRACK, b"", FRAGMENTED], ids=["plain", "none", "mvex"])
def test_boxes_apart_are_hopped_over_so_often_and_no_more(moov: bytes, extra: int) -> None:
    """32 requests: the box that the last of them shows may end the file, not go on."""
    start = FTYP + moov
    memory = Memory(start + box("free", bytes(1000)) * (33 + extra), held=len(start) + 16)
    assert walk(memory).enough is (extra == 0)
    hops = {at for at, _ in memory.asked if at > len(start)}
    assert len(hops) == 32


@pytest.mark.parametrize(("fragments", "enough"), [(8, True), (16, True), (17, False), (40, False)])
@pytest.mark.parametrize("index", ["none", "true", "lying", "wide"])
def test_a_fragmented_file_is_hopped_over_whatever_its_index_says(
    fragments: int, index: str, *, enough: bool
) -> None:
    """Each fragment is two boxes, and each a hop here; the end of the file is none."""
    fragment = box("moof", bytes(100)) + box("mdat", bytes(1000))
    sizes = {"none": [], "lying": [len(fragment) * fragments]}.get(
        index, [len(fragment)] * fragments
    )
    start = FTYP + FRAGMENTED + (sidx(sizes, wide=index == "wide") if sizes else b"")
    memory = Memory(start + fragment * fragments, held=len(start) + 16)
    result = walk(memory)
    assert (result.fragmented, result.enough) == (True, enough)
    seen = sum(length == len(fragment) - 1008 for _, length in memory.asked)
    assert seen == min(fragments, 17)


def sidx(sizes: list[int], *, wide: bool = False) -> bytes:
    """An index of fragments of these sizes."""
    start = bytes(16 if wide else 8)
    rows = (number for size in sizes for number in (size, 1000, 0x90000000))
    head = numbers(wide << 24, 1, 1000)
    return box("sidx", head, start, struct.pack(">HH", 0, len(sizes)), numbers(*rows))


# --- every cut is seen -----------------------------------------------------------------------


@pytest.mark.sweep
@pytest.mark.parametrize(
    "name", ["clip-3s.mp4", "clip-8s.mov", "moov-last-8s.mp4", "edit-list.mp4", "large-box.mp4",
             "two-video-tracks.mp4", "rotated-8s.mp4"]
)  # fmt: skip
def test_every_cut_of_a_plain_clip_is_seen(name: str) -> None:
    data = (MEDIA / name).read_bytes()
    missed = []
    for end in range(8, len(data), 1 if len(data) < 6000 else 7):
        try:
            result = layout(data[:end])
        except BoxError:
            continue
        if result.fragmented is not None and result.truncation is None:
            missed.append(end)
    assert missed == []
    assert layout(data).truncation is None


@pytest.mark.parametrize("name", ["fragmented.mp4", "fragmented-sidx.mp4"])
def test_every_cut_inside_a_fragment_is_seen(name: str) -> None:
    data = (MEDIA / name).read_bytes()
    spans = [span for span in surgery.boxes(data, 0, len(data)) if span[0] in {"moof", "mdat"}]
    for _, start, end in spans:
        for cut in (start + 8, start + 9, (start + end) // 2, end - 1):
            assert layout(data[:cut]).truncation, cut
    assert layout(data).truncation is None


@pytest.mark.parametrize("name", ["fragmented.mp4", "fragmented-sidx.mp4"])
@pytest.mark.parametrize(
    ("fill", "words"), [(b"\0", "it holds zeros"), (b"\xf5", "is no box")], ids=["zeros", "noise"]
)
def test_what_stands_in_the_place_of_a_fragment_is_seen(name: str, fill: bytes, words: str) -> None:
    """A download that reserved its space and stopped leaves zeros, and may go on behind them."""
    data = (MEDIA / name).read_bytes()
    fragments = [start for kind, start, _ in surgery.boxes(data, 0, len(data)) if kind == "moof"]
    middle, last = fragments[len(fragments) // 2], fragments[-1]
    for end in (last, len(data)):
        spoiled = surgery.put(data, middle, fill * (end - middle))
        assert words in (layout(spoiled).truncation or ""), end


def test_a_few_bytes_behind_the_last_fragment_are_no_loss() -> None:
    data = (MEDIA / "fragmented.mp4").read_bytes()
    assert layout(data + bytes(60)).truncation is None


@pytest.mark.parametrize("name", CLIPS)
def test_no_good_clip_is_called_truncated(name: str) -> None:
    assert layout((MEDIA / name).read_bytes()).truncation is None


# --- any bytes at all --------------------------------------------------------------------------


def check_any(data: bytes, declared: int | None = None) -> None:
    """A layout or a `BoxError`, nothing negative asked for, and not more than a few times over."""
    memory = Memory(data, declared)
    try:
        result = walk(memory)
    except BoxError:
        pass
    else:
        assert isinstance(result, Layout)
    assert memory.cost <= 4 * memory.size + (128 << 10)


@given(st.binary(max_size=4000), st.booleans())
@example(box("ftyp", b"isom", size=0), False)  # noqa: FBT003
def test_any_bytes_have_a_layout_or_none(data: bytes, after_moov: bool) -> None:  # noqa: FBT001
    check_any(EMPTY + data if after_moov else data)


KINDS = st.sampled_from(
    ["ftyp", "moov", "mvhd", "trak", "mdia", "mdhd", "hdlr", "minf", "dinf", "dref", "stbl", "stsz",
     "stz2", "stco", "co64", "stsc", "edts", "elst", "mvex", "moof", "mdat", "sidx", "free"]
)  # fmt: skip
SIZE_FIELDS = st.sampled_from([None, None, None, None, 0, 1, 2, 7, 8, 2**31, 2**32 - 1])
BOXES = st.recursive(
    st.builds(
        lambda kind, body, size: box(kind, body, size=size),
        KINDS,
        st.binary(max_size=60),
        SIZE_FIELDS,
    ),
    lambda inner: st.builds(
        lambda kind, parts, size: box(kind, *parts, size=size),
        KINDS,
        st.lists(inner, max_size=5),
        SIZE_FIELDS,
    ),
    max_leaves=30,
)


@settings(max_examples=100)
@given(st.lists(BOXES, max_size=8))
def test_any_boxes_have_a_layout_or_none(boxes: list[bytes]) -> None:
    check_any(b"".join(boxes))
    check_any(FTYP + box("moov", MVHD, *boxes) + b"".join(boxes))


@settings(max_examples=150)
@given(st.sampled_from(CLIPS), st.data())
def test_a_clip_with_changed_bytes_has_a_layout_or_none(name: str, data: st.DataObject) -> None:
    changed = bytearray((MEDIA / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(changed) - 1))
        changed[at] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(changed)))
    check_any(bytes(changed))
    check_any(bytes(changed[:end]))


SPLICES = [
    numbers(0), numbers(1), numbers(2), numbers(7), numbers(8), numbers(2**31),
    numbers(2**32 - 1), numbers(2**64 - 1, form="Q"), numbers(2**63, form="Q"),
]  # fmt: skip


@settings(max_examples=150)
@given(st.sampled_from(CLIPS), st.data())
def test_a_clip_with_spliced_numbers_has_a_layout_or_none(name: str, data: st.DataObject) -> None:
    changed = (MEDIA / name).read_bytes()
    marks = [at for at in range(len(changed) - 8) if changed[at + 4 : at + 8].isalnum()]
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.one_of(st.sampled_from(marks), st.integers(0, len(changed) - 8)))
        at += data.draw(st.sampled_from([0, 0, 8, 12, 16, 20]))
        changed = surgery.put(changed, at, data.draw(st.sampled_from(SPLICES)))
    check_any(changed)
    check_any(changed, declared=data.draw(st.integers(0, 1 << 40)))


@given(st.binary(max_size=16), st.integers(0, 1 << 63))
def test_a_header_is_at_least_as_long_as_itself(data: bytes, room: int) -> None:
    header = box_header(data, 0, room)
    if header and header[1] != room:
        assert header[1] >= header[2]
