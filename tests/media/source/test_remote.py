"""A URL's bytes: how few of them a probe fetches, and what every bad host comes to."""

import itertools
import os
import socket
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from threading import Thread

import pytest
from paths import MEDIA

from motion_preflight.media.facts import Measured, MediaFacts, Unmeasured
from motion_preflight.media.measure import measure
from motion_preflight.media.programs.ffprobe import find_ffprobe
from motion_preflight.media.source.byte_ranges import STEP
from motion_preflight.media.source.remote import open_url
from motion_preflight.network.client import Web
from motion_preflight.network.errors import MediaUnavailable, Reason
from motion_preflight.network.transfer import Transfer
from motion_preflight.testing import mp4_surgery as surgery
from motion_preflight.testing.habit import Habit, WrongRange
from motion_preflight.testing.host import Host

KIB, MIB = 1 << 10, 1 << 20
CAP = 100 * MIB
BIG = 90 * MIB
PLAIN = "clip-8s.mp4"


@contextmanager
def web(timeout: float = 5) -> Iterator[Web]:
    with Web(timeout=timeout, allow_private=True) as built:
        yield built


def measured(
    location: str,
    *,
    ffprobe: str | None = None,
    image: bool = False,
    cap: int = CAP,
    timeout: float = 5,
) -> Measured:
    with web(timeout) as built:
        return measure(
            location,
            "image" if image else "video",
            cap=cap,
            ffprobe=ffprobe or find_ffprobe(),
            web=lambda: built,
        )


def facts(location: str, **options: object) -> MediaFacts:
    result = measured(location, **options)  # type: ignore[arg-type]
    assert isinstance(result, MediaFacts), result
    return result


def transferred(medium: Measured) -> Transfer:
    assert medium.transfer is not None
    return medium.transfer


def called(parameter: object) -> str | None:
    """The name of a test's habit: what is unusual about it."""
    if not isinstance(parameter, Habit):
        return None
    values = ((field.name, getattr(parameter, field.name)) for field in fields(Habit))
    usual = Habit()
    return " ".join(f"{name}={value}" for name, value in values if value != getattr(usual, name))


def bare(medium: Measured) -> Measured:
    """What was found alone, without where it comes from."""
    return replace(medium, location="", transfer=None)


# --- files too big to be read by chance ------------------------------------------------------


@dataclass
class Sparse:
    """A file under construction: bytes and holes."""

    path: Path
    end: int = 0

    def add(self, data: bytes = b"", hole: int = 0) -> "Sparse":
        with self.path.open("r+b" if self.end else "wb") as file:
            file.seek(self.end)
            file.write(data)
            self.end += len(data) + hole
            file.truncate(self.end)
        return self


def clip(name: str = PLAIN) -> bytes:
    return (MEDIA / name).read_bytes()


def span(data: bytes, path: str) -> tuple[int, int]:
    return surgery.find(data, path)[-1]


def shift_chunks(data: bytes, by: int) -> bytes:
    """Every chunk of every track lies further back."""
    moov, end = span(data, "moov")
    for kind, start, stop in surgery.boxes(data, moov + 8, end):
        if kind != "trak":
            continue
        trak = data[start:stop]
        at = start + span(trak, "trak/mdia/minf/stbl/stco")[0]
        (count,) = struct.unpack_from(">I", data, at + 12)
        for place in range(at + 16, at + 16 + 4 * count, 4):
            old = struct.unpack_from(">I", data, place)[0]
            data = surgery.put_number(data, place, old + by)
    return data


def hole(kind: bytes, size: int) -> bytes:
    """The header of a box of that size, whose content is a hole."""
    return struct.pack(">I", size) + kind


def grow(data: bytes, path: str, by: int) -> bytes:
    """Each box of a path says that it is larger by so much."""
    for start, end in surgery.find(data, path):
        data = surgery.put_number(data, start, end - start + by)
    return data


def faststart(path: Path, size: int = BIG) -> Path:
    """A moov, the samples, and padding that nobody needs."""
    data = clip()
    rest = size - len(data)
    return Sparse(path).add(data).add(hole(b"free", rest), rest - 8).path


def large_moov(path: Path, padding: int) -> Path:
    """A faststart clip whose moov holds so many bytes of padding more."""
    data = grow(shift_chunks(clip(), padding), "moov", padding)
    _, end = span(clip(), "moov")
    built = Sparse(path).add(data[:end]).add(hole(b"free", padding), padding - 8).add(data[end:])
    return built.add(hole(b"free", MIB), MIB - 8).path


def moov_last(path: Path, size: int = BIG) -> Path:
    """The samples, a hole in the mdat, and the moov at the end."""
    data = clip("moov-last-8s.mp4")
    gap = size - len(data)
    _, end = span(data, "mdat")
    grown = grow(data, "mdat", gap)
    return Sparse(path).add(grown[:end], gap).add(grown[end:]).path


def late_samples(path: Path, gap: int) -> Path:
    """A moov first, and so much padding before the samples."""
    data = shift_chunks(clip(), gap)
    _, end = span(data, "moov")
    built = Sparse(path).add(data[:end]).add(hole(b"free", gap), gap - 8).add(data[end:])
    return built.add(hole(b"free", MIB), MIB - 8).path


def fragments(path: Path, gap: int, *, name: str = "fragmented.mp4", index: str = "") -> Path:
    """The fragments of a clip, each with so large a hole behind its samples."""
    data = clip(name)
    parts = [(kind, data[start:end]) for kind, start, end in surgery.boxes(data, 0, len(data))]
    # Offsets to the fragments are not mended here: without them none is wrong.
    parts = [(kind, part) for kind, part in parts if kind not in {"mfra", "sidx"}]
    built, moofs = Sparse(path), [len(part) for kind, part in parts if kind == "moof"]
    mdats = [len(part) + gap for kind, part in parts if kind == "mdat"]
    for kind, part in parts:
        if kind == "moof" and index:
            sizes = [moof + mdat for moof, mdat in zip(moofs, mdats, strict=True)]
            if index == "short":
                sizes.pop()
            built.add(_index(sizes))
            index = ""
        if kind == "mdat":
            built.add(surgery.put_number(part, 0, len(part) + gap), gap)
        else:
            built.add(part)
    return built.path


