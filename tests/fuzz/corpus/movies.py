"""MP4 and MOV files whose boxes say what they should not."""

from __future__ import annotations

import struct
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from paths import FIXTURES

from motion_preflight.testing import mp4_surgery as surgery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fuzz.engine.case import Dice

MEDIA = FIXTURES / "media"
_NESTED = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"mvex", b"moof", b"traf",
           b"udta", b"meta"}  # fmt: skip
_TABLES = (b"stts", b"elst", b"stco", b"co64", b"stsc", b"stsz", b"stz2", b"ctts", b"stss", b"dref")
_KINDS = (
    *sorted(_NESTED), *_TABLES,
    b"mvhd", b"tkhd", b"mdhd", b"hdlr", b"mdat", b"free", b"ftyp", b"sidx",
    b"cmov", b"uuid", b"skip", b"\0\0\0\0", b"\xa9nam", b"\xff\xff\xff\xff", b"    ", b"mfra",
)  # fmt: skip
_KNOWN = 3000  # boxes of one file that a mutation chooses from
_LARGEST_SIZES = (0, 1, 7, 8, 9, 15, 16, 1 << 16, 100 << 20, (1 << 31) - 1, 1 << 31, (1 << 32) - 1)


@dataclass(frozen=True)
class Box:
    kind: bytes
    start: int
    body: int
    end: int
    around: tuple[Box, ...] = ()


@cache
def clips() -> dict[str, bytes]:
    """The samples that are clips or want to be, by name."""
    pictures = {".png", ".jpg", ".gif", ".bmp", ".webp", ".svg"}
    result = sorted(path for path in MEDIA.iterdir() if path.suffix not in pictures)
    return {item.name: item.read_bytes() for item in result}


@cache
def pictures() -> dict[str, bytes]:
    """The samples that are pictures, by name."""
    result = sorted(set(MEDIA.iterdir()) - {MEDIA / name for name in clips()})
    return {item.name: item.read_bytes() for item in result}


@cache
def movies() -> tuple[bytes, ...]:
    """The samples that are made of boxes."""
    return tuple(data for data in clips().values() if data[4:8] == b"ftyp")


def tree(
    data: bytes, start: int = 0, end: int | None = None, around: tuple[Box, ...] = ()
) -> Iterator[Box]:
    """The boxes of a file as far as they make sense, a parent before its children."""
    end = len(data) if end is None else end
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", data, start)
        body = start + 8
        if size == 1 and start + 16 <= end:
            size, body = struct.unpack_from(">Q", data, start + 8)[0], start + 16
        stop = end if size == 0 else start + size
        if stop > end or stop < body:
            return
        box = Box(kind, start, body, stop, around)
        yield box
        if kind in _NESTED and len(around) < 20:
            yield from tree(data, body, stop, (*around, box))
        start = stop


def with_broken_boxes(dice: Dice, data: bytes) -> bytes:
    """The movie with some boxes wrong, or another one that was operated on."""
    if dice.likely(0.1):
        sample = clips()[dice.pick("moov-last-8s.mp4", "clip-8s.mp4", "clip-8s.mov")]
        with suppress(StopIteration, RuntimeError, ValueError):
            data = dice.choice(_SURGERY)(sample)
    for _ in range(dice.few(6)):
        existing = [box for box, _ in zip(tree(data), range(_KNOWN), strict=False)]
        if not existing:
            return data
        data = dice.choice(_MUTATIONS)(dice, data, _chosen(dice, existing))
    return data


def _chosen(dice: Dice, existing: list[Box]) -> Box:
    """A box, more often one of those that are read."""
    read = [box for box in existing if box.kind in _TABLES]
    return dice.choice(read if read and dice.likely(0.4) else existing)


def replaced(data: bytes, box: Box, new: bytes, *, mend: bool = True) -> bytes:
    """Another content in place of a box; `mend` makes those around it as long as they are then."""
    grown = len(new) - (box.end - box.start)
    for outer in box.around if mend else ():
        size = int.from_bytes(data[outer.start : outer.start + 4], "big")
        if size >= 8 and 0 < size + grown < 1 << 32:
            data = surgery.put_number(data, outer.start, size + grown)
    return data[: box.start] + new + data[box.end :]


