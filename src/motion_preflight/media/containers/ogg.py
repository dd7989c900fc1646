"""The pages of an Ogg file: whether the last one is whole, and the packets of its Theora video.

An empty packet repeats the frame before it. ffprobe 5 does not list empty packets, so they are
counted here by the tables of the pages (RFC 3533): every number below 255 ends a packet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import NamedTuple

Read = Callable[[int, int], bytes]  # offset, length → bytes, fewer only at the end

_MAGIC, _THEORA = b"OggS", b"\x80theora"
_RATE = 22  # offset of the frame rate in the first packet: two numbers of 32 bits
_START = _RATE + 8
_HEADER = 27  # bytes of a page before its table
_HEADERS = 3  # packets at the start of a Theora stream that are no frames
_PAGES = 1_000_000


class Theora(NamedTuple):
    """What the pages say of a Theora video."""

    frames: int
    rate: Fraction | None  # frames a second; every frame lasts equally long


def theora(read: Read) -> Theora | None:
    """Counts the frames of the only Theora stream of a file; `None` when it has none, or
    several.
    """
    streams: dict[bytes, int] = {}
    rate = None
    for page in _pages(read):
        if page.end > page.begin and not read(page.end - 1, 1):
            break  # demuxers leave out a page that is cut
        if page.start.startswith(_THEORA):
            streams.setdefault(page.serial, 0)
            rate = _rate(page.start)
        if page.serial in streams:
            streams[page.serial] += sum(length < 0xFF for length in page.table)
    frames = list(streams.values())
    return Theora(max(0, frames[0] - _HEADERS), rate) if len(frames) == 1 else None


def beyond(read: Read, size: int) -> str | None:
    """By how many bytes the last page exceeds a file of `size` bytes, in words; `None` if it does
    not.
    """
    end = max((page.end for page in _pages(read)), default=0)
    return f"its last page declares {end - size:,} bytes beyond the end" if end > size else None


def _rate(start: bytes) -> Fraction | None:
    numbers = [int.from_bytes(start[at : at + 4], "big") for at in (_RATE, _RATE + 4)]
    return Fraction(*numbers) if all(numbers) else None


class _Page(NamedTuple):
    serial: bytes  # the stream that it belongs to
    table: bytes  # of lengths
    start: bytes  # of its content
    begin: int  # offset of its content
    end: int


def _pages(read: Read) -> Iterator[_Page]:
    """The pages in file order; the last one may be cut."""
    at = 0
    for _ in range(_PAGES):
        header = read(at, _HEADER)
        if len(header) < _HEADER or header[:4] != _MAGIC:
            return
        table = read(at + _HEADER, header[26])
        begin = at + _HEADER + header[26]
        at = begin + sum(table)
        yield _Page(header[14:18], table, read(begin, _START), begin, at)
