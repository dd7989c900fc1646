"""Long runs of zeros between the packets of a file. Demuxers step over them without a word."""

from __future__ import annotations

import struct
from collections.abc import Callable

Read = Callable[[int, int], bytes]  # offset, length → bytes, fewer only at the end

# Formats whose frames lie close together, but for room that a header reserves.
_DENSE = {"mpegts", "mpeg", "ogg", "asf", "mxf", "flv", "matroska,webm", "avi", "rm", "ivf"}
_SHORTEST = 8 << 10  # bytes; padding to a sector, or to a packet of ASF, is shorter
_PART = 0.05  # of the file: a shorter run does not count
_STEP = 1 << 20  # bytes that are read at a time
_BLOCK = 512  # bytes that are looked at together
_ROOM_HEADER = 9  # bytes at most of a header that reserves room
_ZEROS = bytes(_SHORTEST // 2)  # one such block lies in any run that is long enough


def zero_run(
    read: Read, size: int, format_name: str, *, start: int, sounds: set[str]
) -> int | None:
    """The length in bytes of a run of zeros behind the offset `start` that is too long for padding;
    `None` without one.

    sounds   ffprobe's names of the audio codecs: with those that hardly compress, silence is zeros
    """
    if format_name not in _DENSE or any("pcm" in name for name in sounds):
        return None
    least, run, reserved = max(_SHORTEST, int(size * _PART)), 0, 0
    for at in range(start, size, _STEP):
        data = read(at, min(_STEP, size - at))
        if not run and _ZEROS not in data and data[-len(_ZEROS) // 2 :].strip(b"\0"):
            continue
        for block in range(0, len(data), _BLOCK):
            piece = data[block : block + _BLOCK]
            if piece.strip(b"\0"):
                run = 0
                continue
            if not run:
                reserved = _reserved(read, at + block, format_name)
            run += len(piece)
            if run - reserved >= least:
                return run
    return None


def _reserved(read: Read, at: int, format_name: str) -> int:
    """How many bytes from an offset on a header in front of them reserves; the bytes behind that
    header are zeros, as those from the offset on are.
    """
    start = max(0, at - _BLOCK - _ROOM_HEADER)
    before = read(start, at - start)
    filled = len(before.rstrip(b"\0"))  # where the zeros begin, unless the header ends with some
    for begin in range(max(0, filled - _ROOM_HEADER), filled):
        room = _room(before[begin : begin + _ROOM_HEADER], format_name)
        if room is not None:
            return max(0, start + begin + room - at)
    return 0


def _room(header: bytes, format_name: str) -> int | None:
    """The length of an element that holds nothing, with its header; `None` for anything else."""
    if format_name == "avi" and header[:4] == b"JUNK" and len(header) >= 8:
        return 8 + int(struct.unpack_from("<I", header, 4)[0])
    if format_name == "matroska,webm" and header[:1] == b"\xec" and len(header) > 1:
        width = 9 - header[1].bit_length()
        length = int.from_bytes(header[1 : 1 + width], "big") & ~(1 << 7 * width)
        return 1 + width + length if width <= 8 and len(header) > width else None
    return None
