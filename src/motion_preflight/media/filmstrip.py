"""Small pictures of a clip, in the order of time, as a page shows them. Pure: `filmer.py` takes
them.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

MOST_FRAMES = 12  # of one clip
LONG_SIDE = 160  # pixels of a picture
MOST_CLIPS = 200  # of one run, whose pictures are taken

_START, _END = b"\xff\xd8", b"\xff\xd9"  # of a JPEG
_BETWEEN = _END + _START  # an end and a beginning, which stand side by side nowhere else


class Filmstrip(NamedTuple):
    """The pictures of the judged video track, or the reason why there are none."""

    frames: tuple[bytes, ...] = ()  # JPEGs of the same size
    width: int = 0  # pixels of each
    height: int = 0
    # Seconds of the clip that each of them stands for, from the first on. `None`: there is only the
    # first picture, as the bytes of the others were not read.
    step: Decimal | None = None
    missing: str | None = None  # why pictures are missing, in words; `None`: none is


def frame_size(width: int | None, height: int | None) -> tuple[int, int]:
    """The sides of a small picture of a clip with these sides, which keeps its shape as far as
    encoders can.
    """
    width, height = width or LONG_SIDE, height or LONG_SIDE
    longest = max(width, height)
    return _even(width * LONG_SIDE // longest), _even(height * LONG_SIDE // longest)


def _even(side: int) -> int:
    return max(side // 2 * 2, 8)


def jpegs_in(data: bytes) -> tuple[bytes, ...]:
    """The JPEGs that stand one behind the other in what ffmpeg wrote; one that is cut is left
    out.
    """
    starts, at = [], 0
    while (at := data.find(_BETWEEN, at)) >= 0:
        at += len(_END)
        starts.append(at)
    pieces = [data[start:end] for start, end in pairwise([0, *starts, len(data)])]
    return tuple(piece for piece in pieces if piece.startswith(_START) and piece.endswith(_END))