def _index(sizes: list[int]) -> bytes:
    rows = b"".join(struct.pack(">III", size, 2500, 0x90000000) for size in sizes)
    body = struct.pack(">5IHH", 0, 1, 10_000, 0, 0, 0, len(sizes)) + rows
    return struct.pack(">I4s", len(body) + 8, b"sidx") + body


def padded_png(path: Path, size: int) -> Path:
    """A PNG with a text of so many bytes before its end."""
    data = (MEDIA / "image.png").read_bytes()
    text = b"tEXt" + b"Comment\0" + b"x" * size
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    path.write_bytes(data[:-12] + chunk + data[-12:])
    return path


def padded_matroska(path: Path, name: str, size: int) -> Path:
    """A Matroska file with so many bytes of nothing behind its segment."""
    void = b"\xec\x01" + struct.pack(">Q", size)[1:]
    return Sparse(path).add(clip(name)).add(void, size).path


# --- few bytes --------------------------------------------------------------------------------


def test_a_moov_first_takes_one_request(host: Host, tmp_path: Path) -> None:
    path = faststart(tmp_path / "clip.mp4")
    url = host.serve("clip.mp4", path)
    result = facts(url)
    assert bare(result) == bare(facts(str(path)))
    assert (result.size, result.faststart, result.truncated) == (BIG, True, False)
    assert result.durations.header == 8
    (seen,) = host.requests(url)
    assert (seen.method, seen.headers["range"], seen.sent) == ("GET", "bytes=0-65535", STEP)
    assert transferred(result) == Transfer(
        1, STEP, 206, "video/mp4", url, transferred(result).etag, proxied=False
    )
    assert host.connections == 1


def test_a_moov_larger_than_the_first_range_takes_two(host: Host, tmp_path: Path) -> None:
    path = large_moov(tmp_path / "clip.mp4", 100 * KIB)
    url = host.serve("clip.mp4", path)
    result = facts(url)
    assert bare(result) == bare(facts(str(path)))
    _, end = span(clip(), "moov")
    moov_end = end + 100 * KIB
    assert [seen.headers["range"] for seen in host.requests(url)] == [
        "bytes=0-65535",
        f"bytes=65536-{moov_end + 32 * KIB - 1}",  # … and the samples behind it
    ]
    assert transferred(result).requests == 2
    assert transferred(result).bytes == moov_end + 32 * KIB
    assert host.connections == 1


def test_a_moov_last_takes_two_requests(host: Host, tmp_path: Path) -> None:
    path = moov_last(tmp_path / "clip.mp4")
    url = host.serve("clip.mp4", path)
    result = facts(url)
    assert bare(result) == bare(facts(str(path)))
    assert (result.size, result.faststart, result.truncated) == (BIG, False, False)
    moov = BIG - (len(clip("moov-last-8s.mp4")) - span(clip("moov-last-8s.mp4"), "moov")[0])
    first, second = host.requests(url)
    assert (first.headers["range"], second.headers["range"]) == (
        "bytes=0-65535",
        f"bytes={moov}-{BIG - 1}",
    )
    assert second.headers["if-range"] == transferred(result).etag
    assert transferred(result).bytes == STEP + BIG - moov
    assert (transferred(result).requests, host.connections) == (2, 1)


def test_a_moov_last_behind_a_large_tail_takes_a_step_more(host: Host, tmp_path: Path) -> None:
    path = moov_last(tmp_path / "clip.mp4")
    Sparse(path, BIG).add(hole(b"free", MIB), MIB - 8)
    url = host.serve("clip.mp4", path)
    result = facts(url)
    assert bare(result) == bare(facts(str(path)))
    assert transferred(result).requests == 2
    assert transferred(result).bytes == 2 * STEP


@pytest.mark.parametrize("gap", [61 * KIB, 100 * KIB, 20 * MIB])
def test_a_first_sample_further_back_takes_one_request_more(
    host: Host, tmp_path: Path, gap: int
) -> None:
    path = late_samples(tmp_path / "clip.mp4", gap)
    url = host.serve("clip.mp4", path)
    result = facts(url)
    assert bare(result) == bare(facts(str(path)))
    assert transferred(result).requests == len(host.requests(url)) == 2
    assert transferred(result).bytes <= 3 * STEP
    assert host.connections == 1


def test_a_small_file_takes_one_request(host: Host) -> None:
    url = host.serve("clip.mp4", clip())
    assert transferred(facts(url)).bytes == len(clip())
    assert (len(host.requests(url)), host.connections) == (1, 1)


@pytest.mark.parametrize("size", [STEP - 1, STEP, STEP + 1])
def test_a_file_about_as_long_as_the_first_range(host: Host, tmp_path: Path, size: int) -> None:
    url = host.serve("clip.mp4", faststart(tmp_path / "clip.mp4", size))
    result = facts(url)
    assert (result.size, transferred(result).bytes) == (size, min(size, STEP))
    assert len(host.requests(url)) == 1


def test_every_fragment_is_found_however_far_apart(host: Host, tmp_path: Path) -> None:
    path = fragments(tmp_path / "clip.mp4", 5 * MIB)
    url = host.serve("clip.mp4", path)
    result = facts(url)
    assert bare(result) == bare(facts(str(path)))
    assert result.fragmented
    assert result.durations == facts(str(MEDIA / "fragmented.mp4")).durations
    assert transferred(result).requests == 4  # four fragments, the first of them in the first range
    assert transferred(result).bytes <= 4 * STEP
    assert host.connections == 1


