"""An answer of the provider before it is understood: its body within bounds, decompressed."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import httpx

from motion_preflight.text.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 1 << 20  # bytes of an answer that are read


@dataclass(slots=True)
class RawAnswer:
    """An answer with its body as far as it arrived."""

    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool


def unpacked(response: httpx.Response) -> Iterator[bytes]:
    """The body in pieces, decompressed although no compression was requested.

    The size of a piece is bounded, because a few bytes can expand to gigabytes. Raises
    `httpx.DecodingError` and `zlib.error`.
    """
    coding = response.headers.get("Content-Encoding", "").strip().lower()
    if coding in {"", "identity"}:
        yield from response.iter_raw()
        return
    if coding not in {"gzip", "deflate"}:
        raise httpx.DecodingError(f"it is packed as {coding[:40]}")
    packed, begun = zlib.decompressobj(zlib.MAX_WBITS | 32), False  # gzip or deflate
    for piece in response.iter_raw():
        rest = piece
        while rest:
            yield packed.decompress(rest, LARGEST)
            rest = packed.unconsumed_tail
        begun = True
    if begun and not packed.eof:
        raise httpx.DecodingError("its packed body ends too early")