def table(dice: Dice, kind: bytes, entries: int) -> bytes:
    """A table with so many entries, which may make sense."""
    width = {b"stts": 8, b"elst": 12, b"stsc": 12, b"co64": 8, b"dref": 12, b"ctts": 8}.get(kind, 4)
    usual = {b"stts": (1, 512), b"elst": (1000, 0, 65536), b"stsc": (1, 1, 1), b"stco": (48,)}
    numbers = usual.get(kind, (1,) * (width // 4))
    if dice.likely(0.5):
        numbers = tuple(dice.odd_number((1 << 32) - 1) for _ in numbers)
    entry = struct.pack(f">{len(numbers)}I", *numbers)[:width].ljust(width, b"\0")
    fixed = struct.pack(">I", dice.pick(0, 0, 1, 1 << 20)) if kind in {b"stsz", b"stz2"} else b""
    answer = entries if dice.likely(0.7) else dice.odd_number((1 << 32) - 1)
    body = bytes(4) + fixed + struct.pack(">I", answer) + entry * entries
    return struct.pack(">I4s", len(body) + 8, kind) + body


def deep(dice: Dice, levels: int) -> bytes:
    """Boxes in each other."""
    kinds = [dice.choice(sorted(_NESTED)) for _ in range(3)]
    built = b""
    if dice.likely(0.3):  # each as long as the outermost says
        return b"".join(struct.pack(">I4s", 8 * levels, kinds[i % 3]) for i in range(levels))
    for level in range(min(levels, 2000)):
        built = struct.pack(">I4s", len(built) + 8, kinds[level % 3]) + built
    return built


def huge(dice: Dice) -> bytes:
    """A movie that is larger than any should be: its index, its tables or their number."""
    data = dice.choice(movies())
    existing = list(tree(data))
    kind = dice.randrange(4)
    if kind == 0:  # the tables that take most for each entry
        tables = [box for box in existing if box.kind in _TABLES]
        if tables:
            box = dice.choice(tables)
            kind_of = box.kind if dice.likely(0.5) else dice.pick(b"stsc", b"elst", b"stts")
            return replaced(data, box, table(dice, kind_of, dice.randint(100_000, 2_700_000)))
    if kind == 1:
        tracks = [box for box in existing if box.kind == b"trak"]
        if tracks:
            box = dice.choice(tracks)
            whole = data[box.start : box.end] if dice.likely(0.7) else b"\0\0\0\x08trak"
            count = min(dice.pick(500, 5000, 150_000), (30 << 20) // len(whole))
            return replaced(data, box, whole * count)
    if kind == 2:  # boxes and boxes
        return data + dice.pick(
            b"\0\0\0\x08free", b"\0\0\0\x08uuid", b"\0\0\0\x08moof"
        ) * dice.pick(40, 3000, 120_000)
    moov = next((box for box in existing if box.kind == b"moov"), None)
    if moov is None:
        return data
    size = dice.pick(100 << 20, 33 << 20, 31 << 20)
    filled = bytes(min(size, 33 << 20) if dice.likely(0.5) else 100)
    return surgery.put_number(data, moov.start, size)[: moov.end] + filled + data[moov.end :]


def padded(dice: Dice, data: bytes) -> bytes:
    """The movie with more media bytes, which nothing refers to."""
    more = bytes(dice.randint(1 << 16, 1 << 20))
    for box in tree(data):
        size = int.from_bytes(data[box.start : box.start + 4], "big")
        if box.kind == b"mdat" and size >= 8 and not box.around:
            grown = surgery.put_number(data, box.start, size + len(more))
            return grown[: box.end] + more + grown[box.end :]
    return data


def _size(dice: Dice, data: bytes, box: Box) -> bytes:
    answer = box.end - box.start
    near = (answer - 1, answer + 1, answer + 8, answer * 2, len(data) - box.start, len(data))
    size = dice.choice(_LARGEST_SIZES + near) & 0xFFFFFFFF
    built = surgery.put_number(data, box.start, size)
    if size == 1:
        built = surgery.put(built, box.start + 8, struct.pack(">Q", dice.odd_number()))
    return built


def _kind(dice: Dice, data: bytes, box: Box) -> bytes:
    return surgery.put(data, box.start + 4, dice.choice(_KINDS))


def _drop(dice: Dice, data: bytes, box: Box) -> bytes:
    return replaced(data, box, b"", mend=dice.likely(0.8))


def _double(dice: Dice, data: bytes, box: Box) -> bytes:
    copies = data[box.start : box.end] * dice.few(20)
    return replaced(data, box, copies[: 1 << 20], mend=dice.likely(0.8))


def _wide(dice: Dice, data: bytes, box: Box) -> bytes:
    """A 64-bit size, right or not."""
    body = data[box.body : box.end]
    size = len(body) + 16 if dice.likely(0.5) else dice.odd_number()
    return replaced(data, box, struct.pack(">I4sQ", 1, box.kind, size) + body)


def _number(dice: Dice, data: bytes, box: Box) -> bytes:
    """A number of a box's content, most often one of its first."""
    places = max((box.end - box.body) // 4, 1)
    at = box.body + 4 * min(
        dice.few(12) - 1 if dice.likely(0.8) else dice.randrange(places), places
    )
    return surgery.put_number(data, at, dice.odd_number((1 << 32) - 1))


def _table(dice: Dice, data: bytes, box: Box) -> bytes:
    kind = box.kind if box.kind in _TABLES else dice.choice(_TABLES)
    return replaced(data, box, table(dice, kind, dice.few(3000) - 1))


def _nest(dice: Dice, data: bytes, box: Box) -> bytes:
    if dice.likely(0.5):
        return replaced(data, box, deep(dice, dice.few(20_000)))
    return replaced(data, box, struct.pack(">I4s", box.end - box.start + 8, box.kind)
                    + data[box.start : box.end])  # fmt: skip


def _version(dice: Dice, data: bytes, box: Box) -> bytes:
    return surgery.put(data, box.body, bytes([dice.pick(0, 1, 1, 2, 255)]))


def _move(dice: Dice, data: bytes, box: Box) -> bytes:
    """The box at the end of the file, or at its beginning."""
    piece, rest = data[box.start : box.end], replaced(data, box, b"")
    return rest + piece if dice.likely(0.7) else piece + rest


def _odd_end(dice: Dice, data: bytes, box: Box) -> bytes:  # noqa: ARG001  as the others
    return data + dice.randbytes(dice.few(40))


_SURGERY: tuple[Callable[[bytes], bytes], ...] = (
    surgery.halve_header, surgery.unset_media_duration, surgery.turn, surgery.point_elsewhere,
    surgery.use_large_size, surgery.open_mdat, surgery.half,
)  # fmt: skip
_MUTATIONS: tuple[Callable[[Dice, bytes, Box], bytes], ...] = (
    _size, _size, _kind, _drop, _double, _wide, _number, _number, _number, _table, _nest, _version,
    _move, _odd_end,
)  # fmt: skip