@pytest.mark.parametrize("index", ["", "complete", "short"])
def test_32_fragments_are_all_visited_whatever_their_index_says(
    host: Host, tmp_path: Path, ffprobe: str, index: str
) -> None:
    path = fragments(tmp_path / "clip.mp4", MIB, name="fragmented-many.mp4", index=index)
    url = host.serve("clip.mp4", path)
    result = facts(url, ffprobe=ffprobe)
    assert bare(result) == bare(facts(str(path), ffprobe=ffprobe))
    if not index:  # with one, some versions believe its durations
        alone = facts(str(MEDIA / "fragmented-many.mp4"), ffprobe=ffprobe)
        assert result.durations == alone.durations
    assert transferred(result).requests == len(host.requests(url)) == 32
    assert transferred(result).bytes == 32 * STEP
    assert result.size is not None
    assert result.size > 30 * MIB


@pytest.mark.parametrize("index", ["", "complete", "short"])
def test_more_fragments_are_read_whole(
    host: Host, tmp_path: Path, index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("motion_preflight.media.containers.mp4_boxes._HOPS", 20)
    path = fragments(tmp_path / "clip.mp4", 128 * KIB, name="fragmented-many.mp4", index=index)
    url = host.serve("clip.mp4", path)
    result = facts(url)
    assert bare(result) == bare(facts(str(path)))
    assert result.size is not None
    assert transferred(result).requests == len(host.requests(url)) == 22  # the rest in one piece
    assert transferred(result).bytes <= result.size + 21 * STEP  # what was held comes again


def test_matroska_is_read_whole_in_two_requests(host: Host, tmp_path: Path) -> None:
    for name in ("clip-8s.webm", "clip-8s.mkv"):
        path = padded_matroska(tmp_path / name, name, 3 * MIB)
        url = host.serve(name, path)
        result = facts(url)
        assert bare(result) == bare(facts(str(path)))
        assert transferred(result).bytes == result.size == path.stat().st_size
        assert transferred(result).requests == len(host.requests(url)) == 2
    assert host.connections == 2


def test_a_picture_is_read_whole_in_two_requests(host: Host, tmp_path: Path) -> None:
    path = padded_png(tmp_path / "image.png", 300_000)
    url = host.serve("image.png", path, content_type="image/png")
    result = facts(url, image=True)
    assert bare(result) == bare(facts(str(path), image=True))
    assert transferred(result).bytes == result.size == path.stat().st_size
    assert transferred(result).requests == len(host.requests(url)) == 2
    assert result.truncated is False


def test_a_scan_reads_the_whole(host: Host, tmp_path: Path) -> None:
    url = host.serve("clip.mp4", faststart(tmp_path / "clip.mp4", 3 * MIB))
    with web() as built:
        result = measure(
            url, "video", cap=CAP, ffprobe=find_ffprobe(), web=lambda: built, scan=True
        )
    assert isinstance(result, MediaFacts)
    assert result.durations.scan == 8
    assert transferred(result).bytes == 3 * MIB


def test_a_file_without_its_moov_is_not_read_to_the_end(host: Host, tmp_path: Path) -> None:
    """Nothing that the rest could hold would make it measurable."""
    data = clip("cut-moov-last.mp4")
    path = (
        Sparse(tmp_path / "clip.mp4").add(grow(data + bytes(8000), "mdat", BIG)[: len(data)]).path
    )
    Sparse(path, len(data)).add(hole=BIG // 2)
    url = host.serve("clip.mp4", path)
    result = measured(url)
    assert isinstance(result, Unmeasured)
    assert result.reason is Reason.UNREADABLE
    assert "no moov" in result.error
    assert transferred(result).bytes <= 2 * STEP


def test_many_boxes_before_the_moov_do_not_take_a_request_each(host: Host, tmp_path: Path) -> None:
    built = Sparse(tmp_path / "clip.mp4").add(clip()[:32])
    for _ in range(150):
        built.add(hole(b"free", 70 * KIB), 70 * KIB - 8)
    built.add(shift_chunks(clip(), built.end - 32)[32:])
    url = host.serve("clip.mp4", built.path)
    result = facts(url)
    assert bare(result) == bare(facts(str(built.path)))
    assert result.size is not None
    assert transferred(result).requests == len(host.requests(url)) <= 50
    assert transferred(result).bytes <= result.size + 50 * STEP


def test_boxes_without_end_behind_the_moov_do_not_take_a_request_each(
    host: Host, tmp_path: Path
) -> None:
    built = Sparse(tmp_path / "clip.mp4").add(clip())
    path, data = built.path, hole(b"free", 98 * KIB)
    with path.open("r+b") as file:
        for at in range(built.end, built.end + 1000 * 98 * KIB, 98 * KIB):
            file.seek(at)
            file.write(data)
        file.truncate(built.end + 1000 * 98 * KIB)
    url = host.serve("clip.mp4", path)
    result = facts(url)
    assert bare(result) == bare(facts(str(path)))
    assert result.durations.header == 8
    assert (result.faststart, result.truncated) == (True, False)
    assert transferred(result).requests == len(host.requests(url)) <= 50
    assert host.connections == 1


def test_a_box_behind_the_mdat_takes_one_request(host: Host, tmp_path: Path) -> None:
    """Its header must be looked at; what it holds need not."""
    url = host.serve("short.mp4", faststart(tmp_path / "short.mp4", 3 * MIB))
    assert transferred(facts(url)).requests == 1  # it lies in the first range
    grown = grow(clip(), "mdat", 2 * MIB)
    built = Sparse(tmp_path / "clip.mp4").add(grown, 2 * MIB).add(hole(b"free", MIB), MIB - 8)
    url = host.serve("clip.mp4", built.path)
    result = facts(url)
    assert bare(result) == bare(facts(str(built.path)))
    _, second = host.requests(url)
    assert second.headers["range"].startswith(f"bytes={len(grown) + 2 * MIB}-")
    assert transferred(result).bytes == 2 * STEP


@pytest.mark.parametrize("most", [2, 5])
def test_after_so_many_requests_the_rest_comes_in_one_piece(
    host: Host, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("motion_preflight.media.source.remote._REQUESTS", most)
    data = os.urandom(3 * MIB)
    url = host.serve("noise", data)
    with web() as built, open_url(url, cap=CAP, web=built) as source:
        for offset in range(0, 3 * MIB, 100_000):
            assert source.read(offset, 10) == data[offset : offset + 10]
        assert source.path.read_bytes()[-100:] == data[-100:]
        assert source.transfer.requests == len(host.requests(url)) == most + 1 + 1
    assert host.requests(url)[-1].headers["range"].endswith(f"-{3 * MIB - 1}")


# --- what ffprobe would read, and a look at few bytes might not see ----------------------------


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def fragments_around(path: Path, between: bytes) -> Path:
    """The fragments of a clip, and after a quarter of them these bytes and a gap."""
    data, built, moofs = clip("fragmented-many.mp4"), Sparse(path), 0
    for kind, start, end in surgery.boxes(data, 0, len(data)):
        moofs += kind == "moof"
        if kind == "moof" and moofs == 9:
            built.add(between).add(hole(b"free", 900 * KIB), 900 * KIB - 8)
        if kind not in {"mfra", "sidx"}:
            built.add(data[start:end])
    return built.path


def fragments_behind_a_lie(path: Path) -> Path:
    """Fragments far apart behind an index that says: one, of a track that is none, to the end."""
    data, built, at = clip("fragmented-many.mp4"), Sparse(path), 0

    def index(length: int) -> bytes:
        return box(b"sidx", struct.pack(">5I2H3I", 0, 77, 1000, 0, 0, 0, 1, length, 1000, 0))

    for kind, start, end in surgery.boxes(data, 0, len(data)):
        if kind in {"mfra", "sidx"}:
            continue
        built.add(data[start:end])
        if kind == "moov":
            built.add(index(0))
            at = built.end
        if kind == "mdat":
            built.add(hole(b"free", 90 * KIB), 90 * KIB - 8)
    with path.open("r+b") as file:
        file.seek(at - len(index(0)))
        file.write(index(built.end - at))
    return path


def clip_and(path: Path, *parts: bytes) -> Path:
    """A plain clip, a gap, and something behind it."""
    built = Sparse(path).add(clip()).add(hole(b"free", 700 * KIB), 700 * KIB - 8)
    return built.add(b"".join(parts)).path


def part_of_longer(path: str) -> bytes:
    """A box of a clip of 30 seconds."""
    data = clip("clip-30.1s.mp4")
    start, end = span(data, path)
    return data[start:end]


def moof() -> bytes:
    run = box(b"trun", struct.pack(">3I", 0x100, 1, 30_000))
    return box(
        b"moof", box(b"mfhd", bytes(8)), box(b"traf", box(b"tfhd", bytes(4), b"\0\0\0\1"), run)
    )


ODD = {
    "unprintable box between fragments": lambda path: fragments_around(
        path, box(b"\0\0\0\1", bytes(8))
    ),
    "unknown box between fragments": lambda path: fragments_around(path, box(b"abcd", bytes(8))),
    "zeros between fragments": lambda path: fragments_around(path, bytes(16)),
    "lying index": fragments_behind_a_lie,
    "moof without mvex": lambda path: clip_and(path, moof()),
    "trak at the top": lambda path: clip_and(path, part_of_longer("moov/trak")),
    "mvhd at the top": lambda path: clip_and(path, part_of_longer("moov/mvhd")),
    "zeros": lambda path: clip_and(path, bytes(16), part_of_longer("moov/mvhd")),
}


@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_an_odd_file_has_the_same_facts_by_url_and_by_path(
    host: Host, tmp_path: Path, ffprobe: str, make: Callable[[Path], Path]
) -> None:
    path = make(tmp_path / "clip.mp4")
    url = host.serve("clip.mp4", path)
    result = measured(url, ffprobe=ffprobe)
    assert bare(result) == bare(measured(str(path), ffprobe=ffprobe))
    assert result.size == path.stat().st_size
    assert transferred(result).requests == len(host.requests(url)) <= 50
    assert host.connections == 1


@pytest.mark.parametrize(
    ("clip_name", "tail"),
    [
        ("clip-8s.mp4", bytes(9)),
        ("header-halved.mp4", bytes(9)),
        ("mdhd-all-ones.mp4", bytes(9)),
        ("clip-8s.mp4", box(b"\0\0\0\1", bytes(8))),
    ],
    ids=["zeros", "halved header", "no length", "unprintable box"],
)
def test_what_follows_a_clip_hides_nothing_that_its_boxes_say(
    host: Host, tmp_path: Path, ffprobe: str, clip_name: str, tail: bytes
) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(clip(clip_name) + tail)
    alone = facts(str(MEDIA / clip_name), ffprobe=ffprobe)
    for location in (str(path), host.serve("clip.mp4", path)):
        result = facts(location, ffprobe=ffprobe)
        assert bare(result) == replace(bare(alone), size=path.stat().st_size)


# --- hosts without ranges ---------------------------------------------------------------------


def test_without_ranges_a_moov_first_is_read_and_no_more(host: Host, tmp_path: Path) -> None:
    path = faststart(tmp_path / "clip.mp4")
    url = host.serve("clip.mp4", path, Habit(ranges=False))
    result = facts(url)
    assert bare(result) == bare(facts(str(path)))
    assert (result.size, transferred(result).requests) == (BIG, 1)
    assert STEP <= transferred(result).bytes <= 2 * STEP
    assert host.requests(url)[0].sent < 4 * MIB
    assert host.connections == 1


def test_without_ranges_a_moov_last_is_read_through_to(host: Host, tmp_path: Path) -> None:
    path = moov_last(tmp_path / "clip.mp4", 5 * MIB)
    url = host.serve("clip.mp4", path, Habit(ranges=False))
    result = facts(url)
    assert bare(result) == bare(facts(str(path)))
    assert transferred(result).bytes == 5 * MIB
    assert (transferred(result).requests, host.connections) == (1, 1)


@pytest.mark.parametrize(
    "habit",
    [
        Habit(ranges=False, chunked=True),
        Habit(ranges=False, until_close=True),
        Habit(ranges=False, chunked=True, close_each=True),
    ],
    ids=called,
)
def test_without_ranges_and_length_the_whole_is_read(
    host: Host, tmp_path: Path, habit: Habit
) -> None:
    path = faststart(tmp_path / "clip.mp4", 3 * MIB)
    url = host.serve("clip.mp4", path, habit)
    result = facts(url)
    assert bare(result) == bare(facts(str(path)))
    assert (transferred(result).bytes, transferred(result).requests) == (3 * MIB, 1)


@pytest.mark.parametrize("habit", [Habit(), Habit(ranges=False)], ids=called)
def test_a_file_known_to_be_too_large_is_not_read(host: Host, tmp_path: Path, habit: Habit) -> None:
    url = host.serve("clip.mp4", moov_last(tmp_path / "clip.mp4"), habit)
    result = measured(url, cap=BIG)
    assert isinstance(result, Unmeasured)
    assert (result.reason, result.size) == (Reason.TOO_LARGE, BIG)
    assert transferred(result).requests == 1
    assert transferred(result).bytes <= STEP
    assert host.requests(url)[0].sent < 4 * MIB


def test_a_file_one_byte_below_the_cap_is_measured(host: Host, tmp_path: Path) -> None:
    url = host.serve("clip.mp4", moov_last(tmp_path / "clip.mp4"))
    assert facts(url, cap=BIG + 1).size == BIG


@pytest.mark.parametrize(
    "habit",
    [
        Habit(ranges=False, chunked=True),
        Habit(ranges=False, until_close=True),
        Habit(endless=True),
        Habit(endless=True, until_close=True),
    ],
    ids=called,
)
def test_a_body_of_unknown_length_is_read_to_the_cap_and_no_block_further(
    host: Host, tmp_path: Path, habit: Habit
) -> None:
    cap = MIB
    url = host.serve("clip.mp4", moov_last(tmp_path / "clip.mp4"), habit)
    result = measured(url, cap=cap)
    assert isinstance(result, Unmeasured)
    assert (result.reason, result.size) == (Reason.TOO_LARGE, None)
    assert cap <= transferred(result).bytes < cap + STEP
    assert host.requests(url)[0].sent < cap + 4 * MIB


# --- hosts that lie, stall and break ----------------------------------------------------------

WRONG: list[WrongRange] = ["shifted", "short", "no-header", "star-total", "multipart"]


@pytest.mark.parametrize("wrong", WRONG)
def test_ranges_that_cannot_be_trusted_are_given_up(
    host: Host, tmp_path: Path, wrong: WrongRange
) -> None:
    path = faststart(tmp_path / "clip.mp4", 3 * MIB)
    url = host.serve("clip.mp4", path, Habit(wrong_range=wrong))
    result = facts(url)
    assert bare(result) == bare(facts(str(path)))
    first, second = host.requests(url)
    assert "range" in first.headers
    assert "range" not in second.headers
    assert transferred(result).requests == 2
    assert transferred(result).bytes <= 4 * STEP


def test_a_part_for_who_asks_for_all_is_unreachable(host: Host) -> None:
    habit = Habit(wrong_range="206-to-plain", gzip=True)
    result = measured(host.serve("clip.mp4", clip(), habit))
    assert isinstance(result, Unmeasured)
    assert result.reason is Reason.UNREACHABLE


def test_bytes_that_are_not_the_file_are_unreadable(host: Host) -> None:
    result = measured(host.serve("clip.mp4", clip(), Habit(wrong_range="other-bytes")))
    assert isinstance(result, Unmeasured)
    assert result.reason is Reason.UNREADABLE


@pytest.mark.parametrize(
    ("habit", "reason"),
    [
        (Habit(status=400), Reason.UNREACHABLE),
        (Habit(status=401), Reason.DENIED),
        (Habit(status=403), Reason.DENIED),
        (Habit(status=404), Reason.MISSING),
        (Habit(status=410), Reason.MISSING),
        (Habit(status=407), Reason.UNREACHABLE),
        (Habit(status=418), Reason.UNREACHABLE),
        (Habit(status=429), Reason.UNREACHABLE),
        (Habit(status=500), Reason.UNREACHABLE),
        (Habit(status=502), Reason.UNREACHABLE),
        (Habit(status=503), Reason.UNREACHABLE),
        (Habit(status=204), Reason.UNREACHABLE),
        (Habit(status=304), Reason.UNREACHABLE),
        (Habit(status=302), Reason.UNREACHABLE),  # without saying where to
        (Habit(status=416), Reason.UNREACHABLE),
        (Habit(status=599), Reason.UNREACHABLE),
        (Habit(html=True), Reason.NOT_DIRECT),
        (Habit(html=True, chunked=True), Reason.NOT_DIRECT),
        (Habit(gzip=True), Reason.UNREACHABLE),
        (Habit(gzip=True, ranges=False), Reason.UNREACHABLE),
        (Habit(stall_header=True), Reason.TIMEOUT),
        (Habit(stall_after=1000), Reason.TIMEOUT),
        (Habit(stall_after=1000, ranges=False), Reason.TIMEOUT),
        (Habit(stall_after=1000, ranges=False, chunked=True), Reason.TIMEOUT),
        (Habit(stall_after=0), Reason.TIMEOUT),
        (Habit(trickle_header=0.02), Reason.TIMEOUT),
        (Habit(trickle=0.02), Reason.TIMEOUT),
        (Habit(trickle=0.02, ranges=False), Reason.TIMEOUT),
        (Habit(trickle=0.02, ranges=False, chunked=True), Reason.TIMEOUT),
        (Habit(trickle=0.02, ranges=False, until_close=True), Reason.TIMEOUT),
        (Habit(reset_after=0), Reason.UNREACHABLE),
        (Habit(reset_after=1000), Reason.UNREACHABLE),
        (Habit(reset_after=1000, ranges=False), Reason.UNREACHABLE),
        (Habit(reset_after=1000, ranges=False, chunked=True), Reason.UNREACHABLE),
        (Habit(short_body=0), Reason.UNREACHABLE),
        (Habit(short_body=1000), Reason.UNREACHABLE),
        (Habit(short_body=1000, ranges=False), Reason.UNREACHABLE),
        (Habit(short_body=1000, ranges=False, chunked=True), Reason.UNREACHABLE),
        (Habit(declared_size=30_000, ranges=False), Reason.UNREACHABLE),
        (Habit(declared_size=90 * MIB, ranges=False), Reason.UNREACHABLE),
        (Habit(declared_size=30_000), Reason.UNREACHABLE),
        (Habit(declared_size=10 * CAP), Reason.TOO_LARGE),
        (Habit(declared_size=10 * CAP, ranges=False), Reason.TOO_LARGE),
        (Habit(declared_size=10**18, ranges=False), Reason.TOO_LARGE),
        (Habit(header_flood=1 << 20), Reason.UNREACHABLE),
        (Habit(endless_redirects=True), Reason.UNREACHABLE),
    ],
    ids=called,
)
def test_a_bad_host_has_a_reason(host: Host, habit: Habit, reason: Reason) -> None:
    url = host.serve("clip.mp4", clip(), habit)
    began = time.monotonic()
    result = measured(url, timeout=0.5, cap=STEP if habit.trickle else CAP)
    assert isinstance(result, Unmeasured), result
    assert result.reason is reason, result
    assert result.error
    assert result.error.isprintable()
    assert transferred(result).requests == len(host.requests(url)) or habit.endless_redirects
    assert transferred(result).bytes <= STEP
    # a body of unknown length is given the time of the cap at the slowest rate
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "habit",
    [
        Habit(head=False),
        Habit(close_each=True),
        Habit(set_cookie="session=1; Path=/"),
        Habit(header_flood=40 * KIB),
        Habit(if_range=False),
        Habit(etag="weak"),
        Habit(etag="none"),
        Habit(etag="weak", last_modified=False),
        Habit(etag="none", last_modified=False),
        Habit(wrong_range="206-to-plain"),
        Habit(until_close=True),
        Habit(chunked=True),
    ],
    ids=called,
)
def test_a_host_with_a_habit_of_no_harm(host: Host, tmp_path: Path, habit: Habit) -> None:
    path = moov_last(tmp_path / "clip.mp4")
    url = host.serve("clip.mp4", path, habit)
    result = facts(url)
    assert bare(result) == bare(facts(str(path)))
    assert transferred(result).requests == len(host.requests(url)) == 2
    assert host.connections == (2 if habit.close_each or habit.until_close else 1)


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (30, "try again after 30 s"),
        ("Wed, 21 Oct 2026 07:28:00 GMT", "try again after Wed, 21 Oct 2026 07:28:00 GMT"),
        (None, ""),
    ],
)
def test_when_to_come_back_is_told(host: Host, after: int | str | None, words: str) -> None:
    result = measured(host.serve("clip.mp4", habit=Habit(status=429, retry_after=after)))
    assert isinstance(result, Unmeasured)
    assert result.error.startswith("the host answers 429 Too Many Requests")
    assert result.error.endswith(words)


