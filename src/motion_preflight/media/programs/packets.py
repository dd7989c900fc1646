"""The packets of the videos of a file as ffprobe's demuxer lists them: times, sizes and flags.

They are asked for as CSV, which has a third of JSON's bytes. An unknown number stands in it as
`N/A`, so a value is known by its place.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, NamedTuple

from motion_preflight.errors import FfprobeFailed
from motion_preflight.probe import VIDEO_DEMUXERS, run

if TYPE_CHECKING:
    from pathlib import Path

MOST = 200_000  # packets: 55 minutes at 60 frames a second
_DIGITS = 20  # of a number that means something
# Ordered as ffprobe prints them. The hash is of the packet's bytes as a decoder gets them.
_ENTRIES = "packet=stream_index,pts_time,dts_time,duration_time,size,pos,flags,data_hash"
_HASH = "CRC32"


class Packet(NamedTuple):
    """One packet. Seconds, `None` where the file or ffprobe names none."""

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
        return "K" in self.flags

    @property
    def hidden(self) -> bool:
        """Whether a player decodes it without showing it."""
        return "D" in self.flags


class Packets(NamedTuple):
    """Packets in the file's order."""

    items: list[Packet]
    complete: bool  # False when there are more than were asked for


def packets(path: Path, *, ffprobe: str, stream: int | None, most: int = MOST) -> Packets:
    """Lists the packets of the stream with this index, or of every video (`None`), at most `most`
    of them, by one run of ffprobe. Raises as `run_ffprobe`.
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
    lines = ended.out.decode("utf-8", "replace").splitlines()
    items = [_packet(line) for line in lines if line.startswith("packet,")]
    return Packets(items[:most], complete=len(items) <= most)


def _packet(line: str) -> Packet:
    """One line: `packet,stream,pts,dts,duration,size,pos,flags`, then the hash and side data that
    nobody asked for, in an order that differs by version.
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
    if text == "N/A":  # frequent, and an exception takes longer than all the rest
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < _DIGITS else None


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else None
