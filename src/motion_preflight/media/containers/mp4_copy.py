"""Copies a clip with another moov box: an uncompressed one, or one with the video alone."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from motion_preflight.media.containers.mp4_boxes import Unpacked
    from motion_preflight.media.source.opening import Source

_START = 64 << 10  # bytes at the start of the file that are copied
_SAMPLE = 16 << 10  # bytes that are copied of each first sample
_PIECE = 1 << 20


@contextmanager
def copy_with_moov(
    source: Source, moov: Unpacked, samples: Sequence[int], *, whole: bool
) -> Iterator[Path]:
    """The path of a copy with this moov in place of its own; it is removed afterwards. Raises
    `OSError`.

    The new moov stands at the end and the old one becomes free space, so that every sample stays
    where the tables say. Without `whole` the copy holds the start, the moov and the samples at
    these offsets, and holes for the rest, as the temporary file of a URL does.
    """
    descriptor, name = tempfile.mkstemp(prefix="motion-preflight-")
    path = Path(name)
    try:
        with open(descriptor, "wb") as copy:  # noqa: PTH123  it is open already
            stretches = _stretches(source.size, samples, whole=whole)
            for start, length in [*stretches, *moov.headers]:
                copy.seek(start)
                copy.write(source.read(start, length))
            copy.seek(moov.offset + 4)
            copy.write(b"free")
            copy.seek(source.size)
            copy.write(moov.content)
        yield path
    finally:
        path.unlink(missing_ok=True)


def _stretches(size: int, samples: Sequence[int], *, whole: bool) -> Iterator[tuple[int, int]]:
    if whole:
        for start in range(0, size, _PIECE):
            yield start, _PIECE
        return
    yield 0, _START
    for offset in samples:
        if offset < size:
            yield offset, _SAMPLE