def test_an_empty_file(host: Host) -> None:
    for habit in (Habit(), Habit(ranges=False), Habit(ranges=False, chunked=True)):
        result = measured(host.serve("clip.mp4", b"", habit))
        assert isinstance(result, Unmeasured)
        assert (result.reason, result.error, result.size) == (Reason.UNREADABLE, "it is empty", 0)


def test_a_page_with_a_picture_s_name_is_not_direct(host: Host) -> None:
    url = host.serve("image.png", habit=Habit(html=True), content_type="image/png")
    result = measured(url, image=True)
    assert isinstance(result, Unmeasured)
    assert result.reason is Reason.NOT_DIRECT


def test_a_host_that_drips_every_range_just_in_time_ends_with_its_medium(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of 30 requests is answered within the time it is given, and all of them are too many."""
    monkeypatch.setattr("motion_preflight.network.client.SLOWEST", 64 * MIB)
    built = Sparse(tmp_path / "clip.mp4").add(clip())
    for _ in range(30):
        built.add(hole(b"free", 98 * KIB), 98 * KIB - 8)
    with Host(delay=0.2) as slow:
        url = slow.serve("clip.mp4", built.path)
        began = time.monotonic()
        result = measured(url, timeout=0.3, cap=4 * MIB)
        elapsed = time.monotonic() - began
        assert isinstance(result, Unmeasured)
        assert (result.reason, result.size) == (Reason.TIMEOUT, built.end)
        assert 1 < elapsed < 2  # four times 0.3 s, and 4 MiB at the slowest rate
        assert 4 <= len(slow.requests(url)) <= 7


def test_the_next_medium_has_a_time_of_its_own(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("motion_preflight.network.client.SLOWEST", 1 << 40)
    urls = [host.serve("a.mp4", clip(), Habit(stall_header=True)), host.serve("b.mp4", clip())]
    with web(0.2) as built:
        reasons = [
            getattr(
                measure(url, "video", cap=CAP, ffprobe=find_ffprobe(), web=lambda: built),
                "reason",
                None,
            )
            for url in [urls[0]] * 5 + [urls[1]]
        ]
    assert reasons == [Reason.TIMEOUT] * 5 + [None]


def test_empty_answers_that_do_not_end_leave_the_others_their_connections(host: Host) -> None:
    """Ten links that answer 416 `*/0` and keep their page back."""
    empty = [host.serve(f"{number}.mp4", b"", Habit(stall_after=0)) for number in range(12)]
    good = host.serve("clip.mp4", clip())
    with web(1) as built:
        for url in [*empty, good]:
            result = measure(url, "video", cap=CAP, ffprobe=find_ffprobe(), web=lambda: built)
            if url != good:
                assert isinstance(result, Unmeasured)
                assert (result.error, transferred(result).status) == ("it is empty", 416)
    assert isinstance(result, MediaFacts), result


@pytest.mark.parametrize(
    "habit",
    [
        Habit(declared_size=10 * CAP, stall_after=10),
        Habit(gzip=True, ranges=False, stall_after=10),
        Habit(status=404, stall_after=2),
        Habit(wrong_range="star-total", gzip=True, stall_after=10),
        Habit(html=True, stall_after=100),
        Habit(endless=True),
    ],
    ids=called,
)
def test_no_answer_keeps_its_connection(host: Host, habit: Habit) -> None:
    url = host.serve("clip.mp4", clip(), habit)
    with web(0.4) as built:
        for _ in range(3):
            measure(url, "video", cap=MIB, ffprobe=find_ffprobe(), web=lambda: built)
        pools = [pool.connections for pool in built._transport._pools.values()]
        assert not any(
            connection.is_available() is False for pool in pools for connection in pool.connections
        )
        assert all(connection.is_idle() for pool in pools for connection in pool.connections)


# --- a file that changes ----------------------------------------------------------------------

OTHER = bytes(1000)


def _other(path: Path, *, longer: bool) -> Path:
    """Another version of a file, of the same length or a longer one."""
    data = path.stat().st_size
    copy = Sparse(path.with_name("other.mp4")).add(clip("moov-last-8s.mp4")).path
    os.truncate(copy, data + (1 if longer else 0))
    os.utime(copy, (1_600_000_000, 1_600_000_000))
    return copy


@pytest.mark.parametrize(
    ("habit", "longer", "header"),
    [
        (Habit(), False, "etag"),
        (Habit(), True, "etag"),
        (Habit(if_range=False), False, "etag"),
        (Habit(if_range=False, last_modified=False), False, "etag"),
        (Habit(if_range=False, etag="weak", last_modified=False), False, None),
        (Habit(if_range=False, etag="weak"), False, "last-modified"),
        (Habit(etag="weak"), False, "last-modified"),
        (Habit(etag="none"), False, "last-modified"),
        (Habit(if_range=False, etag="none"), False, "last-modified"),
        (Habit(etag="none", last_modified=False), True, None),
    ],
    ids=called,
)
def test_a_file_that_changes_between_two_ranges_is_not_measured(
    host: Host, tmp_path: Path, habit: Habit, header: str | None, *, longer: bool
) -> None:
    path = moov_last(tmp_path / "clip.mp4")
    changed = _other(path, longer=longer)
    url = host.serve("clip.mp4", path, replace(habit, changes_after=1, changed=changed))
    result = measured(url)
    assert isinstance(result, Unmeasured)
    assert result.reason is Reason.CHANGED
    first, second, *whole = host.requests(url)
    assert len(whole) <= 1  # it is read in one piece before it is called another file
    assert "if-range" not in first.headers
    assert ("if-range" in second.headers) is (header is not None)
    if header == "etag":
        assert second.headers["if-range"].startswith('"')
    elif header == "last-modified":
        assert second.headers["if-range"].endswith("GMT")
    assert all(seen.sent < 4 * MIB for seen in (second, *whole))


def test_a_file_that_shrinks_between_two_ranges_is_not_measured(host: Host, tmp_path: Path) -> None:
    path = moov_last(tmp_path / "clip.mp4")
    url = host.serve("clip.mp4", path, Habit(changes_after=1, changed=b"gone", if_range=False))
    result = measured(url)
    assert isinstance(result, Unmeasured)
    assert result.reason is Reason.CHANGED


def scripted(answers: Iterator[bytes]) -> str:
    """A host that gives these answers word for word, then closes; returns a URL on it."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with listener, suppress(OSError):  # whoever has heard enough hangs up
            connection, _ = listener.accept()
            with connection:
                for answer in answers:
                    unread = b""
                    while b"\r\n\r\n" not in unread:
                        more = connection.recv(1 << 16)
                        if not more:
                            return
                        unread += more
                    connection.sendall(answer)

    Thread(target=run, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}/clip.mp4"


@pytest.mark.parametrize("moov_first", [False, True])
def test_a_host_that_stops_giving_ranges_has_not_changed_the_file(
    tmp_path: Path, *, moov_first: bool
) -> None:
    """Another node, or a date too young to compare: the same tag and length say it is the same."""
    make = late_samples if moov_first else moov_last
    data = make(tmp_path / "clip.mp4", 3 * MIB).read_bytes()
    tag = 'ETag: "same"\r\n'
    first = (
        f"HTTP/1.1 206 Partial Content\r\n{tag}Content-Length: {STEP}\r\n"
        f"Content-Range: bytes 0-{STEP - 1}/{len(data)}\r\n\r\n"
    )
    later = f"HTTP/1.1 200 OK\r\n{tag}Content-Length: {len(data)}\r\n\r\n"
    result = measured(scripted(iter([first.encode() + data[:STEP], later.encode() + data])))
    assert isinstance(result, MediaFacts), result
    assert result.size == len(data)


@pytest.mark.parametrize(
    "tag",
    [b'"\xe9t\xe9"', b'"\xc3\xa9"', b'"unclosed', b"bare", b'"a" "b"', b'"' + b"x" * 9000 + b'"'],
)
def test_an_odd_tag_does_no_harm(tmp_path: Path, tag: bytes) -> None:
    data = moov_last(tmp_path / "clip.mp4", 3 * MIB).read_bytes()
    moov = len(data) - (len(clip("moov-last-8s.mp4")) - span(clip("moov-last-8s.mp4"), "moov")[0])

    def answers() -> Iterator[bytes]:
        for start, end in ((0, STEP), (moov, len(data))):
            head = (
                f"HTTP/1.1 206 Partial Content\r\nContent-Length: {end - start}\r\n"
                f"Content-Range: bytes {start}-{end - 1}/{len(data)}\r\nETag: "
            )
            yield head.encode() + tag + b"\r\n\r\n" + data[start:end]

    assert facts(scripted(answers())).size == 3 * MIB


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\r\n\r\n",
        b"HTTP/1.1\r\n\r\n",
        b"HTTP/1.1 99 X\r\n\r\n",
        b"HTTP/1.1 1000 X\r\n\r\n",
        b"HTTP/9.9 200 OK\r\nContent-Length: 1\r\n\r\nx",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"\x16\x03\x01\x00\x05hello",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffffff\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: br, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-9/0\r\nContent-Length: 1\r\n\r\nx",
        b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 5-1/9\r\nContent-Length: 1\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nBad Header\r\n\r\n",
        b"HTTP/1.1 403 \xff\xfe\x1b[2J\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: \xff\xfe\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://a b/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: //[v9.x]:x/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://a]b/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: //a[b/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://a:99999/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http:///x\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://xn--a/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation: http://" + b"a" * 300 + b".example/\r\n"
        b"Content-Length: 0\r\n\r\n",
    ],
    ids=repr,
)
def test_what_is_not_http_is_an_outcome_and_no_exception(answer: bytes) -> None:
    began = time.monotonic()
    result = measured(scripted(iter([answer])), timeout=0.5)
    assert isinstance(result, Unmeasured)
    assert result.error.isprintable()
    assert time.monotonic() - began < 2


