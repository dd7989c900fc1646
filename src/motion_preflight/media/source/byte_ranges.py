"""What the headers of an answer mean for its body: a range, the whole file, or something else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motion_preflight.media.source.sparse_file import SparseFile
    from motion_preflight.network.client import Answer

STEP = 64 << 10  # bytes of the first range, and the least of any later one
_BEYOND = 32 << 10  # bytes read beyond a moov: its first samples often follow directly
_REST = 512 << 10  # bytes: when no more than this is left of the file, one range brings it all
_PACKED = {"gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress", "dcb", "dcz"}
_CONTENT_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19})", re.ASCII)
_UNSATISFIED = re.compile(r"bytes \*/(\d{1,19})", re.ASCII)


def span_of(answer: Answer) -> tuple[int, int, int] | None:
    """Start, end (exclusive) and total, in bytes, of a Content-Range; `None` without a
    usable one.
    """
    match = _CONTENT_RANGE.fullmatch(answer.header("Content-Range") or "")
    if not match:
        return None
    first, last, total = map(int, match.groups())
    return (first, last + 1, total) if first <= last < total else None


def unsatisfied_size(answer: Answer) -> int | None:
    """The size of the file in bytes that a 416 names; `None` for any other answer."""
    match = _UNSATISFIED.fullmatch(answer.header("Content-Range") or "")
    return int(match[1]) if match and answer.status == 416 else None


def length_of(answer: Answer) -> int | None:
    """The length of a body in bytes by its header; `None` when only the end of the body
    tells it.
    """
    length = answer.header("Content-Length") or ""
    if length.isascii() and length.isdigit() and not answer.header("Transfer-Encoding"):
        return int(length)
    return None


def is_whole(answer: Answer) -> bool:
    """Whether the answer to a Range is the whole file all the same.

    A 200 is taken for the range when its headers or its length fit the range: some storages answer
    so.
    """
    span, length = span_of(answer), length_of(answer)
    if span is not None and span[:2] == (0, span[2]):
        return length in {None, span[2]} and (answer.status == 200 or span[2] > STEP)
    if answer.status != 200:
        return False
    if answer.header("Content-Range") is not None:
        return span is not None and length == span[2]
    return length != STEP


def end_doubt(answer: Answer) -> str | None:
    """Why a body that was read to its end may be only a part of the file, in words; `None` without
    such a doubt.
    """
    if answer.status == 206 and span_of(answer) is None:
        return "the host calls it a part (206), and does not say of what"
    return None


def is_part(answer: Answer) -> bool:
    """Whether the answer to a GET without a Range says that it is not the whole file."""
    span = span_of(answer)
    if span is not None:
        whole, length = span[:2] == (0, span[2]), length_of(answer)
        return length not in {None, span[2]} or (length is None and not whole)
    return answer.header("Content-Range") is not None or _is_multipart(answer)


def _is_multipart(answer: Answer) -> bool:
    return (answer.header("Content-Type") or "").lower().startswith("multipart/")


def is_packed(answer: Answer) -> bool:
    """Whether the body is compressed. Encodings that are not in the list compress nothing, so the
    bytes are read as they are.
    """
    names = (answer.header("Content-Encoding") or "").lower().split(",")
    return any(name.strip() in _PACKED for name in names)


def is_other_size(answer: Answer, size: int) -> bool:
    """Whether an answer belongs to a file that does not have this size, in bytes."""
    span, length = span_of(answer), length_of(answer)
    if span is not None:
        return span[2] != size
    return is_whole(answer) and length is not None and length != size


def read_exactly(answer: Answer, length: int) -> bytes | None:
    """The body when it has exactly that many bytes; `None` when the host sends more or fewer."""
    body = bytearray()
    while piece := answer.read():
        body += piece
        if len(body) > length:
            return None
    return bytes(body) if len(body) == length else None


def generous_range(start: int, end: int, size: int, sparse: SparseFile) -> tuple[int, int]:
    """A range that makes another request unlikely, and ends where bytes that are already here
    begin.
    """
    if end - start < size // 2:
        end = max(end + _BEYOND, start + STEP)
    if size - start <= _REST:
        end = size
    return start, min(end, sparse.next_from(start, size))
