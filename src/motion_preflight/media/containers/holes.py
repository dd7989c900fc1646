"""Long runs of zeros between the packets of a file. Demuxers step over them without a word."""

from __future__ import annotations

from collections.abc import Callable

Read = Callable[[int, int], bytes]  # offset, length → bytes, fewer only at the end

# Formats in which no header reserves room behind the first frame, as Matroska's Void elements do.
_DENSE = {"mpegts", "mpeg", "ogg", "asf", "mxf", "flv"}
_SHORTEST = 8 << 10  # bytes; padding to a sector, or to a packet of ASF, is shorter
_PART = 0.05  # of the file: a shorter run does not count
_STEP = 1 << 20  # bytes that are read at a time
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
    least = max(_SHORTEST, int(size * _PART))
    run = 0
    for at in range(start, size, _STEP):
        data = read(at, min(_STEP, size - at))
        if not run and _ZEROS not in data and data[-len(_ZEROS) // 2 :].strip(b"\0"):
            continue
        for block in range(0, len(data), 512):
            piece = data[block : block + 512]
            run = 0 if piece.strip(b"\0") else run + len(piece)
            if run >= least:
                return run
    return None
