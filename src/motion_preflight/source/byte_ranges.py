"""What the headers of an answer say of its body: a range, the whole file, or something else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from motion_preflight.source.web import Answer

STEP = 64 << 10  # bytes of the first range, and the least of any later one
_PACKED = {"gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress", "dcb", "dcz"}
_CONTENT_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19})", re.ASCII)


def span_of(answer: Answer) -> tuple[int, int, int] | None:
    """Start, end (exclusive) and total of a Content-Range; `None` when it says no such thing."""
    found = _CONTENT_RANGE.fullmatch(answer.header("Content-Range") or "")
    if not found:
        return None
    first, last, total = map(int, found.groups())
    return (first, last + 1, total) if first <= last < total else None


def length_of(answer: Answer) -> int | None:
    """The bytes of a body as its header says; `None` when only its end tells."""
    length = answer.header("Content-Length") or ""
    if length.isascii() and length.isdigit() and not answer.header("Transfer-Encoding"):
        return int(length)
    return None


def is_whole(answer: Answer) -> bool:
    """Whether the answer to a Range is the whole file all the same. A 200 is not, when its headers
    or its length say that it is the range: some storages answer so.
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
    """Why a body that was read to its end may be a part of the file, in words; `None` when nothing
    says so.
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
    """Whether the body is compressed. Other encodings pack nothing: the bytes decide."""
    names = (answer.header("Content-Encoding") or "").lower().split(",")
    return any(name.strip() in _PACKED for name in names)
