"""The video packets of a file as ffprobe's demuxer lists them: times, sizes and flags.

They are read as CSV, which has a third of JSON's bytes. An unknown number is written as `N/A`, so a
value is recognized by its place in the line.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.media.errors import FfprobeFailed
from motion_preflight.media.programs.ffprobe import VIDEO_DEMUXERS, run

if TYPE_CHECKING:
    from pathlib import Path

MOST = 200_000  # packets: 55 minutes at 60 frames a second
_DIGITS = 20  # at most, of a number that can mean something
# In the order in which ffprobe prints them. The hash covers the bytes that a decoder would get.
_ENTRIES = "packet=stream_index,pts_time,dts_time,duration_time,size,pos,flags,data_hash"
_HASH = "CRC32"


class Packet(NamedTuple):
    """One packet. Times are in seconds, `None` where neither the file nor ffprobe names one."""

    pts: Decimal | None
    dts: Decimal | None
    duration: Decimal | None
    size: int | None  # bytes
    flags: str  # as ffprobe writes them: K for a keyframe, D for one that an edit list hides
    stream: int = 0  # its index in the file
    position: int | None = None  # where it begins in the file, with its container's own header
    crc: str = ""  # the CRC-32 of its bytes, in hexadecimal digits

    @property
    def keyframe(self) -> bool:
        """Whether a decoder can begin with this packet."""
        return "K" in self.flags

    @property
    def hidden(self) -> bool:
        """Whether a player decodes this packet without showing it."""
        return "D" in self.flags


class Packets(NamedTuple):
    """The packets that were listed, in the file's order."""

    items: list[Packet]
    complete: bool  # False when there are more than were asked for


def packets(path: Path, *, ffprobe: str, stream: int | None, most: int = MOST) -> Packets:
    """Lists at most `most` packets of the stream with this index, or of every video (`None`), by
    one run of ffprobe. Raises as `run_ffprobe` does.
    """
    options = {
        "format_whitelist": VIDEO_DEMUXERS,
        "select_streams": "v" if stream is None else str(stream),
        "show_entries": _ENTRIES,
        "show_data_hash": _HASH,
        "read_intervals": f"%+#{most + 1}",
        "of": "csv",
    }
    ended = run(path, ffprobe, options)
    # Version 5 breaks the line of a packet with side data in front of the hash.
    lines = ended.out.decode("utf-8", "replace").replace("\n,", ",").splitlines()
    items = [_packet(line) for line in lines if line.startswith("packet,")]
    return Packets(items[:most], complete=len(items) <= most)


def _packet(line: str) -> Packet:
    """Reads one line: `packet,stream,pts,dts,duration,size,pos,flags`, then the hash, and side data
    that nobody asked for, in an order that differs by version.
    """
    fields = line.split(",", 8)
    if len(fields) < 8:
        raise FfprobeFailed("ffprobe's list of packets is not the one that was asked for")
    _, stream, pts, dts, duration, size, position, flags = fields[:8]
    rest = fields[8] if len(fields) > 8 else ""
    return Packet(
        _seconds(pts),
        _seconds(dts),
        _seconds(duration),
        _count(size),
        flags,
        _count(stream) or 0,
        _count(position),
        rest.partition(f"{_HASH}:")[2][:8],
    )


def _seconds(text: str) -> Decimal | None:
    if text == "N/A":  # it is frequent, and raising an exception costs more than all the rest
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < _DIGITS else None


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else None
