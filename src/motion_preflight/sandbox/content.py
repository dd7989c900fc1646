"""What a server has: bytes or a file with its validators, and the ranges that are asked of it."""

from __future__ import annotations

import hashlib
import io
import mimetypes
import re
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING

from motion_preflight.sandbox.wire import SURPLUS, Answer
from motion_preflight.text.lazy_dataclass import dataclass, replace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from motion_preflight.sandbox.wire import Request, Way

_CHUNK = 16 * 1024  # bytes that are read at a time


class Content:
    """One version of some bytes: in memory, or a file that is only read where it is asked for.

    `size` is in bytes, `modified` in seconds since 1970, and `tag` changes with the content.
    """

    def __init__(self, data: bytes | Path) -> None:
        self._data = data
        if isinstance(data, Path):
            stat = data.stat()
            self.size, self.modified = stat.st_size, int(stat.st_mtime)
            self.tag = f"{stat.st_mtime_ns:x}-{stat.st_size:x}"
        else:
            # Both validators follow from the content, so that the same bytes served again keep
            # them and other bytes never do.
            self.size, self.tag = len(data), hashlib.sha256(data).hexdigest()[:16]
            self.modified = 1_700_000_000 + int(self.tag, 16) % 10_000_000

    def pieces(self, span: range) -> Iterator[bytes]:
        """Yield the bytes of a span, as far as they exist."""
        start, stop = span.start, min(span.stop, self.size)
        data = self._data
        with data.open("rb") if isinstance(data, Path) else io.BytesIO(data) as file:
            file.seek(start)
            while start < stop and (piece := file.read(min(_CHUNK, stop - start))):
                start += len(piece)
                yield piece


@dataclass(frozen=True)
class Medium:
    """A file, or bytes, that can be had in parts."""

    name: str
    source: Path | bytes

    def answer(self, request: Request, way: Way = "whole") -> Answer:
        """The whole, or the single range that was asked for."""
        content = Content(self.source)
        size = content.size + (SURPLUS if way == "short" else 0)
        whole = Answer(200, content.pieces(range(size)), size, self._headers(content, way), way)
        expected = request.headers.get("range")
        # HTTP defines Range for GET only.
        if expected is None or "Accept-Ranges" not in whole.headers or request.method != "GET":
            return whole
        validators = (None, whole.headers["ETag"], whole.headers["Last-Modified"])
        span = span_of(expected, size)
        if span is None or request.headers.get("if-range") not in validators:
            return whole
        if not span:
            return Answer(416, headers={"Content-Range": f"bytes */{size}"})
        covers = {"Content-Range": f"bytes {span.start}-{span.stop - 1}/{size}"}
        return replace(
            whole,
            status=206,
            body=content.pieces(span),
            length=len(span),
            headers=whole.headers | covers,
        )

    def _headers(self, content: Content, way: Way) -> dict[str, str]:
        kind = mimetypes.guess_type(self.name, strict=False)[0] or "application/octet-stream"
        parts = {} if way in ("no-ranges", "chunked") else {"Accept-Ranges": "bytes"}
        return {
            "Content-Type": kind,
            "ETag": f'"{content.tag}"',
            "Last-Modified": formatdate(content.modified, usegmt=True),
            **parts,
        }


def span_of(text: str, size: int) -> range | None:
    """One range of a Range header: `None` when it is to be ignored, empty when it is not there."""
    match = re.fullmatch(r"bytes=([0-9]{0,18})-([0-9]{0,18})", text)
    if match is None or not any(match.groups()):
        return None
    first, last = (int(number) if number else None for number in match.groups())
    if first is None:
        return range(max(0, size - (last or 0)), size)
    if last is None:
        return range(first, size)
    return None if last < first else range(first, min(last + 1, size))