# --- what is left behind ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "habit",
    [Habit(), Habit(ranges=False), Habit(status=404), Habit(short_body=100), Habit(html=True)],
)
def test_no_temporary_file_is_left(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, habit: Habit
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    measured(host.serve("clip.mp4", clip(), habit))
    assert list(tmp_path.iterdir()) == []


def test_the_temporary_file_is_private_sparse_and_of_the_true_length(
    host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = host.serve("clip.mp4", moov_last(tmp_path / "clip.mp4"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    with web() as built, open_url(url, cap=CAP, web=built) as source:
        status = source.path.stat()
        assert status.st_size == BIG
        assert status.st_mode & 0o077 == 0
        assert status.st_blocks * 512 < MIB
        assert source.path.parent == tmp_path / "temporary"
        assert source.read(BIG - 3, 10) == clip("moov-last-8s.mp4")[-3:]
        assert source.read(BIG, 10) == b""
    assert list((tmp_path / "temporary").iterdir()) == []


def test_what_is_held_is_not_fetched_again(host: Host) -> None:
    data = os.urandom(3 * MIB)
    url = host.serve("noise", data)
    with web() as built, open_url(url, cap=CAP, web=built) as source:
        for offset, length in itertools.product((0, 100_000, 99_990, 2 * MIB, MIB), (1, 70_000)):
            assert source.read(offset, length) == data[offset : offset + length]
            assert source.has(offset, length)
        source.fetch_all()
        assert source.path.read_bytes() == data
        assert source.transfer.bytes == len(data)
    ranges = [seen.headers["range"][6:].split("-") for seen in host.requests(url)]
    spans = sorted((int(first), int(last)) for first, last in ranges)
    assert all(last < following for (_, last), (following, _) in itertools.pairwise(spans))


def test_the_progress_of_a_whole_file_is_told(host: Host) -> None:
    message: list[tuple[int, int | None]] = []
    data = os.urandom(MIB)
    with Web(timeout=5, allow_private=True, progress=lambda *at: message.append(at)) as built:
        for habit in (Habit(), Habit(ranges=False), Habit(ranges=False, chunked=True)):
            with open_url(host.serve("noise", data, habit), cap=CAP, web=built) as source:
                source.fetch_all()
            assert message[-1] == (MIB, None if habit.chunked else MIB)
            assert [done for done, _ in message] == sorted(done for done, _ in message)
            message.clear()


def test_what_cannot_be_had_says_what_is_known(host: Host, tmp_path: Path) -> None:
    path = moov_last(tmp_path / "clip.mp4")
    url = host.serve("clip.mp4", path, Habit(changes_after=1, changed=OTHER))
    with (
        pytest.raises(MediaUnavailable) as caught,
        web() as built,
        open_url(url, cap=CAP, web=built) as source,
    ):
        source.fetch_all()
    assert caught.value.size == BIG
    assert caught.value.transfer is not None
    assert caught.value.transfer.requests == 2


def test_a_200_that_carries_one_range_alone_is_that_range(host: Host, tmp_path: Path) -> None:
    data = clip()
    path = tmp_path / "big.mp4"
    path.write_bytes(data)
    os.truncate(path, 120_000_000)
    url = host.serve("big.mp4", path, Habit(wrong_range="200-to-range"))
    result = measured(url)
    assert isinstance(result, Unmeasured)
    assert (result.reason, result.size) == (Reason.TOO_LARGE, 120_000_000)


@pytest.mark.parametrize("name", [PLAIN, "moov-last-8s.mp4"])
def test_a_200_that_carries_one_range_is_measured_as_any_other(host: Host, name: str) -> None:
    path = MEDIA / name
    good = facts(host.serve(name, path.read_bytes()))
    odd = facts(host.serve(f"odd-{name}", path.read_bytes(), Habit(wrong_range="200-to-range")))
    assert (odd.size, odd.durations, odd.video) == (good.size, good.durations, good.video)
    assert odd.transfer
    assert good.transfer
    assert odd.transfer.bytes == good.transfer.bytes
