"""The packets of one stream as ffprobe's demuxer lists them: times, sizes and flags.

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


class Packet(NamedTuple):
    """One packet. Seconds, `None` where the file or ffprobe names none."""

    pts: Decimal | None
    dts: Decimal | None
    duration: Decimal | None
    size: int | None  # bytes
    flags: str  # as ffprobe writes them: K for a keyframe, D for one that an edit list hides

    @property
    def keyframe(self) -> bool:
        return "K" in self.flags

    @property
    def hidden(self) -> bool:
        """Whether a player decodes it without showing it."""
        return "D" in self.flags


class Packets(NamedTuple):
    """The packets of a stream in the file's order."""

    items: list[Packet]
    complete: bool  # False when the stream has more than were asked for


def packets(path: Path, *, ffprobe: str, stream: int, most: int = MOST) -> Packets:
    """Lists the packets of the stream with this index, at most `most` of them, by one run of
    ffprobe. Raises as `run_ffprobe`.
    """
    options = {
        "format_whitelist": VIDEO_DEMUXERS,
        "select_streams": str(stream),
        "show_entries": "packet=pts_time,dts_time,duration_time,size,flags",
        "read_intervals": f"%+#{most + 1}",
        "of": "csv",
    }
    ended = run(path, ffprobe, options)
    lines = ended.out.decode("utf-8", "replace").splitlines()
    items = [_packet(line) for line in lines if line.startswith("packet,")]
    return Packets(items[:most], complete=len(items) <= most)


def _packet(line: str) -> Packet:
    """One line: `packet,pts,dts,duration,size,flags`, and side data that nobody asked for."""
    fields = line.split(",", 6)
    if len(fields) < 6:
        raise FfprobeFailed("ffprobe's list of packets is not the one that was asked for")
    return Packet(
        _seconds(fields[1]), _seconds(fields[2]), _seconds(fields[3]), _size(fields[4]), fields[5]
    )


def _seconds(text: str) -> Decimal | None:
    if text == "N/A":  # frequent, and an exception takes longer than all the rest
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < _DIGITS else None


def _size(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < _DIGITS else None
