"""Whether a file without MP4 boxes ends before all that it declares."""

from __future__ import annotations

from collections.abc import Callable

from motion_preflight.media.containers import avi, flv, matroska, ogg

Read = Callable[[int, int], bytes]  # offset, length → bytes, fewer only at the end

_TESTS = {"matroska": matroska.beyond, "avi": avi.beyond, "flv": flv.beyond, "ogg": ogg.beyond}


def missing_end(signature: str | None, read: Read, size: int) -> str | None:
    """What a file of `size` bytes declares and does not hold, in words; `None` when it holds
    everything, or is of a container that does not say. `signature` is the container by its first
    bytes.
    """
    test = _TESTS.get(signature or "")
    return test(read, size) if test else None
